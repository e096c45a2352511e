# SPDX-License-Identifier: ISC
"""The play of ./run.sh without arguments: it tells its story to the end, and leaves nothing behind. Nor
do these tests themselves, when they are broken off."""
import os
import re
import signal
import sys
import uuid

import pytest

from lab import tools, world
from lab.proc import Proc
from lab.wait import wait_until

ENTER = os.path.join(tools.TOP, "tests", "net", "enter.py")
PLAY = os.path.join(tools.TOP, "tests", "play", "play.py")
RUN = os.path.join(tools.TOP, "tests", "net", "run.py")

# In this order; the real daemons' words.
STORY = (
    r"^\[outside\] .*www\.home\.example:443 is up over IPv4 \(203\.0\.113\.10\)",
    r"^== The PPPoE link drops",
    r"^\[outside\] .*www\.home\.example:443 is down over IPv4",
    r"^== PPPoE is back with a new IPv4, 203\.0\.113\.27",
    r"^\[router\] .*'wanppp' is now 203\.0\.113\.27",
    r"^\[provider\] request for www = 203\.0\.113\.27: answered HTTP 200",
    r"^\[router\] .*value-domain accepted 203\.0\.113\.27",
    r"^\[router\] .*the authoritative servers show 203\.0\.113\.27",
    r"^\[outside\] .*is up again over IPv4 \(203\.0\.113\.27\)",
    r"^\[router\] .*203\.0\.113\.99 is due in .*provider's gap",
    r"^\[router\] .*the authoritative servers show 203\.0\.113\.99",
    r"^\[outside\] .*is up again over IPv4 \(203\.0\.113\.99\)",
    r"^www\.home\.example:443 +IPv4 ok, IPv6 ok",
    r"^ +verified +203\.0\.113\.99",
    r"^== Two address changes, 2 requests to the provider, 0 of them too early",
)


def marked(name, *argv):
    """A running program; `mark_of_all` is in the environment of all that it starts."""
    why = world.missing()
    if why:
        pytest.skip(why)
    mark = str(uuid.uuid4())
    proc = Proc(None, [sys.executable, "-B", *argv], name, env=dict(os.environ, RD_TEST=mark))
    proc.mark_of_all = "RD_TEST=" + mark
    return proc


@pytest.fixture
def play(reachd_path):
    """The play in a lab of its own, as run.sh starts it."""
    proc = marked("play", ENTER, sys.executable, "-B", PLAY, "--quick", "--gap", "10", "--program",
                  reachd_path)
    yield proc
    proc.kill9()


def left_behind(mark):
    """Command lines of the processes that carry the mark."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/environ" % pid, "rb") as file:
                if mark.encode() not in file.read().split(b"\0"):
                    continue
            with open("/proc/%s/cmdline" % pid, "rb") as file:
                found.append(file.read().replace(b"\0", b" ").decode())
        except OSError:
            continue  # it ended meanwhile
    return [line for line in found if line]


def break_off(proc, how):
    if how == "ctrl-c":
        os.killpg(proc.pid, signal.SIGINT)  # as a terminal does
    else:
        proc.signal(signal.SIGTERM if how == "term" else signal.SIGKILL)


def wait_nothing_left(mark):
    wait_until(lambda: not left_behind(mark), 5, lambda: "nothing is left, there is %s" % left_behind(mark))


def test_the_story_to_its_end(play):
    assert play.wait(90) == 0, play.text()
    lines = play.text().splitlines()
    at = 0
    for pattern in STORY:
        found = [i for i in range(at, len(lines)) if re.search(pattern, lines[i])]
        assert found, "after line %d no /%s/ in\n%s" % (at, pattern, play.text())
        at = found[0] + 1
    assert re.search(r"^\[router\] .*gap is below", play.text(), re.MULTILINE)
    assert not [line for line in lines if re.search(r"^\[outside\].*is down over IPv6", line)]
    assert "\033" not in play.text()  # not a terminal, so no colour
    wait_nothing_left(play.mark_of_all)


@pytest.mark.parametrize("how", ["ctrl-c", "term", "kill -9"])
def test_ended_early_nothing_is_left(play, how):
    play.wait_for(r"^\[outside\] .*is up over IPv4", 30)
    running = "\n".join(left_behind(play.mark_of_all))
    for program in ("reachd run", "named", "nginx", "play.py"):
        assert program in running
    break_off(play, how)
    status = play.wait(5)
    assert status == {"ctrl-c": 130, "term": 143, "kill -9": -9}[how]
    if how == "ctrl-c":
        assert "Ended early" in play.text()
    wait_nothing_left(play.mark_of_all)


@pytest.mark.parametrize("how", ["ctrl-c", "term", "kill -9"])
def test_tests_that_are_broken_off_leave_nothing(how):
    tests = marked("run.py", RUN, "test_story.py", "-k", "address_changes")
    try:
        for program in ("named", "reachd run"):
            wait_until(lambda p=program: p in "\n".join(left_behind(tests.mark_of_all)), 30,
                       lambda p=program: "%s runs: %s" % (p, tests.text()))
        break_off(tests, how)
        tests.wait(10)
        wait_nothing_left(tests.mark_of_all)
    finally:
        tests.kill9()


def test_where_namespaces_are_refused_it_says_so_and_watches_localhost(reachd_path):
    env = {name: value for name, value in os.environ.items() if name != "RD_LAB"}
    env["RD_LAB_REFUSED"] = "the reason of the kernel"
    proc = Proc(None, [sys.executable, "-B", PLAY, "--program", reachd_path], "play", env=env)
    try:
        proc.wait_for(r"^== .*can't be played here: the reason of the kernel", 10)
        proc.wait_for(r"localhost:443  IPv4 127\.0\.0\.1  refused", 10)
        proc.signal(signal.SIGINT)
        assert proc.wait(5) == 0
    finally:
        proc.kill9()
