#!/bin/sh
# A tour in one command: installs what is missing, builds, and repairs a copy of examples/broken.   usage: examples/run.sh
#
# Exit status 0: all went as it should. (oakum itself exits 1 as long as findings remain.)
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
# shellcheck source=tests/install.sh
. tests/install.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

quietly() {
    "$@" >"$work/log" 2>&1 || {
        cat "$work/log" >&2
        echo "failed: $*" >&2
        exit 1
    }
}

say() {
    printf '\n── %s\n' "$*"
}

# step STATUS COMMAND…: shows a command, runs it, insists on its exit status
step() {
    want=$1
    shift
    printf '\n$ %s\n' "$*"
    status=0
    "$@" || status=$?
    if [ "$status" -ne "$want" ]; then
        echo "expected exit status $want, got $status" >&2
        exit 1
    fi
}

expect() { # FILE PATTERN
    grep -q -e "$2" "broken/$1" || { echo "expected '$2' in broken/$1" >&2; exit 1; }
}

expect_no() { # FILE PATTERN
    ! grep -q -e "$2" "broken/$1" || { echo "expected no '$2' in broken/$1" >&2; exit 1; }
}

# shellcheck disable=SC2086 # a list of words
oak_install $OAK_BUILD_PACKAGES
# The tests are left out: they need a library more.
quietly cmake --preset release -DOAK_TESTS=OFF
quietly cmake --build --preset release
PATH="$root/build/release:$PATH"
export PATH

cp -R examples/broken "$work/broken"
cp -R examples/broken "$work/before"
cd "$work"

say "What is wrong?"
step 1 oakum check broken

say "What would be done about it?"
step 1 oakum diff broken

say "Do it. Exit status 1: some findings need a person."
step 1 oakum fix broken

say "Put the pod that runs foreign code into a sandbox."
step 0 oakum fix --runtime-class gvisor broken/gvisor-pod.yaml

say "What is left?"
step 1 oakum check broken

say "All that was changed:"
step 1 git --no-pager diff --no-index --stat before broken

say "A second run has nothing to do."
cp -R broken again
step 1 oakum fix broken
step 0 diff -r again broken

expect privileged-pod.yaml 'privileged: false   # needed it for one strace'
expect writable-root-mount.yaml 'mountPath: /host   # the whole node'
quietly test "$(grep -c 'readOnly: true' broken/writable-root-mount.yaml)" -eq 2
expect docker-default-annotation.yaml 'type: RuntimeDefault'
expect_no docker-default-annotation.yaml 'docker/default'
expect psp.yaml 'pod-security.kubernetes.io/warn'
expect psp.yaml 'privileged: false'
expect gvisor-pod.yaml 'runtimeClassName: gvisor'
expect shop/queue.json '"allowPrivilegeEscalation": false'
expect shop/db.yml 'allowPrivilegeEscalation: false'
expect shop/web.yaml '# oakum leaves this line and this comment alone'
quietly cmp before/shop/report-config.yaml broken/shop/report-config.yaml
say "All as expected."
