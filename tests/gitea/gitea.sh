#!/bin/sh
# A real forge on loopback: Gitea, built from its Go module, as an ordinary user.
#
# usage: gitea.sh build        builds it once; prints the path of the program. Exits with 77 where there is no Go
#        gitea.sh start DIR    starts a fresh one in DIR, which must not exist; prints its URL. DIR/token and DIR/reviewer-token
#                              are the tokens of the users `bot` (administrator) and `reviewer`
#        gitea.sh stop DIR
#
# The program is kept under ${XDG_CACHE_HOME:-~/.cache}/oakum. `go install` cannot build it, because its go.mod has replace
# lines: a module of ours repeats them. There is no front end: pages work, without their scripts.
set -eu

version=v1.26.0
module=code.gitea.io/gitea
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
program=$cache/gitea-$version/gitea

fail() {
    echo "gitea.sh: $*" >&2
    exit 1
}

# ---- build ----

# The module of ours: what Gitea's own go.mod says, with Gitea as one more requirement.
write_module() { # SOURCE
    sed -e "s,^module .*,module oakum.test/gitea," -e '/^tool /d' "$1/go.mod" >go.mod
    printf '\nrequire %s %s\n' "$module" "$version" >>go.mod
    cat "$1/go.sum" >go.sum
    cat "$1/main.go" >main.go
}

# The folders that the program reads at run time, and an empty list of scripts.
copy_static() { # SOURCE
    for folder in templates options public; do
        cp -R "$1/$folder" static/
    done
    chmod -R u+w static
    mkdir -p static/public/assets/.vite
    echo '{}' >static/public/assets/.vite/manifest.json
}

build() {
    if [ -x "$program" ]; then
        echo "$program"
        return
    fi
    command -v go >/dev/null 2>&1 || { echo "gitea.sh: skipped: no Go to build Gitea with" >&2; exit 77; }
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/gitea-build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    cd "$work"
    mkdir static
    printf 'module oakum.test/gitea\n\ngo 1.26\n' >go.mod
    source=$(go mod download -json "$module@$version" | sed -nE 's/^[[:space:]]*"Dir": "(.*)",?$/\1/p')
    [ -d "$source" ] || fail "the Go module proxy gave no $module@$version"
    write_module "$source"
    copy_static "$source"
    echo "gitea.sh: building Gitea $version once; this takes some minutes" >&2
    # One package at a time: each compiler may take more than a gigabyte.
    GOFLAGS=-mod=mod CGO_ENABLED=1 go build -p 1 -trimpath -tags 'sqlite sqlite_unlock_notify' \
        -ldflags "-s -w -X main.Version=${version#v}" -o gitea . >&2
    rm -f go.mod go.sum main.go
    # Whoever builds at the same time does the same: the first one wins.
    chmod 755 "$work"
    mv -T "$work" "$cache/gitea-$version" 2>/dev/null || [ -x "$program" ] || fail "cannot move to $cache/gitea-$version"
    echo "$program"
}
# ---- start and stop ----

# become_gitea DIR ARGUMENT…: this shell becomes Gitea, as a user without rights: it refuses to be root.
become_gitea() {
    dir=$1
    shift
    set -- env -i PATH="$PATH" HOME="$dir/home" GITEA_WORK_DIR="$dir/work" "$dir/gitea" --config "$dir/app.ini" "$@"
    [ "$(id -u)" -ne 0 ] || set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
    exec "$@"
}

gitea() {
    (become_gitea "$@")
}

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_hex() {
    od -An -N24 -tx1 /dev/urandom | tr -d ' \n'
}

write_config() { # DIR PORT
    cat >"$1/app.ini" <<INI
APP_NAME = oakum test
RUN_MODE = prod
WORK_PATH = $1/work
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = $2
ROOT_URL = http://127.0.0.1:$2/
STATIC_ROOT_PATH = $1/static
DISABLE_SSH = true
LFS_START_SERVER = false
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
PATH = $1/work/gitea.db
SQLITE_JOURNAL_MODE = WAL
[security]
INSTALL_LOCK = true
SECRET_KEY = $(random_hex)
PASSWORD_HASH_ALGO = pbkdf2_v1
[service]
DISABLE_REGISTRATION = true
[repository]
ROOT = $1/work/repositories
DEFAULT_BRANCH = main
[log]
MODE = file
LEVEL = Warn
ROOT_PATH = $1/work/log
[oauth2]
ENABLED = false
[actions]
ENABLED = false
[packages]
ENABLED = false
[mailer]
ENABLED = false
[cron]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
[session]
PROVIDER = memory
INI
}

add_user() { # DIR NAME OPTION…
    dir=$1 name=$2
    shift 2
    gitea "$dir" admin user create --username "$name" --email "$name@example.org" --password "$(random_hex)" \
        --must-change-password=false "$@" >>"$dir/work/setup.log" 2>&1
    gitea "$dir" admin user generate-access-token --username "$name" --token-name test --scopes all --raw 2>>"$dir/work/setup.log"
}

wait_until_up() { # DIR URL
    tries=0
    until python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1] + "/api/v1/version", timeout=2)' "$2" 2>/dev/null; do
        tries=$((tries + 1))
        kill -0 "$(cat "$1/pid")" 2>/dev/null && [ "$tries" -lt 120 ] || { tail -n 20 "$1/work/out" >&2; fail "Gitea does not come up"; }
        sleep 0.25
    done
}

start() { # DIR
    [ -x "$program" ] || fail "build it first"
    mkdir "$1"
    dir=$(CDPATH='' cd -- "$1" && pwd)
    mkdir "$dir/home" "$dir/work"
    # The cache may be in a home that the user without rights cannot enter. Links cost nothing; copies work everywhere.
    cp -al "$cache/gitea-$version/." "$dir/" 2>/dev/null || cp -R "$cache/gitea-$version/." "$dir/"
    port=$(free_port)
    write_config "$dir" "$port"
    [ "$(id -u)" -ne 0 ] || chown -R 65534:65534 "$dir/home" "$dir/work" "$dir/app.ini"
    gitea "$dir" migrate >"$dir/work/setup.log" 2>&1 || { cat "$dir/work/setup.log" >&2; fail "no database"; }
    (umask 077 && add_user "$dir" bot --admin >"$dir/token" && add_user "$dir" reviewer >"$dir/reviewer-token")
    become_gitea "$dir" web </dev/null >"$dir/work/out" 2>&1 &
    echo $! >"$dir/pid"
    wait_until_up "$dir" "http://127.0.0.1:$port"
    echo "http://127.0.0.1:$port"
}

stop() { # DIR
    [ -e "$1/pid" ] || return 0
    kill "$(cat "$1/pid")" 2>/dev/null || return 0
    tries=0
    while kill -0 "$(cat "$1/pid")" 2>/dev/null && [ "$tries" -lt 40 ]; do
        tries=$((tries + 1))
        sleep 0.25
    done
    rm -f "$1/pid"
}

case ${1:-}:$# in
build:1) build ;;
start:2) start "$2" ;;
stop:2) stop "$2" ;;
*) echo "usage: gitea.sh build|start DIR|stop DIR" >&2
   exit 2 ;;
esac
