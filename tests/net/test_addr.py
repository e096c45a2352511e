# SPDX-License-Identifier: ISC
"""Addresses as a real kernel tells of them: what is chosen, when it is told, what `reachd addr` prints."""
import contextlib
import fcntl
import json
import os
import re
import signal
import socket
import struct
import subprocess
import threading

import pytest

from lab.netns import Netns, veth
from lab.wait import wait_until

LAB4 = "203.0.113.0/24"
LAB6 = "2001:db8::/32"
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000


class Watch:
    """addrwatch_main on one interface of a namespace."""

    def __init__(self, program, netns, interface, settle=0, temporary=False):
        argv = [program, "-s", str(settle), "-a", LAB4, "-a", LAB6] + (["-t"] if temporary else [])
        self.process = subprocess.Popen(netns.command(*argv, interface), text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.changes, self.status, self.log = [], [], []
        threading.Thread(target=self._read, args=(self.process.stdout, self._take), daemon=True).start()
        threading.Thread(target=self._read, args=(self.process.stderr, self.log.append), daemon=True).start()

    @staticmethod
    def _read(stream, take):
        for line in stream:
            take(line)

    def _take(self, line):
        said = json.loads(line)
        (self.status if "status" in said else self.changes).append(said)

    def told(self, family):
        """All that was told of a family, "-" for none."""
        return [said["now"] or "-" for said in self.changes if said["family"] == family]

    def until(self, family, *addresses, limit=10):
        """Waits until exactly this was told, from the start."""
        want = list(addresses)
        wait_until(lambda: len(self.told(family)) >= len(want), limit,
                   lambda: "%s, but %s" % (want, self.told(family)))
        assert self.told(family) == want, self.changes

    def look(self):
        """Its present view; all that the kernel said before is in it."""
        wait_until(lambda: self.changes, 10, "a first change")  # its signal handlers are there by then
        count = len(self.status)
        self.process.send_signal(signal.SIGUSR2)
        wait_until(lambda: len(self.status) > count, 10, "an answer to SIGUSR2")
        return self.status[-1]["status"]

    def candidates(self, family):
        for section in self.look():
            if section["family"] == family:
                return {one["address"]: one for one in section["candidates"]}
        return {}

    def sees(self, family, address, part, limit=10):
        """Waits until the address is a candidate with a reason that contains part."""
        wait_until(lambda: part in self.candidates(family).get(address, {}).get("reason", ""), limit,
                   lambda: "%s as %s in %s" % (address, part, self.candidates(family)))

    def end(self):
        self.process.terminate()
        try:
            assert self.process.wait(10) == 0, "".join(self.log)
        finally:
            self.process.kill()


class Line:
    """A PPPoE line played with a tun device, in the order that a real pppd causes."""

    def __init__(self, netns):
        self.netns = netns
        self.tun = None

    def dial(self, address, peer="203.0.113.1", up=True):
        with self.netns:
            tun = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"ppp0", IFF_TUN | IFF_NO_PI))
        self.tun = tun
        # Every tun device gets a link-local address; a ppp one waits for IPV6CP, which is not played.
        self.netns.sysctl(net__ipv6__conf__ppp0__disable_ipv6=1)
        self.netns.ip("link", "set", "ppp0", "name", "pppoe-wanppp")
        self.netns.ip("link", "set", "pppoe-wanppp", "mtu", "1454")
        self.netns.ip("addr", "add", address + "/32", "dev", "pppoe-wanppp")
        self.netns.ip("addr", "del", address + "/32", "dev", "pppoe-wanppp")
        self.netns.ip("addr", "add", address, "peer", peer + "/32", "dev", "pppoe-wanppp")
        if up:
            self.netns.ip("link", "set", "pppoe-wanppp", "up")

    def hang_up(self):
        self.netns.ip("link", "set", "pppoe-wanppp", "down")
        os.close(self.tun)
        self.tun = None

    def close(self):
        if self.tun is not None:
            os.close(self.tun)


@pytest.fixture
def netns():
    made = Netns("rd-addr-a")
    yield made
    made.delete()


@pytest.fixture
def line(netns):
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC))
    except OSError as problem:  # not there, or not for ordinary people
        pytest.skip("the PPPoE line can't be played: %s" % problem)
    made = Line(netns)
    yield made
    made.close()


@pytest.fixture
def eth0(netns):
    """eth0 of the namespace, up, with a cable to another one."""
    other = Netns("rd-addr-b")
    veth(netns, "eth0", other, "eth0")
    yield other
    other.delete()


@pytest.fixture
def watch(netns, reachd_path):
    program = os.path.join(os.path.dirname(reachd_path), "tests", "net", "addrwatch_main")
    made = []

    def start(interface, **options):
        made.append(Watch(program, netns, interface, **options))
        return made[-1]

    yield start
    for one in made:
        one.end()


# --- PPPoE -----------------------------------------------------------------------------------------

def test_pppoe_at_once(netns, line, watch):
    """settle 0: nothing is told before the link is up, and the loss is told too."""
    w = watch("pppoe-wanppp")
    w.until("ipv4", "-")
    line.dial("203.0.113.100", up=False)
    w.sees("ipv4", "203.0.113.100", "link is down")
    w.until("ipv4", "-")
    netns.ip("link", "set", "pppoe-wanppp", "up")
    w.until("ipv4", "-", "203.0.113.100")
    line.hang_up()
    w.until("ipv4", "-", "203.0.113.100", "-")
    line.dial("203.0.113.101")
    w.until("ipv4", "-", "203.0.113.100", "-", "203.0.113.101")


def test_pppoe_reconnect_within_the_grace(line, watch):
    """settle 1 s: a quick reconnect is one change, without a loss between."""
    w = watch("pppoe-wanppp", settle=1000)
    w.until("ipv4", "-")
    line.dial("203.0.113.100")
    w.sees("ipv4", "203.0.113.100", "settles in")
    w.until("ipv4", "-", "203.0.113.100")
    line.hang_up()
    line.dial("203.0.113.101")
    w.until("ipv4", "-", "203.0.113.100", "203.0.113.101")
    assert w.changes[-1]["before"] == "203.0.113.100"
    line.hang_up()
    w.until("ipv4", "-", "203.0.113.100", "203.0.113.101", "-")


def test_there_before_us_needs_no_settling(netns, eth0, watch):
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    aged = float(netns.run("cat", "/proc/uptime").stdout.split()[0]) + 1
    wait_until(lambda: float(netns.run("cat", "/proc/uptime").stdout.split()[0]) > aged, 10, "a second to pass")
    w = watch("eth0", settle=1000)
    w.until("ipv4", "203.0.113.5")


# --- IPv6 ------------------------------------------------------------------------------------------

def test_tentative_until_dad_is_over(netns, eth0, watch):
    w = watch("eth0")
    w.until("ipv6", "-")
    netns.ip("addr", "add", "2001:db8::5/64", "dev", "eth0")
    w.sees("ipv6", "2001:db8::5", "tentative")
    assert w.told("ipv6") == ["-"]
    w.until("ipv6", "-", "2001:db8::5")


def test_duplicate_is_never_chosen(netns, eth0, watch):
    eth0.ip("addr", "add", "2001:db8::5/64", "dev", "eth0", "nodad")
    w = watch("eth0")
    netns.ip("addr", "add", "2001:db8::5/64", "dev", "eth0")
    w.sees("ipv6", "2001:db8::5", "DAD failed")
    assert w.told("ipv6") == ["-"]


def test_renumbered(netns, eth0, watch):
    """The old prefix is deprecated: the address moves. A refresh of lifetimes is no change."""
    w = watch("eth0")
    w.until("ipv6", "-")
    add = ["addr", "add", "2001:db8:a::5/64", "dev", "eth0", "nodad"]
    netns.ip(*add, "valid_lft", "7200", "preferred_lft", "3600")
    w.until("ipv6", "-", "2001:db8:a::5")
    for preferred in range(3601, 3620):
        netns.ip("addr", "change", *add[2:], "valid_lft", "7200", "preferred_lft", str(preferred))
    netns.ip("addr", "add", "2001:db8:b::5/64", "dev", "eth0", "nodad", "valid_lft", "7200", "preferred_lft", "3600")
    w.sees("ipv6", "2001:db8:b::5", "dynamic")
    assert w.told("ipv6") == ["-", "2001:db8:a::5"]
    netns.ip("addr", "change", *add[2:], "valid_lft", "7200", "preferred_lft", "0")
    w.until("ipv6", "-", "2001:db8:a::5", "2001:db8:b::5")


@pytest.mark.parametrize("prefer", [False, True])
def test_temporary_address_appears(netns, eth0, watch, prefer):
    netns.sysctl(net__ipv6__conf__eth0__use_tempaddr=2)
    w = watch("eth0", temporary=prefer)
    w.until("ipv6", "-")
    netns.ip("addr", "add", "2001:db8::5/64", "dev", "eth0", "mngtmpaddr", "valid_lft", "7200", "preferred_lft", "3600")
    wait_until(lambda: any("temporary (" in one["reason"] for one in w.candidates("ipv6").values()), 10,
               "a temporary address")
    temporary = [one for one, said in w.candidates("ipv6").items() if "temporary (" in said["reason"]]
    assert len(temporary) == 1
    if prefer:
        wait_until(lambda: w.told("ipv6")[-1] == temporary[0], 10, lambda: w.told("ipv6"))
    else:
        w.until("ipv6", "-", "2001:db8::5")


def test_link_down_and_up(netns, eth0, watch):
    w = watch("eth0", settle=1)
    w.until("ipv4", "-")
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    w.until("ipv4", "-", "203.0.113.5")
    eth0.ip("link", "set", "eth0", "down")  # the cable is out
    w.until("ipv4", "-", "203.0.113.5", "-")
    eth0.ip("link", "set", "eth0", "up")
    w.until("ipv4", "-", "203.0.113.5", "-", "203.0.113.5")


def test_renamed_link(netns, eth0, watch):
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    w = watch("wan0")
    w.until("ipv4", "-")
    netns.ip("link", "set", "eth0", "down")
    netns.ip("link", "set", "eth0", "name", "wan0")
    netns.ip("link", "set", "wan0", "up")
    w.until("ipv4", "-", "203.0.113.5")


def test_left_bridge_is_no_lost_link(netns, eth0, watch):
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    netns.ip("link", "add", "br0", "type", "bridge")
    w = watch("eth0")
    w.until("ipv4", "203.0.113.5")
    netns.ip("link", "set", "eth0", "master", "br0")
    netns.ip("link", "set", "eth0", "nomaster")
    netns.ip("addr", "add", "203.0.113.6/24", "dev", "eth0")  # comes after all of that
    w.sees("ipv4", "203.0.113.6", "secondary")
    assert w.told("ipv4") == ["203.0.113.5"]


# --- storms and strangers --------------------------------------------------------------------------

def batch(netns, lines):
    netns.run("ip", "-batch", "-", stdin="".join(one + "\n" for one in lines), timeout=120)


def test_storm_ends_consistent(netns, eth0, watch):
    """More messages than the socket holds while we don't read: what was dropped is found again."""
    w = watch("eth0")
    w.until("ipv4", "-")
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    w.until("ipv4", "-", "203.0.113.5")
    many = ["2001:db8:%x::%x/64 dev eth0" % (i // 256, i % 256 + 1) for i in range(4000)]
    w.process.send_signal(signal.SIGSTOP)
    try:
        for _ in range(3):
            batch(netns, ["addr add %s nodad" % one for one in many])
            batch(netns, ["addr del %s" % one for one in many])
        netns.ip("addr", "del", "203.0.113.5/24", "dev", "eth0")
        netns.ip("addr", "add", "203.0.113.6/24", "dev", "eth0")
        netns.ip("addr", "add", "2001:db8:ffff::1/64", "dev", "eth0", "nodad")
    finally:
        w.process.send_signal(signal.SIGCONT)
    wait_until(lambda: w.told("ipv4")[-1] == "203.0.113.6", 30, lambda: w.told("ipv4"))
    wait_until(lambda: w.told("ipv6")[-1] == "2001:db8:ffff::1", 30, lambda: w.told("ipv6")[-3:])
    assert any("overrun" in one for one in w.log), "the storm was too small to prove anything"
    assert sorted(a for a in w.candidates("ipv6") if not a.startswith("fe80")) == ["2001:db8:ffff::1"]


def test_storm_while_reading(netns, eth0, watch):
    w = watch("eth0", settle=200)
    many = ["203.0.113.%d/32 dev eth0" % i for i in range(10, 250)]
    for _ in range(5):
        batch(netns, ["addr add " + one for one in many] + ["addr del " + one for one in many])
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    wait_until(lambda: w.told("ipv4")[-1] == "203.0.113.5", 30, lambda: w.told("ipv4"))
    assert list(w.candidates("ipv4")) == ["203.0.113.5"]


def test_messages_of_strangers_are_ignored(netns, eth0, watch):
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    w = watch("eth0")
    w.until("ipv4", "203.0.113.5")
    body = struct.pack("=BBBBI", socket.AF_INET, 24, 0x80, 0, index_of(netns, "eth0"))
    body += struct.pack("=HH4s", 8, 2, socket.inet_aton("203.0.113.5"))
    forged = struct.pack("=IHHII", 16 + len(body), 21, 0, 0, 0) + body  # RTM_DELADDR
    with netns:
        stranger = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    with stranger:
        stranger.bind((0, 0))
        sent = 0
        for port in ports_of(netns):
            with contextlib.suppress(OSError):
                stranger.sendto(forged, (port, 0))
                sent += 1
    assert sent, "no message could be sent, the test proves nothing"
    netns.ip("addr", "add", "203.0.113.6/24", "dev", "eth0")
    w.sees("ipv4", "203.0.113.6", "secondary")
    assert w.told("ipv4") == ["203.0.113.5"]


def index_of(netns, link):
    return json.loads(netns.ip("-j", "link", "show", link).stdout)[0]["ifindex"]


def ports_of(netns):
    """The port numbers of all rtnetlink listeners of the namespace."""
    out = netns.run("cat", "/proc/net/netlink").stdout.splitlines()[1:]
    rows = [one.split() for one in out]
    return [int(row[2]) for row in rows if row[1] == "0" and int(row[3], 16) != 0 and row[2] != "0"]


# --- reachd addr -----------------------------------------------------------------------------------

def addr(netns, reachd_path, *argv, check=True):
    done = netns.run(reachd_path, "addr", *argv, check=False)
    if check:
        assert done.returncode == 0, done.stderr
    return done


@pytest.fixture
def home(netns, eth0):
    netns.ip("addr", "add", "192.168.1.5/24", "dev", "eth0")
    netns.ip("addr", "add", "fd00::5/64", "dev", "eth0", "nodad")
    netns.ip("addr", "add", "2001:db8:1234:5678:211:22ff:fe33:4455/64", "dev", "eth0", "nodad",
             "valid_lft", "7200", "preferred_lft", "3600")
    netns.ip("addr", "add", "2001:db8:1234:5678::7/64", "dev", "eth0", "nodad",
             "valid_lft", "7200", "preferred_lft", "0")
    return netns


def test_addr_lists_each_with_its_reason(home, reachd_path):
    out = addr(home, reachd_path, "--accept", LAB6).stdout
    assert "\033" not in out
    assert max(len(one) for one in out.splitlines()) <= 80
    rows = re.sub(r"\s+", " ", out)
    assert "* 2001:db8:1234:5678:211:22ff:fe33:4455/64 eth0 stable, EUI-64" in rows
    assert "2001:db8:1234:5678::7/64 eth0 deprecated" in rows
    assert "192.168.1.5/24 eth0 private network (RFC 1918), 192.168.0.0/16" in rows
    assert "fd00::5/64 eth0 unique local (RFC 4193), fc00::/7" in rows
    assert "fe80::" in rows and "127.0.0.1" not in rows
    lines6 = out[out.index("IPv6"):].splitlines()
    assert lines6[1].lstrip().startswith("* ")  # the chosen one first


def test_addr_quiet_is_for_scripts(home, reachd_path):
    done = addr(home, reachd_path, "-6", "-q", "--accept", LAB6, "eth0")
    assert (done.stdout, done.stderr) == ("2001:db8:1234:5678:211:22ff:fe33:4455\n", "")
    done = addr(home, reachd_path, "-4", "-q", check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "192.168.1.5: private network" in done.stderr
    done = addr(home, reachd_path, "-q", "--accept", LAB6, "--accept", "192.168.0.0/16")
    assert done.stdout == "192.168.1.5\n2001:db8:1234:5678:211:22ff:fe33:4455\n"


def test_addr_json(home, reachd_path):
    said = json.loads(addr(home, reachd_path, "--json", "--accept", LAB6).stdout)
    assert said["ipv4"]["chosen"] is None
    assert said["ipv6"]["chosen"] == "2001:db8:1234:5678:211:22ff:fe33:4455"
    assert said["ipv6"]["candidates"][0]["verdict"] == "chosen"
    assert {one["verdict"] for one in said["ipv6"]["candidates"][1:]} == {"unfit"}


def test_addr_wrong_usage(home, reachd_path):
    assert addr(home, reachd_path, "--accept", "nonsense", check=False).returncode == 2
    assert addr(home, reachd_path, "--prefer", "nonsense", check=False).returncode == 2
    assert addr(home, reachd_path, "--nonsense", check=False).returncode == 2
    assert addr(home, reachd_path, "eth0", "eth1", check=False).returncode == 2
    done = addr(home, reachd_path, "eth9", check=False)
    assert done.returncode == 1 and "eth9" in done.stderr
    assert "ip -6 addr show" in addr(home, reachd_path, "--help").stdout


def test_addr_during_a_storm(netns, eth0, reachd_path):
    """A dump that is interrupted again and again still ends, with the truth or an error."""
    netns.ip("addr", "add", "203.0.113.5/24", "dev", "eth0")
    many = ["203.0.114.%d/32 dev eth0" % i for i in range(1, 250)]
    text = "".join("addr add %s\naddr del %s\n" % (one, one) for one in many) * 20
    storm = subprocess.Popen(netns.command("ip", "-batch", "-"), stdin=subprocess.PIPE, text=True)
    feeder = threading.Thread(target=lambda: (storm.stdin.write(text), storm.stdin.close()))
    feeder.start()
    while storm.poll() is None:
        done = addr(netns, reachd_path, "-4", "-q", "--accept", LAB4, check=False)
        assert done.stdout == "203.0.113.5\n" or "keep changing" in done.stderr
    feeder.join()
    assert addr(netns, reachd_path, "-4", "-q", "--accept", LAB4).stdout == "203.0.113.5\n"
