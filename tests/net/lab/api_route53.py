# SPDX-License-Identifier: ISC
"""A stand-in of Amazon Route 53: XML both ways, the signature of each request computed anew."""
import datetime
import hashlib
import hmac
import re
import xml.etree.ElementTree

from .api import Refusal

NS = "https://route53.amazonaws.com/doc/2013-04-01/"


class Route53:
    """zones: {"Z0123": ("home.example", private)}. batches: the record sets of each change, as (name, type, ttl, value)."""
    raw = True

    def __init__(self, bind, secret, key_id, zones):
        self.bind, self.secret, self.key_id, self.zones = bind, secret, key_id, zones
        self.batches = []
        self.sets = {}

    @staticmethod
    def error(status, code, message):
        return Refusal(status, (
            '<?xml version="1.0"?>\n<ErrorResponse xmlns="%s"><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message>'
            "</Error><RequestId>b25f48e8</RequestId></ErrorResponse>" % (NS, code, message)).encode())

    def signature(self, method, path, query, headers, body, date):
        def mac(key, text):
            return hmac.new(key, text.encode(), hashlib.sha256).digest()

        signed = "host:%s\nx-amz-date:%s\n" % (headers["Host"], date)
        canonical = "\n".join([method, path, query, signed, "host;x-amz-date", hashlib.sha256(body).hexdigest()])
        text = "AWS4-HMAC-SHA256\n%s\n%s/us-east-1/route53/aws4_request\n%s" % (
            date, date[:8], hashlib.sha256(canonical.encode()).hexdigest())
        key = ("AWS4" + self.secret).encode()
        for part in (date[:8], "us-east-1", "route53", "aws4_request"):
            key = mac(key, part)
        return mac(key, text).hex()

    def check_signature(self, method, path, query, headers, body):
        match = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=(\w+)/(\d{8})/us-east-1/route53/aws4_request, "
                             r"SignedHeaders=host;x-amz-date, Signature=([0-9a-f]{64})", headers.get("Authorization", ""))
        date = headers.get("X-Amz-Date", "")
        if not match or match.group(2) != date[:8]:
            raise self.error(403, "MissingAuthenticationToken", "Missing Authentication Token")
        if match.group(1) != self.key_id:
            raise self.error(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
        sent = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        if abs((datetime.datetime.now(datetime.timezone.utc) - sent).total_seconds()) > 900:
            raise self.error(403, "SignatureDoesNotMatch", "Signature expired: %s is now earlier than now" % date)
        if match.group(3) != self.signature(method, path, query, headers, body, date):
            raise self.error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature "
                             "you provided.")

    def answer_raw(self, method, path, query, headers, body):
        self.check_signature(method, path, query, headers, body)
        parts = path.strip("/").split("/")
        if method == "GET" and parts == ["2013-04-01", "hostedzonesbyname"]:
            # From that name on, so more than was asked for.
            text = "".join(
                "<HostedZone><Id>/hostedzone/%s</Id><Name>%s.</Name><CallerReference>x</CallerReference><Config><PrivateZone>%s"
                "</PrivateZone></Config></HostedZone>" % (number, name, str(private).lower())
                for number, (name, private) in self.zones.items())
            return 200, ("<?xml version=\"1.0\"?>\n<ListHostedZonesByNameResponse xmlns=\"%s\"><HostedZones>%s</HostedZones>"
                         "</ListHostedZonesByNameResponse>" % (NS, text)).encode()
        assert (method, parts[:2], parts[3:]) == ("POST", ["2013-04-01", "hostedzone"], ["rrset"])
        assert headers["Content-Type"] == "application/xml"
        if parts[2] not in self.zones:
            raise self.error(404, "NoSuchHostedZone", "No hosted zone found with ID: " + parts[2])
        return self.change(self.zones[parts[2]][0], xml.etree.ElementTree.fromstring(body))

    def change(self, zone, root):
        assert root.tag == "{%s}ChangeResourceRecordSetsRequest" % NS
        at = {"r": NS}
        batch = []
        for one in root.findall("r:ChangeBatch/r:Changes/r:Change", at):
            action = one.findtext("r:Action", None, at)
            assert action in ("UPSERT", "DELETE")
            name, kind, ttl = [one.findtext("r:ResourceRecordSet/r:" + tag, None, at) for tag in ("Name", "Type", "TTL")]
            value, = [node.text for node in one.findall("r:ResourceRecordSet/r:ResourceRecords/r:ResourceRecord/r:Value", at)]
            if not name.endswith("." + zone + "."):
                raise self.error(400, "InvalidChangeBatch", "[RRSet with DNS name %s is not permitted in zone %s.]" % (name, zone))
            if action == "DELETE" and self.sets.get((name, kind)) != (int(ttl), value):
                raise self.error(400, "InvalidChangeBatch", "[Tried to delete resource record set [name='%s', type='%s'] but the "
                                 "values provided do not match the current values]" % (name, kind))
            batch.append((name, kind, int(ttl), value if action == "UPSERT" else None))
        assert batch
        self.batches.append(batch)
        for name, kind, ttl, value in batch:
            self.sets[name, kind] = (ttl, value)
            self.bind.set(zone, name[:-len(zone) - 2], kind, value, ttl)
        return 200, ("<?xml version=\"1.0\"?>\n<ChangeResourceRecordSetsResponse xmlns=\"%s\"><ChangeInfo><Id>/change/C2682N</Id>"
                     "<Status>PENDING</Status><SubmittedAt>2026-11-29T06:00:00Z</SubmittedAt></ChangeInfo>"
                     "</ChangeResourceRecordSetsResponse>" % NS).encode()
