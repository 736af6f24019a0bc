# shellcheck shell=sh
# A fresh Debian of the release that this machine has. Sourced.
#
# oak_fresh_root DIR: makes one in DIR, from a copy in ${XDG_CACHE_HOME:-~/.cache}/oakum that the first call makes. Skips (77) where
# that cannot be done: it takes root, Debian, debootstrap and Debian's mirror.

oak_skip() {
    echo "skipped: $*" >&2
    [ -z "${OAK_CI-}" ] || exit 1
    exit 77
}

oak_fresh_root() {
    [ "$(id -u)" -eq 0 ] || oak_skip "not root: no fresh Debian can be made"
    command -v debootstrap >/dev/null 2>&1 || oak_skip "no debootstrap to make a fresh Debian with"
    # shellcheck source=/dev/null
    oak_suite=$(. /etc/os-release && [ "${ID-}" = debian ] && echo "${VERSION_CODENAME-}") || true
    [ -n "${oak_suite-}" ] || oak_skip "not on a Debian: its packages would not fit"
    oak_cache=${XDG_CACHE_HOME:-$HOME/.cache}/oakum
    oak_tar=$oak_cache/debian-$oak_suite.tar
    if [ ! -e "$oak_tar" ]; then
        echo "making a fresh Debian $oak_suite once" >&2
        mkdir -p "$oak_cache"
        oak_made=$(mktemp -d)
        if ! debootstrap --variant=minbase "$oak_suite" "$oak_made/root" >"$oak_made/log" 2>&1; then
            tail -n 3 "$oak_made/log" >&2
            rm -rf "$oak_made"
            oak_skip "debootstrap fails: is Debian's mirror out of reach?"
        fi
        tar -C "$oak_made/root" -cf "$oak_tar.$$" .
        mv "$oak_tar.$$" "$oak_tar"
        rm -rf "$oak_made"
    fi
    mkdir -p "$1"
    tar -C "$1" -xf "$oak_tar"
    cp /etc/resolv.conf "$1/etc/resolv.conf"
}

# oak_in_root DIR COMMAND…: as root there, with nothing of our environment but the way to the mirror.
oak_in_root() {
    oak_root=$1
    shift
    env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        ${http_proxy:+http_proxy="$http_proxy"} ${https_proxy:+https_proxy="$https_proxy"} chroot "$oak_root" "$@"
}
