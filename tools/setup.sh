#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Makes sure that the Debian or Ubuntu packages of some groups are there; says what it does.
# usage: setup.sh GROUP...      groups: build play test lint ci vm servers bench
#
# "servers" (nginx, BIND, caddy, Knot, PowerDNS, miniupnpd) and "bench" (programs to compare with) are never installed: their packages
# are unpacked below the build folder, so no service is added to the machine, started or enabled.
# Without apt-get it only looks: what the first three groups lack is told in a sentence, exit status 1;
# what the others lack is left out by those who would use it.
# Owns: the list of packages. Not its job: building.
set -eu

top=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
servers=${SERVERS:-$top/build/servers}
peers=${PEERS:-$top/build/peers}
policy=${POLICY:-/usr/sbin/policy-rc.d}

packages_build="gcc libc6-dev make autoconf automake pkg-config libevent-dev libc-ares-dev
    libssl-dev libmnl-dev libconfuse-dev libjansson-dev libsqlite3-dev"
packages_play="python3 iproute2 nftables openssl util-linux"
packages_test="curl libcmocka-dev python3-pytest python3-jsonschema python3-prometheus-client $packages_play"
packages_lint="clang clang-format shellcheck cppcheck mandoc"
packages_ci="debootstrap xz-utils valgrind spin"
packages_vm="qemu-system-x86"
packages_servers="nginx bind9 bind9-dnsutils caddy knot pdns-server pdns-backend-sqlite3 libfaketime
    miniupnpd-nftables"
packages_bench="curl monitoring-plugins-basic prometheus-blackbox-exporter"

say() { printf 'setup: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# apt-get and dpkg need the whole path when an ordinary person calls.
PATH=$PATH:/usr/sbin:/sbin
export PATH DEBIAN_FRONTEND=noninteractive

is_installed() {
    case $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null) in
    ii*) return 0 ;;
    *) return 1 ;;
    esac
}

missing_of() {
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        # env: sudo would drop what keeps dpkg from asking questions.
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# The package lists of a fresh machine or image are empty or old.
updated=no
update_lists() {
    [ "$updated" = no ] || return 0
    updated=yes
    if [ "$(id -u)" -ne 0 ] && ! have sudo; then
        say "the package lists can't be refreshed: not root, and there is no sudo"
        return 0
    fi
    say "refreshing the package lists (apt-get update)"
    as_root apt-get -q update >&2 || say "apt-get update failed; going on with the lists as they are"
}

# None of the packages brings a service that starts. Should that change, this refuses the start. One
# that we had no time to take away is ours again; that of the machine's owner stays as it is.
mark="put here by the setup of reachd for the time of one apt-get"
remove_policy=
refuse_starts() {
    [ ! -e "$policy" ] || grep -q "$mark" "$policy" || return 0
    trap 'allow_starts' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    remove_policy=$policy
    # shellcheck disable=SC2016
    as_root sh -c 'printf "#!/bin/sh\n# %s\nexit 101\n" "$1" >"$0" && chmod 755 "$0"' "$policy" "$mark"
}

allow_starts() {
    [ -n "$remove_policy" ] || return 0
    as_root rm -f "$remove_policy"
    remove_policy=
}

install_packages() {
    # shellcheck disable=SC2086
    missing=$(missing_of $1)
    missing=${missing% }
    [ -n "$missing" ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! have sudo; then
        die "these packages are missing: $missing. There is no sudo here, so as root do: apt-get install $missing"
    fi
    update_lists
    say "installing: $missing"
    [ "$(id -u)" -eq 0 ] || say "(sudo may ask for your password)"
    refuse_starts
    # shellcheck disable=SC2086
    as_root apt-get -q install -y --no-install-recommends $missing >&2 ||
        die "apt-get could not install: $missing"
    allow_starts
}

# What apt-get would install for packages on this machine, libraries included: "name=version".
closure_of() {
    # shellcheck disable=SC2086
    apt-get -s -o Debug::NoLocking=1 install --no-install-recommends $1 2>/dev/null |
        sed -n 's/^Inst \([^ ]*\) \(\[[^]]*\] \)\{0,1\}(\([^ ]*\) .*/\1=\3/p' |
        grep -v -E '^(libc6|libc-bin|libgcc-s1|gcc-[0-9]+-base|dpkg|apt|init|systemd|dbus)(:[a-z0-9]+)?=' || :
}

# From the unpacked folder; an installed server does as well.
server_run() {
    program=$1
    shift
    libs=$servers/root/usr/lib/$multiarch:$servers/root/lib/$multiarch
    for dir in usr/sbin usr/bin sbin bin; do
        if [ -x "$servers/root/$dir/$program" ]; then
            LD_LIBRARY_PATH=$libs "$servers/root/$dir/$program" "$@"
            return
        fi
    done
    "$program" "$@"
}

servers_work() {
    server_run nginx -v >/dev/null 2>&1 && server_run named -v >/dev/null 2>&1 &&
        server_run nsupdate -V >/dev/null 2>&1 && server_run dig -v >/dev/null 2>&1 &&
        server_run caddy version >/dev/null 2>&1 && server_run knotd -V >/dev/null 2>&1 &&
        server_run pdns_server --version 2>&1 | grep -q PowerDNS &&
        server_run miniupnpd --version 2>&1 | grep -q miniupnpd
}

# download FOLDER PACKAGES: unpacks them into FOLDER/root.
download() {
    rm -rf "$1"
    mkdir -p "$1/root" "$1/packages"
    # shellcheck disable=SC2086
    (cd "$1/packages" && apt-get -q -o APT::Sandbox::User=root download $2 >/dev/null) || return 1
    for package in "$1"/packages/*.deb; do
        dpkg -x "$package" "$1/root"
    done
    rm -rf "$1/packages"
}

unpack_servers() {
    multiarch=$(gcc -print-multiarch 2>/dev/null || uname -m)
    if [ -e "$servers/complete" ] && servers_work; then
        return 0
    fi
    closure=$(closure_of "$packages_servers")
    if [ -z "$closure" ] && ! servers_work; then
        update_lists
        closure=$(closure_of "$packages_servers")
        [ -n "$closure" ] || die "apt-get does not know these packages: $packages_servers"
    fi
    if [ -n "$closure" ]; then
        say "unpacking into $servers, not installing: $(echo "$closure" | sed 's/=.*//' | tr '\n' ' ')"
        download "$servers" "$closure" ||
            { update_lists && closure=$(closure_of "$packages_servers") && download "$servers" "$closure"; } ||
            die "apt-get could not download the packages of the servers"
        servers_work || die "the unpacked servers do not run: see LD_LIBRARY_PATH=$libs $servers/root/usr/sbin/named -v"
    fi
    mkdir -p "$servers"
    printf '%s\n' "$multiarch" >"$servers/complete"
}

# What is installed is used as it is; the rest is unpacked.
unpack_peers() {
    [ ! -e "$peers/complete" ] || return 0
    closure=$(closure_of "$packages_bench")
    if [ -n "$closure" ]; then
        say "unpacking into $peers, not installing: $(echo "$closure" | sed 's/=.*//' | tr '\n' ' ')"
        download "$peers" "$closure" ||
            { update_lists && closure=$(closure_of "$packages_bench") && download "$peers" "$closure"; } ||
            die "apt-get could not download: $packages_bench"
    fi
    mkdir -p "$peers"
    gcc -print-multiarch >"$peers/complete"
}

# --- where there is no apt-get -------------------------------------------------------------------

is_library() { ls /usr/lib/*/"$1" || ls /usr/lib/"$1"; }

# Whether what a package would bring is there.
is_there() {
    case $1 in
    libc6-dev) echo '#include <stdio.h>' | gcc -E - ;;
    libevent-dev) pkg-config --exists libevent_core ;;
    libc-ares-dev) pkg-config --exists libcares ;;
    libssl-dev) pkg-config --exists openssl ;;
    libmnl-dev | libconfuse-dev) pkg-config --exists "${1%-dev}" ;;
    libjansson-dev) pkg-config --exists jansson ;;
    libsqlite3-dev) pkg-config --exists sqlite3 ;;
    libcmocka-dev) pkg-config --exists cmocka ;;
    python3-pytest) /usr/bin/python3 -c 'import pytest' ;;
    python3-jsonschema) /usr/bin/python3 -c 'import jsonschema' ;;
    python3-prometheus-client) /usr/bin/python3 -c 'import prometheus_client' ;;
    iproute2) have ip ;;
    nftables) have nft ;;
    util-linux) have unshare ;;
    xz-utils) have xz ;;
    qemu-system-x86) have qemu-system-x86_64 ;;
    bind9) have named ;;
    bind9-dnsutils) have dig && have nsupdate ;;
    knot) have knotd ;;
    pdns-server) have pdns_server ;;
    miniupnpd-nftables) have miniupnpd ;;
    pdns-backend-sqlite3) is_library pdns/libgsqlite3backend.so ;;
    libfaketime) is_library faketime/libfaketime.so.1 ;;
    monitoring-plugins-basic) [ -x /usr/lib/nagios/plugins/check_http ] ;;
    *) have "$1" ;;
    esac >/dev/null 2>&1
}

absent_of() {
    for package in "$@"; do
        is_there "$package" || printf '%s ' "$package"
    done
}

look_only() {
    [ $with_servers = no ] || useful="$useful $packages_servers"
    [ $with_peers = no ] || useful="$useful $packages_bench"
    # shellcheck disable=SC2086
    absent=$(absent_of $useful)
    [ -z "$absent" ] || say "not here, so what needs them is left out: ${absent% }"
    # shellcheck disable=SC2086
    absent=$(absent_of $needed)
    [ -z "$absent" ] ||
        die "there is no apt-get here to install what is missing: ${absent% } (the names that Debian gives them)"
}

[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

needed=
useful=
with_servers=no
with_peers=no
for group in "$@"; do
    case $group in
    build) needed="$needed $packages_build" ;;
    play) needed="$needed $packages_play" ;;
    test) needed="$needed $packages_test" ;;
    lint) useful="$useful $packages_lint" ;;
    ci) useful="$useful $packages_ci" ;;
    vm) useful="$useful $packages_vm" ;;
    servers) with_servers=yes ;;
    bench) with_peers=yes ;;
    *) die "there is no group '$group'; there are: build play test lint ci vm servers bench" ;;
    esac
done

if ! have apt-get || ! have dpkg-query; then
    look_only
    exit
fi

wanted="$needed $useful"
[ "$wanted" = " " ] || install_packages "$wanted"
[ $with_servers = no ] || unpack_servers
[ $with_peers = no ] || unpack_peers
