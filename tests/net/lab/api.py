# SPDX-License-Identifier: ISC
"""Stand-ins of providers with an API, as strict as their documentation: method, path, headers, body; what
they accept is written into the lab's BIND. Each is a class with `answer`; Api serves it over https."""
import http.server
import json
import ssl
import threading
import time
import urllib.parse


class Refusal(Exception):
    """An answer that is no success: Refusal(404, {...}, {"Retry-After": "2"})."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Api:
    """calls: (method, path) of all that came; times: when. refuse(…) makes the next call, or all, fail."""

    def __init__(self, netns, cert, service, address="192.0.2.80", port=8443):
        self.service = service
        self.calls, self.times = [], []
        self._refusals = []
        self._always = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _do(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, body, headers = outer.handle(self.command, self.path, self.headers, self.rfile.read(length))
                data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                for key, value in headers.items():
                    self.send_header(key, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _do

            def log_message(self, *_args):  # pylint: disable=arguments-differ
                pass

        with netns:
            self.server = http.server.ThreadingHTTPServer((address, port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert.chain, cert.key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def refuse(self, *refusals):
        self._refusals += refusals

    def refuse_all(self, refusal):
        self._always = refusal

    def handle(self, method, path, headers, raw):
        self.calls.append((method, path))
        self.times.append(time.monotonic())
        try:
            if self._refusals:
                raise self._refusals.pop(0)
            if self._always:
                raise self._always
            url = urllib.parse.urlsplit(path)
            if getattr(self.service, "raw", False):
                return (*self.service.answer_raw(method, url.path, url.query, headers, raw), {})
            body = json.loads(raw) if raw else None
            if raw and headers.get("Content-Type") != "application/json":
                raise Refusal(415, {"error": "Content-Type"})
            status, answer = self.service.answer(method, url.path, dict(urllib.parse.parse_qsl(url.query)),
                                                 headers, body)
            return status, answer, {}
        except Refusal as refusal:
            return refusal.status, refusal.body, refusal.headers


class Cloudflare:
    """zones: {"home.example": {("www.home.example", "A"): {"content": …, "proxied": False, "ttl": 1}}}"""

    def __init__(self, bind, token, zones):
        self.bind = bind
        self.token = token
        self.zone_ids = {name: "%032x" % (0x23105f4 + i) for i, name in enumerate(zones)}
        self.records = {}  # by id
        for zone, records in zones.items():
            for (name, kind), record in records.items():
                self._add(zone, name, kind, record)

    def _add(self, zone, name, kind, record):
        number = "%032x" % (0xabc00 + len(self.records))
        self.records[number] = {"id": number, "zone": zone, "name": name, "type": kind, "proxied": False, "ttl": 1,
                                **record}
        return self.records[number]

    @staticmethod
    def _fail(status, code, message, **headers):
        raise Refusal(status, {"success": False, "errors": [{"code": code, "message": message}], "messages": [],
                               "result": None}, headers)

    def _done(self, result):
        return 200, {"success": True, "errors": [], "messages": [], "result": result}

    def answer(self, method, path, query, headers, body):
        if headers.get("Authorization") != "Bearer " + self.token:
            self._fail(403, 9109, "Invalid access token")
        parts = path.split("/")[3:]  # after /client/v4
        if path.split("/")[1:3] != ["client", "v4"] or parts[0] != "zones":
            self._fail(404, 7003, "Could not route to " + path)
        if (method, len(parts)) == ("GET", 1):
            names = [name for name in self.zone_ids if name == query["name"]]
            return self._done([{"id": self.zone_ids[name], "name": name} for name in names])
        zone = {number: name for name, number in self.zone_ids.items()}.get(parts[1])
        if not zone or parts[2] != "dns_records":
            self._fail(404, 7003, "Could not route to " + path)
        if (method, len(parts)) == ("GET", 3):
            return self._done([one for one in self.records.values() if one["zone"] == zone
                               and (one["name"], one["type"]) == (query["name"], query["type"])])
        if (method, len(parts)) == ("DELETE", 4) and parts[3] in self.records and body is None:
            record = self.records.pop(parts[3])
            self.bind.set(zone, record["name"][:-len(zone) - 1], record["type"], None)
            return self._done({"id": parts[3]})
        if body is None:
            self._fail(404, 81044, "Record does not exist.")
        if not set(body) <= {"type", "name", "content", "ttl", "proxied"}:
            self._fail(400, 9207, "Request body is invalid.")
        if body.get("ttl", 1) != 1 and not 60 <= body["ttl"] <= 86400:
            self._fail(400, 9021, "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.")
        if (method, len(parts)) == ("POST", 3):
            record = self._add(zone, body["name"], body["type"], {"content": body["content"], "ttl": body["ttl"]})
        elif (method, len(parts)) == ("PATCH", 4) and parts[3] in self.records:
            record = self.records[parts[3]]
            record.update(body)
        else:
            self._fail(404, 81044, "Record does not exist.")
        self.publish(record)
        return self._done(record)

    def publish(self, record):
        shown = "104.16.0.1" if record["proxied"] else record["content"]
        host = record["name"][:-len(record["zone"]) - 1]
        self.bind.set(record["zone"], host, record["type"], shown, 300 if record["ttl"] == 1 else record["ttl"])


class Desec:
    """One domain; the least TTL of it is 60 here."""

    def __init__(self, bind, token, domain):
        self.bind, self.token, self.domain = bind, token, domain

    def answer(self, method, path, _query, headers, body):
        if headers.get("Authorization") != "Token " + self.token:
            raise Refusal(401, {"detail": "Invalid token."})
        base = "/api/v1/domains/%s/rrsets/" % self.domain
        if method == "DELETE" and path.startswith(base) and body is None:
            name, kind, end = path[len(base):].split("/")
            assert not end and name, path  # "@" at the apex
            self.bind.set(self.domain, name, kind, None)
            return 204, None
        if path != base:
            raise Refusal(404, {"detail": "Not found."})
        if method != "PATCH" or not isinstance(body, list):
            raise Refusal(405, {"detail": "Method \"%s\" not allowed." % method})
        for one in body:
            assert set(one) == {"subname", "type", "ttl", "records"} and len(one["records"]) == 1, one
            if one["ttl"] < 60:
                raise Refusal(400, [{"ttl": ["Ensure this value is greater than or equal to 60."]}])
        for one in body:
            self.bind.set(self.domain, one["subname"], one["type"], one["records"][0], one["ttl"])
        return 200, [{"domain": self.domain, "name": one["subname"] + "." + self.domain + ".", **one} for one in body]


class Records:
    """What Gandi, DigitalOcean and Hetzner have in common: one domain, a bearer token, records by (name, type)."""

    def __init__(self, bind, token, domain, records):
        self.bind, self.token, self.domain = bind, token, domain
        self.records = {key: {"value": value, "ttl": 1800} for key, value in records.items()}

    def set(self, name, kind, value, ttl):
        self.records[name, kind] = {"value": value, "ttl": ttl}
        self.bind.set(self.domain, name, kind, value, ttl)

    def delete(self, name, kind):
        del self.records[name, kind]
        self.bind.set(self.domain, name, kind, None)

    def check_token(self, headers, status=401):
        if headers.get("Authorization") != "Bearer " + self.token:
            raise Refusal(status, {"message": "The request is unauthorized."})

    def rest(self, path, *before):
        """The pieces of a path behind those that it must begin with."""
        parts = path.strip("/").split("/")
        if tuple(parts[:len(before)]) != before:
            raise Refusal(404, {"message": "Can't find " + path})
        return parts[len(before):]


class Gandi(Records):
    def answer(self, method, path, _query, headers, body):
        self.check_token(headers, 403)
        name, kind = self.rest(path, "v5", "livedns", "domains", self.domain, "records")
        if method == "GET":
            if (name, kind) not in self.records:
                raise Refusal(404, {"object": "dns-record", "cause": "Not Found", "code": 404,
                                    "message": "Can't find the DNS record %s/%s in the zone" % (name, kind)})
            one = self.records[name, kind]
            return 200, {"rrset_name": name, "rrset_type": kind, "rrset_ttl": one["ttl"], "rrset_values": [one["value"]]}
        if method == "DELETE":
            assert body is None
            self.delete(name, kind)
            return 204, None
        assert method == "PUT" and set(body) == {"rrset_values", "rrset_ttl"} and len(body["rrset_values"]) == 1
        if body["rrset_ttl"] < 300:
            raise Refusal(400, {"code": 400, "message": "rrset_ttl: must be at least 300", "status": "error"})
        self.set(name, kind, body["rrset_values"][0], body["rrset_ttl"])
        return 201, {"message": "DNS Record Created"}


class Hetzner(Records):
    def answer(self, method, path, _query, headers, body):
        self.check_token(headers)
        rest = self.rest(path, "v1", "zones", self.domain, "rrsets")
        if method == "GET":
            name, kind = rest
            if (name, kind) not in self.records:
                raise Refusal(404, {"error": {"code": "not_found", "message": "RRSet not found"}})
            one = self.records[name, kind]
            return 200, {"rrset": {"name": name, "type": kind, "ttl": one["ttl"], "records": [{"value": one["value"]}]}}
        if method == "DELETE":
            assert body is None and len(rest) == 2
            self.delete(*rest)
            return 201, {"action": {"id": 2, "command": "delete_rrset", "status": "running", "progress": 0, "error": None}}
        assert method == "POST"
        if rest:
            assert rest[2:] == ["actions", "set_records"] and set(body) == {"records"}
            self.set(rest[0], rest[1], body["records"][0]["value"], self.records[rest[0], rest[1]]["ttl"])
        else:
            assert set(body) == {"name", "type", "ttl", "records"} and body["ttl"] >= 60
            assert (body["name"], body["type"]) not in self.records
            self.set(body["name"], body["type"], body["records"][0]["value"], body["ttl"])
        return 201, {"action": {"id": 1, "status": "running", "progress": 0, "error": None}}


class DigitalOcean(Records):
    def answer(self, method, path, query, headers, body):
        self.check_token(headers)
        rest = self.rest(path, "v2", "domains", self.domain, "records")
        shown = [{"id": 1000 + i, "type": kind, "name": name, "data": one["value"], "ttl": one["ttl"]}
                 for i, ((name, kind), one) in enumerate(self.records.items())]
        if method == "GET":
            return 200, {"domain_records": [one for one in shown if one["type"] == query["type"] and
                                            "%s.%s" % (one["name"], self.domain) == query["name"]], "meta": {}}
        if method == "DELETE":
            one, = [one for one in shown if one["id"] == int(rest[0])]
            assert body is None
            self.delete(one["name"], one["type"])
            return 204, None
        if method == "POST":
            assert set(body) == {"type", "name", "data", "ttl"} and not rest
            name, status = body["name"], 201
        else:
            assert method == "PATCH" and set(body) <= {"type", "data", "ttl"}
            name, status = [one["name"] for one in shown if one["id"] == int(rest[0])][0], 200
        ttl = body.get("ttl") or self.records[name, body["type"]]["ttl"]
        self.set(name, body["type"], body["data"], ttl)
        return status, {"domain_record": {"id": 1000, "type": body["type"], "name": name, "data": body["data"], "ttl": ttl}}
