#!/bin/sh
# Installs what is missing, builds with the sanitizers and runs every test.   usage: tests/run.sh [CTEST OPTION…]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=tests/install.sh
. tests/install.sh

# shellcheck disable=SC2086 # lists of words
oak_install $OAK_BUILD_PACKAGES $OAK_TEST_PACKAGES
# Without a browser the tests of the HTML page are skipped: it is installed where that is a failure, or where they are asked for.
case "${OAK_CI:+html} $*" in
*html*)
    # shellcheck disable=SC2086 # a list of words
    oak_install $OAK_BROWSER_PACKAGES
    ;;
esac
cmake --preset ci
cmake --build --preset ci
ctest --preset ci --output-on-failure "$@"
