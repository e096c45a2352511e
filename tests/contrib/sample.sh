#!/bin/sh
# SPDX-License-Identifier: ISC
#
# The sample configuration is valid as it is, and with everything in it taken in that is commented
# out; so are the configurations that the READMEs show. Their paths are made those of this folder;
# nothing else is changed.

set -eu

top=$(cd "${srcdir:-.}" && pwd)
reachd=${REACHD:-./reachd}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

(umask 077 && echo secret >"$work/value-domain.password")

# check WHAT FILE: valid, and no warning.
check() {
	if said=$("$reachd" check -c "$2" 2>&1) && ! echo "$said" | grep -q warning; then
		echo "ok: $1: ${said##*is valid: }"
	else
		echo "FAILED: $1"
		echo "$said"
		failures=$((failures + 1))
	fi
}

# expect WHAT PATTERN FILE: a line of it matches.
expect() {
	if grep -Eq "$2" "$3"; then
		echo "ok: $1"
	else
		echo "FAILED: $1"
		failures=$((failures + 1))
	fi
}

# here FILE: with the paths of this folder.
here() {
	sed -e "s|/etc/reachd/value-domain|$work/value-domain|" -e 's|/usr/bin/ssh|/bin/sh|' \
		-e "s|/usr/share/reachd/hooks/|$top/contrib/hooks/|" "$1"
}

# examples README: the indented blocks that begin with a section, one file each: README.1.conf, ...
examples() {
	here "$top/$1" | awk -v name="$work/$1" '
		/^    (address|target|record|hook|state) / && !inside { inside = 1; count++ }
		/^[^ ]/ { inside = 0 }
		inside { print >(name "." count ".conf") }'
}

here "$top/contrib/reachd.conf.sample" >"$work/sample.conf"
# A section from "#name {" to "#}", and "#key" inside of one.
sed -e '/^#[a-z].*{$/,/^#}/s/^#//' "$work/sample.conf" | sed 's/^\( *\)#\([a-z]\)/\1\2/' >"$work/all.conf"

check "the sample" "$work/sample.conf"
check "all of the sample" "$work/all.conf"
expect "all of the sample is more" '^state \{' "$work/all.conf"
expect "keys inside of sections, too" '^ +prefer +=' "$work/all.conf"
for readme in README.md README.ja.md; do
	examples $readme
	for file in "$work/$readme".*.conf; do
		# What only watches, and what only publishes, is an example, too.
		check "$readme, example ${file#"$work/$readme."}" "$file"
	done
done
[ "$failures" -eq 0 ]
