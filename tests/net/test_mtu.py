# SPDX-License-Identifier: ISC
"""The MTU black hole: a router that loses large packets without a word. Built on the router's forward,
with segmentation offload off at every end: else whole super-packets are counted, and what the sender
itself drops it sends again in another shape."""

import pytest

from lab import peers, tools
from lab.ca import CA
from lab.netns import Netns, veth
from lab.nginx import Nginx
from lab.schema import probed
from lab.wait import STRETCH

SERVER = {"ipv4": "198.51.100.2", "ipv6": "2001:db8:2::2"}
HEADER = {"ipv4": 40, "ipv6": 60}
SILENT, PICTURES = 3001, 8443

HOLE = """
table inet hole {
    chain forward {
        type filter hook forward priority 0;
        iifname "%s" meta length > %d counter drop
    }
}
"""


class Tunnel:
    """client --- router --- server, with a certificate chain of some 4 kB."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
        self.client, self.router, self.server = (Netns("mtu-" + n) for n in ("c", "r", "s"))
        self.wire()
        names = ["www.mtu.example"] + ["name-%03d.of-a-long-list.mtu.example" % i for i in range(90)]
        self.cert = self.ca.issue(*names, kind="rsa")
        self.nginx = Nginx(self.server, folder / "nginx", {"www.mtu.example": self.cert}).start()
        # Another with a certificate so small that the handshake fits: only its pictures are large.
        (folder / "pictures").mkdir()
        (folder / "pictures" / "large").write_bytes(b"x" * 200_000)
        small = Nginx(self.server, folder / "small", {"www.mtu.example": self.ca.issue("www.mtu.example")},
                      listens=("%d" % PICTURES, "[::]:%d" % PICTURES),
                      extra="        location /pictures { root %s; }" % folder)
        self.small = small.start()
        self.silent = peers.Peer(self.server, SILENT, peers.silent)

    def wire(self):
        veth(self.client, "c0", self.router, "r0")
        veth(self.server, "s0", self.router, "r1")
        self.router.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        for netns, device, v4, v6 in ((self.client, "c0", "192.0.2.2", "2001:db8:1::2"),
                                      (self.router, "r0", "192.0.2.1", "2001:db8:1::1"),
                                      (self.router, "r1", "198.51.100.1", "2001:db8:2::1"),
                                      (self.server, "s0", SERVER["ipv4"], SERVER["ipv6"])):
            netns.batch("addr add %s/24 dev %s" % (v4, device), "addr add %s/64 dev %s nodad" % (v6, device))
            netns.no_offload(device)
        for netns, v4, v6 in ((self.client, "192.0.2.1", "2001:db8:1::1"),
                              (self.server, "198.51.100.1", "2001:db8:2::1")):
            netns.batch("route add default via " + v4, "route add default via " + v6)

    def lose(self, device, size):
        """What comes in from a side and is larger than size is lost from now on."""
        self.heal()
        self.router.nft(HOLE % (device, size))

    def heal(self):
        self.router.run("nft", "delete", "table", "inet", "hole", check=False)

    def address(self, family, port, *argv, scheme="", path=""):
        host = SERVER[family] if family == "ipv4" else "[%s]" % SERVER[family]
        done = self.client.run(self.reachd, "probe", "--json", "--ca", self.ca.pem, "--servername",
                               "www.mtu.example", *argv, "%s%s:%d%s" % (scheme, host, port, path), check=False)
        told = probed(done.stdout)
        return told["took_us"] / 1e6, told[family]["addresses"][0]

    def stop(self):
        self.nginx.stop()
        self.small.stop()
        self.silent.stop()
        for netns in (self.client, self.router, self.server):
            netns.delete()


@pytest.fixture(scope="module")
def tunnel(tmp_path_factory, reachd_path):
    why = tools.missing("nginx")
    if why:
        pytest.skip(why)
    made = Tunnel(tmp_path_factory.mktemp("tunnel"), reachd_path)
    yield made
    made.stop()


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return request.param


@pytest.fixture(autouse=True)
def healed(tunnel):
    yield
    tunnel.heal()


@pytest.mark.parametrize("mtu, line", [
    (1454, "PPPoE on NTT Flets"),
    (1460, "MAP-E or DS-Lite, IPv4 in IPv6"),
    (1492, "PPPoE"),
    (1437, None),
])
def test_what_the_server_sends_is_lost(tunnel, family, mtu, line):
    tunnel.lose("r1", mtu)
    took, result = tunnel.address(family, 443)
    passed = mtu - HEADER[family]
    full = 1500 - HEADER[family]
    assert (result["outcome"], result["layer"]) == ("mtu-black-hole", "path"), result["detail"]
    hole = result["black_hole"]
    assert (hole["direction"], hole["mss_passed"], hole["mtu"], hole["line"]) == ("in", passed, mtu, line)
    assert hole["exact"] and hole["mss_hung"] == passed + 1
    assert hole["announced"] == hole["peer_announced"] == full
    assert "size set %d" % passed in hole["fix"]["nftables"]
    # The certificate counts all the same.
    assert result["certificate"]["problems"] == [] and result["tls_us"] > 0
    assert result["path"]["mss_in"] == full
    assert took < 10


def test_timelines_arrive_pictures_do_not(tunnel, family):
    """The scenario's riddle: the handshake and small pages pass, a large reply hangs in the middle."""
    tunnel.lose("r1", 1454)
    assert tunnel.address(family, PICTURES)[1]["outcome"] == "ok"
    assert tunnel.address(family, PICTURES, scheme="https://")[1]["outcome"] == "ok"
    took, result = tunnel.address(family, PICTURES, scheme="https://", path="/pictures/large")
    assert result["outcome"] == "mtu-black-hole", result["detail"]
    hole = result["black_hole"]
    assert (hole["direction"], hole["mss_passed"], hole["exact"]) == ("in", 1454 - HEADER[family], True)
    assert result["http"]["status"] == 200 and result["http"]["body_bytes"] == 200_000
    assert took < 10
    tunnel.heal()
    assert tunnel.address(family, PICTURES, scheme="https://", path="/pictures/large")[1]["outcome"] == "ok"


def test_what_we_send_is_lost(tunnel, family):
    """A browser hangs there, and everything with a small first packet does not."""
    tunnel.lose("r0", 1454)
    _took, result = tunnel.address(family, 443)
    assert result["outcome"] == "ok"
    took, result = tunnel.address(family, 443, "--full-size")
    assert result["outcome"] == "mtu-black-hole", result["detail"]
    hole = result["black_hole"]
    assert (hole["direction"], hole["mss_passed"], hole["exact"]) == ("out", 1454 - HEADER[family], True)
    assert result["path"]["unacked"] > 0 and result["path"]["retransmits"] > 0
    assert result["detail"].startswith("what we send is lost in packets over 1454 bytes")
    assert took < 10 * STRETCH


def test_full_size_is_harmless(tunnel, family):
    _took, result = tunnel.address(family, 443, "--full-size")
    assert result["outcome"] == "ok" and result["path"]["bytes_acked"] > 1460


def test_negative_a_silent_server_stays_silent(tunnel, family):
    for hole in (False, True):
        if hole:
            tunnel.lose("r1", 1454)
        took, result = tunnel.address(family, SILENT, "--timeout", "2s")
        assert result["outcome"] == "tls-timeout" and result["black_hole"] is None
        assert 1.9 < took < 2.5


def test_negative_without_a_hole(tunnel, family):
    took, result = tunnel.address(family, 443)
    assert result["outcome"] == "ok" and result["black_hole"] is None
    assert took < 1


def test_too_short_to_be_exact_is_told_as_such(tunnel, family):
    """What is proven in time is told, never later than the deadline."""
    tunnel.lose("r1", 1454)
    took, result = tunnel.address(family, 443, "--timeout", "1s")
    assert took < 1.3
    assert result["outcome"] == "mtu-black-hole"
    assert result["black_hole"]["mss_passed"] <= 1454 - HEADER[family] < result["black_hole"]["mss_hung"]


def test_router_that_speaks_is_no_black_hole(tunnel, family):
    """With its "too big" messages the path works: the MTU is learnt."""
    tunnel.router.ip("link", "set", "r0", "mtu", "1454")
    try:
        _took, result = tunnel.address(family, 443, "--timeout", "3s")
        assert result["outcome"] == "ok"
    finally:
        tunnel.router.ip("link", "set", "r0", "mtu", "1500")
        for option in ("-4", "-6"):  # what was learnt
            tunnel.server.ip(option, "route", "flush", "cache")


def test_lines_to_copy_are_in_the_text(tunnel):
    tunnel.lose("r1", 1454)
    text = tunnel.client.run(tunnel.reachd, "probe", "--ca", tunnel.ca.pem, "--servername", "www.mtu.example",
                             "--timeout", "4s", SERVER["ipv4"], check=False).stdout
    assert "mtu-black-hole" in text
    assert "packets over 1454 bytes (PPPoE on NTT Flets)" in " ".join(text.split())
    for line in ("OpenWrt   option mtu_fix '1'", "nftables  nft add rule inet filter forward", "Yamaha    ip pp tcp mss limit auto"):
        assert line in text
