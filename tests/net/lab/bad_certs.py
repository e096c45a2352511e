# SPDX-License-Identifier: ISC
"""Certificates with one fault each (and some with several), by name, for a server that chooses by SNI.

Owns: the certificates of the failure lab. Not its job: making one (ca.py), serving them (failures.py)."""
import base64

from .ca import CA, DAY

URL = "http://ca.example/middle.cer"
ADDRESSES = ("198.51.100.2", "2001:db8:2::2")

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


class BadCerts:
    """root: what is trusted. sites: {name: Cert}. crl, old_crl, rejecting: files for options."""

    def __init__(self, folder):
        self.folder = folder
        self.root = CA(folder / "root")
        self._stairs = []
        self.middle = self.root.intermediate(folder / "middle", "Lab Middle")
        self.good = self.root.issue("good.example", *ADDRESSES)
        self.rsa = self.root.issue("good.example", *ADDRESSES, kind="rsa")
        # Two for one name, and one so large that it does not fit into three packets.
        self.split = (self.root.issue("split.example"), self.root.issue("split.example", kind="rsa"))
        self.wide = self.root.issue("good.example", *[
            "name-%03d.of-a-long-list.good.example" % number for number in range(90)], kind="rsa")
        self.sites = {"good.example": self.good, **self._by_name(), **self._by_chain(), **self._by_revocation()}
        self.rejecting = self.root.reject()

    def _by_name(self):
        root, middle = self.root, self.middle
        foreign = CA(self.folder / "foreign", name="Foreign Root")
        return {
            "expired.example": root.expired("expired.example"),
            "future.example": root.not_yet_valid("future.example"),
            "self.example": root.self_signed("self.example"),
            "foreign.example": foreign.issue("foreign.example"),
            "foreign-root.example": foreign.issue("foreign-root.example", with_root=True),
            "other.example": root.issue("someone.example", "www.someone.example"),
            "both.example": root.expired("someone.example"),
            "weak.example": middle.issue("weak.example", kind="weak"),
            "purpose.example": middle.issue("purpose.example", usage="clientAuth"),
            "wild.example": middle.issue("*.wild.example"),
            "a.b.wild.example": middle.issue("*.wild.example"),
            "proxy.example": middle.issue("proxy.example", san=False, extra=[
                "proxyCertInfo = critical,language:id-ppl-anyLanguage"]),
            "forged.example": damaged(middle.issue("forged.example")),
            "many.example": middle.issue("many.example", *[
                "n%d.many.example" % number for number in range(2000)]),
        }

    def _by_chain(self):
        root, middle = self.root, self.middle
        ending = root.intermediate(self.folder / "ending", "Ending Middle", ends=6 * DAY)
        ended = root.intermediate(self.folder / "ended", "Ended Middle", starts=-90 * DAY, ends=-DAY)
        coming = root.intermediate(self.folder / "coming", "Coming Middle", starts=9 * DAY)
        later = CA(self.folder / "later")
        bound = root.intermediate(self.folder / "bound", "Bound Middle",
                                  extra=["nameConstraints = critical,permitted;DNS:b.example"])
        flat = root.intermediate(self.folder / "flat", "Flat Middle", extra=["certificatePolicies = 1.2.3.4"])
        old = root.intermediate(self.folder / "sha1", "Old Middle")
        aia = ["authorityInfoAccess = caIssuers;URI:" + URL]
        return {
            "ending.example": ending.issue("ending.example", ends=3 * DAY),
            "ending-middle.example": ending.issue("ending-middle.example"),
            "ended.example": ended.issue("ended.example"),
            "clock.example": coming.issue("clock.example", starts=10 * DAY),
            "missing.example": middle.issue("missing.example", behind=[], extra=aia),
            "bound.example": bound.issue("bound.example"),
            "sha1.example": old.issue("sha1.example", md="sha1"),
            "order.example": middle.issue("order.example", behind=[root.pem, middle.pem]),
            "extra.example": middle.issue("extra.example", behind=[middle.pem, later.pem]),
            "chained.example": flat.issue("chained.example", extra=["1.2.3.5 = critical,ASN1:NULL"]),
            "noca.example": self._leaf_as_issuer(),
            "steep.example": self.stairs(16)[-1].issue("steep.example"),
            "deep.example": self.stairs(17)[-1].issue("deep.example"),
            "huge.example": middle.issue("huge.example", behind=[middle.pem] * 400),
            "long.example": middle.issue("long.example", behind=[middle.pem] * 100),
            "worst.example": middle.issue("someone.example", starts=-90 * DAY, ends=-DAY, usage="clientAuth",
                                          behind=[middle.pem, later.pem]),
        }

    def _by_revocation(self):
        middle = self.middle
        revoked, listed = middle.issue("revoked.example"), middle.issue("listed.example")
        for cert in (revoked, listed):
            middle.revoke(cert)
        self.crl, self.old_crl = middle.crl(), middle.crl("old-crl", days=-2)
        must = ["tlsfeature = status_request"]
        stranger = middle.issue("stranger.example")
        return {
            "revoked.example": middle.staple(revoked),
            "listed.example": listed,
            "stranger.example": stranger,  # in no way bad, and issued by the authority of the lists
            "must.example": middle.issue("must.example", extra=must),
            "kept.example": middle.staple(middle.issue("kept.example", extra=must)),
            "lied.example": middle.staple(middle.issue("lied.example"), about=stranger),
        }

    def stairs(self, count):
        """So many authorities, each below the one before."""
        while len(self._stairs) < count:
            number = len(self._stairs) + 1
            above = self._stairs[-1] if self._stairs else self.root
            self._stairs.append(above.intermediate(self.folder / ("step%d" % number), "Step %d" % number))
        return self._stairs[:count]

    def _leaf_as_issuer(self):
        """Issued by a certificate that is none of an authority."""
        fake = CA(self.folder / "fake", "not-an-authority.example")
        cert = self.middle.issue("not-an-authority.example")
        fake.key, fake.pem = cert.key, cert.chain
        return fake.issue("noca.example", behind=[cert.chain])

    def dh_params(self):
        path = self.root.folder + "/dh1024.pem"
        with open(path, "w", encoding="ascii") as file:
            file.write(DH_1024)
        return path


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
