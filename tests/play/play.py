#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Plays the reference home, live: ./run.sh without arguments.

usage: tests/net/enter.py tests/play/play.py [--gap SECONDS] [--quick]

Two real daemons, on the router (router.conf) and somewhere outside (outside.conf), in network
namespaces with a real BIND and nginx; only the provider is a stand-in. Lines that begin with a name
in brackets are theirs, word for word; the narrator's begin with "==". Owns: the story. Not its job: the
home (tests/net/lab), leaving nothing behind (tests/net/enter.py: it all dies with this process).
"""
import argparse
import os
import re
import shutil
import signal
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "net"))

from lab import netns, tools, world  # noqa: E402
from lab.proc import Proc  # noqa: E402
from lab.wait import NotInTime  # noqa: E402

FOLDER = "/run/play"  # in the lab /run is in memory, and gone with it
REAL_GAP = 60
ADDRESSES = ("203.0.113.10", "203.0.113.27", "203.0.113.99")
SITE = world.SITE
COLOURS = {"router": "36", "outside": "35", "provider": "33"}


class Screen:
    """Everything shown goes through here, a line at a time."""

    def __init__(self):
        self._lock = threading.Lock()
        term = os.environ.get("TERM", "")
        self.colour = (sys.stdout.isatty() and not os.environ.get("NO_COLOR")
                       and term not in ("", "dumb"))

    def _paint(self, text, code):
        return "\033[%sm%s\033[0m" % (code, text) if self.colour else text

    def write(self, text):
        with self._lock:
            sys.stdout.write(text + "\n")
            sys.stdout.flush()

    def narrate(self, *lines):
        self.write("\n" + "\n".join(self._paint("== " + line, "1") for line in lines))

    def told_by(self, who):
        """A function for the lines of one of the others."""
        head = self._paint("[%s]" % who, COLOURS[who]) + " " * (max(map(len, COLOURS)) - len(who))
        return lambda text: self.write("%s %s" % (head, text))


class Play:
    def __init__(self, program, gap, pace):
        self.program = program
        self.gap = gap
        self.pace = pace
        self.screen = Screen()
        self.say = self.screen.narrate
        self.world = None
        self.router = None
        self.outside = None

    # --- the stage -----------------------------------------------------------------------------
    def build(self):
        self.say("The reference home, in network namespaces: nothing here touches your network.",
                 "An ISP with BIND and a stand-in for Value Domain; a router with pppoe-wanppp;",
                 "a server behind it, nginx on 443: IPv4 by a port forward, IPv6 by a pinhole.",
                 "The real provider refuses a second update within %d s. FOR THIS PLAY that gap" % REAL_GAP,
                 "is SHORTENED to %g s." % self.gap)
        tell = self.screen.told_by("provider")
        self.world = world.World(FOLDER, gap=max(self.gap - 1, 0.5), published=(ADDRESSES[0], None),
                                 tell=lambda request: tell(describe(request)))
        self.world.home.dial(ADDRESSES[0])
        self.world.start()
        with open(self.path("password"), "w", encoding="ascii") as file:
            file.write(world.PASSWORD + "\n")
        os.chmod(self.path("password"), 0o600)
        # Beside the configuration, wherever the source tree lies and whoever owns it.
        shutil.copyfile(os.path.join(HERE, "alert"), self.path("alert"))
        os.chmod(self.path("alert"), 0o755)

    def path(self, name):
        return os.path.join(FOLDER, name)

    def run_daemon(self, who, where):
        with open(os.path.join(HERE, who + ".conf"), encoding="ascii") as file:
            text = file.read()
        values = {"@FOLDER@": FOLDER, "@GAP@": "%dms" % (self.gap * 1000), "@URL@": self.world.dyn_fcg}
        for name, value in values.items():
            text = text.replace(name, value)
        with open(self.path(who + ".conf"), "w", encoding="ascii") as file:
            file.write(text)
        return Proc(where, [self.program, "run", "-c", self.path(who + ".conf")], who,
                    env=self.env(), on_line=self.screen.told_by(who), terminal=True)

    def env(self):
        env = dict(os.environ)
        if not self.screen.colour:
            env["NO_COLOR"] = "1"
        return env

    def pause(self, seconds):
        """For the reader, never to wait for something."""
        time.sleep(seconds * self.pace)

    # --- the story -----------------------------------------------------------------------------
    def begin(self):
        self.say("Two daemons start. [router] watches the address and keeps DNS right. [outside]",
                 "watches %s as a visitor: the router itself can't, for what it" % SITE,
                 "sends to its own public address never comes in through the port forward.")
        self.router = self.run_daemon("router", self.world.home.router)
        self.outside = self.run_daemon("outside", self.world.home.outside)
        self.await_line(self.outside, "is up over IPv4")
        self.await_line(self.outside, "is up over IPv6")
        self.await_line(self.router, verified(ADDRESSES[0]))
        self.pause(3)

    def drop(self, *lines):
        self.say(*lines)
        mark = self.outside.mark()
        self.world.home.hang_up()
        return mark

    def first_change(self):
        mark = self.drop("The PPPoE link drops. IPv4 breaks, IPv6 goes another way and stays up.")
        self.await_line(self.outside, "is down over IPv4", since=mark)
        self.pause(3)
        self.say("PPPoE is back with a new IPv4, %s. DNS still says %s." % (ADDRESSES[1], ADDRESSES[0]),
                 "This daemon has just been installed and can't know when the provider got its last",
                 "update, so it waits out the gap once, to be on the safe side.")
        self.change_to(ADDRESSES[1])

    def second_change(self):
        self.pause(2)
        mark = self.drop("It drops again, soon after.")
        self.await_line(self.outside, "is down over IPv4", since=mark)
        self.say("Back, with %s. The last update is only seconds old, the provider would" % ADDRESSES[2],
                 "refuse another one now: this one goes out as soon as it may.")
        self.change_to(ADDRESSES[2])

    def change_to(self, address):
        """Dials; ends when the world has the address and visitors get in."""
        router, outside = self.router.mark(), self.outside.mark()
        self.world.home.dial(address)
        self.await_line(self.router, r"'wanppp' is now %s" % re.escape(address), since=router)
        self.await_line(self.router, verified(address), since=router, limit=self.gap + 20)
        self.await_line(self.outside, r"is up again over IPv4 \(%s\)" % re.escape(address), since=outside)

    def end(self):
        self.pause(1)
        self.say("A visitor now: reachd probe %s, from outside" % SITE)
        self.show(self.world.home.outside, "probe", "--ca", self.world.ca.pem, SITE)
        self.say("[router]: reachd status")
        self.show(self.world.home.router, "status", "--socket", self.path("router.sock"))
        self.say("[outside]: reachd status")
        self.show(self.world.home.outside, "status", "--socket", self.path("outside.sock"))
        self.router.stop()
        self.outside.stop()
        requests = self.world.standin.requests
        self.say("Two address changes, %d requests to the provider, %d of them too early."
                 % (len(requests), sum(request.since_last is not None and request.since_last < self.gap
                                       for request in requests)),
                 "All this is gone now. Your own names: ./run.sh HOST[:PORT]...")

    # --- helpers -------------------------------------------------------------------------------
    def await_line(self, proc, pattern, since=0, limit=20):
        return proc.wait_for(pattern, limit, since=since)

    def show(self, where, *argv):
        proc = Proc(where, [self.program] + list(argv), argv[0], env=self.env(), terminal=True)
        proc.wait(15)
        self.screen.write(proc.text())

    def run(self):
        self.build()
        self.begin()
        self.first_change()
        self.second_change()
        self.end()


def verified(address):
    return r"record .*authoritative servers.* show %s" % re.escape(address)


def in_one_line(text):
    return " ".join(str(text).split())


def describe(request):
    """What the stand-in saw, in a line."""
    gap = "" if request.since_last is None else ", %.1f s after the last one" % request.since_last
    return "request for %s = %s%s: answered %s" % (
        request.query.get("h"), request.query.get("i"), gap, in_one_line(request.answer))


def watch_localhost(program, why):
    screen = Screen()
    screen.narrate("The reference home can't be played here: %s" % why,
                   "Watching localhost instead; Ctrl-C ends it. Your own names: ./run.sh HOST[:PORT]...")
    os.execv(program, [program, "run", "localhost"])


def options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--gap", type=float, default=20, metavar="SECONDS",
                        help="the provider's limit in the play (%(default)s)")
    parser.add_argument("--quick", action="store_true", help="without pauses for the reader")
    parser.add_argument("--program", default=os.path.join(tools.TOP, "build", "reachd"),
                        help="path of reachd (%(default)s)")
    return parser.parse_args()


def main():
    args = options()
    why = netns.refused() or world.missing()
    if why:
        watch_localhost(args.program, why)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    play = Play(args.program, args.gap, 0 if args.quick else 1)
    try:
        play.run()
    except KeyboardInterrupt:
        play.say("Ended early. Nothing is left behind.")
        return 130
    except NotInTime as problem:
        play.say("This is not how it should go: %s" % problem)
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # the threads of the servers end with us
