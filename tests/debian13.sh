#!/bin/sh
# Builds reachd and runs its unit tests inside a Debian 13 folder: the newer end of the range of
# libraries (c-ares 1.34, OpenSSL 3.5, libevent 2.1.13, gcc 14). The folder is made by debootstrap once
# and kept. Usage: tests/debian13.sh SOURCE_FOLDER WORK_FOLDER
# Exit status 77: skipped, with the reason.
set -eu

src=$(cd "$1" && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
root=$work/root
packages=gcc,make,autoconf,automake,pkg-config,libc6-dev,libevent-dev,libc-ares-dev,libssl-dev,libmnl-dev
packages=$packages,libconfuse-dev,libjansson-dev,libsqlite3-dev,libcmocka-dev,openssl

skip() {
    echo "check-debian13: SKIPPED: $*"
    exit 77
}

[ "$(id -u)" = 0 ] || skip "debootstrap needs root"
command -v debootstrap >/dev/null || skip "debootstrap is not installed (apt-get install debootstrap)"
unshare -m true 2>/dev/null || skip "mount namespaces are refused here"

# --- the folder, made once; the mark tells a whole one from a broken-off one ---------------------
if [ ! -f "$work/made" ] || [ "$(cat "$work/made")" != "$packages" ]; then
    echo "check-debian13: making a Debian 13 folder (once, about a minute) in $root"
    rm -rf "$root" "$work/made"
    debootstrap --variant=minbase --include="$packages" trixie "$root" >"$work/debootstrap.log" 2>&1 || {
        tail -5 "$work/debootstrap.log"
        if grep -q 'Unknown suite\|No such script' "$work/debootstrap.log"; then
            skip "this debootstrap does not know trixie"
        fi
        echo "check-debian13: debootstrap failed, see $work/debootstrap.log"
        exit 1
    }
    echo "$packages" >"$work/made"
fi

# --- the source as it is now, without what was built from it -------------------------------------
rm -rf "$root/src"
mkdir -p "$root/src" "$root/build"
(cd "$src" && tar -cf - --exclude=./.git --exclude=./build --exclude='./build-[!a]*' \
    --exclude='./build-asan*' --exclude=./configure --exclude=./autom4te.cache .) |
    tar -xf - -C "$root/src"

# --- a private mount namespace, so that nothing stays mounted whatever happens -------------------
# shellcheck disable=SC2016
exec unshare -m sh -ec '
    root=$1
    mount --make-rprivate /
    mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/tmp"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        JOBS="$2" sh -ec "
            cd /src && ./autogen.sh >/dev/null
            cd /build && rm -f config.cache
            /src/configure --enable-werror >configure.log || { tail -20 configure.log; exit 1; }
            make -s -j\$JOBS all
            make -s -j\$JOBS check || { cat test-suite.log; exit 1; }
            ./reachd --version"
' sh "$root" "$(nproc)"
