# SPDX-License-Identifier: ISC
"""kill -9 at random instants, again and again, for each kind of exchange: an API of several requests (Cloudflare),
one that writes whole zones (Value Domain), one request of HTTP (test_trouble.py), and RFC 2136 at a real BIND. By
the servers' own logs no two exchanges are within the gap, nothing that is no record of ours is touched, and in the
end DNS is right and everybody has been told. RD_SEED=… repeats a run."""
import json

import pytest

import lab.daemon as conf
from lab.api import Api, Cloudflare
from lab.api_value_domain import ValueDomain
from lab.killer import Killer, exchanges
from lab.world import PROVIDER, ZONE

SIX = "2001:db8:1::5"
TOKEN = "tokentokentoken123"
GAP = 1.0
LIVES = 14
HERE = "https://%s:8443" % PROVIDER


def on_router(world, make_reachd, provider, *hosts, **options):
    daemon = make_reachd(world.home.router)
    daemon.password(TOKEN)
    options = {"gap": "%gs" % GAP, "look_every": "1s", "backoff": "300ms", "backoff_max": "1s", "timeout": "5s",
               "password_file": daemon.password_file, **options}
    records = [conf.section("record", host, host=host, domain=ZONE, provider=provider, ipv4="wan4", ipv6="six", **options)
               for host in hosts]
    six = conf.section("address", "six", family="ipv6", source="command", command=["/bin/echo", SIX],
                       accept=["2001:db8::/32"], every="1s", timeout="900ms")
    daemon.configure(conf.ppp_address(), six, *records, ca=world.ca.pem)
    return daemon


def lives(world, daemon, answer, *hosts):
    """Kills it in all its lives; returns once the last one has done what was to be done, and told it."""
    def redial(address):
        if world.home.address:
            world.home.hang_up()
        world.home.dial(address)

    killer = Killer(daemon, answer)
    address = killer.lives(LIVES, redial)
    for host in hosts:
        daemon.wait_record(60, name=host, verified=address, current=True)
        daemon.wait_record(60, name=host, family="ipv6", verified=SIX, current=True)
    print(daemon.logs())
    assert killer.while_sending >= 3
    assert "moved aside" not in daemon.logs()
    for host in hosts:
        # At least once, whichever life it was in.
        daemon.wait_events(1, 10, "update-verified", subject=host, new=address)
        daemon.wait_events(1, 10, "update-verified", subject=host, new=SIX)
        assert world.bind.get("%s.%s" % (host, ZONE), "A") == [address]
        assert world.bind.get("%s.%s" % (host, ZONE), "AAAA") == [SIX]
    assert not daemon.events("update-halted")
    return address


@pytest.fixture
def make_api(make_world):
    made = []

    def make(service):
        world = make_world()
        world.api = Api(world.home.isp, world.ca.issue(PROVIDER), service(world.bind))
        made.append(world.api)
        return world

    yield make
    for api in made:
        api.stop()


def by_time(api, word):
    return [(at, word(*call)) for at, call in zip(api.times, api.calls)]


def test_an_api_of_several_requests(make_api, make_reachd):
    world = make_api(lambda bind: Cloudflare(bind, TOKEN, {ZONE: {("www." + ZONE, "A"): {"content": "203.0.113.10"}}}))
    daemon = on_router(world, make_reachd, "cloudflare", "www", "a", url=HERE + "/client/v4")
    lives(world, daemon, 0.1, "www", "a")

    def step(method, path):
        return "zone" if "?name=" in path and "dns_records" not in path else "look" if method == "GET" else "write"

    order = ["zone", "look", "write"]
    groups = exchanges(by_time(world.api, step), GAP)
    for group in groups:  # the beginning of one exchange each, or all of it
        assert group == [one for one in order if one in group], groups
    # What was created was created once: a record of each kind.
    kinds = [(record["name"], record["type"]) for record in world.api.service.records.values()]
    assert len(kinds) == len(set(kinds)) == 4


def test_whole_zones(make_api, make_reachd):
    others = ["a @ 203.0.113.10", "mx @ 10 mail", "txt @ v=spf1  a mx -all \t", "cname alias www", "", "caa? @ 0 issue \"x\""]
    text = "\r\n".join(others[:3]) + "\r\na www 203.0.113.10\n" + "\n".join(others[3:]) + "\n"
    world = make_api(lambda bind: ValueDomain(bind, TOKEN, ZONE, text))
    hosts = ["www", "h1", "h2", "h3"]
    daemon = on_router(world, make_reachd, "value-domain-api", *hosts, url=HERE + "/v1")
    lives(world, daemon, 0.08, *hosts)
    groups = exchanges(by_time(world.api, lambda method, path: method), GAP)
    for group in groups:
        assert group in (["GET"], ["GET", "PUT"], ["PUT"]), groups

    def ours(line):
        return line.split()[:2] in [[kind, host] for kind in ("a", "aaaa") for host in hosts]

    rest = [line for line in text.splitlines(keepends=True) if not ours(line)]
    count = 1  # of our records: none that is there goes
    assert len(world.api.service.puts) >= 3
    for put in world.api.service.puts:
        lines = put["records"].splitlines(keepends=True)
        assert [line for line in lines if not ours(line)] == rest
        kept = len([line for line in lines if ours(line)])
        assert kept >= count
        count = kept
    assert count == 2 * len(hosts) and world.api.service.text == world.api.service.puts[-1]["records"]


def test_rfc2136_at_bind(make_world, make_reachd):
    world = make_world()
    daemon = on_router(world, make_reachd, "rfc2136", "www", "a", password_file=world.bind.key)
    lives(world, daemon, 0.02, "www", "a")
    adding = world.bind.proc.find(r"adding an RR at '(www|a)\.home\.example' ")
    groups = exchanges([(line.at, line.text.split("adding an RR at ")[1]) for line in adding], GAP)
    assert len(groups) >= 4
    for group in groups:  # one message each: no record set twice
        names = [tuple(text.split()[:2]) for text in group]
        assert len(names) == len(set(names)), groups
    # A message replaces record sets as a whole: never two addresses of one.
    assert len(world.bind.get("a." + ZONE, "A")) == 1


def test_withdrawals_at_bind(make_world, make_reachd):
    """The line goes and comes: killed while the record is withdrawn, and while it is published anew."""
    world = make_world()
    daemon = on_router(world, make_reachd, "rfc2136", "www", password_file=world.bind.key, withdraw_after="1s")
    killer = Killer(daemon, 0.02)
    site = "www." + ZONE
    for number in range(10):
        if number % 2 == 0:
            world.home.dial("203.0.113.%d" % (20 + number))
        else:
            world.home.hang_up()
        killer.life(hunt=True)
    daemon.start()
    daemon.wait_record(30, wanted=None, reason="no address; DNS shows none")
    assert world.bind.get(site, "A") == [] and world.bind.get(site, "AAAA") == [SIX]
    # Whichever life it was in: what got there has gone since, and that was told.
    if world.bind.proc.find(r"adding an RR at 'www\.home\.example' A 203\.0\.113\.28"):
        past = daemon.command("history", "--state", daemon.file("state.db"), "--json", "www").stdout
        assert ("update-withdrawn", "203.0.113.28") in [(one["event"], one["old"]) for one in json.loads(past)["events"]]
    world.home.dial("203.0.113.90")
    daemon.wait_record(30, verified="203.0.113.90", current=True)
    print(daemon.logs())
    assert killer.while_sending >= 6
    done = world.bind.proc.find(r"(deleting rrset|adding an RR) at 'www\.home\.example' A( |$)")
    for group in exchanges([(line.at, "adding" in line.text) for line in done], GAP):
        assert len(group) <= 2 and group.count(True) <= 1, done
    assert not daemon.events("update-halted") and not daemon.events("update-mismatch")
