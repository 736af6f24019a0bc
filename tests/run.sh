#!/bin/sh
# Installs what is missing, builds with the sanitizers and runs every test.   usage: tests/run.sh [CTEST OPTION…]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=tests/install.sh
. tests/install.sh

# shellcheck disable=SC2086 # lists of words
oak_install $OAK_BUILD_PACKAGES $OAK_TEST_PACKAGES
cmake --preset ci
cmake --build --preset ci
ctest --preset ci --output-on-failure "$@"
