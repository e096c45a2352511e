# SPDX-License-Identifier: ISC
"""A stand-in for DDNS providers over HTTPS: Value Domain's dyn.fcg, the dyndns2 family, Duck DNS.

It does what the real ones do: rewrites the zone (nsupdate), refuses inside its gap, refuses a bad
password and a name without a record. `script` makes the next answers go wrong in any way a network
or a server can. Keeps a log of every request with monotonic times. Owns: the sockets and the answers.
Not its job: to judge the client; the tests do.
"""
import base64
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse

from .wait import wait_until

DYN_FCG = "/cgi-bin/dyn.fcg"
DYNDNS2 = "/nic/update"
DUCKDNS = "/update"


class Answer:
    """One scripted behaviour. What is None is as it would be without a script."""

    def __init__(self, status=None, body=None, headers=(), raw=None, delay=0.0, how="reply", real=False,
                 piece=None, every=0.0):
        self.status = status
        self.body = body
        self.headers = list(headers)
        self.raw = raw      # bytes instead of a reply
        self.delay = delay  # seconds before the answer
        self.how = how      # reply, close, reset, silence; tls-*: before the handshake
        self.piece = piece  # bytes that follow raw again and again, without end
        self.every = every  # seconds between two of them
        self.real = real    # do the update all the same, the answer is lost or late

    # What the network does.
    @classmethod
    def silence(cls, real=False):
        return cls(how="silence", real=real)

    @classmethod
    def closed(cls, real=False):
        return cls(how="close", real=real)

    @classmethod
    def reset(cls, real=False):
        return cls(how="reset", real=real)

    @classmethod
    def tls_reset(cls):
        return cls(how="tls-reset")

    @classmethod
    def tls_silence(cls):
        return cls(how="tls-silence")

    # What a server says.
    @classmethod
    def http(cls, status, body="", *headers):
        return cls(status=status, body=body, headers=headers)

    @classmethod
    def too_many(cls, retry_after):
        return cls.http(429, "slow down\n", ("Retry-After", str(retry_after)))

    @classmethod
    def redirect(cls, to):
        return cls.http(302, "", ("Location", to))

    @classmethod
    def code(cls, text):
        """A body with status 200: "status=5", "911", "badauth"."""
        return cls.http(200, text + "\n")

    @classmethod
    def garbage(cls):
        return cls(raw=os.urandom(2048))

    @classmethod
    def endless(cls, head, piece, every=0.0):
        """head, and then piece for as long as anybody listens."""
        return cls(raw=head, piece=piece, every=every)

    @classmethod
    def late(cls, seconds):
        return cls(delay=seconds, real=True)


class Request:
    """One request as it came in, and what was answered."""

    def __init__(self, client, connected=None):
        self.at = time.monotonic()
        self.connected = connected or self.at  # when TCP was there: before the handshake
        self.client = client
        self.method = self.path = ""
        self.query = {}
        self.headers = {}
        self.answer = None
        self.since_last = None  # seconds since the request before, None for the first
        self.early = False      # inside the gap

    @property
    def address(self):
        """The address that the request asks to publish."""
        return self.query.get("i") or self.query.get("myip") or self.query.get("ip") or ""

    @property
    def family(self):
        return 6 if ":" in self.address else 4

    def __repr__(self):
        shown = {key: value for key, value in self.query.items() if key not in ("p", "password", "token")}
        return "%.3f %s %s from %s -> %s%s" % (self.at, self.path, shown, self.client, self.answer,
                                               " EARLY" if self.early else "")


class StandIn:
    """bind: lab.bind.Bind whose zone is rewritten (None: a table in `published` only)."""

    def __init__(self, netns, cert, addresses=("192.0.2.80", "2001:db8:80::80"), port=443, bind=None,
                 zone="home.example", password="opensesame", user="lab", gap=60.0, ttl=60, tell=None):
        self.netns = netns
        self.addresses = list(addresses)
        self.port = port
        self.bind = bind
        self.zone = zone
        self.password = password
        self.user = user
        self.gap = gap
        self.ttl = ttl
        self.published = {}
        self._tell = tell or (lambda request: None)
        self.present(cert)
        self._requests = []
        self._script = []
        self._always = None
        self._by_path = {}
        self._lock = threading.Lock()
        self._updating = threading.Lock()
        self._sockets = []
        self._open = set()
        self._last = None

    # --- for tests ---------------------------------------------------------------------------
    @property
    def requests(self):
        with self._lock:
            return list(self._requests)

    def script(self, *answers):
        """The next requests get these, one each; then all is as usual."""
        with self._lock:
            self._script.extend(answers)

    def always(self, answer):
        """Every request gets this until always(None)."""
        with self._lock:
            self._always = answer

    def at_path(self, path, answer):
        """Every request for this path gets this, whatever the script says."""
        with self._lock:
            self._by_path[path] = answer

    def early(self):
        """The requests that came inside the gap: must stay empty for a good client."""
        return [request for request in self.requests if request.early]

    def wait_requests(self, count, limit):
        wait_until(lambda: len(self.requests) >= count, limit,
                   lambda: "%d requests, there are %s" % (count, self.requests))
        return self.requests

    # --- sockets -----------------------------------------------------------------------------
    def present(self, cert):
        """From the next connection on it shows this certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert.chain, cert.key)
        self._context = context

    def start(self):
        for address in self.addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            with self.netns:
                sock = socket.socket(family, socket.SOCK_STREAM)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((address, self.port))
            sock.listen(64)
            self._sockets.append(sock)
            threading.Thread(target=self._accept, args=(sock,), daemon=True).start()
        return self

    def stop(self):
        """Nobody listens any more: connections are refused. start() brings it back."""
        for sock in self._sockets:
            # shutdown wakes the thread in accept(), close alone does not.
            sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._sockets = []
        with self._lock:
            pending, self._open = self._open, set()
        for sock in pending:
            sock.close()

    def _accept(self, listener):
        while True:
            try:
                sock, peer = listener.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(sock)
            threading.Thread(target=self._serve, args=(sock, peer[0], time.monotonic()),
                             daemon=True).start()

    def _serve(self, sock, client, connected):
        sock.settimeout(60)
        try:
            self._exchange(sock, client, connected)
        except (OSError, ValueError):
            pass  # the client went away, or spoke something else
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _exchange(self, sock, client, connected):
        before = self._before_handshake(client)
        if before == "tls-reset":
            _reset(sock)
            return
        if before == "tls-silence":
            _wait_closed(sock)
            return
        tls = self._context.wrap_socket(sock, server_side=True)
        with self._lock:
            self._open.discard(sock)
            self._open.add(tls)
        try:
            request = Request(client, connected)
            head = _read_head(tls)
            if head is None:
                return
            _parse(request, head)
            answer, reply = self._handle(request)
            self._tell(request)
            self._send(tls, answer, reply)
        finally:
            with self._lock:
                self._open.discard(tls)
            tls.close()

    def _before_handshake(self, client):
        """A scripted failure that strikes before TLS: logged as an attempt. No request has come, so
        the gap does not count from it, and a client may try another address at once."""
        with self._lock:
            answer = self._always or (self._script[0] if self._script else None)
            if not answer or not answer.how.startswith("tls-"):
                return None
            if not self._always:
                self._script.pop(0)
        request = Request(client)
        request.answer = answer.how
        with self._lock:
            self._requests.append(request)
        self._tell(request)
        return answer.how

    def _send(self, tls, answer, reply):
        if answer.delay:
            time.sleep(answer.delay)
        if answer.how == "silence":
            _wait_closed(tls)
        elif answer.how == "reset":
            _reset(tls)
        elif answer.how == "reply":
            tls.sendall(reply)
            while answer.piece:
                tls.sendall(answer.piece)
                time.sleep(answer.every)
            tls.unwrap()

    # --- answers -----------------------------------------------------------------------------
    def _note(self, request):
        """Logs the request and tells whether it is inside the gap."""
        with self._lock:
            request.at = time.monotonic()  # in here: several may come at once
            if self._last is not None:
                request.since_last = request.at - self._last
                request.early = request.since_last < self.gap
            self._last = request.at
            self._requests.append(request)

    def _handle(self, request):
        self._note(request)
        with self._lock:
            answer = self._by_path.get(request.path) or self._always or (
                self._script.pop(0) if self._script else None)
        if answer is None or answer.real:
            with self._updating:
                status, body = self._usual(request)
            if answer is None:
                answer = Answer(status, body)
            elif answer.how == "reply":
                answer = Answer(status, body, delay=answer.delay)
        request.answer = answer.how if answer.how != "reply" else (
            "garbage" if answer.raw else "HTTP %d %s" % (answer.status, (answer.body or "").strip()[:60]))
        return answer, answer.raw or _reply(answer)

    def _usual(self, request):
        if request.path == DYN_FCG:
            return self._dyn_fcg(request)
        if request.path == DYNDNS2:
            return self._dyndns2(request)
        if request.path == DUCKDNS:
            return self._duckdns(request)
        return 404, "not found\n"

    def _dyn_fcg(self, request):
        query = request.query
        if request.early:
            return 503, "status=503\ntoo many requests\n"
        if query.get("d") != self.zone:
            return 200, "status=2\nno such domain\n"
        if query.get("p") != self.password:
            return 200, "status=4\npassword mismatch\n"
        if not _is_address(query.get("i", "")):
            return 200, "status=3\nbad address\n"
        host = query.get("h", "@")
        return 200, "status=0\nOK\n" if self._publish(host, query["i"]) else "status=8\nno record\n"

    def _dyndns2(self, request):
        if request.early:
            return 200, "abuse\n"
        expected = base64.b64encode(("%s:%s" % (self.user, self.password)).encode()).decode()
        if request.headers.get("authorization") != "Basic " + expected:
            return 401, "badauth\n"
        names, addresses = (request.query.get(key, "").split(",") for key in ("hostname", "myip"))
        return 200, "".join(self._dyndns2_line(name, addresses) + "\n" for name in names)

    def _dyndns2_line(self, name, addresses):
        """A line for each name, in their order."""
        if not name.endswith("." + self.zone) and name != self.zone:
            return "nohost"
        host = name[:-len(self.zone)].rstrip(".") or "@"
        changed = False
        for address in addresses:
            if not _is_address(address):
                return "notfqdn"
            changed |= self.published.get((host, _kind(address))) != address
            if not self._publish(host, address):
                return "nohost"
        return "%s %s" % ("good" if changed else "nochg", ",".join(addresses))

    def _duckdns(self, request):
        """Both families in one request; an address that is left out stays as it is."""
        query = request.query
        if request.early:
            return 429, "slow down\n"
        if query.get("token") != self.password:
            return 200, "KO\n"
        changed = False
        for address in (query.get("ip"), query.get("ipv6")):
            if address:
                kind = (query["domains"], _kind(address))
                changed |= self.published.get(kind) != address
                if not _is_address(address) or not self._publish(query["domains"], address):
                    return 200, "KO\n"
        return 200, "OK\n%s\n%s\n%s\n" % (query.get("ip", ""), query.get("ipv6", ""),
                                          "UPDATED" if changed else "NOCHANGE")

    def _publish(self, host, address):
        """Rewrites a record that exists already, as the real service does; False when there is none."""
        kind = _kind(address)
        if self.bind:
            name = self.zone + "." if host in ("", "@") else host + "." + self.zone + "."
            ok, _said = self.bind.update(
                self.zone, "prereq yxrrset %s %s" % (name, kind), "update delete %s %s" % (name, kind),
                "update add %s %d %s %s" % (name, self.ttl, kind, address))
            if not ok:
                return False
        self.published[(host, kind)] = address
        return True


def _kind(address):
    return "AAAA" if ":" in address else "A"


def _is_address(text):
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, text)
            return True
        except OSError:
            pass
    return False


def _read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(4096)
        if not piece or len(data) > 65536:
            return None
        data += piece
    return data.split(b"\r\n\r\n")[0].decode("latin-1")


def _parse(request, head):
    first, *rest = head.split("\r\n")
    request.method, target, _version = first.split(" ", 2)
    url = urllib.parse.urlsplit(target)
    request.path = url.path
    request.query = dict(urllib.parse.parse_qsl(url.query, keep_blank_values=True))
    for line in rest:
        name, _, value = line.partition(":")
        request.headers[name.strip().lower()] = value.strip()


def _reply(answer):
    body = (answer.body or "").encode()
    status = answer.status or 200
    head = "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n" % (
        status, {200: "OK", 302: "Found", 503: "Service Unavailable"}.get(status, "Status"), len(body))
    head += "".join("%s: %s\r\n" % header for header in answer.headers)
    return head.encode() + b"\r\n" + body


def _reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    os.close(sock.detach())


def _wait_closed(sock):
    """Says nothing until the other side gives up."""
    try:
        while sock.recv(4096):
            pass
    except OSError:
        pass
