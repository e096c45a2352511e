# SPDX-License-Identifier: ISC
"""Certificates and TLS beyond a single cause (those are in test_causes.py): given lists, large and many names,
groups, what people read."""
import pytest

from lab import tools
from lab.bad_certs import ADDRESSES, BadCerts
from lab.netns import Netns, veth
from lab.nginx import Nginx
from lab.proc import Proc
from lab.schema import probed

SERVER = dict(zip(("ipv4", "ipv6"), ADDRESSES))


class Site:
    """A prober and a server, wired directly."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.certs = BadCerts(folder / "certs")
        self.root = self.certs.root
        self.client, self.server = Netns("certs-c"), Netns("certs-s")
        veth(self.client, "c0", self.server, "s0")
        self.client.batch("addr add 198.51.100.1/24 dev c0", "addr add 2001:db8:2::1/64 dev c0 nodad")
        self.server.batch("addr add %s/24 dev s0" % SERVER["ipv4"], "addr add %s/64 dev s0 nodad" % SERVER["ipv6"])
        self.nginx = Nginx(self.server, folder / "nginx", self.certs.sites,
                           extra="        ssl_ciphers DEFAULT:@SECLEVEL=0;").start()
        cert = self.certs.good
        self.other_group = Proc(self.server, ["openssl", "s_server", "-www", "-accept", "4405", "-cert", cert.chain,
                                              "-key", cert.key, "-groups", "P-521"], "s_server")
        self.other_group.wait_for("ACCEPT", 10)

    def run(self, family, name, *argv, port=443):
        host = SERVER[family] if family == "ipv4" else "[%s]" % SERVER[family]
        return self.client.run(self.reachd, "probe", "--ca", self.root.pem, "%s:%d" % (host, port),
                               "--servername", name, *argv, check=False)

    def probe(self, family, name, *argv, port=443):
        (result,) = probed(self.run(family, name, "--json", *argv, port=port).stdout)[family]["addresses"]
        return result

    def stop(self):
        self.nginx.stop()
        self.other_group.kill9()
        for netns in (self.client, self.server):
            netns.delete()


@pytest.fixture(scope="module")
def site(tmp_path_factory, reachd_path):
    why = tools.missing("nginx")
    if why:
        pytest.skip(why)
    made = Site(tmp_path_factory.mktemp("certs"), reachd_path)
    yield made
    made.stop()


@pytest.fixture(params=["ipv4", "ipv6"])
def family(request):
    return request.param


def test_nothing_is_said_of_a_good_one(site, family):
    for name in ("good.example", "kept.example"):
        result = site.probe(family, name)
        assert result["outcome"] == "ok"
        assert result["certificate"]["problems"] == result["certificate"]["remarks"] == []


def test_facts_of_a_bad_one(site, family):
    """What the server sent is told, however bad."""
    for name, names, sent in (("other.example", ["someone.example", "www.someone.example"], 1),
                              ("foreign-root.example", ["foreign-root.example"], 2),
                              ("expired.example", ["expired.example"], 1)):
        result = site.probe(family, name)
        cert = result["certificate"]
        assert cert["names"] == names and len(cert["chain"]) == sent and result["tls_us"] > 0
        assert cert["not_before"] < cert["not_after"]
        assert all(one["detail"] and one["advice"] for one in cert["problems"] + cert["remarks"])
        assert result["detail"].startswith(cert["problems"][0]["detail"][:100])


def test_list_of_revoked_certificates(site, family):
    """The stapled answer and the list agree about one; the list alone knows the other."""
    for name, word in (("listed.example", "cert-revoked"), ("revoked.example", "cert-revoked"),
                       ("good.example", "ok"), ("ending.example", "ok")):
        assert site.probe(family, name, "--crl", site.certs.crl)["outcome"] == word
    assert site.probe(family, "listed.example")["outcome"] == "ok"


def test_from_when_on_the_end_is_near(site, family):
    """Of the server's certificate, and of an intermediate on its way."""
    for name, days in (("ending.example", 3), ("ending-middle.example", 6), ("good.example", 90)):
        for asked in (days - 1, days + 1, 0):
            result = site.probe(family, name, "--cert-days", str(asked))
            words = [one["outcome"] for one in result["certificate"]["remarks"]]
            assert (result["outcome"], words) == ("ok", ["cert-ends-soon"] if asked > days else []), (name, asked)


def test_server_with_another_group_is_reached(site, family):
    assert site.probe(family, "good.example", port=4405)["outcome"] == "ok"


def test_as_many_issuers_as_are_followed(site, family):
    """16 above the server's; of a longer chain nothing else is said than that."""
    assert site.probe(family, "steep.example")["outcome"] == "ok"
    problems = site.probe(family, "deep.example")["certificate"]["problems"]
    assert [one["outcome"] for one in problems] == ["cert-chain-too-long"]


def test_more_certificates_than_are_read(site, family):
    assert site.probe(family, "huge.example")["certificate"] is None


def test_thousands_of_names(site, family):
    result = site.probe(family, "many.example")
    assert result["outcome"] == "ok"
    assert 50 < len(result["certificate"]["names"]) < 200  # cut, not forgotten
    assert site.probe(family, "n1999.many.example")["outcome"] != "cert-chain-too-long"


def test_one_family_differs_from_nothing(site, family):
    assert probed(site.run(family, "good.example", "--json").stdout)["remarks"] == []


def test_text_tells_all(site):
    text = " ".join(site.run("ipv4", "worst.example").stdout.split())
    for word in ("cert-name-mismatch", "also cert-wrong-purpose: ", "also cert-expired: ",
                 "cert-superfluous: "):
        assert word in text
