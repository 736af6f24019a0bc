#!/bin/sh
# What judges the files for CI, installed once into ${XDG_CACHE_HOME:-~/.cache}/oakum.
#
# usage: tools.sh      prints the folder: bin/pre-commit, bin/check-jsonschema; wheels/, what pip needs to build what pre-commit
#                      installs; and, where Go is, bin/actionlint. Exits with 77, and says why, where they cannot be had
set -eu

version=1
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
tools=$cache/channels-$version

skip() {
    echo "tools.sh: skipped: $*" >&2
    exit 77
}

complete() {
    [ -e "$tools/ready" ] && { [ -x "$tools/bin/actionlint" ] || ! command -v go >/dev/null 2>&1; }
}

if complete; then
    echo "$tools"
    exit 0
fi
mkdir -p "$cache"
# A virtual environment knows its own path, so it is made where it stays; who comes second waits.
exec 9>"$cache/channels.lock"
flock 9
if [ ! -e "$tools/ready" ]; then
    rm -rf "$tools"
    python3 -m venv "$tools" >&2 || skip "no python3-venv"
    pip() {
        "$tools/bin/python" -m pip -q --disable-pip-version-check "$@" >&2
    }
    pip install pre-commit==4.7.0 check-jsonschema==0.39.0 || skip "pip cannot fetch pre-commit and check-jsonschema"
    pip download -d "$tools/wheels" setuptools wheel 'scikit-build-core>=0.10' || skip "pip cannot fetch scikit-build-core"
    : >"$tools/ready"
fi
# Go may have come later than the rest.
if ! complete; then
    GOBIN=$tools/bin GOFLAGS=-mod=mod go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.7 >&2 ||
        echo "tools.sh: the Go module proxy gives no actionlint" >&2
fi
echo "$tools"
