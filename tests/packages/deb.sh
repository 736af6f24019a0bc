#!/bin/sh
# The .deb is made, installed into a fresh Debian by apt, run there, and taken away.   usage: deb.sh SOURCE BUILD
set -eu
source=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
build=$2
# shellcheck source=tests/packages/root.sh
. "$here/root.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
root=$scratch/root

fail() {
    echo "deb: $*" >&2
    exit 1
}

oak_fresh_root "$root"
sh "$source/packaging/deb.sh" "$build" >"$build.log" 2>&1 || { tail -n 20 "$build.log" >&2; fail "packaging/deb.sh"; }
version=$("$build/oakum" version | cut -d ' ' -f 2)
arch=$(dpkg --print-architecture)
deb=$build/oakum_${version}_$arch.deb
[ -e "$deb" ] || fail "no $deb"
dpkg-deb -f "$deb" Depends | grep -qE '(^|, )libcurl4(,|$)' || fail "libcurl is not among what it needs"
[ "$(dpkg-deb -f "$deb" Section Maintainer | wc -l)" -eq 2 ] || fail "section or maintainer is missing"

# Folders as in a system: owned by root, and nothing that others may write to.
dpkg-deb -c "$deb" | grep -vE '^[-dl]rwxr.[-x]r.[-x] root/root|^-rw-r--r-- root/root|^l' >"$scratch/odd" || true
[ ! -s "$scratch/odd" ] || fail "rights: $(cat "$scratch/odd")"

cp "$deb" "$build/liboakum-dev_${version}_$arch.deb" "$root/root/"
cp "$source/examples/broken/privileged-pod.yaml" "$root/root/pod.yaml"
apt="apt-get -q -y --no-install-recommends"
{ oak_in_root "$root" apt-get -q update && oak_in_root "$root" sh -c "$apt install /root/oakum_*.deb"; } >"$scratch/log" 2>&1 ||
    { tail -n 20 "$scratch/log" >&2; fail "apt-get install"; }

[ "$(oak_in_root "$root" oakum version)" = "oakum $version" ] || fail "oakum version"
[ "$(oak_in_root "$root" kubectl-oakum version)" = "oakum $version" ] || fail "kubectl-oakum version"
status=0
oak_in_root "$root" oakum check /root/pod.yaml >"$scratch/out" 2>/dev/null || status=$?
[ "$status" -eq 1 ] && grep -q '\[privileged\]' "$scratch/out" || fail "oakum check: status $status: $(cat "$scratch/out")"
oak_in_root "$root" oakum fix --fix=all /root/pod.yaml >/dev/null 2>&1 || fail "oakum fix"
grep -q 'privileged: false   # ' "$root/root/pod.yaml" || fail "nothing was fixed"
# It is libcurl that says that nobody answers.
oak_in_root "$root" sh -c "$apt install git" >"$scratch/log" 2>&1 || { tail -n 20 "$scratch/log" >&2; fail "apt-get install git"; }
oak_in_root "$root" sh -c 'cd /root && git init -q r && cd r && cp /root/pod.yaml . && sed -i "s/privileged: false/privileged: true/" pod.yaml &&
    git add . && git -c user.name=a -c user.email=a@example.org commit -qm a && git config user.name a &&
    git config user.email a@example.org && git remote add origin http://127.0.0.1:9/o/r.git &&
    OAKUM_TOKEN=t oakum pr --branch b --forge gitea --forge-url http://127.0.0.1:9/o/r --loopback-http' >"$scratch/out" 2>&1 || status=$?
[ "$status" -eq 75 ] && grep -q "connect to server" "$scratch/out" ||
    fail "oakum pr: $(cat "$scratch/out")"
for file in share/man/man1/oakum.1.gz share/bash-completion/completions/oakum share/zsh/vendor-completions/_oakum \
    share/fish/vendor_completions.d/oakum.fish share/oakum/oakum.schema.json share/doc/oakum/copyright; do
    [ -s "$root/usr/$file" ] || fail "not installed: $file"
done

oak_in_root "$root" dpkg --purge oakum >"$scratch/log" 2>&1 || fail "dpkg --purge: $(cat "$scratch/log")"
left=$(find "$root/usr" "$root/etc" -name '*oakum*')
[ -z "$left" ] || fail "left behind: $left"
echo "deb: $(basename "$deb") installed into a fresh Debian $oak_suite, run, and taken away"
