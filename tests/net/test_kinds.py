# SPDX-License-Identifier: ISC
"""The kinds of probes beside tls against real servers and peers that misbehave, over both families."""
import os
import time

import pytest

from lab import peers, tools
from lab.ca import CA
from lab.caddy import Caddy
from lab.daemon import section
from lab.netns import Netns, veth
from lab.nginx import Nginx
from lab.proc import Proc
from lab.schema import probed
from lab.wait import wait_until

SERVER = {"ipv4": "198.51.100.2", "ipv6": "2001:db8:2::2"}
OWN = {"ipv4": "198.51.100.1", "ipv6": "2001:db8:2::1"}
BIG = 300000

LOCATIONS = """
        listen 80; listen [::]:80;
        location /status/404 { return 404 "not here\\n"; }
        location /login { return 302 /in; }
        location /away { return 301 https://elsewhere.example/; }
        location /echo { default_type text/plain; return 200 "$request_method $http_x_one $host $uri\\n"; }
        location /files/ { alias %s/; }
"""

PEERS = {
    3001: peers.silent,
    3002: peers.greets(b"SSH-2.0-OpenSSH_9.2\r\n"),
    3003: peers.answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
    3004: peers.resets,
    3005: peers.greets(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this"),
}

UDP = {
    4001: lambda data: None,
}

FIREWALL = """
table inet filter {
    chain input {
        type filter hook input priority 0;
        tcp dport 4020-4029 drop
        tcp dport 4019 reject with icmpx type admin-prohibited
    }
}
"""


class Wire:
    """A prober and a server with nginx and odd peers, on one cable."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
        self.client, self.server = Netns("wire-c"), Netns("wire-s")
        veth(self.client, "c0", self.server, "s0")
        for netns, device, own in ((self.client, "c0", OWN), (self.server, "s0", SERVER)):
            netns.batch("addr add %s/24 dev %s" % (own["ipv4"], device),
                        "addr add %s/64 dev %s nodad" % (own["ipv6"], device))
        files = folder / "files"
        os.makedirs(files)
        (files / "big").write_bytes(b"x" * BIG + b"the end")
        self.cert = self.ca.issue("good.example", SERVER["ipv4"], SERVER["ipv6"])
        self.nginx = Nginx(self.server, folder / "nginx", {"good.example": self.cert},
                           extra=LOCATIONS % files).start()
        self.caddy = Caddy(self.server, folder / "caddy", self.cert, 8443).start()
        self.server.nft(FIREWALL)
        self.peers = [peers.Peer(self.server, port, handle) for port, handle in PEERS.items()]
        self.udp = {port: peers.UdpPeer(self.server, port, answer) for port, answer in UDP.items()}

    def probe(self, url, *argv):
        """(exit status, the object of the host)"""
        done = self.client.run(self.reachd, "probe", "--json", *argv, url, check=False)
        assert done.stdout, done.stderr
        return done.returncode, probed(done.stdout)

    def address(self, scheme, family, rest, *argv):
        """The result for one address of the server."""
        host = SERVER[family] if family == "ipv4" else "[%s]" % SERVER[family]
        ca = ["--ca", self.ca.pem] if scheme in ("https", "tls") else []
        _status, host = self.probe("%s://%s%s" % (scheme, host, rest), *ca, *argv)
        (result,) = host[family]["addresses"]
        assert host["kind"] == scheme and host[family]["outcome"] == result["outcome"]
        return result

    def stop(self):
        self.nginx.stop()
        self.caddy.stop()
        for peer in self.peers + list(self.udp.values()):
            peer.stop()
        for netns in (self.client, self.server):
            netns.delete()


@pytest.fixture(scope="module")
def wire(tmp_path_factory, reachd_path):
    why = tools.missing("nginx", "caddy")
    if why:
        pytest.skip(why)
    made = Wire(tmp_path_factory.mktemp("wire"), reachd_path)
    yield made
    made.stop()


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return request.param


# --- tcp ---

def test_tcp_does_not_care_what_is_spoken(wire, family):
    result = wire.address("tcp", family, ":3002")
    assert result["outcome"] == "ok" and result["tls_us"] is None and result["certificate"] is None
    assert wire.address("tcp", family, ":1")["outcome"] == "refused"
    assert wire.address("tls", family, ":3002")["outcome"] == "tls-not-tls"


# --- https and http ---

@pytest.mark.parametrize("scheme", ["https", "http"])
def test_a_reply_as_expected(wire, family, scheme):
    result = wire.address(scheme, family, "/", "--expect-text", "it works", "--expect-status", "200")
    assert result["outcome"] == "ok"
    http = result["http"]
    assert http["status"] == 200 and http["body_bytes"] == len("it works\n")
    assert 0 < http["ttfb_us"] <= http["total_us"]
    assert (result["certificate"] is not None) == (scheme == "https")


@pytest.mark.parametrize("rest, options, word, detail", [
    ("/status/404", ["--expect-status", "404"], "ok", None),
    ("/", ["--expect-status", "3xx,204"], "http-status", "status 200"),
    ("/login", [], "ok", None),
    ("/away", ["--expect-status", "301"], "ok", None),
    ("/", ["--expect-text", "It Works"], "http-text-missing", "\"It Works\" not in 9 bytes"),
    ("/", ["--expect-regex", "^it +works$"], "ok", None),
    ("/files/big", ["--expect-text", "the end"], "ok", None),
    ("/files/big", ["--method", "HEAD", "--max-body", "1k"], "ok", None),
])
def test_judged_by_the_reply(wire, family, rest, options, word, detail):
    result = wire.address("https", family, rest, *options)
    assert result["outcome"] == word, result
    assert not detail or detail in result["detail"]
    assert result["tls_us"] > 0 and result["http"]["total_us"] > 0
    if "big" in rest and word == "ok":
        assert result["http"]["body_bytes"] == (0 if "HEAD" in options else BIG + len("the end"))


def test_the_request_is_as_asked(wire, family):
    options = ["--method", "POST", "--header", "X-One: 1", "--host-header", "www.good.example"]
    for scheme in ("https", "http"):
        result = wire.address(scheme, family, "/echo?a=b", *options, "--expect-regex",
                              "^POST 1 www\\.good\\.example /echo$")
        assert result["outcome"] == "ok", result


def test_nothing_is_sent_to_who_does_not_verify(wire, family):
    _status, host = wire.probe("https://good.example/echo", "--connect", SERVER[family])
    (result,) = host[family]["addresses"]
    assert result["outcome"] == "cert-unknown-issuer" and "http" not in result


# --- quic ---

def test_an_http3_server_answers(wire, family):
    result = wire.address("quic", family, ":8443")
    assert result["outcome"] == "ok" and result["tcp_us"] is None and result["certificate"] is None
    quic = result["quic"]
    assert "v1" in quic["versions"] and quic["packets"] >= 1 and quic["reply_us"] > 0
    assert wire.address("https", family, ":8443/")["outcome"] == "ok"


def test_the_packets_are_those_of_one_attempt(wire, family):
    before = len(wire.udp[4001].received)
    wire.address("quic", family, ":4001", "--timeout", "500ms")
    wire.address("quic", family, ":4001", "--timeout", "100ms")
    first, again, other = wire.udp[4001].received[before:]
    assert first == again and len(first) == 1200 and first[0] & 0x80
    assert all(byte & 15 == 10 for byte in first[1:5]) and other[6:14] != first[6:14]


# --- closed ---

def test_open_ports_are_named(wire, family):
    result = wire.address("closed", family, "", "--ports", "79:81,443,3001:3005,4018:4023", "--timeout", "400ms")
    assert (result["outcome"], result["layer"]) == ("port-open", "tcp")
    assert result["detail"] == "port 80, 443, 3001, 3002, 3003, 3004, 3005"
    closed = result["closed"]
    assert closed["open"] == [80, 443, 3001, 3002, 3003, 3004, 3005] and closed["open_count"] == 7
    assert (closed["ports"], closed["refused"], closed["rejected"], closed["filtered"]) == (15, 3, 1, 4)


def test_closed_is_good(wire, family):
    result = wire.address("closed", family, ":1", "--ports", "2 3")
    assert result["outcome"] == "ok" and result["text"] == "none of the ports is open"
    assert result["closed"]["refused"] == 3 and result["closed"]["open"] == []


def test_many_ports_at_a_bounded_pace(wire, family):
    started = time.monotonic()
    result = wire.address("closed", family, "", "--ports", "10000:10499")
    assert result["outcome"] == "ok" and result["closed"]["refused"] == 500
    assert time.monotonic() - started >= 500 * 0.004


def test_no_scan_of_others(wire, family):
    other = {"ipv4": "11.22.33.44", "ipv6": "[2a00:1450::1]"}[family]
    option = ["-6"] if family == "ipv6" else []
    wire.client.ip(*option, "route", "add", "default", "via", SERVER[family])
    try:
        for ports, yes, word in (("1:65", [], "local-scan"), ("1:64", [], "ok"), ("1:65", ["--yes"], "ok")):
            argv = ["--ports", ports, "--timeout", "300ms", *yes]
            _status, host = wire.probe("closed://" + other, *argv)
            (result,) = host[family]["addresses"]
            assert result["outcome"] == word, result
    finally:
        wire.client.ip(*option, "route", "delete", "default")


PREFIX = {"ipv4": ("198.51.100.0/29", "198.51.0.0/16"), "ipv6": ("2001:db8:2::/120", "2001:db8:2::/64")}


def looked_at(wire, family, prefix, *argv):
    status, host = wire.probe("closed://" + prefix, "--ports", "80,4020", "--timeout", "400ms", *argv)
    assert host["host"] == prefix and host["ipv6" if family == "ipv4" else "ipv4"] is None
    return status, {one["address"]: one for one in host[family]["addresses"]}


def test_a_small_prefix_is_looked_at_as_a_whole(wire, family):
    """Each address of it; the one with a web server is open, our own refuses, nobody has the others."""
    status, found = looked_at(wire, "ipv4", PREFIX["ipv4"][0]) if family == "ipv4" else looked_at(
        wire, "ipv6", "2001:db8:2::/126")
    assert len(found) == {"ipv4": 6, "ipv6": 4}[family] and status == 1
    assert (found[SERVER[family]]["outcome"], found[SERVER[family]]["closed"]["open"]) == ("port-open", [80])
    assert found[OWN[family]]["outcome"] == "ok" and found[OWN[family]]["closed"]["refused"] == 2
    others = set(found) - {SERVER[family], OWN[family]}
    assert all(found[one]["closed"]["open"] == [] for one in others)


def test_of_a_large_prefix_what_is_known(wire, family):
    """This machine's own address and the neighbour that it spoke to; nobody else is asked."""
    assert wire.client.connects(SERVER[family], 80) is None  # the kernel knows it now
    _status, found = looked_at(wire, family, PREFIX[family][1])
    assert set(found) == {OWN[family], SERVER[family]}
    assert found[SERVER[family]]["outcome"] == "port-open" and found[OWN[family]]["outcome"] == "ok"
    unknown = {"ipv4": "10.77.0.0/16", "ipv6": "2001:db8:77::/64"}[family]
    status, host = wire.probe("closed://" + unknown, "--ports", "80")
    assert (status, host[family]["outcome"], host[family]["addresses"]) == (3, "local-none-known", [])
    assert unknown in host[family]["dns_detail"] and "ip neigh" in host[family]["dns_advice"]


def test_a_foreign_prefix_needs_yes(wire, family):
    """14 addresses of five ports are more than 64 attempts, of four they are not."""
    prefix = {"ipv4": "11.22.33.16/28", "ipv6": "2a00:1450::10/124"}[family]
    option = ["-6"] if family == "ipv6" else []
    wire.client.ip(*option, "route", "add", "blackhole", prefix)
    try:
        for ports, yes, scan in (("1:5", [], True), ("1:4", [], False), ("1:5", ["--yes"], False)):
            _status, host = wire.probe("closed://" + prefix, "--ports", ports, *yes)
            words = {one["outcome"] for one in host[family]["addresses"]}
            assert ("local-scan" in words) == scan and len(words) == 1, (ports, yes, words)
    finally:
        wire.client.ip(*option, "route", "delete", "blackhole", prefix)


def test_a_prefix_shares_the_pace_of_one_address(wire):
    """254 addresses of loopback: no more than 250 attempts a second, and a bar for all of them."""
    started = time.monotonic()
    proc = Proc(wire.client, [wire.reachd, "probe", "closed://127.0.0.0/24", "--ports", "7:10"], "bar", terminal=True)
    assert proc.wait(30) == 0
    assert time.monotonic() - started >= (254 * 4 - 32) * 0.004
    assert " of 1016 ports" in proc.text() and "127.0.0.1" in proc.text() and "and 253 more like this" in proc.text()


def test_a_bar_shows_how_far_it_is(wire):
    proc = Proc(wire.client, [wire.reachd, "probe", "closed://" + SERVER["ipv4"], "--ports", "10000:10200"],
                "bar", terminal=True)
    assert proc.wait(20) == 0
    assert " of 201 ports" in proc.text() and "201 ports: 0 open, 201 refused, 0 filtered" in proc.text()


def test_text_for_people(wire):
    done = wire.client.run(wire.reachd, "probe", "--ca", wire.ca.pem,
                           "https://%s/status/404" % SERVER["ipv4"], check=False)
    assert done.returncode == 3
    for word in ("http-status", "status 404", "total ", "server_name"):
        assert word in done.stdout, done.stdout


def test_a_prefix_as_text(wire):
    """What looks the same is one line, but for what is wrong; with -v each has its own."""
    argv = [wire.reachd, "probe", "--ports", "80,4020", "--timeout", "300ms", "closed://198.51.100.0/28"]
    done = wire.client.run(*argv, check=False)
    lines = [line for line in done.stdout.splitlines() if "IPv4  198" in line]
    assert len(lines) == 3, done.stdout
    assert "2 filtered" in done.stdout and "and 11 more like this" in done.stdout
    assert "port-open" in next(line for line in lines if SERVER["ipv4"] + " " in line)
    assert "certificate" not in done.stdout
    done = wire.client.run(*argv, "-v", check=False)
    assert len([line for line in done.stdout.splitlines() if "IPv4  198" in line]) == 14, done.stdout


def test_wrong_usage(wire):
    for argv in (["--expect-status", "20", "https://a.example"], ["--method", "HEAD", "a.example"],
                 ["--servername", "b.example", "http://a.example"], ["--kind", "tpc", "a.example"],
                 ["closed://a.example"], ["--ports", "80", "a.example"], ["--yes", "a.example"],
                 ["--cert-days", "3651", "a.example"], ["--cert-days", "3", "http://a.example"],
                 ["--ports", "9:8", "closed://a.example"], ["gopher://a.example"], ["--kind", "tls", "https://a.example"]):
        done = wire.client.run(wire.reachd, "probe", *argv, check=False)
        assert done.returncode == 2 and "Try 'reachd probe --help'" in done.stderr, argv


def test_the_daemon_watches_all_kinds(wire, make_reachd):
    daemon = make_reachd(wire.client)
    common = {"every": "1s", "retry_every": "200ms", "fall": "1"}
    daemon.configure(
        section("target", "page", host="https://%s/" % SERVER["ipv4"], expect_text="it works", **common),
        section("target", "lost", host="http://%s/status/404" % SERVER["ipv4"], **common),
        section("target", "h3", host="quic://%s:8443" % SERVER["ipv4"], **common),
        section("target", "shut", host="closed://[%s]" % SERVER["ipv6"], ports=["1", "5001"],
                **{**common, "every": "8s"}),
        section("target", "lan", host="closed://[2001:db8:2::/64]", ports=["5001"], addresses=["2001:db8:2::77"],
                **{**common, "every": "8s"}),
        section("target", "port", host="tcp://[%s]:3002" % SERVER["ipv6"], **common),
        ca=wire.ca.pem).start()
    daemon.wait_for(r"lost \(198.51.100.2:80\) is down .*another status than expected \(status 404\)", 10)
    wait_until(lambda: all(one["checked"] for one in daemon.status()["targets"]), 10, daemon.logs)
    shown = {one["name"]: one for one in daemon.status()["targets"]}
    assert {name: one["kind"] for name, one in shown.items()} == {
        "page": "https", "lost": "http", "port": "tcp", "h3": "quic", "shut": "closed", "lan": "closed"}
    assert shown["page"]["ipv4"]["outcome"] == "ok" and shown["port"]["ipv6"]["outcome"] == "ok"
    assert shown["h3"]["ipv4"]["outcome"] == "ok" and shown["shut"]["ipv6"]["outcome"] == "ok"
    assert shown["lost"]["ipv4"]["cause"] == "http-status"
    assert shown["lan"]["host"] == "[2001:db8:2::/64]:5001" and shown["lan"]["ipv4"] is None
    assert shown["lan"]["ipv6"]["addresses"] >= 2  # the given one, our own, and the server when it was heard of
    opened = peers.Peer(wire.server, 5001, peers.silent)
    daemon.look_now()
    daemon.wait_for(r"shut \(2001:db8:2::2\) is open over IPv6 .*should be closed is open \(port 5001\)", 10)
    opened.stop()
    daemon.look_now()
    daemon.wait_for(r"shut \(2001:db8:2::2\) is closed again over IPv6", 10)
