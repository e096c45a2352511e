# SPDX-License-Identifier: ISC
"""Providers that are data or a program of the user: the same daemon, limits and verification, with the
words and requests of a file of ddns/providers.d, of the record itself, or of a script."""
import os

import lab.daemon as conf
from lab.world import PASSWORD, PROVIDER, SITE, ZONE

A, B = "203.0.113.27", "203.0.113.91"
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "ddns", "providers.d")
HERE = "https://" + PROVIDER


def prepared(world, make_reachd, *sections, v6=False, **options):
    """A daemon on the server that publishes, and knows the providers of the source tree."""
    daemon = make_reachd(world.home.router, env={**os.environ, "REACHD_PROVIDERS": SOURCE})
    addresses = [conf.ppp_address()]
    if v6:
        addresses.append(conf.section("address", "lan6", family="ipv6", source="command",
                                      command=["/bin/echo", "2001:db8:1::5"],
                                      accept=["2001:db8::/32"], every="1s", timeout="900ms"))
        options["ipv6"] = "lan6"
    daemon.configure(*addresses, conf.record(world, daemon, **options), *sections, ca=world.ca.pem)
    return daemon


def limit(world):
    return 10 + 2 * world.standin.gap


def test_duckdns_both_families_in_one_request(make_world, make_reachd):
    world = make_world(gap=2.0)
    world.home.dial(A)
    daemon = prepared(world, make_reachd, v6=True, provider="duckdns", url=HERE).start()
    daemon.wait_record(limit(world), verified=A)
    daemon.wait_record(limit(world), family="ipv6", verified="2001:db8:1::5")
    assert world.standin.early() == []
    # One request where both were known in time, a second one where the first was too quick for IPv6.
    last = world.standin.requests[-1]
    assert (last.query["domains"], last.query["ip"], last.query["ipv6"]) == ("www", A, "2001:db8:1::5")
    assert len(world.standin.requests) <= 2
    assert world.bind.get(SITE, "AAAA") == ["2001:db8:1::5"]
    assert PASSWORD not in daemon.logs()

    world.home.hang_up()
    world.home.dial(B)
    daemon.wait_record(limit(world), verified=B)
    last = world.standin.requests[-1]
    assert (last.query["ip"], last.query["ipv6"]) == (B, "2001:db8:1::5")
    assert world.standin.early() == []


def test_a_refused_token_halts(make_world, make_reachd):
    world = make_world(gap=0.5)
    world.home.dial(A)
    daemon = prepared(world, make_reachd, provider="duckdns", url=HERE)
    daemon.password("another")
    daemon.start()
    record = daemon.wait_record(limit(world), halted=True)
    assert "KO (token or name not known)" in record["last_text"]
    assert len(world.standin.requests) == 1
    assert "another" not in daemon.logs()


def test_generic_and_a_section_of_ones_own(make_world, make_reachd):
    world = make_world(gap=1.0)
    world.home.dial(A)
    template = HERE + "/nic/update?hostname={fqdn}&myip={ip}"
    daemon = prepared(world, make_reachd, provider="generic", url=template, user="lab", ok=["word good"])
    daemon.start()
    daemon.wait_record(limit(world), verified=A)
    assert world.standin.requests[0].query == {"hostname": SITE, "myip": A}

    mine = conf.section("provider", "mine", families=["ipv4"], url=template, login="basic",
                        ok=["word good"], nochange=["word nochg"])
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, provider="mine", url=None, user="lab"),
                     mine, ca=world.ca.pem)
    world.home.hang_up()
    world.home.dial(B)
    assert daemon.reload()
    daemon.wait_record(limit(world), verified=B)
    assert world.bind.get(SITE, "A") == [B]


def test_a_program_publishes(make_world, make_reachd):
    world = make_world(gap=1.0)
    world.home.dial(A)
    daemon = prepared(world, make_reachd, provider="dyndns2")  # its folder is needed for the script
    log = daemon.file("ran")
    script = daemon.script("publish", "#!/bin/sh\n"
                           "echo \"$REACHD_FQDN $REACHD_TYPE $REACHD_ADDRESS $REACHD_PASSWORD\" >>'%s'\n"
                           "[ -e '%s' ] || { echo 'temporary wait=1 not yet'; touch '%s'; exit 75; }\n"
                           "echo ok done\n" % (log, log + ".tried", log + ".tried"))
    daemon.configure(conf.ppp_address(),
                     conf.record(world, daemon, provider="command", url=None, command=[script, "x"]),
                     ca=world.ca.pem)
    daemon.start()
    record = daemon.wait_record(limit(world), last_verdict="ok", last_text="ok done")
    assert record["wanted"] == A
    with open(log, encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    assert lines == ["%s A %s %s" % (SITE, A, PASSWORD)] * 2
    assert world.standin.requests == [] and ZONE in SITE
    assert PASSWORD not in daemon.logs()
