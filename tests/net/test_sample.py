# SPDX-License-Identifier: ISC
"""The sample configuration does what it says, on the home that it is written for: two hosts, both
families, one queue. What is replaced are names, paths and what a lab needs (its ranges are none of
the internet's, its provider is a stand-in); every other line is run as it stands."""
import os
import re

from lab import tools
from lab.daemon import section
from lab.world import PASSWORD, SITE, ZONE

A, B = "203.0.113.27", "203.0.113.91"
HOSTS = ("apex", "www")
SAMPLE = os.path.join(tools.TOP, "contrib", "reachd.conf.sample")


def replaced(text, *pairs):
    """Each pattern is there, so that the sample can't change behind this test's back."""
    for pattern, instead in pairs:
        text, count = re.subn(pattern, lambda _: instead, text, flags=re.DOTALL)
        assert count > 0, pattern
    return text


def sample_of(world, daemon):
    """The sample for this lab. The server is asked through its namespace instead of ssh."""
    ask = daemon.script("ask", "#!/bin/sh\nexec %s\n" % " ".join(world.home.server.command(
        daemon.program, "addr", "-6", "-q", "--accept", "2001:db8::/32", "eth0")))
    with open(SAMPLE, encoding="utf-8") as file:
        text = file.read()
    return replaced(
        text,
        (r"example\.com", ZONE),
        (r"/etc/reachd/value-domain\.password", daemon.password_file),
        (r'\{"/usr/bin/ssh".*?\}', '{"%s"}' % ask),
        (r'"/usr/share/reachd/hooks/reachd-log"', '"%s"' % daemon.recorder),
        (r'"/usr/share/reachd/hooks/reachd-mail"', '"/bin/true"'),
        (r'address "pppoe4" \{', 'address "pppoe4" {\n    accept = "203.0.113.0/24"'),
        (r'address "server6" \{', 'address "server6" {\n    accept = "2001:db8::/32"'),
        (r"provider +=", 'url = "%s"\n    gap = %dms\n    look-every = 2s\n    provider =' % (
            world.dyn_fcg, world.standin.gap * 1000)),
    ) + section("state", path=daemon.file("state.db")) + section("control", path=daemon.socket) + \
        section("trust", ca=world.ca.pem) + section("daemon", settle="0", debounce="0")


def test_sample_publishes_both_hosts_over_both_families(make_world, make_reachd):
    world = make_world(gap=1.0)
    home = world.home
    home.dial(A)
    for name in ("@", "www"):
        world.bind.set(ZONE, name, "AAAA", "2001:db8:1:1::99")
    daemon = make_reachd(home.router)
    daemon.write(sample_of(world, daemon))
    assert daemon.command("check", "-c", daemon.config).returncode == 0
    daemon.start()
    for name in HOSTS:
        daemon.wait_record(40, name=name, family="ipv4", verified=A, current=True)
        daemon.wait_record(40, name=name, family="ipv6", verified=home.server6, current=True)
    daemon.wait_events(4, 10, "update-verified")
    daemon.wait_target(10, ZONE, "ipv6", state="up")
    assert len(world.standin.requests) == 4

    # A new IPv4 is two requests, one for each host; IPv6 is left alone.
    home.hang_up()
    home.dial(B)
    for name in HOSTS:
        daemon.wait_record(40, name=name, family="ipv4", verified=B, current=True)
    assert [request.address for request in world.standin.requests[4:]] == [B, B]
    assert world.standin.early() == []
    for name in (ZONE, SITE):
        assert world.bind.get(name, "A") == [B]
        assert world.bind.get(name, "AAAA") == [home.server6]
    assert PASSWORD not in daemon.logs()
    assert daemon.stop() == 0
