# SPDX-License-Identifier: ISC
"""Two ways out of one machine, as on the scenario's router: the main table, and table 300 behind a rule.
Which of them a check took is read at the server: each way has a source address of its own there."""
import ssl

import pytest

from lab import tools
from lab.bind import Bind
from lab.ca import CA
from lab.daemon import section
from lab.netns import Netns, veth
from lab.peers import Peer
from lab.schema import probed
from lab.wait import wait_until

SERVER = {"ipv4": "198.51.100.2", "ipv6": "2001:db8:2::2"}
# Our address on each way.
IPOE = {"ipv4": "192.0.2.2", "ipv6": "2001:db8:a::2"}
PPP = {"ipv4": "203.0.113.2", "ipv6": "2001:db8:b::2"}
MARK = "0x12c"
MUTE = """
table inet mute {
    chain input {
        type filter hook input priority 0;
        meta nfproto ipv6 tcp dport 443 drop
    }
}
"""


class TwoWays:
    """client: `wan` and `pppoe-wanppp`, both to the server, which shows whom it saw."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
        self.client, self.server = Netns("two-c"), Netns("two-s")
        self.wire()
        cert = self.ca.issue("www.two.example", *SERVER.values())
        self.seen = []  # whom the server saw, in order
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(cert.chain, cert.key)
        self.peer = Peer(self.server, 443, self.serve)
        records = ["%s %s %s" % (name, kind, SERVER[family]) for name in ("www", "*.ways")
                   for kind, family in (("A", "ipv4"), ("AAAA", "ipv6"))]
        self.bind = Bind(self.server, folder / "bind", {"two.example": records}, querylog=True,
                         addresses=(SERVER["ipv4"], SERVER["ipv6"])).start()

    def wire(self):
        for number, (device, own) in enumerate((("wan", IPOE), ("pppoe-wanppp", PPP))):
            veth(self.client, device, self.server, "line%d" % number)
            far = {family: address[:-1] + "1" for family, address in own.items()}
            self.client.batch("addr add %s/24 dev %s" % (own["ipv4"], device),
                              "addr add %s/64 dev %s nodad" % (own["ipv6"], device))
            self.server.batch("addr add %s/24 dev line%d" % (far["ipv4"], number),
                              "addr add %s/64 dev line%d nodad" % (far["ipv6"], number))
            table = "300" if own is PPP else "main"
            for option, family in (("-4", "ipv4"), ("-6", "ipv6")):
                self.client.ip(option, "route", "add", "default", "via", far[family], "dev", device,
                               "table", table)
                if own is PPP:  # bound to the interface, the main table is asked all the same
                    self.client.ip(option, "route", "add", "default", "via", far[family], "dev", device,
                                   "metric", "10000")
        for option, family in (("-4", "ipv4"), ("-6", "ipv6")):
            self.client.ip(option, "rule", "add", "from", PPP[family], "lookup", "300")
            self.client.ip(option, "rule", "add", "fwmark", MARK, "lookup", "300")
        self.server.batch("addr add %s/32 dev lo" % SERVER["ipv4"], "addr add %s/128 dev lo" % SERVER["ipv6"])
        self.client.sysctl(net__ipv4__conf__all__rp_filter=0, net__ipv4__conf__wan__rp_filter=0,
                           **{"net__ipv4__conf__pppoe-wanppp__rp_filter": 0})

    def serve(self, conn):
        source = conn.getpeername()[0].replace("::ffff:", "")
        with self.tls.wrap_socket(conn, server_side=True) as stream:
            self.seen.append(source)
            stream.recv(1)

    def run(self, *argv, check=False):
        return self.client.run(self.reachd, "probe", "--json", "--ca", self.ca.pem, *argv, check=check)

    def sources(self, family, *argv):
        """Whom the server saw: (over TCP, over DNS) of one probe of the name."""
        mark, count = self.bind.proc.mark(), len(self.seen)
        done = self.run("www.two.example", "--resolver", SERVER[family], *argv)
        assert done.returncode == 0, done.stdout
        wait_until(lambda: len(self.seen) > count, 5, "the server saw the connection")
        line = wait_until(lambda: self.bind.queries("www.two.example", since=mark), 5, "the query is logged")[0][1]
        return self.seen[count], line.text.split("client ")[1].split()[1].split("#")[0]

    def stop(self):
        self.peer.stop()
        self.bind.stop()
        for netns in (self.client, self.server):
            netns.delete()


@pytest.fixture(scope="module")
def two(tmp_path_factory, reachd_path):
    why = tools.missing("nginx", "named", "dig")
    if why:
        pytest.skip(why)
    made = TwoWays(tmp_path_factory.mktemp("two"), reachd_path)
    yield made
    made.stop()


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return request.param


def only(family):
    return "-4" if family == "ipv4" else "-6"


def test_usual_way(two, family):
    assert two.sources(family, only(family)) == (IPOE[family], IPOE[family])


def test_source_goes_through_its_table(two, family):
    assert two.sources(family, "--source", PPP[family]) == (PPP[family], PPP[family])


def test_interface(two, family):
    assert two.sources(family, only(family), "--interface", "pppoe-wanppp") == (PPP[family], PPP[family])


def test_mark_goes_through_its_table(two, family):
    assert two.sources(family, only(family), "--mark", MARK) == (PPP[family], PPP[family])
    assert two.sources(family, only(family), "--mark", "301") == (IPOE[family], IPOE[family])


def test_source_fixes_the_family(two, family):
    other = "ipv6" if family == "ipv4" else "ipv4"
    (host,) = [probed(two.run(
        "www.two.example", "--resolver", SERVER[family], "--source", PPP[family]).stdout)]
    assert host[family]["outcome"] == "ok" and host[other] is None
    done = two.run(only(other), "www.two.example", "--source", PPP[family])
    assert done.returncode == 2 and "--source is an " in done.stderr


@pytest.mark.parametrize("argv, word, detail", [
    (["--interface", "nowhere0"], "local-source", "there is no interface nowhere0"),
    (["--source", "203.0.113.99"], "local-source", "203.0.113.99 is no address of this machine"),
])
def test_refused_way_is_told_before_and_after_dns(two, argv, word, detail):
    result = probed(two.run("-4", SERVER["ipv4"], *argv).stdout)["ipv4"]["addresses"][0]
    assert (result["outcome"], result["detail"]) == (word, detail)
    side = probed(two.run("-4", "www.two.example", "--resolver", SERVER["ipv4"], *argv).stdout)["ipv4"]
    assert (side["dns"], side["dns_detail"]) == (word, detail)


def test_mark_without_the_right_is_told(two):
    done = two.client.run("setpriv", "--bounding-set=-all", "--inh-caps=-all", two.reachd, "probe", "--json",
                          "-4", "--mark", "300", SERVER["ipv4"], check=False)
    result = probed(done.stdout)["ipv4"]["addresses"][0]
    assert result["outcome"] == "local-permission"
    assert result["detail"] == "mark 0x12c needs CAP_NET_ADMIN, or CAP_NET_RAW from Linux 5.17 on"


def test_keys_of_a_target(two, make_reachd, family):
    """The daemon takes the same ways."""
    daemon = make_reachd(two.client)
    count, mark = len(two.seen), two.bind.proc.mark()
    ways = {"usual": {}, "source": {"source": PPP[family]}, "interface": {"interface": "pppoe-wanppp"},
            "mark": {"mark": MARK}}
    daemon.configure(section("resolver", servers=[SERVER[family]]),
                     *(section("target", name, host=name + ".ways.two.example", servername="www.two.example",
                               families=[family], **keys) for name, keys in ways.items()), ca=two.ca.pem)
    daemon.start()
    wait_until(lambda: len(two.seen) >= count + 4, 10, "four checks")
    assert sorted(two.seen[count:]) == sorted([IPOE[family]] + [PPP[family]] * 3)
    for name in ways:  # and each question to DNS has taken the way of its target
        asked = two.bind.queries(name + ".ways.two.example", since=mark)
        assert {line.text.split("client ")[1].split()[1].split("#")[0] for _, line in asked} == {
            IPOE[family] if name == "usual" else PPP[family]}


# --- what a client would do ----------------------------------------------------------------------

def client_of(two, *argv):
    return probed(two.run("www.two.example", "--resolver", SERVER["ipv4"], *argv).stdout)["client"]


def test_client_takes_ipv6_and_falls_back(two):
    client = client_of(two)
    assert (client["preferred"], client["picked"], client["picked_address"]) == ("ipv6", "ipv6", SERVER["ipv6"])
    assert client["picked_us"] > 0 and client["late_us"] == 0 and not client["stuck"]
    assert client["fallback"] == "ipv4" and client["fallback_us"] > 250_000


def test_client_meets_a_silent_ipv6(two):
    two.server.nft(MUTE)
    try:
        client = client_of(two, "--timeout", "900ms")
        assert (client["preferred"], client["picked"], client["fallback"]) == ("ipv6", "ipv4", None)
        assert client["late_us"] == 250_000
        text = two.client.run(two.reachd, "probe", "www.two.example", "--resolver", SERVER["ipv4"],
                              "--timeout", "900ms", check=False).stdout
        assert "would try IPv6 first, in vain, and take IPv4 250 ms late" in " ".join(text.split())
    finally:
        two.server.nft("delete table inet mute\n")


def test_client_without_an_ipv6_address(two):
    """With a unique local address only, the way meant is not the one taken."""
    change = ["addr change %s/64 dev wan" % IPOE["ipv6"], "addr change %s/64 dev pppoe-wanppp" % PPP["ipv6"]]
    two.server.batch("addr add fd00:a::1/64 dev line0 nodad")
    two.client.batch("addr add fd00:a::2/64 dev wan nodad",
                     *(line + " preferred_lft 0 valid_lft 600" for line in change))
    try:
        client = client_of(two)
        assert (client["preferred"], client["picked"], client["fallback"]) == ("ipv4", "ipv4", "ipv6")
    finally:
        two.client.batch("addr delete fd00:a::2/64 dev wan",
                         *(line + " preferred_lft forever valid_lft forever" for line in change))


# --- from where it was seen -----------------------------------------------------------------------

def vantage_of(netns, reachd, address, *argv):
    told = probed(netns.run(reachd, "probe", "--json", *argv, address, check=False).stdout)
    return told["ipv6" if ":" in address else "ipv4"]["addresses"][0]["vantage"]


def test_vantage(two, family):
    far = {"ipv4": "192.0.2.1", "ipv6": "2001:db8:a::1"}[family]
    assert vantage_of(two.client, two.reachd, SERVER[family]) == "outside"
    assert vantage_of(two.client, two.reachd, IPOE[family]) == "local"
    assert vantage_of(two.client, two.reachd, far) == "lan"
    # The way out decides: through the other line a router lies between.
    assert vantage_of(two.client, two.reachd, far, "--interface", "pppoe-wanppp") == "outside"
    assert vantage_of(two.client, two.reachd, far, "--mark", MARK) == "outside"
    text = two.client.run(two.reachd, "probe", IPOE[family], check=False).stdout
    assert "Seen from the machine that has the address" in " ".join(text.split())


def test_vantage_behind_nat(two):
    """A public address that answers in less than any line takes; told from one side of NAT only."""
    two.client.ip("addr", "add", "192.168.1.5/24", "dev", "wan")
    two.server.ip("addr", "add", "93.184.215.14/32", "dev", "lo")
    two.server.ip("route", "add", "192.168.1.0/24", "via", IPOE["ipv4"])
    wait_until(lambda: vantage_of(two.client, two.reachd, "93.184.215.14", "--source", "192.168.1.5") == "hairpin?",
               10, "an answer within a millisecond")


def test_vantage_of_a_published_address(two, make_reachd):
    """The daemon knows which address the home publishes."""
    daemon = make_reachd(two.client)
    script = daemon.script("outer", "#!/bin/sh\necho %s\n" % SERVER["ipv4"])
    daemon.configure(
        section("address", "outer", family="ipv4", source="command", command=[script], accept=["0.0.0.0/0"]),
        section("target", "home", host=SERVER["ipv4"], servername="www.two.example", every="1s", timeout="900ms"),
        ca=two.ca.pem)
    daemon.start()
    wait_until(lambda: daemon.target("home", "ipv4")["vantage"] == "hairpin?", 10, "the daemon knows its home")
