# SPDX-License-Identifier: ISC
"""reachd against those who mean it ill, and against a machine that runs out of everything: peers,
name servers and clients that never end, a lost helper process, no descriptors, a damaged disk, a storm
of links. Always asserted: the daemon stays up and goes on with its work, or says why it ends."""
import os
import resource
import signal
import socket
import threading

import pytest

import lab.daemon as conf
from lab.baddns import BadDns
from lab.endless import HANDSHAKES
from lab.netns import Netns
from lab.peers import Peer
from lab.standin import Answer
from lab.wait import wait_until
from lab.world import SITE


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


# --- providers that never end -----------------------------------------------------------------------
ENDLESS = {
    "a header line": Answer.endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 65536),
    "header lines": Answer.endless(b"HTTP/1.1 200 OK\r\n", b"X-Many: 1\r\n" * 4096),
    "interim replies": Answer.endless(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2048),
    "a body": Answer.endless(b"HTTP/1.1 200 OK\r\n\r\nstatus=0\n", b"status=0\n" * 8192),
    "a long body": Answer.endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999\r\n\r\nstatus=0",
                                  b" " * 65536),
    "a chunk's size": Answer.endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                     b"0" * 65536),
    "chunks": Answer.endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                             b"8\r\nstatus=0\r\n" * 4096),
    "trailers": Answer.endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                               b"X-Late: 1\r\n" * 4096),
    "slowness": Answer.endless(b"HTTP/1.1 200 OK\r\nX: ", b"a", every=0.1),
}


def memory_kb(pid):
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))


def test_provider_that_never_ends_its_reply(make_world, make_reachd):
    """Each is a failure like others: told, bounded in time and memory, never a success."""
    world = make_world(gap=0)
    world.home.dial("203.0.113.27")
    daemon = make_reachd(world.home.router)
    text = ""
    for number, (what, answer) in enumerate(ENDLESS.items()):
        world.standin.at_path("/endless%d" % number, answer)
        text += conf.section("record", what, host="h%d" % number, domain="home.example", ipv4="wan4",
                             provider="value-domain", timeout="2s", gap="200ms", backoff="1d", backoff_max="1d", password_file=daemon.password_file,
                             url="https://dyn.provider.example/endless%d" % number)
    daemon.configure(conf.ppp_address(), text, ca=world.ca.pem).start()
    before = memory_kb(daemon.proc.pid)
    for what in ENDLESS:
        daemon.wait_record(20, what, action="wait", failures=1, last_verdict="temporary")
    assert len(world.standin.requests) == len(ENDLESS)
    if not os.environ.get("ASAN_OPTIONS"):  # whose freed memory stays in quarantine
        assert memory_kb(daemon.proc.pid) < before + 4096


# --- sites that never end -----------------------------------------------------------------------------
def test_sites_that_never_end_their_handshake(alone, make_reachd):
    """They are down, each at its deadline at the latest, and the daemon serves everybody else."""
    peers = [Peer(alone, 9001 + number, handle) for number, handle in enumerate(HANDSHAKES)]
    try:
        daemon = make_reachd(alone)
        daemon.configure(*[literal("t%d" % number, "127.0.0.1:%d" % (9001 + number), fall=1, rise=1)
                           for number in range(len(HANDSHAKES))], literal("dead", "127.0.0.1:443"))
        daemon.start()
        before = memory_kb(daemon.proc.pid)
        for number in range(len(HANDSHAKES)):
            side = daemon.wait_target(20, "t%d" % number, "ipv4", state="down")
            assert side["outcome"].startswith("tls-"), side
        checked = {one["name"]: one["checked_ms"] for one in daemon.status()["targets"]}
        daemon.wait_status(lambda: all(one["checked_ms"] > checked[one["name"]]
                                       for one in daemon.status()["targets"]), 20, "checked again")
        if not os.environ.get("ASAN_OPTIONS"):
            assert memory_kb(daemon.proc.pid) < before + 8192
    finally:
        for peer in peers:
            peer.stop()


# --- name servers -------------------------------------------------------------------------------------
def test_name_server_that_lies_and_never_ends(make_world, make_reachd):
    """What it says is never believed, what it holds up ends at the deadline, and nothing is sent for
    it; with the real one back all goes on."""
    world = make_world(gap=0.5, published=("203.0.113.27", None))
    world.home.dial("203.0.113.27")
    daemon = make_reachd(world.home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, look_every="1s"),
                     conf.target(families=["ipv4"], timeout="400ms"), ca=world.ca.pem).start()
    daemon.wait_record(10, verified="203.0.113.27", current=True)
    daemon.wait_target(10, "site", "ipv4", outcome="refused")  # there is no NAT for the router itself
    world.bind.stop()
    bad = BadDns(world.home.isp, "192.0.2.53")
    try:
        for bad.mode in bad.MODES:
            asked = bad.asked
            daemon.look_now()
            daemon.wait_status(lambda: bad.asked > asked, 10, "it was asked")
            checked = daemon.status()["targets"][0]["checked_ms"]
            daemon.wait_status(lambda: daemon.status()["targets"][0]["checked_ms"] > checked, 10,
                               "a whole look in this mode")
            side = daemon.target("site", "ipv4")
            assert side["outcome"].startswith("dns-"), (bad.mode, side)
    finally:
        bad.stop()
    assert daemon.record()["verified"] == "203.0.113.27"
    assert world.standin.requests == [] and daemon.events("update-mismatch") == []
    world.bind.start()
    daemon.wait_target(20, "site", "ipv4", outcome="refused")
    daemon.wait_record(20, verified="203.0.113.27", current=True, action="nothing")


# --- clients of the control socket -----------------------------------------------------------------
def pester(path, kind):
    """One bad client; kind says how."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(10)
        try:
            sock.connect(path)
            if kind == "long":
                for _ in range(160):
                    sock.sendall(b"x" * 65536)
            elif kind == "garbage":
                sock.sendall(os.urandom(2000) + b"\n")
            elif kind == "deep":
                sock.sendall(b"[" * 60000 + b"\n")
            elif kind == "half":
                sock.sendall(b'{"cmd": "sta')
            elif kind == "unread":
                sock.sendall(b'{"cmd": "status"}\n')
                return  # and gone
            sock.recv(100)
        except OSError:
            pass  # thrown out


def test_bad_clients_do_not_keep_good_ones_away(alone, make_reachd):
    daemon = make_reachd(alone)
    daemon.configure(literal()).start()
    kinds = ["long", "garbage", "deep", "half", "unread"]
    threads = [threading.Thread(target=pester, args=(daemon.socket, kinds[n % len(kinds)]), daemon=True)
               for n in range(40)]
    for thread in threads:
        thread.start()
    before = daemon.proc.open_files()
    daemon.wait_status(lambda: daemon.status().get("pid") == daemon.proc.pid, 20, "served")
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    wait_until(lambda: daemon.proc.open_files() <= before, 10, "all descriptors are back")
    assert daemon.command("status", "--socket", daemon.socket).returncode in (0, 1)


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


def limit_files(pid, soft):
    """Gives a running process a limit of descriptors; returns what it had."""
    return resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, resource.RLIM_INFINITY
                                                          if soft < 0 else MANY_FILES))


MANY_FILES = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


def test_no_descriptor_left(make_world, make_reachd):
    """Nothing can be judged then: the site is not called down, the address not lost, the record not
    given up; and when there are descriptors again all goes on, an update that came due included."""
    world = make_world(gap=0.5)
    home = world.home
    home.dial("203.0.113.27")
    daemon = make_reachd(home.router)
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, backoff="100ms", look_every="1s"),
                     literal("site", "192.168.1.5:443", servername=SITE), ca=world.ca.pem).start()
    daemon.wait_record(10, verified="203.0.113.27", current=True)
    daemon.wait_target(10, "site", "ipv4", state="up")
    limit_files(daemon.proc.pid, 3)
    home.hang_up()
    home.dial("203.0.113.91")
    daemon.wait_for(r"(warn|error) .*(descriptor|Too many open files|too many open files)", 10)
    # A client of the control socket waits until it can be served.
    answer = []
    asker = threading.Thread(target=lambda: answer.append(daemon.status()), daemon=True)
    asker.start()
    daemon.wait_for(r"control: cannot accept", 10)
    limit_files(daemon.proc.pid, MANY_FILES)
    asker.join(10)
    assert answer and answer[0]["targets"]
    daemon.wait_record(20, verified="203.0.113.91", current=True)
    daemon.wait_target(10, "site", "ipv4", state="up")
    assert daemon.events("target-down") == []
    assert len(daemon.proc.find("control: cannot accept")) < 50
    assert world.standin.early() == []


def test_storm_of_addresses(alone, make_reachd):
    """Thousands of links and addresses come and go while it is asked: it keeps up, and ends with
    what is there."""
    alone.batch("link add wan0 type veth peer name far0", "link set wan0 up", "link set far0 up")
    daemon = make_reachd(alone)
    daemon.configure(conf.section("address", "wan4", family="ipv4", interface="wan0",
                                  accept=["203.0.113.0/24", "198.18.0.0/15"])).start()
    for _ in range(3):
        lines = ["addr add 198.18.%d.%d/32 dev wan0" % (n // 250, n % 250) for n in range(2000)]
        alone.batch(*lines, "addr flush dev wan0")
        assert daemon.status()["pid"] == daemon.proc.pid
    alone.ip("addr", "add", "203.0.113.77/24", "dev", "wan0")
    daemon.wait_status(lambda: daemon.status()["addresses"][0]["chosen"] == "203.0.113.77", 20,
                       "the last one is chosen")


def test_hook_output_is_bounded(alone, make_reachd):
    """Endless, binary, without a newline: the log gets a little of it, printable."""
    daemon = make_reachd(alone)
    scripts = {"endless": "#!/bin/sh\nexec yes spam\n",
               "binary": "#!/bin/sh\nhead -c 200000 /dev/urandom\n",
               "line": "#!/bin/sh\nhead -c 5000000 /dev/zero | tr '\\0' x\n",
               "escape": "#!/bin/sh\nprintf '\\033]0;owned\\007\\033[2J\\n'\n"}
    daemon.configure(literal(retry_every="100ms"),
                     *[conf.section("hook", name, command=[daemon.script("h-" + name, text)],
                                    events=["target-down"], timeout="2s")
                       for name, text in scripts.items()]).start()
    daemon.wait_status(lambda: all(one["told"] + one["failed"] > 0 for one in daemon.status()["hooks"]
                                   if one["name"] in scripts), 20, "each has run")
    assert "\033" not in daemon.logs() and "\0" not in daemon.logs() and "owned" in daemon.logs()
    assert len(daemon.logs()) < 200000
