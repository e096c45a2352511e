#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What stands at the rim of the program: its version, the help of each command, exit statuses, and that the
# READMEs name every command and no option that there is not.

set -eu

top=$(cd "${srcdir:-.}" && pwd)
reachd=${REACHD:-./reachd}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

ok() { echo "ok: $1"; }
fail() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

# status WHAT EXPECTED COMMAND...: the exit status; what it says goes to $work/said.
status() {
	what=$1 expected=$2 got=0
	shift 2
	"$@" >"$work/said" 2>&1 || got=$?
	if [ "$got" -eq "$expected" ]; then ok "$what"; else fail "$what: exit status $got, not $expected"; fi
}

# said WHAT PATTERN
said() {
	if grep -Eq -- "$2" "$work/said"; then ok "$1"; else fail "$1: no /$2/ in: $(cat "$work/said")"; fi
}

status "--version" 0 "$reachd" --version
for library in libevent c-ares OpenSSL SQLite jansson libconfuse; do
	said "the version of $library" "$library v?[0-9]+\.[0-9]"
done

status "--help" 0 "$reachd" --help
commands=$(sed -n '/^Usage/,/^  reachd/s/^  \([a-z][a-z]*\)  *[a-zA-Z].*/\1/p' "$work/said" | grep -vx reachd)
[ "$(echo "$commands" | wc -w)" -ge 6 ] || fail "the commands are not found: $commands"
for command in $commands; do
	status "$command --help" 0 "$reachd" "$command" --help
	said "$command --help: usage" "^Usage: reachd $command"
	said "$command --help: itself" '-h, --help'
	cp "$work/said" "$work/help.$command"
	status "$command: an unknown option" 2 "$reachd" "$command" --no-such-option
	said "$command: which one" 'no-such-option'
	grep -q "^| \`reachd ${command}[ \`]" "$top/README.md" || fail "README.md has no row for $command"
done
status "no such command" 2 "$reachd" nonsense
status "no command" 2 "$reachd"

# "`reachd addr -6 -q enp1s0`": each option of such a piece is one of the command's.
for readme in README.md README.ja.md; do
	# shellcheck disable=SC2016
	tr '\n' ' ' <"$top/$readme" | grep -Eo '`(sudo )?reachd [a-z]+[^`]*`' | tr -d '`' | sed 's/^sudo //' |
		sort -u >"$work/pieces"
	[ -s "$work/pieces" ] || fail "$readme names no command"
	while read -r _ command words; do
		[ -f "$work/help.$command" ] || {
			fail "$readme: there is no reachd $command"
			continue
		}
		for word in $words; do
			case $word in
			-*) grep -Eq "(^|[ ,|[])$word([] ,=|]|\$)" "$work/help.$command" ||
				fail "$readme: reachd $command has no $word" ;;
			esac
		done
	done <"$work/pieces"
	ok "$readme: $(wc -l <"$work/pieces") examples of commands"
done

# What configure promises of the program. Not for one that is linked in another way, as by musl-gcc.
if command -v readelf >/dev/null && grep -q '^HARDEN_CFLAGS = .*-fPIE' Makefile 2>/dev/null; then
	readelf -hldsW "$reachd" >"$work/said"
	said "hardening: position-independent" 'Type: +DYN'
	said "hardening: all relocations read-only" 'GNU_RELRO'
	said "hardening: all bound at the start" 'BIND_NOW|FLAGS.* NOW'
	said "hardening: no executable stack" 'GNU_STACK .* RW +0x'
	said "hardening: the stack is guarded" '__stack_chk_fail'
	if grep -q '^HARDEN_CFLAGS = .*FORTIFY' Makefile && grep -q '^CFLAGS = .*-O[1-3s]' Makefile; then
		said "hardening: copies are bounded" '__[a-z]+_chk'
	fi
fi

echo 'target "www" { host = example.com }' >"$work/good.conf"
echo 'target "www" { hots = example.com }' >"$work/bad.conf"
status "check: valid" 0 "$reachd" check -c "$work/good.conf"
said "check: says so" 'is valid: 1 target'
status "check: invalid" 1 "$reachd" check -c "$work/bad.conf"
said "check: file, line, what, allowed" "^$work/bad.conf:1: error: .*hots.*host.*allowed: "
status "check: no file" 1 "$reachd" check -c "$work/none.conf"
said "check: which file" "$work/none.conf.*No such file"
status "run: no file" 1 "$reachd" run -c "$work/none.conf"
said "run: not started" 'not started'
status "status: no daemon" 3 "$reachd" status --socket "$work/none.sock"
status "update: no daemon" 3 "$reachd" update --socket "$work/none.sock"

# The READMEs count the providers as the program does, without those that speak for any service.
count=$(REACHD_PROVIDERS="$top/ddns/providers.d" "$reachd" providers |
	awk '/ live / && $1 != "generic" && $1 != "command" && $1 != "dyndns2"' | wc -l)
for readme in README.md README.ja.md; do
	if grep -Eq "^\| [^|]*dyndns2[^|]* \| $count \|" "$top/$readme"; then
		ok "$readme: the providers"
	else
		fail "$readme: there are $count providers"
	fi
done
[ "$failures" -eq 0 ]
