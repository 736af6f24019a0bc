#!/bin/sh
# The examples, repaired, are those of examples/fixed.   usage: examples.sh OAKUM [--update]
set -eu
oakum=$(CDPATH='' cd -- "$(dirname -- "$1")" && pwd)/$(basename -- "$1")
examples=$(CDPATH='' cd -- "$(dirname -- "$0")/../examples" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

cp -R "$examples/broken" "$scratch/fixed"
cd "$scratch"
# 1: what is held or needs a person remains.
status=0
"$oakum" fix fixed >/dev/null 2>&1 || status=$?
[ "$status" -eq 1 ] || { echo "examples: expected exit status 1, got $status" >&2; exit 1; }
"$oakum" fix --runtime-class gvisor fixed/gvisor-pod.yaml >/dev/null 2>&1
if [ "${2:-}" = --update ]; then
    rm -rf "$examples/fixed"
    cp -R fixed "$examples/fixed"
fi
diff -r "$examples/fixed" fixed
