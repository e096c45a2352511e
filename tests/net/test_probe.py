# SPDX-License-Identifier: ISC
"""`reachd probe` against real servers and broken paths: one case for each outcome word of path, tcp,
tls and cert, over both families."""

import pytest

from lab import peers, tools
from lab.bind import Bind
from lab.ca import CA
from lab.netns import Netns, veth
from lab.nginx import Nginx
from lab.proc import Proc
from lab.schema import probed
from lab.wait import wait_until

SERVER = {"ipv4": "198.51.100.2", "ipv6": "2001:db8:2::2"}
ROUTER = {"ipv4": "192.0.2.1", "ipv6": "2001:db8:1::1"}
OWN = {"ipv4": "192.0.2.2", "ipv6": "2001:db8:1::2"}
NAMESERVER = "192.0.2.1"

# What the router's firewall does, by port.
FORWARD = """
table inet filter {
    chain forward {
        type filter hook forward priority 0;
        tcp dport 1001 drop
        meta nfproto ipv4 tcp dport 1002 reject with icmp type admin-prohibited
        meta nfproto ipv6 tcp dport 1002 reject with icmpv6 type admin-prohibited
        tcp dport 1003 reject with icmpx type host-unreachable
        tcp dport 1004 reject
        tcp dport 1005 reject with tcp reset
    }
}
"""

# Whole networks that never answer.
DROP = """
table inet silence {
    chain forward {
        type filter hook forward priority -1;
        ip daddr 203.0.113.0/24 drop
        ip6 daddr 2001:db8:9::/64 drop
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


class Line:
    """A prober, a router in between, and a server with all kinds of listeners."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
        self.foreign = CA(folder / "foreign", name="Foreign Root")
        self.client, self.router, self.server = (Netns("line-" + n) for n in ("c", "r", "s"))
        self.dropping = False
        self.wire()
        self.nginx = Nginx(self.server, folder / "nginx", self.sites()).start()
        self.bind = Bind(self.router, folder / "bind", {"line.example": self.records(), "broken.example": ["www NONSENSE"]},
                         addresses=(ROUTER["ipv4"], ROUTER["ipv6"])).start()
        self.peers = [peers.Peer(self.server, port, handle) for port, handle in PEERS.items()]
        self.procs = []
        for port, options in s_servers(self.ca).items():
            argv = ["openssl", "s_server", "-www", "-accept", str(port)] + options
            self.procs.append(Proc(self.server, argv, "s_server %d" % port))
        for proc in self.procs:
            proc.wait_for("ACCEPT", 10)

    def wire(self):
        veth(self.client, "c0", self.router, "r0")
        veth(self.server, "s0", self.router, "r1")
        self.router.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1,
                           net__ipv4__icmp_ratelimit=0, net__ipv6__icmp__ratelimit=0)
        for netns, device, v4, v6 in (
                (self.client, "c0", OWN["ipv4"], OWN["ipv6"]),
                (self.router, "r0", ROUTER["ipv4"], ROUTER["ipv6"]),
                (self.router, "r1", "198.51.100.1", "2001:db8:2::1"),
                (self.server, "s0", SERVER["ipv4"], SERVER["ipv6"])):
            netns.ip("addr", "add", v4 + "/24", "dev", device)
            netns.ip("addr", "add", v6 + "/64", "dev", device, "nodad")
        for netns, v4, v6 in ((self.client, ROUTER["ipv4"], ROUTER["ipv6"]),
                              (self.server, "198.51.100.1", "2001:db8:2::1")):
            netns.ip("route", "add", "default", "via", v4)
            netns.ip("-6", "route", "add", "default", "via", v6)
        self.router.nft(FORWARD)
        self.client.nft(OUTPUT)

    def sites(self):
        return {
            "good.example": self.ca.issue("good.example", SERVER["ipv4"], SERVER["ipv6"]),
            "expired.example": self.ca.expired("expired.example"),
            "future.example": self.ca.not_yet_valid("future.example"),
            "self.example": self.ca.self_signed("self.example"),
            "foreign.example": self.foreign.issue("foreign.example"),
            "foreign-root.example": self.foreign.issue("foreign-root.example", with_root=True),
            "other.example": self.ca.issue("someone.example", "www.someone.example"),
            "worst.example": self.ca.expired("someone.example"),
        }

    @staticmethod
    def records():
        return ["good A " + SERVER["ipv4"], "good AAAA " + SERVER["ipv6"],
                "only4 A " + SERVER["ipv4"], "only6 AAAA " + SERVER["ipv6"],
                "alias CNAME good",
                "many A " + SERVER["ipv4"], "many A 198.51.100.3", "many AAAA " + SERVER["ipv6"],
                "silent A 203.0.113.3", "silent A 203.0.113.4", "silent AAAA 2001:db8:9::3",
                "silent AAAA 2001:db8:9::4"]

    def drop(self):
        """From now on the networks of DROP never answer."""
        if not self.dropping:
            self.router.nft(DROP)
            self.router.ip("route", "add", "203.0.113.0/24", "dev", "r1")
            self.router.ip("-6", "route", "add", "2001:db8:9::/64", "dev", "r1")
        self.dropping = True

    def run(self, *argv):
        return self.client.run(self.reachd, "probe", *argv, check=False)

    def probe(self, *argv):
        """(exit status, one object per host)"""
        done = self.run("--json", "--ca", self.ca.pem, *argv)
        return done.returncode, [probed(text) for text in done.stdout.splitlines()]

    def address(self, family, port, *argv):
        """The result for one address of the server."""
        host = SERVER[family] if family == "ipv4" else "[%s]" % SERVER[family]
        return self.literal(family, "%s:%d" % (host, port), *argv)

    def literal(self, family, target, *argv):
        _status, (host,) = self.probe(target, *argv)
        (result,) = host[family]["addresses"]
        assert host[family]["outcome"] == result["outcome"]
        return result

    def stop(self):
        self.nginx.stop()
        self.bind.stop()
        for peer in self.peers:
            peer.stop()
        for proc in self.procs:
            proc.kill9()
        for netns in (self.client, self.router, self.server):
            netns.delete()


PEERS = {
    3001: peers.silent,
    3002: peers.closes,
    3003: peers.resets,
    3004: peers.answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
    3005: peers.greets(b"220 mail.example ESMTP\r\n"),
    3006: peers.greets(b"SSH-2.0-OpenSSH_9.2\r\n"),
    3007: peers.alert(80),
    3008: peers.alert(49),
    3009: peers.alert(51),
}


def s_servers(ca):
    """Real OpenSSL servers that refuse for their own reasons."""
    cert = ca.issue("good.example", SERVER["ipv4"], SERVER["ipv6"])
    pem = ["-cert", cert.chain, "-key", cert.key]
    return {
        4001: pem + ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"],  # the key is no RSA key
        4002: pem + ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"],
        4003: pem + ["-servername", "known.example", "-servername_fatal", "-cert2", cert.chain,
                     "-key2", cert.key],
        4004: pem + ["-Verify", "1", "-verify_return_error"],
        4005: pem + ["-tls1_2", "-Verify", "1", "-verify_return_error"],
        4006: pem + ["-tls1_2"],
    }


@pytest.fixture(scope="module")
def line(tmp_path_factory, reachd_path):
    why = tools.missing("nginx", "named", "dig")
    if why:
        pytest.skip(why)
    made = Line(tmp_path_factory.mktemp("line"), reachd_path)
    yield made
    made.stop()


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return request.param


def test_good_server_is_reached(line, family):
    result = line.address(family, 443)
    assert result["outcome"] == "ok" and result["advice"] is None
    assert result["tcp_us"] > 0 and result["tls_us"] > 0
    cert = result["certificate"]
    assert cert["names"] == ["good.example", SERVER["ipv4"], SERVER["ipv6"]]
    assert cert["problems"] == [] and 88 <= cert["days_left"] <= 90
    assert cert["issuer"] == "CN=Reachd Lab Root" and cert["key"] == "EC P-256"


def test_path_of_a_connection_is_told(line, family):
    path = line.address(family, 443)["path"]
    header = 40 if family == "ipv4" else 60
    assert path["mss_in"] == path["mss_out"] == 1500 - header and path["mtu"] == 1500
    # In TLS 1.3 the client speaks last: its Finished may still be on the way.
    assert path["rtt_us"] > 0 and path["retransmits"] == 0 and path["unacked"] <= 1
    assert path["bytes_in"] > 500 and path["bytes_acked"] > 200
    assert line.address(family, 1)["path"] is None
    assert line.address(family, 3001, "--timeout", "300ms")["path"]["bytes_in"] == 0
    text = line.run("-v", "--ca", line.ca.pem, SERVER[family]).stdout
    assert "mss in %d, out %d  mtu 1500" % (1500 - header, 1500 - header) in text


def test_tls12_server_is_reached(line, family):
    assert line.address(family, 4006)["outcome"] == "ok"
    assert line.address(family, 4006)["protocol"] == "TLSv1.2"


# --- path and tcp ---

@pytest.mark.parametrize("port, word, detail", [
    (1, "refused", "ECONNREFUSED"),
    (1002, "prohibited", "administratively prohibited from "),
    (1003, "unreachable", "unreachable from "),
    (1004, "refused", "port unreachable from "),
    (1005, "refused", "ECONNREFUSED"),
    (2001, "local-permission", "administratively prohibited from "),
    (2002, "local-permission", "port unreachable from "),
])
def test_rejected_connection(line, family, port, word, detail):
    result = line.address(family, port)
    assert result["outcome"] == word
    assert detail in result["detail"]
    if detail.endswith("from "):
        sender = OWN if word == "local-permission" else ROUTER
        assert result["detail"].endswith(sender[family])
    assert result["tcp_us"] is None and result["certificate"] is None


def test_dropped_packets_are_a_timeout(line, family):
    result = line.address(family, 1001, "--timeout", "300ms")
    assert (result["outcome"], result["layer"]) == ("timeout", "tcp")
    assert result["detail"].startswith("no answer to ")


def test_reset_in_the_handshake(line, family):
    result = line.address(family, 3003)
    assert result["outcome"] == "reset" and result["tcp_us"] > 0


def test_absent_neighbour_is_unreachable(line):
    status, hosts = line.probe("192.0.2.77", "[2001:db8:1::77]", "198.51.100.77", "[2001:db8:2::77]")
    assert status == 3
    words = [(host["ipv4"] or host["ipv6"])["outcome"] for host in hosts]
    assert words == ["unreachable"] * 4


@pytest.mark.parametrize("kind, word", [("unreachable", "no-route"), ("blackhole", "no-route"),
                                        ("prohibit", "local-permission")])
def test_route_types(line, family, kind, word):
    address = {"ipv4": "203.0.113.77", "ipv6": "2001:db8:9::77"}[family]
    option = ["-6"] if family == "ipv6" else []
    line.client.ip(*option, "route", "add", kind, address)
    try:
        assert line.literal(family, address)["outcome"] == word
    finally:
        line.client.ip(*option, "route", "delete", kind, address)


def test_no_way_out_is_no_route(line, family):
    island = Netns("line-island")
    try:
        address = SERVER[family]
        done = island.run(line.reachd, "probe", "--json", address, check=False)
        assert done.returncode == 3
        assert probed(done.stdout)[family]["outcome"] == "no-route"
    finally:
        island.delete()


# --- tls ---

@pytest.mark.parametrize("port, word, detail", [
    (3002, "tls-closed", None),
    (3004, "tls-not-tls", 'it speaks HTTP: "HTTP/1.1 400 Bad Request"'),
    (3005, "tls-not-tls", 'it speaks SMTP or FTP: "220 mail.example ESMTP"'),
    (3006, "tls-not-tls", 'it speaks SSH: "SSH-2.0-OpenSSH_9.2"'),
    (3007, "tls-alert-internal-error", "alert 80, internal error"),
    (3008, "tls-alert-access-denied", "alert 49, access denied"),
    (3009, "tls-alert-decrypt-error", "alert 51, decrypt error"),
    (4001, "tls-alert-handshake-failure", "alert 40, handshake failure"),
    (4002, "tls-alert-protocol-version", "alert 70, protocol version"),
    (4004, "tls-alert-certificate-required", None),
    (4005, "tls-client-certificate", "alert 40, handshake failure"),
])
def test_broken_handshake(line, family, port, word, detail):
    result = line.address(family, port)
    assert (result["outcome"], result["layer"]) == (word, "tls")
    assert result["tcp_us"] > 0 and result["advice"]
    if detail:
        assert result["detail"] == detail


def test_silent_server_is_a_tls_timeout(line, family):
    result = line.address(family, 3001, "--timeout", "300ms")
    assert result["outcome"] == "tls-timeout"
    assert result["detail"] == "no byte came back after our ClientHello"


def test_unknown_name_is_refused_by_alert(line, family):
    result = line.address(family, 4003, "--servername", "stranger.example")
    assert result["outcome"] == "tls-alert-unrecognized-name"
    # An address literal must not be sent as a name (RFC 6066), so there is none to refuse.
    assert line.address(family, 4003)["outcome"] == "ok"


# --- certificates ---

@pytest.mark.parametrize("name, problems", [
    ("expired.example", ["cert-expired"]),
    ("future.example", ["cert-not-yet-valid"]),
    ("self.example", ["cert-self-signed"]),
    ("foreign.example", ["cert-unknown-issuer"]),
    ("foreign-root.example", ["cert-unknown-issuer"]),
    ("other.example", ["cert-name-mismatch"]),
    ("worst.example", ["cert-name-mismatch", "cert-expired"]),
])
def test_bad_certificate(line, family, name, problems):
    result = line.address(family, 443, "--servername", name)
    assert (result["outcome"], result["layer"]) == (problems[0], "cert")
    assert result["tls_us"] > 0 and result["detail"]
    cert = result["certificate"]
    assert [problem["outcome"] for problem in cert["problems"]] == problems
    assert all(problem["detail"] for problem in cert["problems"])
    assert cert["names"] == (["someone.example", "www.someone.example"] if name == "other.example"
                             else ["someone.example"] if name == "worst.example" else [name])
    assert cert["not_before"] < cert["not_after"]
    assert len(cert["chain"]) == (2 if name == "foreign-root.example" else 1)


# --- names, families, exit status ---

def test_both_families_of_a_name(line):
    status, (host,) = line.probe("good.line.example", "--servername", "good.example",
                                 "--resolver", NAMESERVER)
    assert status == 0
    for family, address in SERVER.items():
        assert host[family]["dns"] == "ok" and host[family]["ttl"] == 60
        assert host[family]["dns_us"] > 0
        (result,) = host[family]["addresses"]
        assert (result["address"], result["outcome"]) == (address, "ok")


def test_alias_is_followed(line):
    status, (host,) = line.probe("alias.line.example", "--servername", "good.example",
                                 "--resolver", NAMESERVER)
    assert status == 0
    assert host["ipv4"]["cname"] == host["ipv6"]["cname"] == "good.line.example"


@pytest.mark.parametrize("name, family, other", [("only4", "ipv4", "-6"), ("only6", "ipv6", "-4")])
def test_unpublished_family_fails_only_when_asked_for(line, name, family, other):
    argv = [name + ".line.example", "--servername", "good.example", "--resolver", NAMESERVER]
    status, (host,) = line.probe(*argv)
    assert status == 0
    assert host[family]["outcome"] == "ok"
    status, (host,) = line.probe(other, *argv)
    assert status == 3
    assert host["ipv6" if other == "-6" else "ipv4"]["outcome"] == "dns-nodata"


def test_every_address_counts(line):
    status, (host,) = line.probe("many.line.example", "--servername", "good.example", "--timeout",
                                 "500ms", "--resolver", NAMESERVER)
    assert status == 1
    words = {result["address"]: result["outcome"] for result in host["ipv4"]["addresses"]}
    assert words["198.51.100.2"] == "ok" and words["198.51.100.3"] in ("timeout", "unreachable")
    assert host["ipv4"]["outcome"] == words["198.51.100.3"]
    assert host["ipv6"]["outcome"] == "ok"


def test_missing_name(line):
    status, (host,) = line.probe("absent.line.example", "--resolver", NAMESERVER)
    assert status == 3
    assert host["ipv4"]["outcome"] == host["ipv6"]["outcome"] == "dns-nxdomain"


@pytest.mark.parametrize("name, server, word", [
    ("www.elsewhere.example", NAMESERVER, "dns-refused"),
    ("www.broken.example", NAMESERVER, "dns-servfail"),
    ("good.line.example", "203.0.113.53", "dns-timeout"),  # nobody answers there
])
def test_name_server_of_no_help(line, name, server, word):
    """What BIND says of a zone that it does not serve, and of one that it could not load."""
    line.drop()
    status, (host,) = line.probe(name, "--resolver", server, "--timeout", "500ms")
    assert status == 3
    for family in ("ipv4", "ipv6"):
        assert host[family]["outcome"] == host[family]["dns"] == word
        assert host[family]["addresses"] == [] and host[family]["dns_advice"]


def connecting(netns):
    """The addresses that connections of this namespace wait for now (SYN-SENT)."""
    text = netns.run("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout
    return {row.split()[2] for row in text.splitlines() if row.split()[3] == "02"}


def test_all_addresses_are_tried_at_once(line):
    """So that the time is that of the slowest: no connection waits for the end of another."""
    line.drop()
    proc = Proc(line.client, [line.reachd, "probe", "silent.line.example", "203.0.113.5", "[2001:db8:9::5]",
                              "--timeout", "20s", "--resolver", NAMESERVER], "probe")
    try:
        wait_until(lambda: len(connecting(line.client)) == 6, 10, lambda: str(connecting(line.client)))
        assert proc.alive()
    finally:
        proc.kill9()


def test_slowest_address_sets_the_time(line):
    """Four silent addresses and one good host: together no longer than one silent address."""
    line.drop()
    status, (good, silent) = line.probe("silent.line.example", SERVER["ipv4"], "--timeout", "1s",
                                        "--resolver", NAMESERVER)
    assert status == 1  # the good one is printed as soon as it is known
    assert good["ipv4"]["outcome"] == "ok"
    results = silent["ipv4"]["addresses"] + silent["ipv6"]["addresses"]
    assert [result["outcome"] for result in results] == ["timeout"] * 4
    assert silent["took_us"] < 2_000_000


def test_connect_goes_before_dns(line, family):
    status, (host,) = line.probe("good.example", "--connect", SERVER[family])
    assert status == 0
    assert host[family]["addresses"][0]["outcome"] == "ok" and host[family]["dns_us"] is None


def test_exit_status(line):
    good, dead = SERVER["ipv4"], SERVER["ipv4"] + ":1"
    assert line.probe(good, "[%s]:443" % SERVER["ipv6"])[0] == 0
    assert line.probe(good, dead)[0] == 1
    assert line.probe(dead, "[%s]:1" % SERVER["ipv6"])[0] == 3
    for wrong in ([], ["--bogus", good], ["a..b"], [good + ":0"], ["--timeout", "x", good],
                  ["-6", good], ["--ca", "/nonexistent", good], ["--connect", "name", good]):
        done = line.run(*wrong)
        assert (done.returncode, done.stdout) == (2, ""), wrong
        assert "Try 'reachd probe --help'" in done.stderr


def test_text_for_people(line):
    done = line.run("--ca", line.ca.pem, "many.line.example", SERVER["ipv4"] + ":3004",
                    "only4.line.example", "--servername", "worst.example", "--timeout", "500ms",
                    "--resolver", NAMESERVER)
    text = done.stdout
    assert "\x1b" not in text
    assert max(len(row) for row in text.splitlines()) <= 80
    http, many, only4 = sorted(text.rstrip("\n").split("\n\n"))
    assert many.startswith("many.line.example:443  IPv4 ")
    assert "also cert-expired: a certificate of the chain has expired" in " ".join(many.split())
    assert many.count("certificate  someone.example") == 1  # once per host
    assert 'it speaks HTTP: "HTTP/1.1 400 Bad Request"' in " ".join(http.split())
    assert only4.splitlines()[0] == "only4.line.example:443  IPv4 cert-name-mismatch, IPv6 not published"


def test_help_teaches(line):
    done = line.run("--help")
    assert done.returncode == 0 and "Examples:" in done.stdout
    assert max(len(row) for row in done.stdout.splitlines()) <= 90
