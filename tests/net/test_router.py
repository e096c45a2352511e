# SPDX-License-Identifier: ISC
"""What the router says its external address is: a real miniupnpd, and routers that do not behave."""
import http.server
import socket
import struct
import threading

import pytest

import lab.daemon as conf
from lab import miniupnpd
from lab.miniupnpd import HOST, ROUTER, WAN_A, WAN_B, Miniupnpd, NatHome
from lab.wait import wait_until

LIMIT = 15
PORT = 5351
UFW = """table ip ufw {
    chain in {
        type filter hook input priority 0; policy drop;
        ct state established,related accept
    }
}
"""
QUIET = """table ip quiet {
    chain in {
        type filter hook input priority 0;
        udp dport %d drop
    }
}
"""


def section(source, **options):
    return conf.section("address", "wan4", **{"family": "ipv4", "source": source, "every": "1s", "timeout": "900ms",
                                              **options})


@pytest.fixture
def home():
    made = NatHome()
    yield made
    made.delete()


@pytest.fixture
def daemon(home, make_reachd):
    return make_reachd(home.host)


@pytest.fixture
def upnpd(home, tmp_path):
    why = miniupnpd.missing()
    if why:
        pytest.skip(why)
    made = Miniupnpd(home.router, tmp_path / "miniupnpd").start()
    yield made
    made.stop()


def address(daemon):
    return next((one for one in daemon.status().get("addresses", []) if one["name"] == "wan4"), {})


def chosen(daemon, value, *reasons):
    """Waits for the value, told with one of the reasons."""
    return daemon.wait_status(
        lambda: address(daemon).get("chosen") == value and any(why in address(daemon)["reason"] for why in reasons),
        LIMIT, "wan4 is %s, %s" % (value, reasons))


class Router:
    """A scripted one: answer(request) is a list of datagrams, ("elsewhere", data) for one from another port."""

    def __init__(self, netns, answer, port=PORT):
        self.answer = answer
        self.asked = []
        with netns:
            self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((ROUTER, port))
        self.other.bind((ROUTER, 0))
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        try:
            while True:
                request, peer = self.sock.recvfrom(2048)
                self.asked.append(request)
                for one in self.answer(request):
                    sock, data = (self.other, one[1]) if isinstance(one, tuple) else (self.sock, one)
                    sock.sendto(data, peer)
        except OSError:
            pass  # closed: the end of the test

    def close(self):
        self.sock.close()
        self.other.close()


@pytest.fixture
def router(home):
    made = []

    def start(answer):
        made.append(Router(home.router, answer))
        return made[-1]

    yield start
    for one in made:
        one.close()


def nat_pmp(addr, code=0):
    return struct.pack(">BBHI4s", 0, 128, code, 3600, socket.inet_aton(addr))


def pcp(request, addr, code=0, nonce=None):
    return (struct.pack(">BBBBII12x", 2, 0x81, 0, code, 120, 3600) + (nonce or request[24:36]) + request[36:42]
            + struct.pack(">H", 4711) + bytes(10) + b"\xff\xff" + socket.inet_aton(addr))


# --- a real one --------------------------------------------------------------------------------------

@pytest.mark.parametrize("source,said,gone", [
    ("nat-pmp", "from %s (NAT-PMP, running for " % ROUTER, "%s (NAT-PMP): refused: nobody listens" % ROUTER),
    ("pcp", "from %s (PCP, running for " % ROUTER, "%s (PCP): refused: nobody listens" % ROUTER),
    ("upnp", "from %s (UPnP)" % ROUTER, "%s (UPnP): no answer to a search within 900ms" % ROUTER),
])
def test_miniupnpd_tells_its_address(home, daemon, upnpd, source, said, gone):
    daemon.configure(section(source)).start()
    chosen(daemon, WAN_A, said)
    home.renumber(WAN_B)
    chosen(daemon, WAN_B, "from " + ROUTER)
    assert [(one["old"], one["new"]) for one in daemon.wait_events(1, LIMIT, "address-changed")] == [(WAN_A, WAN_B)]
    upnpd.stop()
    chosen(daemon, WAN_B, "kept; last answer failed: " + gone)
    upnpd.start()
    chosen(daemon, WAN_B, "from " + ROUTER)


def test_the_mapping_of_pcp_is_taken_back(home, daemon, upnpd):
    """No port of the router stays open because of the question."""
    daemon.configure(section("pcp", every="1h")).start()
    chosen(daemon, WAN_A, "(PCP")
    upnpd.proc.wait_for(r"PCP MAP: added mapping UDP", LIMIT)
    upnpd.proc.wait_for(r"PCP: UDP port \d+ mapping removed", LIMIT)
    assert "dnat" not in home.router.run("nft", "list", "ruleset").stdout


@pytest.mark.parametrize("source", ["nat-pmp", "pcp", "upnp"])
def test_the_router_says_that_its_address_has_changed(home, daemon, upnpd, source):
    """miniupnpd tells all hosts (NAT-PMP, to 224.0.0.1); who hears it asks at once, and need not ask often."""
    daemon.configure(section(source, every="1h"), level="debug").start()
    chosen(daemon, WAN_A, "from " + ROUTER)
    home.renumber(WAN_B)
    chosen(daemon, WAN_B, "from " + ROUTER)
    daemon.wait_for("the router has news", LIMIT)


@pytest.mark.parametrize("source,told", [("nat-pmp", "network failure: the router has no address itself"),
                                         ("pcp", "no resources"),
                                         ("upnp", "the router has no address itself")])
def test_the_router_is_behind_another_nat(home, daemon, upnpd, source, told):
    """What it has is no address of the world, and is not published."""
    home.renumber("192.168.7.2")
    daemon.configure(section(source)).start()
    # miniupnpd learns of its new address a moment later; until then it tells it.
    chosen(daemon, None, "%s (%s): %s" % (ROUTER, source.upper().replace("UPNP", "UPnP"), told),
           "192.168.7.2, which is not to be published")
    assert not daemon.events("address-changed")


def test_the_server_is_configured(home, daemon, upnpd):
    """Where the default router is another one, and through the interface that was named."""
    home.host.ip("route", "del", "default")
    daemon.configure(section("nat-pmp")).start()
    chosen(daemon, None, "there is no default router to be asked")
    daemon.configure(section("nat-pmp", interface="eth0"))
    assert daemon.reload()
    chosen(daemon, None, "there is no default router behind eth0 to be asked")
    daemon.configure(section("nat-pmp", interface="eth0", server=ROUTER))
    assert daemon.reload()
    chosen(daemon, WAN_A, "from " + ROUTER)


@pytest.mark.parametrize("source,options,told", [
    ("pcp", {"allow": False}, "(PCP): the router maps no port for this host"),
    ("nat-pmp", {"nat_pmp": False}, "(NAT-PMP): refused: nobody listens on UDP port 5351"),
    ("pcp", {"nat_pmp": False}, "(PCP): refused: nobody listens on UDP port 5351"),
    ("upnp", {"upnp": False}, "(UPnP): no answer to a search within 900ms"),
])
def test_what_is_turned_off_at_the_router(home, daemon, tmp_path, source, options, told):
    why = miniupnpd.missing()
    if why:
        pytest.skip(why)
    made = Miniupnpd(home.router, tmp_path / "miniupnpd", **options).start()
    daemon.configure(section(source)).start()
    chosen(daemon, None, ROUTER + " " + told)
    made.stop()


def test_a_firewall_that_lets_in_by_state(home, daemon, upnpd):
    """As ufw: an answer to a question to a group belongs to no connection; the router is asked itself, too."""
    home.host.nft(UFW)
    daemon.configure(section("upnp")).start()
    chosen(daemon, WAN_A, "from %s (UPnP)" % ROUTER)


def test_the_description_is_configured(home, daemon, upnpd):
    """No search: where multicast does not pass, or the router is not the default one."""
    home.host.ip("route", "del", "default")
    url = "http://%s:%d/rootDesc.xml" % (ROUTER, miniupnpd.HTTP_PORT)
    daemon.configure(section("upnp", url=url)).start()
    chosen(daemon, WAN_A, "from %s (UPnP)" % url)
    assert "M-SEARCH" not in upnpd.proc.text()


@pytest.mark.parametrize("source,word", [("nat-pmp", "NAT-PMP"), ("pcp", "PCP"), ("upnp", "UPnP")])
def test_no_way_to_the_router(home, daemon, source, word):
    home.host.ip("route", "del", "default")
    daemon.configure(section(source, server="198.51.100.9")).start()
    chosen(daemon, None, "198.51.100.9 (%s): no-route" % word)


# --- those that do not behave ------------------------------------------------------------------------

def test_nat_pmp_alone(daemon, router):
    """PCP is asked first, and its version refused."""
    made = router(lambda request: [nat_pmp(WAN_A) if request == b"\0\0" else bytes.fromhex("0000000100000e10")])
    daemon.configure(section("pcp", every="1h")).start()
    chosen(daemon, WAN_A, "from %s (NAT-PMP, running for 1h" % ROUTER)
    assert [len(one) for one in made.asked] == [64, 2]
    assert made.asked[0][8:24] == bytes(10) + b"\xff\xff" + socket.inet_aton(HOST)


def test_a_router_without_the_option(daemon, router):
    """It is asked again without PREFER_FAILURE; and one that says so of that as well is told of."""
    made = router(lambda request: [pcp(request, WAN_A, 5 if len(request) == 64 else 0)])
    daemon.configure(section("pcp", every="1h")).start()
    chosen(daemon, WAN_A, "from %s (PCP" % ROUTER)
    wait_until(lambda: len(made.asked) == 3, LIMIT, lambda: made.asked)
    assert [(len(one), one[4:8]) for one in made.asked] == [(64, b"\0\0\0\x78"), (60, b"\0\0\0\x78"), (60, bytes(4))]
    made.answer = lambda request: [pcp(request, WAN_A, 5)]
    daemon.look_now()
    chosen(daemon, WAN_A, "kept; last answer failed: %s (PCP): unsupported option" % ROUTER)


def test_pcp_alone(daemon, router):
    router(lambda request: [struct.pack(">BBBBII12x", 2, 0x80 | request[1], 0, 1, 0, 7)])
    daemon.configure(section("nat-pmp")).start()
    chosen(daemon, None, "the router speaks PCP only: source = pcp asks it")


def test_a_silent_router_is_asked_again(home, daemon, router):
    """250 ms, 500 ms, … (RFC 6886), bounded by the timeout; what comes in the end counts."""
    asked = []
    made = router(lambda request: asked.append(request) or ([nat_pmp(WAN_A)] if len(asked) % 3 == 0 else []))
    daemon.configure(section("nat-pmp", every="1h", timeout="20s")).start()
    chosen(daemon, WAN_A, "from " + ROUTER)
    assert len(made.asked) == 3
    home.router.nft(QUIET % PORT)
    daemon.configure(section("nat-pmp"))
    assert daemon.reload()
    chosen(daemon, WAN_A, "kept; last answer failed: %s (NAT-PMP): no answer to " % ROUTER)


def test_only_the_router_has_news(home, daemon, router):
    """An announcement is a reason to ask, and only when it is the router's; what it says is not looked at."""
    home.router.ip("addr", "add", "192.168.1.9/24", "dev", "lan0")
    made = router(lambda request: [nat_pmp(WAN_A)])
    daemon.configure(section("nat-pmp", every="1h"), level="debug").start()
    chosen(daemon, WAN_A, "from " + ROUTER)

    def announce(data, sock=None, source=ROUTER, port=0):
        with home.router:
            sock = sock or socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if sock is not made.sock:
            sock.bind((source, port))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(source))
        sock.sendto(data, ("224.0.0.1", 5350))
        if sock is not made.sock:
            sock.close()

    announce(nat_pmp(WAN_B))                                     # not from its port
    announce(nat_pmp(WAN_B), source="192.168.1.9", port=PORT)    # not from it
    announce(b"\0\x80\0\0", made.sock)                          # none
    announce(nat_pmp(WAN_B), made.sock)
    wait_until(lambda: len(made.asked) == 2, LIMIT, lambda: made.asked)
    daemon.wait_for("the router has news", LIMIT)
    assert daemon.logs().count("the router has news") == 1


@pytest.mark.parametrize("source,answer", [
    ("nat-pmp", lambda request: [b"", b"\0", b"\0\x80\0\0\0\0\0\1\1\1\1", b"\xff" * 1400, request,
                                 ("elsewhere", nat_pmp(WAN_B)), nat_pmp(WAN_A)]),
    ("pcp", lambda request: [b"", pcp(request, WAN_B)[:-1], pcp(request, WAN_B, nonce=bytes(12)), request,
                             pcp(request, WAN_B) + bytes(1100), ("elsewhere", pcp(request, WAN_B)),
                             pcp(request, WAN_A)]),
])
def test_only_an_answer_to_the_question_counts(daemon, router, source, answer):
    """Garbage, another's nonce, an echo, another port: none of it is believed, the answer behind is."""
    router(answer)
    daemon.configure(section(source, every="1h")).start()
    chosen(daemon, WAN_A, "from " + ROUTER)
    assert not daemon.events("address-changed")


@pytest.mark.parametrize("source,answer,told", [
    ("nat-pmp", lambda request: [nat_pmp("0.0.0.0", 3)], "network failure: the router has no address itself"),
    ("nat-pmp", lambda request: [nat_pmp("100.64.3.4")], "100.64.3.4, which is not to be published: carrier-grade"),
    ("nat-pmp", lambda request: [nat_pmp("0.0.0.0")], "0.0.0.0, which is not to be published"),
    ("pcp", lambda request: [pcp(request, "0.0.0.0", 2)], "not authorised"),
    ("pcp", lambda request: [pcp(request, "10.1.2.3")], "10.1.2.3, which is not to be published: private"),
    ("pcp", lambda request: [b"\2\x81"] * 40, "a flood of datagrams that are no answer"),
])
def test_a_refusal_is_told(daemon, router, source, answer, told):
    router(answer)
    daemon.configure(section(source)).start()
    chosen(daemon, None, told)


# --- UPnP of those that do not behave ----------------------------------------------------------------
IGD = "urn:schemas-upnp-org:device:InternetGatewayDevice:1"
IP = "urn:schemas-upnp-org:service:WANIPConnection:1"
PPP = "urn:schemas-upnp-org:service:WANPPPConnection:1"


def description(*services):
    return "<root><device><serviceList>%s</serviceList></device></root>" % "".join(
        "<service><serviceType>%s</serviceType><controlURL>%s</controlURL></service>" % one for one in services)


def reply(addr):
    return "<Envelope><NewExternalIPAddress>%s</NewExternalIPAddress></Envelope>" % addr


class Igd:
    """A scripted router: answers each search with a location, and HTTP by `pages`: {path: (status, headers, text)}."""

    def __init__(self, netns, pages, location="http://%s:5000/root.xml" % ROUTER, speaker=ROUTER, kind=IGD):
        self.asked = []
        self.location, self.kind = location, kind
        igd = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                igd.asked.append((self.command, self.path, self.headers.get("SOAPAction"), self.rfile.read(length)))
                status, headers, text = pages.get(self.path, (404, {}, ""))
                data = text.encode()
                self.send_response(status)
                for name, value in {"Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *_args):
                pass

        with netns:
            self.web = http.server.ThreadingHTTPServer((ROUTER, 5000), Handler)
            self.ssdp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.speaker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ssdp.bind(("", 1900))
        self.ssdp.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                             socket.inet_aton("239.255.255.250") + socket.inet_aton(ROUTER))
        self.speaker.bind((speaker, 0))
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self):
        try:
            while True:
                _ask, peer = self.ssdp.recvfrom(2048)
                text = "HTTP/1.1 200 OK\r\nST: %s\r\nLOCATION: %s\r\n\r\n" % (self.kind, self.location)
                self.speaker.sendto(text.encode(), peer)
        except OSError:
            pass  # closed: the end of the test

    def close(self):
        self.web.shutdown()
        for one in (self.web.socket, self.ssdp, self.speaker):
            one.close()


@pytest.fixture
def igd(home):
    made = []

    def start(pages, **options):
        made.append(Igd(home.router, pages, **options))
        return made[-1]

    yield start
    for one in made:
        one.close()


def page(text, status=200, **headers):
    return (status, headers, text)


def test_a_connection_that_is_down_is_not_the_last(daemon, igd):
    """A router of two connections: the first says nothing useful, the second has the address."""
    made = igd({"/root.xml": page(description((PPP, "/ppp"), (IP, "/ip"))), "/ppp": page(reply("")),
                "/ip": page(reply(WAN_A))})
    daemon.configure(section("upnp", every="1h")).start()
    chosen(daemon, WAN_A, "from %s (UPnP)" % ROUTER)
    assert [(one[0], one[1], one[2]) for one in made.asked] == [
        ("GET", "/root.xml", None), ("POST", "/ppp", '"%s#GetExternalIPAddress"' % PPP),
        ("POST", "/ip", '"%s#GetExternalIPAddress"' % IP)]
    assert b'<u:GetExternalIPAddress xmlns:u="%s">' % IP.encode() in made.asked[2][3]


@pytest.mark.parametrize("pages,told", [
    ({}, "its description: HTTP status 404"),
    ({"/root.xml": page("", 302, Location="http://198.51.100.9/root.xml")}, "its description: HTTP status 302"),
    ({"/root.xml": page("<html>Log in</html>")}, "the description names no connection"),
    ({"/root.xml": page("x" * 100000)}, "its description: http-"),
    ({"/root.xml": page(description((IP, "http://198.51.100.9/ctl")))}, "the description names no connection"),
    ({"/root.xml": page(description((IP, "/ip"))), "/ip": page("", 302, Location="http://198.51.100.9/")}, "HTTP status 302"),
    ({"/root.xml": page(description((IP, "/ip"))), "/ip": page("<errorCode>501</errorCode>", 500)}, "UPnP error 501"),
    ({"/root.xml": page(description((IP, "/ip"))), "/ip": page(reply("192.168.7.2"))}, "192.168.7.2, which is not to be"),
    ({"/root.xml": page(description((IP, "/ip"))), "/ip": page(reply("my address"))}, 'no address: "my address"'),
])
def test_what_the_router_says_over_upnp_is_no_good(daemon, igd, pages, told):
    igd(pages)
    daemon.configure(section("upnp")).start()
    chosen(daemon, None, "%s (UPnP): " % ROUTER)
    chosen(daemon, None, told)


@pytest.mark.parametrize("options,told", [
    ({"speaker": "192.168.1.9"}, "192.168.1.9 answers, and is not the router (server)"),
    ({"location": "http://192.168.1.9:5000/root.xml"}, "the description is at another address than it"),
    ({"kind": "upnp:rootdevice"}, "the answer of another kind of device"),
])
def test_nobody_else_is_believed(home, daemon, igd, options, told):
    """Not another machine that answers, and not one that the router's answer leads to."""
    home.router.ip("addr", "add", "192.168.1.9/24", "dev", "lan0")
    made = igd({"/root.xml": page(description((IP, "/ip"))), "/ip": page(reply(WAN_B))}, **options)
    if "speaker" in options:
        made.location = "http://192.168.1.9:5000/root.xml"
    daemon.configure(section("upnp")).start()
    chosen(daemon, None, told)
    assert not made.asked
