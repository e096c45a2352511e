# SPDX-License-Identifier: ISC
"""Providers with an API: the real PowerDNS, and stand-ins of the others; what can go wrong with each."""
import pytest

import lab.daemon as conf
from lab import pdns
from lab.api import Api, Cloudflare, Desec, DigitalOcean, Gandi, Hetzner, Refusal
from lab.api_route53 import Route53
from lab.world import PROVIDER, SITE, ZONE

A, B, C, D = "203.0.113.27", "203.0.113.91", "203.0.113.133", "203.0.113.201"
SIX = "2001:db8:1::5"
TOKEN = "tokentokentoken123"
PDNS = "192.0.2.55"
HERE = "https://%s:8443" % PROVIDER


def lan6():
    return conf.section("address", "lan6", family="ipv6", source="command", command=["/bin/echo", SIX],
                        accept=["2001:db8::/32"], every="1s", timeout="900ms")


def record(title, daemon, provider, host=None, ipv6="lan6", domain=ZONE, **options):
    options = {"gap": "100ms", "look_every": "1s", "backoff": "300ms", "backoff_max": "1s",
               "timeout": "5s", "password_file": daemon.password_file, **options}
    return conf.section("record", title, host=host or title, domain=domain, provider=provider, ipv4="wan4",
                        ipv6=ipv6, **options)


def redial(world, address):
    world.home.hang_up()
    world.home.dial(address)


@pytest.fixture
def make_api(make_world):
    """make_api(service class, …): the home, and the service behind https."""
    made = []

    def make(service, *args):
        world = make_world()
        world.home.dial(A)
        world.api = Api(world.home.isp, world.ca.issue(PROVIDER), service(world.bind, TOKEN, *args))
        made.append(world.api)
        return world

    yield make
    for api in made:
        api.stop()


def start(world, make_reachd):
    daemon = make_reachd(world.home.router)
    daemon.password(TOKEN)
    return daemon, lambda *records: daemon.configure(conf.ppp_address(), lan6(), *records, ca=world.ca.pem)


def test_powerdns(make_world, make_reachd, tmp_path):
    if pdns.missing():
        pytest.skip(pdns.missing())
    world = make_world()
    world.home.isp.ip("addr", "add", PDNS + "/32", "dev", "lo")
    server = pdns.PowerDNS(world.home.isp, tmp_path / "pdns", "pdns.example",
                           [("www", "A", "203.0.113.10"), ("alias", "CNAME", "ns1.pdns.example")], PDNS)
    server.start()
    try:
        powerdns(world, make_reachd, server)
    finally:
        server.stop()


def powerdns(world, make_reachd, server):
    world.home.dial(A)
    daemon, configure = start(world, make_reachd)
    daemon.password(server.api_key)

    def one(title, **options):
        options = {"url": server.url, "domain": "pdns.example", "authoritative": [PDNS], **options}
        return record(title, daemon, "powerdns", **options)

    configure(one("www"), one("a"), one("alias"))
    daemon.start()
    for title in ("www", "a"):
        daemon.wait_record(20, name=title, verified=A)
        daemon.wait_record(20, name=title, family="ipv6", verified=SIX)
    told = daemon.wait_record(20, name="alias", halted=True, last_verdict="config")
    assert told["last_text"].startswith("HTTP 422 (RRset alias.pdns.example.")

    redial(world, B)
    daemon.wait_record(20, name="www", verified=B, last_text="updated")
    daemon.wait_record(20, name="a", verified=B)

    # Another domain, another key.
    configure(one("www", domain="other.example"), one("a"))
    assert daemon.reload()
    redial(world, C)
    daemon.wait_record(20, name="www", halted=True, last_verdict="config")
    daemon.wait_record(20, name="a", verified=C)
    daemon.password("wrong")
    configure(one("www"), one("a"))
    assert daemon.reload()
    redial(world, D)
    for title in ("www", "a"):
        assert "HTTP 401" in daemon.wait_record(20, name=title, halted=True, last_verdict="auth")["last_text"]
    assert server.api_key not in daemon.logs()


def test_desec(make_api, make_reachd):
    world = make_api(Desec, ZONE)
    daemon, configure = start(world, make_reachd)

    def one(title, **options):
        return record(title, daemon, "desec-api", url=HERE + "/api/v1", **options)

    configure(one("www"), one("a"), one("b"))
    daemon.start()
    for title in ("www", "a", "b"):
        daemon.wait_record(20, name=title, verified=A)
        daemon.wait_record(20, name=title, family="ipv6", verified=SIX)

    # All that is due in one request, after the pause that was asked for.
    calls = len(world.api.calls)
    world.api.refuse(Refusal(429, {"detail": "Request was throttled."}, {"Retry-After": "1"}))
    redial(world, B)
    for title in ("www", "a", "b"):
        daemon.wait_record(20, name=title, verified=B)
    assert world.api.calls[calls:] == [("PATCH", "/api/v1/domains/%s/rrsets/" % ZONE)] * 2
    assert daemon.wait_for(r"HTTP 429 \(Request was throttled.\).*next try in [12]\.?\d*s", 5)

    configure(one("www", ttl="30s"), one("a"))
    assert daemon.reload()
    redial(world, C)
    told = daemon.wait_record(20, name="www", halted=True, last_verdict="config")
    assert "HTTP 400 (Ensure this value" in told["last_text"]
    daemon.wait_record(20, name="a", verified=C)

    daemon.password("wrongwrong9")
    configure(one("www"), one("a"))
    assert daemon.reload()
    redial(world, D)
    for title in ("www", "a"):
        told = daemon.wait_record(20, name=title, halted=True, last_verdict="auth")
        assert told["last_text"] == "HTTP 401 (Invalid token.)"
    assert TOKEN not in daemon.logs() and "wrongwrong9" not in daemon.logs()


def test_cloudflare(make_api, make_reachd):
    world = make_api(Cloudflare, {ZONE: {
        (SITE, "A"): {"content": "203.0.113.10"}, ("two." + ZONE, "A"): {"content": "203.0.113.10"},
        ("shop." + ZONE, "A"): {"content": "203.0.113.10", "proxied": True}}})
    service = world.api.service
    daemon, configure = start(world, make_reachd)

    def one(title, **options):
        return record(title, daemon, "cloudflare", url=HERE + "/client/v4", **options)

    configure(one("www", ipv6="lan6"), one("shop", ipv6=None))
    daemon.start()
    daemon.wait_record(20, verified=A)
    daemon.wait_record(20, family="ipv6", verified=SIX)  # made anew
    shop = daemon.wait_record(20, name="shop", last_verdict="ok")
    assert not shop["halted"] and shop["action"] == "nothing"  # DNS shows another address, for ever
    zones = [path for method, path in world.api.calls if path.startswith("/client/v4/zones?")]
    assert zones == ["/client/v4/zones?name=" + ZONE]  # once for all

    # What was kept leads nowhere: asked anew.
    calls = len(world.api.calls)
    service.zone_ids[ZONE] = "f" * 32
    redial(world, B)
    daemon.wait_record(20, verified=B)
    daemon.wait_record(20, name="shop", sent=B, action="nothing")
    assert [one for one in service.records.values() if one["name"].startswith("shop")][0]["content"] == B
    assert len([1 for _, path in world.api.calls[calls:] if path.startswith("/client/v4/zones?")]) == 1

    # Not as documented: no success, and no more than what is needed.
    world.api.refuse(Refusal(200, {"success": True, "result": "yes"}), Refusal(500, b"<html>"), Refusal(200, b"{"))
    redial(world, C)
    daemon.wait_record(30, verified=C)
    for text in ("reply not understood \\(HTTP 200", "HTTP 500"):
        assert daemon.wait_for(text, 1)

    service.records["twice"] = {**[one for one in service.records.values() if one["name"] == SITE][0], "id": "twice"}
    redial(world, D)
    told = daemon.wait_record(20, halted=True, last_verdict="config")
    assert told["last_text"] == "%s has 2 A records: leave one" % SITE
    assert TOKEN not in daemon.logs()


def test_route53(make_api, make_reachd):
    world = make_api(Route53, "AKIDEXAMPLE", {"Z0PRIVATE": (ZONE, True), "Z1PUBLIC": (ZONE, False),
                                              "Z2OTHER": ("other." + ZONE, False)})
    service = world.api.service
    daemon, configure = start(world, make_reachd)

    def one(title, **options):
        return record(title, daemon, "route53", url=HERE, **{"user": "AKIDEXAMPLE", **options})

    configure(one("www"), one("a", ttl="120s"), one("*"))
    daemon.start()
    for title in ("www", "a", "*"):
        daemon.wait_record(20, name=title, verified=A)
        daemon.wait_record(20, name=title, family="ipv6", verified=SIX)
    assert ("a.%s." % ZONE, "AAAA", 120, SIX) in sum(service.batches, [])

    # All in one batch.
    calls = len(world.api.calls)
    redial(world, D)
    for title in ("www", "a", "*"):
        daemon.wait_record(20, name=title, verified=D)
    assert world.api.calls[calls:] == [("POST", "/2013-04-01/hostedzone/Z1PUBLIC/rrset")]
    assert [(kind, value) for _, kind, _, value in service.batches[-1]] == [("A", D)] * 3

    # Throttled, or another change under way: 400, and no fault of ours.
    calls = len(world.api.calls)
    world.api.refuse(service.error(400, "Throttling", "Rate exceeded"),
                     service.error(400, "PriorRequestNotComplete", "The request was rejected because &lt;x&gt;"))
    redial(world, B)
    for title in ("www", "a", "*"):
        daemon.wait_record(20, name=title, verified=B)
    assert {path for _, path in world.api.calls[calls:]} == {"/2013-04-01/hostedzone/Z1PUBLIC/rrset"}
    assert daemon.wait_for(r"HTTP 400 \(Throttling: Rate exceeded\)", 1)
    assert daemon.wait_for(r"HTTP 400 \(PriorRequestNotComplete: The request was rejected because <x>\)", 1)

    # The zone was made anew: asked again. One that is configured is taken.
    service.zones["Z3AGAIN"] = service.zones.pop("Z1PUBLIC")
    redial(world, C)
    daemon.wait_record(20, verified=C)
    configure(one("www", id="Z9NONE"), one("a", id="Z2OTHER"), one("*", id="Z3AGAIN"))
    assert daemon.reload()
    redial(world, D)
    daemon.wait_record(20, name="*", verified=D)
    assert "No hosted zone found with ID: Z9NONE" in daemon.wait_record(20, halted=True)["last_text"]
    assert "InvalidChangeBatch" in daemon.wait_record(20, name="a", halted=True)["last_text"]

    daemon.password("wrongwrong9")
    configure(one("www"), one("a"))
    assert daemon.reload()
    redial(world, A)
    for title in ("www", "a"):
        told = daemon.wait_record(20, name=title, halted=True, last_verdict="auth")
        assert told["last_text"].startswith("HTTP 403 (SignatureDoesNotMatch: The request signature we calculated")
    assert TOKEN not in daemon.logs() and "wrongwrong9" not in daemon.logs()


@pytest.mark.parametrize("provider, service, base, kept_ttl, refused", [
    ("gandi", Gandi, "/v5/livedns", 300, "HTTP 403 (The request"),
    ("hetzner", Hetzner, "/v1", 1800, "HTTP 401 (The request"),
    ("digitalocean", DigitalOcean, "/v2", 1800, "HTTP 401 (The request")])
def test_one_record_set_at_a_time(make_api, make_reachd, provider, service, base, kept_ttl, refused):
    world = make_api(service, ZONE, {("www", "A"): "203.0.113.10"})
    daemon, configure = start(world, make_reachd)
    configure(record("www", daemon, provider, url=HERE + base), record("new", daemon, provider, url=HERE + base))
    daemon.start()
    for title in ("www", "new"):
        daemon.wait_record(20, name=title, verified=A, last_verdict="ok")
        daemon.wait_record(20, name=title, family="ipv6", verified=SIX, last_verdict="ok")
    assert world.api.service.records["www", "A"] == {"value": A, "ttl": kept_ttl}
    assert world.api.service.records["new", "AAAA"]["ttl"] >= 300

    # Somebody was quicker than us; then a key that is not taken.
    world.api.service.records["www", "A"]["value"] = B
    redial(world, B)
    daemon.wait_record(20, last_verdict="nochange", wanted=B)
    daemon.password("wrongwrong9")
    configure(record("www", daemon, provider, url=HERE + base))
    assert daemon.reload()
    redial(world, C)
    assert daemon.wait_record(20, halted=True, last_verdict="auth")["last_text"].startswith(refused)
    assert TOKEN not in daemon.logs()
