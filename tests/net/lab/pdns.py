# SPDX-License-Identifier: ISC
"""A real PowerDNS with SQLite: dynamic updates, and its HTTP API."""
import base64
import os
import sqlite3

from . import tools
from .proc import Proc

CONFIG = """
launch=gsqlite3
gsqlite3-database={folder}/pdns.db
gsqlite3-pragma-synchronous=0
module-dir={modules}
local-address={address}
local-port=53
socket-dir={folder}
daemon=no
guardian=no
disable-syslog=yes
log-timestamp=no
loglevel=5
dnsupdate=yes
allow-dnsupdate-from=0.0.0.0/0,::/0
webserver=yes
webserver-address={address}
webserver-port=8081
webserver-allow-from=0.0.0.0/0,::/0
api=yes
api-key={api_key}
"""

SCHEMA = "usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"


def _modules():
    """Where its backends are; None: not unpacked, so where the program itself looks."""
    for folder in ("usr/lib/x86_64-linux-gnu/pdns", "usr/lib/aarch64-linux-gnu/pdns"):
        path = os.path.join(tools.SERVERS, "root", folder)
        if os.path.isdir(path):
            return path
    return "/usr/lib/%s/pdns" % os.uname().machine


def _schema():
    for root in (os.path.join(tools.SERVERS, "root"), "/"):
        path = os.path.join(root, SCHEMA)
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                return file.read()
    return None


def missing():
    return tools.missing("pdns_server") or (None if _schema() else "PowerDNS has no SQLite here")


class PowerDNS:
    """The key's name is lab, its secret in `secret`; the API is at `url` with `api_key`."""

    def __init__(self, netns, folder, zone, records, address, ttl=60):
        self.netns = netns
        self.folder = str(folder)
        self.zone = zone
        self.address = address
        self.secret = base64.b64encode(os.urandom(32)).decode("ascii")
        self.api_key = base64.b32encode(os.urandom(15)).decode("ascii")
        self.url = "http://%s:8081" % address
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, "pdns.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, address=address, api_key=self.api_key,
                                     modules=_modules()))
        self._fill(records, ttl)

    def _fill(self, records, ttl):
        soa = "ns1.{0} hostmaster.{0} 1 3600 600 86400 {1}".format(self.zone, ttl)
        rows = [("", "SOA", soa), ("", "NS", "ns1." + self.zone), ("ns1.", "A", self.address)]
        rows += [(name + "." if name != "@" else "", kind, value) for name, kind, value in records]
        with sqlite3.connect(os.path.join(self.folder, "pdns.db")) as db:
            db.executescript(_schema())
            db.execute("insert into domains (id, name, type) values (1, ?, 'NATIVE')", (self.zone,))
            db.executemany("insert into records (domain_id, name, type, content, ttl, auth) "
                           "values (1, ?, ?, ?, %d, 1)" % ttl,
                           [(name + self.zone, kind, value) for name, kind, value in rows])
            db.execute("insert into tsigkeys (name, algorithm, secret) values ('lab', 'hmac-sha256', ?)",
                       (self.secret,))
            db.executemany("insert into domainmetadata (domain_id, kind, content) values (1, ?, ?)",
                           [("TSIG-ALLOW-DNSUPDATE", "lab"), ("ALLOW-DNSUPDATE-FROM", "0.0.0.0/0")])
        db.close()

    def start(self, env=None):
        """env: more of the environment (a clock that is off)."""
        argv = [tools.find("pdns_server"), "--config-dir=" + self.folder]
        self.proc = Proc(self.netns, argv, "pdns", env={**tools.env(), **(env or {})})
        self.proc.wait_for(r"ready to distribute", 20)
        return self

    def stop(self):
        if self.proc:
            self.proc.kill9()
            self.proc = None
