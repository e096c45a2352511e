#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The hooks of contrib/ with a fake logger, sendmail and reachd that write down how they were called.

set -eu

top=$(cd "${srcdir:-.}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

mkdir "$work/bin"
for name in logger sendmail reachd; do
	cat >"$work/bin/$name" <<-FAKE
		#!/bin/sh
		{ for word; do printf '<%s>' "\$word"; done; echo; } >>$work/$name.args
		cat >$work/$name.in
	FAKE
done
chmod +x "$work"/bin/*

# hook FILE VARIABLE=VALUE...: runs it with $ARGS the way reachd does, with a fresh environment.
hook() {
	file=$1
	shift
	rm -f "$work"/*.args "$work"/*.in
	# shellcheck disable=SC2086
	env -i PATH="$work/bin:/usr/bin:/bin" REACHD_EVENT=target-down REACHD_TARGET=www \
		REACHD_SUBJECT=www REACHD_FAMILY=ipv4 REACHD_HOST=example.com:443 REACHD_OLD=up \
		REACHD_NEW=down REACHD_CAUSE=tls-timeout REACHD_TEXT="It hangs after the handshake." \
		REACHD_ADVICE="Look at the MTU." REACHD_TIME=2026-11-24T08:00:00Z REACHD_EVENT_ID=7 \
		REACHD_SUPERSEDED=0 REACHD_REMINDER=0 REACHD_HOOK=test REACHD_VERSION=0 \
		"$@" "$SHELL_UNDER_TEST" "$top/contrib/hooks/$file" $ARGS </dev/null 2>"$work/err"
}

check() { # check WHAT COMMAND...
	what=$1
	shift
	if "$@"; then
		return
	fi
	echo "FAIL: $what ($SHELL_UNDER_TEST)"
	cat "$work"/*.args "$work"/*.in "$work/err" 2>/dev/null || :
	failures=$((failures + 1))
}

args_are() { [ "$(cat "$work/$1.args")" = "$2" ]; }
has() { grep -qxF -- "$2" "$work/$1.in"; }
has_not() { ! grep -q -- "$2" "$work/$1.in"; }
fails() { ! "$@"; }
header_count() { # as many header lines as expected: nothing was injected
	[ "$(sed '/^$/q' "$work/sendmail.in" | grep -c .)" = "$1" ]
}

test_log() {
	ARGS=
	check "log runs" hook reachd-log X=1
	check "log line" args_are logger \
		'<-t><reachd-event><-p><daemon.warning><--><target-down www ipv4: It hangs after the handshake. (tls-timeout)>'
	ARGS='mytag local3'
	check "log runs with tag" hook reachd-log REACHD_EVENT=update-halted REACHD_FAMILY= REACHD_CAUSE= \
		REACHD_REMINDER=1 REACHD_SUPERSEDED=4 REACHD_TEXT=-x
	check "log tag and level" args_are logger \
		'<-t><mytag><-p><local3.err><--><update-halted www: -x [still so] [and 4 before it]>'
	ARGS=
	check "log without an event" fails hook reachd-log REACHD_EVENT=
}

test_mail() {
	ARGS='root admin@example.com'
	check "mail runs" hook reachd-mail X=1
	check "mail recipients" args_are sendmail '<-i><--><root><admin@example.com>'
	check "mail to" has sendmail 'To: root, admin@example.com'
	check "mail subject" has sendmail 'Subject: [reachd] www ipv4 is down: tls-timeout'
	check "mail text" has sendmail 'It hangs after the handshake.'
	check "mail advice" has sendmail 'Look at the MTU.'
	check "mail row" has sendmail 'Before     up'
	check "mail headers" header_count 6
	check "mail does not count" has_not sendmail 'stands for'

	nl='
'
	check "mail runs on hostile text" hook reachd-mail "REACHD_CAUSE=x${nl}Bcc: evil@example.com" \
		"REACHD_TEXT=${nl}.${nl}Bcc: evil2@example.com" REACHD_REMINDER=1 REACHD_SUPERSEDED=2 \
		"REACHD_SUBJECT=$(printf 'caf\303\251')"
	check "mail subject is plain" has sendmail \
		'Subject: [reachd] caf?? ipv4 is down: x?Bcc: evil@example.com (reminder)'
	check "mail headers stay" header_count 6
	check "mail counts" has sendmail 'It stands for 2 earlier event(s) of the same subject as well.'

	for bad in -oQ/tmp 'a;b' 'x,y' '<root>'; do
		ARGS="root $bad"
		check "mail refuses $bad" fails hook reachd-mail X=1
		check "mail sent nothing" fails test -e "$work/sendmail.args"
	done
	ARGS=
	check "mail without recipients" fails hook reachd-mail X=1
}

# Sourced, as hotplug-call does. The path of reachd is replaced by the fake one.
hotplug() {
	rm -f "$work"/*.args "$work"/*.in
	sed "s#/usr/sbin/reachd#$work/bin/reachd#" "$top/contrib/openwrt/hotplug" >"$work/hotplug"
	# shellcheck disable=SC2016
	env -i PATH="$work/bin:/usr/bin:/bin" "$@" "$SHELL_UNDER_TEST" -c '. "$0"; wait' \
		"$work/hotplug" </dev/null
}

poked() { args_are reachd '<update>'; }

test_pokes() {
	check "hotplug ifup" hotplug ACTION=ifup INTERFACE=wanppp DEVICE=pppoe-wanppp
	check "hotplug pokes" poked
	check "hotplug logs" args_are logger '<-t><reachd-hotplug><wanppp: ifup (pppoe-wanppp)>'
	check "hotplug ifdown" hotplug ACTION=ifdown INTERFACE=wanppp
	check "hotplug pokes at ifdown" poked
	check "hotplug ifupdate" hotplug ACTION=ifupdate INTERFACE=wan IFUPDATE_PREFIXES=1
	check "hotplug pokes at a prefix" poked
	check "hotplug data only" hotplug ACTION=ifupdate INTERFACE=wan IFUPDATE_DATA=1
	check "hotplug leaves data alone" fails test -e "$work/reachd.args"
	check "hotplug failed" hotplug ACTION=ifup-failed INTERFACE=wan
	rm -f "$work/reachd.args"
	check "ppp" env REACHD="$work/bin/reachd" "$SHELL_UNDER_TEST" "$top/contrib/ppp/reachd"
	tries=0
	while ! [ -s "$work/reachd.args" ] && [ $tries -lt 100000 ]; do
		tries=$((tries + 1))
	done
	check "ppp pokes" poked
	check "ppp without reachd" env REACHD=/nonexistent "$SHELL_UNDER_TEST" "$top/contrib/ppp/reachd"
}

for SHELL_UNDER_TEST in sh dash bash ash; do
	command -v "$SHELL_UNDER_TEST" >/dev/null || continue
	test_log
	test_mail
	test_pokes
done
for script in contrib/hooks/reachd-log contrib/hooks/reachd-mail contrib/openwrt/hotplug \
	contrib/openwrt/reachd.init contrib/ppp/reachd; do
	check "syntax of $script" sh -n "$top/$script"
done

[ $failures = 0 ] || exit 1
echo "all hooks do what they say"
