# SPDX-License-Identifier: ISC
"""What an IPv4 address tells of its line: carrier-grade NAT, another router, DS-Lite, MAP-E. The
links are cables with the names that OpenWrt gives; the kernel's own word for a tunnel is in
tests/unit/test_addr_policy.c, because few kernels of test machines have tunnels."""
import json

import lab.daemon as conf
import pytest
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
