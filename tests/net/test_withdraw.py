# SPDX-License-Identifier: ISC
"""A family that is gone for good leaves DNS: at real servers (BIND, PowerDNS) and at the stand-ins of
those providers that can; what stays, and what a kill -9 does not shorten."""
import json

import pytest

import lab.daemon as conf
from lab import pdns
from lab.api import Api, Cloudflare, Desec, DigitalOcean, Gandi, Hetzner
from lab.api_route53 import Route53
from lab.api_value_domain import ValueDomain
from lab.world import PROVIDER, SITE, ZONE

A, B = "203.0.113.27", "203.0.113.91"
PDNS = "192.0.2.55"
TOKEN = "tokentokentoken123"
HERE = "https://%s:8443" % PROVIDER


def lan6():
    """The router's own IPv6, of an interface: it can go, too."""
    return conf.section("address", "lan6", family="ipv6", interface="br-lan", accept=["2001:db8::/32"])


def record(title="www", provider="rfc2136", after="1s", **options):
    options = {"host": title, "domain": ZONE, "ipv4": "wan4", "ipv6": "lan6", "gap": "100ms", "look_every": "1s",
               "backoff": "300ms", "backoff_max": "1s", "timeout": "5s", "withdraw_after": after, **options}
    return conf.section("record", title, provider=provider, **options)


def six(world):
    return world.home.prefix + "::1"


@pytest.fixture
def home(make_world, make_reachd):
    """home(record section, …): the home, dialled in, and a daemon on its router, which has published."""
    def make(world, *records):
        world.home.dial(A)
        daemon = make_reachd(world.home.router)
        daemon.password(TOKEN)
        daemon.configure(conf.ppp_address(), lan6(), *records, ca=world.ca.pem)
        daemon.start()
        return daemon

    def start(*options):
        world = make_world()
        return world, make(world, *[record(password_file=world.bind.key, **one) for one in options or [{}]])

    start.make = make
    return start


def lose_six(world):
    world.home.router.ip("addr", "delete", six(world) + "/64", "dev", "br-lan")


def regain_six(world):
    world.home.router.ip("addr", "add", six(world) + "/64", "dev", "br-lan", "nodad")


def published(world, daemon):
    daemon.wait_record(20, verified=A, current=True)
    daemon.wait_record(20, family="ipv6", verified=six(world), current=True)


def test_it_goes_and_comes_back(home):
    world, daemon = home()
    published(world, daemon)
    world.home.hang_up()
    told = daemon.wait_events(1, 20, "update-withdrawn")[0]
    assert (told["family"], told["old"], told["new"], told["host"]) == ("ipv4", A, "", SITE)
    assert "show no IPv4 address of %s any more" % SITE in told["text"]
    assert world.bind.get(SITE, "A") == [] and world.bind.get(SITE, "AAAA") == [six(world)]
    assert daemon.events("update-sent")[-1]["text"].startswith("rfc2136 accepted the withdrawal of " + A)
    gone = daemon.record()
    assert gone["withdrawn"] == A and gone["sent"] is None and gone["reason"] == "no address; DNS shows none"
    status = daemon.command("status", "--socket", daemon.socket).stdout
    assert "no address, withdrawn" in status

    world.home.dial(B)
    daemon.wait_record(20, verified=B, current=True, withdrawn=None, gone_since=None)
    assert world.bind.get(SITE, "A") == [B]
    assert len(daemon.events("update-withdrawn")) == 1 and not daemon.events("update-mismatch")
    past = json.loads(daemon.command("history", "--state", daemon.file("state.db"), "--json", "www").stdout)
    assert "update-withdrawn" in [event["event"] for event in past["events"]]


def test_off_unless_asked_for(home):
    """Beside a record that is withdrawn, one that is not."""
    world, daemon = home({"title": "a"}, {"title": "www", "after": None})
    daemon.wait_record(20, verified=A, current=True)
    daemon.wait_record(20, name="a", verified=A, current=True)
    daemon.wait_record(20, name="a", family="ipv6", verified=six(world), current=True)
    world.home.hang_up()
    daemon.wait_events(1, 20, "update-withdrawn", subject="a")
    assert world.bind.get(SITE, "A") == [A] and daemon.record()["action"] == "nothing"
    assert not daemon.events("update-withdrawn", subject="www")


def test_the_last_address_stays(home):
    world, daemon = home()
    published(world, daemon)
    lose_six(world)
    world.home.hang_up()
    reason = "no address; the last address of a name stays"
    daemon.wait_record(20, wanted=None, reason=reason)
    daemon.wait_record(20, family="ipv6", wanted=None, reason=reason)
    regain_six(world)  # one of them is enough for the other to go
    daemon.wait_events(1, 20, "update-withdrawn", family="ipv4")
    assert world.bind.get(SITE, "A") == [] and world.bind.get(SITE, "AAAA") == [six(world)]
    # And now IPv6 is the last.
    lose_six(world)
    daemon.wait_record(20, family="ipv6", wanted=None, reason=reason)
    assert world.bind.get(SITE, "AAAA") == [six(world)]
    assert not daemon.events("update-withdrawn", family="ipv6")


def test_what_somebody_else_put_there_stays(home):
    world, daemon = home({"after": "3s"})
    published(world, daemon)
    world.home.hang_up()
    daemon.wait_record(10, wanted=None)
    world.bind.set(ZONE, "www", "A", "198.51.100.99")
    daemon.wait_record(20, reason="no address; what DNS shows was not published here, and stays")
    assert world.bind.get(SITE, "A") == ["198.51.100.99"] and not daemon.events("update-withdrawn")
    world.bind.set(ZONE, "www", "A", A)
    daemon.wait_events(1, 20, "update-withdrawn")


def test_the_time_outlives_kill_9(home):
    """Killed in it again and again: it is not begun anew, and what was told is as it was."""
    world, daemon = home({"after": "1h"})
    published(world, daemon)
    world.home.hang_up()
    since = daemon.wait_status(lambda: daemon.record().get("gone_since_ms"), 10, "gone")
    for _life in range(3):
        daemon.kill9()
        daemon.start()
        daemon.wait_status(lambda: daemon.record().get("gone_since_ms") == since, 10, "gone since then")
    plan = json.loads(daemon.command("update", "--socket", daemon.socket, "--dry-run", "--json").stdout)["records"][0]["plan"]
    assert plan["withdraw"] == A and plan["due"] and plan["holds"][0]["by"] == "grace"
    # After a start reachd sees for itself that the address does not come; not longer than the whole.
    assert 0 < plan["holds"][0]["left_ms"] <= 3600000
    text = daemon.command("update", "--socket", daemon.socket, "--dry-run").stdout
    assert "withdrawal of %s: its address is gone" % A in text and "the time of withdraw-after, until" in text
    assert world.bind.get(SITE, "A") == [A]


def test_killed_while_it_leaves(home):
    """The answer is lost with the daemon: the next one finds what came of it, and tells."""
    world, daemon = home()
    published(world, daemon)
    world.home.hang_up()
    daemon.wait_for("withdrawing " + A, 20)
    daemon.kill9()
    daemon.start()
    daemon.wait_events(1, 20, "update-withdrawn")
    assert world.bind.get(SITE, "A") == []
    world.home.dial(A)
    daemon.wait_record(20, verified=A, current=True)
    assert world.bind.get(SITE, "A") == [A] and len(daemon.events("update-withdrawn")) == 1


def test_powerdns(make_world, home, tmp_path):
    if pdns.missing():
        pytest.skip(pdns.missing())
    world = make_world()
    world.home.isp.ip("addr", "add", PDNS + "/32", "dev", "lo")
    server = pdns.PowerDNS(world.home.isp, tmp_path / "pdns", "pdns.example", [("www", "A", "203.0.113.10")], PDNS)
    server.start()
    try:
        key = str(tmp_path / "api-key")
        with open(key, "w", encoding="ascii") as file:
            file.write(server.api_key + "\n")
        (tmp_path / "api-key").chmod(0o600)
        daemon = home.make(world, record(provider="powerdns", url=server.url, domain="pdns.example", authoritative=[PDNS],
                                         password_file=key))
        published(world, daemon)
        world.home.hang_up()
        assert daemon.wait_events(1, 20, "update-withdrawn")[0]["host"] == "www.pdns.example"
        world.home.dial(B)
        daemon.wait_record(20, verified=B, current=True)
    finally:
        server.stop()


SERVICES = [
    ("cloudflare", "/client/v4", lambda bind: Cloudflare(bind, TOKEN, {ZONE: {}})),
    ("desec-api", "/api/v1", lambda bind: Desec(bind, TOKEN, ZONE)),
    ("digitalocean", "/v2", lambda bind: DigitalOcean(bind, TOKEN, ZONE, {})),
    ("gandi", "/v5/livedns", lambda bind: Gandi(bind, TOKEN, ZONE, {})),
    ("hetzner", "/v1", lambda bind: Hetzner(bind, TOKEN, ZONE, {})),
    ("route53", "", lambda bind: Route53(bind, TOKEN, "AKIDEXAMPLE", {"Z1PUBLIC": (ZONE, False)})),
    ("value-domain-api", "/v1", lambda bind: ValueDomain(bind, TOKEN, ZONE, "a @ 203.0.113.10\r\na www 203.0.113.10\nmx @ 10 mail")),
]


@pytest.mark.parametrize("provider, base, service", SERVICES, ids=[one[0] for one in SERVICES])
def test_stand_ins(make_world, home, provider, base, service):
    world = make_world()
    api = Api(world.home.isp, world.ca.issue(PROVIDER), service(world.bind))
    try:
        daemon = home.make(world)
        user = "AKIDEXAMPLE" if provider == "route53" else None
        daemon.configure(conf.ppp_address(), lan6(), record(provider=provider, url=HERE + base, user=user,
                                                            password_file=daemon.password_file), ca=world.ca.pem)
        assert daemon.reload()
        published(world, daemon)
        world.home.hang_up()
        daemon.wait_events(1, 20, "update-withdrawn", family="ipv4")
        assert world.bind.get(SITE, "A") == [] and world.bind.get(SITE, "AAAA") == [six(world)]
        # There is none any more, for them: it is made anew.
        world.home.dial(B)
        daemon.wait_record(20, verified=B, current=True, last_verdict="ok")
        # One that somebody else took away is told, and nothing is asked for.
        calls = len(api.calls)
        world.home.hang_up()
        daemon.wait_events(2, 20, "update-withdrawn", family="ipv4")
        assert len(api.calls) > calls
        assert not daemon.events("update-halted") and not daemon.events("update-failed")
        if provider == "value-domain-api":
            assert api.service.text.startswith("a @ 203.0.113.10\r\n") and "mx @ 10 mail" in api.service.text
    finally:
        api.stop()


def test_refused_for_good(make_world, home):
    """No permission to delete, say: the record is let be, and what comes later is published."""
    world = make_world()
    service = Gandi(world.bind, TOKEN, ZONE, {})
    api = Api(world.home.isp, world.ca.issue(PROVIDER), service)
    try:
        daemon = home.make(world)
        daemon.configure(conf.ppp_address(), lan6(), record(provider="gandi", url=HERE + "/v5/livedns",
                                                            password_file=daemon.password_file), ca=world.ca.pem)
        assert daemon.reload()
        published(world, daemon)

        def refuse_delete(method, *args, answer=service.answer):
            if method == "DELETE":
                return 409, {"message": "this record is locked"}
            return answer(method, *args)

        service.answer = refuse_delete
        world.home.hang_up()
        daemon.wait_record(20, action="halted", halted=False, reason="the provider refuses to withdraw the record")
        assert "the record is not withdrawn" in daemon.wait_events(1, 5, "update-halted")[0]["text"]
        tries = [call for call in api.calls if call[0] == "DELETE"]
        assert len(tries) == 1
        world.home.dial(B)
        daemon.wait_record(20, verified=B, current=True)
    finally:
        api.stop()
