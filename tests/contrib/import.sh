#!/bin/sh
# SPDX-License-Identifier: ISC
#
# reachd import: each file of tests/replay/import has the options of an example that inadyn, ddclient or
# ddns-scripts publish, or of their manuals. reachd check takes what is made of it, its targets too, and it
# holds what the file of expectations beside it says:
#   record NAME zone=… provider=… user=… ipv4=… ipv6=…   the live records, all of them, in order
#   off N, refused N, status N   records that are comments, names without, the exit status (default 0)
#   secret FILE TEXT, text PATTERN, note PATTERN          a password, a line, a comment
#   never PATTERN                                         what must not be in the output

set -eu

top=$(cd "${srcdir:-.}" && pwd)
reachd=${REACHD:-./reachd}
export REACHD_PROVIDERS="${REACHD_PROVIDERS:-$top/ddns/providers.d}"
export REACHD_TEST_SECRET=of-the-environment
unset REACHD_TEST_UNSET NOTHING
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

fail() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}

# The live records as lines of facts; an address is told by its interface, else by its source.
facts() {
	awk '
	function value(line) { sub(/^[^=]*= */, "", line); gsub(/^"|"$/, "", line); gsub(/\\"/, "\"", line); return line }
	/^address / { split($0, part, "\""); title = part[2]; from[title] = "interface" }
	/^    (interface|source) +=/ && title != "" { from[title] = value($0) }
	/^record / { title = ""; host = zone = provider = ""; user = v4 = v6 = "-" }
	/^    host +=/ { host = value($0) }
	/^    domain +=/ { zone = value($0) }
	/^    provider +=/ { provider = value($0) }
	/^    user +=/ { user = value($0) }
	/^    ipv4 +=/ { v4 = from[value($0)] }
	/^    ipv6 +=/ { v6 = from[value($0)] }
	/^}/ && host != "" {
		print "record " (host == "@" ? zone : host "." zone) " zone=" zone " provider=" provider \
			" user=" user " ipv4=" v4 " ipv6=" v6
		host = ""
	}' "$1"
}

# number WORD DEFAULT: of the expectations.
number() {
	sed -n "s/^$1 //p" "$expect" | grep . || echo "$2"
}

check_expectations() {
	grep '^record ' "$expect" >"$work/wanted" || true
	facts "$work/out" >"$work/found"
	diff -u "$work/wanted" "$work/found" >"$work/diff" || fail "$name: $(cat "$work/diff")"
	[ "$(grep -c '^# record ' "$work/out")" -eq "$(number off 0)" ] || fail "$name: other records are off"
	[ "$(grep -c '^# NOT TAKEN OVER' "$work/out")" -eq "$(number refused 0)" ] || fail "$name: others are refused"
	# Comments are wrapped: as one line each they are easier to look through.
	sed 's/^#  *//' "$work/out" | tr '\n' ' ' >"$work/flat"
	while read -r word rest; do
		case $word in
		secret) grep -Eqx -- "${rest#* }" "$secrets/${rest%% *}" || fail "$name: secret $rest" ;;
		text) grep -Eq -- "$rest" "$work/out" || fail "$name: no /$rest/" ;;
		note) grep -Eq -- "$rest" "$work/flat" || fail "$name: no note /$rest/" ;;
		never) grep -Eq -- "$rest" "$work/out" && fail "$name: there is /$rest/" ;;
		esac
	done <"$expect"
	# No password is in it, but where it is what something else is called, too.
	for file in "$secrets"/*.secret; do
		[ ! -f "$file" ] || ! grep -qF -- "$(cat "$file")" "$work/out" || fail "$name: prints $(basename "$file")"
		[ ! -f "$file" ] || [ "$(stat -c %a "$file")" = 600 ] || fail "$name: $file is not private"
	done
}

check_config() {
	"$reachd" check -c "$1" >"$work/said" 2>&1 || fail "$name, $2: $(cat "$work/said")"
}

# With their signs taken out the other records are as good, but for what a comment tells to settle first.
check_others() {
	awk '/^# (record|address) ".*{$/ { on = 1 } { print on ? substr($0, 3) : $0 } /^# }$/ { on = 0 }' \
		"$work/out" >"$work/whole"
	"$reachd" check -c "$work/whole" >"$work/said" 2>&1 && return 0
	grep -Ev 'warning: |provider [^ ]+ needs (password|id)|publishes .*, and so does|is invalid: ' \
		"$work/said" >"$work/other" || return 0
	fail "$name, with all that is a comment: $(cat "$work/other")"
}

one() {
	input=$1 expect=$2 name=${1#"$work/in/"}
	secrets="$work/secrets"
	rm -rf "$secrets"
	mkdir -m 700 "$secrets"
	status=0
	"$reachd" import --secrets "$secrets" "$input" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" -eq "$(number status 0)" ] || fail "$name: exit status $status: $(cat "$work/err")"
	[ "$status" -ne 3 ] || { [ ! -s "$work/out" ] || fail "$name: output in spite of status 3"; return 0; }
	check_config "$work/out" "as it is"
	sed 's/^# target /target /' "$work/out" >"$work/watched"
	check_config "$work/watched" "with its targets"
	check_others
	check_expectations
}

cp -R "$top/tests/replay/import" "$work/in"
chmod -R u+w "$work/in"
echo 'key "k" { algorithm hmac-sha256; secret "c2VjcmV0"; };' >"$work/key"
chmod 600 "$work/key"
sed -i "s|@KEY@|$work/key|" "$work/in/ddclient/nsupdate.conf"
count=0
for input in "$work"/in/inadyn/*.conf "$work"/in/ddclient/*.conf; do
	one "$input" "${input%.conf}.expect"
	count=$((count + 1))
done
for input in "$work"/in/uci/*/ddns; do
	one "$input" "${input%/ddns}/expect"
	count=$((count + 1))
done

# What is there is not written over, and said; the same content is all right.
name=secrets secrets="$work/secrets" input="$work/in/inadyn/dyndns.conf"
rm -f "$secrets"/*
"$reachd" import --secrets "$secrets" "$input" >"$work/out" 2>"$work/err" || fail "first time"
"$reachd" import --secrets "$secrets" "$input" >"$work/out" 2>"$work/err" || fail "the same again"
grep -q 'holds it already' "$work/err" || fail "not told that it is there already"
echo other >"$secrets/dyn.secret"
"$reachd" import --secrets "$secrets" "$input" >"$work/out" 2>"$work/err" && fail "another password: no error"
[ "$(cat "$secrets/dyn.secret")" = other ] || fail "a password was written over"

# Without --secrets nothing is written, the files are named, and no password is anywhere.
rm -f "$secrets"/*
(cd "$secrets" && "$(cd - >/dev/null && realpath "$reachd")" import "$input" >"$work/out" 2>"$work/err") || fail "without --secrets"
[ -z "$(ls "$secrets")" ] || fail "something was written"
grep -q '/etc/reachd/dyn.secret\|/reachd/dyn.secret' "$work/out" || fail "the file is not named"
grep -q 's3cret' "$work/out" "$work/err" && fail "the password is printed"

# An option that counts for several names is told once; without the files of the providers that is said.
name=shared
"$reachd" import "$work/in/inadyn/shared.conf" >"$work/out"
[ "$(grep -c 'inadyn publishes' "$work/out")" -eq 1 ] || fail "said for every name"
mkdir "$work/bare"
REACHD_PROVIDERS="$work/bare" "$reachd" import "$work/in/inadyn/duckdns.conf" >"$work/out" 2>"$work/err" || true
grep -q "there are no provider files in $work/bare" "$work/err" || fail "the missing files are not told"

# From a pipe it is the same, but for its name and the files beside it.
name="standard input"
"$reachd" import "$input" | sed -n '/reachd check/,$p' >"$work/out"
"$reachd" import - <"$input" | sed -n '/reachd check/,$p' | diff - "$work/out" >"$work/diff" || fail "$name: $(cat "$work/diff")"
{ echo 'include("/etc/passwd")'; cat "$input"; } | "$reachd" import - >"$work/out" || fail "$name: include"
grep -q 'line 1: include: of standard input no other file is read' "$work/out" || fail "$name: include is not told"
head -c 1048577 /dev/zero | tr '\0' '#' | "$reachd" import - >"$work/out" 2>"$work/err" && fail "$name: too large"
grep -q 'standard input: larger than 1048576 bytes' "$work/err" || fail "$name: not told that it is too large"

# A command of another program is run as it was there, whatever it ends in.
name="a command"
echo 'provider duckdns.org { username = t hostname = a.duckdns.org' \
	'checkip-command = "echo \"it is  192.0.2.7\"; # here & ;" }' >"$work/command.conf"
"$reachd" import "$work/command.conf" >"$work/out" || fail "$name: import"
words=$(sed -n 's/^    command   = {\(.*\)}$/\1/p' "$work/out" | sed 's/", "/" "/g; s/[$]/\\$/g')
eval "set -- $words"
[ "$("$@")" = 192.0.2.7 ] || fail "$name: $words"

"$reachd" import --format uci "$input" >"$work/out" 2>"$work/err" && fail "another format: no error"
"$reachd" import "$work/none" >"$work/out" 2>"$work/err" && fail "no file: no error"
"$reachd" import --format x "$input" >"$work/out" 2>"$work/err" && fail "no such format: no error"
"$reachd" import --secrets "$work/none" "$input" >"$work/out" 2>"$work/err" && fail "no such folder: no error"
[ "$failures" -eq 0 ] && echo "ok: $count files of three programs"
[ "$failures" -eq 0 ]
