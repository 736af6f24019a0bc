#!/bin/sh
# Builds kustomize from its Go module once, under ${XDG_CACHE_HOME:-~/.cache}/oakum, and prints the path of the program.
# Exits with 77 where there is no Go.   usage: kustomize.sh
set -eu

version=v5.8.1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
program=$cache/kustomize-$version/kustomize

if [ ! -x "$program" ]; then
    command -v go >/dev/null 2>&1 || { echo "kustomize.sh: skipped: no Go to build kustomize with" >&2; exit 77; }
    mkdir -p "$cache"
    work=$(mktemp -d "$cache/kustomize-build.XXXXXX")
    trap 'rm -rf "$work"' EXIT
    echo "kustomize.sh: building kustomize $version once" >&2
    GOBIN=$work GOFLAGS=-mod=mod CGO_ENABLED=0 go install -trimpath "sigs.k8s.io/kustomize/kustomize/v5@$version" >&2
    # Whoever builds at the same time does the same: the first one wins.
    chmod 755 "$work"
    mv -T "$work" "$cache/kustomize-$version" 2>/dev/null || [ -x "$program" ] || {
        echo "kustomize.sh: cannot move to $cache/kustomize-$version" >&2
        exit 1
    }
fi
echo "$program"
