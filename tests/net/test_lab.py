# SPDX-License-Identifier: ISC
"""The lab itself: what the other tests build on must behave like the real things."""
import subprocess

import pytest

from lab.ca import CA

from lab.standin import Answer
from lab.world import PASSWORD, PROVIDER, SITE


def fetch(netns, url, ca, timeout=5):
    """"STATUS BODY" of an HTTPS request made inside a namespace, or the kind of its failure."""
    script = """
import ssl, sys, urllib.request, urllib.error
context = ssl.create_default_context(cafile=sys.argv[2])
try:
    with urllib.request.urlopen(sys.argv[1], context=context, timeout=%g) as reply:
        print(reply.status, reply.read().decode())
except urllib.error.HTTPError as error:
    print(error.code, error.read().decode())
except Exception as error:
    print(type(error).__name__, ascii(error))
""" % timeout
    done = netns.run("/usr/bin/python3", "-c", script, url, ca, check=False)
    return done.stdout.strip() or done.stderr.strip()


def resets_sent(netns):
    names, values = [line.split() for line in netns.run("cat", "/proc/net/snmp").stdout.splitlines()
                     if line.startswith("Tcp:")]
    return int(values[names.index("OutRsts")])


def update_url(address, host="www", password=PASSWORD):
    return "https://%s/cgi-bin/dyn.fcg?d=home.example&p=%s&h=%s&i=%s" % (PROVIDER, password, host, address)


def test_home_is_reached_over_both_families(make_world):
    world = make_world()
    home = world.home
    home.dial("203.0.113.27")
    assert home.outside.connects("203.0.113.27", 443) is None
    assert home.outside.connects(home.server6, 443) is None
    # Nothing else is open.
    assert home.outside.connects(home.server6, 80, timeout=0.5) is not None
    assert home.outside.connects("203.0.113.27", 80, timeout=0.5) is not None
    home.close_pinhole()
    assert home.outside.connects(home.server6, 443, timeout=0.5) is not None
    assert home.outside.connects("203.0.113.27", 443) is None

    home.hang_up()
    assert home.outside.connects("203.0.113.27", 443, timeout=0.5) is not None
    home.dial("203.0.113.91")
    assert home.outside.connects("203.0.113.91", 443) is None
    assert home.outside.connects("203.0.113.27", 443, timeout=0.5) is not None


def test_prefix_change_moves_server(make_world):
    world = make_world()
    home = world.home
    old = home.server6
    home.give_prefix("2001:db8:2:2")
    assert home.outside.connects(home.server6, 443) is None
    assert home.outside.connects(old, 443, timeout=0.5) is not None
    assert "deprecated" in home.server.run("ip", "-6", "addr", "show", "to", old).stdout


def test_standin_rewrites_zone_and_keeps_gap(make_world):
    world = make_world(gap=60)
    router = world.home.router
    world.home.dial("203.0.113.27")
    assert world.bind.get(SITE, "A") == ["203.0.113.10"]
    assert fetch(router, update_url("203.0.113.27"), world.ca.pem).startswith("200 status=0")
    assert world.bind.get(SITE, "A") == ["203.0.113.27"]
    assert fetch(router, update_url("203.0.113.28"), world.ca.pem).startswith("503 status=503")
    assert world.bind.get(SITE, "A") == ["203.0.113.27"]
    assert len(world.standin.early()) == 1


def test_standin_refuses_what_the_real_one_refuses(make_world):
    world = make_world(gap=0)
    router = world.home.router
    assert "status=4" in fetch(router, update_url("203.0.113.27", password="wrong"), world.ca.pem)
    assert "status=8" in fetch(router, update_url("203.0.113.27", host="absent"), world.ca.pem)
    assert "status=3" in fetch(router, update_url("nonsense"), world.ca.pem)
    assert world.bind.get(SITE, "A") == ["203.0.113.10"]


@pytest.mark.parametrize("answer, seen", [
    (Answer.http(500, "no"), "500 no"),
    (Answer.too_many(7), "429 slow down"),
    (Answer.code("status=5"), "200 status=5"),
    (Answer.garbage(), "BadStatusLine"),
    (Answer.closed(), "Remote end closed connection"),
    (Answer.silence(), "timed out"),
    (Answer.tls_silence(), "timed out"),
])
def test_standin_scripts(make_world, answer, seen):
    world = make_world(gap=0)
    router = world.home.router
    world.standin.script(answer)
    assert seen in fetch(router, update_url("203.0.113.27"), world.ca.pem, timeout=1)
    assert world.bind.get(SITE, "A") == ["203.0.113.10"]
    # After the script all is as usual.
    assert "status=0" in fetch(router, update_url("203.0.113.27"), world.ca.pem)
    assert len(world.standin.requests) == 2


@pytest.mark.parametrize("answer", [Answer.reset(), Answer.tls_reset()])
def test_standin_resets(make_world, answer):
    world = make_world(gap=0)
    before = resets_sent(world.home.isp)
    # Always: a client that is reset while it connects tries the next address. Some call it "closed":
    # the wire knows better.
    world.standin.always(answer)
    assert "status" not in fetch(world.home.router, update_url("203.0.113.27"), world.ca.pem)
    assert resets_sent(world.home.isp) > before


def test_certificates_are_as_ordered(tmp_path):
    ca = CA(tmp_path / "ca")

    def verify(cert):
        done = subprocess.run(["openssl", "verify", "-CAfile", ca.pem, cert.chain],
                              capture_output=True, text=True, check=False)
        return done.stdout + done.stderr

    assert ": OK" in verify(ca.issue("a.example"))
    assert "expired" in verify(ca.expired("a.example"))
    assert "not yet valid" in verify(ca.not_yet_valid("a.example"))
    assert "self" in verify(ca.self_signed("a.example"))
