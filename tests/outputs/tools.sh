#!/bin/sh
# What judges the outputs for machines, installed once into ${XDG_CACHE_HOME:-~/.cache}/oakum.
#
# usage: tools.sh [PYTHON]      prints the folder: bin/python with jsonschema, junitparser and markdown-it-py, sarif-2.1.0.json and multitool
#                               (Microsoft's validator). Exits with 77, and says why, where they cannot be had
set -eu

python=${1:-python3}
version=1-$("$python" -c 'import sys; print("py%d.%d" % sys.version_info[:2])')
npm_package=@microsoft/sarif-multitool-linux@5.7.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
tools=$cache/outputs-$version

skip() {
    echo "tools.sh: skipped: $*" >&2
    exit 77
}

if [ -e "$tools/ready" ]; then
    echo "$tools"
    exit 0
fi
command -v npm >/dev/null 2>&1 || skip "no npm to fetch the schema of SARIF with"
mkdir -p "$cache"
work=$(mktemp -d "$cache/outputs.XXXXXX")
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work" >&2 2>/dev/null || skip "no python3-venv"
"$work/bin/python" -m pip install -q --disable-pip-version-check jsonschema==4.26.0 junitparser==5.0.3 markdown-it-py==3.0.0 >&2 ||
    skip "pip cannot fetch jsonschema, junitparser and markdown-it-py"
npm install --silent --no-audit --no-fund --prefix "$work/npm" "$npm_package" >&2 || skip "npm cannot fetch $npm_package"
package=npm/node_modules/@microsoft/sarif-multitool-linux
cp "$work/$package/sarif-2.1.0.json" "$work/sarif-2.1.0.json"
ln -s "$package/Sarif.Multitool" "$work/multitool"
: >"$work/ready"
chmod 755 "$work"
# Whoever installs at the same time does the same: the first one wins.
mv -T "$work" "$tools" 2>/dev/null || [ -e "$tools/ready" ] || skip "cannot move to $tools"
echo "$tools"
