# SPDX-License-Identifier: ISC
"""What the router says its external address is: a real miniupnpd, and routers that do not behave."""
import socket
import struct
import threading

import pytest

import lab.daemon as conf
from lab import miniupnpd
from lab.miniupnpd import HOST, ROUTER, WAN_A, WAN_B, Miniupnpd, NatHome

LIMIT = 15
PORT = 5351
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

@pytest.mark.parametrize("source", ["nat-pmp", "pcp"])
def test_miniupnpd_tells_its_address(home, daemon, upnpd, source):
    daemon.configure(section(source)).start()
    chosen(daemon, WAN_A, "from %s (%s, running for " % (ROUTER, source.upper()))
    home.renumber(WAN_B)
    chosen(daemon, WAN_B, "from " + ROUTER)
    assert [(one["old"], one["new"]) for one in daemon.wait_events(1, LIMIT, "address-changed")] == [(WAN_A, WAN_B)]
    upnpd.stop()
    chosen(daemon, WAN_B, "kept; last answer failed: %s (%s): refused: nobody listens" % (ROUTER, source.upper()))
    upnpd.start()
    chosen(daemon, WAN_B, "from " + ROUTER)


def test_the_mapping_of_pcp_is_taken_back(home, daemon, upnpd):
    """No port of the router stays open because of the question."""
    daemon.configure(section("pcp", every="1h")).start()
    chosen(daemon, WAN_A, "(PCP")
    assert "PCP MAP: added mapping UDP" in upnpd.proc.text()
    upnpd.proc.wait_for(r"PCP: UDP port \d+ mapping removed", LIMIT)
    assert "dnat" not in home.router.run("nft", "list", "ruleset").stdout


@pytest.mark.parametrize("source,told", [("nat-pmp", "network failure: the router has no address itself"),
                                         ("pcp", "no resources")])
def test_the_router_is_behind_another_nat(home, daemon, upnpd, source, told):
    """What it has is no address of the world, and is not published."""
    home.renumber("192.168.7.2")
    daemon.configure(section(source)).start()
    # miniupnpd learns of its new address a moment later; until then it tells it.
    chosen(daemon, None, "%s (%s): %s" % (ROUTER, source.upper(), told), "192.168.7.2, which is not to be published")
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


# --- those that do not behave ------------------------------------------------------------------------

def test_nat_pmp_alone(daemon, router):
    """PCP is asked first, and its version refused."""
    made = router(lambda request: [nat_pmp(WAN_A) if request == b"\0\0" else bytes.fromhex("0000000100000e10")])
    daemon.configure(section("pcp", every="1h")).start()
    chosen(daemon, WAN_A, "from %s (NAT-PMP, running for 1h" % ROUTER)
    assert [len(one) for one in made.asked] == [60, 2]
    assert made.asked[0][8:24] == bytes(10) + b"\xff\xff" + socket.inet_aton(HOST)


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
