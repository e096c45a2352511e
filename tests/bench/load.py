# SPDX-License-Identifier: ISC
"""A daemon at rest and a daemon with much to do: memory, wake-ups, timers."""
import os
import signal
import time

import lab.daemon as conf
from lab.daemon import Reachd
from lab.proc import Proc
from lab.wait import wait_until

from common import PORT, SITE, Site, cpu_us, say, sizes, switches


def watch(site, folder, count, **options):
    """A daemon with so many targets, started."""
    daemon = Reachd(site.netns, os.path.join(folder, "reachd%d" % count), os.environ["REACHD"])
    targets = [conf.target(title="site%d" % i, host="%s:%d" % (SITE, PORT), families=["ipv4"],
                           connect="127.0.0.1", timeout="10s", **options) for i in range(count)]
    daemon.configure(*targets, ca=site.chain.root).start(ready=False)
    return daemon


def checked(daemon, count):
    """Every target was looked at, and all of that is over."""
    wait_until(lambda: len(daemon.proc.find("is up over")) == count, 300, "a check of each", every=0.5)


def memory(folder):
    """An idle daemon: every target has been checked once, the next round is an hour away. Beside it
    the bare client, after some probes."""
    with Site(folder) as site:
        floor = Proc(site.netns, [os.path.join(os.environ["BENCH"], "floor"), str(PORT), SITE,
                                  site.chain.root, "1000000", "1"], "floor")
        wait_until(lambda: site.tcp("ActiveOpens") > 20, 10, "some probes")
        floor.signal(signal.SIGSTOP)
        say("memory", "the bare client: RSS %6d kB, PSS %6d kB" % sizes(floor.pid))
        floor.kill9()
        for count in (1, 100, 10000):
            daemon = watch(site, folder, count, every="1h")
            try:
                checked(daemon, count)
                time.sleep(12)  # ten seconds after a burst it gives memory back
                rss, pss = sizes(daemon.proc.pid)
                say("memory", "%5d targets: RSS %6d kB, PSS %6d kB (the process that runs hooks: PSS %d kB)" % (
                    count, rss, pss, sizes(spawner_of(daemon.proc.pid))[1]))
            finally:
                daemon.close()


def spawner_of(pid):
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        return int(file.read().split()[0])


def idle(folder):
    """How often a daemon is woken that has no work due."""
    with Site(folder) as site:
        daemon = watch(site, folder, 1, every="1h")
        try:
            checked(daemon, 1)
            before = switches(daemon.proc.pid)
            time.sleep(20)  # the measure itself
            say("idle", "woken %d times in 20 s" % (switches(daemon.proc.pid) - before))
        finally:
            daemon.close()


def pace(folder, count=5000, seconds=150):
    """Thousands of addresses, each looked at every minute: does any timer have to wait? What the
    machine itself does to a process that only sleeps is measured beside it."""
    with Site(folder) as site:
        opens = site.tcp("ActiveOpens")
        daemon = watch(site, folder, count, every="60s")
        try:
            sleeper_ms = sleep_lateness(seconds)
            checks = site.tcp("ActiveOpens") - opens
            used = cpu_us(daemon.proc.pid)
            late_ms = daemon.status()["timers_late_ms"]
            say("pace", "%d addresses every 60 s: %d checks in %d s, %.1f %% of one processor; in the last minute no "
                "timer later than %d ms (of a process that only sleeps: %d ms)" % (
                    count, checks, seconds, used / 1e4 / seconds, late_ms, sleeper_ms))
        finally:
            daemon.close()


def sleep_lateness(seconds, last=60):
    """Sleeps so long, in steps; by how many milliseconds one was too long in the last minute."""
    end, worst = time.monotonic() + seconds, 0
    while (began := time.monotonic()) < end:
        time.sleep(0.01)
        if began > end - last:
            worst = max(worst, time.monotonic() - began - 0.01)
    return 1e3 * worst
