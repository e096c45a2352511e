# SPDX-License-Identifier: ISC
"""Instructions of one verified TLS probe, counted by callgrind: what other programs on the machine
do does not move them. Each is the difference of two runs, so that neither start nor end counts."""
import os

import lab.daemon as conf
from lab.daemon import Reachd
from lab.wait import wait_until

from common import PORT, SITE, Site, say

TARGETS = 64
LOOKS = 3  # of the longer run


def counted(netns, folder, name, argv):
    """Runs it to its end; its instructions in millions."""
    path = os.path.join(folder, name)
    netns.run("valgrind", "--tool=callgrind", "--callgrind-out-file=" + path, *argv, timeout=240)
    return summary(path)


def summary(path):
    with open(path, encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(("summary:", "totals:"))) / 1e6


def client(site, folder, program):
    """The bare client or the pipeline alone: millions for each probe."""
    few, many = 20, 120
    took = [counted(site.netns, folder, "%s.%d" % (program, count),
                    [os.path.join(os.environ["BENCH"], program), str(PORT), SITE, site.chain.root, str(count), "1"])
            for count in (few, many)]
    return (took[1] - took[0]) / (many - few)


def daemon(site, folder, looks):
    """Millions of a whole life with so many looks at each target."""
    daemon_folder = os.path.join(folder, "daemon-%d" % looks)
    out = os.path.join(daemon_folder, "callgrind.")
    reachd = Reachd(site.netns, daemon_folder, None)
    reachd.program = reachd.script("wrapper", "#!/bin/sh\nexec valgrind --tool=callgrind --callgrind-out-file=%s%%p %s "
                                   "\"$@\"\n" % (out, os.environ["REACHD"]))
    targets = [conf.target(title="t%d" % i, host="%s:%d" % (SITE, PORT), families=["ipv4"], connect="127.0.0.1",
                           every="1h", timeout="120s") for i in range(TARGETS)]
    opens = site.tcp("ActiveOpens")
    reachd.configure(*targets, level="error", ca=site.chain.root).start(ready=False)
    for look in range(1, looks + 1):
        wait_until(lambda look=look: site.tcp("ActiveOpens") >= opens + look * TARGETS, 240, "a connection to each")
        wait_until(lambda: site.tcp("CurrEstab") == 0, 240, "the end of all")
        if look < looks:
            reachd.look_now()
    reachd.stop(limit=60)
    return summary(out + str(reachd.proc.pid))


def instructions(folder):
    with Site(folder) as site:
        floor = client(site, folder, "floor")
        say("instructions", "the floor: %.2f million for a probe" % floor)
        alone = client(site, folder, "probes")
        say("instructions", "the probe pipeline: %.2f million, %.2f x the floor" % (alone, alone / floor))
        ours = (daemon(site, folder, LOOKS) - daemon(site, folder, 1)) / ((LOOKS - 1) * TARGETS)
        say("instructions", "reachd run: %.2f million, %.2f x the floor" % (ours, ours / floor))
