# SPDX-License-Identifier: ISC
"""What is promised to be told once, or until it ends: over kill -9, restart and reload."""
import json
import os
import random
import time

import pytest

import lab.daemon as conf
from lab.ca import CA
from lab.netns import Netns
from lab.nginx import Nginx
from lab.standin import Answer
from lab.world import SITE

A, B = "203.0.113.27", "203.0.113.91"
DAY = 24 * 3600


@pytest.fixture
def alone():
    netns = Netns("alone")
    yield netns
    netns.delete()


@pytest.fixture
def ca(tmp_path):
    return CA(tmp_path / "ca")


def site(**options):
    return conf.target("site", "127.0.0.1:443", families=["ipv4"], **options)


def said(daemon, event, **members):
    """How often, by the event log: what a hook was told may come a moment later."""
    return len([one for one in daemon.status(events=1000)["events"] if one["event"] == event
                and all(one[key] == value for key, value in members.items())])


class Reminded:
    """A hook of its own that is reminded, and what it was told."""

    def __init__(self, daemon, *events, remind="1s"):
        self.daemon = daemon
        self.path = daemon.file("reminded")
        program = daemon.script("remind", "#!/bin/sh\nexec cat >>'%s'\n" % self.path)
        self.section = conf.section("hook", "reminded", command=[program], events=list(events),
                                    remind=remind)

    def told(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                return [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []

    def wait(self, condition, what):
        self.daemon.wait_status(lambda: condition(self.told()), 15, what)

    def reminding(self):
        return [one["reminding"] for one in self.daemon.status()["hooks"] if one["name"] == "reminded"][0]


def test_a_target_that_is_down_over_a_restart(alone, make_reachd, tmp_path, ca):
    daemon = make_reachd(alone)
    hook = Reminded(daemon, "target-down")
    daemon.configure(site(), hook.section, ca=ca.pem).start()
    down = daemon.wait_events(1, 10, "target-down")[0]
    hook.wait(lambda told: any(one["reminder"] for one in told), "it is reminded")
    daemon.kill9()
    before = len(hook.told())
    daemon.start()
    daemon.wait_for("is still down over IPv4, as told before: refused", 10)
    hook.wait(lambda told: len(told) >= before + 2, "the reminders go on")
    assert {one["reminder"] for one in hook.told()[before:]} == {True}
    assert {one["event_id"] for one in hook.told()} == {down["event_id"]}
    assert said(daemon, "target-down") == 1
    # It comes back while nobody looks.
    daemon.kill9()
    nginx = Nginx(alone, tmp_path / "nginx", {"site": ca.issue("127.0.0.1")}, listens=["127.0.0.1:443"])
    nginx.start()
    daemon.start()
    up = daemon.wait_events(1, 10, "target-up")[0]
    assert (up["old"], up["new"]) == ("down", "up") and "is up again" in up["text"]
    assert hook.reminding() == 0
    daemon.restart()
    daemon.wait_target(10, "site", "ipv4", state="up")
    assert said(daemon, "target-up") == 1 and said(daemon, "target-down") == 1
    nginx.stop()


def test_reminders_end_with_their_target(alone, make_reachd):
    daemon = make_reachd(alone)
    hook = Reminded(daemon, "target-down", remind="1h")
    daemon.configure(site(), hook.section).start()
    daemon.wait_events(1, 10, "target-down")
    daemon.wait_status(lambda: hook.reminding() == 1, 5, "a reminder is planned")
    daemon.restart()
    daemon.wait_status(lambda: hook.reminding() == 1, 5, "a reminder is planned")
    daemon.configure(conf.target("other", "127.0.0.2:443", families=["ipv4"]), hook.section)
    assert daemon.reload()
    daemon.wait_status(lambda: hook.reminding() == (len(daemon.events("target-down", subject="other"))), 5,
                       "the former target's is none any more")
    # Back in the configuration it is a target like any other.
    daemon.configure(site(), hook.section)
    assert daemon.reload()
    daemon.wait_events(2, 10, "target-down", subject="site")


def test_a_target_that_is_changed_while_down(alone, make_reachd, tmp_path, ca):
    """A reload that looks elsewhere: whoever was told that it is down hears that it is up."""
    nginx = Nginx(alone, tmp_path / "nginx", {"site": ca.issue("127.0.0.1")}, listens=["127.0.0.1:8443"])
    nginx.start()
    daemon = make_reachd(alone)
    daemon.configure(site(), ca=ca.pem).start()
    daemon.wait_events(1, 10, "target-down")
    daemon.configure(conf.target("site", "127.0.0.1:8443", families=["ipv4"]), ca=ca.pem)
    assert daemon.reload()
    assert daemon.wait_events(1, 10, "target-up")[0]["old"] == "down"
    nginx.stop()


def test_a_certificate_s_stage_is_told_once(alone, make_reachd, tmp_path, ca):
    nginx = Nginx(alone, tmp_path / "nginx", {"site": ca.issue("127.0.0.1", ends=6 * DAY)},
                  listens=["127.0.0.1:443"])
    nginx.start()
    daemon = make_reachd(alone)
    daemon.configure(site(), ca=ca.pem).start()
    daemon.wait_events(1, 10, "cert-expiring")
    for _ in range(2):
        daemon.kill9()
        daemon.start()
        daemon.wait_target(10, "site", "ipv4", state="up")
    assert said(daemon, "cert-expiring") == 1
    # Another one that ends soon, and the next stage, are news.
    nginx.restart(site=ca.issue("127.0.0.1", ends=5 * DAY))
    daemon.wait_events(2, 10, "cert-expiring")
    nginx.restart(site=ca.issue("127.0.0.1", ends=2 * DAY))
    daemon.wait_events(3, 10, "cert-expiring")
    nginx.stop()


def test_another_address_after_a_restart(make_world, make_reachd):
    """A router that comes back from a power cut: the same address is no news, another one is."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address()).start()
    daemon.wait_for("'wan4' is now " + A, 10)
    daemon.kill9()
    world.home.hang_up()
    daemon.start()
    daemon.wait_for("'wan4' is not there", 10)  # the line is not up yet: nobody is told
    world.home.dial(A)
    daemon.wait_for("'wan4' is now " + A, 10)
    daemon.kill9()
    world.home.hang_up()
    world.home.dial(B)
    daemon.start()
    told = daemon.wait_events(1, 10, "address-changed")
    assert [(one["old"], one["new"]) for one in told] == [(A, B)]
    assert "(was %s)" % A in told[0]["text"]
    assert said(daemon, "address-lost") == 1
    # A loss that was told is taken back after the restart.
    world.home.hang_up()
    daemon.wait_events(1, 10, "address-lost")
    daemon.kill9()
    world.home.dial(B)
    daemon.start()
    daemon.wait_events(2, 10, "address-changed", new=B)


def test_an_address_that_never_comes(make_world, make_reachd):
    """The line is down when the router starts, and stays down: told once, and so is its return."""
    world = make_world(gap=0.5)
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(missing_after="700ms")).start()
    daemon.wait_for("'wan4' is not there: there is no interface pppoe-wanppp", 10)
    lost, = daemon.wait_events(1, 10, "address-lost")
    assert "has not come in 700ms: there is no interface pppoe-wanppp" in lost["text"], lost
    assert (lost["subject"], lost["family"], lost["new"]) == ("wan4", "ipv4", "")
    assert "reachd addr" in lost["advice"]
    daemon.kill9()
    daemon.start()
    daemon.wait_for("'wan4' is not there", 10)
    daemon.wait_status(lambda: daemon.status().get("uptime_ms", 0) > 1200, 10, "its time is over")
    world.home.dial(A)
    told, = daemon.wait_events(1, 10, "address-changed")
    assert told["new"] == A
    # The next start: it is there within its time, on a busy machine too, and nobody is bothered.
    daemon.configure(conf.ppp_address(missing_after="4s")).restart()
    daemon.wait_status(lambda: daemon.status().get("uptime_ms", 0) > 4500, 20, "its time is over")
    assert len(daemon.events("address-lost")) == len(daemon.events("address-changed")) == 1


def test_a_halted_record_is_not_forgotten(make_world, make_reachd):
    world = make_world(gap=0.5)
    world.home.dial(A)
    world.standin.script(Answer.code("status=4"))
    daemon = make_reachd(world.home.router)
    hook = Reminded(daemon, "update-halted")
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), hook.section, ca=world.ca.pem).start()
    daemon.wait_events(1, 10, "update-halted")
    hook.wait(lambda told: len(told) == 1, "it is told")
    daemon.kill9()
    daemon.start()
    daemon.wait_record(10, action="halted")
    hook.wait(lambda told: sum(one["reminder"] for one in told) >= 2, "it is reminded")
    assert said(daemon, "update-halted") == 1
    assert len(world.standin.requests) == 1
    assert world.bind.get(SITE, "A") == ["203.0.113.10"]


def test_what_a_hook_waits_for_survives(alone, make_reachd):
    """Killed while a storm is still collected: the next life tells it at once."""
    daemon = make_reachd(alone)
    daemon.configure(site(), debounce="1h").start()
    daemon.wait_status(lambda: daemon.status(events=9)["events"][0]["event"] == "target-down", 10, "it is down")
    daemon.kill9()
    assert daemon.events() == []
    daemon.start()
    down = daemon.wait_events(1, 10, "target-down")[0]
    assert down["event_id"] > 0 and not down["reminder"]
    daemon.wait_for("is still down over IPv4, as told before", 10)
    assert said(daemon, "target-down") == 1


def untold(daemon, events):
    """Events that no run stands for: neither told, nor replaced by a later one of the same subject."""
    told = {one["event_id"] for one in daemon.events()}
    replaced = sum(one["superseded"] for one in daemon.events())
    missing = [one for one in events if one["id"] not in told]
    return missing if len(missing) > replaced or missing and missing[0]["id"] > max(told) else []


def test_nothing_is_lost_at_any_instant(alone, make_reachd, tmp_path, ca):
    """A site goes up and down while the daemon is killed again and again."""
    seed = int(os.environ.get("RD_SEED") or random.SystemRandom().randrange(1 << 32))
    print("RD_SEED=%d" % seed)
    rng = random.Random(seed)
    nginx = Nginx(alone, tmp_path / "nginx", {"site": ca.issue("127.0.0.1")}, listens=["127.0.0.1:443"])
    daemon = make_reachd(alone)
    daemon.configure(site(rise=1, fall=1, every="1s", timeout="500ms"), debounce="50ms", ca=ca.pem)
    for number in range(12):
        daemon.start()
        if number % 2:
            nginx.stop()
        else:
            nginx.start()
        daemon.look_now()
        time.sleep(rng.uniform(0, 0.6))  # not to wait for something: the instant is what is tested
        daemon.kill9()
    nginx.stop()
    daemon.start()
    daemon.wait_target(10, "site", "ipv4", state="down")
    events = [one for one in daemon.status(events=1000)["events"] if one["event"].startswith("target-")]
    assert events
    daemon.wait_status(lambda: not untold(daemon, events), 10, lambda: "told: %s" % untold(daemon, events))
    # In turn: nothing is told twice that did not happen twice.
    states = [one["event"] for one in sorted(events, key=lambda one: one["id"])
              if one["event"] in ("target-up", "target-down")]
    assert all(one != other for one, other in zip(states, states[1:])), states
