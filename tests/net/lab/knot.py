# SPDX-License-Identifier: ISC
"""A real Knot DNS: authoritative for one zone, changed by updates that its access list lets through."""
import base64
import os

from . import tools
from .proc import Proc

CONFIG = """
server:
    rundir: "{folder}"
    listen: [{listen}]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
log:
  - target: stderr
    any: info
database:
    storage: "{folder}"
key:
  - id: lab
    algorithm: hmac-sha512
    secret: {secret}
acl:
  - id: home
    key: lab
    action: update
    update-type: [A, AAAA]
    update-owner: name
    update-owner-match: equal
    update-owner-name: [{names}]
zone:
  - domain: {zone}
    storage: "{folder}"
    file: "zone"
    acl: home
"""

ZONE_FILE = """$ORIGIN {zone}.
$TTL {ttl}
@ SOA ns1 hostmaster 1 3600 600 86400 {ttl}
@ NS ns1
"""


class Knot:
    """names: those that the key may change. Its secret is in `secret`, its name is lab."""

    def __init__(self, netns, folder, zone, records, names, address, ttl=60):
        self.netns = netns
        self.folder = str(folder)
        self.address = address
        self.secret = base64.b64encode(os.urandom(64)).decode("ascii")
        self.proc = None
        os.makedirs(self.folder, exist_ok=True)
        with open(os.path.join(self.folder, "zone"), "w", encoding="ascii") as file:
            file.write(ZONE_FILE.format(zone=zone, ttl=ttl))
            file.write("\n".join(["ns1 A " + address] + list(records)) + "\n")
        with open(os.path.join(self.folder, "knot.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(folder=self.folder, listen=address + "@53", secret=self.secret,
                                     names=", ".join(names), zone=zone))

    def start(self, env=None):
        """env: more of the environment (a clock that is off)."""
        argv = [tools.find("knotd"), "-c", os.path.join(self.folder, "knot.conf")]
        self.proc = Proc(self.netns, argv, "knotd", env={**tools.env(), **(env or {})})
        self.proc.wait_for(r"zone loaded|loaded, serial|server started", 20)
        self.proc.wait_for(r"\[.*\] loaded", 20)
        return self

    def stop(self):
        if self.proc:
            self.proc.kill9()
            self.proc = None
