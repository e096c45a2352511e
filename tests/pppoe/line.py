# SPDX-License-Identifier: ISC
"""A real PPPoE line: pppd with its PPPoE plugin in a router dials pppoe-server at an ISP, over a cable
that stands for the ONU. The ISP's other services are at 192.0.2.53 and 192.0.2.80 of it. Few commands,
for the machine that runs them is emulated. Owns: both namespaces, pppd's files in /etc/ppp (of a
machine that is ours alone). Not its job: to judge what reachd does."""
import os
import signal

from lab.home import PPP
from lab.netns import Netns, veth
from lab.proc import Proc
from lab.wait import wait_until

from kernel_log import KernelLog

SECRETS = '"home" * "secret" *\n'
SERVER_OPTIONS = """require-chap
lcp-echo-interval 5
lcp-echo-failure 2
mtu 1454
mru 1454
lcp-restart 1
"""
CLIENT = ["plugin", "pppoe.so", "onu0", "ifname", PPP, "user", "home", "password", "secret", "noauth",
          "nodetach", "mtu", "1454", "mru", "1454", "noipdefault", "maxfail", "1", "lcp-restart", "1"]


class Line:
    def __init__(self):
        self.isp, self.router = Netns("isp"), Netns("router")
        self.isp.ip("addr", "add", "192.0.2.53/32", "dev", "lo")
        self.isp.ip("addr", "add", "192.0.2.80/32", "dev", "lo")
        # The way to the provider is another one than the line whose address is published.
        veth(self.isp, "line", self.router, "wan")
        self.isp.ip("addr", "add", "198.51.100.1/24", "dev", "line")
        self.router.ip("addr", "add", "198.51.100.7/24", "dev", "wan")
        self.router.ip("route", "add", "192.0.2.0/24", "via", "198.51.100.1")
        self.kernel = KernelLog(self.router, PPP)
        self.pppd = None
        veth(self.isp, "access", self.router, "onu0")
        _write("/etc/ppp/chap-secrets", SECRETS)
        _write("/etc/ppp/pppoe-server-options", SERVER_OPTIONS)
        # -r: a session gets a random place among 20, and with it another address. It puts itself
        # into the background, and ends with the machine.
        self.isp.run("pppoe-server", "-I", "access", "-L", "203.0.113.1", "-R", "203.0.113.100",
                     "-N", "20", "-r")

    def dial(self, *options):
        """Dials; returns the address that the ISP gave, once it is usable. With "noipv6" pppd gives
        the address to a link that is down; else IPV6CP, mostly faster, has it up already."""
        self.pppd = Proc(self.router, ["pppd"] + CLIENT + list(options), "pppd")
        wait_until(lambda: self.kernel.usable or not self.pppd.alive(), 20,
                   lambda: "a PPPoE session\n" + self.pppd.text())
        assert self.pppd.alive(), self.pppd.text()
        return self.kernel.usable

    def hang_up(self, number=signal.SIGTERM):
        """pppd ends in its own way, or by the signal that is given."""
        self.pppd.signal(number)
        self.pppd.wait(10)
        wait_until(lambda: not self.kernel.present, 5, "the interface is gone")


def _write(path, text):
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    os.chmod(path, 0o600)
