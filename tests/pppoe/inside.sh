#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Inside the virtual machine of vm.sh: pppd's files and the resolver's to where they belong, then the
# check. Usage: inside.sh TOP_OF_SOURCE
set -eu

top=$1
mkdir -p /etc/ppp /usr/lib/pppd
cp -a /mnt/root/etc/ppp/. /etc/ppp/
cp -a /mnt/root/usr/lib/pppd/. /usr/lib/pppd/
cp /mnt/root/usr/sbin/pppd /mnt/root/usr/sbin/pppoe* /usr/sbin/
rm -f /etc/resolv.conf
echo 'nameserver 192.0.2.53' >/etc/resolv.conf
# An emulated machine is some ten times slower: limits are wider, conditions are the same.
export RD_STRETCH=5 PYTHONPATH="$top/tests/net" PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 "$top/tests/pppoe/check.py" /var/tmp/pppoe
