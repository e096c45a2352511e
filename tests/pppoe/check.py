#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The main job on a real PPPoE line: dialled by pppd, hung up, broken off, dialled again. reachd must
publish each address that stays, none that is gone, and never inside the provider's gap; nor when the
clock starts in 1970 or is set (clock.py).

usage: check.py FOLDER      (as root of a machine that is ours alone; see inside.sh; REACHD, SERVERS)

Plain Python, not pytest, which takes half a minute to start in an emulated machine. Each step is a
line, so that a run that does not end tells where it stood.
"""
import os
import signal
import sys
import time

import lab.daemon as conf
from lab import tools
from lab.bind import Bind
from lab.ca import CA
from lab.standin import DYN_FCG, StandIn
from lab.world import PASSWORD, PROVIDER, SITE, ZONE

import clock
from line import Line

GAP = 8.0  # Value Domain's is 60 s; shortened so that the check ends soon
STARTED = time.monotonic()


def say(text):
    print("pppoe: %5.1f s  %s" % (time.monotonic() - STARTED, text), flush=True)


class World:
    """The line, BIND, the stand-in: what lab.world has, as little as will do. The members that
    lab.daemon.record looks at have the same names."""

    def __init__(self, folder):
        self.folder = folder
        self.line = Line()
        self.ca = CA(os.path.join(folder, "ca"))
        self.bind = Bind(self.line.isp, os.path.join(folder, "bind"), {
            ZONE: ["www A 203.0.113.10"], "provider.example": ["dyn A 192.0.2.80"]},
            addresses=("192.0.2.53",)).start()
        self.standin = StandIn(self.line.isp, self.ca.issue(PROVIDER), addresses=("192.0.2.80",),
                               bind=self.bind, zone=ZONE, password=PASSWORD, gap=GAP).start()
        self.dyn_fcg = "https://%s%s" % (PROVIDER, DYN_FCG)

    def usable_for(self, request):
        """Seconds for which the line had the requested address when reachd connected; None when it
        had not."""
        since = self.line.kernel.usable_since(request.address, request.connected)
        return None if since is None else request.connected - since


def until_published(world, daemon, address):
    """The stand-in was asked, the zone shows it, reachd has verified it."""
    daemon.wait_record(GAP + 10, published=address, verified=address, current=True)
    asked = world.standin.requests[-1]
    assert asked.address == address, asked
    assert world.bind.get(SITE, "A") == [address]
    say("%s is published; asked for %.3f s after the line had it, %s after the request before" % (
        address, world.usable_for(asked),
        "%.1f s" % asked.since_last if asked.since_last else "nothing"))


def play(world, settle):
    line, first_request = world.line, len(world.standin.requests)
    daemon = conf.Reachd(line.router, os.path.join(world.folder, "settle-" + settle), os.environ["REACHD"])
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, timeout="20s"), settle=settle,
                     ca=world.ca.pem)
    say("reachd runs, settle %s" % settle)
    try:
        if settle == "0":
            daemon.start()
            dials(world, daemon, line.dial(), with_brief=True)
            clock.steps(world, daemon, say)
        else:
            dials(world, daemon, clock.publishes_once_the_year_is_right(world, daemon, line.dial))
    except BaseException:
        print(daemon.logs(), world.standin.requests, line.kernel.changes, sep="\n", flush=True)
        raise
    # Every request, ever: an address that the line had at that moment, outside the gap.
    requests = world.standin.requests
    assert not world.standin.early(), requests
    for request in requests[first_request:]:
        assert world.usable_for(request) is not None, (request, line.kernel.changes)
    assert daemon.stop(10) == 0
    line.hang_up()


def dials(world, daemon, first, with_brief=False):
    line = world.line
    until_published(world, daemon, first)

    line.hang_up()
    say("hung up")
    second = line.dial("noipv6")
    assert second != first
    until_published(world, daemon, second)
    keep_sample(line.kernel)

    line.hang_up(signal.SIGKILL)
    say("broken off")
    if with_brief:
        brief = line.dial()
        line.hang_up()
        say("%s was there for a moment" % brief)
    until_published(world, daemon, line.dial())


def keep_sample(kernel):
    """What the kernel said of the first two dials; such a recording is tests/replay/rtnl/pppd.bin."""
    if os.path.exists("/mnt/pppd.bin"):
        return
    with open("/mnt/pppd.bin", "wb") as file:
        file.write(b"".join(kernel.datagrams))
    with open("/mnt/pppd.txt", "w", encoding="ascii") as file:
        file.writelines("%.3f %s\n" % change for change in kernel.changes)


def main(folder):
    absent = tools.missing("named", "nsupdate", "dig")
    if absent:
        say("SKIPPED: " + absent)
        sys.exit(77)
    world = World(folder)
    say("an ISP with BIND and a stand-in whose gap is shortened to %g s" % GAP)
    for settle in ("1s", "0"):
        play(world, settle)
    say("passed: %d updates, each of an address that was there, none inside the gap" %
        len(world.standin.requests))


if __name__ == "__main__":
    main(sys.argv[1])
