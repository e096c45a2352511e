# SPDX-License-Identifier: ISC
"""What is odd about the certificates of a target that is up: told once by the daemon, and its end too. Two real
nginx, one for each family, of which one was forgotten at the renewal."""
import json

import pytest

import lab.daemon as conf
from lab import tools
from lab.bind import Bind
from lab.ca import CA
from lab.netns import Netns
from lab.nginx import Nginx

LIMIT = 20
NAME = "site.home.example"
DAY = 24 * 3600
WORD = "cert-families-differ"


class Site:
    def __init__(self, folder):
        self.netns = Netns("certremark")
        self.ca = CA(folder / "ca")
        self.old, self.new = (self.ca.issue(NAME, ends=days * DAY) for days in (40, 80))
        self.bind = Bind(self.netns, folder / "bind", {"home.example": ["site A 127.0.0.1", "site AAAA ::1"]},
                         addresses=("127.0.0.1", "::1"))
        self.six = Nginx(self.netns, folder / "six", {NAME: self.old}, listens=("[::1]:443",))
        self.four = Nginx(self.netns, folder / "four", {NAME: self.new}, listens=("127.0.0.1:443",))
        for server in (self.bind, self.four, self.six):
            server.start()

    def stop(self):
        for server in (self.bind, self.four, self.six):
            server.stop()
        self.netns.delete()


@pytest.fixture
def site(tmp_path):
    why = tools.missing("nginx", "named")
    if why:
        pytest.skip(why)
    made = Site(tmp_path)
    yield made
    made.stop()


def remarks_of(daemon):
    return {one["outcome"]: one["detail"] for one in daemon.status()["targets"][0]["remarks"]}


def configured(daemon, site, **options):
    return daemon.configure(conf.section("resolver", servers=["127.0.0.1"]), conf.target(host=NAME, **options), ca=site.ca.pem)


def test_families_that_differ_are_told_once(site, make_reachd):
    """In status, to hooks, in history: once, over a restart too, and once that it is over. A family that does not
    answer says nothing of it."""
    daemon = configured(make_reachd(site.netns), site).start()
    told = daemon.wait_events(1, LIMIT, "cert-remark", subject="site")[0]
    assert told["cause"] == WORD and told["family"] is None and "reloaded after a renewal" in told["advice"]
    for part in ("IPv4: CN=%s by CN=Reachd Lab Root, until 20" % NAME, "; IPv6: CN=%s by CN=" % NAME, "1 sent"):
        assert part in told["text"], told
    assert list(remarks_of(daemon)) == [WORD]
    assert remarks_of(daemon)[WORD] in told["text"]  # nothing of the evidence is cut
    page = daemon.command("status", "--socket", daemon.socket).stdout
    assert WORD in page and "reloaded after a renewal" in " ".join(page.split()), page
    daemon.wait_target(LIMIT, "site", "ipv6", state="up")
    daemon.restart()
    daemon.wait_status(lambda: remarks_of(daemon), LIMIT, "the remark is seen again")
    site.six.stop()
    daemon.wait_events(1, LIMIT, "target-down", family="ipv6")
    assert list(remarks_of(daemon)) == [WORD] and not daemon.events("cert-settled")
    site.six.restart(**{NAME: site.new})
    over = daemon.wait_events(1, LIMIT, "cert-settled", subject="site")[0]
    assert over["cause"] == WORD and "it is over that IPv4 and IPv6 serve different" in over["text"], over
    assert remarks_of(daemon) == {}
    assert len(daemon.events("cert-remark")) == 1 and not daemon.events("cert-settled")[1:]
    assert not daemon.events("target-down", family="ipv4")
    past = json.loads(daemon.command("history", "-c", daemon.config, "--json").stdout)
    assert [one["event"] for one in past["events"] if one["cause"] == WORD] == ["cert-remark", "cert-settled"], past


def test_whoever_looks_at_one_family_forgets_it(site, make_reachd):
    """Nothing is left of the remark that could be reminded of: with both families it is told anew."""
    daemon = configured(make_reachd(site.netns), site).start()
    daemon.wait_events(1, LIMIT, "cert-remark")
    assert configured(daemon, site, families=["ipv4"]).reload()
    assert remarks_of(daemon) == {} and not daemon.events("cert-settled")
    assert configured(daemon, site).reload()
    daemon.wait_events(2, LIMIT, "cert-remark")


def test_the_same_certificate_is_no_news(site, make_reachd):
    site.six.restart(**{NAME: site.new})
    daemon = configured(make_reachd(site.netns), site).start()
    for family in ("ipv4", "ipv6"):
        daemon.wait_target(LIMIT, "site", family, state="up")
    assert remarks_of(daemon) == {} and not daemon.events("cert-remark")
