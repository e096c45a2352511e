# SPDX-License-Identifier: ISC
"""A small world of DNS in one namespace: a root, the servers of several zones (one of them behind, one lame,
one silent), and a real recursive resolver that has to find its way through them. All BIND."""
import os
import re
import subprocess

from . import tools
from .bind import Bind

CONFIG = """
options {{
    directory "{folder}";
    listen-on {{ {v4} }};
    listen-on-v6 {{ {v6} }};
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    lock-file none;
    recursion {recursion};
    notify no;
    dnssec-validation {validation};
    qname-minimization off;
    querylog yes;
    allow-query {{ any; }};
    allow-recursion {{ any; }};
    resolver-query-timeout 4000;
}};
controls {{ }};
{keys}
{zones}
"""


class Named(Bind):
    """zones: {"good.example": "full text of the zone file"}; hints: the resolver's root servers; keys: what it
    trusts in DNSSEC ("NAME static-key …;"). Whoever asks may change zones called dyn.something."""

    def __init__(self, netns, folder, zones, addresses, hints=None, keys=""):
        self.hints = hints
        self.keys = keys
        super().__init__(netns, folder, zones, addresses=addresses)

    def _write(self, zones, ttl, querylog):
        text = ""
        kinds = {zone: "primary" for zone in zones}
        if self.hints:
            zones, kinds = {".": self.hints, **zones}, {**kinds, ".": "hint"}
        for zone, content in zones.items():
            path = os.path.join(self.folder, (zone.strip(".") or "root") + ".zone")
            text += 'zone "%s" { type %s; file "%s"; %s};\n' % (
                zone, kinds[zone], path, "allow-update { any; }; " if zone.startswith("dyn.") else "")
            with open(path, "w", encoding="ascii") as file:
                file.write(content)
        listens = [" ".join(one + ";" for one in self.addresses if (":" in one) == six) or "none;"
                   for six in (False, True)]
        with open(os.path.join(self.folder, "named.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, v4=listens[0], v6=listens[1], zones=text,
                                     validation="yes" if self.keys else "no",
                                     keys="trust-anchors { %s };" % self.keys if self.keys else "",
                                     recursion="yes" if self.hints else "no"))

    def asked(self):
        """Names of the questions that came, in lower case."""
        return [match.group(1).lower() for match in
                (re.search(r"query: (\S+) IN ", line.text) for line in self.proc.lines) if match]


def sign(folder, zone, text):
    """The text of the zone, signed, and the key to trust: (text, "zone. static-key …;")."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "zone"
    env = {**os.environ, **tools.env()}

    def run(*argv):
        return subprocess.run([tools.find(argv[0]), *argv[1:]], cwd=folder, env=env, check=True,
                              capture_output=True, text=True).stdout
    key = run("dnssec-keygen", "-a", "ECDSAP256SHA256", "-f", "KSK", zone).strip()
    with open(folder / (key + ".key"), encoding="ascii") as file:
        public = [line for line in file if " DNSKEY " in line][0].split(None, 6)
    path.write_text(text + "\n$INCLUDE %s.key\n" % key, encoding="ascii")
    run("dnssec-signzone", "-z", "-o", zone, "-f", "zone.signed", "zone", key)
    data = public[-1].replace(" ", "").strip()
    return (folder / "zone.signed").read_text(encoding="ascii"), '%s. static-key 257 3 13 "%s";' % (zone, data)


def v4(number):
    return "192.0.2.%d" % number


def v6(number):
    return "2001:db8:53::%d" % number


def both(number):
    return (v4(number), v6(number))


ROOT, NS1, NS2, LAME, SILENT, RESOLVER = 9, 1, 2, 3, 4, 53


def soa(serial, *servers, ttl=60):
    lines = ["$TTL %d" % ttl, "@ SOA ns.servers.test. host.servers.test. %d 3600 600 86400 30" % serial]
    return "\n".join(lines + ["@ NS %s.servers.test." % name for name in servers]) + "\n"


def addresses(name, number):
    """A and AAAA of one name."""
    return "%s A %s\n%s AAAA %s\n" % (name, v4(number), name, v6(number))


HOSTS = {"ns1": NS1, "ns2": NS2, "lame": LAME, "silent": SILENT}
SERVERS = soa(1, "ns1") + "".join(addresses(name, number) for name, number in HOSTS.items())


class DnsWorld:
    """delegations: {"good.example": ["ns1", "ns2"]}; primary, secondary: what ns1 and ns2 serve; own: zones
    that the resolver serves itself, to those who ask it; keys: see Named."""

    def __init__(self, netns, folder, delegations, primary, secondary, own=None, keys=""):
        root = soa(1, "root").replace("servers.test.", "dns.") + addresses("root.dns.", ROOT)
        root += "servers.test. NS ns1.servers.test.\n" + addresses("ns1.servers.test.", NS1)
        root += "example. NS root.dns.\n"
        tld = soa(1, "root").replace("servers.test.", "dns.")
        for zone, names in delegations.items():
            tld += "".join("%s. NS %s.servers.test.\n" % (zone, name) for name in names)
        hints = ". 3600 NS root.dns.\n" + addresses("root.dns.", ROOT).replace(" A ", " 3600 A ").replace(
            " AAAA ", " 3600 AAAA ")
        self.root = Named(netns, folder / "root", {".": root, "example": tld}, both(ROOT))
        self.ns1 = Named(netns, folder / "ns1", {"servers.test": SERVERS, **primary}, both(NS1))
        self.ns2 = Named(netns, folder / "ns2", secondary, both(NS2))
        self.lame = Named(netns, folder / "lame", {}, both(LAME))
        self.resolver = Named(netns, folder / "resolver", own or {}, both(RESOLVER), hints=hints, keys=keys)
        self.all = (self.root, self.ns1, self.ns2, self.lame, self.resolver)
        netns.batch(*["addr add %s/24 dev s0" % v4(n) for n in (ROOT, NS1, NS2, LAME, SILENT, RESOLVER, 79, 80)],
                    *["addr add %s/64 dev s0 nodad" % v6(n) for n in (ROOT, NS1, NS2, LAME, SILENT, RESOLVER, 79, 80)])
        netns.nft("table inet silent { chain in { type filter hook input priority 0;\n"
                  "ip daddr %s udp dport 53 drop\nip6 daddr %s udp dport 53 drop\n}\n}\n" % both(SILENT))

    def start(self):
        for one in self.all:
            one.start()
        return self

    def stop(self):
        for one in self.all:
            one.stop()


def missing():
    return tools.missing("named", "dig", "nft")


__all__ = ["DnsWorld", "Named", "addresses", "both", "missing", "sign", "soa", "v4", "v6"]
