# SPDX-License-Identifier: ISC
"""Dynamic updates (RFC 2136, TSIG) at real servers: BIND, Knot and PowerDNS, each with a zone."""
import os

import pytest

import lab.daemon as conf
from lab import pdns, tools
from lab.knot import Knot
from lab.world import ZONE

A, B, C, D = "203.0.113.27", "203.0.113.91", "203.0.113.133", "203.0.113.201"
SIX = "2001:db8:1::5"
KNOT, PDNS = "192.0.2.54", "192.0.2.55"


def dig(world, server, name, kind):
    argv = ["env", "LD_LIBRARY_PATH=" + tools.env().get("LD_LIBRARY_PATH", ""), tools.find("dig"),
            "+noall", "+answer", "+norecurse", "+time=2", "+tries=1", "@" + server, name, kind]
    lines = [line.split() for line in world.home.isp.run(*argv).stdout.splitlines()]
    return [(line[4], int(line[1]), *line[6:7]) for line in lines if line]


def lan6():
    return conf.section("address", "lan6", family="ipv6", source="command", command=["/bin/echo", SIX],
                        accept=["2001:db8::/32"], every="1s", timeout="900ms")


def record(title, key, domain=ZONE, host="www", ipv6="lan6", **options):
    options = {"gap": "100ms", "look_every": "1s", "backoff": "300ms", "backoff_max": "1s",
               "timeout": "5s", **options}
    return conf.section("record", title, host=host, domain=domain, provider="rfc2136",
                        password_file=key, ipv4="wan4", ipv6=ipv6, **options)


@pytest.fixture
def servers(make_world, tmp_path):
    """The home with BIND (home.example, the system's resolver), Knot and PowerDNS."""
    why = tools.missing("knotd") or pdns.missing()
    if why:
        pytest.skip(why)
    world = make_world()
    world.home.isp.batch("addr add %s/32 dev lo" % KNOT, "addr add %s/32 dev lo" % PDNS)
    world.knot = Knot(world.home.isp, tmp_path / "knot", "knot.example", ["www A 203.0.113.10"],
                      ["www"], KNOT)
    world.pdns = pdns.PowerDNS(world.home.isp, tmp_path / "pdns", "pdns.example",
                               [("www", "A", "203.0.113.10")], PDNS)
    world.knot.start()
    world.pdns.start()
    yield world
    world.pdns.stop()
    world.knot.stop()


def write(daemon, name, text):
    path = daemon.file(name)
    with open(path, "w", encoding="ascii") as file:
        file.write(text + "\n")
    os.chmod(path, 0o600)
    return path


def redial(world, address):
    world.home.hang_up()
    world.home.dial(address)


NAMES = ("bind", "knot", "pdns")


def test_three_servers(servers, make_reachd):
    world = servers
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    keys = {"bind": world.bind.key, "knot": write(daemon, "knot", world.knot.secret),
            "pdns": write(daemon, "pdns", world.pdns.secret)}

    def configure(keys, user="hmac-sha512:lab", **options):
        daemon.configure(
            conf.ppp_address(), lan6(),
            record("bind", keys["bind"],  # where the SOA says; the key's file as it is
                   user=user.replace("512", "256") if keys["bind"] != world.bind.key else None, **options),
            record("knot", keys["knot"], "knot.example", url="dns://" + KNOT, authoritative=[KNOT],
                   user=user, **options),
            record("pdns", keys["pdns"], "pdns.example", url="dns://%s:53" % PDNS, authoritative=[PDNS],
                   user=user.replace("512", "256"), **options))

    configure(keys)
    daemon.start()
    for name in NAMES:
        daemon.wait_record(20, name=name, verified=A, last_text="NOERROR (updated)")
        daemon.wait_record(20, name=name, family="ipv6", verified=SIX)
    assert dig(world, KNOT, "www.knot.example", "A") == [(A, 60)]
    assert dig(world, PDNS, "www.pdns.example", "AAAA") == [(SIX, 60)]  # there was none: as its sibling

    # The line comes back with another address; the TTL is as it was.
    redial(world, B)
    for name in NAMES:
        daemon.wait_record(20, name=name, verified=B)
        daemon.wait_events(2, 5, "update-verified", subject=name, family="ipv4")
    assert dig(world, PDNS, "www.pdns.example", "A") == [(B, 60)]

    # Only TCP passes.
    world.home.router.nft("table inet noudp { chain out { type filter hook output priority 0; "
                          "udp dport 53 ip daddr { %s, %s } drop; }; }" % (KNOT, PDNS))
    redial(world, C)
    for name in ("knot", "pdns"):
        daemon.wait_for("%s ipv4: sending %s" % (name, C), 10)
        daemon.wait_events(3, 20, "update-sent", subject=name, family="ipv4")
    world.home.router.nft("delete table inet noudp")

    # Another secret, then another key: said by the server in its way, and no second attempt.
    wrong = dict.fromkeys(NAMES, write(daemon, "wrong", "d3JvbmcgYnV0IHdlbGwtZm9ybWVk"))
    for user, address, word in (("hmac-sha512:lab", D, "BADSIG ("), ("hmac-sha512:other", A, "BADKEY (")):
        configure(wrong, user=user)
        assert daemon.reload()
        redial(world, address)
        for name in ("bind", "knot"):
            told = daemon.wait_record(20, name=name, halted=True, last_verdict="auth")
            assert told["last_text"].startswith(word)
        told = daemon.wait_record(20, name="pdns", failures=1, halted=False)
        assert told["last_text"].startswith("REFUSED, unsigned: ")  # it says no more

    # A clock that is off: temporary, and it is said by how much.
    ahead = tools.clock_env(412)
    assert ahead, "libfaketime is not here"
    world.knot.stop()
    world.knot.start(ahead)
    configure(keys)
    assert daemon.reload()
    redial(world, B)
    told = daemon.wait_record(20, name="knot", failures=1, last_verdict="temporary")
    assert told["last_text"].startswith("BADTIME (this machine's clock is 6m 5")
    assert "behind the server's" in told["last_text"]
    said = daemon.wait_events(1, 5, "update-failed", subject="knot")[-1]
    assert said["advice"].startswith("Set this machine's clock")
    daemon.wait_record(20, name="bind", verified=B)  # a queue of its own
    daemon.wait_record(20, name="pdns", verified=B)
    for secret in (world.knot.secret, world.pdns.secret, "d3JvbmcgYnV0IHdlbGwtZm9ybWVk"):
        assert secret not in daemon.logs()


def serial(world):
    return int(dig(world, "192.0.2.53", ZONE, "SOA")[0][2])


def test_several_names_in_one_message(make_world, make_reachd):
    world = make_world()
    world.bind.set(ZONE, "alias", "CNAME", "ns1.%s." % ZONE)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    hosts = ["www", "a", "b", "@"]
    daemon.configure(conf.ppp_address(), lan6(),
                     *[record(host, world.bind.key, host=host) for host in hosts])
    daemon.start()
    for host in hosts:
        daemon.wait_record(20, name=host, verified=A)
        daemon.wait_record(20, name=host, family="ipv6", verified=SIX)
    before = serial(world)
    redial(world, B)
    for host in hosts:
        daemon.wait_record(20, name=host, verified=B)
    assert serial(world) == before + 1
    assert len(daemon.events("update-sent", new=B)) == len(hosts)

    # One that can't be: the others do not wait for it, and it is the one that is told.
    daemon.configure(conf.ppp_address(), lan6(),
                     *[record(host, world.bind.key, host=host) for host in ["alias"] + hosts])
    assert daemon.reload()
    redial(world, C)
    for host in hosts:
        daemon.wait_record(20, name=host, verified=C)
    told = daemon.wait_record(20, name="alias", halted=True)
    assert told["last_text"].startswith("YXRRSET (the name is an alias (CNAME)")
    assert dig(world, "192.0.2.53", "alias." + ZONE, "CNAME")[0][0] == "ns1.%s." % ZONE
    assert not daemon.record(hosts[0])["halted"]


def test_the_gap_outlives_kill_9(make_world, make_reachd):
    """Killed with each message out or just answered: never two messages inside the gap, and the last
    address is the one that stays."""
    world = make_world()
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), record("www", world.bind.key, ipv6=None, gap="1s"))
    daemon.start()
    daemon.wait_record(20, verified=A)
    moments = ((B, "sending"), (C, "accepted"), (D, "sending"), ("203.0.113.44", "accepted"))
    for address, moment in moments:  # none twice: DNS may show any of them by then
        redial(world, address)
        daemon.wait_for("%s %s" % (moment, address), 10)
        daemon.kill9()
        daemon.start()
    redial(world, "203.0.113.45")
    daemon.wait_record(20, verified="203.0.113.45")
    sent = [line.at for line in world.bind.proc.find(r"adding an RR at 'www\.home\.example' A ")]
    assert len(sent) >= 4  # the others may have been killed before they left
    assert min(later - sooner for sooner, later in zip(sent, sent[1:])) > 0.9
