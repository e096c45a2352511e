# SPDX-License-Identifier: ISC
"""Addresses that no interface of ours has: asked of web services over the right family, and of
programs."""
import os

import lab.daemon as conf
from lab.nginx import Nginx
from lab.proc import running
from lab.wait import wait_until

A, B = "203.0.113.27", "203.0.113.91"
ECHO = "echo.provider.example"
LIMIT = 15

PAGES = """
    location /ip { return 200 "$remote_addr\\n"; }
    location /page { return 200 "<html><body>Your address is $remote_addr</body></html>\\n"; }
    location /private { return 200 "192.168.1.5\\n"; }
    location /private6 { return 200 "fd00::5\\n"; }
    location /other { return 200 "2001:db8:200::200\\n"; }
    location /liar { return 200 "203.0.113.66\\n"; }
    location /missing { return 404; }
"""


def url(path, port=443):
    return "https://%s:%d/%s" % (ECHO, port, path)


def web(family, *urls, **options):
    accept = ["203.0.113.0/24"] if family == "ipv4" else ["2001:db8::/32"]
    options = {"every": "1s", "timeout": "900ms", "accept": accept, **options}
    return conf.section("address", "web" + family[-1], family=family, source="web", urls=list(urls), **options)


class Outside:
    """A home that is dialled in, and an echo service at the ISP over both families."""

    def __init__(self, world, folder):
        self.home = world.home
        self.home.dial(A)
        world.bind.set("provider.example", "echo", "A", "192.0.2.53")
        world.bind.set("provider.example", "echo", "AAAA", "2001:db8:53::53")
        self.nginx = Nginx(self.home.isp, folder / "echo", {ECHO: world.ca.issue(ECHO)},
                           listens=["192.0.2.53:443", "[2001:db8:53::53]:443"], extra=PAGES).start()


def address(daemon, name):
    for one in daemon.status().get("addresses", []):
        if one["name"] == name:
            return one
    return {}


def chosen(daemon, name, value, reason):
    return daemon.wait_status(
        lambda: address(daemon, name).get("chosen") == value and reason in address(daemon, name)["reason"],
        LIMIT, "%s is %s, %s" % (name, value, reason))


def test_each_family_is_asked_over_itself(make_world, make_reachd, tmp_path):
    """One name, both families: what comes back is how we are seen over the family asked for."""
    world = make_world(gap=0.5)
    outside = Outside(world, tmp_path)
    daemon = make_reachd(outside.home.server)
    daemon.configure(web("ipv4", url("ip")), web("ipv6", url("ip")), ca=world.ca.pem).start()
    chosen(daemon, "web4", A, "from " + url("ip"))
    chosen(daemon, "web6", outside.home.server6, "from " + url("ip"))
    outside.home.hang_up()
    outside.home.dial(B)
    chosen(daemon, "web4", B, "from ")
    assert [(one["old"], one["new"]) for one in daemon.wait_events(1, LIMIT, "address-changed")] == [(A, B)]


def test_the_next_url_is_asked_when_one_is_no_good(make_world, make_reachd, tmp_path):
    world = make_world(gap=0.5)
    outside = Outside(world, tmp_path)
    daemon = make_reachd(outside.home.server)
    bad = [url("ip", 444), url("missing"), url("page"), url("private")]
    daemon.configure(web("ipv4", *bad, url("ip")),
                     web("ipv6", url("private6"), "https://nowhere.provider.example/ip", url("ip")),
                     level="debug", ca=world.ca.pem).start()
    chosen(daemon, "web4", A, "from " + url("ip"))
    chosen(daemon, "web6", outside.home.server6, "from " + url("ip"))
    log = daemon.logs()
    for told in ("web4: %s: refused" % url("ip", 444),
                 "web4: %s: HTTP status 404" % url("missing"),
                 "web4: %s: no address: \"<html>" % url("page"),
                 "web4: %s: 192.168.1.5, which is not to be published: private" % url("private"),
                 "web6: %s: fd00::5, which is not to be published" % url("private6"),
                 "web6: https://nowhere.provider.example/ip: dns-nxdomain"):
        assert told in log, told + "\n" + log


def test_no_url_is_any_good(make_world, make_reachd, tmp_path):
    """Nothing is published on a word like that; what was known is kept; it recovers by itself."""
    world = make_world(gap=0.5)
    outside = Outside(world, tmp_path)
    daemon = make_reachd(outside.home.server)
    daemon.configure(web("ipv4", url("private"), url("other")),
                     conf.record(world, daemon, ipv4="web4"), ca=world.ca.pem).start()
    chosen(daemon, "web4", None, "2001:db8:200::200, where IPv4 is asked for")
    assert daemon.record()["action"] == "nothing"
    daemon.configure(web("ipv4", url("ip")), conf.record(world, daemon, ipv4="web4"), ca=world.ca.pem)
    assert daemon.reload()
    daemon.wait_record(LIMIT, verified=A)
    outside.nginx.stop()
    chosen(daemon, "web4", A, "kept; last answer failed: %s: refused" % url("ip"))
    outside.home.hang_up()
    outside.home.dial(B)
    outside.nginx.start()
    daemon.wait_record(LIMIT, wanted=B)
    assert daemon.events("address-lost") == []


def test_enough_must_say_the_same(make_world, make_reachd, tmp_path):
    """An echo that lies, or sees another way out, is outvoted and named; where nobody is in the
    majority nothing changes, and all that was said is told."""
    world = make_world(gap=0.5)
    outside = Outside(world, tmp_path)
    daemon = make_reachd(outside.home.server)
    accept = ["203.0.113.0/24"]
    honest, liar, silent = [url("ip"), url("ip?2")], url("liar"), url("missing")
    daemon.configure(web("ipv4", liar, *honest, agree="majority", accept=accept),
                     conf.record(world, daemon, ipv4="web4"), ca=world.ca.pem).start()
    chosen(daemon, "web4", A, "2 of 3: %s, %s" % (url("ip"), url("ip")))
    daemon.configure(web("ipv4", liar, *honest, silent, agree=2, accept=accept),
                     conf.record(world, daemon, ipv4="web4"), ca=world.ca.pem)
    assert daemon.reload()
    # With half of the voices all are heard, as the others could have been as many.
    chosen(daemon, "web4", A, "; %s says 203.0.113.66; %s: HTTP status 404" % (liar, silent))
    daemon.configure(web("ipv4", liar, honest[0], agree="majority", accept=accept),
                     conf.record(world, daemon, ipv4="web4"), ca=world.ca.pem)
    assert daemon.reload()
    chosen(daemon, "web4", A, "kept; last answer failed: no 2 of 2 say the same: %s says 203.0.113.66; "
                              "%s says %s" % (liar, url("ip"), A))
    assert "no answer: no 2 of 2 say the same: " in daemon.logs()
    daemon.wait_record(LIMIT, verified=A)
    assert daemon.events("address-changed") == []


def test_an_impostor_is_not_believed(make_world, make_reachd, tmp_path):
    """An echo whose certificate is not of its name could say anything."""
    world = make_world(gap=0.5)
    outside = Outside(world, tmp_path)
    outside.nginx.restart(**{ECHO: world.ca.self_signed(ECHO)})
    daemon = make_reachd(outside.home.server)
    daemon.configure(web("ipv4", url("ip")), ca=world.ca.pem).start()
    chosen(daemon, "web4", None, "cert-self-signed")


SCRIPT = """#!/bin/sh
echo "$REACHD_FAMILY" >>'%(asked)s'
read -r word <'%(word)s'
[ "$word" = hang ] && sleep 600
[ "$word" = fail ] && exit 3
echo "$word"
echo "a second line"
"""


def test_a_command_says_it(make_world, make_reachd):
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = make_reachd(world.home.router)

    def says(word):
        new = daemon.file("word.new")
        with open(new, "w", encoding="ascii") as file:
            file.write(word + "\n")
        os.rename(new, daemon.file("word"))
    program = daemon.script("ask", SCRIPT % {"asked": daemon.file("asked"), "word": daemon.file("word")})
    says("hang")
    daemon.configure(conf.section("address", "cmd4", family="ipv4", source="command", command=[program],
                                  every="1s", timeout="500ms", accept=["203.0.113.0/24"]),
                     conf.record(world, daemon, ipv4="cmd4"), ca=world.ca.pem).start()
    chosen(daemon, "cmd4", None, "killed at its time limit")
    assert daemon.record()["action"] == "nothing"
    says(A)
    daemon.wait_record(LIMIT, verified=A)
    wait_until(lambda: not running(program), 5, "nothing of the one that hung is left")
    for word, reason in (("fail", "exit status 3"), ("hang", "killed at its time limit"),
                         ("nonsense", "no address: \"nonsense\""), ("10.0.0.1", "10.0.0.1, which is not to be"),
                         ("2001:db8::1", "2001:db8::1, where IPv4 is asked for")):
        says(word)
        chosen(daemon, "cmd4", A, "kept; last answer failed")
        chosen(daemon, "cmd4", A, reason)
    says(B)
    daemon.wait_record(LIMIT, wanted=B)
    with open(daemon.file("asked"), encoding="ascii") as file:
        assert set(file.read().split()) == {"ipv4"}


def test_the_router_publishes_a_host_of_the_lan(make_world, make_reachd):
    """Its own prefix, and the host's part; and what never changes beside it, from the configuration."""
    world = make_world(gap=0.5, published=("203.0.113.10", "2001:db8:dead::1"))
    home = world.home
    first = home.server6
    daemon = make_reachd(home.router)
    fixed = conf.section("address", "fixed4", family="ipv4", source="static", value=B, accept=["203.0.113.0/24"])
    daemon.configure(conf.lan_address(interface="br-lan", suffix="::5", settle="200ms"), fixed,
                     conf.record(world, daemon, ipv4="fixed4", ipv6="lan6"), ca=world.ca.pem).start()
    chosen(daemon, "lan6", first, "the suffix on the prefix of %s::1" % home.prefix)
    chosen(daemon, "fixed4", B, "as configured")
    daemon.wait_record(LIMIT, family="ipv6", verified=first, current=True)
    daemon.wait_record(LIMIT, family="ipv4", verified=B, current=True)
    home.give_prefix("2001:db8:2:2")
    daemon.wait_record(LIMIT, family="ipv6", verified=home.server6, current=True)
    changed = daemon.wait_events(1, LIMIT, "address-changed", subject="lan6")
    assert [(one["old"], one["new"]) for one in changed] == [(first, home.server6)]
