#!/bin/sh
# Makes oakum_VERSION_ARCH.deb and liboakum-dev_VERSION_ARCH.deb for the Debian or Ubuntu that it runs on.   usage: deb.sh [BUILD]
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
build=${1:-$root/build/deb}
umask 022
for tool in dpkg-shlibdeps file scdoc; do # packages dpkg-dev, file, scdoc
    command -v "$tool" >/dev/null 2>&1 || { echo "deb.sh: needs $tool" >&2; exit 1; }
done

cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON -DOAK_TESTS=OFF \
    -DCMAKE_INSTALL_PREFIX=/usr -DOAK_ZSH_COMPLETIONS=share/zsh/vendor-completions
cmake --build "$build"
rm -f "$build"/*.deb
cd "$build"
cpack
