#!/bin/sh
# The walls of the house: which room may include what, and which rooms never touch the world.
#
# usage: layers.sh SRC      SRC is the folder of the rooms; public headers are beside it, in include/oakum
#
# Before it looks at SRC it looks at a bad house of its own: a test that cannot fail proves nothing.
set -eu

# Rooms whose headers and whose public headers a room may include. A room that is not here may include nothing.
rooms_below() {
    case $1 in
    base)   echo "base" ;;
    yaml)   echo "yaml base" ;;
    kube)   echo "kube yaml base" ;;
    patch)  echo "patch kube yaml base" ;;
    config) echo "config patch kube yaml base" ;;
    engine) echo "engine config patch kube yaml base" ;;
    output) echo "output engine patch base" ;;
    files)  echo "files base" ;;
    git)    echo "git files base" ;;
    forge)  echo "forge base" ;;
    cli)    echo "cli forge git files output engine config patch base" ;;
    main.c) echo "cli" ;;
    esac
}

# The room that a public header <oakum/NAME.h> speaks for.
room_of_header() {
    case $1 in
    source) echo "base" ;;
    facts)  echo "engine" ;;
    *)      echo "$1" ;;
    esac
}

pure_rooms="base yaml kube patch config engine"
# What the pure rooms must not do: files, terminal, environment, clock, processes.
world='f(open|dopen|reopen|close|read|write|puts|putc|printf|scanf|flush|gets|getc|seek|tell|seeko|tello)|v?d?printf'
world="$world"'|vfprintf|puts|putchar|perror|getline|getdelim|remove|rename|tmpfile|mkstemp|open|openat|close|read|write'
world="$world"'|stat|lstat|fstat|unlink|mkdir|opendir|readdir|isatty|getenv|secure_getenv|setenv|setlocale|exit|_exit'
world="$world"'|time|clock|clock_gettime|gettimeofday|localtime|gmtime|strftime|fork|exec[lv]p?e?|system|signal|sleep|rand|srand'
world_headers='unistd|fcntl|dirent|time|signal|locale|pthread|threads|sys/[a-z_]+|netinet/[a-z_]+'

# Says MESSAGE and the lines of stdin, if there are any. (Called in pipes: what it finds is kept in a file.)
tell() {
    sed 's/^/    /' >"$scratch/told"
    [ -s "$scratch/told" ] || return 0
    echo "layers: $1" >&2
    cat "$scratch/told" >&2
    echo "$1" >>"$scratch/bad"
}

code() {
    awk -f "$here/code.awk" "$@"
}

sources() {
    find "$@" -name '*.[ch]' -type f | LC_ALL=C sort
}

# The names that the code in $scratch/code includes: own "room/…" or public <oakum/….h>.
rooms_used() {
    sed -nE 's,^[^:]*:[0-9]+:[[:space:]]*#[[:space:]]*include[[:space:]]*"([a-z]+)/.*,\1,p' "$scratch/code" | sort -u
}
headers_used() {
    sed -nE 's,^[^:]*:[0-9]+:[[:space:]]*#[[:space:]]*include[[:space:]]*<oakum/([a-z_]+)\.h>.*,\1,p' "$scratch/code" | sort -u
}

# check_below NAME ROOM: the code in $scratch/code, called NAME, includes only what ROOM may see.
check_below() {
    below=" $(rooms_below "$2") "
    rooms_used | while read -r used; do
        case $below in
        *" $used "*) ;;
        *) grep -E "include[[:space:]]*\"$used/" "$scratch/code" | tell "$1 may not include $used:" ;;
        esac
    done
    headers_used | while read -r header; do
        case $below in
        *" $(room_of_header "$header") "*) ;;
        *) grep -E "include[[:space:]]*<oakum/$header\.h>" "$scratch/code" | tell "$1 may not include <oakum/$header.h>:" ;;
        esac
    done
}

check_rooms() {
    for room in *; do
        case $room in
        *.md | *.txt | *.cmake) continue ;;
        esac
        files=$(sources "$room")
        [ -n "$files" ] || continue
        # shellcheck disable=SC2086 # file names of ours hold no blanks
        code $files >"$scratch/code"
        check_below "$room" "$room"
        # A path upwards would go round the rules.
        grep -E 'include[[:space:]]*"(\.\.|oakum)/' "$scratch/code" | tell 'write "room/file.h" or <oakum/file.h>:'
    done
}

check_public_headers() {
    for file in ../include/oakum/*.h; do
        [ -e "$file" ] || continue
        name=$(basename "$file" .h)
        code "$file" >"$scratch/code"
        check_below "<oakum/$name.h>" "$(room_of_header "$name")"
        grep -E 'include[[:space:]]*("|<(libfyaml|git2|jansson|curl|pcre2))' "$scratch/code" |
            tell "a public header includes only <oakum/…> and the C library:"
    done
}

check_doors() {
    # shellcheck disable=SC2046
    code $(sources .) | sed 's,^\./,,' >"$scratch/all"
    # One door for each library: what is behind it can be replaced.
    door 'libfyaml' 'yaml/parse\.c'
    door 'pcre2' '(patch/when|config/glob)\.c'
    door 'git2' 'git/[^:]*'
    door 'jansson' '(output|forge)/[^:]*'
    door 'curl' 'forge/[^:]*'
}

# door LIBRARY FILES: both as patterns
door() {
    grep -E ":[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1[./]" "$scratch/all" | grep -vE "^$2:" |
        tell "only $2 may include $1:"
    return 0
}

check_purity() {
    for room in $pure_rooms; do
        [ -d "$room" ] || continue
        # The one handler for lack of memory says so and aborts.
        grep -E "^$room/" "$scratch/all" | grep -vE '^base/arena\.c:[0-9]+:.*stderr' >"$scratch/room" || continue
        grep -E "(^|[^A-Za-z0-9_.>])($world)[[:space:]]*\(" "$scratch/room" |
        tell "$room is pure, it may not call this:"
        grep -E "include[[:space:]]*<($world_headers)\.h>" "$scratch/room" |
        tell "$room is pure, it may not include this:"
        grep -E '(^|[^A-Za-z0-9_])(FILE|stdout|stdin|stderr)([^A-Za-z0-9_]|$)' "$scratch/room" |
        tell "$room is pure, it may not know this:"
    done
    return 0
}

check_house() {
    rm -f "$scratch/bad"
    check_rooms
    check_public_headers
    check_doors
    check_purity
}

# One file for each wall, each of which must be found.
self_test() {
    while IFS='|' read -r victim line; do
        rm -rf "$scratch/house"
        mkdir -p "$scratch/house/src/base" "$scratch/house/src/yaml" "$scratch/house/src/patch" "$scratch/house/src/files" \
            "$scratch/house/src/cli" "$scratch/house/src/cellar" "$scratch/house/include/oakum"
        printf '/* fopen("x") is only said here */\n#include <oakum/base.h>\nconst char *a = "getenv(1)";\n' >"$scratch/house/src/base/a.c"
        printf '#include <libfyaml.h>\n#include "base/a.h"\n' >"$scratch/house/src/yaml/parse.c"
        cd "$scratch/house/src"
        case $victim in
        -) ;;
        *) printf '%s\n' "$line" >>"$victim" ;;
        esac
        check_house 2>/dev/null
        bad=no
        [ ! -e "$scratch/bad" ] || bad=yes
        case $victim:$bad in
        -:no | [!-]*:yes) ;;
        *) echo "layers: the self-test is wrong about $victim: $line" >&2
           exit 1 ;;
        esac
    done <<'CASES'
-|
base/a.c|#include "yaml/parse.h"
base/a.c|#include <oakum/yaml.h>
base/a.c|#include "../yaml/parse.h"
base/a.c|#include <unistd.h>
base/a.c|#include <time.h>
base/a.c|int f(void) { return time(0); }
patch/b.c|void g(void) { printf("x"); }
patch/b.c|static FILE *log_file;
patch/b.c|#include "config/config.h"
patch/b.c|#include <pcre2.h>
yaml/b.c|#include <libfyaml.h>
files/b.c|#include <git2.h>
cli/b.c|#include "yaml/scalar.h"
cli/b.c|#include <jansson.h>
cli/b.c|#include <curl/curl.h>
cellar/b.c|#include "base/a.h"
../include/oakum/base.h|#include <oakum/yaml.h>
../include/oakum/yaml.h|#include <libfyaml.h>
CASES
}

if [ $# -ne 1 ]; then
    echo "usage: layers.sh SRC" >&2
    exit 2
fi
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
src=$(CDPATH='' cd -- "$1" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
self_test
cd "$src"
[ -n "$(sources .)" ] || { echo "layers: no sources in $1" >&2; exit 1; }
check_house
[ ! -e "$scratch/bad" ]
