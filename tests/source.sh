#!/bin/sh
# House rules that a compiler does not know: banned functions, tabs, trailing blanks, long files, long functions.
#
# usage: source.sh SRC      looks at SRC and, if it is there, at include/ beside it
#
# Before that it looks at bad samples of its own: a test that cannot fail proves nothing.
set -eu

banned='strcpy|strcat|sprintf|vsprintf|strtok|atoi|gets|system|popen|alloca'
max_file=600
max_function=60

# Says MESSAGE and the lines of stdin, if there are any. (Called in pipes: what it finds is kept in a file.)
tell() {
    sed 's/^/    /' >"$scratch/told"
    [ -s "$scratch/told" ] || return 0
    echo "source: $1" >&2
    cat "$scratch/told" >&2
    echo "$1" >>"$scratch/bad"
}

# A function starts with a line `{` and ends with a line `}`. One that is nothing but a flat switch may be long.
long_functions() {
    awk -v max="$max_function" '
    FNR == 1 { open = 0 }
    /^[A-Za-z_].*\(/ { name = $0 }
    /^\{/ { open = FNR; switches = 0; outside = 0; deep = 0; in_switch = 0; next }
    open && /^\}/ {
        if (FNR - open + 1 > max && !(switches == 1 && outside <= 8 && !deep))
            print FILENAME ":" open ": " FNR - open + 1 " lines: " name
        open = 0
        next
    }
    open && /^    switch \(/ { switches++; in_switch = 1 }
    open && in_switch && /^            / { deep++ }
    open && !in_switch { outside++ }
    open && /^    \}/ { in_switch = 0 }
    ' "$@"
}

check() {
    rm -f "$scratch/bad"
    find "$@" -name '*.[ch]' -type f | LC_ALL=C sort >"$scratch/files"
    # shellcheck disable=SC2046 # file names of ours hold no blanks
    set -- $(cat "$scratch/files")
    awk -f "$here/code.awk" "$@" | grep -E "(^|[^A-Za-z0-9_])($banned)[[:space:]]*\(" | tell "not used here:"
    grep -n "$(printf '\t')" /dev/null "$@" | tell "a tab:"
    grep -nE '[[:space:]]+$' /dev/null "$@" | tell "blanks at the end of a line:"
    awk -v max="$max_file" 'FNR == max + 1 { print FILENAME }' "$@" | tell "more than $max_file lines:"
    long_functions "$@" | tell "more than $max_function lines:"
}

lines() { # COUNT TEXT
    awk -v count="$1" -v text="$2" 'BEGIN { for (i = 0; i < count; i++) print text }'
}

# expect yes|no WHAT: is there something bad in the sample on stdin?
expect() {
    rm -rf "$scratch/sample"
    mkdir "$scratch/sample"
    cat >"$scratch/sample/a.c"
    check "$scratch/sample" 2>/dev/null
    is_bad=no
    [ ! -e "$scratch/bad" ] || is_bad=yes
    [ "$is_bad" = "$1" ] || { echo "source: the self-test is wrong about $2" >&2; exit 1; }
}

self_test() {
    printf '/* strcpy(a, b) */\nint f(void)\n{\n    return snprintf(a, "atoi(x)");\n}\n' | expect no "clean code"
    printf 'int f(void)\n{\n    return atoi(x);\n}\n' | expect yes "atoi"
    printf '    p = alloca (3);\n' | expect yes "alloca"
    printf 'int a;\t\n' | expect yes "a tab"
    printf 'int a; \n' | expect yes "a trailing blank"
    { printf 'int a;\n'; lines 600 'int b;'; } | expect yes "a long file"
    lines 600 'int b;' | expect no "a file of 600 lines"
    { printf 'int f(void)\n{\n'; lines 58 '    g();'; printf '}\n'; } | expect no "a function of 60 lines"
    { printf 'int f(void)\n{\n'; lines 59 '    g();'; printf '}\n'; } | expect yes "a function of 61 lines"
    { printf 'int f(void)\n{\n    switch (a) {\n'; lines 80 '    case 1:'; printf '    }\n}\n'; } | expect no "a flat switch"
    { printf 'int f(void)\n{\n    switch (a) {\n'; lines 80 '            g();'; printf '    }\n}\n'; } | expect yes "a deep switch"
}

if [ $# -ne 1 ]; then
    echo "usage: source.sh SRC" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
self_test
cd "$1"
set -- .
[ ! -d ../include ] || set -- . ../include
check "$@"
[ -s "$scratch/files" ] || { echo "source: no sources here" >&2; exit 1; }
[ ! -e "$scratch/bad" ]
