#!/bin/sh
# Runs a probe over all real files.   usage: real_files.sh PROBE [ARGUMENT…]
set -eu
shared=${OAK_SHARED:-$(dirname "$0")/../../../shared}
if [ ! -d "$shared/corpus" ]; then
    echo "skipped: no corpus"
    [ -z "${OAK_CI:-}" ] || exit 1
    exit 77
fi
exec "$@" "$shared/corpus"
