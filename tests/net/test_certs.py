# SPDX-License-Identifier: ISC
"""Certificates and TLS: one real server for each cause, over both families. What needs no router."""
import base64

import pytest

from lab import peers, tools
from lab.ca import CA, DAY
from lab.netns import Netns, veth
from lab.nginx import Nginx
from lab.proc import Proc
from lab.schema import probed

SERVER = {"ipv4": "192.0.2.2", "ipv6": "2001:db8:1::2"}
URL = "http://ca.example/middle.cer"

# A server of the time before TLS 1.2: a ServerHello of TLS 1.1, whatever is offered. No server in
# today's distributions is that old: they all answer with an alert.
OLD_HELLO = bytes((0x16, 3, 2, 0, 42, 2, 0, 0, 38, 3, 2)) + bytes(range(32)) + bytes((0, 0xc0, 9, 0))


class Site:
    """A prober and a server, wired directly."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.root = CA(folder / "root")
        self.middle = self.root.intermediate(folder / "middle", "Lab Middle")
        self.client, self.server = Netns("certs-c"), Netns("certs-s")
        veth(self.client, "c0", self.server, "s0")
        for netns, device, v4, v6 in ((self.client, "c0", "192.0.2.1", "2001:db8:1::1"),
                                      (self.server, "s0", SERVER["ipv4"], SERVER["ipv6"])):
            netns.ip("addr", "add", v4 + "/24", "dev", device)
            netns.ip("addr", "add", v6 + "/64", "dev", device, "nodad")
        self.nginx = Nginx(self.server, folder / "nginx", self.certs(folder),
                           extra="        ssl_ciphers DEFAULT:@SECLEVEL=0;").start()
        other = {"split.example": self.root.issue("split.example", kind="rsa")}
        self.nginx4 = Nginx(self.server, folder / "nginx4", {"split.example": self.split},
                            listens=(SERVER["ipv4"] + ":8443",)).start()
        self.nginx6 = Nginx(self.server, folder / "nginx6", other,
                            listens=("[%s]:8443" % SERVER["ipv6"],)).start()
        dh = "        ssl_dhparam %s;\n        ssl_protocols TLSv1.2;\n        ssl_ciphers %s;" % (
            self.dh_params(), "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
        rsa = self.root.issue("good.example", kind="rsa")
        self.nginx_dh = Nginx(self.server, folder / "nginx-dh", {"good.example": rsa},
                              listens=("4404", "[::]:4404"), extra=dh).start()
        self.peers = [peers.Peer(self.server, port, handle) for port, handle in PEERS.items()]
        self.procs = [Proc(self.server, ["openssl", "s_server", "-www", "-accept", str(port)] + argv,
                           "s_server %d" % port) for port, argv in self.s_servers().items()]
        for proc in self.procs:
            proc.wait_for("ACCEPT", 10)

    def certs(self, folder):
        middle, root = self.middle, self.root
        ending = root.intermediate(folder / "ending", "Ending Middle", ends=6 * DAY)
        ended = root.intermediate(folder / "ended", "Ended Middle", starts=-90 * DAY, ends=-DAY)
        later = CA(folder / "later")
        coming = root.intermediate(folder / "coming", "Coming Middle", starts=9 * DAY)
        bound = root.intermediate(folder / "bound", "Bound Middle",
                                  extra=["nameConstraints = critical,permitted;DNS:b.example"])
        flat = root.intermediate(folder / "flat", "Flat Middle",
                                 extra=["certificatePolicies = 1.2.3.4"])
        weak = root.intermediate(folder / "sha1", "Old Middle")
        self.revoked = middle.issue("revoked.example")
        middle.revoke(self.revoked)
        self.listed = middle.issue("listed.example")
        middle.revoke(self.listed)
        self.crl, self.old_crl = middle.crl(), middle.crl("old-crl", days=-2)
        self.good = middle.issue("good.example")
        must = ["tlsfeature = status_request"]
        both = middle.issue("someone.example", starts=-90 * DAY, ends=-DAY, usage="clientAuth",
                            behind=[middle.pem, later.pem])
        self.split = root.issue("split.example")
        aia = ["authorityInfoAccess = caIssuers;URI:" + URL]
        return {
            "good.example": self.good,
            "ending.example": ending.issue("ending.example", ends=3 * DAY),
            "ended.example": ended.issue("ended.example"),
            "clock.example": coming.issue("clock.example", starts=10 * DAY),
            "missing.example": middle.issue("missing.example", behind=[], extra=aia),
            "bound.example": bound.issue("bound.example"),
            "weak.example": middle.issue("weak.example", kind="weak"),
            "sha1.example": weak.issue("sha1.example", md="sha1"),
            "purpose.example": middle.issue("purpose.example", usage="clientAuth"),
            "order.example": middle.issue("order.example", behind=[root.pem, middle.pem]),
            "extra.example": middle.issue("extra.example", behind=[middle.pem, later.pem]),
            "wild.example": middle.issue("*.wild.example"),
            "a.b.wild.example": middle.issue("*.wild.example"),
            "revoked.example": middle.staple(self.revoked),
            "listed.example": self.listed,
            "must.example": middle.issue("must.example", extra=must),
            "kept.example": middle.staple(middle.issue("kept.example", extra=must)),
            "lied.example": middle.staple(middle.issue("lied.example"), about=self.good),
            "chained.example": flat.issue("chained.example",
                                          extra=["1.2.3.5 = critical,ASN1:NULL"]),
            "noca.example": self.leaf_as_issuer(folder, middle),
            "proxy.example": middle.issue("proxy.example", san=False, extra=[
                "proxyCertInfo = critical,language:id-ppl-anyLanguage"]),
            "forged.example": damaged(middle.issue("forged.example")),
            "huge.example": middle.issue("huge.example", behind=[middle.pem] * 400),
            "many.example": middle.issue("many.example", *[
                "n%d.many.example" % number for number in range(2000)]),
            "long.example": middle.issue("long.example", behind=[middle.pem] * 100),
            "worst.example": both,
        }

    @staticmethod
    def leaf_as_issuer(folder, middle):
        """Issued by a certificate that is none of an authority."""
        fake = CA(folder / "fake", "not-an-authority.example")
        cert = middle.issue("not-an-authority.example")
        fake.key, fake.pem = cert.key, cert.chain
        return fake.issue("noca.example", behind=[cert.chain])

    def s_servers(self):
        cert = self.root.issue("good.example", SERVER["ipv4"], SERVER["ipv6"])
        pem = ["-cert", cert.chain, "-key", cert.key]
        return {
            4401: pem + ["-tls1", "-cipher", "ALL:@SECLEVEL=0"],
            4403: pem + ["-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256"],
            4405: pem + ["-groups", "P-521"],
            4406: pem + ["-groups", "brainpoolP256r1", "-tls1_2"],
        }

    def dh_params(self):
        path = self.root.folder + "/dh1024.pem"
        with open(path, "w", encoding="ascii") as file:
            file.write(DH_1024)
        return path

    def probe(self, family, name, *argv, port=443):
        host = SERVER[family] if family == "ipv4" else "[%s]" % SERVER[family]
        done = self.client.run(self.reachd, "probe", "--json", "--ca", self.root.pem, "%s:%d" %
                               (host, port), "--servername", name, *argv, check=False)
        (result,) = probed(done.stdout)[family]["addresses"]
        return result

    def stop(self):
        for nginx in (self.nginx, self.nginx4, self.nginx6, self.nginx_dh):
            nginx.stop()
        for peer in self.peers:
            peer.stop()
        for proc in self.procs:
            proc.kill9()
        for netns in (self.client, self.server):
            netns.delete()


def damaged(cert):
    """The last byte of the signature is another one."""
    with open(cert.chain, encoding="ascii") as file:
        first, mark, rest = file.read().partition("-----END CERTIFICATE-----")
    head, lines = first.split("-----\n", 1)
    der = bytearray(base64.b64decode(lines))
    der[-1] ^= 1
    with open(cert.chain, "w", encoding="ascii") as file:
        file.write(head + "-----\n" + base64.encodebytes(der).decode() + mark + rest)
    return cert


# openssl dhparam -dsaparam 1024
DH_1024 = """-----BEGIN X9.42 DH PARAMETERS-----
MIIBJgKBgQCQO7v2yA+Le9I5FECNamRNM0fcnnGS750zlnoBWJm154q8kjhoI1oY
m/hF5/zB8HLm7/qHn7Q9UeMoUETert0ZaMrmzuBgxia6rkivZOcoLTmnMCulOMfb
Ogcz4v7oIfFl4YPmSL7nqn2Tf0+0QV8mg3kRKA32GRA+iK+t2qbj3wKBgFBc6H47
pEKgJyu8jSFx/RQBB+QNU0bt6bvanFcZ015h6t26/MNlbp7iZ5oD24wQjrtBsRzG
nthRGj/FHpBDi7HOA0mXMYGuMZKOUp5Yl7gLOBoGcC2csHxVwR4x21r4LsAW2H4W
ITM8xfKrqy9VkzWCcXsTJadudtbv2XPvHDMxAh0AuAr4DxR79IKjf9KMyNgq8AMH
tetaM3pbZLSVvw==
-----END X9.42 DH PARAMETERS-----
"""

ALERTS = {
    10: "unexpected-message", 20: "bad-record-mac", 21: "decryption-failed", 22: "record-overflow",
    30: "decompression-failure", 41: "no-certificate", 42: "bad-certificate",
    43: "unsupported-certificate", 44: "certificate-revoked", 45: "certificate-expired",
    46: "certificate-unknown", 47: "illegal-parameter", 48: "unknown-ca", 50: "decode-error",
    60: "export-restriction", 71: "insufficient-security", 86: "inappropriate-fallback",
    90: "user-canceled", 99: "other", 100: "no-renegotiation", 109: "missing-extension",
    110: "unsupported-extension", 111: "certificate-unobtainable", 113: "bad-certificate-status",
    114: "bad-certificate-hash", 115: "unknown-psk-identity", 120: "no-application-protocol",
    121: "ech-required",
}
PEERS = {5000 + number: peers.alert(number) for number in ALERTS}
PEERS[5500] = peers.answers(OLD_HELLO)
# TLS 1.2 by a library of before 2010: no renegotiation_info.
PEERS[5502] = peers.answers(bytes((0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3)) + bytes(range(32)) +
                            bytes((0, 0xc0, 0x2b, 0)))
PEERS[5501] = peers.answers(bytes((0x16, 3, 3, 0, 4, 0x0e, 0, 0, 0)))  # ServerHelloDone at once


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


def words(findings):
    return [finding["outcome"] for finding in findings]


@pytest.mark.parametrize("name, problems, remarks, detail", [
    ("good.example", [], [], None),
    ("kept.example", [], [], None),
    ("ending.example", [], ["cert-ends-soon"], "the server's certificate ends "),
    ("ended.example", ["cert-expired"], [], "certificate 2 of 2, CN=Ended Middle ended "),
    ("clock.example", ["local-clock"], [], "the whole chain is from later"),
    ("missing.example", ["cert-intermediate-missing"], [],
     "CN=Lab Middle was not sent; it says to be at " + URL),
    ("bound.example", ["cert-name-constraint"], [], "permitted subtree violation"),
    ("weak.example", ["cert-weak"], [], "the server's certificate has the key RSA 1024"),
    ("sha1.example", ["cert-weak"], [], "is signed with ecdsa-with-SHA1"),
    ("purpose.example", ["cert-wrong-purpose"], [], "the server's certificate: "),
    ("order.example", [], ["cert-wrong-order", "cert-superfluous"], "certificate 3 was issued by "),
    ("extra.example", [], ["cert-superfluous"], "certificate 3 of 3, CN=Reachd Lab Root"),
    ("a.b.wild.example", ["cert-name-mismatch"], [],
     "it has *.wild.example; a wildcard stands for exactly one label"),
    ("wild.example", ["cert-name-mismatch"], [], "a wildcard stands for exactly one label"),
    ("revoked.example", ["cert-revoked"], [], "by the stapled OCSP answer"),
    ("must.example", ["cert-staple-missing"], [], "none was sent"),
    ("lied.example", [], ["cert-staple-bad"], "it is for another certificate"),
    ("chained.example", ["cert-malformed"], [], "unhandled critical extension"),
    ("noca.example", ["cert-bad-issuer", "cert-wrong-purpose"], [], "invalid CA certificate"),
    ("proxy.example", ["cert-bad-issuer", "cert-name-mismatch", "cert-policy"], [], "CA certificate"),
    ("forged.example", ["cert-bad-signature"], [], "certificate signature failure"),
    ("long.example", [], ["cert-superfluous"], "certificate 2 of 101, CN=Lab Middle; "),
    ("worst.example", ["cert-name-mismatch", "cert-wrong-purpose", "cert-expired"],
     ["cert-superfluous"], "asked for worst.example; it has someone.example"),
])
def test_chain(site, family, name, problems, remarks, detail):
    result = site.probe(family, name)
    cert = result["certificate"]
    assert (words(cert["problems"]), words(cert["remarks"])) == (problems, remarks)
    assert result["outcome"] == (problems or ["ok"])[0]
    if detail:
        told = (cert["problems"] + cert["remarks"])[0]
        assert detail in told["detail"] and told["advice"]
        assert not problems or result["detail"].startswith(told["detail"][:100])


def test_list_of_revoked_certificates(site, family):
    """The stapled answer and the list agree about one; the list alone knows the other."""
    for name, word in (("listed.example", "cert-revoked"), ("revoked.example", "cert-revoked"),
                       ("good.example", "ok"), ("ending.example", "ok")):
        assert site.probe(family, name, "--crl", site.crl)["outcome"] == word
    assert site.probe(family, "listed.example")["outcome"] == "ok"
    result = site.probe(family, "listed.example", "--crl", site.crl)
    assert result["detail"] == "the server's certificate is in the list that was given"


def test_list_that_is_out_of_date(site, family):
    result = site.probe(family, "good.example", "--crl", site.old_crl)
    assert (result["outcome"], result["layer"]) == ("local-crl", "local")
    assert "CRL has expired" in result["detail"]


@pytest.mark.parametrize("port, word, detail", [
    (4401, "tls-alert-protocol-version", "alert 70, protocol version"),
    (4403, "tls-alert-handshake-failure", "alert 40, handshake failure"),
    (4404, "tls-weak", "dh key too small"),
    (4406, "tls-alert-handshake-failure", "alert 40, handshake failure"),
    (5500, "tls-old-version", "unsupported protocol"),
    (5501, "tls-broken", "unexpected message"),
    (5502, "tls-no-secure-renegotiation", "unsafe legacy renegotiation disabled"),
] + [(5000 + number, "tls-alert-" + name, "alert %d, " % number) for number, name in ALERTS.items()])
def test_handshake(site, family, port, word, detail):
    result = site.probe(family, "good.example", port=port)
    assert (result["outcome"], result["layer"]) == (word, "tls")
    assert detail in result["detail"] and result["advice"]


def test_server_with_another_group_is_reached(site, family):
    assert site.probe(family, "good.example", port=4405)["outcome"] == "ok"


def test_more_certificates_than_are_read(site, family):
    result = site.probe(family, "huge.example")
    assert (result["outcome"], result["layer"]) == ("cert-chain-too-long", "cert")
    assert result["certificate"] is None


def test_thousands_of_names(site, family):
    result = site.probe(family, "many.example")
    assert result["outcome"] == "ok"
    assert 50 < len(result["certificate"]["names"]) < 200  # cut, not forgotten
    assert site.probe(family, "n1999.many.example")["outcome"] != "cert-chain-too-long"


def test_authority_that_the_store_rejects(site, family):
    rejecting = site.root.reject()
    result = site.probe(family, "good.example", "--ca", rejecting)
    assert words(result["certificate"]["problems"]) == ["cert-distrusted"]


def test_families_with_different_chains(site):
    resolver_less = ["%s:8443" % SERVER["ipv4"], "[%s]:8443" % SERVER["ipv6"]]
    for host in resolver_less:
        done = site.client.run(site.reachd, "probe", "--json", "--ca", site.root.pem, host,
                               "--servername", "split.example", check=False)
        assert probed(done.stdout)["remarks"] == []  # one family alone differs from nothing


def test_text_tells_all(site):
    done = site.client.run(site.reachd, "probe", "--ca", site.root.pem, SERVER["ipv4"],
                           "--servername", "worst.example", check=False)
    text = " ".join(done.stdout.split())
    for word in ("cert-name-mismatch", "also cert-wrong-purpose: ", "also cert-expired: ",
                 "cert-superfluous: "):
        assert word in text
