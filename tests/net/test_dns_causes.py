# SPDX-License-Identifier: ISC
"""What can be wrong with a name, each by real BIND: aliases that lead nowhere, servers that do not serve the
zone, copies that lag behind, records that are old, resolvers that are not there."""
import json
import socket
import threading

import pytest

import lab.daemon as conf
from lab import named
from lab.named import addresses, both, soa, v4, v6
from lab.netns import Netns, veth

FAMILIES = ("ipv4", "ipv6")
SITE = dict(zip(FAMILIES, both(80)))
OLD = dict(zip(FAMILIES, both(79)))

GOOD = soa(1, "ns1", "ns2") + addresses("www", 80) + addresses("me", 200) + """
only4 A 192.0.2.80
gone CNAME nowhere
away CNAME nowhere.lag.example.
unknown CNAME www.never.test.
here CNAME www
there CNAME www.half.example.
loop CNAME pool
pool CNAME loop
far CNAME far.half.example.
"""
HALF = soa(4, "ns1", "lame", "silent") + addresses("www", 80) + "far CNAME far.good.example.\n"
LAG_NEW = soa(7, "ns1", "ns2") + addresses("www", 80) + addresses("both", 80)
LAG_OLD = soa(5, "ns1", "ns2") + "www A 192.0.2.80\n" + addresses("both", 79)


@pytest.fixture(scope="module")
def dns(tmp_path_factory, reachd_path):
    why = named.missing()
    if why:
        pytest.skip(why)
    client, server = Netns("dnsc-c"), Netns("dnsc-s")
    veth(client, "c0", server, "s0")
    client.batch("addr add 192.0.2.200/24 dev c0", "addr add 2001:db8:53::200/64 dev c0 nodad")
    world = named.DnsWorld(
        server, tmp_path_factory.mktemp("dns"),
        {"good.example": ["ns1", "ns2"], "half.example": ["ns1", "lame", "silent"], "lag.example": ["ns1", "ns2"],
         "lame.example": ["lame"], "silent.example": ["silent"]},
        {"good.example": GOOD, "half.example": HALF, "lag.example": LAG_NEW},
        {"good.example": GOOD, "lag.example": LAG_OLD}).start()
    listeners = []
    with server:
        for family, address in ((socket.AF_INET, v4(80)), (socket.AF_INET6, v6(80))):
            listeners.append(socket.socket(family, socket.SOCK_STREAM))
            listeners[-1].bind((address, 80))
            listeners[-1].listen(64)

    def run(name, *argv, resolver=v4(named.RESOLVER)):
        return client.run(reachd_path, "probe", "--timeout", "3s", "--resolver", resolver, *argv,
                          "tcp://%s:80" % name, check=False)

    def probe(name, *argv, **options):
        return json.loads(run(name, "--json", *argv, **options).stdout)

    probe.text = run
    probe.folder = tmp_path_factory.mktemp("more")
    probe.world = world
    probe.client = client
    probe.server = server
    yield probe
    for one in listeners:
        one.close()
    world.stop()
    for netns in (client, server):
        netns.delete()


def udp_socket(address, port):
    one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((address, port))
    return one


def remarks(host):
    return {one["outcome"]: one["detail"] for one in host["remarks"]}


# --- aliases -----------------------------------------------------------------------------------------

@pytest.mark.parametrize("how", [(), ("--authoritative",)])
@pytest.mark.parametrize("name, target", [("gone", "nowhere.good.example"), ("away", "nowhere.lag.example"),
                                          ("unknown", "www.never.test")])
def test_dangling_alias(dns, name, target, how):
    host = dns(name + ".good.example", *how)
    for family in FAMILIES:
        assert host[family]["outcome"] == "dns-cname-dangling"
        assert host[family]["dns_detail"] == "%s.good.example is an alias of %s, which does not exist" % (name, target)


@pytest.mark.parametrize("how", [(), ("--authoritative",)])
@pytest.mark.parametrize("name", ["loop", "far"])
def test_alias_in_a_circle(dns, name, how):
    host = dns(name + ".good.example", *how)
    for family in FAMILIES:
        assert host[family]["outcome"] == "dns-cname-loop", host[family]
        assert "in a circle by way of " in host[family]["dns_detail"]


@pytest.mark.parametrize("name, end", [("here", "www.good.example"), ("there", "www.half.example")])
def test_alias_that_leads_somewhere(dns, name, end):
    for how in ((), ("--authoritative",)):
        host = dns(name + ".good.example", *how)
        for family in FAMILIES:
            assert host[family]["outcome"] == "ok" and host[family]["cname"] == end


# --- the zone's servers ------------------------------------------------------------------------------

@pytest.mark.parametrize("how", [(), ("--authoritative",)])
def test_no_server_serves_the_zone(dns, how):
    host = dns("www.lame.example", *how)
    for family in FAMILIES:
        assert host[family]["outcome"] == "dns-lame", host
        assert "lame.servers.test (%s)" % v4(named.LAME) in host[family]["dns_detail"]
        assert "REFUSED" in host[family]["dns_detail"]


def test_one_server_is_lame_another_silent(dns):
    """The name is found all the same; who does not do his part is named, with his address."""
    host = dns("www.half.example", "--authoritative")
    found = remarks(host)
    for family, address in SITE.items():
        assert host[family]["outcome"] == "ok"
        assert [one["address"] for one in host[family]["addresses"]] == [address]
    assert found["dns-server-lame"] == "lame.servers.test (%s, %s): REFUSED" % both(named.LAME)
    assert found["dns-server-silent"] == "silent.servers.test (%s, %s)" % both(named.SILENT)
    assert set(found) == {"dns-server-lame", "dns-server-silent"}
    assert host["took_us"] < 3_500_000


def test_a_copy_that_lags_behind(dns):
    """One of two servers has no AAAA yet and an older serial number."""
    host = dns("www.lag.example", "--authoritative")
    found = remarks(host)
    assert found["dns-server-lacks-record"] == (
        "ns2.servers.test (%s, %s) has no AAAA record (zone serial 5), " % both(named.NS2) +
        "ns1.servers.test (%s, %s) has %s (zone serial 7)" % (*both(named.NS1), v6(80)))
    assert "dns-servers-differ" not in found
    host = dns("both.lag.example", "--authoritative")
    found = remarks(host)
    for family, number in zip(FAMILIES, (v4, v6)):
        assert "has %s (zone serial 5)" % OLD[family] in found["dns-servers-differ"]
        assert [one["name"] for one in host["compared"][family]["servers"]].count("ns2.servers.test") == 2
        serials = {one["address"]: one["serial"] for one in host["compared"][family]["servers"]}
        assert serials[number(named.NS1)] == 7 and serials[number(named.NS2)] == 5


def test_verbose_text_shows_who_says_what(dns):
    text = dns.text("both.lag.example", "-v").stdout
    assert "resolver" in text and "serial 5" in text and "serial 7" in text and "dns-servers-differ" in text
    for address in both(named.NS2):
        assert "ns2.servers.test (%s)" % address in text


# --- who is asked, and when --------------------------------------------------------------------------

def test_a_healthy_name_costs_the_zone_nothing(dns):
    """Without a failure and without being asked for: not one question to the zone's own servers."""
    dns("www.good.example")  # the resolver has it now
    before = [len(one.asked()) for one in (dns.world.ns1, dns.world.ns2)]
    host = dns("www.good.example")
    assert host["ipv4"]["outcome"] == host["ipv6"]["outcome"] == "ok" and host["compared"] is None
    dns("only4.good.example")  # a family that is not published is no failure
    host = dns("only4.good.example")
    assert host["ipv6"]["outcome"] == "dns-nodata" and host["compared"] is None
    after = [one.asked() for one in (dns.world.ns1, dns.world.ns2)]
    assert [set(names[count:]) <= {"only4.good.example"} for names, count in zip(after, before)] == [True, True]


# --- old records -------------------------------------------------------------------------------------

def test_stale_record(dns):
    new4, new6 = "192.0.2.81", "2001:db8:53::81"
    host = dns("www.good.example", "--expect-address", new4, "--expect-address", new6)
    for family, new in zip(FAMILIES, (new4, new6)):
        assert host[family]["outcome"] == host[family]["dns"] == "dns-stale"
        assert "DNS has %s, it should have %s; the resolver keeps its answer for" % (SITE[family], new) \
            in host[family]["dns_detail"]
        assert host[family]["addresses"][0]["outcome"] == "ok"  # looked at all the same
        assert 0 < host[family]["ttl"] <= 60
    assert host["compared"]["ipv4"]["servers"]  # a failure: the zone was asked too
    done = dns.text("www.good.example", "--expect-address", SITE["ipv4"], "--expect-address", SITE["ipv6"])
    assert done.returncode == 0 and "dns-stale" not in done.stdout
    done = dns.text("www.good.example", "--expect-address", new4)
    assert done.returncode == 1 and "IPv4 dns-stale, IPv6 ok" in done.stdout, done.stdout
    host = dns("only4.good.example", "--expect-address", new6)
    assert host["ipv6"]["outcome"] == "dns-stale"
    assert host["ipv6"]["dns_detail"].startswith("DNS has no AAAA record, it should have " + new6)


def test_expected_address_needs_a_name(dns):
    for argv in (("--connect", "192.0.2.80", "--expect-address", "192.0.2.80"),
                 ("-6", "--expect-address", "192.0.2.80"), ("--expect-address", "here")):
        assert dns.text("www.good.example", *argv).returncode == 2


# --- resolvers ---------------------------------------------------------------------------------------

REJECT = """table inet late { chain in { type filter hook input priority -1;
meta nfproto ipv4 udp dport 54 %s reject with icmp type %s
meta nfproto ipv6 udp dport 54 %s reject with icmpv6 type %s
}
}
"""
FIRST_LOST = "limit rate over 1/hour burst 2 packets"


@pytest.mark.parametrize("unless, four, six, said", [
    ("", "host-prohibited", "admin-prohibited", "administratively prohibited from "),
    (FIRST_LOST, "port-unreachable", "port-unreachable", "port unreachable from "),
])
def test_resolver_that_icmp_speaks_of(dns, unless, four, six, said):
    """Also where the word comes late, after packets that were lost: not silence, and who says so."""
    dns.server.nft(REJECT % (unless, four, unless, six))
    with dns.server:
        lost = [udp_socket(address, 54) for address in both(79)]  # takes what comes, and is silent
    try:
        for address in both(79):
            host = dns("www.good.example", "--timeout", "2s" if unless else "500ms",
                       resolver="[%s]:54" % address if ":" in address else address + ":54")
            for family in FAMILIES:
                assert host[family]["outcome"] == "dns-unreachable", host[family]
                assert "%s cannot be reached (ICMP" % address in host[family]["dns_detail"]
                assert said + address in host[family]["dns_detail"]
    finally:
        for one in lost:
            one.close()
        dns.server.nft("delete table inet late\n")


def test_resolver_that_sends_no_dns(dns):
    """Something answers, but not as a DNS server does: that is no silence."""
    with dns.server:
        noise = [udp_socket(address, 55) for address in both(79)]

    done = threading.Event()

    def babble(one):
        one.settimeout(0.2)
        while not done.is_set():
            try:
                one.sendto(b"220 mail.example ESMTP", one.recvfrom(512)[1])
            except socket.timeout:
                pass
    threads = [threading.Thread(target=babble, args=(one,)) for one in noise]
    for thread in threads:
        thread.start()
    try:
        for address in both(79):
            host = dns("www.good.example", "--timeout", "500ms",
                       resolver="[%s]:55" % address if ":" in address else address + ":55")
            for family in FAMILIES:
                assert host[family]["outcome"] == "dns-malformed", host[family]
                assert host[family]["dns_detail"] == "22 bytes that are no DNS answer from " + address
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for one in noise:
            one.close()


# --- in the daemon -----------------------------------------------------------------------------------

QUICK = {"every": "1s", "retry_every": "300ms", "timeout": "900ms", "fall": "2", "rise": "2"}
LIMIT = 15


def remarks_of(daemon):
    return {one["outcome"]: one["detail"] for one in daemon.status()["targets"][0]["remarks"]}


def test_daemon_tells_remarks_once(dns, make_reachd):
    """A target that is up all the time: what is odd about its zone is in status and told once, over a restart
    too, and so is the end of it."""
    daemon = make_reachd(dns.client)
    daemon.configure(conf.section("resolver", servers=[v4(named.RESOLVER)]),
                     conf.section("target", "site", host="tcp://www.lag.example:80", authoritative="yes", **QUICK)
                     ).start()
    told = daemon.wait_events(1, LIMIT, "dns-remark", subject="site")
    daemon.wait_target(LIMIT, "site", "ipv6", state="up")
    assert [one["cause"] for one in told] == ["dns-server-lacks-record"]
    assert "ns2.servers.test (%s, %s) has no AAAA record (zone serial 5)" % both(named.NS2) in told[0]["text"]
    assert "raise its serial" in told[0]["advice"] and told[0]["family"] is None
    assert list(remarks_of(daemon)) == ["dns-server-lacks-record"]
    page = daemon.command("status", "--socket", daemon.socket)
    assert page.returncode == 0 and "dns-server-lacks-record" in page.stdout, page.stdout
    daemon.restart()
    daemon.wait_status(lambda: remarks_of(daemon), LIMIT, "the remark is seen again")
    dns.world.ns2.stop()
    mended = named.Named(dns.server, dns.folder / "mended", {"lag.example": LAG_NEW}, both(named.NS2)).start()
    try:
        daemon.wait_events(1, LIMIT, "dns-settled", cause="dns-server-lacks-record")
        assert "dns-server-lacks-record" not in remarks_of(daemon)  # the resolver may have the old copy's word
        assert len(daemon.events("dns-remark", cause="dns-server-lacks-record")) == 1
        assert daemon.events("target-down") == []
    finally:
        mended.stop()
        dns.world.ns2.start()


def test_daemon_asks_the_zone_when_the_resolver_fails(dns, make_reachd):
    """Without authoritative: SERVFAIL of the resolver becomes the server that is at fault; no remarks are kept, since
    their end would not be seen."""
    daemon = make_reachd(dns.client)
    daemon.configure(conf.section("resolver", servers=[v4(named.RESOLVER)]),
                     conf.section("target", "lame", host="tcp://www.lame.example:80", **{**QUICK, "timeout": "2s", "every": "3s"}),
                     conf.section("target", "lag", host="tcp://www.lag.example:80", **QUICK)).start()
    for family in FAMILIES:
        lame = daemon.wait_target(LIMIT, "lame", family, state="down", cause="dns-lame")
        assert "lame.servers.test (%s)" % v4(named.LAME) in lame["detail"] and "REFUSED" in lame["detail"]
    told = daemon.wait_events(1, LIMIT, "target-down", subject="lame")
    assert told[0]["cause"] == "dns-lame", told
    daemon.wait_target(LIMIT, "lag", "ipv4", state="up")
    assert [one["remarks"] for one in daemon.status()["targets"]] == [[], []]


def test_daemon_compares_with_what_it_should_be(dns, make_reachd):
    """A given address, and the one that an interface has at that moment: dns-stale with both values and how
    long caches may keep the wrong one. When the interface gets the address that DNS has, all is well."""
    daemon = make_reachd(dns.client)
    own, new = v4(200), v4(201)
    listener = None
    with dns.client:
        listener = socket.socket()
        listener.bind(("0.0.0.0", 80))
        listener.listen(64)
    dns.client.batch("addr delete %s/24 dev c0" % own, "addr add %s/24 dev c0" % new)
    try:
        daemon.configure(
            conf.section("resolver", servers=[v6(named.RESOLVER)]),
            conf.section("address", "home", family="ipv4", interface="c0", accept=["192.0.2.0/24"]),
            conf.section("target", "fixed", host="tcp://www.good.example:80", expect_address=[v4(81), v6(80)], **QUICK),
            conf.section("target", "own", host="tcp://me.good.example:80", families=["ipv4"], authoritative="yes",
                         expect_address=["home"], **QUICK)).start()
        fixed = daemon.wait_target(LIMIT, "fixed", "ipv4", state="down", cause="dns-stale")
        assert fixed["detail"].startswith("DNS has %s, it should have %s; the resolver keeps its answer for "
                                          % (SITE["ipv4"], v4(81)))
        daemon.wait_target(LIMIT, "fixed", "ipv6", state="up")
        daemon.wait_target(LIMIT, "own", "ipv4", state="down", cause="dns-stale",
                           detail="DNS has %s, it should have %s; caches may keep this for 1m" % (own, new))
        told = daemon.wait_events(1, LIMIT, "target-down", subject="own")[0]
        assert told["cause"] == "dns-stale" and own in told["text"] and new in told["text"]
        dns.client.batch("addr delete %s/24 dev c0" % new, "addr add %s/24 dev c0" % own)
        daemon.wait_events(1, LIMIT, "target-up", subject="own")
    finally:
        listener.close()
        dns.client.run("ip", "addr", "delete", new + "/24", "dev", "c0", check=False)
        dns.client.run("ip", "addr", "add", own + "/24", "dev", "c0", check=False)
