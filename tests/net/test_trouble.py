# SPDX-License-Identifier: ISC
"""What goes wrong around an update: the provider, the password, the name server, the daemon's own
violent end. Always asserted: nothing leaves inside the provider's gap, and in the end DNS is right."""
import os
import subprocess
import time

import pytest

import lab.daemon as conf
from lab import tools
from lab.ca import CA
from lab.killer import Killer
from lab.standin import Answer
from lab.wait import STRETCH
from lab.world import PASSWORD, PROVIDER, SITE

A, B = "203.0.113.27", "203.0.113.91"


def on_router(world, make_reachd, **options):
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, **options), ca=world.ca.pem)
    return daemon


def redial(home, address):
    if home.address:
        home.hang_up()
    home.dial(address)


FAILURES = [  # what the provider does, and a word of what is said about it
    (Answer.http(503, "status=503\n"), "503"),
    (Answer.http(503, "<html>overload</html>"), "503"),
    (Answer.http(500, "oops\n"), "500"),
    (Answer.code("status=5"), "status=5"),
    (Answer.http(200, ""), "not understood"),
    (Answer.garbage(), "may have arrived"),
    (Answer.closed(), "may have arrived"),
    (Answer.reset(), "may have arrived"),
    (Answer.silence(), "timeout"),
    (Answer.tls_reset(), "reset"),
    (Answer.tls_silence(), "tls-timeout"),
]


def test_provider_fails_in_every_way(make_world, make_reachd):
    """One failure after another, each with an address of its own: each is told, none is the end."""
    world = make_world(gap=0.5)
    home = world.home
    # Before the daemon: it would find the first address while the script is still empty.
    world.standin.script(FAILURES[0][0])
    home.dial("203.0.113.20")
    daemon = on_router(world, make_reachd, backoff="100ms", backoff_max="200ms", timeout="2s").start()
    for number, (answer, word) in enumerate(FAILURES):
        address = "203.0.113.%d" % (20 + number)
        if number > 0:
            # Before the request both addresses of the provider are tried.
            world.standin.script(*[answer] * (2 if answer.how.startswith("tls-") else 1))
            redial(home, address)
        failed = daemon.wait_events(1, 10, "update-failed", new=address)[0]
        assert word in failed["text"], failed
        assert failed["cause"] == "temporary" and failed["advice"]
        # Not "sent": an answer that came too late has done its work all the same, and DNS tells.
        daemon.wait_record(40, wanted=address, current=True, failures=0)
        assert world.bind.get(SITE, "A") == [address]
    daemon.wait_record(20, verified=address, current=True)
    assert world.standin.early() == []
    assert daemon.events("update-halted") == []


def test_redirect_is_not_followed(make_world, make_reachd):
    """The request holds a password. And it is not repeated soon."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    world.standin.script(Answer.redirect("https://elsewhere.example/login?next=1"))
    daemon = on_router(world, make_reachd).start()
    failed = daemon.wait_events(1, 10, "update-failed")[0]
    assert "302 to https://elsewhere.example/login" in failed["text"]
    assert daemon.wait_record(5, action="wait")["next_ms"] > 60000
    assert len(world.standin.requests) == 1


def test_wrong_password_stops_until_it_is_right(make_world, make_reachd):
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, look_every="1s")
    daemon.password("nearlyright")
    daemon.start()
    halted = daemon.wait_events(1, 10, "update-halted")[0]
    assert halted["cause"] == "auth" and "status=4" in halted["text"] and "password" in halted["advice"]
    assert "nearlyright" not in daemon.logs()
    record = daemon.record()
    assert record["halted"] and record["action"] == "halted" and record["halt"] == "auth"
    assert daemon.command("update", "--socket", daemon.socket).returncode == 1

    # Neither another address, nor a reload that changes nothing, nor a restart lifts it.
    redial(world.home, B)
    daemon.wait_record(5, wanted=B, action="halted")
    assert daemon.reload()
    daemon.wait_record(5, wanted=B, action="halted")
    daemon.restart()
    daemon.wait_record(5, wanted=B, action="halted")
    assert len(world.standin.requests) == 1

    daemon.password(PASSWORD)
    assert daemon.reload()
    daemon.wait_record(10, verified=B, current=True, halted=False)
    assert [one.address for one in world.standin.requests] == [A, B]
    assert world.standin.early() == []
    assert PASSWORD not in daemon.logs()


def test_name_server_is_down(make_world, make_reachd):
    """Nothing can be resolved, the provider's own name included: it is only late, not lost."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, backoff="100ms", backoff_max="500ms").start()
    daemon.wait_record(10, verified=A, current=True)
    world.bind.stop()
    redial(world.home, B)
    failed = daemon.wait_events(1, 20, "update-failed")[0]
    assert failed["new"] == B and "dns-" in failed["text"], failed
    world.bind.start()
    daemon.wait_record(20, verified=B, current=True)
    assert [one.address for one in world.standin.requests] == [A, B]
    assert world.bind.get(SITE, "A") == [B]


def test_nobody_answers_for_the_zone(make_world, make_reachd):
    """The update goes out all the same, once, and it is told that nobody can say what came of it."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, authoritative=["192.0.2.80:53"], verify_for="2s").start()
    mismatch = daemon.wait_events(1, 30, "update-mismatch")[0]
    assert "no authoritative server answers" in mismatch["text"] and "192.0.2.80" in mismatch["text"]
    assert daemon.record()["verified"] is None
    assert [one.address for one in world.standin.requests] == [A]
    assert world.bind.get(SITE, "A") == [A]


def test_accepted_but_never_done(make_world, make_reachd):
    """The provider says yes and does nothing: noticed within the bound, tried again."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    world.standin.script(Answer.code("status=0\nOK"))
    daemon = on_router(world, make_reachd, verify_for="1s", backoff="100ms").start()
    mismatch = daemon.wait_events(1, 15, "update-mismatch")[0]
    assert "203.0.113.10 instead of " + A in mismatch["text"]
    daemon.wait_record(15, verified=A, current=True)
    assert [one.address for one in world.standin.requests] == [A, A]
    assert world.standin.early() == []


def test_dyndns2_words(make_world, make_reachd):
    """Three accounts with one service: one is good, one has a wrong user, one a name that is not there."""
    world = make_world(gap=0)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    service = {"provider": "dyndns2", "url": world.dyndns2, "gap": "0"}
    daemon.configure(conf.ppp_address(),
                     conf.record(world, daemon, user="lab", **service),
                     conf.record(world, daemon, "stranger", "@", user="stranger", **service),
                     conf.record(world, daemon, "absent", "absent", user="lab", **service),
                     ca=world.ca.pem).start()
    daemon.wait_record(10, verified=A, current=True)
    daemon.wait_record(10, "stranger", halted=True, halt="auth")
    daemon.wait_record(10, "absent", halted=True, halt="config")
    halted = {one["subject"]: one["text"] for one in daemon.wait_events(2, 5, "update-halted")}
    assert "badauth" in halted["stranger"] and "nohost" in halted["absent"]
    assert len(world.standin.requests) == 3

    # Halts outlive a kill -9 and do not hold up the others; an outage at the service is waited out.
    daemon.kill9()
    world.standin.script(Answer.code("911"))
    daemon.start()
    redial(world.home, B)
    daemon.wait_record(10, action="wait", failures=1, last_verdict="temporary")
    assert daemon.record()["next_ms"] > 29 * 60000
    daemon.kill9()
    daemon.start()
    assert daemon.wait_record(10, wanted=B, action="wait")["next_ms"] > 29 * 60000
    assert daemon.record("stranger")["halted"] and daemon.record("absent")["halted"]
    assert len(world.standin.requests) == 4


def test_retry_after_outlives_kill_9(make_world, make_reachd):
    world = make_world(gap=0.5)
    world.home.dial(A)
    world.standin.script(Answer.too_many(4))
    daemon = on_router(world, make_reachd, backoff="100ms", backoff_max="100ms").start()
    daemon.wait_record(10, action="wait", failures=1)
    daemon.kill9()
    daemon.start()
    assert daemon.wait_record(10, wanted=A, action="wait")["reason"] == "the provider asked to wait"
    daemon.wait_record(15, verified=A, current=True)
    first, second = world.standin.requests
    assert 4.0 <= second.at - first.at < 8.0 * STRETCH


def test_budget_outlives_kill_9(make_world, make_reachd):
    """Two updates in an hour: one at once, the other half an hour later, whatever dies meanwhile."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = on_router(world, make_reachd, budget=2, budget_window="1h").start()
    daemon.wait_record(10, verified=A, current=True)
    redial(world.home, B)
    for _life in range(2):
        record = daemon.wait_record(10, wanted=B, action="wait")
        assert record["reason"] == "provider's budget"
        daemon.kill9()
        daemon.start()
    daemon.wait_record(10, wanted=B, action="wait")
    said = daemon.command("update", "--socket", daemon.socket, "www").stdout
    assert "provider's budget" in " ".join(said.split())
    assert [request.address for request in world.standin.requests] == [A]


def test_damaged_database(make_world, make_reachd):
    """Moved aside and told; the gap is waited once, and all goes on."""
    world = make_world(gap=1.0)
    world.home.dial(A)
    daemon = on_router(world, make_reachd).start()
    daemon.wait_record(10, verified=A, current=True)
    daemon.stop()
    with open(daemon.file("state.db"), "r+b") as file:
        file.write(b"no database " * 100)
    redial(world.home, B)
    daemon.start()
    assert daemon.wait_record(5, wanted=B, action="wait")["reason"] == "provider's gap"
    assert daemon.proc.find(r"moved|aside"), daemon.proc.text()
    daemon.wait_record(10, verified=B, current=True)
    assert world.standin.early() == []
    assert [name for name in os.listdir(daemon.folder) if name.startswith("state.db.")]


def test_provider_is_an_impostor(make_world, make_reachd):
    """A certificate of somebody else: the password does not leave, and that is said aloud."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    other = CA(world.path("other"), "Another Root")
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=other.pem).start()
    failed = daemon.wait_events(1, 10, "update-failed")[0]
    assert "cert-unknown-issuer" in failed["text"], failed
    assert world.standin.requests == []
    # The right store by a reload: what is to be done is done.
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem)
    assert daemon.reload()
    daemon.wait_record(20, verified=A, current=True)


def test_provider_whose_certificate_turned_bad(make_world, make_reachd):
    """Good at one update, refused at the next, though a probe of the daemon knows the chain."""
    world = make_world(gap=0.2)
    good = world.ca.issue(PROVIDER)
    bad = [("cert-expired", world.ca.expired(PROVIDER)),
           ("cert-name-mismatch", world.ca.issue("other.example")),
           ("cert-self-signed", world.ca.self_signed(PROVIDER)),
           ("cert-unknown-issuer", CA(world.path("other"), "Another Root").issue(PROVIDER))]
    daemon = make_reachd(world.home.router)
    sections = (conf.ppp_address(), conf.record(world, daemon),
                conf.target("provider", PROVIDER, every="1s"))
    daemon.configure(*sections, ca=world.ca.pem).start()
    used = iter(range(20, 40))

    def refused(word, cert):
        asked, address = len(world.standin.requests), "203.0.113.%d" % next(used)
        world.standin.present(cert)
        redial(world.home, address)
        daemon.wait_status(lambda: daemon.record()["wanted"] == address and
                           word in (daemon.record()["last_text"] or ""), 10, word)
        assert len(world.standin.requests) == asked
        return address

    def published(address):
        world.standin.present(good)
        daemon.wait_record(10, published=address, current=True)
        daemon.wait_target(10, "provider", "ipv4", outcome="ok")

    redial(world.home, A)
    published(A)
    for word, cert in bad:
        published(refused(word, cert))
    # The very same certificate, on a list that came meanwhile.
    world.ca.revoke(good)
    daemon.configure(*sections, conf.section("trust", ca=world.ca.pem, crl=world.ca.crl()))
    assert daemon.reload()
    refused("cert-revoked", good)


def test_disk_is_full(make_world, make_reachd):
    """What can't be noted down first is not sent; when there is room again it goes out."""
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)
    disk = daemon.file("disk")
    os.mkdir(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "lab", disk], check=True)
    try:
        daemon.configure(conf.ppp_address(), conf.record(world, daemon), ca=world.ca.pem,
                         state=os.path.join(disk, "state.db")).start()
        daemon.wait_record(10, verified=A, current=True)
        with open(os.path.join(disk, "ballast"), "wb", buffering=0) as file:
            while True:
                try:
                    file.write(bytes(4096))
                except OSError:
                    break
        redial(world.home, B)
        daemon.wait_for(r"error .*(can't be stored|full)", 10)
        daemon.wait_record(10, wanted=B, action="wait")
        assert len(world.standin.requests) == 1
        os.unlink(os.path.join(disk, "ballast"))
        daemon.wait_record(30, verified=B, current=True)
        assert world.standin.early() == []
        assert daemon.stop() == 0
    finally:
        subprocess.run(["umount", "-l", disk], check=False)


def test_killed_at_any_instant(make_world, make_reachd):
    world = make_world(gap=1.0)
    daemon = on_router(world, make_reachd)
    killer = Killer(daemon)
    address = killer.lives(14, lambda address: redial(world.home, address))
    daemon.wait_record(20, verified=address, current=True)
    print(daemon.logs(), *world.standin.requests, sep="\n")
    assert killer.while_sending >= 3
    assert world.standin.early() == []
    assert world.bind.get(SITE, "A") == [address]
    assert "moved aside" not in daemon.logs()
    # Told at least once, whichever life it was in.
    daemon.wait_events(1, 10, "update-verified", new=address)


def test_clock_that_is_not_set(make_world, make_reachd, reachd_path):
    """A router without a battery comes up in 1970: no certificate can be judged, so neither target nor provider
    is called bad, and what to do is said where it is told that the update failed."""
    env = tools.clock_env(3600 - int(time.time()))
    with open(reachd_path, "rb") as file:
        sanitized = b"__asan_init" in file.read()
    if not env or sanitized:
        pytest.skip("libfaketime is not here, or does not go with the sanitizers")
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = make_reachd(world.home.router, env=env)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon), conf.target(host="192.168.1.5", servername=SITE),
                     ca=world.ca.pem).start()
    seen = daemon.wait_target(10, "site", "ipv4", outcome="local-clock", unsettled=False)
    assert seen["state"] == "unknown" and "it says 1970-01-01" in seen["detail"]
    failed = daemon.wait_events(1, 10, "update-failed")[0]
    assert "local-clock" in failed["text"] and failed["advice"].startswith("Set this machine's clock")
    daemon.wait_record(5, advice=failed["advice"], halted=False)
    assert daemon.events("target-down") == daemon.events("update-halted") == [] and world.standin.requests == []
