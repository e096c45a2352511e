# SPDX-License-Identifier: ISC
"""The failure lab: a prober, a router and a server where everything that can be wrong is wrong at a port, a name
or an address of its own. Nothing changes while it stands, so that many cases can be looked at side by side.

Owns: what stands where. Not its job: what is expected of it (causes.py)."""
from . import bad_certs, named, peers, tools
from .baddns import BadDns
from .bind import Bind
from .caddy import Caddy
from .netns import Netns, veth
from .nginx import Nginx
from .proc import Proc

SERVER = {"ipv4": "198.51.100.2", "ipv6": "2001:db8:2::2"}
ROUTER = {"ipv4": "203.0.113.1", "ipv6": "2001:db8:1::1"}
SECOND = {"ipv4": "198.51.101.3", "ipv6": "2001:db8:3::3"}  # the server's too: where a wrong record leads
OWN = {"ipv4": "203.0.113.2", "ipv6": "2001:db8:1::2"}
# What the resolvers are. The first knows its way through the small DNS world of named.py.
RESOLVER, OLD_RESOLVER, BAD_RESOLVER, LAB_RESOLVER = named.v4(named.RESOLVER), named.v4(54), named.v4(55), named.v4(56)
BIG = 300000

FORWARD = """
table inet filter {
    chain forward {
        type filter hook forward priority 0;
        tcp dport 1001 drop
        tcp dport 4020-4029 drop
        meta nfproto ipv4 meta l4proto { tcp, udp } th dport 1002 reject with icmp type admin-prohibited
        meta nfproto ipv6 meta l4proto { tcp, udp } th dport 1002 reject with icmpv6 type admin-prohibited
        tcp dport 1003 reject with icmpx type host-unreachable
        tcp dport 1004 reject
        tcp dport 1005 reject with tcp reset
        udp dport 1001 drop
        iifname "r1" tcp sport 8444 meta length > 1454 drop
        iifname "r0" tcp dport 8447 meta length > 1454 drop
        ip daddr 11.22.33.44 drop
        ip6 daddr 2a00:1450::1 drop
    }
}
"""
# What the prober's own firewall does.
OUTPUT = """
table inet filter {
    chain output {
        type filter hook output priority 0;
        tcp dport 2001 reject with icmpx type admin-prohibited
        tcp dport 2002 reject
    }
}
"""
# Destinations with routes of their own on the prober.
ROUTED = {"unreachable": ("198.18.0.1", "2001:db8:f::1"), "blackhole": ("198.18.0.2", "2001:db8:f::2"),
          "prohibit": ("198.18.0.3", "2001:db8:f::3")}

LOCATIONS = """
        listen 80; listen [::]:80;
        location /status/404 { return 404 "not here\\n"; }
        location /status/503 { return 503; }
        location /away { return 301 https://elsewhere.example/; }
        location /down { return 302 http://$host/; }
        location /files/ { alias %s/; }
        location /cut { proxy_pass http://127.0.0.1:3003; }
        ssl_ciphers DEFAULT:@SECLEVEL=0;
"""

# A server of the time before TLS 1.2: a ServerHello of TLS 1.1, whatever is offered. No server in
# today's distributions is that old: they all answer with an alert.
OLD_HELLO = bytes((0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2)) + bytes(range(32)) + bytes((0, 0xc0, 9, 0))
# TLS 1.2 by a library of before 2010: no renegotiation_info.
HELLO_2009 = bytes((0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3)) + bytes(range(32)) + bytes((0, 0xc0, 0x2b, 0))
DONE_AT_ONCE = bytes((0x16, 3, 3, 0, 4, 0x0e, 0, 0, 0))
SHORT_REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"

# Alerts that no server here sends for a reason of its own, at port 5000 and their number.
ALERTS = {
    10: "unexpected-message", 20: "bad-record-mac", 21: "decryption-failed", 22: "record-overflow",
    30: "decompression-failure", 41: "no-certificate", 42: "bad-certificate",
    43: "unsupported-certificate", 44: "certificate-revoked", 45: "certificate-expired",
    46: "certificate-unknown", 47: "illegal-parameter", 48: "unknown-ca", 49: "access-denied",
    50: "decode-error", 51: "decrypt-error", 60: "export-restriction", 71: "insufficient-security",
    80: "internal-error", 86: "inappropriate-fallback", 90: "user-canceled", 99: "other",
    100: "no-renegotiation", 109: "missing-extension", 110: "unsupported-extension",
    111: "certificate-unobtainable", 113: "bad-certificate-status", 114: "bad-certificate-hash",
    115: "unknown-psk-identity", 121: "ech-required",
}
PEERS = {
    3001: peers.silent,
    3002: peers.closes,
    3003: peers.answers(SHORT_REPLY),
    3004: peers.resets,
    3005: peers.greets(b"220 mail.example ESMTP\r\n"),
    3006: peers.greets(b"SSH-2.0-OpenSSH_9.2\r\n"),
    3007: peers.answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
    3008: peers.greets(SHORT_REPLY),
    5500: peers.answers(OLD_HELLO),
    5501: peers.answers(DONE_AT_ONCE),
    5502: peers.answers(HELLO_2009),
    **{5000 + number: peers.alert(number) for number in ALERTS},
}
UDP = {
    4001: lambda data: None,
    4002: lambda data: b"SSH-2.0 over UDP\r\n",
    4003: lambda data: data[:1] + bytes(4) + bytes((8,)) + bytes(8) + bytes((8,)) + bytes(8) + b"\0\0\0\1",
    4004: lambda data: data,
}

# --- names: what the resolver finds out by asking the zones' own servers ---------------------------
SITE = ("site A %s\nsite AAAA %s\n" % (SERVER["ipv4"], SERVER["ipv6"]))
DELEGATIONS = {"good.example": ["ns1", "ns2"], "half.example": ["ns1", "lame", "silent"],
               "lag.example": ["ns1", "ns2"], "lame.example": ["lame"], "silent.example": ["silent"]}
GOOD = named.soa(1, "ns1", "ns2") + SITE + """
none TXT "no address"
gone CNAME nowhere
loop CNAME pool
pool CNAME loop
"""
HALF = named.soa(4, "ns1", "lame", "silent") + SITE
LAG_NEW = named.soa(7, "ns1", "ns2") + SITE.replace("site", "new") + SITE.replace("site", "both")
LAG_OLD = named.soa(5, "ns1", "ns2") + "new A %s\nboth A %s\nboth AAAA %s\n" % (
    SERVER["ipv4"], SECOND["ipv4"], SECOND["ipv6"])


def missing():
    return tools.missing("nginx", "caddy", "named", "dig")


class FailureLab:
    def __init__(self, folder):
        self.folder = folder
        self.client, self.router, self.server, self.names = (Netns("fail-" + n) for n in ("c", "r", "s", "n"))
        self._wire()
        self.certs = bad_certs.BadCerts(folder / "certs")
        self.running = []
        self._start_web()
        self._start_tls()
        self._start_dns()
        self.running += [peers.Peer(self.server, port, handle) for port, handle in PEERS.items()]
        self.running.append(peers.Peer(self.server, 5503, peers.damaged_proof(self.server, 8445)))
        self.running += [peers.UdpPeer(self.server, port, answer) for port, answer in UDP.items()]

    def _wire(self):
        veth(self.client, "c0", self.router, "r0")
        veth(self.server, "s0", self.router, "r1")
        veth(self.client, "c1", self.names, "s0")
        self.router.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1,
                           net__ipv4__icmp_ratelimit=0, net__ipv6__icmp__ratelimit=0)
        for netns, device, v4, v6 in ((self.client, "c0", OWN["ipv4"], OWN["ipv6"]),
                                      (self.router, "r0", ROUTER["ipv4"], ROUTER["ipv6"]),
                                      (self.router, "r1", "198.51.100.1", "2001:db8:2::1"),
                                      (self.server, "s0", SERVER["ipv4"], SERVER["ipv6"]),
                                      (self.client, "c1", "192.0.2.200", "2001:db8:53::200")):
            netns.batch("addr add %s/24 dev %s" % (v4, device), "addr add %s/64 dev %s nodad" % (v6, device))
            netns.no_offload(device)  # the router's MTU counts single packets
        for netns, v4, v6 in ((self.client, ROUTER["ipv4"], ROUTER["ipv6"]),
                              (self.server, "198.51.100.1", "2001:db8:2::1")):
            netns.batch("route add default via " + v4, "route add default via " + v6)
        self.server.batch(*["addr add %s dev lo" % one for one in SECOND.values()])
        self.router.batch(*["route add %s via %s" % (SECOND[family], SERVER[family]) for family in SERVER])
        self.client.batch(*["route add %s %s" % (kind, one) for kind, both in ROUTED.items() for one in both])
        self.router.nft(FORWARD)
        self.client.nft(OUTPUT)

    def _nginx(self, name, sites, port, extra="", addresses=("", "[::]:")):
        listens = tuple("%s%d" % (address, port) for address in addresses)
        self.running.append(Nginx(self.server, self.folder / name, sites, listens=listens, extra=extra).start())

    def _start_web(self):
        files = self.folder / "files"
        files.mkdir()
        (files / "big").write_bytes(b"x" * BIG)
        certs = self.certs
        self._nginx("nginx", certs.sites, 443, extra=LOCATIONS % files)
        self._nginx("split4", {"split.example": certs.split[0]}, 8443, addresses=(SERVER["ipv4"] + ":",))
        self._nginx("split6", {"split.example": certs.split[1]}, 8443, addresses=("[%s]:" % SERVER["ipv6"],))
        self._nginx("wide", {"good.example": certs.wide}, 8444)
        self._nginx("rsa", {"good.example": certs.rsa}, 8445, extra="        ssl_protocols TLSv1.2;")
        self._nginx("dh", {"good.example": certs.rsa}, 4404, extra="        ssl_dhparam %s;\n%s" % (
            certs.dh_params(), "        ssl_protocols TLSv1.2;\n"
            "        ssl_ciphers DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0;"))
        self._nginx("narrow", {"good.example": certs.good}, 8447)
        self.running.append(Caddy(self.server, self.folder / "caddy", certs.good, 8446).start())

    def _start_tls(self):
        """Real OpenSSL servers that refuse for their own reasons."""
        cert = self.certs.good
        pem = ["-cert", cert.chain, "-key", cert.key]
        servers = {
            4001: pem + ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],  # the key is no RSA key
            4002: pem + ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
            4003: pem + ["-servername", "known.example", "-servername_fatal", "-cert2", cert.chain,
                         "-key2", cert.key],
            4004: pem + ["-Verify", "1", "-verify_return_error"],
            4005: pem + ["-tls1_2", "-Verify", "1", "-verify_return_error"],
            4006: pem + ["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256"],
            4007: pem + ["-groups", "brainpoolP256r1", "-tls1_2"],
            4008: pem + ["-alpn", "nothing-known"],
        }
        procs = [Proc(self.server, ["openssl", "s_server", "-www", "-accept", str(port)] + argv, "s_server %d" % port)
                 for port, argv in servers.items()]
        for proc in procs:
            proc.wait_for("ACCEPT", 10)
            proc.stop = proc.kill9
        self.running += procs

    def _start_dns(self):
        self.names.ip("link", "set", "s0", "up")
        world = named.DnsWorld(self.names, self.folder / "dns", DELEGATIONS,
                               {"good.example": GOOD, "half.example": HALF, "lag.example": LAG_NEW},
                               {"good.example": GOOD, "lag.example": LAG_OLD})
        self.names.batch(*["addr add %s/24 dev s0" % one for one in (OLD_RESOLVER, BAD_RESOLVER, LAB_RESOLVER)])
        self.running.append(world.start())
        # One with the records of yesterday, and one whose zone has a mistake in its file.
        self.running.append(Bind(self.names, self.folder / "old", {
            "good.example": ["site A " + SECOND["ipv4"], "site AAAA " + SECOND["ipv6"]],
            "broken.example": ["www NONSENSE"]}, addresses=(OLD_RESOLVER,), glue=named.both(named.NS1)).start())
        self.bad_dns = BadDns(self.names, BAD_RESOLVER)
        self.bad_dns.mode = "an address of three bytes"
        self.running.append(self.bad_dns)

    def resolv_conf(self, resolver, seconds):
        """A file for programs that only know the machine's resolver."""
        path = self.folder / ("resolv-%s-%d" % (resolver, seconds))
        path.write_text("nameserver %s\noptions timeout:%d attempts:1\n" % (resolver, seconds), encoding="ascii")
        return str(path)

    def stop(self):
        for one in self.running:
            one.stop()
        for netns in (self.client, self.router, self.server, self.names):
            netns.delete()
