# SPDX-License-Identifier: ISC
"""`reachd probe` as a whole: names, families, many addresses at once, exit status, text. What it says to each
single cause is in test_causes.py."""

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


class Line:
    """A prober, a router in between, and a server with all kinds of listeners."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
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

    def sites(self):
        return {
            "good.example": self.ca.issue("good.example", SERVER["ipv4"], SERVER["ipv6"]),
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
    3004: peers.answers(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"),
}


def s_servers(ca):
    """One that insists on the name it knows, and one of before TLS 1.3."""
    cert = ca.issue("good.example", SERVER["ipv4"], SERVER["ipv6"])
    pem = ["-cert", cert.chain, "-key", cert.key]
    return {
        4003: pem + ["-servername", "known.example", "-servername_fatal", "-cert2", cert.chain,
                     "-key2", cert.key],
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


def test_no_way_out_is_no_route(line, family):
    island = Netns("line-island")
    try:
        address = SERVER[family]
        done = island.run(line.reachd, "probe", "--json", address, check=False)
        assert done.returncode == 3
        assert probed(done.stdout)[family]["outcome"] == "no-route"
    finally:
        island.delete()


def test_unknown_name_is_refused_by_alert(line, family):
    result = line.address(family, 4003, "--servername", "stranger.example")
    assert result["outcome"] == "tls-alert-unrecognized-name"
    # An address literal must not be sent as a name (RFC 6066), so there is none to refuse.
    assert line.address(family, 4003)["outcome"] == "ok"


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
