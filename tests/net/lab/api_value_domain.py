# SPDX-License-Identifier: ISC
"""A stand-in of Value Domain's DNS API: one text for the whole zone, with the traps that its users have met."""
from .api import Refusal


class ValueDomain:
    """text: the zone's records; ttl: one for all. puts: bodies that came. shown: texts that the next reads show
    instead of the zone."""

    NS_TYPE = "valuedomain1"

    def __init__(self, bind, token, domain, text, ttl=300):
        self.bind, self.token, self.domain = bind, token, domain
        self.text, self.ttl = text, ttl
        self.puts, self.shown = [], []
        self.publish("")

    @staticmethod
    def fail(status, message):
        raise Refusal(status, {"request_id": "c0ffee", "request": {"path": "/v1"},
                               "errors": {"code": status, "message": message}})

    def addresses(self, text):
        for line in text.splitlines():
            words = line.split()
            if len(words) == 3 and words[0] in ("a", "aaaa"):
                yield words[1], words[0].upper(), words[2]

    def publish(self, before):
        known = set(self.addresses(before))
        there = {(host, kind) for host, kind, _value in self.addresses(self.text)}
        for host, kind, _value in known:
            if (host, kind) not in there:
                self.bind.set(self.domain, host, kind, None)
        for host, kind, value in self.addresses(self.text):
            if (host, kind, value) not in known:
                self.bind.set(self.domain, host, kind, value, self.ttl)

    def zone(self, text, ttl):
        return 200, {"results": {"domainid": 1, "domainname": self.domain, "ns_type": self.NS_TYPE, "records": text,
                                 "ttl": ttl}, "request_id": "c0ffee", "request": {"path": "/v1", "params": []}}

    def answer(self, method, path, _query, headers, body):
        if headers.get("User-Agent", "").startswith("Python-urllib") or not headers.get("User-Agent"):
            raise Refusal(403, b"<html>error code: 1010")
        if headers.get("Authorization") != "Bearer " + self.token:
            self.fail(401, "Unauthorized")
        if path != "/v1/domains/%s/dns" % self.domain:
            self.fail(404, "Not Found")
        if method == "GET":
            return self.zone(self.shown.pop(0) if self.shown else self.text, str(self.ttl))
        if method != "PUT" or set(body) != {"ns_type", "records", "ttl"} or body["ns_type"] != self.NS_TYPE or \
           not isinstance(body["ttl"], int):
            self.fail(400, "Bad Request")
        self.puts.append(body)
        before, self.text = self.text, body["records"]
        self.ttl = body["ttl"] if body["ttl"] >= 120 else 3600  # without a word
        self.publish(before)
        return self.zone(self.text, self.ttl)
