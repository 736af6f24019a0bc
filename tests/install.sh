# shellcheck shell=sh
# shellcheck disable=SC2034 # the lists are for those who source this
# Installs what is missing to build (and to test). Sourced by tests/run.sh and examples/run.sh.

OAK_BUILD_PACKAGES="gcc libc6-dev cmake ninja-build pkg-config git ca-certificates
    libfyaml-dev libgit2-dev libjansson-dev libpcre2-dev libcurl4-openssl-dev"
OAK_TEST_PACKAGES="libcriterion-dev python3-yaml python3-venv python3-html5lib gnupg openssh-client openssh-server zsh fish
    scdoc groff-base dpkg-dev file debootstrap buildah shellcheck"
# Large, and for the tests of the HTML page alone.
OAK_BROWSER_PACKAGES="chromium fonts-dejavu-core"

oak_missing() {
    for package in "$@"; do
        # shellcheck disable=SC2016 # ${Status} is dpkg's
        case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
        "install ok installed") ;;
        *) printf '%s ' "$package" ;;
        esac
    done
}

oak_as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        sudo "$@"
    fi
}

# oak_install PACKAGE…: nothing is touched if all are there.
oak_install() {
    if ! command -v dpkg-query >/dev/null 2>&1; then
        echo "no dpkg here: make sure that these, or what your system calls them, are installed: $*" >&2
        return 0
    fi
    missing=$(oak_missing "$@")
    [ -n "$missing" ] || return 0
    echo "installing: $missing" >&2
    oak_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 update
    # shellcheck disable=SC2086 # a list of words
    oak_as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 \
        install -y --no-install-recommends $missing
}
