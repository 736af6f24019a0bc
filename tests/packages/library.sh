#!/bin/sh
# Strangers build with what was installed, in their two ways, and get the program's own answer.   usage: library.sh SOURCE BUILD
set -eu
source=$(CDPATH='' cd -- "$1" && pwd)
build=$(CDPATH='' cd -- "$2" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
# Not where it was installed to: nothing may know that place.
cp -R "$build/prefix" moved
prefix=$scratch/moved

fail() {
    echo "library: $*" >&2
    exit 1
}

for file in bin/oakum include/oakum/engine.h share/oakum/oakum.schema.json share/bash-completion/completions/oakum \
    share/zsh/site-functions/_oakum share/fish/vendor_completions.d/oakum.fish; do
    [ -s "$prefix/$file" ] || fail "not installed: $file"
done
[ "$(readlink "$prefix/bin/kubectl-oakum")" = oakum ] || fail "bin/kubectl-oakum is no link to oakum"
! grep -rqF "$source" "$prefix/include" "$prefix/lib" || fail "the installed files name the source: $(grep -rlF "$source" "$prefix/lib")"

# Each header alone, as a stranger compiles.
for header in "$prefix"/include/oakum/*.h; do
    echo "#include <oakum/$(basename "$header")>" >header.c
    cc -std=c11 -Wall -Wextra -pedantic -Werror -I "$prefix/include" -c header.c || fail "$header does not stand alone"
done

# Machine code of any linker, not only of the compiler that made it.
find "$prefix" -name 'liboakum*.a' >libraries
[ "$(wc -l <libraries)" -eq 3 ] || fail "not three libraries: $(cat libraries)"
while read -r library; do
    ! readelf -SW "$library" | grep -q 'gnu\.lto' || fail "$library holds sections of the link-time optimizer"
done <libraries

PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name oakum.pc)")
export PKG_CONFIG_PATH
git init -q repository
git -C repository -c user.name=a -c user.email=a@example.org commit -q --allow-empty -m a
commit=$(git -C repository rev-parse HEAD)

"$prefix/bin/oakum" fix --fix=all - <"$source/examples/broken/privileged-pod.yaml" >want 2>/dev/null || true
! cmp -s want "$source/examples/broken/privileged-pod.yaml" || fail "the program fixed nothing"

check() { # FOLDER
    "$1/embed" <"$source/examples/broken/privileged-pod.yaml" >got 2>said || fail "$1/embed failed: $(cat said)"
    cmp want got || fail "$1/embed and oakum fix differ"
    grep -q '^fixed: privileged$' said || fail "$1/embed does not say what it fixed"
    "$1/remote" repository git@github.com:o/r.git >got || fail "$1/remote failed"
    [ "$(cat got)" = "$commit https://github.com/o/r/blob/$commit/f" ] || fail "$1/remote says $(cat got)"
}

mkdir by-pkg-config
# shellcheck disable=SC2046 # lists of words
cc -std=c11 "$source/examples/embed.c" -o by-pkg-config/embed $(pkg-config --cflags --libs oakum)
# shellcheck disable=SC2046
cc -std=c11 "$here/consumer/remote.c" -o by-pkg-config/remote $(pkg-config --cflags --libs oakum-git oakum-forge)
check by-pkg-config
! ldd by-pkg-config/embed | grep -qE 'git2|jansson|curl' || fail "the core needs libraries of git or forges"

unset PKG_CONFIG_PATH
cmake -S "$here/consumer" -B by-cmake -DCMAKE_PREFIX_PATH="$prefix" -DEXAMPLE="$source/examples/embed.c" >log 2>&1 &&
    cmake --build by-cmake >log 2>&1 || { cat log >&2; fail "find_package(oakum)"; }
check by-cmake

# Libraries that are not there, and components that do not exist, are said so.
mkdir odd
printf 'cmake_minimum_required(VERSION 3.21)\nproject(odd C)\nfind_package(oakum REQUIRED COMPONENTS rope)\n' >odd/CMakeLists.txt
! cmake -S odd -B odd/build -DCMAKE_PREFIX_PATH="$prefix" >log 2>&1 || fail "a component that does not exist is found"
grep -q rope log || { cat log >&2; fail "the missing component is not named"; }
echo "library: pkg-config and find_package, 2 programs each"
