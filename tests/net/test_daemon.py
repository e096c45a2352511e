# SPDX-License-Identifier: ISC
"""reachd run as a program: signals, reload, hooks, descriptors, what it owes a service manager, and
the watch over a site."""
import json
import os
import signal
import socket
import stat
import time

import pytest

import lab.daemon as conf
from lab.netns import Netns
from lab.nginx import Nginx
from lab.proc import running
from lab.standin import Answer
from lab.wait import STRETCH, wait_until
from lab.world import SITE

A, B = "203.0.113.27", "203.0.113.91"


@pytest.fixture
def alone():
    """A namespace with nothing but loopback: for what needs no home around it."""
    netns = Netns("alone")
    yield netns
    netns.delete()


def literal(title="site", host="127.0.0.1:443", **options):
    """A target that needs no DNS."""
    return conf.target(title, host, families=["ipv4"], **options)


def notify_socket(path):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(path)
    sock.settimeout(10 * STRETCH)
    return sock


def next_message(sock):
    return dict(line.split("=", 1) for line in sock.recv(4096).decode().splitlines())


# --- status, signals, service manager -----------------------------------------------------------
def test_status_is_what_the_socket_says(make_world, make_reachd):
    world = make_world(gap=0)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), conf.target(), ca=world.ca.pem)
    daemon.start()
    daemon.wait_record(10, verified=A, current=True)
    assert stat.S_IMODE(os.stat(daemon.socket).st_mode) == 0o660
    done = daemon.command("status", "--json", "--socket", daemon.socket)
    shown = json.loads(done.stdout)
    assert [one["published"] for one in shown["records"]] == [A]
    assert all(one["sent_at_ms"] and one["looked_at_ms"] and one["allowed_ms"] >= 0 for one in shown["records"])
    assert shown["addresses"][0]["chosen"] == A and shown["addresses"][0]["reason"]
    table = daemon.command("status", "--socket", daemon.socket).stdout
    for word in (SITE, A, "in DNS", "pppoe-wanppp"):
        assert word in table, table
    # The first line names the configuration, whose path is what it is.
    assert max(len(line) for line in table.splitlines()[1:]) <= 80, table
    assert daemon.stop() == 0
    assert not os.path.exists(daemon.socket)
    done = daemon.command("status", "--socket", daemon.socket)
    assert done.returncode == 3 and "does not seem to run" in done.stderr


def test_tells_the_service_manager(alone, make_reachd, tmp_path):
    path = str(tmp_path / "notify")
    with notify_socket(path) as sock:
        env = dict(os.environ, NOTIFY_SOCKET=path, WATCHDOG_USEC="1000000")
        daemon = make_reachd(alone, env=env)
        daemon.configure(literal()).start(ready=False)
        ready = next_message(sock)
        assert ready["READY"] == "1" and "1 target" in ready["STATUS"]
        # Ready means: it answers.
        assert daemon.status()["targets"]
        assert next_message(sock) == {"WATCHDOG": "1"}
        daemon.proc.signal(signal.SIGHUP)
        seen = []
        while not any("READY" in one for one in seen):
            seen.append(next_message(sock))
        assert any(one.get("RELOADING") == "1" and one.get("MONOTONIC_USEC") for one in seen), seen
        daemon.proc.signal(signal.SIGTERM)
        while not any("STOPPING" in one for one in seen):
            seen.append(next_message(sock))
        assert daemon.proc.wait(2) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_within_a_second_whatever_is_under_way(make_world, make_reachd, number):
    """A provider that is silent, a site that is silent, a hook that hangs."""
    world = make_world(gap=0.3)
    world.home.dial(A)
    world.standin.always(Answer.silence())
    daemon = make_reachd(world.home.router)
    hang = daemon.script("hang", "#!/bin/sh\nsleep 600\n")
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, timeout="30s"),
                     conf.target(host="192.0.2.99:443", timeout="60s", every="90s", families=["ipv4"]),
                     conf.section("hook", "hangs", command=[hang], events=["started"]),
                     ca=world.ca.pem).start()
    world.standin.wait_requests(1, 10)
    before = time.monotonic()
    daemon.proc.signal(number)
    assert daemon.proc.wait(5) == 0
    assert time.monotonic() - before < 1.0 * STRETCH
    assert not running(hang)
    # The next start keeps the gap and tells what the hook was not told.
    world.standin.always(None)
    daemon.start()
    daemon.wait_record(10, verified=A, current=True)
    assert world.standin.early() == []
    assert daemon.events("stopped") and len(daemon.events("started")) == 2


def test_two_share_neither_database_nor_socket(alone, make_reachd):
    daemon = make_reachd(alone)
    daemon.configure(literal()).start()
    for options, words in (((), "another reachd uses this database"),
                           (("--state", ""), "another reachd answers")):
        second = daemon.command("run", "-c", daemon.config, *options)
        assert second.returncode == 1 and words in second.stderr, second.stderr
    assert daemon.status()["pid"] == daemon.proc.pid


# --- reload ---------------------------------------------------------------------------------------
def test_reload_keeps_what_did_not_change(alone, make_reachd):
    daemon = make_reachd(alone)
    daemon.configure(literal(every="1h", retry_every="100ms", fall=2)).start()
    first = daemon.wait_target(10, "site", "ipv4", state="down", cause="refused")
    checked = daemon.status()["targets"][0]["checked_ms"]

    daemon.configure(literal(every="1h", retry_every="100ms", fall=2),
                     literal("more", "127.0.0.1:8443", every="1s"))
    assert daemon.reload()
    daemon.wait_target(10, "more", "ipv4", state="down")
    assert daemon.target("site", "ipv4") == first
    assert daemon.status()["targets"][0]["checked_ms"] == checked
    assert len(daemon.events("target-down", subject="site")) == 1

    # One that is gone is gone, and the other still the same.
    daemon.configure(literal(every="1h", retry_every="100ms", fall=2))
    assert daemon.reload()
    assert [one["name"] for one in daemon.status()["targets"]] == ["site"]
    assert daemon.target("site", "ipv4") == first

    # USR1 looks at once, an hour early.
    daemon.look_now()
    daemon.wait_status(lambda: daemon.status()["targets"][0]["checked_ms"] > checked, 5, "checked again")


def test_bad_reload_keeps_the_running_configuration(alone, make_reachd):
    daemon = make_reachd(alone)
    daemon.configure(literal()).start()
    daemon.wait_target(10, "site", "ipv4", state="down")
    before = daemon.status()
    for bad, word in ((conf.section("target", "site", hoost="x"), "hoost"),
                      (conf.section("target", "site", host="x", every="soon"), "soon"),
                      (conf.section("trust", ca="/nonexistent.pem") + literal(), "nonexistent"),
                      ("target {", "reachd.conf")):
        mark = daemon.proc.mark()
        daemon.write(bad)
        assert not daemon.reload(), bad
        assert word in daemon.status()["reload_error"]
        # Said with file and line, and the check of the shell says the same.
        assert daemon.proc.find(r"reachd\.conf", since=mark)
        assert daemon.command("check", "-c", daemon.config).returncode == 1
    after = daemon.status()
    assert [one["name"] for one in after["targets"]] == ["site"]
    assert after["pid"] == before["pid"] and daemon.proc.alive()
    daemon.configure(literal(), literal("more", "127.0.0.1:8443"))
    assert daemon.reload()
    assert daemon.status()["reload_error"] is None
    assert [one["name"] for one in daemon.status()["targets"]] == ["site", "more"]


def test_reload_moves_record_and_address(make_world, make_reachd):
    """Another interface for the same record, while an update is under way."""
    world = make_world(gap=0.5)
    home = world.home
    home.dial(A)
    daemon = make_reachd(home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem).start()
    daemon.wait_record(10, verified=A, current=True)
    wan = conf.section("address", "wan4", family="ipv4", interface="wan", accept=["198.51.100.0/24"])
    daemon.configure(wan, conf.record(world, daemon), ca=world.ca.pem)
    assert daemon.reload()
    daemon.wait_record(10, verified="198.51.100.7", current=True)
    world.standin.script(Answer.late(1.0))
    home.hang_up()
    home.dial(B)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem)
    assert daemon.reload()
    daemon.wait_record(5, wanted=B, action="busy")
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, ttl="60s"), ca=world.ca.pem)
    assert daemon.reload()
    daemon.wait_record(10, verified=B, current=True)
    assert [one.address for one in world.standin.requests] == [A, "198.51.100.7", B]
    assert world.standin.early() == []


# --- hooks ------------------------------------------------------------------------------------------
def test_hook_that_hangs(alone, make_reachd):
    """It is ended at its limit, with all that it started; the others are told in the meantime."""
    daemon = make_reachd(alone)
    hang = daemon.script("hang", "#!/bin/sh\necho waiting for nothing\nsleep 600 &\nsleep 601\n")
    daemon.configure(literal(retry_every="100ms"),
                     conf.section("hook", "hangs", command=[hang], events=["target-down"], timeout="1s"))
    daemon.start()
    daemon.wait_events(1, 10, "target-down", subject="site")
    line = daemon.wait_for(r"hook: hangs: .*(time|limit).*target-down", 10)
    assert "hang" in line.text
    assert daemon.proc.find("waiting for nothing")
    wait_until(lambda: not running(hang), 5, "the script is gone")
    hooks = {one["name"]: one for one in daemon.status()["hooks"]}
    assert hooks["hangs"]["failed"] == 1 and hooks["recorder"]["failed"] == 0


def test_hook_sees_environment_and_json(alone, make_reachd):
    daemon = make_reachd(alone)
    env = daemon.script("env", "#!/bin/sh\nenv >'%s.new'\nmv '%s.new' '%s'\n"
                        % ((daemon.file("seen"),) * 3))
    daemon.configure(literal(retry_every="100ms"),
                     conf.section("hook", "env", command=[env], events=["target-down"]))
    os.environ["RD_SECRET"] = "not for hooks"
    try:
        daemon.start()
    finally:
        del os.environ["RD_SECRET"]
    daemon.wait_status(lambda: os.path.exists(daemon.file("seen")), 10, "the hook has run")
    with open(daemon.file("seen"), encoding="utf-8") as file:
        seen = dict(line.split("=", 1) for line in file.read().splitlines())
    told = daemon.wait_events(1, 5, "target-down")[0]
    assert seen["REACHD_EVENT"] == told["event"] == "target-down"
    assert seen["REACHD_TARGET"] == told["subject"] == "site"
    assert seen["REACHD_CAUSE"] == told["cause"] == "refused"
    assert seen["REACHD_ADVICE"] == told["advice"] != ""
    assert "RD_SECRET" not in seen


def test_notice_survives_kill_9(alone, make_reachd):
    """Killed while a hook runs: the next life tells it."""
    daemon = make_reachd(alone)
    slow = daemon.script("slow", "#!/bin/sh\ncat >>'%s'\n[ -e '%s' ] || sleep 600\n"
                         % (daemon.file("slow-told"), daemon.file("quick")))
    daemon.configure(literal(every="1h", retry_every="100ms"),
                     conf.section("hook", "slow", command=[slow], events=["target-down"]))
    daemon.start()

    def told():
        try:
            with open(daemon.file("slow-told"), encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []
    daemon.wait_status(lambda: len(told()) == 1, 10, "the hook runs")
    daemon.kill9()
    wait_until(lambda: not running(slow), 5, "the hook ends with its daemon")
    with open(daemon.file("quick"), "w", encoding="ascii"):
        pass
    daemon.start()
    daemon.wait_status(lambda: len(told()) >= 2, 10, "it is told again")
    assert told()[0]["event_id"] == told()[1]["event_id"] > 0


# --- what it costs over time ------------------------------------------------------------------------
def test_no_descriptor_is_lost_over_1000_checks(alone, make_reachd, tmp_path):
    """Sites that are good, refuse, close, reset, are silent, and speak no TLS; each look at each counts.
    Looks that a reload gives up halfway lose nothing either."""
    from lab.ca import CA
    from lab.peers import Peer, answers, closes, resets, silent
    ca = CA(tmp_path / "ca")
    nginx = Nginx(alone, tmp_path / "nginx", {"127.0.0.1": ca.issue("127.0.0.1", "::1")}).start()
    peers = [Peer(alone, 8001, closes), Peer(alone, 8002, answers(b"220 hello\r\n")),
             Peer(alone, 8004, silent), Peer(alone, 8005, resets)]
    try:
        daemon = make_reachd(alone)
        sites = ["127.0.0.1:443", "127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003", "[::1]:443",
                 "127.0.0.1:8004", "127.0.0.1:8005"]

        def configure(timeout):
            daemon.configure(*[conf.target("t%d" % number, sites[number % len(sites)], every="1h",
                                           retry_every="1h", fall=1, timeout=timeout)
                               for number in range(56)], ca=ca.pem)
        configure("600ms")
        daemon.start()

        def settled():
            return all(side["state"] in ("up", "down") for one in daemon.status()["targets"]
                       for side in (one["ipv4"], one["ipv6"]) if side and side["addresses"])

        def round_of_all():
            """Asks for a look at each, and waits until each has had it."""
            before = {one["name"]: one["checked_ms"] for one in daemon.status()["targets"]}
            daemon.ask(cmd="check")
            daemon.wait_status(lambda: all(one["checked_ms"] > before[one["name"]]
                                           for one in daemon.status()["targets"]), 20,
                               "all were looked at", every=0.02)
        round_of_all()
        daemon.wait_status(settled, 20, "all are judged")
        words = {one["host"]: one["ipv4"]["outcome"] for one in daemon.status()["targets"] if one["ipv4"]}
        assert words["127.0.0.1:443"] == "ok", words
        assert len(set(words.values())) >= 4, words
        before = daemon.proc.open_files()
        for number in range(18):
            round_of_all()
            if number % 6 == 5:  # cancels what is under way: the silent ones still are
                daemon.ask(cmd="check")
                configure("%dms" % (600 + number))
                assert daemon.reload()
        # The one that asks is gone a moment after its answer.
        wait_until(lambda: daemon.proc.open_files() <= before, 5,
                   lambda: "%d descriptors before, %d after" % (before, daemon.proc.open_files()))
    finally:
        nginx.stop()
        for peer in peers:
            peer.stop()


# --- the watch over a site ----------------------------------------------------------------------------
def test_site_goes_down_and_comes_back(make_world, make_reachd):
    """Seen from outside, over both families."""
    world = make_world(published=(A, None))
    home = world.home
    home.dial(A)
    daemon = make_reachd(home.outside)
    daemon.configure(conf.target(), ca=world.ca.pem).start()
    for family, address in (("ipv4", A), ("ipv6", home.server6)):
        up = daemon.wait_target(10, "site", family, state="up", outcome="ok", address=address)
        assert all(up[phase] is not None and up[phase] > 0 for phase in ("dns_us", "tcp_us", "tls_us"))
    assert daemon.events("target-up") == [] and daemon.events("target-down") == []

    world.nginx.stop()
    for family in ("ipv4", "ipv6"):
        down = daemon.wait_events(1, 10, "target-down", family=family)[0]
        assert down["cause"] == "refused" and down["advice"]
        assert daemon.target("site", family)["state"] == "down"
    world.nginx.start()
    for family in ("ipv4", "ipv6"):
        assert daemon.wait_events(1, 10, "target-up", family=family)[0]["old"] == "down"

    # Only the IPv4 line is gone: the other family is not touched by that.
    home.hang_up()
    down = daemon.wait_events(2, 10, "target-down", family="ipv4")[1]
    assert down["cause"] == "unreachable", down
    assert daemon.target("site", "ipv6")["state"] == "up"
    assert len(daemon.events("target-down", family="ipv6")) == 1
    # A hole instead of an answer, for the other.
    home.dial(A)
    daemon.wait_events(2, 10, "target-up", family="ipv4")
    home.close_pinhole()
    down = daemon.wait_events(2, 15, "target-down", family="ipv6")[1]
    assert down["cause"] == "timeout", down
    assert daemon.target("site", "ipv4")["state"] == "up"


def test_certificate_of_a_site(make_world, make_reachd):
    world = make_world(published=(A, None))
    world.home.dial(A)
    world.nginx.restart(**{SITE: world.ca.issue(SITE, ends=3 * 24 * 3600)})
    daemon = make_reachd(world.home.outside)
    daemon.configure(conf.target(fall=1), ca=world.ca.pem).start()
    told = daemon.wait_events(1, 10, "cert-expiring")
    assert "expires in 2 days" in told[0]["text"]
    world.nginx.restart(**{SITE: world.ca.expired(SITE)})
    for family in ("ipv4", "ipv6"):
        assert daemon.wait_events(1, 10, "target-down", family=family)[0]["cause"] in ("cert-expired", "refused")
    daemon.wait_target(10, "site", "ipv4", state="down", cause="cert-expired")
    assert len(daemon.events("cert-expiring")) == 1


def test_family_that_is_not_published(make_world, make_reachd):
    """No failure, unless it is required; and the withdrawal of one that was there is told."""
    world = make_world(published=(A, None))
    home = world.home
    home.dial(A)
    world.bind.set("home.example", "www", "AAAA", None)
    daemon = make_reachd(home.outside)
    daemon.configure(conf.target(), conf.target("strict", require=["ipv4", "ipv6"]), ca=world.ca.pem).start()
    daemon.wait_target(10, "site", "ipv4", state="up")
    daemon.wait_target(10, "site", "ipv6", state="not-published")
    daemon.wait_target(10, "strict", "ipv4", state="up")
    daemon.wait_target(10, "strict", "ipv6", state="down", cause="dns-nodata")
    assert daemon.wait_events(1, 10, "target-down", family="ipv6")[0]["subject"] == "strict"
    shown = daemon.command("status", "--socket", daemon.socket)
    assert shown.returncode == 1 and "not-published" in shown.stdout and "dns-nodata" in shown.stdout, shown.stdout

    world.bind.set("home.example", "www", "AAAA", home.server6)
    for name in ("site", "strict"):
        daemon.wait_target(10, name, "ipv6", state="up")
    assert [one["subject"] for one in daemon.wait_events(1, 10, "target-up")] == ["strict"]
    assert daemon.command("status", "--socket", daemon.socket).returncode == 0
    assert len(daemon.events("target-down")) == 1

    world.bind.set("home.example", "www", "AAAA", None)
    gone = daemon.wait_events(1, 10, "target-down", subject="site")[0]
    assert (gone["old"], gone["new"], gone["family"]) == ("up", "not-published", "ipv6")
    daemon.wait_target(10, "strict", "ipv6", state="down", cause="dns-nodata")
