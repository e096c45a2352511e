# SPDX-License-Identifier: ISC
"""Servers that say who asks: a real Knot with its whoami module for addresses, and a real BIND for
texts, with a view for each class. The internet's own services stand at their own addresses."""
import os

from . import tools
from .proc import Proc

# name: (IPv4, IPv6) of the servers, the name that is asked
OPENDNS = (("208.67.222.222", "2620:119:35::35"), "myip.opendns.com")
AKAMAI = (("193.108.88.1",), "whoami.akamai.net")
GOOGLE = (("216.239.32.10", "2001:4860:4802:32::a"), "o-o.myaddr.l.google.com")
CLOUDFLARE = (("1.1.1.1", "2606:4700:4700::1111"), "whoami.cloudflare")

KNOT = """
server:
    rundir: "{folder}"
    listen: [{listen}]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
template:
  - id: default
    storage: "{folder}"
zone:
{zones}
"""

NAMED = """
options {{
    directory "{folder}";
    listen-on {{ {v4} }};
    listen-on-v6 {{ {v6} }};
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    lock-file none;
    recursion no;
    dnssec-validation no;
}};
controls {{ }};
view "chaos" CH {{ recursion no; {chaos} }};
view "internet" {{ {internet} }};
"""


def give(netns, *servers):
    """The addresses of services are those of a namespace."""
    for addresses in servers:
        netns.batch(*["addr add %s dev lo%s" % (one, " nodad" if ":" in one else "") for one in addresses])


class Whoami:
    """A and AAAA of each name are the address of who asks."""

    def __init__(self, netns, folder, addresses, names):
        self.netns = netns
        self.folder = str(folder)
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)
        zones = ""
        for name in names:
            with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
                file.write("$ORIGIN %s.\n$TTL 1\n@ SOA ns hostmaster 1 3600 600 86400 1\n@ NS ns.example.\n" % name)
            zones += '  - domain: %s\n    file: "%s"\n    module: mod-whoami\n' % (name, name)
        listen = ", ".join(one + "@53" for one in addresses)
        with open(os.path.join(self.folder, "knot.conf"), "w", encoding="ascii") as file:
            file.write(KNOT.format(folder=self.folder, listen=listen, zones=zones))

    def start(self):
        argv = [tools.find("knotd"), "-c", os.path.join(self.folder, "knot.conf")]
        self.proc = Proc(self.netns, argv, "whoami", env=tools.env())
        self.proc.wait_for(r"server started", 20)
        return self

    def stop(self):
        self.proc.kill9()


class Texts:
    """TXT records: texts {name: …} of class IN, chaos {name: …} of class CH."""

    def __init__(self, netns, folder, addresses, texts=None, chaos=None):
        self.netns = netns
        self.folder = str(folder)
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)
        v4 = "".join(one + "; " for one in addresses if ":" not in one) or "none; "
        v6 = "".join(one + "; " for one in addresses if ":" in one) or "none; "
        with open(os.path.join(self.folder, "named.conf"), "w", encoding="ascii") as file:
            file.write(NAMED.format(folder=self.folder, v4=v4, v6=v6, chaos=self._zones(chaos, "CH"),
                                    internet=self._zones(texts, "IN")))

    def _zones(self, texts, kind):
        zones = ""
        for name, text in (texts or {}).items():
            path = os.path.join(self.folder, "%s.%s" % (name, kind))
            with open(path, "w", encoding="ascii") as file:
                file.write("$TTL 1\n@ %s SOA ns.example. hostmaster.example. 1 3600 600 86400 1\n"
                           "@ %s NS ns.example.\n@ %s TXT %s\n" % (kind, kind, kind, text))
            zones += 'zone "%s" %s { type primary; file "%s"; check-names ignore; };\n' % (name, kind, path)
        return zones

    def start(self):
        argv = [tools.find("named"), "-g", "-n", "1", "-c", os.path.join(self.folder, "named.conf")]
        self.proc = Proc(self.netns, argv, "texts", env=tools.env())
        self.proc.wait_for(r" running$", 20)
        return self

    def stop(self):
        self.proc.kill9()
