# SPDX-License-Identifier: ISC
"""A real BIND in a namespace: authoritative for the lab's zones, changed by nsupdate with a key."""
import base64
import os
import re

from . import tools
from .proc import Proc
from .wait import wait_until

CONFIG = """
key "lab" {{ algorithm hmac-sha256; secret "{secret}"; }};
options {{
    directory "{folder}";
    listen-on port {port} {{ {v4} }};
    listen-on-v6 port {port} {{ {v6} }};
    pid-file "{folder}/named.pid";
    session-keyfile "{folder}/session.key";
    lock-file none;
    recursion no;
    notify no;
    dnssec-validation no;
    querylog {querylog};
    allow-query {{ any; }};
    minimal-responses no;
}};
controls {{ }};
{zones}
"""

ZONE = """zone "{zone}" {{ type primary; file "{file}"; allow-update {{ key "lab"; }}; }};
"""

ZONE_FILE = """$TTL {ttl}
@ SOA ns1.{zone}. hostmaster.{zone}. 1 3600 600 86400 {ttl}
@ NS ns1
"""


class Bind:
    """zones: {"home.example": ["www A 203.0.113.10", …]}. ns1 of every zone is this server,
    or another one (glue): then this is what a resolver with an old copy looks like."""

    def __init__(self, netns, folder, zones, addresses=("192.0.2.53", "2001:db8:53::53"), port=53,
                 ttl=60, querylog=False, glue=None):
        self.netns = netns
        self.folder = str(folder)
        self.addresses = list(addresses)
        self.glue = list(glue or addresses)
        self.port = port
        self.proc = None
        self.key = os.path.join(self.folder, "lab.key")
        os.makedirs(self.folder, exist_ok=True)
        self._secret = base64.b64encode(os.urandom(32)).decode("ascii")
        with open(self.key, "w", encoding="ascii") as file:
            file.write('key "lab" { algorithm hmac-sha256; secret "%s"; };\n' % self._secret)
        os.chmod(self.key, 0o600)
        self._write(zones, ttl, querylog)

    def _write(self, zones, ttl, querylog):
        text = ""
        for zone, records in zones.items():
            path = os.path.join(self.folder, zone + ".zone")
            text += ZONE.format(zone=zone, file=path)
            glue = ["ns1 %s %s" % ("AAAA" if ":" in one else "A", one) for one in self.glue]
            with open(path, "w", encoding="ascii") as file:
                file.write(ZONE_FILE.format(zone=zone, ttl=ttl))
                file.write("\n".join(glue + list(records)) + "\n")
        v4 = "".join(one + "; " for one in self.addresses if ":" not in one) or "none; "
        v6 = "".join(one + "; " for one in self.addresses if ":" in one) or "none; "
        with open(os.path.join(self.folder, "named.conf"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(secret=self._secret, folder=self.folder, port=self.port, v4=v4,
                                     v6=v6, zones=text, querylog="yes" if querylog else "no"))

    def start(self):
        argv = [tools.find("named"), "-g", "-n", "1", "-c", os.path.join(self.folder, "named.conf")]
        self.proc = Proc(self.netns, argv, "named", env=tools.env())
        self.proc.wait_for(r" running$", 20)
        return self

    def stop(self):
        """BIND is gone: nobody listens, and what asks is refused or times out."""
        if self.proc:
            self.proc.kill9()
            self.proc = None

    def update(self, zone, *lines, netns=None):
        """Sends update lines ("delete www A", "prereq yxrrset …"); returns (ok, what it said)."""
        script = "server %s %d\nzone %s\n" % (self.addresses[0], self.port, zone)
        script += "".join(line + "\n" for line in lines) + "send\n"
        argv = ["env", "LD_LIBRARY_PATH=" + tools.env().get("LD_LIBRARY_PATH", ""),
                tools.find("nsupdate"), "-t", "5", "-k", self.key]
        done = (netns or self.netns).run(*argv, stdin=script, check=False)
        return done.returncode == 0, (done.stdout + done.stderr).strip()

    def set(self, zone, name, kind, value, ttl=60):
        """Replaces a record set by one record, or by none when value is None."""
        full = name + "." + zone + "." if name not in ("", "@") else zone + "."
        lines = ["update delete %s %s" % (full, kind)]
        if value is not None:
            lines.append("update add %s %d %s %s" % (full, ttl, kind, value))
        ok, said = self.update(zone, *lines)
        assert ok, said

    def get(self, name, kind):
        """The values that the server itself gives now, sorted."""
        argv = ["env", "LD_LIBRARY_PATH=" + tools.env().get("LD_LIBRARY_PATH", ""),
                tools.find("dig"), "+short", "+norecurse", "+time=2", "+tries=1",
                "-p", str(self.port), "@" + self.addresses[0], name, kind]
        done = self.netns.run(*argv, check=False)
        return sorted(done.stdout.split()) if done.returncode == 0 else []

    def wait_value(self, name, kind, value, limit):
        wait_until(lambda: self.get(name, kind) == [value], limit,
                   lambda: "%s %s should be %s and is %s" % (name, kind, value, self.get(name, kind)),
                   every=0.1)

    def queries(self, name, since=0):
        """Lines of the query log (querylog=True) for a name, as (kind, line)."""
        found = []
        for line in self.proc.lines[since:]:
            match = re.search(r"query: (\S+) IN (\S+) ", line.text)
            if match and match.group(1).lower() == name.lower():
                found.append((match.group(2), line))
        return found
