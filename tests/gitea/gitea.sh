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
case ${1:-} in
build) build ;;
*) exit 2 ;;
esac
