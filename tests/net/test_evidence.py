# SPDX-License-Identifier: ISC
"""A provider that says ok while DNS does not show it: why not, with the evidence, by real BIND. And what is odd
about records that are as they should be."""
import pytest

import lab.daemon as conf
from lab import named, tools
from lab.named import addresses, both, soa, v4, v6
from lab.netns import Netns, veth

LIMIT = 20
GOOD = soa(1, "ns1", "ns2") + addresses("www", 80) + """
plain A 192.0.2.80
here CNAME www
*.wild A 192.0.2.79
*.fits A 192.0.2.80
only4 A 192.0.2.80
pair A 192.0.2.79
pair A 192.0.2.80
"""
LAG_NEW = soa(7, "ns1", "ns2") + addresses("www", 80)
LAG_OLD = soa(5, "ns1", "ns2") + addresses("www", 79)
HALF = soa(4, "ns1", "lame") + addresses("www", 80)
DYN = soa(5, "ns1", "ns2") + addresses("www", 79)  # the secondary stays as it is: nobody tells it of changes
SPLIT = soa(1, "ns1") + addresses("www", 80)
SPLIT_HERE = soa(1, "ns1") + "www A 192.168.1.80\nwww AAAA fd00::80\n"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    why = named.missing() or tools.missing("dnssec-keygen", "dnssec-signzone")
    if why:
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("evidence")
    client, server = Netns("evid-c"), Netns("evid-s")
    veth(client, "c0", server, "s0")
    client.batch("addr add 192.0.2.200/24 dev c0", "addr add 2001:db8:53::200/64 dev c0 nodad")
    signed, key = named.sign(folder / "keys", "signed.example", soa(3, "ns1") + addresses("www", 80))
    world = named.DnsWorld(
        server, folder,
        {"good.example": ["ns1", "ns2"], "lag.example": ["ns1", "ns2"], "half.example": ["ns1", "lame"],
         "split.example": ["ns1"], "signed.example": ["ns1"], "dyn.example": ["ns1", "ns2"]},
        {"good.example": GOOD, "lag.example": LAG_NEW, "half.example": HALF, "split.example": SPLIT,
         "signed.example": signed, "dyn.example": DYN},
        {"good.example": GOOD, "lag.example": LAG_OLD, "dyn.example": DYN}, own={"split.example": SPLIT_HERE}, keys=key).start()
    yield client
    world.stop()
    for netns in (client, server):
        netns.delete()


def server(number, name):
    return ["%s.servers.test (%s)" % (name, address) for address in both(number)]


# title: host, domain, what it should be, what is said, a word of what to do
WRONG = {
    "other": ("www", "good.example", 81, "DNS shows %s instead of %s (zone serial 1)" % (v4(80), v4(81)), "repaired"),
    "alias": ("here", "good.example", 81, "the name is an alias (CNAME) of www.good.example", "delete the CNAME"),
    "wild": ("any.wild", "good.example", 80, "the same for any other name beside it: a wildcard record",
             "of this very name"),
    "several": ("pair", "good.example", 80, "DNS shows %s and 1 more instead of %s" % (v4(79), v4(80)), "repaired"),
    "absent": ("gone", "good.example", 80, "DNS has no such name; caches may keep that for 30s", "Create the record"),
}
# title: host, domain, what is odd all the same
FINE = {
    "plain": ("plain", "good.example", None),
    "fits": ("any.fits", "good.example", "a wildcard record gives it, the name has none of its own"),
    "lame": ("www", "half.example", "lame.servers.test (%s) does not serve the zone: REFUSED"),
    "split": ("www", "split.example", "split horizon: the resolver %s gives 192.168.1.80" % v4(named.RESOLVER)),
    "signed": ("www", "signed.example", None),
}


def test_what_a_look_shows(home, make_reachd):
    daemon = make_reachd(home)
    yes = daemon.script("yes", "#!/bin/sh\necho good\n")
    numbers = (80, 81)
    sections = [conf.section("address", "a%d" % n, family="ipv4", source="command", accept=["192.0.2.0/24"],
                             command=[daemon.script("a%d" % n, "#!/bin/sh\necho %s\n" % v4(n))]) for n in numbers]
    sections.append(conf.section("address", "six", family="ipv6", source="command", accept=["2001:db8::/32"],
                                 command=[daemon.script("six", "#!/bin/sh\necho %s\n" % v6(80))]))

    def record(title, host, domain, **keys):
        return conf.section("record", title, host=host, domain=domain, provider="command", command=[yes],
                            gap="100ms", look_every="1s", verify_for="1s", backoff="30s", backoff_max="1m", **keys)
    for title, (host, domain, number, _, _) in WRONG.items():
        sections.append(record(title, host, domain, ipv4="a%d" % number))
    for title, (host, domain, _) in FINE.items():
        sections.append(record(title, host, domain, ipv4="a80"))
    sections.append(record("lags", "www", "lag.example", ipv4="a80"))
    sections.append(record("no6", "only4", "good.example", ipv6="six"))
    daemon.configure(conf.section("resolver", servers=[v4(named.RESOLVER)]), *sections).start()
    for title, (_, _, number, said, todo) in WRONG.items():
        told = daemon.wait_events(1, LIMIT, "update-mismatch", subject=title)[0]
        assert said in told["text"] and todo in told["advice"], told
        assert "; command accepted it " in told["text"] and " ago: good" in told["text"], told
        assert said in daemon.record(title)["evidence"]
    lags = daemon.wait_status(lambda: daemon.record("lags")["evidence"], LIMIT, "one server has the old address")
    assert lags in {"%s has %s (zone serial 5), %s has %s (zone serial 7)" % (old, v4(79), new, v4(80))
                    for old in server(named.NS2, "ns2") for new in server(named.NS1, "ns1")}
    assert daemon.record("lags")["verified"] is None
    told = daemon.wait_events(1, LIMIT, "update-mismatch", subject="no6")[0]
    assert "DNS has no AAAA record; caches may keep that for 30s" in told["text"]
    for title, (_, _, odd) in FINE.items():
        def shown(title=title, odd=odd):
            seen = daemon.record(title)
            if not seen.get("verified"):
                return None
            words = [odd % address if odd and "%s" in odd else odd for address in both(named.LAME)]
            return any(seen["evidence"] == word if word is None else word in (seen["evidence"] or "") for word in words)
        daemon.wait_status(shown, LIMIT, "%s: %s" % (title, odd))
    assert daemon.wait_record(LIMIT, name="signed", authenticated=True)["evidence"] is None
    assert daemon.record("plain")["authenticated"] is False
    page = daemon.command("status", "--socket", daemon.socket).stdout
    assert "DNSSEC verified by the resolver (AD)" in page and "split horizon: the resolver" in page


NSUPDATE = """#!/bin/sh
export LD_LIBRARY_PATH=%s
%s <<END && echo good
server %s
zone dyn.example
update delete www.dyn.example A
update add www.dyn.example 60 A $REACHD_ADDRESS
send
END
"""


def test_a_secondary_that_does_not_follow(home, make_reachd):
    """The primary takes the update, the other server keeps its copy: it is named, with both serial numbers."""
    daemon = make_reachd(home)
    update = daemon.script("update", NSUPDATE % (tools.env().get("LD_LIBRARY_PATH", ""), tools.find("nsupdate"),
                                                 v4(named.NS1)))
    own = daemon.script("own", "#!/bin/sh\necho %s\n" % v4(80))
    daemon.configure(
        conf.section("resolver", servers=[v4(named.RESOLVER)]),
        conf.section("address", "own", family="ipv4", source="command", accept=["192.0.2.0/24"], command=[own]),
        conf.section("record", "www", host="www", domain="dyn.example", provider="command", command=[update],
                     ipv4="own", gap="100ms", look_every="1s", verify_for="2s")).start()
    told = daemon.wait_events(1, LIMIT, "update-mismatch", subject="www")[0]
    assert told["text"].startswith(v4(80) + " is not seen: ns2.servers.test ("), told
    assert "has %s (zone serial 5), ns1.servers.test (" % v4(79) in told["text"], told
    assert "has %s (zone serial 6); command accepted it " % v4(80) in told["text"], told
    assert "one does not get the changes" in told["advice"]


def test_who_answered_and_whether_it_is_verified(home, reachd_path):
    """Of several resolvers the one that answered; one that is not there is passed over."""
    done = home.run(reachd_path, "probe", "-v", "--timeout", "3s", "--resolver",
                    "%s,%s" % (v4(80), v6(named.RESOLVER)), "tcp://www.signed.example:80", check=False)
    assert "resolver (%s)" % v6(named.RESOLVER) in done.stdout and "DNSSEC verified (AD)" in done.stdout, done.stdout
    done = home.run(reachd_path, "probe", "-v", "--timeout", "3s", "--resolver", v4(named.RESOLVER),
                    "tcp://www.good.example:80", check=False)
    assert "resolver (%s)" % v4(named.RESOLVER) in done.stdout and "DNSSEC" not in done.stdout, done.stdout
