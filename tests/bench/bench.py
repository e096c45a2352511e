#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""What reachd costs, beside the least that could be. Figures, never asserted: a machine that does
other things at the same time moves them, so what is compared runs in turns within one run.

usage: make bench [BENCHFLAGS="PART..."]     parts: see PARTS
"""
import fcntl
import os
import signal
import socket
import statistics
import struct
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "net"))

# pylint: disable=wrong-import-position
import lab.daemon as conf
from lab import tools
from lab.daemon import Reachd
from lab.home import PPP
from lab.netns import veth
from lab.world import World

import load
import instructions
import programs
from chain import Chain
from common import PORT, SITE, Site, number, say

SIOCSIFADDR = 0x8916


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


def change(folder):
    """From the address that becomes usable to the request at the provider, nothing waited for."""
    world = World(os.path.join(folder, "world"), gap=0.001).start()
    router = world.home.router
    daemon = Reachd(router, os.path.join(folder, "reachd"), os.environ["REACHD"])
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, look_every="1h"), settle="0",
                     debounce="2s", level="info", ca=world.ca.pem)
    veth(world.home.isp, "bras", router, PPP)
    connected, asked = [], []
    try:
        daemon.start()
        for last in range(20, 41):
            address = "203.0.113.%d" % last
            count = len(world.standin.requests)
            began = set_address(router, PPP, address)
            world.standin.wait_requests(count + 1, 10)
            daemon.wait_record(10, verified=address, current=True)
            request = world.standin.requests[-1]
            connected.append(request.connected - began)
            asked.append(request.at - began)
            router.ip("addr", "flush", "dev", PPP)
        say("change", "from the usable address to the request, settle 0, "
            "connected after %.1f ms, TLS done after %.1f ms (medians of %d; TLS waits for Python)" % (
                1e3 * statistics.median(connected), 1e3 * statistics.median(asked), len(asked)))
    finally:
        daemon.close()
        world.stop()


def set_address(netns, interface, address):
    """By one system call, not a process; returns the time before it."""
    with netns:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    request = struct.pack("16sHH4s8x", interface.encode(), socket.AF_INET, 0, socket.inet_aton(address))
    with sock:
        before = time.monotonic()
        fcntl.ioctl(sock, SIOCSIFADDR, request)
    return before


def start(folder):
    """From exec to the first check on the wire: a listener here sees the connection come. In turns
    with the bare client, which links OpenSSL too and has nothing to read but one certificate."""
    root = Chain(os.path.join(folder, "chain"), "DNS:" + SITE).root
    reachd = os.environ["REACHD"]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        site = "127.0.0.1:%d" % port
        daemon = Reachd(None, os.path.join(folder, "reachd"), reachd)
        daemon.configure(conf.target(host=site), level="error")
        ways = {"the bare client": [os.path.join(os.environ["BENCH"], "floor"), port, SITE, root, 1, 1],
                "reachd run -c FILE": [reachd, "run", "-c", daemon.config],
                "reachd run HOST": [reachd, "run", "--state", "", "--socket", "", site],
                "reachd probe HOST": [reachd, "probe", site]}
        took = {way: [] for way in ways}
        for _ in range(25):
            for way, argv in ways.items():
                took[way].append(first_contact(listener, [str(arg) for arg in argv]))
    floor = statistics.median(took["the bare client"])
    for way, times in took.items():
        say("start", "exec to the first connection, %-18s median %4.1f ms, least %4.1f ms, %.2fx" % (
            way + ":", 1e3 * statistics.median(times), 1e3 * min(times), statistics.median(times) / floor))


def first_contact(listener, argv):
    env = {key: value for key, value in os.environ.items() if not key.startswith("SSL_CERT_")}
    with open(os.devnull, "wb") as null:
        quiet = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1), (os.POSIX_SPAWN_DUP2, null.fileno(), 2)]
        began = time.monotonic()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=quiet)
        peer, _ = listener.accept()
        took = time.monotonic() - began
        peer.close()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return took


PARTS = {"probes": probes, "programs": programs.programs, "oneshot": programs.oneshot, "change": change,
         "start": start, "memory": load.memory, "idle": load.idle, "pace": load.pace,
         "instructions": instructions.instructions}


def main(names):
    why = tools.missing("nginx", "named", "nsupdate", "dig")
    if why:
        sys.exit("bench: " + why)
    for name in names or PARTS:
        with tempfile.TemporaryDirectory(prefix="reachd-bench-") as folder:
            PARTS[name](folder)


if __name__ == "__main__":
    main(sys.argv[1:])
