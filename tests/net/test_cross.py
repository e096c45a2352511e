# SPDX-License-Identifier: ISC
"""Addresses that are put together from others: source = first, and cross-check. The links are the
reference home's, the echo a real nginx, NAT at the provider the kernel's."""
import lab.daemon as conf
import pytest
from lab.home import PPP
from lab.nginx import Nginx

A, B = "203.0.113.27", "203.0.113.91"
SHARED, BEHIND = "203.0.113.200", "100.64.7.7"
OTHER, LATER = "198.51.100.7", "198.51.100.9"  # the router's on its other line
ECHO = "echo.provider.example"
LIMIT = 20
PAGE = '    location /ip { return 200 "$remote_addr\\n"; }\n'
CGN = """
table ip cgn {
    chain post {
        type nat hook postrouting priority srcnat;
        ip saddr 100.64.0.0/10 snat to %s
    }
}
""" % SHARED


def echo(**options):
    """Asked once an hour: whatever is known earlier was asked for."""
    options = {"every": "1h", "timeout": "900ms", "accept": ["203.0.113.0/24", "198.51.100.0/24"], **options}
    return conf.section("address", "echo4", family="ipv4", source="web", urls=["https://%s/ip" % ECHO], **options)


def first(*of, **options):
    return conf.section("address", "best4", family="ipv4", source="first", of=list(of), **options)


@pytest.fixture
def town(make_world, tmp_path):
    """The home, dialled in, and an echo out in the world, beyond the provider."""
    world = make_world(gap=0.5)
    world.bind.set("provider.example", "echo", "A", "192.0.2.200")
    nginx = Nginx(world.home.outside, tmp_path / "echo", {ECHO: world.ca.issue(ECHO)},
                  listens=["192.0.2.200:443"], extra=PAGE).start()
    world.echo = nginx
    yield world
    nginx.stop()


def address(daemon, name):
    for one in daemon.status().get("addresses", []):
        if one["name"] == name:
            return one
    return {"chosen": None, "reason": ""}


def chosen(daemon, name, value, reason=""):
    return daemon.wait_status(
        lambda: address(daemon, name)["chosen"] == value and reason in (address(daemon, name)["reason"] or ""),
        LIMIT, "%s is %s, %s" % (name, value, reason))



def page(daemon):
    return " ".join(daemon.command("status", "--socket", daemon.socket).stdout.split())


def test_another_way_out(town, make_reachd):
    """What the router asks leaves by the other line: found once, told, not published; over again, too."""
    town.home.dial(A)
    daemon = make_reachd(town.home.router)
    sections = [conf.ppp_address(cross_check="echo4"), conf.record(town, daemon)]
    daemon.configure(echo(), *sections, ca=town.ca.pem).start()
    told = daemon.wait_events(1, LIMIT, "address-differs")[0]
    assert (told["subject"], told["old"], told["new"], told["cause"]) == ("wan4", A, OTHER, "other-way-out")
    assert told["text"] == "the IPv4 address 'wan4' is %s, but 'echo4' (web) says %s, the address of wan" % (A, OTHER)
    assert "a default route over another line" in told["advice"]
    daemon.wait_record(LIMIT, verified=A)
    cross = address(daemon, "wan4")["cross_check"]
    assert (cross["with"], cross["says"], cross["differs"], cross["cause"]) == ("echo4", OTHER, True, "other-way-out")
    assert "cross-check: 'echo4' says %s: other-way-out" % OTHER in page(daemon)
    assert told["text"] in " ".join(daemon.command("history", "-c", daemon.config).stdout.split())
    daemon.kill9()
    daemon.start()  # what was told is known to the next run
    daemon.wait_status(lambda: (address(daemon, "wan4").get("cross_check") or {}).get("differs"), LIMIT, "recalled")
    daemon.configure(echo(interface=PPP), *sections, ca=town.ca.pem)
    assert daemon.reload()
    over = daemon.wait_events(1, LIMIT, "address-agrees")[0]
    assert over["text"] == "the IPv4 address 'wan4' and 'echo4' are the same again: %s" % A
    assert len(daemon.events("address-differs")) == 1
    assert "cross-check: 'echo4' says %s" % A in page(daemon) and "other-way-out" not in page(daemon)
    for dialled in (B, A):
        town.home.hang_up()
        town.home.dial(dialled)  # the echo is asked anew: its old answer is no finding
        daemon.wait_record(LIMIT, verified=dialled)
        chosen(daemon, "echo4", dialled)
    assert len(daemon.events("address-differs")) == 1
    assert daemon.events("update-sent", new=OTHER) == []


def test_a_shared_address_that_an_echo_sees(town, make_reachd):
    """An echo can't tell a MAP-E address from any other, but the link that has it can."""
    router = town.home.router
    router.batch("link set wan down", "link set wan name map-wan", "link set map-wan up",
                 "route add default via 198.51.100.1 metric 1")
    daemon = make_reachd(router)
    daemon.configure(echo(), ca=town.ca.pem).start()
    chosen(daemon, "echo4", OTHER, "; the address of map-wan; MAP-E: shared, no port below 1024")
    assert "never 80 or 443" in address(daemon, "echo4")["advice"]


def test_carrier_grade_nat(town, make_reachd):
    """The line has nothing that can be published, the echo sees the provider's: both are said. A
    composed section takes the echo's, and the line's as soon as it has one."""
    town.home.isp.nft(CGN)
    town.home.dial(BEHIND)
    daemon = make_reachd(town.home.router)
    daemon.configure(echo(interface=PPP), conf.ppp_address(cross_check="echo4"), first("wan4", "echo4"),
                     ca=town.ca.pem).start()
    told = daemon.wait_events(1, LIMIT, "address-differs")[0]
    assert (told["old"], told["new"], told["cause"]) == (BEHIND, SHARED, "cgnat")
    assert "is %s, behind NAT, but 'echo4' (web) says %s" % (BEHIND, SHARED) in told["text"]
    assert "no port can be opened" in told["advice"]
    assert address(daemon, "wan4")["chosen"] is None
    chosen(daemon, "best4", SHARED, "nothing from 'wan4'; by 'echo4', from https://%s/ip" % ECHO)
    town.home.hang_up()
    town.home.dial(A)
    daemon.wait_events(1, LIMIT, "address-agrees")
    chosen(daemon, "best4", A, "by 'wan4', ")
    assert len(daemon.events("address-differs")) == 1


def test_the_first_that_has_one(town, make_reachd):
    """In their order, without a detour over what the second said before the first was lost."""
    town.home.dial(A)
    daemon = make_reachd(town.home.router)
    daemon.configure(echo(), conf.ppp_address(), first("wan4", "echo4"),
                     conf.record(town, daemon, ipv4="best4"), ca=town.ca.pem).start()
    daemon.wait_record(LIMIT, verified=A)
    chosen(daemon, "echo4", OTHER)
    assert daemon.events("address-changed", subject="best4") == []
    # The other line gets another address too; nobody asks the echo for an hour, and then it is down.
    town.echo.stop()
    town.home.router.batch("addr delete %s/24 dev wan" % OTHER, "addr add %s/24 dev wan" % LATER,
                           "route replace default via 198.51.100.1 src %s metric 1" % LATER)
    mark = daemon.proc.mark()
    town.home.hang_up()
    daemon.wait_for("echo4: no answer", LIMIT, since=mark)
    assert address(daemon, "best4")["chosen"] == A
    town.echo.start()
    daemon.wait_record(LIMIT, verified=LATER)
    town.home.dial(B)
    daemon.wait_record(LIMIT, verified=B)
    changes = [(one["old"], one["new"]) for one in daemon.events("address-changed", subject="best4")]
    assert changes == [(A, LATER), (LATER, B)]
    assert daemon.events("address-lost", subject="best4") == []
