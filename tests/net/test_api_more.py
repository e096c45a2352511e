# SPDX-License-Identifier: ISC
"""Eight more services with an API: one daemon that publishes through all of them at once."""
import lab.daemon as conf
from lab.api import Api
from lab.api_more import USER, GoDaddy, Ionos, Linode, NameCom, Netlify, Porkbun, Scaleway, Vultr
from lab.world import PROVIDER, ZONE

A, B, C, D = "203.0.113.27", "203.0.113.91", "203.0.113.133", "203.0.113.201"
SIX = "2001:db8:1::5"
TOKEN = "tokentokentoken123"
# provider, stand-in, path, TTL of a record that was there, what a wrong key is told
SERVICES = [
    ("godaddy", GoDaddy, "/v1", 1800, "HTTP 401 (Unauthorized : Could not authenticate API key/secret)"),
    ("ionos", Ionos, "/dns/v1", 1800, "HTTP 401 (The customer is not authorized to do this operation.)"),
    ("linode", Linode, "/v4", 1800, "HTTP 401 (Invalid Token)"),
    ("name.com", NameCom, "/v4", 300, "HTTP 401 (Unauthenticated)"),  # DNS shows 60: what a PUT may carry at least
    ("netlify", Netlify, "/api/v1", 60, "HTTP 401 (Access Denied)"),
    ("porkbun", Porkbun, "/api/json/v3", 1800, "HTTP 400 (Invalid API key. (001))"),
    ("scaleway", Scaleway, "/domain/v2beta1", 60, "HTTP 401 (authentication is denied)"),
    ("vultr", Vultr, "/v2", 1800, "HTTP 401 (Invalid API token.)"),
]
NAMES = [name for name, *_ in SERVICES]


def test_eight_services(make_world, make_reachd):
    world = make_world()
    world.home.dial(A)
    cert = world.ca.issue(PROVIDER)
    apis = {}
    try:
        for number, (name, service, _base, _ttl, _said) in enumerate(SERVICES):
            records = {(old(name), "A"): "203.0.113.10"}
            world.bind.set(ZONE, old(name), "A", "203.0.113.10")
            apis[name] = Api(world.home.isp, cert, service(world.bind, TOKEN, ZONE, records), port=8450 + number)
        eight_services(world, make_reachd(world.home.router), apis)
    finally:
        for api in apis.values():
            api.stop()


def old(name):
    return name.replace(".", "-") + "-old"


def new(name):
    return name.replace(".", "-") + "-new"


def value(service, host):
    if isinstance(service, Netlify):
        (_, _, _, shown, ttl), = [one for one in service.entries if one[1:3] == (host + "." + ZONE, "A")]
        return shown, ttl
    return service.records[host, "A"]["value"], service.records[host, "A"]["ttl"]


def eight_services(world, daemon, apis):
    lan6 = conf.section("address", "lan6", family="ipv6", source="command", command=["/bin/echo", SIX],
                        accept=["2001:db8::/32"], every="1s", timeout="900ms")

    def record(name, host, **options):
        base = [one[2] for one in SERVICES if one[0] == name][0]
        user = USER if name in ("godaddy", "name.com", "porkbun") else None
        return conf.section("record", host, host=host, domain=ZONE, provider=name, ipv4="wan4", ipv6="lan6", user=user,
                            url="https://%s:%d%s" % (PROVIDER, apis[name].server.server_port, base), gap="100ms",
                            look_every="1s", backoff="300ms", backoff_max="1s", password_file=daemon.password_file, **options)

    def configure(*records):
        daemon.configure(conf.ppp_address(), lan6, *records, ca=world.ca.pem)

    def wait(hosts, **members):
        return [daemon.wait_record(40, name=host, **members) for host in hosts]

    def redial(address):
        world.home.hang_up()
        world.home.dial(address)

    olds, news = [old(name) for name in NAMES], [new(name) for name in NAMES]
    daemon.password(TOKEN)
    configure(*(record(name, host(name)) for name in NAMES for host in (old, new)))
    daemon.start()
    wait(olds + news, verified=A, last_verdict="ok")
    wait(olds + news, family="ipv6", verified=SIX)
    for name, _service, _base, ttl, _said in SERVICES:
        assert (name, value(apis[name].service, old(name))) == (name, (A, ttl))
        assert value(apis[name].service, new(name))[1] >= 60
    redial(B)
    wait(olds + news, verified=B, last_verdict="ok")
    assert apis["netlify"].service.fewest == 1  # never none
    # The list of zones once; a record whose id is known without a look at the list.
    assert len([1 for _, path in apis["ionos"].calls if path.endswith("/zones")]) == 1
    assert [method for method, _ in apis["linode"].calls][-2:] == ["PUT", "PUT"]

    # Gone behind our back: made anew where the id led nowhere; and not where it must not be.
    del apis["linode"].service.records[old("linode"), "A"]
    for name in NAMES:
        if name not in ("netlify", "linode"):
            apis[name].service.records.pop((new(name), "A"))
    configure(*(record(name, host(name), create=None if name in ("scaleway", "linode") or host is old else "no")
                for name in NAMES for host in (old, new)))
    assert daemon.reload()
    redial(C)
    wait(olds + [new("netlify"), new("linode"), new("scaleway")], verified=C, last_verdict="ok")
    for told in wait([new(name) for name in NAMES if name not in ("netlify", "linode", "scaleway")], halted=True):
        assert told["last_text"] == "%s.%s has no A record, and create = no" % (told["name"], ZONE)

    daemon.password("wrongwrong9")
    configure(*(record(name, old(name)) for name in NAMES))
    assert daemon.reload()
    redial(D)
    for told, (_name, _service, _base, _ttl, said) in zip(wait(olds, halted=True, last_verdict="auth"), SERVICES):
        assert told["last_text"] == said
    assert TOKEN not in daemon.logs() and "wrongwrong9" not in daemon.logs()
