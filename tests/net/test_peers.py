# SPDX-License-Identifier: ISC
"""What the peers of this program get wrong: after each kind of failure of a provider, of both kinds,
the wait that follows is one that no provider minds, and it outlives kill -9. How many requests half
an hour of each failure costs is counted in virtual time by tests/unit/test_ddns_sim.c."""
import pytest

import lab.daemon as conf
from lab.peers import Peer, resets, silent
from lab.standin import Answer
from lab.wait import STRETCH, wait_until
from lab.world import PROVIDER

A = "203.0.113.27"

# What happens, and the least wait after it in seconds; None: nothing more until the configuration
# changes. Value Domain's words stand for those of dyndns2 that it does not know.
ANSWERS = {
    "503": (Answer.http(503, "busy\n"), 0),
    "500": (Answer.http(500, "oops\n"), 0),
    "429": (Answer.too_many(900), 900),
    "empty": (Answer.http(200, ""), 0),
    "garbage": (Answer.garbage(), 0),
    "302": (Answer.redirect("https://elsewhere.example/"), 600),
}
WORDS = {
    "dyndns2": {"911": (Answer.code("911"), 1800), "badauth": (Answer.code("badauth"), None),
                "abuse": (Answer.code("abuse"), None), "nohost": (Answer.code("nohost"), None)},
    "value-domain": {"status=503": (Answer.code("status=503"), 0), "auth": (Answer.code("status=4"), None),
                     "no-record": (Answer.code("status=8"), None), "code-5": (Answer.code("status=5"), 0)},
}
PORTS = {"refused": 8101, "rst": 8102, "silence": 8103}  # on the way, before any answer


def records_of(world, daemon, provider):
    """One record for each failure, each with an account of its own (that is: an URL), and the least
    waits by record."""
    text, least = "", {}
    user = "lab" if provider == "dyndns2" else None

    def add(name, url, wait):
        nonlocal text
        title = "%s-%s" % (provider, name)
        least[title] = wait
        # Full jitter may draw any part of the window: of so long a one never the first minute.
        text += conf.section("record", title, host=title.replace("=", "-"), domain="home.example",
                             provider=provider, url=url, user=user, ipv4="wan4", gap="200ms",
                             timeout="%gs" % STRETCH,
                             backoff="1d", backoff_max="1d",
                             password_file=daemon.password_file)
    for name, (answer, wait) in {**ANSWERS, **WORDS[provider]}.items():
        path = "/%s/%s" % (provider, name.replace("=", "-"))
        world.standin.at_path(path, answer)
        add(name, "https://%s%s" % (PROVIDER, path), wait)
    for name, port in PORTS.items():
        add(name, "https://%s:%d/%s" % (PROVIDER, port, provider), 0)
    return text, least


def waits(daemon):
    """(title: milliseconds until the next request, None when halted) once all have failed."""
    records = daemon.status().get("records", [])
    if not records or not all(one["action"] == "halted" or (one["action"] == "wait" and one["failures"])
                              for one in records):
        return None
    return {one["name"]: None if one["action"] == "halted" else one["next_ms"] for one in records}


@pytest.mark.parametrize("provider", sorted(WORDS))
def test_after_each_failure_and_kill_9(make_world, make_reachd, provider):
    world = make_world(gap=0)
    world.home.dial(A)
    isp = world.home.isp
    peers = [Peer(isp, PORTS["rst"], resets), Peer(isp, PORTS["silence"], silent)]
    try:
        daemon = make_reachd(world.home.router)
        records, least = records_of(world, daemon, provider)
        daemon.configure(conf.ppp_address(), records, ca=world.ca.pem).start()
        before = daemon.wait_status(lambda: waits(daemon), 30, "each has failed", every=0.2)
        sent = len(world.standin.requests)
        assert set(before) == set(least) and sent == len(ANSWERS) + len(WORDS[provider])
        for title, left in before.items():
            if least[title] is None:
                assert left is None, title
            else:
                assert left is not None and left > (least[title] - 30) * 1000, (title, left)
        pid = daemon.proc.pid
        daemon.kill9()
        daemon.start()
        after = daemon.wait_status(lambda: waits(daemon), 30, "all wait again", every=0.2)
        assert daemon.proc.pid != pid
        for title, left in before.items():
            if left is None:
                assert after[title] is None, title
            else:  # not sooner, and not much later either
                assert left - 60000 < after[title] <= left + 1000, (title, left, after[title])
        # What may leave is what was due before the end: nothing.
        assert len(world.standin.requests) == sent, world.standin.requests
        wait_until(daemon.proc.alive, 1, "it runs")
    finally:
        for peer in peers:
            peer.stop()
