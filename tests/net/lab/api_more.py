# SPDX-License-Identifier: ISC
"""Stand-ins of services whose API knows single records: what each wants in a request to the letter, and its own way
to say no. All hold records by (label, type)."""
import base64

from .api import Records, Refusal

USER = "keykey42"


class Numbered(Records):
    """Records with ids; those of other types and names are listed as well."""

    def __init__(self, bind, token, domain, records):
        super().__init__(bind, token, domain, {("@", "MX"): "mail", ("other", "A"): "203.0.113.3", **records})
        self.ids = {key: 1000 + number for number, key in enumerate(self.records)}

    def set(self, name, kind, value, ttl):
        super().set(name, kind, value, ttl)
        self.ids.setdefault((name, kind), 1000 + len(self.ids))

    def by_id(self, number):
        for key, known in self.ids.items():
            if str(known) == number and key in self.records:
                return key
        raise Refusal(404, {"message": "Not found"})

    @staticmethod
    def label(text):
        return text or "@"


class Linode(Numbered):
    page_size = 2  # whatever is asked for

    def one(self, key):
        return {"id": self.ids[key], "type": key[1], "name": "" if key[0] == "@" else key[0],
                "target": self.records[key]["value"], "ttl_sec": self.records[key]["ttl"], "priority": 0}

    def answer(self, method, path, query, headers, body):
        if headers.get("Authorization") != "Bearer " + self.token:
            raise Refusal(401, {"errors": [{"reason": "Invalid Token"}]})
        rest = self.rest(path, "v4", "domains")
        if not rest:
            assert method == "GET" and headers["X-Filter"] == '{"domain": "%s"}' % self.domain and not query
            return 200, {"data": [{"id": 1234, "domain": self.domain, "type": "master"}], "page": 1, "pages": 1, "results": 1}
        assert rest[:2] == ["1234", "records"] and "X-Filter" not in headers
        if method == "GET":
            assert query["page_size"] == "500"
            page, keys = int(query["page"]), list(self.records)
            start = (page - 1) * self.page_size
            return 200, {"data": [self.one(key) for key in keys[start:start + self.page_size]], "page": page,
                         "pages": -(-len(keys) // self.page_size), "results": len(keys)}
        if method == "POST":
            assert rest[2:] == [] and set(body) == {"type", "name", "target", "ttl_sec"}
            key = (self.label(body["name"]), body["type"])
            assert key not in self.records
        else:
            assert method == "PUT" and set(body) <= {"target", "ttl_sec"}
            key = self.by_id(rest[2])
        if body.get("ttl_sec", 300) < 300:
            raise Refusal(400, {"errors": [{"field": "ttl_sec", "reason": "ttl_sec is not valid"}]})
        self.set(*key, body["target"], body.get("ttl_sec") or self.records[key]["ttl"])
        return 200, self.one(key)


class Vultr(Numbered):
    def one(self, key):
        return {"id": "cb676a46-%d" % self.ids[key], "type": key[1], "name": "" if key[0] == "@" else key[0],
                "data": self.records[key]["value"], "priority": 0, "ttl": self.records[key]["ttl"]}

    def answer(self, method, path, query, headers, body):
        if headers.get("Authorization") != "Bearer " + self.token:
            raise Refusal(401, {"error": "Invalid API token.", "status": 401})
        rest = self.rest(path, "v2", "domains", self.domain, "records")
        if method == "GET":
            assert query["per_page"] == "500"
            keys = list(self.records)
            first = "cursor" not in query
            assert first or query["cursor"] == "bmV4dF9f=="
            return 200, {"records": [self.one(key) for key in (keys[:2] if first else keys[2:])],
                         "meta": {"total": len(keys), "links": {"next": "bmV4dF9f==" if first else "", "prev": ""}}}
        if method == "POST":
            assert not rest and set(body) == {"name", "type", "data", "ttl"}
            key = (self.label(body["name"]), body["type"])
            self.set(*key, body["data"], body["ttl"])
            return 201, {"record": self.one(key)}
        assert method == "PATCH" and set(body) <= {"data", "ttl"}
        key = self.by_id(rest[0].replace("cb676a46-", ""))
        self.set(*key, body["data"], body.get("ttl") or self.records[key]["ttl"])
        return 204, None


class Scaleway(Records):
    def answer(self, method, path, _query, headers, body):
        if headers.get("X-Auth-Token") != self.token:
            raise Refusal(401, {"message": "authentication is denied", "method": "api_key", "reason": "invalid_argument",
                                "type": "denied_authentication"})
        assert method == "PATCH" and not self.rest(path, "domain", "v2beta1", "dns-zones", self.domain, "records")
        assert set(body) == {"changes", "return_all_records", "disallow_new_zone_creation"}
        for change in body["changes"]:
            fields, (record,) = change["set"]["id_fields"], change["set"]["records"]
            assert list(change) == ["set"] and set(record) == {"name", "type", "data", "ttl"}
            assert fields == {"name": record["name"], "type": record["type"]} and record["ttl"] >= 60
            self.set(record["name"] or "@", record["type"], record["data"], record["ttl"])
        return 200, {"records": [{"id": "x", "name": name.replace("@", ""), "type": kind, "data": one["value"],
                                  "ttl": one["ttl"]} for (name, kind), one in self.records.items()]}


class GoDaddy(Records):
    def answer(self, method, path, _query, headers, body):
        if headers.get("Authorization") != "sso-key %s:%s" % (USER, self.token):
            raise Refusal(401, {"code": "UNABLE_TO_AUTHENTICATE", "message": "Unauthorized : Could not authenticate API key/secret"})
        kind, name = self.rest(path, "v1", "domains", self.domain, "records")
        if method == "GET":
            one = self.records.get((name, kind))
            return 200, [{"data": one["value"], "name": name, "ttl": one["ttl"], "type": kind}] if one else []
        assert method == "PUT" and len(body) == 1 and set(body[0]) == {"data", "ttl"}
        if body[0]["ttl"] < 600:
            raise Refusal(422, {"code": "INVALID_BODY", "message": "ttl must be at least 600"})
        self.set(name, kind, body[0]["data"], body[0]["ttl"])
        return 200, None


class Porkbun(Records):
    def answer(self, method, path, _query, _headers, body):
        assert method == "POST"
        if (body.pop("apikey"), body.pop("secretapikey")) != (USER, self.token):
            raise Refusal(400, {"status": "ERROR", "message": "Invalid API key. (001)"})
        rest = self.rest(path, "api", "json", "v3", "dns")
        assert rest[1] == self.domain
        if rest[0] == "create":
            assert len(rest) == 2 and set(body) == {"name", "type", "content", "ttl"}
            key, ttl = (body["name"] or "@", body["type"]), int(body["ttl"])
            assert key not in self.records
        else:
            key = (rest[3] if len(rest) > 3 else "@", rest[2])
        if rest[0] == "retrieveByNameType":
            assert not body
            one = self.records.get(key)
            fqdn = self.domain if key[0] == "@" else key[0] + "." + self.domain
            return 200, {"status": "SUCCESS", "records": [{"id": "106926652", "name": fqdn, "type": key[1], "prio": "0", "notes": "",
                                                           "content": one["value"], "ttl": str(one["ttl"])}] if one else []}
        if rest[0] == "editByNameType":
            assert {"content"} <= set(body) <= {"content", "ttl"} and key in self.records
            ttl = int(body.get("ttl") or self.records[key]["ttl"])
        assert isinstance(body.get("ttl", ""), str) and ttl >= 600
        self.set(*key, body["content"], ttl)
        return 200, {"status": "SUCCESS"}


class NameCom(Numbered):
    def one(self, key):
        host = {} if key[0] == "@" else {"host": key[0]}
        return {"id": self.ids[key], "domainName": self.domain, **host, "type": key[1], "ttl": self.records[key]["ttl"],
                "fqdn": ".".join(list(host.values()) + [self.domain]) + ".", "answer": self.records[key]["value"]}

    def answer(self, method, path, query, headers, body):
        if headers.get("Authorization") != "Basic " + base64.b64encode(("%s:%s" % (USER, self.token)).encode()).decode():
            raise Refusal(401, {"message": "Unauthenticated", "details": ""})
        rest = self.rest(path, "v4", "domains", self.domain, "records")
        if method == "GET":
            assert query["perPage"] == "1000"
            keys = list(self.records)
            if query["page"] == "1":
                return 200, {"records": [self.one(key) for key in keys[:2]], "nextPage": 2, "lastPage": 2}
            return 200, {"records": [self.one(key) for key in keys[2:]]}
        assert set(body) == {"host", "type", "answer", "ttl"}
        if body["ttl"] < 300:
            raise Refusal(400, {"message": "Invalid Argument", "details": "ttl"})
        key = self.by_id(rest[0]) if method == "PUT" else (self.label(body["host"]), body["type"])
        assert method in ("PUT", "POST") and key == (self.label(body["host"]), body["type"])
        self.set(*key, body["answer"], body["ttl"])
        return 200, self.one(key)


class Ionos(Numbered):
    def one(self, key):
        name = self.domain if key[0] == "@" else key[0] + "." + self.domain
        return {"id": "22af3414-%d" % self.ids[key], "name": name, "rootName": self.domain, "type": key[1], "disabled": False,
                "content": self.records[key]["value"], "ttl": self.records[key]["ttl"]}

    def answer(self, method, path, query, headers, body):
        if headers.get("X-API-Key") != self.token:
            raise Refusal(401, [{"code": "UNAUTHORIZED", "message": "The customer is not authorized to do this operation."}])
        rest = self.rest(path, "dns", "v1", "zones")
        if not rest:
            assert method == "GET"
            return 200, [{"name": "else.example", "id": "0", "type": "NATIVE"}, {"name": self.domain, "id": "11af", "type": "NATIVE"}]
        assert rest[0] == "11af"
        if method == "GET":
            found = [self.one(key) for key in self.records]
            return 200, {"id": "11af", "name": self.domain, "type": "NATIVE", "records": [
                one for one in found if (one["name"], one["type"]) == (query["recordName"], query["recordType"])]}
        if method == "POST":
            assert rest[1:] == ["records"] and len(body) == 1 and set(body[0]) == {"name", "type", "content", "ttl"}
            key = (body[0]["name"][:-len(self.domain) - 1] or "@", body[0]["type"])
            self.set(*key, body[0]["content"], body[0]["ttl"])
            return 201, [self.one(key)]
        assert method == "PUT" and set(body) <= {"content", "ttl"} and rest[1] == "records"
        key = self.by_id(rest[2].replace("22af3414-", ""))
        self.set(*key, body["content"], body.get("ttl") or self.records[key]["ttl"])
        return 200, self.one(key)


class Netlify(Records):
    """entries: (id, hostname, type, value, ttl). A name may have several, as there."""

    def __init__(self, bind, token, domain, records):
        super().__init__(bind, token, domain, {})
        self.entries = [(str(number), name + "." + domain, kind, value, 1800)
                        for number, ((name, kind), value) in enumerate(records.items())]
        self.made = 100
        self.fewest = 1  # that a name of ours ever had once it had one

    def answer(self, method, path, _query, headers, body):
        if headers.get("Authorization") != "Bearer " + self.token:
            raise Refusal(401, {"code": 401, "message": "Access Denied"})
        rest = self.rest(path, "api", "v1", "dns_zones")
        if not rest:
            return 200, [{"id": "0", "name": "else.example"}, {"id": "5d5a", "name": self.domain}]
        assert rest[:2] == ["5d5a", "dns_records"]
        if method == "GET":
            return 200, [dict(zip(("id", "hostname", "type", "value", "ttl"), one)) for one in self.entries]
        if method == "POST":
            assert set(body) == {"type", "hostname", "value", "ttl"}
            self.made += 1
            self.entries.append((str(self.made), body["hostname"], body["type"], body["value"], body["ttl"]))
            name = body["hostname"][:-len(self.domain) - 1]
            self.set(name, body["type"], body["value"], body["ttl"])
            return 201, {"id": str(self.made), **body}
        assert method == "DELETE"
        gone, = [one for one in self.entries if one[0] == rest[2]]
        self.entries.remove(gone)
        self.fewest = min(self.fewest, len([one for one in self.entries if one[1:3] == gone[1:3]]))
        return 204, None
