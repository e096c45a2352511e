#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Sets up what is missing (says what), builds in build/, and runs. See usage below.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

usage() {
    cat <<'END'
Usage: ./run.sh HOST[:PORT]...    watch these names over IPv4 and IPv6, in the foreground
       ./run.sh                   play a home whose PPPoE link changes its address: about a
                                  minute, live, in network namespaces; touches nothing else

The first time it installs the packages that a build needs (by apt-get, with sudo when you are not
root). No service is installed, started or enabled. Ctrl-C ends it and leaves nothing behind.
Options of 'reachd run' may stand before the names: ./run.sh --every 10s example.com
END
}

say() { printf 'run: %s\n' "$*" >&2; }

# Quiet when it works; the end of what was said when it does not.
quietly() {
    said=$("$@" 2>&1) || {
        status=$?
        printf '%s\n' "$said" | tail -n 40 >&2
        say "this failed: $*"
        exit $status
    }
}

build() {
    cd "$top"
    [ -x build/reachd ] || say "building in $top/build, a minute or two"
    [ -x configure ] || quietly ./autogen.sh
    mkdir -p build
    cd build
    [ -f Makefile ] || quietly ../configure
    quietly make -s -j"$(nproc)" reachd
}

case ${1:-} in
-h | --help)
    usage
    exit 0
    ;;
esac

if [ $# -gt 0 ]; then
    "$top/tools/setup.sh" build
    (build)
    exec "$top/build/reachd" run "$@"
fi

"$top/tools/setup.sh" build play servers
(build)
# The packages of the build may live elsewhere than the person's own Python.
exec /usr/bin/python3 -B "$top/tests/net/enter.py" /usr/bin/python3 -B "$top/tests/play/play.py"
