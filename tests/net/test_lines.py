# SPDX-License-Identifier: ISC
"""What an IPv4 address tells of its line: carrier-grade NAT, another router, DS-Lite, MAP-E. The
links are cables with the names that OpenWrt gives; the kernel's own word for a tunnel is in
tests/unit/test_addr_policy.c, because few kernels of test machines have tunnels."""
import json
import socket
import struct
import threading

import lab.daemon as conf
import pytest
from lab.miniupnpd import ROUTER, NatHome
from lab.netns import Netns, veth

LIMIT = 15
LAB = "203.0.113.0/24"


@pytest.fixture
def router():
    made, isp = Netns("rd-line"), Netns("rd-line-isp")
    for link in ("wan", "map-wan", "ds-wan", "pppoe-wanppp"):
        veth(made, link, isp, link)
    yield made
    made.delete()
    isp.delete()


def give(netns, link, address):
    netns.batch("addr flush dev %s" % link, "addr add %s dev %s" % (address, link))


def listed(netns, reachd_path, *argv):
    said = json.loads(netns.run(reachd_path, "addr", "-4", "--json", "--accept", LAB, *argv).stdout)["ipv4"]
    text = netns.run(reachd_path, "addr", "-4", "--accept", LAB, *argv).stdout
    assert max(len(line) for line in text.splitlines()) <= 80
    return said, " ".join(text.split())


def test_addr_explains(router, reachd_path):
    for link, address, line, words in (
            ("wan", "100.64.7.7/10", "cgnat", "no port can be opened"),
            ("wan", "192.168.0.2/24", "nat", "A router in front of this machine does NAT"),
            ("ds-wan", "192.0.0.2/29", "ds-lite", "provider's NAT, where no port can be opened"),
            ("map-wan", "203.0.113.9/32", "map-e", "never 80 or 443")):
        give(router, link, address)
        said, text = listed(router, reachd_path, link)
        assert said["candidates"][0]["line"] == line
        assert words in said["advice"] and words in text
        assert (said["chosen"] is None) == (line != "map-e")
    give(router, "pppoe-wanppp", "203.0.113.27/32")
    said, text = listed(router, reachd_path)
    assert said["chosen"] == "203.0.113.27" and said["advice"] == ""
    assert "203.0.113.9/32 map-wan static; documentation (RFC 5737), accepted; MAP-E: shared, no port below 1024" in text
    assert "80 or 443" not in text


def test_the_daemon_explains(router, make_reachd):
    """A line that gets another sort of address after a reconnect: what is told says what that means."""
    give(router, "wan", "203.0.113.27/32")
    daemon = make_reachd(router)
    daemon.configure(conf.section("address", "wan4", family="ipv4", interface="wan", accept=[LAB], settle="100ms")).start()

    def address():
        return daemon.status()["addresses"][0]
    daemon.wait_status(lambda: address()["chosen"] == "203.0.113.27", LIMIT, "the first address")
    assert address()["advice"] == ""
    give(router, "wan", "100.64.7.7/10")
    lost = daemon.wait_events(1, LIMIT, "address-lost")[0]
    assert "100.64.7.7: carrier-grade NAT" in lost["text"]
    assert "no port can be opened" in lost["advice"]
    assert address()["candidates"][0]["line"] == "cgnat" and "customers" in address()["advice"]
    page = " ".join(daemon.command("status", "--socket", daemon.socket).stdout.split())
    assert "nothing from outside reaches this one" in page
    give(router, "wan", "203.0.113.91/32")
    back = daemon.wait_events(1, LIMIT, "address-changed")[0]
    assert (back["new"], back["advice"]) == ("203.0.113.91", "")


class NatPmp:
    """A router that says which address it has (RFC 6886)."""

    def __init__(self, netns, address):
        self.address = address
        with netns:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((ROUTER, 5351))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            while True:
                _, peer = self.sock.recvfrom(2048)
                self.sock.sendto(struct.pack(">BBHI4s", 0, 128, 0, 3600, socket.inet_aton(self.address)), peer)
        except OSError:
            pass  # closed: the end of the test


@pytest.fixture
def nat_home():
    made = NatHome()
    yield made
    made.delete()


def test_a_router_that_is_behind_nat_itself(nat_home, make_reachd):
    """What the router says of itself is explained, and compared with what an echo sees."""
    router = NatPmp(nat_home.router, "100.64.3.4")
    daemon = make_reachd(nat_home.host)
    daemon.configure(conf.section("address", "wan4", family="ipv4", source="nat-pmp", every="1s", accept=[LAB],
                                  missing_after="1s", cross_check="seen"),
                     conf.section("address", "seen", family="ipv4", source="static", value="203.0.113.9",
                                  accept=[LAB])).start()
    missing = daemon.wait_events(1, LIMIT, "address-lost", subject="wan4")[0]
    assert "100.64.3.4, which is not to be published: carrier-grade" in missing["text"]
    assert "no port can be opened" in missing["advice"]
    told = daemon.wait_events(1, LIMIT, "address-differs")[0]
    assert (told["old"], told["new"], told["cause"]) == ("100.64.3.4", "203.0.113.9", "cgnat")
    router.address = "203.0.113.9"
    daemon.wait_events(1, LIMIT, "address-agrees")
    assert daemon.status()["addresses"][0]["advice"] == ""
    router.sock.close()
