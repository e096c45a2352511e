# SPDX-License-Identifier: ISC
"""`reachd update --dry-run` and `--force` at a running daemon: what is told, what is sent, and that
no limit is shorter for whoever asks."""
import json
import time

import lab.daemon as conf
from lab.standin import Answer
from lab.world import SITE

A, B = "203.0.113.27", "203.0.113.91"


def on_router(world, make_reachd, *more, **options):
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, **options), *more, ca=world.ca.pem)
    return daemon.start()


def update(daemon, *options):
    """(exit status, what is printed, on one line)"""
    done = daemon.command("update", "--socket", daemon.socket, *options)
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def plan(daemon, *options):
    """(exit status, the plan of the first record)"""
    status, text = update(daemon, "--json", *options)
    record = json.loads(text)["records"][0]
    return status, record["plan"], record


def holds(plan_of_record):
    return {hold["by"]: hold for hold in plan_of_record["holds"]}


def test_dry_run_sends_nothing_and_says_why(make_world, make_reachd):
    world = make_world(gap=8.0)
    world.home.dial(A)
    daemon = on_router(world, make_reachd)
    daemon.wait_record(20, verified=A, current=True)

    status, told, record = plan(daemon, "--dry-run")
    assert status == 0 and not told["due"] and told["value"] is None
    assert told["why"] == "DNS shows the wanted address"
    assert record["address"] == "wan4" and record["wanted"] == record["published"] == A
    # The gap is told though nothing is due, in wall time.
    gap = holds(told)["gap"]
    assert 0 < gap["left_ms"] <= 8000 and abs(gap["until_ms"] / 1000 - time.time()) < 9
    status, text = update(daemon, "--dry-run", "www")
    assert status == 0 and SITE + " IPv4" in text and 'address "wan4"' in text
    assert "to send nothing: DNS shows the wanted address" in text

    world.home.hang_up()
    world.home.dial(B)
    daemon.wait_record(10, wanted=B, action="wait")
    status, told, record = plan(daemon, "--dry-run")
    assert status == 5 and told["due"] and told["value"] == B and record["published"] == A
    status, text = update(daemon, "--dry-run")
    assert status == 5 and "to send %s: the wanted address is not in DNS" % B in text
    assert "held back provider's gap, until 20" in text

    assert update(daemon, "--dry-run", "absent")[0] == 1
    assert [request.address for request in world.standin.requests] == [A]


def test_dry_run_of_a_halt(make_world, make_reachd):
    world = make_world(gap=0.2)
    world.home.dial(A)
    world.standin.script(Answer.code("status=4"))
    daemon = on_router(world, make_reachd)
    daemon.wait_record(10, halted=True)
    for options in (["--dry-run"], ["--force"], ["--force", "--dry-run"]):
        status, told, _record = plan(daemon, *options)
        assert status == 1 and told["due"] and told["until"] is None and told["left_ms"] is None
        assert holds(told)["halted"]["reason"] == "stopped until the configuration changes"
    status, text = update(daemon, "--force")
    assert status == 1 and "held back stopped until the configuration changes" in text
    assert not daemon.record()["forced"]
    assert len(world.standin.requests) == 1


def test_force_sends_what_dns_shows(make_world, make_reachd):
    world = make_world(gap=1.0)
    world.home.dial(A)
    daemon = on_router(world, make_reachd)
    daemon.wait_record(10, verified=A, current=True, allowed_ms=0)

    status, told, _record = plan(daemon, "--force", "--dry-run")
    assert status == 4 and told["due"] and told["value"] == A
    assert [request.address for request in world.standin.requests] == [A]

    status, text = update(daemon, "--force", "www")
    assert status == 0 and "to send %s now: it was asked for, whatever DNS shows" % A in text
    daemon.wait_status(lambda: len(world.standin.requests) == 2, 10, "a second request")
    daemon.wait_events(2, 10, "update-sent")
    assert not daemon.record()["forced"]
    assert [request.address for request in world.standin.requests] == [A, A]
    assert world.standin.early() == []


def test_force_waits_for_the_gap(make_world, make_reachd):
    """Whoever asks again and again gets one update, when the gap is over."""
    world = make_world(gap=8.0)
    world.home.dial(A)
    daemon = on_router(world, make_reachd)
    daemon.wait_record(10, verified=A, current=True)
    for _again in range(3):
        status, told, _record = plan(daemon, "--force")
        assert status == 5 and set(holds(told)) == {"gap"}
    daemon.wait_record(7, forced=True, action="wait", reason="provider's gap")
    daemon.wait_record(20, forced=False)
    daemon.wait_record(15, current=True, verifying=False)
    assert [request.address for request in world.standin.requests] == [A, A]
    assert world.standin.early() == []


def test_force_waits_as_the_provider_asked(make_world, make_reachd):
    world = make_world(gap=0.2)
    world.home.dial(A)
    world.standin.script(Answer.too_many(600))
    daemon = on_router(world, make_reachd)
    daemon.wait_record(10, action="wait", failures=1)
    status, told, _record = plan(daemon, "--force")
    assert status == 5 and holds(told)["penalty"]["left_ms"] > 590000
    status, text = update(daemon, "--force")
    assert status == 5 and "held back the provider asked to wait, until 20" in text
    daemon.wait_record(5, forced=True, action="wait")
    assert len(world.standin.requests) == 1


def test_force_spends_of_the_budget(make_world, make_reachd):
    """Two in an hour: the second is the forced one, and the third waits, however it is asked for."""
    world = make_world(gap=0.2)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, budget=3, budget_window="1h")
    daemon.wait_record(10, verified=A, current=True, allowed_ms=0)
    assert update(daemon, "--force")[0] == 0
    daemon.wait_events(2, 10, "update-sent")  # asked for while one is under way, that one is it
    daemon.wait_record(10, current=True, verifying=False)
    status, told, _record = plan(daemon, "--force")
    assert status == 5 and holds(told)["budget"]["left_ms"] > 600000
    daemon.wait_record(5, forced=True, action="wait", reason="provider's budget")
    assert len(world.standin.requests) == 2


def test_nobody_answers(make_world, make_reachd):
    world = make_world(gap=0.2)
    daemon = make_reachd(world.home.router)
    for options in (["--dry-run"], ["--force"]):
        status, text = update(daemon, *options)
        assert status == 3 and "does not seem to run" in text
