# SPDX-License-Identifier: ISC
"""A router that publishes a host of its LAN under the address that the host has now: what the kernel's own
neighbour discovery learns of it."""
import json
import socket

import pytest

import lab.daemon as conf
from lab.netns import Netns, veth
from lab.wait import wait_until

LIMIT = 15
MAC, OTHER = "02:00:5e:10:00:05", "02:00:5e:10:00:06"
ROUTER_A, ROUTER_B = "2001:db8:a::1", "2001:db8:b::1"
A, B = "2001:db8:a::5eff:fe10:5", "2001:db8:b::5eff:fe10:5"  # EUI-64 of MAC
RANDOM_A = "2001:db8:a:0:1234:5678:9abc:def0"
RANDOM_B = "2001:db8:b:0:1234:5678:9abc:def0"
UNKNOWN = "the neighbour %s is not known under an address of the network of " % MAC


class Lan:
    """br-lan of a router with two hosts; `host` is the one that is looked for."""

    def __init__(self):
        self.router, self.host, self.other = Netns("rd-nb-router"), Netns("rd-nb-host"), Netns("rd-nb-other")
        self.router.batch("link add br-lan type bridge", "link set br-lan up", "link set lo up")
        for port, netns, mac in (("lan1", self.host, MAC), ("lan2", self.other, OTHER)):
            veth(self.router, port, netns, "eth0")
            self.router.ip("link", "set", port, "master", "br-lan")
            # Only what a test gives: no link-local chatter, no SLAAC.
            netns.batch("link set eth0 down", "link set eth0 address %s addrgenmode none" % mac, "link set eth0 up")
        self.have(self.router, ROUTER_A, "br-lan")

    @staticmethod
    def have(netns, address, device="eth0", preferred=None):
        life = ["valid_lft", "7200", "preferred_lft", str(preferred)] if preferred is not None else []
        netns.ip("addr", "replace", address + "/64", "dev", device, "nodad", *life)

    def speak(self, netns, source, to=ROUTER_A):
        """A datagram to the router: it is how a router hears of a host."""
        def sent():
            with netns:
                sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            with sock:
                sock.bind((source, 0))
                sock.sendto(b"x", (to, 9))
            return source in self.table()
        wait_until(sent, LIMIT, lambda: "%s in %s" % (source, self.table()), every=0.2)

    def ask(self, address):
        """The router has something to send to it, as when a visitor comes."""
        with self.router:
            sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        with sock:
            sock.sendto(b"x", (address, 9))

    def table(self):
        """{address: words} of the kernel."""
        out = self.router.ip("-6", "neigh", "show", "dev", "br-lan").stdout
        return {line.split()[0]: line for line in out.splitlines()}

    def delete(self):
        for one in (self.router, self.host, self.other):
            one.delete()


@pytest.fixture
def lan():
    made = Lan()
    yield made
    made.delete()


@pytest.fixture
def daemon(lan, make_reachd):
    return make_reachd(lan.router)


def section(mac=MAC, **options):
    return conf.section("address", "host", **{"family": "ipv6", "interface": "br-lan", "neighbour": mac,
                                              "accept": ["2001:db8::/32"], **options})


def chosen(daemon, value, reason):
    def get():
        one = daemon.status().get("addresses", [{}])[0]
        return one.get("chosen") == value and reason in one["reason"]
    return daemon.wait_status(get, LIMIT, "host is %s, %s" % (value, reason))


def changes(daemon, count):
    return [(one["event"], one["old"] or "-", one["new"] or "-") for one in daemon.wait_status(
        lambda: len(told(daemon)) >= count and told(daemon), LIMIT, "%d changes" % count)]


def told(daemon):
    return [one for one in daemon.events() if one["event"] in ("address-changed", "address-lost", "address-back")]


def test_known_before_and_after_the_start(lan, daemon):
    lan.have(lan.other, "2001:db8:a::6")
    lan.speak(lan.other, "2001:db8:a::6")
    daemon.configure(section()).start()
    chosen(daemon, None, UNKNOWN + ROUTER_A + "/64")
    assert daemon.status()["addresses"][0]["neighbour"] == MAC
    lan.have(lan.host, A)
    lan.speak(lan.host, A)
    chosen(daemon, A, "of the neighbour %s, formed of its MAC address (EUI-64)" % MAC)
    daemon.restart()
    chosen(daemon, A, "of the neighbour " + MAC)


def test_a_host_that_is_renumbered(lan, daemon):
    """Both networks for a while: one change, at the moment at which the old one is not preferred any more."""
    lan.have(lan.host, A)
    lan.speak(lan.host, A)
    daemon.configure(section()).start()
    chosen(daemon, A, "of the neighbour")
    lan.have(lan.router, ROUTER_B, "br-lan")
    lan.have(lan.host, B)
    lan.speak(lan.host, B, ROUTER_B)
    lan.have(lan.other, "2001:db8:b::6")
    lan.speak(lan.other, "2001:db8:b::6", ROUTER_B)  # comes after the host's
    chosen(daemon, A, "of the neighbour")
    lan.have(lan.router, ROUTER_A, "br-lan", preferred=0)
    chosen(daemon, B, "of the neighbour")
    assert changes(daemon, 1) == [("address-changed", A, B)]


def test_an_address_of_the_old_network_is_not_kept(lan, daemon):
    """The host has not been heard of in the new network yet: better none than one that leads nowhere."""
    lan.have(lan.host, A)
    lan.speak(lan.host, A)
    daemon.configure(section()).start()
    chosen(daemon, A, "of the neighbour")
    lan.have(lan.router, ROUTER_B, "br-lan")
    lan.have(lan.router, ROUTER_A, "br-lan", preferred=0)
    chosen(daemon, None, UNKNOWN + ROUTER_B + "/64")
    lan.have(lan.host, B)
    lan.speak(lan.host, B, ROUTER_B)
    chosen(daemon, B, "of the neighbour")


@pytest.mark.parametrize("before,after", [(A, B), (RANDOM_A, RANDOM_B)])
def test_a_host_that_says_nothing_is_found(lan, daemon, before, after):
    """It is looked for in a new network: as the EUI-64 of its MAC address, and as what it was in the old one."""
    lan.have(lan.host, before)
    if before != A:
        lan.speak(lan.host, before)
    daemon.configure(section()).start()
    chosen(daemon, before, "of the neighbour " + MAC)
    lan.have(lan.host, after)
    lan.have(lan.router, ROUTER_B, "br-lan")
    lan.have(lan.router, ROUTER_A, "br-lan", preferred=0)
    chosen(daemon, after, "of the neighbour " + MAC)


def test_a_host_that_sleeps_keeps_its_address(lan, daemon):
    lan.have(lan.host, RANDOM_A)
    lan.speak(lan.host, RANDOM_A)
    daemon.configure(section()).start()
    chosen(daemon, RANDOM_A, "stable or temporary")
    lan.host.ip("link", "set", "eth0", "down")

    def failed():
        lan.ask(RANDOM_A)
        return "lladdr" not in lan.table().get(RANDOM_A, "")
    wait_until(failed, LIMIT * 2, lambda: lan.table(), every=0.3)
    chosen(daemon, RANDOM_A, "kept: it is not heard of now")
    lan.router.ip("neigh", "flush", "dev", "br-lan")
    lan.router.ip("-6", "neigh", "del", RANDOM_A, "dev", "br-lan", check=False)
    daemon.look_now()
    chosen(daemon, RANDOM_A, "kept: it is not heard of now")
    lan.host.ip("link", "set", "eth0", "up")
    lan.have(lan.host, A)
    lan.speak(lan.host, A)
    chosen(daemon, A, "EUI-64")
    assert changes(daemon, 1) == [("address-changed", RANDOM_A, A)]


def test_another_host_is_looked_for(lan, daemon):
    """A reload: what is known of the one is not said of the other, whose address comes by a dump."""
    lan.have(lan.host, A)
    lan.have(lan.other, "2001:db8:a::6")
    lan.speak(lan.host, A)
    lan.speak(lan.other, "2001:db8:a::6")
    daemon.configure(section()).start()
    chosen(daemon, A, "of the neighbour " + MAC)
    daemon.configure(section(mac=OTHER))
    assert daemon.reload()
    chosen(daemon, "2001:db8:a::6", "of the neighbour %s, numbered by hand or by DHCPv6" % OTHER)
    daemon.configure(conf.section("address", "host", family="ipv6", interface="br-lan", accept=["2001:db8::/32"]))
    assert daemon.reload()
    chosen(daemon, ROUTER_A, "static")


def test_many_neighbours_of_others(lan, daemon):
    """Hosts that nobody looks for cost nothing, and a storm of them hides none."""
    daemon.configure(section()).start()
    chosen(daemon, None, UNKNOWN)
    rows = "".join("neigh replace 2001:db8:a::%x:%x lladdr 02:00:00:00:%02x:%02x dev br-lan nud reachable\n"
                   % (i // 256 + 1, i % 256, i // 256, i % 256) for i in range(900))
    lan.router.run("ip", "-batch", "-", stdin=rows, timeout=60)
    lan.router.ip("neigh", "replace", A, "lladdr", MAC, "dev", "br-lan", "nud", "reachable")
    chosen(daemon, A, "EUI-64")


# --- in the reference home -----------------------------------------------------------------------------

def test_the_router_keeps_the_servers_aaaa(make_world, make_reachd):
    """From the visitor who makes the router know the server, to the new prefix in DNS, where visitors find it."""
    world = make_world(gap=0.5, published=("203.0.113.10", "2001:db8:1:1::99"))
    home = world.home
    mac = json.loads(home.server.ip("-j", "link", "show", "eth0").stdout)[0]["address"]
    daemon = make_reachd(home.router)
    daemon.configure(section(mac=mac, settle="200ms"), conf.record(world, daemon, ipv4=None, ipv6="host"),
                     ca=world.ca.pem).start()
    assert home.outside.connects(home.server6, 443) is None
    daemon.wait_record(LIMIT, family="ipv6", verified=home.server6, current=True)
    first = home.server6
    home.give_prefix("2001:db8:2:2")
    daemon.wait_record(LIMIT, family="ipv6", verified=home.server6, current=True)
    assert world.bind.get("www.home.example", "AAAA") == [home.server6]
    assert home.outside.connects(home.server6, 443) is None
    changed = [(one["old"], one["new"]) for one in daemon.events("address-changed")]
    assert changed[-1] == (first, home.server6) and daemon.events("address-lost") == []
