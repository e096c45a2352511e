# SPDX-License-Identifier: ISC
"""reachd against those who mean it ill, and against a machine that runs out of everything: peers,
name servers and clients that never end, a lost helper process, no descriptors, a damaged disk, a storm
of links. Always asserted: the daemon stays up and goes on with its work, or says why it ends."""
import os
import signal

import pytest

import lab.daemon as conf
from lab.netns import Netns


@pytest.fixture
def alone():
    """A namespace with nothing but loopback: for what needs no home around it."""
    netns = Netns("alone")
    yield netns
    netns.delete()


def literal(title="site", host="127.0.0.1:443", **options):
    """A target that needs no DNS."""
    return conf.target(title, host, families=["ipv4"], **options)


def children(pid):
    """The processes that this one started."""
    with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as file:
        return [int(one) for one in file.read().split()]


# --- the machine --------------------------------------------------------------------------------
def test_lost_spawner_ends_the_daemon(alone, make_reachd):
    """Without it no hook can run: a clear word, an end that a service manager repairs, and what was
    due is told by the next life."""
    daemon = make_reachd(alone)
    slow = daemon.script("slow", "#!/bin/sh\necho run >>'%s'\n[ -e '%s' ] || sleep 600\n"
                         % (daemon.file("runs"), daemon.file("quick")))
    daemon.configure(literal(retry_every="100ms"),
                     conf.section("hook", "slow", command=[slow], events=["target-down"])).start()
    daemon.wait_status(lambda: os.path.exists(daemon.file("runs")), 10, "the hook runs")
    spawner, = children(daemon.proc.pid)
    os.kill(spawner, signal.SIGKILL)
    assert daemon.proc.wait(5) == 1
    assert daemon.proc.find(r"error daemon: ending, to be started again: the spawner process is gone")
    with open(daemon.file("quick"), "w", encoding="ascii"):
        pass
    daemon.start()
    daemon.wait_for(r"hook: slow: target-down of target/site/ipv4 is told", 10)
    # Nothing is lost: the end itself, which could not be told, is told as well.
    stopped = daemon.wait_events(1, 10, "stopped")[0]
    assert "spawner" in stopped["text"]
