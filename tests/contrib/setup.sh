#!/bin/sh
# SPDX-License-Identifier: ISC
#
# What tools/setup.sh does to a machine, with an apt-get that only writes down what it is asked: services
# may not start while it installs, servers are unpacked and never installed, and where there is no
# apt-get what is missing is named in a sentence, or all is there and run.sh goes on.

set -eu

top=$(cd "${srcdir:-.}" && pwd)
shell=$(command -v sh)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
export POLICY="$work/policy-rc.d" SERVERS="$work/servers"

ok() { echo "ok: $1"; }
fail() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}
# holds WHAT COMMAND...: its status is 0.
holds() {
	what=$1
	shift
	if "$@"; then ok "$what"; else fail "$what: $(cat "$work/said" "$work/log" 2>/dev/null)"; fi
}
not() { ! "$@"; }
# status EXPECTED COMMAND...: what it says goes to $work/said; what apt-get was asked, to $work/log.
status() {
	expected=$1 got=0
	shift
	: >"$work/log"
	"$@" >"$work/said" 2>&1 || got=$?
	holds "exit status $expected of $*" [ "$got" -eq "$expected" ]
}
said() { holds "it says: $1" grep -Eq -- "$1" "$work/said"; }
asked() { holds "apt-get is asked: $1" grep -Eq -- "$1" "$work/log"; }
not_asked() { holds "apt-get is not asked: $1" not grep -Eq -- "$1" "$work/log"; }
silent() { holds "it says nothing" [ ! -s "$work/said" ]; }

# --- a machine with apt-get ---------------------------------------------------------------------

fake() {
	cat >"$work/fake/$1"
	chmod 755 "$work/fake/$1"
}
mkdir "$work/fake"
fake sudo <<-'END'
	#!/bin/sh
	exec "$@"
END
# What is not listed in "absent" is installed.
fake dpkg-query <<-END
	#!/bin/sh
	for package; do :; done
	grep -qx "\$package" "$work/absent" || echo "ii "
END
# Its name is that of a program: all that the packages hold. Each says the word that one is asked for.
fake dpkg <<-'END'
	#!/bin/sh
	mkdir -p "$3/usr/sbin"
	program=$(basename "$2" .deb)
	printf '#!/bin/sh\necho PowerDNS miniupnpd\n' >"$3/usr/sbin/$program"
	chmod 755 "$3/usr/sbin/$program"
END
fake apt-get <<-END
	#!/bin/sh
	echo "\$*" >>"$work/log"
	case \$* in
	"-s "*)
		for program in nginx named nsupdate dig caddy knotd pdns_server miniupnpd; do echo "Inst \$program (1.0 Debian [amd64])"; done
		;;
	*download*)
		for package; do case \$package in *=*) : >"\${package%=*}.deb" ;; esac; done
		;;
	*install*)
		"$work/policy-rc.d" && echo "a service may start" >>"$work/log" || echo "starts: \$?" >>"$work/log"
		if [ -p "$work/go" ]; then
			: >"$work/installing"
			read -r _ <"$work/go"
		fi
		exit "\$(cat "$work/status")"
		;;
	esac
END
setup() { PATH=$work/fake:$PATH "$shell" "$top/tools/setup.sh" "$@"; }
no_policy() { holds "no policy is left" [ ! -e "$POLICY" ]; }

echo 0 >"$work/status"
: >"$work/absent"
status 0 setup build test
silent
not_asked .

printf 'libmnl-dev\nautomake\n' >"$work/absent"
status 0 setup build test
asked '^-q update$'
asked '^-q install -y --no-install-recommends automake libmnl-dev$'
asked '^starts: 101$'
said 'installing: automake libmnl-dev'
no_policy

echo 100 >"$work/status"
status 1 setup build
said 'could not install: automake libmnl-dev'
no_policy

# An ordinary person: by sudo, and where there is none, the line to give to root.
fake id <<-'END'
	#!/bin/sh
	echo 1000
END
fake sudo <<-END
	#!/bin/sh
	echo "sudo \$*" >>"$work/log"
	exec "\$@"
END
echo 0 >"$work/status"
status 0 setup build
asked '^sudo env DEBIAN_FRONTEND=noninteractive apt-get -q install -y'
said 'sudo may ask for your password'
no_policy
mkdir "$work/few"
for command in sh dirname apt-get dpkg-query id grep; do
	ln -s "$(PATH=$work/fake:$PATH command -v "$command")" "$work/few/$command"
done
if [ ! -e /usr/sbin/sudo ] && [ ! -e /sbin/sudo ]; then
	status 1 env PATH="$work/few" "$shell" "$top/tools/setup.sh" build
	said 'no sudo here, so as root do: apt-get install automake libmnl-dev$'
	not_asked install
fi
rm "$work/fake/id"

# Somebody else's is not ours to write or to take away; what a killed setup left is.
echo 0 >"$work/status"
printf '#!/bin/sh\nexit 104\n' >"$POLICY"
chmod 755 "$POLICY"
status 0 setup build
asked '^starts: 104$'
holds "the owner's policy stays" grep -q 'exit 104' "$POLICY"
printf '#!/bin/sh\n# put here by the setup of reachd for the time of one apt-get\nexit 7\n' >"$POLICY"
status 0 setup build
asked '^starts: 101$'
no_policy

mkfifo "$work/go"
for signal in TERM HUP; do
	rm -f "$work/installing"
	# Under nohup HUP is ignored, and a shell can not take that back.
	PATH=$work/fake:$PATH env --default-signal=HUP,TERM setsid "$shell" "$top/tools/setup.sh" build >"$work/said" 2>&1 &
	pid=$!
	until [ -e "$work/installing" ] || ! kill -0 $pid 2>/dev/null; do sleep 0.02; done
	holds "there is a policy while apt-get runs" [ -e "$POLICY" ]
	kill "-$signal" "-$pid"
	got=0
	wait $pid || got=$?
	holds "ended by SIG$signal" [ "$got" -eq 143 ]
	no_policy
done
rm "$work/go"

: >"$work/absent"
status 0 setup servers
asked '^-s .*install .*nginx bind9'
asked 'download nginx=1.0'
not_asked '^-q install'
holds "they are below the build folder" [ -x "$SERVERS/root/usr/sbin/named" ]
no_policy
status 0 setup servers
silent
not_asked .

# --- a machine without ---------------------------------------------------------------------------

# without NAME...: a folder with all commands of this machine but apt-get and these.
mkdir "$work/bin"
echo "$PATH:/usr/sbin:/sbin" | tr : '\n' | while read -r folder; do
	find "$folder/" -maxdepth 1 \( -type f -o -type l \) -exec ln -s -t "$work/bin" -- {} + 2>/dev/null || :
done
rm -f "$work/bin/apt-get" "$work/bin/dpkg-query" "$work/bin/sudo"
# setup.sh looks into sbin by itself: only there, hence the test of what is in bin.
elsewhere() { PATH=$work/bin "$shell" "$@"; }

for command in gcc make autoconf automake pkg-config; do
	command -v "$command" >/dev/null || {
		echo "the rest is SKIPPED: there is no $command here"
		[ "$failures" -eq 0 ]
		exit
	}
done
status 0 elsewhere "$top/tools/setup.sh" build
silent
status 0 elsewhere "$top/tools/setup.sh" servers
rm -rf "$SERVERS"

# Whatever dpkg says is installed is found without dpkg.
elsewhere "$top/tools/setup.sh" build play test lint ci vm servers bench >"$work/said" 2>&1 || :
if command -v dpkg-query >/dev/null; then
	# shellcheck disable=SC2013
	for word in $(cat "$work/said"); do
		case $(dpkg-query -W -f='${db:Status-Abbrev}' "$word" 2>/dev/null) in
		ii*) holds "$word is installed, and found" false ;;
		esac
	done
fi

rm -f "$work/bin/automake"
status 1 elsewhere "$top/tools/setup.sh" build
said '^setup: there is no apt-get here to install what is missing: automake \('
holds "in one line" [ "$(wc -l <"$work/said")" -eq 1 ]
ln -s "$(command -v automake)" "$work/bin/automake"

# The libraries are not there: run.sh stops before it builds.
mkdir -p "$work/tree/tools"
cp "$top/run.sh" "$work/tree"
cp "$top/tools/setup.sh" "$work/tree/tools"
cat >"$work/tree/configure" <<-'END'
	#!/bin/sh
	printf 'reachd:\n\tprintf "#!/bin/sh\\necho it is reachd \\"\\$$@\\"\\n" >reachd; chmod 755 reachd\n' >Makefile
END
chmod 755 "$work/tree/configure"
export PKG_CONFIG_LIBDIR="$work/none"
status 1 elsewhere "$work/tree/run.sh" example.com
said 'no apt-get here .*: libevent-dev libc-ares-dev libssl-dev libmnl-dev libconfuse-dev libjansson-dev libsqlite3-dev'
holds "in one line" [ "$(wc -l <"$work/said")" -eq 1 ]
holds "nothing is built" [ ! -e "$work/tree/build" ]
unset PKG_CONFIG_LIBDIR
status 0 elsewhere "$work/tree/run.sh" example.com:8443
said '^it is reachd run example.com:8443$'

[ "$failures" -eq 0 ]
