#!/bin/sh
# SPDX-License-Identifier: ISC
#
# reachd providers: the list, each one's page, and that the block of configuration on it is one that
# reachd check takes; what a configuration that names a service that is gone is told.

set -eu

top=$(cd "${srcdir:-.}" && pwd)
reachd=${REACHD:-./reachd}
export REACHD_PROVIDERS="${REACHD_PROVIDERS:-$top/ddns/providers.d}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

"$reachd" providers >"$work/list"
live=$(awk '/ live / { print $1 }' "$work/list")
gone=$(awk '/ defunct / { print $1 }' "$work/list")
[ "$(echo "$live" | wc -l)" -ge 60 ] || fail "fewer than 60 live providers"
[ "$(echo "$live" "$gone" | wc -w)" -eq "$(($(wc -l <"$work/list") - 1))" ] || fail "a row without a state"
"$reachd" providers --json >"$work/json"
[ "$(grep -c '"id":' "$work/json")" -eq "$(echo "$live" "$gone" | wc -w)" ] || fail "the JSON lists others"

echo secret >"$work/secret"
echo 'key "k" { algorithm hmac-sha256; secret "c2VjcmV0"; };' >"$work/key"
chmod 600 "$work/secret" "$work/key"
for name in $live; do
	secret=secret
	[ "$name" != rfc2136 ] || secret=key
	"$reachd" providers "$name" >"$work/page" || fail "$name: no page"
	sed -n '/^address/,$p' "$work/page" | sed "s|/etc/reachd/.*\.secret|$work/$secret|" >"$work/conf"
	"$reachd" check -c "$work/conf" >"$work/said" 2>&1 || fail "$name: $(cat "$work/said")"
done
for name in $gone; do
	"$reachd" providers "$name" | grep -q "^  defunct " || fail "$name: not told as defunct"
	printf 'address "a" { family = ipv4 interface = eth0 }\nrecord "r" { domain = example.com provider = %s ipv4 = a }\n' \
		"$name" >"$work/conf"
	"$reachd" check -c "$work/conf" >"$work/said" 2>&1 && fail "$name: the check lets it through"
	grep -q "$name\" is gone" "$work/said" || fail "$name: $(cat "$work/said")"
done

"$reachd" providers duckdns | grep -q '^    domain  *= duckdns.org$' || fail "not the domain of the service"
"$reachd" providers namecheap | grep -q 'ipv6' && fail "an address of a family that the service does not take"
"$reachd" providers duckdsn >"$work/said" 2>&1 && fail "an unknown name is no error"
grep -q 'did you mean "duckdns"' "$work/said" || fail "no guess for an unknown name"
[ "$failures" -eq 0 ] && echo "ok: $(echo "$live" | wc -l) live providers, $(echo "$gone" | wc -l) that are gone"
[ "$failures" -eq 0 ]
