# SPDX-License-Identifier: ISC
"""A reachd in a namespace: configuration, start, every kind of end, and what it says: log, status,
the notices that its hook was told. Owns: the files of one daemon in a folder of its own."""
import json
import os
import signal
import socket

from .proc import Proc
from .wait import STRETCH, wait_until
from .world import PASSWORD, SITE, ZONE

RECORDER = "#!/bin/sh\nexec cat >>'%s'\n"
READY = r"reachd \S+ watches"


def section(kind, title=None, **options):
    """A section of the configuration: section("target", "www", host="…", retry_every="1s").

    Lists become {…}, an underscore in a key a dash; what is None is left out."""
    lines = [kind + (' "%s"' % title if title else "") + " {"]
    for key, value in options.items():
        if value is not None:
            lines.append("    %s = %s" % (key.replace("_", "-"), _value(value)))
    return "\n".join(lines + ["}", ""])


def _value(value):
    if isinstance(value, (list, tuple)):
        return "{%s}" % ", ".join(_value(one) for one in value)
    return '"%s"' % str(value).replace("\\", "\\\\").replace('"', '\\"')


class Reachd:
    """program: path of reachd. Its files: reachd.conf, password, state.db, reachd.sock, events."""

    def __init__(self, netns, folder, program, name="reachd", env=None, on_line=None):
        self.netns = netns
        self.folder = str(folder)
        self.program = program
        self.name = name
        self.env = env
        self.on_line = on_line
        self.proc = None
        self.past = []  # the runs before this one
        os.makedirs(self.folder, exist_ok=True)
        self.config = self.file("reachd.conf")
        self.socket = self.file("reachd.sock")
        self.password_file = self.file("password")
        self.password(PASSWORD)
        self.recorder = self.script("record", RECORDER % self.file("events"))

    # --- files -------------------------------------------------------------------------------
    def file(self, name):
        return os.path.join(self.folder, name)

    def script(self, name, text):
        """An executable file; returns its path."""
        path = self.file(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o700)
        return path

    def password(self, text):
        """What password-file holds; a running daemon reads it with the next reload."""
        with open(self.password_file, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        os.chmod(self.password_file, 0o600)

    def configure(self, *sections, level="info", settle="0", debounce="0", ca=None, state=None):
        """Writes the configuration: places of our own, the recorder told of everything, sections."""
        text = section("state", path=state or self.file("state.db"))
        text += section("control", path=self.socket)
        text += section("log", level=level)
        text += section("daemon", settle=settle, debounce=debounce)
        if ca:
            text += section("trust", ca=ca)
        text += section("hook", "recorder", command=[self.recorder])
        self.write(text + "".join(sections))
        return self

    def write(self, text):
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(text)

    # --- life --------------------------------------------------------------------------------
    def start(self, ready=True):
        """Runs it; returns when it says that it watches (ready=False: at once)."""
        if self.proc:
            self.past.append(self.proc)
        argv = [self.program, "run", "-c", self.config]
        self.proc = Proc(self.netns, argv, self.name, env=self.env, on_line=self.on_line)
        if ready:
            self.proc.wait_for(READY, 10)
        return self

    def kill9(self):
        self.proc.kill9()

    def stop(self, limit=5):
        return self.proc.stop(limit)

    def restart(self):
        self.stop()
        return self.start()

    def close(self):
        """The end of a test: it ends as asked, whatever state it is in, and has nothing to confess."""
        status = self.stop() if self.proc and self.proc.alive() else 0
        assert status == 0, "%s ended with %s:\n%s" % (self.name, status, self.logs()[-6000:])
        for word in ("Sanitizer", "runtime error"):
            assert word not in self.logs(), self.logs()[-20000:]

    def reload(self, limit=5):
        """HUP, and the answer: True when the new configuration is in effect."""
        mark = self.proc.mark()
        self.proc.signal(signal.SIGHUP)
        line = self.proc.wait_for(r"reload: (the new configuration|refused)", limit, since=mark)
        return "refused" not in line.text

    def look_now(self):
        self.proc.signal(signal.SIGUSR1)

    def command(self, *argv, check=False):
        """Another reachd beside it: command("status", "--json"). The CompletedProcess."""
        return self.netns.run(self.program, *argv, check=check)

    # --- what it says ------------------------------------------------------------------------
    def wait_for(self, pattern, limit, since=0):
        return self.proc.wait_for(pattern, limit, since=since)

    def logs(self):
        """The lines of all runs."""
        return "\n".join(proc.text() for proc in self.past + [self.proc] if proc)

    def ask(self, **request):
        """What the control socket answers; None when nobody is there."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
            sock.settimeout(5)
            try:
                sock.connect(self.socket)
                sock.sendall(json.dumps(request).encode() + b"\n")
                data = b""
                while piece := sock.recv(65536):
                    data += piece
            except OSError:
                return None
        return json.loads(data) if data else None

    def status(self, events=0):
        """As `reachd status --json` prints it; {} when nobody answers."""
        return self.ask(cmd="status", events=events) or {}

    def record(self, name="www", family="ipv4"):
        for record in self.status().get("records", []):
            if (record["name"], record["family"]) == (name, family):
                return record
        return {}

    def target(self, name, family):
        for target in self.status().get("targets", []):
            if target["name"] == name:
                return target[family] or {}
        return {}

    def wait_status(self, get, limit, what, every=0.05):
        """Waits until get() is true; what it was at the end stands in the failure, with the log."""
        return wait_until(get, limit, lambda: "%s\n%s\n%s\n%s" % (
            what, json.dumps(self.status(), indent=1), self.events(), self.logs()[-6000:]), every=every)

    def wait_record(self, limit, name="www", family="ipv4", **members):
        """wait_record(5, verified="203.0.113.27"): returns the record once all members are so."""
        def get():
            record = self.record(name, family)
            return record if record and _has(record, members) else None
        return self.wait_status(get, limit, "record %s %s with %s" % (name, family, members))

    def wait_target(self, limit, name, family, **members):
        def get():
            side = self.target(name, family)
            return side if side and _has(side, members) else None
        return self.wait_status(get, limit, "target %s %s with %s" % (name, family, members))

    # --- what its hook was told ---------------------------------------------------------------
    def events(self, event=None, **members):
        """The notices that reached the recorder, oldest first: events("update-verified")."""
        try:
            with open(self.file("events"), encoding="utf-8") as file:
                told = [json.loads(line) for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []
        return [one for one in told
                if (event is None or one["event"] == event) and _has(one, members)]

    def wait_events(self, count, limit, event, **members):
        """At least so many; returns all of them."""
        return self.wait_status(
            lambda: len(self.events(event, **members)) >= count and self.events(event, **members),
            limit, lambda: "%d %s %s" % (count, event, members), every=0.05)


def _has(json_object, members):
    return all(json_object.get(key) == value for key, value in members.items())


# --- the reference home's sections -------------------------------------------------------------
def ppp_address(**options):
    """The router's public IPv4; the lab's ranges are none of the internet's."""
    return section("address", "wan4", family="ipv4", interface="pppoe-wanppp",
                   accept=["203.0.113.0/24"], **options)


def lan_address(interface="eth0", **options):
    """The server's IPv6."""
    return section("address", "lan6", family="ipv6", interface=interface,
                   accept=["2001:db8::/32"], **options)


def record(world, daemon, title="www", host="www", ipv4="wan4", ipv6=None, **options):
    """A record at the stand-in, as fast as the lab: all waits short, unless told otherwise."""
    options = {"provider": "value-domain", "url": world.dyn_fcg,
               "gap": "%dms" % (world.standin.gap * 1000), "look_every": "2s", "backoff": "500ms",
               "backoff_max": "2s", "timeout": "%gs" % (3 * STRETCH), **options}
    return section("record", title, host=host, domain=ZONE, password_file=daemon.password_file,
                   ipv4=ipv4, ipv6=ipv6, **options)


def target(title="site", host=SITE, **options):
    options = {"every": "1s", "retry_every": "200ms", "timeout": "900ms", "rise": 2, "fall": 2, **options}
    return section("target", title, host=host, **options)
