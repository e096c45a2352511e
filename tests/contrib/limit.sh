#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What the limit of each test of `make check` does: a test that hangs is ended and named, all others
# keep their status and what they print.
set -eu

limit=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)/limit.sh
command -v timeout >/dev/null 2>&1 || {
    echo "SKIPPED: there is no timeout(1)"
    exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export RD_STRETCH=1 UNDER_VALGRIND=

fail() {
    echo "FAILED: $*"
    exit 1
}

printf '#!/bin/sh\ntail -f /dev/null &\necho $! >"%s/child"\nwait\n' "$work" >"$work/hangs"
# shellcheck disable=SC2016 # for the script that is written
printf '#!/bin/sh\necho "$1"\nexit 77\n' >"$work/skips"
chmod +x "$work/hangs" "$work/skips"

RD_LIMIT=1 "$limit" "$work/hangs" >"$work/out" 2>&1 && fail "a test that hangs passed"
grep -q "limit: $work/hangs hung: ended after 1 s" "$work/out" || fail "the test is not named: $(cat "$work/out")"
# Signalled with the test; it is gone, or nobody has asked yet how it ended.
tries=0
while grep -q '^State:.*[RSD] ' "/proc/$(cat "$work/child")/status" 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 2000 ] || fail "what the test started goes on"
done
status=0
RD_STRETCH=0.5 RD_LIMIT=60 "$limit" "$work/skips" word >"$work/out" 2>&1 || status=$?
[ "$status" = 77 ] || fail "the status became $status"
[ "$(cat "$work/out")" = word ] || fail "the output became $(cat "$work/out")"
echo "ok"
