#!/bin/sh
# Commands and what they answer.   usage: run.sh OAKUM [NAME…]
#
# tests/cli/NAME/cmd runs in a copy of NAME/tree with $OAKUM; its standard output, standard error and exit status are those
# of NAME/out, NAME/err and NAME/exit (absent: nothing, nothing, 0). OAK_UPDATE=1 writes these three.
set -eu
oakum=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
shift
scratch=$(mktemp -d)
trap 'chmod -R u+rwx "$scratch"; rm -rf "$scratch"' EXIT

# What is the same everywhere.
export OAKUM="$oakum" LC_ALL=C NO_COLOR=1 HOME="$scratch" XDG_CONFIG_HOME="$scratch" GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE

# Rights mean nothing to root: commands run as somebody else, who may not be able to read where this stands.
as_user=
if [ "$(id -u)" -eq 0 ]; then
    as_user="setpriv --reuid=65534 --regid=65534 --clear-groups"
    chmod go+rx "$scratch"
    if ! $as_user sh -c '"$1" version' sh "$oakum" >/dev/null 2>&1; then
        cp "$oakum" "$scratch/oakum"
        chmod go+rx "$scratch/oakum"
        export OAKUM="$scratch/oakum"
    fi
fi

# Compares one of the three with what was expected; an absent file is an empty one.
expect() {
    [ -f "$1" ] || set -- /dev/null "$2"
    diff -u "$1" "$2"
}

update() {
    for part in out err exit; do
        if [ -s "$scratch/$part" ]; then cp "$scratch/$part" "$here/$1/$part"; else rm -f "$here/$1/$part"; fi
    done
}

# Runs one transcript; its answers lie in $scratch.
run() {
    rm -rf "$scratch/tree"
    cp -R "$here/$1/tree" "$scratch/tree"
    rm -f "$scratch/tree/.keep"
    cp "$here/$1/cmd" "$scratch/cmd"
    chmod -R u+rw,go+rX "$scratch"
    [ -z "$as_user" ] || chown -R 65534:65534 "$scratch"
    status=0
    # shellcheck disable=SC2086 # a list of words
    (cd "$scratch/tree" && $as_user sh "$scratch/cmd") >"$scratch/out" 2>"$scratch/err" </dev/null || status=$?
    if [ "$status" -eq 0 ]; then : >"$scratch/exit"; else echo "$status" >"$scratch/exit"; fi
    chmod -R u+rwx "$scratch/tree"
}

check() {
    if [ -n "${OAK_UPDATE-}" ]; then
        update "$1"
        return
    fi
    bad=0
    for part in out err exit; do
        expect "$here/$1/$part" "$scratch/$part" || bad=1
    done
    [ "$bad" -eq 0 ] || echo "FAIL $1: if this is right: OAK_UPDATE=1 sh tests/cli/run.sh OAKUM $1, then read the diff"
    return "$bad"
}

if [ $# -eq 0 ]; then
    for folder in "$here"/*/; do
        set -- "$@" "$(basename "$folder")"
    done
fi
failed=0
count=0
for name; do
    [ -f "$here/$name/cmd" ] || { echo "no transcript $name"; exit 1; }
    run "$name"
    check "$name" || failed=$((failed + 1))
    count=$((count + 1))
done
echo "$count transcripts, $failed failed"
[ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
