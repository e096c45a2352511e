#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What reachd costs, beside the least that could be. Figures, never asserted: a machine that does
other things at the same time moves them, so what is compared runs in turns within one run.

usage: make bench [BENCHFLAGS="PART..."]     parts: probes change start memory
"""
import os
import statistics
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net"))

# pylint: disable=wrong-import-position
from lab import tools
from lab.netns import Netns
from lab.nginx import Nginx

from chain import Chain

SITE = "www.home.example"
PORT = 8443


def say(part, text):
    print("%-8s %s" % (part, text), flush=True)


def number(netns, *argv):
    """The number that a program in tests/bench prints."""
    path = os.path.join(os.environ["BENCH"], argv[0])
    return float(netns.run(path, *[str(arg) for arg in argv[1:]], timeout=120).stdout)


class Site:
    """nginx on the loopback address of a namespace with a leaf and an intermediate, both ECDSA P-256."""

    def __init__(self, folder):
        self.netns = Netns("site")
        self.chain = Chain(os.path.join(folder, "chain"), SITE)
        self.nginx = Nginx(self.netns, os.path.join(folder, "nginx"), {SITE: self.chain.cert},
                           listens=("127.0.0.1:%d" % PORT,))

    def __enter__(self):
        self.nginx.start()
        return self

    def __exit__(self, *_error):
        self.nginx.stop()
        self.netns.delete()


def probes(folder):
    """CPU of one verified TLS probe."""
    with Site(folder) as site:
        for at_once, count in ((1, 1000), (64, 2000), (200, 2000)):
            argv = (PORT, SITE, site.chain.root, count, at_once)
            floors, ours = [], []
            for _ in range(5):
                floors.append(number(site.netns, "floor", *argv))
                ours.append(number(site.netns, "probes", *argv))
            ratio = statistics.median(one / floor for one, floor in zip(ours, floors))
            say("probes", "%3d at once: %4.0f us of CPU for a probe, floor %4.0f us: %.2fx" % (
                at_once, statistics.median(ours), statistics.median(floors), ratio))


PARTS = {"probes": probes}


def main(names):
    why = tools.missing("nginx", "named", "nsupdate", "dig")
    if why:
        sys.exit("bench: " + why)
    for name in names or PARTS:
        with tempfile.TemporaryDirectory(prefix="reachd-bench-") as folder:
            PARTS[name](folder)


if __name__ == "__main__":
    main(sys.argv[1:])
