# SPDX-License-Identifier: ISC
"""Several names of one account in one request of dyndns2 (No-IP's data say how many), and an answer for each: the
whole daemon against a stand-in that keeps its gap and rewrites the zone of a real BIND."""
import os

import lab.daemon as conf
from lab.standin import Answer
from lab.world import PASSWORD, PROVIDER, ZONE

A, B = "203.0.113.27", "203.0.113.91"
SIX = "2001:db8:1::5"
GAP = 2.0
LIMIT = 10 + 4 * GAP
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ddns", "providers.d")


def full(host):
    return ZONE if host == "@" else "%s.%s" % (host, ZONE)


def prepared(make_world, make_reachd, *hosts, there=(), **options):
    """there: hosts that the service has a record for, besides www and @."""
    world = make_world(gap=GAP)
    for host in there:
        world.bind.set(ZONE, host, "A", "203.0.113.10")
        world.bind.set(ZONE, host, "AAAA", "2001:db8::10")
    world.home.dial(A)
    daemon = make_reachd(world.home.router, env={**os.environ, "REACHD_PROVIDERS": SOURCE})
    options = {"provider": "no-ip", "user": "lab", "url": "https://" + PROVIDER, **options}
    records = [conf.record(world, daemon, title=host, host=host, **options) for host in hosts]
    daemon.configure(conf.ppp_address(), *records, ca=world.ca.pem)
    return world, daemon


def names(request):
    return sorted(request.query["hostname"].split(","))


def redial(world, address):
    world.home.hang_up()
    world.home.dial(address)


def test_all_that_are_due_go_in_one_request(make_world, make_reachd):
    hosts = ["www", "@", "a", "b"]
    world, daemon = prepared(make_world, make_reachd, *hosts, there="ab")
    daemon.start()
    for count, address in ((1, A), (2, B)):
        if count > 1:
            redial(world, address)
        for host in hosts:
            daemon.wait_record(LIMIT, name=host, verified=address)
            assert world.bind.get(full(host), "A") == [address]
        requests = world.standin.requests
        assert [names(one) for one in requests] == [sorted(map(full, hosts))] * count
        assert requests[-1].query["myip"] == address
    assert world.standin.early() == []
    assert PASSWORD not in daemon.logs()


def test_each_name_has_its_own_answer(make_world, make_reachd):
    hosts = ["www", "gone", "a"]
    world, daemon = prepared(make_world, make_reachd, *hosts, there="a")
    daemon.start()
    assert "nohost" in daemon.wait_record(LIMIT, name="gone", halted=True)["last_text"]
    for host in ("www", "a"):
        daemon.wait_record(LIMIT, name=host, verified=A)
    assert [names(one) for one in world.standin.requests] == [sorted(map(full, hosts))]

    # What was refused for good is not asked for again, nor does it stop the others.
    redial(world, B)
    for host in ("www", "a"):
        daemon.wait_record(LIMIT, name=host, verified=B)
    assert [names(one) for one in world.standin.requests[1:]] == [sorted([full("www"), full("a")])]
    assert daemon.record("gone")["halted"]
    assert world.standin.early() == []


def test_a_reply_that_does_not_tell_whose_it_is(make_world, make_reachd):
    hosts = ["www", "a", "b"]
    world, daemon = prepared(make_world, make_reachd, *hosts, there="ab")
    world.standin.script(Answer.code("good %s\nnochg %s" % (A, A)))
    daemon.start()
    for host in hosts:
        daemon.wait_record(LIMIT, name=host, verified=A)
    first, *others = world.standin.requests
    assert names(first) == sorted(map(full, hosts))
    assert sorted(name for one in others for name in names(one)) == sorted(map(full, hosts))
    assert all(len(names(one)) == 1 for one in others), others
    assert world.standin.early() == []


def test_a_refused_login_stops_all_at_once(make_world, make_reachd):
    hosts = ["www", "a"]
    world, daemon = prepared(make_world, make_reachd, *hosts, there="a")
    daemon.password("another")
    daemon.start()
    for host in hosts:
        assert daemon.wait_record(LIMIT, name=host, halted=True)["last_verdict"] == "auth"
    assert len(world.standin.requests) == 1
    assert "another" not in daemon.logs()
