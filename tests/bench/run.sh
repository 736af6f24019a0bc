#!/bin/sh
# How fast is it, and how much memory does it take? Run by hand, on a machine that does nothing else.
#
# usage: tests/bench/run.sh [PAIRS]      OAKUM is the binary (build/release/oakum), OAK_SHARED the folder that holds corpus/
#
# CPU time, user and system, of one thread. What is compared runs in turn, A B A B …, and the median of the pairs' ratios
# counts: a machine that is slow for a minute is slow for both. `fix` waits for the disk after every file (fsync), which kyaml
# does not, and the system time of that is the disk's, not ours: files are written to /dev/shm. TMPDIR=/var/tmp shows a disk.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
OAKUM=${OAKUM:-$root/build/release/oakum}
corpus=$(CDPATH='' cd -- "${OAK_SHARED:-$root/../shared}/corpus" && pwd)
[ ! -w /dev/shm ] || TMPDIR=${TMPDIR:-/dev/shm}
export TMPDIR
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
[ -x "$OAKUM" ] || { echo "no $OAKUM: cmake --preset release && cmake --build --preset release" >&2; exit 2; }
OAKUM=$(CDPATH='' cd -- "$(dirname -- "$OAKUM")" && pwd)/$(basename -- "$OAKUM")
kyaml=
if command -v go >/dev/null 2>&1; then
    (cd "$here/kyaml" && go build -p 2 -o "$work/kyaml-bench" .)
    kyaml=$work/kyaml-bench
else
    echo "no Go: the comparison with kyaml is left out" >&2
fi
python3 "$here/measure.py" "$OAKUM" "$corpus" "$work" "${1:-5}" "$kyaml"
