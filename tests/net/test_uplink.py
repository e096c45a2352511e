# SPDX-License-Identifier: ISC
"""The own line falls: one notice for the family, targets unknown, none of their hooks; all back when it rises."""
import socket

import pytest

import lab.daemon as conf
from lab.netns import Netns, veth

LIMIT = 15
SITE = {"ipv4": "192.0.2.80", "ipv6": "2001:db8:53::80"}
REFS = {"ipv4": ("192.0.2.91", "192.0.2.92"), "ipv6": ("2001:db8:53::91", "2001:db8:53::92")}
NAG = "#!/bin/sh\nexec echo $REACHD_SUBJECT >>'%s'\n"
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


# --- two ways out ------------------------------------------------------------------------------------

MARK = "300"
PPP = "ppp9"
# Refused, but by ICMP as a router would: no answer of what lies outside.
PPP_CUT = "table inet cut { chain in { type filter hook input priority 0; " \
    "iifname w1 tcp dport { 80, 81 } reject with icmpx type port-unreachable; }; }\n"


@pytest.fixture
def two_ways(ends):
    """Beside the main table: table 300 behind a mark, and the interface of it."""
    home, world = ends
    veth(home, PPP, world, "w1")
    home.batch("addr add 203.0.113.2/24 dev " + PPP)
    world.batch("addr add 203.0.113.1/24 dev w1")
    home.ip("rule", "add", "fwmark", MARK, "lookup", "300")
    home.ip("route", "add", "default", "via", "203.0.113.1", "dev", PPP, "table", "300")
    home.ip("route", "add", "default", "via", "203.0.113.1", "dev", PPP, "metric", "10000")
    world.sysctl(net__ipv4__icmp_ratelimit=0)
    home.sysctl(net__ipv4__conf__all__rp_filter=0, **{"net__ipv4__conf__%s__rp_filter" % PPP: 0})
    return home, world


def test_each_way_out_has_a_line_of_its_own(two_ways, make_reachd):
    """One of two lines falls: what goes out by it is unknown, the rest is judged. That holds over reload and
    restart; nobody is told twice, or reminded of what lies behind it. When the references go from the
    configuration, the line's end is told too."""
    home, world = two_ways
    daemon = make_reachd(home)
    ways = {"plain": {}, "ppp": {"interface": PPP}, "marked": {"mark": MARK}}
    lines = {"ppp": PPP, "marked": "mark 0x12c"}
    quick = {"families": ["ipv4"], "every": "1s", "retry_every": "300ms", "timeout": "400ms"}

    def configure(refs, every="1s"):
        uplink = [conf.section("uplink", ipv4=[one + ":80" for one in REFS["ipv4"]], every=every,
                               timeout="400ms")] if refs else []
        daemon.configure(
            conf.section("hook", "nag", command=[daemon.script("nag", NAG % daemon.file("nags"))],
                         events=["target-down"], remind="1s"), *uplink,
            *[conf.target(name, "tcp://%s:80" % SITE["ipv4"], **quick, **way) for name, way in ways.items()],
            *[conf.target(name + "-shut", "tcp://%s:81" % SITE["ipv4"], **quick, **way)
              for name, way in ways.items()])
        return daemon

    def nags(name):
        try:
            with open(daemon.file("nags"), encoding="ascii") as file:
                return file.read().split().count(name + "-shut")
        except FileNotFoundError:
            return 0

    def quiet_behind():
        """So many reminders of what lies behind the lines while two of the other came."""
        before, plain = sum(nags(name) for name in lines), nags("plain")
        daemon.wait_status(lambda: nags("plain") >= plain + 2, LIMIT, "reminders of what does not lie behind it")
        return sum(nags(name) for name in lines) - before

    configure(True).start()
    for name in ways:
        daemon.wait_target(LIMIT, name, "ipv4", state="up")
        daemon.wait_target(LIMIT, name + "-shut", "ipv4", state="down", cause="refused")
    world.nft(PPP_CUT)
    for name, line in lines.items():
        daemon.wait_events(1, LIMIT, "uplink-down", subject=line, family="ipv4")
        for suffix in ("", "-shut"):
            daemon.wait_target(LIMIT, name + suffix, "ipv4", state="unknown", cause="local-line-down")
    assert quiet_behind() == 0
    assert configure(True, every="1500ms").reload()
    assert {one["name"]: one["state"] for one in daemon.status()["uplinks"]} == {
        "default": "up", **{line: "down" for line in lines.values()}}
    daemon.restart()
    for name in lines:
        daemon.wait_target(LIMIT, name, "ipv4", state="unknown", cause="local-line-down")
    assert quiet_behind() == 0
    assert daemon.target("plain", "ipv4")["state"] == "up"
    assert len(daemon.events("uplink-down")) == 2 and daemon.events("uplink-up") == []
    assert configure(False).reload()
    for name, line in lines.items():
        told = daemon.wait_events(1, LIMIT, "uplink-up", subject=line)[0]
        assert "not looked at over IPv4 any more" in told["text"]
        daemon.wait_target(LIMIT, name, "ipv4", state="down", cause="refused")
    assert daemon.status()["uplinks"] == []
    assert len(daemon.events("uplink-up")) == 2
