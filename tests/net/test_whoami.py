# SPDX-License-Identifier: ISC
"""source = dns: names whose answer is who asks, at servers of Knot and BIND."""
import lab.daemon as conf
import pytest
from lab import tools, whoami
from lab.home import PPP

A, B = "203.0.113.27", "203.0.113.91"
ME = "whoami.provider.example"
V4, V6 = "192.0.2.54", "2001:db8:53::54"
LIMIT = 15


def dns(family, **options):
    accept = ["203.0.113.0/24"] if family == "ipv4" else ["2001:db8::/32"]
    options = {"every": "1s", "timeout": "900ms", "accept": accept, **options}
    return conf.section("address", "dns" + family[-1], family=family, source="dns", **options)


def address(daemon, name):
    for one in daemon.status().get("addresses", []):
        if one["name"] == name:
            return one
    return {}


def chosen(daemon, name, value, reason):
    return daemon.wait_status(
        lambda: address(daemon, name).get("chosen") == value and reason in address(daemon, name)["reason"],
        LIMIT, "%s is %s, %s" % (name, value, reason))


@pytest.fixture
def outside(make_world, tmp_path):
    """outside(Class, addresses, …): a server at the ISP, with addresses of its own."""
    why = tools.missing("knotd", "named")
    if why:
        pytest.skip(why)
    world = make_world(gap=0.5)
    world.home.dial(A)
    servers = []

    def start(kind, addresses, *args, **kwargs):
        whoami.give(world.home.isp, addresses)
        servers.append(kind(world.home.isp, tmp_path / ("whoami%d" % len(servers)), addresses, *args, **kwargs))
        return servers[-1].start()
    start.world = world
    yield start
    for one in servers:
        one.stop()


def test_each_family_is_asked_over_itself(outside, make_reachd):
    """A name of the configuration; what comes back is how we are seen, and a record gets it."""
    world = outside.world
    outside(whoami.Whoami, [V4, V6], [ME])
    daemon = make_reachd(world.home.server)
    daemon.configure(dns("ipv4", query=ME, servers=[V4]), dns("ipv6", query=ME, servers=[V6]),
                     conf.record(world, daemon, ipv4="dns4"), ca=world.ca.pem).start()
    chosen(daemon, "dns4", A, "from %s at %s" % (ME, V4))
    chosen(daemon, "dns6", world.home.server6, "from %s at %s" % (ME, V6))
    daemon.wait_record(LIMIT, verified=A)
    world.home.hang_up()
    world.home.dial(B)
    daemon.wait_record(LIMIT, verified=B)
    assert [(one["old"], one["new"]) for one in daemon.wait_events(1, LIMIT, "address-changed")] == [(A, B)]


def test_the_known_services(outside, make_reachd):
    """Each by its own word, server, name, type and class; no resolver of ours is asked for anything."""
    world = outside.world
    outside(whoami.Whoami, whoami.OPENDNS[0], [whoami.OPENDNS[1]])
    outside(whoami.Whoami, whoami.AKAMAI[0], [whoami.AKAMAI[1]])
    outside(whoami.Texts, whoami.GOOGLE[0], texts={whoami.GOOGLE[1]: '"203.0.113.1"'})
    outside(whoami.Texts, whoami.CLOUDFLARE[0], chaos={whoami.CLOUDFLARE[1]: '"203.0.113.2"'})
    world.bind.stop()
    daemon = make_reachd(world.home.server)
    sections = [conf.section("address", word, family="ipv4", source="dns", services=[word],
                             accept=["203.0.113.0/24"]) for word in ("opendns", "akamai", "google", "cloudflare")]
    daemon.configure(*sections, dns("ipv6")).start()
    chosen(daemon, "opendns", A, "from opendns (208.67.222.222)")
    chosen(daemon, "akamai", A, "from akamai (193.108.88.1)")
    chosen(daemon, "google", "203.0.113.1", "from google (216.239.32.10)")
    chosen(daemon, "cloudflare", "203.0.113.2", "from cloudflare (1.1.1.1)")
    chosen(daemon, "dns6", world.home.server6, "from opendns (2620:119:35::35)")


def test_the_next_one_is_asked(outside, make_reachd):
    """Nobody there, another's zone, an address that is none of the world, no address: each is passed over."""
    world = outside.world
    outside(whoami.Whoami, [V4], [ME])
    wrong = ["192.0.2.61", "192.0.2.62", "192.0.2.63", "192.0.2.64"]
    outside(whoami.Texts, wrong[1:2], texts={ME: '"100.64.0.9"'})
    outside(whoami.Texts, wrong[2:3], texts={ME: '"hello"'})
    outside(whoami.Texts, wrong[3:4], texts={"else.example": '"203.0.113.9"'}, chaos={ME: '"203.0.113.9"'})
    daemon = make_reachd(world.home.server)
    daemon.configure(dns("ipv4", query=ME, servers=wrong, type="txt"), level="debug").start()
    chosen(daemon, "dns4", None, "%s at 192.0.2.64: REFUSED" % ME)
    for told in ("192.0.2.61: dns-timeout, no answer within", "192.0.2.62: 100.64.0.9, which is not to be published",
                 "192.0.2.63: no address in the answer: hello"):
        assert told in daemon.logs(), told + "\n" + daemon.logs()
    daemon.configure(dns("ipv4", query=ME, servers=wrong + [V4]), level="debug")
    assert daemon.reload()
    chosen(daemon, "dns4", A, "from %s at %s" % (ME, V4))
    daemon.configure(dns("ipv4", query=ME, servers=wrong, type="txt", **{"class": "ch"}), level="debug")
    assert daemon.reload()
    chosen(daemon, "dns4", "203.0.113.9", "from %s at 192.0.2.64" % ME)


def test_enough_must_say_the_same(outside, make_reachd):
    """Two of three servers; the third is outvoted."""
    world = outside.world
    outside(whoami.Whoami, [V4, "192.0.2.55"], [ME])
    outside(whoami.Texts, ["192.0.2.56"], texts={ME: '"203.0.113.66"'})
    daemon = make_reachd(world.home.server)
    daemon.configure(dns("ipv4", query=ME, servers=["192.0.2.56", V4, "192.0.2.55"], agree="majority")).start()
    chosen(daemon, "dns4", A, "2 of 3: %s at %s, %s at 192.0.2.55" % (ME, V4, ME))
    daemon.configure(dns("ipv4", query=ME, servers=["192.0.2.56", V4, "192.0.2.55"], agree=3))
    assert daemon.reload()
    chosen(daemon, "dns4", A, "kept; last answer failed: no 3 of 3 say the same: %s at 192.0.2.56: "
                              "no address in the answer" % ME)


def test_out_of_the_interface_that_is_named(outside, make_reachd):
    """A router with two ways out is seen with the address of the one that the section names."""
    world = outside.world
    outside(whoami.Whoami, [V4], [ME])
    daemon = make_reachd(world.home.router)
    ranges = ["203.0.113.0/24", "198.51.100.0/24"]
    daemon.configure(dns("ipv4", query=ME, servers=[V4], interface=PPP, accept=ranges)).start()
    chosen(daemon, "dns4", A, "from")
    daemon.configure(dns("ipv4", query=ME, servers=[V4], interface="wan", accept=ranges))
    assert daemon.reload()
    chosen(daemon, "dns4", "198.51.100.7", "from")
    world.home.hang_up()
    daemon.configure(dns("ipv4", query=ME, servers=[V4], interface=PPP, accept=ranges))
    assert daemon.reload()
    chosen(daemon, "dns4", "198.51.100.7", "kept; last answer failed: %s at %s: " % (ME, V4))
