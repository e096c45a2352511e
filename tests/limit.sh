#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Runs one test of `make check` under a limit: a test that hangs fails, and is named.
# usage: limit.sh COMMAND...     RD_LIMIT: seconds; RD_STRETCH: times as many; valgrind gets its own share
set -u

factor=${RD_STRETCH:-1}
[ -z "${UNDER_VALGRIND:-}" ] || factor="$factor * 5"
limit=$(awk "BEGIN { s = ${RD_LIMIT:-300} * $factor; print (s < 1 ? 1 : int(s)) }") || exit 99
command -v timeout >/dev/null 2>&1 || exec "$@"

for last; do :; done
# In a group of its own, so that what a test started ends with it.
timeout -k 10 "$limit" "$@"
status=$?
case $status in
124 | 137)
    echo "limit: $last hung: ended after $limit s (RD_STRETCH=$factor)"
    exit 1
    ;;
esac
exit "$status"
