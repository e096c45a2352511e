# SPDX-License-Identifier: ISC
"""`reachd probe --authoritative`: a resolver still holds the old addresses, the zone's own servers have the
new ones already."""

import pytest

from lab import tools
from lab.bind import Bind
from lab.netns import Netns, veth
from lab.schema import probed

OWN = ("192.0.2.1", "2001:db8:53::1")       # the zone's own server
RESOLVER = "192.0.2.54"
NEW = {"ipv4": "192.0.2.7", "ipv6": "2001:db8:53::7"}
OLD = {"ipv4": "192.0.2.6", "ipv6": "2001:db8:53::6"}


def zones(addresses):
    records = ["www A " + addresses["ipv4"], "www AAAA " + addresses["ipv6"], "only A " + addresses["ipv4"]]
    return {"home.example": records,
            "other.example": ["www CNAME www.home.example.", "deep CNAME www", "loop CNAME loop.home.example."]}


@pytest.fixture(scope="module")
def dns(tmp_path_factory, reachd_path):
    why = tools.missing("named", "dig")
    if why:
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("authority")
    client, server = Netns("auth-c"), Netns("auth-s")
    veth(client, "c0", server, "s0")
    client.batch("addr add 192.0.2.2/24 dev c0", "addr add 2001:db8:53::2/64 dev c0 nodad")
    server.batch("addr add 192.0.2.1/24 dev s0", "addr add 192.0.2.54/24 dev s0",
                 "addr add 2001:db8:53::1/64 dev s0 nodad")
    old = zones(OLD)
    old["home.example"].append("loop CNAME loop.other.example.")
    new = zones(NEW)
    new["home.example"].append("loop CNAME loop.other.example.")
    servers = [Bind(server, folder / "own", new, addresses=OWN).start(),
               Bind(server, folder / "resolver", old, addresses=(RESOLVER,), glue=OWN).start()]

    def probe(name, *argv):
        done = client.run(reachd_path, "probe", "--json", "--timeout", "3s", "--resolver", RESOLVER, *argv, name,
                          check=False)
        return probed(done.stdout)

    probe.own = servers[0]
    yield probe
    for one in servers:
        one.stop()
    for netns in (client, server):
        netns.delete()


def found(host, family):
    return [result["address"] for result in host[family]["addresses"]]


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_own_servers_are_asked(dns, family):
    assert found(dns("www.home.example"), family) == [OLD[family]]
    host = dns("www.home.example", "--authoritative")
    assert host[family]["dns"] == "ok" and found(host, family) == [NEW[family]]
    assert host[family]["ttl"] == 60 and host[family]["dns_us"] > 0


@pytest.mark.parametrize("name", ["www.other.example", "deep.other.example"])
def test_alias_into_another_zone(dns, name):
    host = dns(name, "--authoritative")
    for family, address in NEW.items():
        assert found(host, family) == [address]
        assert host[family]["cname"] == "www.home.example"


@pytest.mark.parametrize("name, family, word", [
    ("only.home.example", "ipv6", "dns-nodata"),
    ("absent.home.example", "ipv4", "dns-nxdomain"),
    ("loop.home.example", "ipv4", "dns-cname-loop"),
    ("www.unknown.test", "ipv4", "dns-refused"),
])
def test_what_is_not_there(dns, name, family, word):
    assert dns(name, "--authoritative")[family]["dns"] == word


def test_dead_own_server(dns):
    dns.own.stop()
    try:
        host = dns("www.home.example", "--authoritative")
        for family in NEW:
            assert host[family]["dns"] == "dns-unreachable" and found(host, family) == [], host
            assert "port unreachable from " in host[family]["dns_detail"]
        assert host["took_us"] < 4_000_000
    finally:
        dns.own.start()
