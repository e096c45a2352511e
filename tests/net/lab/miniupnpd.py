# SPDX-License-Identifier: ISC
"""A home behind NAT, and a real miniupnpd on its router: UPnP, NAT-PMP and PCP.

    host 192.168.1.5 --- 192.168.1.1 router (nft NAT) wan0 --- isp

miniupnpd takes no documentation address for an external one, so that of wan0 looks like a real one;
nothing leaves the namespaces."""
import os

from . import tools
from .netns import Netns, veth
from .proc import Proc

HOST, ROUTER = "192.168.1.5", "192.168.1.1"
WAN_A, WAN_B = "8.8.4.27", "8.8.4.91"
HTTP_PORT = 5000

NFT = """
table inet filter {
    chain forward { type filter hook forward priority 0; policy drop;
        ct state established,related accept
        iifname "lan0" accept
        jump miniupnpd
    }
    chain miniupnpd { }
    chain prerouting { type nat hook prerouting priority dstnat; jump prerouting_miniupnpd; }
    chain postrouting { type nat hook postrouting priority srcnat; oifname "wan0" masquerade; jump postrouting_miniupnpd; }
    chain prerouting_miniupnpd { }
    chain postrouting_miniupnpd { }
}
"""

CONFIG = """
ext_ifname=wan0
listening_ip=lan0
http_port={port}
enable_natpmp={nat_pmp}
enable_upnp={upnp}
min_lifetime=120
max_lifetime=86400
secure_mode=yes
system_uptime=no
notify_interval=30
clean_ruleset_interval=600
uuid=00000000-0000-4000-8000-000000000001
lease_file={folder}/leases
{permission} 1024-65535 192.168.1.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
"""


def missing():
    return tools.missing("miniupnpd")


class NatHome:
    """A host and its router; `wan` is what the router has towards its provider."""

    def __init__(self, wan=WAN_A):
        self.host, self.router, self.isp = Netns("rd-nat-host"), Netns("rd-nat-router"), Netns("rd-nat-isp")
        veth(self.router, "lan0", self.host, "eth0")
        veth(self.router, "wan0", self.isp, "wan0")
        self.router.batch("link set lo up", "addr add %s/24 dev lan0" % ROUTER)
        self.host.batch("link set lo up", "addr add %s/24 dev eth0" % HOST, "route add default via " + ROUTER)
        self.router.sysctl(net__ipv4__ip_forward=1)
        self.router.nft(NFT)
        self.wan = None
        self.renumber(wan)

    def renumber(self, wan):
        if self.wan:
            self.router.ip("addr", "del", self.wan + "/24", "dev", "wan0")
        self.wan = wan
        self.router.ip("addr", "add", wan + "/24", "dev", "wan0")

    def delete(self):
        for one in (self.host, self.router, self.isp):
            one.delete()


class Miniupnpd:
    """nat_pmp is PCP as well; allow: whether ports may be mapped."""

    def __init__(self, netns, folder, nat_pmp=True, upnp=True, allow=True):
        self.netns = netns
        self.folder = str(folder)
        self.config = os.path.join(self.folder, "miniupnpd.conf")
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)
        with open(self.config, "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, port=HTTP_PORT, nat_pmp="yes" if nat_pmp else "no",
                                     upnp="yes" if upnp else "no",
                                     permission="allow" if allow else "deny"))

    def start(self):
        pid = os.path.join(self.folder, "pid")
        if os.path.exists(pid):
            os.unlink(pid)  # of one that was killed: no other may run beside it
        argv = [tools.find("miniupnpd"), "-d", "-vv", "-f", self.config, "-P", pid]
        self.proc = Proc(self.netns, argv, "miniupnpd", env=tools.env())
        self.proc.wait_for(r"Listening for NAT-PMP|HTTP listening on port", 10)
        return self

    def stop(self):
        if self.proc:
            self.proc.kill9()
            self.proc = None
