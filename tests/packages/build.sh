#!/bin/sh
# A release build as packagers make it, installed.   usage: build.sh SOURCE BUILD      the prefix is BUILD/prefix
set -eu
source=$1 build=$2
cmake -S "$source" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DOAK_TESTS=OFF -DCMAKE_INTERPROCEDURAL_OPTIMIZATION=ON \
    -DCMAKE_INSTALL_PREFIX=/usr >"$build.log" || { cat "$build.log" >&2; exit 1; }
cmake --build "$build" >"$build.log" || { cat "$build.log" >&2; exit 1; }
rm -rf "$build/prefix"
cmake --install "$build" --prefix "$build/prefix" >"$build.log"
