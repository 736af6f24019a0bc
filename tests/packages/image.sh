#!/bin/sh
# The Dockerfile is built and run, by buildah, on a fresh Debian in place of the image from the registry.   usage: image.sh SOURCE
set -eu
source=$(CDPATH='' cd -- "$1" && pwd)
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
# shellcheck source=tests/packages/root.sh
. "$here/root.sh"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "image: $*" >&2
    exit 1
}

build() {
    command=$1
    shift
    buildah --root "$scratch/storage" --runroot "$scratch/run" --storage-driver vfs "$command" "$@"
}

command -v buildah >/dev/null 2>&1 || oak_skip "no buildah to build images with"
oak_fresh_root "$scratch/root"
[ "$oak_suite" = bookworm ] || oak_skip "not on Debian 12, on which the image stands"

base=$(build from scratch)
build add -q "$base" "$scratch/root" / >/dev/null
build commit -q "$base" docker.io/library/debian:12-slim >/dev/null 2>"$scratch/why" || {
    cat "$scratch/why" >&2
    grep -q "remount /" "$scratch/why" && oak_skip "buildah may not mount here, as in a container or another root"
    fail "buildah cannot make the base"
}
build rm "$base" >/dev/null
rm -rf "$scratch/root"
echo 'unqualified-search-registries = ["docker.io"]' >"$scratch/registries.conf"
export CONTAINERS_REGISTRIES_CONF="$scratch/registries.conf"

build bud --isolation chroot --pull-never --network host -t oakum "$source" >"$scratch/log" 2>&1 ||
    { tail -n 20 "$scratch/log" >&2; fail "the Dockerfile does not build"; }
made=$(build from --pull-never oakum)
in_image() {
    build run --isolation chroot "$made" -- "$@"
}
[ "$(in_image id -u)" = 65532 ] || fail "it does not run as an ordinary user"
in_image oakum version | grep -q '^oakum [0-9]' || fail "oakum version"
in_image oakum fix --fix=all - <"$source/examples/broken/privileged-pod.yaml" >"$scratch/out" 2>"$scratch/log" ||
    { cat "$scratch/log" >&2; fail "oakum fix"; }
grep -q 'privileged: false   # ' "$scratch/out" || fail "nothing was fixed"
in_image git --version >/dev/null || fail "no git"
build inspect --format '{{.OCIv1.Config.Entrypoint}}' "$made" | grep -q oakum || fail "oakum is not its entry point"
echo "image: built, and run as user 65532"
