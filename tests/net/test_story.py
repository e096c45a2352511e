# SPDX-License-Identifier: ISC
"""The main job, end to end: an address changes, the daemon notices, keeps the provider's limit,
updates, looks whether the world sees it, tells a hook. On the reference home, with real parts; the
provider is a stand-in that rewrites the zone and refuses inside its gap. What happens to one record
is here; what becomes of it when others fail is in test_trouble.py."""
import json
import time

import pytest

import lab.daemon as conf
from lab.home import TABLE
from lab.nginx import Nginx
from lab.standin import Answer
from lab.wait import wait_until
from lab.world import PROVIDER, SITE

A, B, C, D = "203.0.113.27", "203.0.113.91", "203.0.113.133", "203.0.113.201"


def on_router(world, make_reachd, *more, **options):
    """The daemon where the scenario has it: on the router, publishing the PPPoE address."""
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, **options), *more,
                     ca=world.ca.pem)
    return daemon


def dial_with_gap(world, redials):
    """Dials, and sets a gap into which so many redials fit on this machine as it is now."""
    home = world.home
    home.dial(D)
    started = time.monotonic()
    home.hang_up()
    home.dial(A)
    world.standin.gap = max(1.0, 3 * redials * (time.monotonic() - started))


def soon(world):
    """A limit for what may have to wait out the gap twice."""
    return 10 + 2 * world.standin.gap


def asked(world):
    """What was asked of the provider, in order; never anything inside its gap."""
    assert world.standin.early() == []
    return [request.address for request in world.standin.requests]


def test_address_changes_and_the_world_sees_it(make_world, make_reachd):
    world = make_world()
    home = world.home
    dial_with_gap(world, 4)
    daemon = on_router(world, make_reachd, look_every="1s").start()
    daemon.wait_record(soon(world), verified=A, current=True, action="nothing", halted=False, failures=0)
    assert asked(world) == [A]
    assert world.bind.get(SITE, "A") == [A]
    told = daemon.wait_events(1, 5, "update-verified", subject="www")
    assert [(one["old"], one["new"], one["family"]) for one in told] == [("203.0.113.10", A, "ipv4")]
    assert home.outside.connects(A, 443) is None

    # The line drops and comes back with another address, inside the provider's gap.
    home.hang_up()
    daemon.wait_events(1, 5, "address-lost", subject="wan4")
    home.dial(B)
    waiting = daemon.wait_record(5, wanted=B, action="wait", reason="provider's gap")
    assert 0 < waiting["next_ms"] <= 1000 * world.standin.gap
    assert waiting["published"] == A
    daemon.wait_record(soon(world), verified=B, current=True)
    assert asked(world) == [A, B]
    assert world.standin.requests[1].answer.startswith("HTTP 200 status=0")
    assert world.bind.get(SITE, "A") == [B]
    told = daemon.wait_events(2, 5, "update-verified")
    assert [(one["old"], one["new"]) for one in told[1:]] == [(A, B)]
    assert home.outside.connects(B, 443) is None

    # Nothing more is asked, nothing more is told: two periodic looks later all is the same.
    looked = daemon.record()["looked_at"]
    for _ in range(2):
        looked = daemon.wait_status(
            lambda: daemon.record().get("looked_at", looked) != looked and daemon.record()["looked_at"],
            10, "another look at DNS")
    assert asked(world) == [A, B]
    assert len(daemon.events("update-verified")) == 2
    assert [one for one in daemon.events() if "fail" in one["event"] or "mismatch" in one["event"]] == []
    # History has it all, beside the running daemon and after it.
    assert_history_tells(daemon)
    assert daemon.stop() == 0
    assert_history_tells(daemon)


def assert_history_tells(daemon):
    history = json.loads(daemon.command("history", "-c", daemon.config, "--json").stdout)
    wan4 = [one for one in history["addresses"] if one["subject"] == "wan4"][0]
    assert [life["value"] for life in wan4["lives"]] == [A, B]
    assert wan4["value"] == B and wan4["lives"][0]["until"] is not None
    www = [one for one in history["records"] if one["subject"] == "www"][0]
    assert [life["value"] for life in www["lives"]][-2:] == [A, B]
    page = daemon.command("history", "-c", daemon.config, "wan4").stdout
    assert "changed once" in page and "the authoritative servers show" not in page
    assert daemon.command("history", "-c", daemon.config, "nobody").returncode == 1


@pytest.mark.parametrize("options, comes_from", [
    ({}, "2001:db8:ffff::7"),
    ({"via": "ipv4"}, "198.51.100.7"),
    # A provider that publishes where a request comes from must see the PPPoE line's address.
    ({"via": "ipv4", "interface": "pppoe-wanppp"}, A),
    ({"via": "ipv4", "source": A}, A),
], ids=["any", "ipv4", "interface", "source"])
def test_the_way_out_to_the_provider(make_world, make_reachd, options, comes_from):
    world = make_world(gap=0.5)
    world.home.dial(A)
    if "source" in options:  # routed by its source, as routers with several lines do
        world.home.router.ip("rule", "add", "from", A, "lookup", TABLE)
    daemon = on_router(world, make_reachd, **options).start()
    daemon.wait_record(soon(world), verified=A, current=True)
    assert [request.client for request in world.standin.requests] == [comes_from]


def test_nothing_is_sent_when_dns_has_it_already(make_world, make_reachd):
    world = make_world(gap=1.0, published=(A, None))
    world.home.dial(A)
    daemon = on_router(world, make_reachd).start()
    daemon.wait_record(soon(world), verified=A, current=True, action="nothing")
    # The same address after a reconnect is no news either.
    world.home.hang_up()
    daemon.wait_events(1, 5, "address-lost")
    world.home.dial(A)
    daemon.wait_events(1, 5, "address-changed")
    daemon.wait_record(5, wanted=A, current=True, action="nothing")
    assert world.standin.requests == []


def test_only_the_newest_address_is_sent(make_world, make_reachd):
    world = make_world()
    home = world.home
    dial_with_gap(world, 3)
    daemon = on_router(world, make_reachd).start()
    world.standin.wait_requests(1, soon(world))
    for address in (B, C, D):
        home.hang_up()
        home.dial(address)
    daemon.wait_record(soon(world), verified=D, current=True)
    assert asked(world) == [A, D]


def test_line_drops_while_an_update_is_under_way(make_world, make_reachd):
    world = make_world(gap=1.0)
    home = world.home
    home.dial(A)
    world.standin.script(Answer.late(1.0))
    daemon = on_router(world, make_reachd).start()
    world.standin.wait_requests(1, soon(world))
    daemon.wait_record(5, action="busy")
    home.hang_up()
    home.dial(B)
    daemon.wait_record(soon(world), verified=B, current=True)
    assert asked(world) == [A, B]
    assert world.bind.get(SITE, "A") == [B]
    # What was replaced before anybody could see it is not told as arrived.
    assert [one["new"] for one in daemon.wait_events(1, 5, "update-verified")] == [B]


def test_both_families_and_all_names_share_one_queue(make_world, make_reachd):
    world = make_world(gap=1.0)
    home = world.home
    home.dial(A)
    daemon = make_reachd(home.router)
    daemon.configure(conf.ppp_address(), conf.lan_address("br-lan"),
                     conf.record(world, daemon, ipv6="lan6"),
                     conf.record(world, daemon, title="apex", host="@"), ca=world.ca.pem).start()
    router6 = home.prefix + "::1"
    daemon.wait_record(soon(world), verified=A, current=True)
    daemon.wait_record(soon(world), family="ipv6", verified=router6, current=True)
    daemon.wait_record(soon(world), name="apex", verified=A, current=True)
    assert sorted(asked(world)) == sorted([A, A, router6])
    assert world.bind.get(SITE, "AAAA") == [router6]
    assert world.bind.get("home.example", "A") == [A]


def test_server_behind_the_router(make_world, make_reachd, tmp_path):
    """Both families by one daemon on the server: its IPv6 from the interface, its IPv4 by asking a
    service outside, over the line that visitors come in by."""
    world = make_world(gap=1.0)
    home = world.home
    home.dial(A)
    echo = "echo." + PROVIDER.split(".", 1)[1]
    world.bind.set("provider.example", "echo", "A", "192.0.2.53")
    nginx = Nginx(home.isp, tmp_path / "echo", {echo: world.ca.issue(echo)}, listens=["192.0.2.53:443"],
                  extra='location /ip { return 200 "$remote_addr\\n"; }').start()
    daemon = make_reachd(home.server)
    web = conf.section("address", "web4", family="ipv4", source="web", every="1s",
                       urls=["https://%s/ip" % echo], accept=["203.0.113.0/24"])
    daemon.configure(web, conf.lan_address(), conf.record(world, daemon, ipv4="web4", ipv6="lan6"),
                     ca=world.ca.pem).start()
    daemon.wait_record(soon(world), verified=A, current=True)
    daemon.wait_record(soon(world), family="ipv6", verified=home.server6, current=True)
    home.hang_up()
    home.dial(B)
    home.give_prefix("2001:db8:2:2")
    daemon.wait_record(soon(world), family="ipv6", verified=home.server6, current=True)
    daemon.wait_record(soon(world), verified=B, current=True)
    assert sorted(asked(world)) == sorted([A, B, home.server6])
    for address in (B, home.server6):
        assert home.outside.connects(address, 443) is None
    nginx.stop()


def test_ipv6_prefix_changes(make_world, make_reachd):
    """The server's own daemon publishes its AAAA, over the line that it is about."""
    world = make_world(gap=1.0)
    home = world.home
    home.dial(A)
    first = home.server6
    daemon = make_reachd(home.server)
    # A settle time: the moment between two addresses is not told as a loss.
    daemon.configure(conf.lan_address(settle="200ms"),
                     conf.record(world, daemon, ipv4=None, ipv6="lan6"),
                     ca=world.ca.pem).start()
    daemon.wait_record(soon(world), family="ipv6", verified=first, current=True)
    assert asked(world) == []

    # A privacy address comes up beside it, and is not what is published.
    home.server.sysctl(net__ipv6__conf__eth0__use_tempaddr=2)
    home.server.ip("addr", "change", first + "/64", "dev", "eth0", "mngtmpaddr", "nodad")
    home.server.ip("addr", "add", home.prefix + ":a:b:c:d/64", "dev", "eth0", "mngtmpaddr", "nodad")
    wait_until(lambda: "temporary" in home.server.ip("-6", "addr", "show", "dev", "eth0").stdout, 5,
               lambda: home.server.ip("-6", "addr", "show", "dev", "eth0").stdout)
    daemon.wait_status(lambda: any("temporary" in one["reason"]
                                   for address in daemon.status()["addresses"]
                                   for one in address["candidates"]), 5, "it is among the candidates")
    assert daemon.record(family="ipv6")["wanted"] == first
    home.server.ip("addr", "delete", home.prefix + ":a:b:c:d/64", "dev", "eth0")

    # Another prefix: the former address stays, deprecated.
    home.give_prefix("2001:db8:2:2")
    daemon.wait_record(soon(world), family="ipv6", verified=home.server6, current=True)
    assert asked(world) == [home.server6]
    assert world.bind.get(SITE, "AAAA") == [home.server6]
    assert home.outside.connects(home.server6, 443) is None
    changed = daemon.wait_events(1, 5, "address-changed", subject="lan6")
    assert [(one["old"], one["new"]) for one in changed] == [(first, home.server6)]
    assert daemon.events("address-lost") == []
    daemon.wait_events(1, 5, "update-verified", family="ipv6", new=home.server6)


def test_record_changed_behind_our_back(make_world, make_reachd):
    world = make_world(gap=1.0)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, look_every="1s").start()
    daemon.wait_record(soon(world), verified=A, current=True)
    world.bind.set("home.example", "www", "A", "203.0.113.66")
    told = daemon.wait_events(1, 10, "update-mismatch")
    assert "203.0.113.66" in told[0]["text"]
    daemon.wait_record(soon(world), verified=A, current=True)
    assert asked(world) == [A, A]
    assert world.bind.get(SITE, "A") == [A]
    daemon.wait_events(2, 5, "update-verified", new=A)


def test_ttl_jumps(make_world, make_reachd):
    """The trap of the provider's API: the zone's TTL is suddenly an hour."""
    world = make_world(gap=1.0, published=(A, None))
    world.home.dial(A)
    daemon = on_router(world, make_reachd, look_every="1s").start()
    daemon.wait_record(soon(world), verified=A, current=True, ttl=60)
    world.bind.set("home.example", "www", "A", A, ttl=3600)
    told = daemon.wait_events(1, 10, "update-ttl")
    assert "3600" in told[0]["text"] and told[0]["advice"]
    assert asked(world) == []


def test_update_asked_for_inside_the_gap(make_world, make_reachd):
    """The gap is long while it is asked for, whatever the machine, and short when it has been."""
    world = make_world(gap=1.0)
    home = world.home

    def gap(seconds):
        world.standin.gap = seconds
        daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem)
        assert daemon.reload(5)

    home.dial(A)
    daemon = on_router(world, make_reachd).start()
    daemon.wait_record(soon(world), verified=A, current=True)
    done = daemon.command("update", "--socket", daemon.socket)
    assert done.returncode == 0 and "nothing to do, DNS shows " + A in done.stdout, done.stdout
    gap(60.0)
    home.hang_up()
    home.dial(B)
    daemon.wait_record(5, wanted=B)
    done = daemon.command("update", "--socket", daemon.socket, "www")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert B + " goes out in" in said and "provider's gap" in said
    assert asked(world) == [A]
    gap(1.0)
    daemon.wait_record(soon(world), verified=B, current=True)
    assert asked(world) == [A, B]
    assert daemon.command("update", "--socket", daemon.socket, "absent").returncode == 1
