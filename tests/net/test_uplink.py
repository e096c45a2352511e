# SPDX-License-Identifier: ISC
"""The own line falls: one notice for the family, targets unknown, none of their hooks; all back when it rises."""
import socket

import pytest

import lab.daemon as conf
from lab.netns import Netns, veth

LIMIT = 15
SITE = {"ipv4": "192.0.2.80", "ipv6": "2001:db8:53::80"}
REFS = {"ipv4": ("192.0.2.91", "192.0.2.92"), "ipv6": ("2001:db8:53::91", "2001:db8:53::92")}
DROP = "table inet line { chain in { type filter hook input priority 0; meta nfproto %s drop; }; }\n"


@pytest.fixture
def ends():
    home, world = Netns("upl-h"), Netns("upl-w")
    veth(home, "h0", world, "w0")
    home.batch("addr add 192.0.2.2/24 dev h0", "addr add 2001:db8:53::2/64 dev h0 nodad")
    listeners = []
    for family in SITE:
        mask = "/24" if family == "ipv4" else "/64"
        for address in (SITE[family], *REFS[family]):
            world.ip("addr", "add", address + mask, "dev", "w0", *([] if family == "ipv4" else ["nodad"]))
    with world:
        for family in SITE:
            for address in (SITE[family], *REFS[family]):
                one = socket.socket(socket.AF_INET if family == "ipv4" else socket.AF_INET6)
                one.bind((address, 80))
                one.listen(256)
                listeners.append(one)
    yield home, world
    for one in listeners:
        one.close()
    home.delete()
    world.delete()


@pytest.mark.parametrize("family", ["ipv4", "ipv6"])
def test_one_notice_instead_of_many(ends, make_reachd, family):
    home, world = ends
    other = "ipv6" if family == "ipv4" else "ipv4"
    daemon = make_reachd(home)

    def target(number, at):
        host = "tcp://%s:80" % ("[%s]" % SITE[at] if at == "ipv6" else SITE[at])
        return conf.target("%s-%d" % (at, number), host, every="2s", retry_every="300ms", timeout="400ms")

    def refs(at):
        return ["[%s]:80" % one if ":" in one else one + ":80" for one in REFS[at]]
    daemon.configure(conf.section("uplink", ipv4=refs("ipv4"), ipv6=refs("ipv6"), every="1s", timeout="400ms"),
                     *[target(i, at) for i in range(4) for at in SITE]).start()
    for i in range(4):
        daemon.wait_target(LIMIT, "%s-%d" % (family, i), family, state="up")
    world.nft(DROP % family)
    for i in range(4):
        daemon.wait_target(LIMIT, "%s-%d" % (family, i), family, state="unknown", cause="local-line-down")
    daemon.wait_events(1, LIMIT, "uplink-down", family=family, subject="default", cause="local-line-down")
    page = daemon.command("status", "--socket", daemon.socket)
    assert page.returncode == 1 and "Own line" in page.stdout, page.stdout + page.stderr
    assert daemon.target(other + "-0", other)["state"] == "up"
    world.nft("delete table inet line\n")
    daemon.wait_events(1, LIMIT, "uplink-up", family=family)
    for i in range(4):
        daemon.wait_target(LIMIT, "%s-%d" % (family, i), family, state="up")
    assert {one["event"] for one in daemon.events()} == {"started", "uplink-down", "uplink-up"}
    assert len(daemon.events("uplink-down")) == len(daemon.events("uplink-up")) == 1
