# SPDX-License-Identifier: ISC
"""Value Domain's DNS API: ten hosts in one write, and a zone that nothing of ours may harm."""
import lab.daemon as conf
from lab.api import Api, Refusal
from lab.api_value_domain import ValueDomain
from lab.world import PROVIDER, ZONE

A, B, C, D, E = "203.0.113.27", "203.0.113.91", "203.0.113.133", "203.0.113.201", "203.0.113.202"
SIX = "2001:db8:1::5"
TOKEN = "t0ken" * 20
HOSTS = ["h%d" % number for number in range(9)] + ["*"]
OTHERS = ["a @ 203.0.113.10", "mx @ 10 mail", "txt @ v=spf1  a mx -all \t", "a other.h1 203.0.113.3", "cname alias www",
          "srv _sip._tcp 1 2 5060 host", "", "caa? @ 0 issue \"ca.example\"", "ns sub ns1.example."]


def the_zone():
    lines = OTHERS[:4] + ["a %s 203.0.113.10" % host for host in HOSTS[:-1]] + OTHERS[4:]
    return "\r\n".join(lines[:6]) + "\r\n" + "\n".join(lines[6:]) + "\n"  # both endings, as it happens


def rest_of(text):
    """All that is none of our records, with its line endings."""
    ours = tuple("%s %s " % (kind, host) for host in HOSTS for kind in ("a", "aaaa"))
    return [line for line in text.splitlines(keepends=True) if not line.startswith(ours)]


def record(daemon, host, ipv6="lan6", **options):
    title = host.replace("*", "any")
    return conf.section("record", title, host=host, domain=ZONE, provider="value-domain-api", ipv4="wan4", ipv6=ipv6,
                        url="https://%s:8443/v1" % PROVIDER, password_file=daemon.password_file, timeout="5s",
                        **{"gap": "300ms", "look_every": "1s", "backoff": "300ms", "backoff_max": "1s", **options})


def redial(world, address):
    world.home.hang_up()
    world.home.dial(address)


def test_ten_hosts(make_world, make_reachd):
    world = make_world()
    world.home.dial(A)
    service = ValueDomain(world.bind, TOKEN, ZONE, the_zone())
    api = Api(world.home.isp, world.ca.issue(PROVIDER), service)
    try:
        ten_hosts(world, make_reachd(world.home.router), service, api)
    finally:
        api.stop()


def ten_hosts(world, daemon, service, api):
    lan6 = conf.section("address", "lan6", family="ipv6", source="command", command=["/bin/echo", SIX],
                        accept=["2001:db8::/32"], every="1s", timeout="900ms")

    def configure(*records):
        daemon.configure(conf.ppp_address(), lan6, *records, ca=world.ca.pem)

    def wait(address, hosts=HOSTS):
        for host in hosts:
            daemon.wait_record(40, name=host.replace("*", "any"), verified=address)

    daemon.password("wrongwrong9")
    ten = [record(daemon, host) for host in HOSTS]
    configure(*ten)
    daemon.start()
    told = daemon.wait_record(20, name="h3", halted=True, last_verdict="auth")
    assert told["last_text"] == "HTTP 401 (Unauthorized)"
    daemon.password(TOKEN)
    assert daemon.reload()
    wait(A)
    for host in HOSTS:  # their AAAA and "*" were made anew
        daemon.wait_record(20, name=host.replace("*", "any"), family="ipv6", verified=SIX)

    # A new address: one write for all, within the second; one host after another would take eleven minutes.
    calls = len(api.calls)
    redial(world, B)
    wait(B)
    path = "/v1/domains/%s/dns" % ZONE
    assert api.calls[calls:] == [("GET", path), ("PUT", path)]
    assert rest_of(service.text) == rest_of(the_zone())
    assert service.puts[-1]["ttl"] == 300

    # What can't be the zone is not written back.
    calls, puts = len(api.calls), len(service.puts)
    service.shown = ["", service.text[:len(service.text) // 2]]
    redial(world, C)
    wait(C)
    assert daemon.wait_for("the API shows an empty zone", 1) and daemon.wait_for("the zone had 28 records and now", 1)
    assert len(service.puts) == puts + 1 and rest_of(service.text) == rest_of(the_zone())
    assert [method for method, _ in api.calls[calls:]] == ["GET"] * 3 + ["PUT"]

    # But who really took records out of it is believed. And somebody's client left 3600 s behind.
    service.text = "".join(line for line in service.text.splitlines(keepends=True) if "spf1" not in line)
    service.ttl = 3600
    redial(world, D)
    wait(D)
    assert service.ttl == 300 and "spf1" not in service.text and len(service.puts) == puts + 2

    # Names that must be left alone; the others do not suffer. A TTL that would jump is kept from it.
    configure(*ten[:2], record(daemon, "alias", ipv6=None), record(daemon, "new", ipv6=None, create="no", ttl="20s"),
              record(daemon, "h5", ttl="20s"))
    assert daemon.reload()
    redial(world, E)
    wait(E, ["h0", "h1", "h5"])
    assert "is an alias (CNAME)" in daemon.wait_record(20, name="alias", halted=True)["last_text"]
    assert daemon.wait_record(20, name="new", halted=True)["last_text"] == \
        "new.%s has no A record, and create = no" % ZONE
    assert service.ttl == 120

    # Too many requests: no Retry-After, so a minute.
    api.refuse(Refusal(429, {"request_id": "x", "errors": {"code": 429, "message": "Too Many Requests"}}))
    redial(world, A)
    assert daemon.wait_for(r"HTTP 429 \(Too Many Requests\).*next try in (1m|5\d|6\d)", 20)
    assert TOKEN not in daemon.logs() and "wrongwrong9" not in daemon.logs()
