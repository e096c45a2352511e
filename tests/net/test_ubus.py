# SPDX-License-Identifier: ISC
"""Addresses as OpenWrt's netifd tells them. ubus is no program of other systems: a script stands for it, which
checks how it is called and prints what netifd prints."""
import json
import os

import pytest

import lab.daemon as conf
from lab.netns import Netns

LIMIT = 15
SCRIPT = """#!/bin/sh
[ "$1 $3" = "call status" ] || exit 2
file='%s'/"$2"
[ -e "$file" ] || { echo "Command failed: Not found"; exit 4; }
exec cat "$file"
"""


class Netifd:
    def __init__(self, daemon):
        self.folder = daemon.folder
        self.program = daemon.script("ubus", SCRIPT % self.folder)

    def tell(self, network, **members):
        path = os.path.join(self.folder, "network.interface." + network)
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump({"up": True, "pending": False, "l3_device": "br-lan", "ipv4-address": [], "ipv6-address": [],
                       "ipv6-prefix-assignment": [], **members}, file, indent="\t")
        os.rename(path + ".new", path)


def assigned(prefix, preferred=7200):
    return {"address": prefix, "mask": 64, "preferred": preferred, "valid": 9000,
            "local-address": {"address": prefix + "1", "mask": 64}}


@pytest.fixture
def daemon(make_reachd):
    netns = Netns("rd-ubus")
    yield make_reachd(netns)
    netns.delete()


@pytest.fixture
def netifd(daemon):
    return Netifd(daemon)


def section(netifd, network, family, **options):
    options = {"every": "1s", "timeout": "900ms", **options}
    return conf.section("address", "lan", family=family, source="ubus", network=network, command=[netifd.program],
                        accept=["2001:db8::/32" if family == "ipv6" else "203.0.113.0/24"], **options)


def chosen(daemon, value, reason):
    def get():
        one = daemon.status().get("addresses", [{}])[0]
        return one.get("chosen") == value and reason in one["reason"]
    return daemon.wait_status(get, LIMIT, "lan is %s, %s" % (value, reason))


def test_a_line_behind_nat(daemon, netifd):
    """What netifd says of the uplink is explained as what the kernel says."""
    netifd.tell("wan", **{"ipv4-address": [{"address": "100.64.1.2", "mask": 10}]})
    daemon.configure(section(netifd, "wan", "ipv4")).start()
    chosen(daemon, None, "100.64.1.2: carrier-grade NAT")
    assert "no port can be opened" in daemon.status()["addresses"][0]["advice"]


def test_a_prefix_that_changes(daemon, netifd):
    """The router publishes a host of its LAN: the suffix on the prefix that netifd has assigned to it."""
    netifd.tell("lan", **{"ipv6-prefix-assignment": [assigned("2001:db8:a::")]})
    daemon.configure(section(netifd, "lan", "ipv6", suffix="::5")).start()
    chosen(daemon, "2001:db8:a::5", "from network.interface.lan: the suffix on the prefix of 2001:db8:a::1")
    netifd.tell("lan", **{"ipv6-prefix-assignment": [assigned("2001:db8:a::", 0), assigned("2001:db8:b::")]})
    chosen(daemon, "2001:db8:b::5", "from network.interface.lan")
    assert [one["new"] for one in daemon.wait_events(1, LIMIT, "address-changed")] == ["2001:db8:b::5"]


def test_the_kernel_says_when_to_ask(daemon, netifd):
    """Not before the hour is over, but when a link or an address has changed."""
    netifd.tell("lan", **{"ipv6-prefix-assignment": [assigned("2001:db8:a::")]})
    daemon.configure(section(netifd, "lan", "ipv6", every="1h")).start()
    chosen(daemon, "2001:db8:a::1", "from network.interface.lan")
    netifd.tell("lan", **{"ipv6-prefix-assignment": [assigned("2001:db8:b::")]})
    daemon.netns.ip("addr", "add", "192.0.2.7/32", "dev", "lo")
    chosen(daemon, "2001:db8:b::1", "from network.interface.lan")


def test_a_line_that_comes_and_goes(daemon, netifd):
    daemon.configure(section(netifd, "wanppp", "ipv4")).start()
    chosen(daemon, None, "network.interface.wanppp: netifd knows no such interface")
    netifd.tell("wanppp", up=False, pending=True, errors=[{"subsystem": "pppoe", "code": "AUTH_FAILED"}])
    chosen(daemon, None, "the interface is coming up (pending): pppoe AUTH_FAILED")
    netifd.tell("wanppp", l3_device="pppoe-wanppp", **{"ipv4-address": [{"address": "203.0.113.27", "mask": 32}]})
    chosen(daemon, "203.0.113.27", "from network.interface.wanppp: the only fit one")
    netifd.tell("wanppp", up=False)
    chosen(daemon, "203.0.113.27", "kept; last answer failed: network.interface.wanppp: the interface is down")


def test_the_program_is_not_there(daemon, netifd):
    netifd.program = "/nowhere/ubus"
    daemon.configure(section(netifd, "lan", "ipv6")).start()
    chosen(daemon, None, "/nowhere/ubus could not be run: No such file")
    said = daemon.command("check", "-c", daemon.config)
    assert "there is no /nowhere/ubus" in said.stdout + said.stderr


@pytest.mark.skipif(os.path.exists("/bin/ubus"), reason="this is OpenWrt")
def test_a_machine_without_ubus_is_told_before(daemon):
    daemon.configure(conf.section("address", "wan4", family="ipv4", source="ubus", network="wan"))
    said = daemon.command("check", "-c", daemon.config)
    assert "there is no /bin/ubus, which OpenWrt has" in said.stdout + said.stderr


def test_addr_reads_it_from_standard_input(daemon, netifd, reachd_path):
    """A script of hotplug needs no daemon for the same word."""
    netifd.tell("lan", **{"ipv6-prefix-assignment": [assigned("2001:db8:a::", 0), assigned("2001:db8:b::")]})
    with open(os.path.join(netifd.folder, "network.interface.lan"), encoding="ascii") as file:
        status = file.read()
    argv = [reachd_path, "addr", "--ubus", "-6", "--accept", "2001:db8::/32"]
    assert daemon.netns.run(*argv, "-q", stdin=status).stdout == "2001:db8:b::1\n"
    listed = daemon.netns.run(*argv, stdin=status).stdout
    assert "* 2001:db8:b::1/64" in listed and "deprecated" in listed
    wrong = daemon.netns.run(*argv, "-q", stdin="Command failed: Not found\n", check=False)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("reachd: standard input: no JSON; it should be what 'ubus call ")
