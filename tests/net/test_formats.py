# SPDX-License-Identifier: ISC
"""What `reachd probe` prints for programs, from real runs: JSON as its schema says, metrics that a Prometheus
parser takes, a plugin's line and status; many hosts, and a list on standard input."""
import json
import os
import pty
import re
import signal
import subprocess
import threading
import time

import pytest

from lab import peers, schema, tools
from lab.ca import CA
from lab.netns import Netns
from lab.nginx import Nginx
from lab.schema import probed
from lab.wait import wait_until

HOME = {"ipv4": "192.0.2.1", "ipv6": "2001:db8::1"}
PEERS = {3001: peers.silent, 3002: peers.answers(b"HTTP/1.1 400 |Bad Request\r\n\r\n")}


class Home:
    """One machine with a web server whose certificate lasts, one whose soon ends, and odd peers."""

    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.ca = CA(folder / "ca")
        self.netns = Netns("formats")
        self.netns.ip("link", "set", "lo", "up")
        self.netns.ip("addr", "add", HOME["ipv4"] + "/32", "dev", "lo")
        self.netns.ip("addr", "add", HOME["ipv6"] + "/128", "dev", "lo", "nodad")
        sites = {"good.example": self.ca.issue("good.example", *HOME.values()),
                 "expired.example": self.ca.expired("expired.example")}
        self.nginx = Nginx(self.netns, folder / "nginx", sites).start()
        self.peers = [peers.Peer(self.netns, port, handle) for port, handle in PEERS.items()]

    def run(self, *argv, stdin=""):
        return subprocess.run(self.netns.command(self.reachd, "probe", *argv), input=stdin, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, timeout=60,
                              env={**os.environ, "SSL_CERT_FILE": self.ca.pem})

    def stop(self):
        self.nginx.stop()
        for peer in self.peers:
            peer.stop()
        self.netns.delete()


@pytest.fixture(scope="module")
def home(tmp_path_factory, reachd_path):
    why = tools.missing("nginx")
    if why:
        pytest.skip(why)
    made = Home(tmp_path_factory.mktemp("formats"), reachd_path)
    yield made
    made.stop()


# --- JSON ---

def test_schema_is_one_and_knows_every_member():
    """In the strict form a member more is an error; so is one that is missing."""
    if schema.missing():
        pytest.skip(schema.missing())
    validator = schema.validator()
    example = {"kind": "tls", "host": "h", "port": 443, "path": None, "servername": "h", "at": "2026-01-01T00:00:00Z", "took_us": 1,
               "remarks": [], "client": None, "ipv4": None, "ipv6": None, "compared": None}
    assert validator.is_valid(example)
    assert not validator.is_valid({**example, "news": 1})
    assert not validator.is_valid({key: value for key, value in example.items() if key != "host"})
    assert not validator.is_valid({**example, "at": "yesterday"})


def test_a_connection_has_a_path(home):
    """Where TCP was connected the kernel's facts are there; nowhere else do they have to be."""
    if schema.missing():
        pytest.skip(schema.missing())
    validator = schema.validator()
    told = json.loads(home.run("--json", HOME["ipv4"]).stdout)
    (address,) = told["ipv4"]["addresses"]
    assert address["tcp_us"] > 0 and address["path"]["mss_in"] > 0 and validator.is_valid(told)
    facts, address["path"] = address["path"], None
    assert not validator.is_valid(told)
    address["tcp_us"] = None
    assert validator.is_valid(told)
    address.update(path={**facts, "more": 1}, tcp_us=1)
    assert not validator.is_valid(told)  # as strict inside as before


def test_json_is_as_the_schema_says(home):
    if schema.missing():
        pytest.skip(schema.missing())
    cases = [
        [HOME["ipv4"]], ["good.example", "--connect", HOME["ipv6"]], [HOME["ipv4"] + ":1"],
        ["expired.example", "--connect", HOME["ipv4"]], ["https://%s/" % HOME["ipv4"]],
        ["https://%s/none" % HOME["ipv4"], "--expect-status", "404"], ["http://%s:3002/" % HOME["ipv4"]],
        ["tcp://" + HOME["ipv4"] + ":3001"], ["quic://" + HOME["ipv4"], "--timeout", "300ms"],
        ["closed://" + HOME["ipv4"], "--ports", "80,443"], [HOME["ipv4"] + ":3001", "--timeout", "300ms"],
        ["name.example", "--resolver", "192.0.2.1", "--timeout", "300ms"], ["-4", "203.0.113.1", "--timeout", "300ms"],
    ]
    for argv in cases:
        told = probed(home.run("--json", *argv).stdout)
        assert told["ipv4"] or told["ipv6"], argv
        assert told["path"] == ("/" + argv[0].split("/", 3)[3] if told["kind"].startswith("http") else None), argv
    assert home.run("--format", "json", HOME["ipv4"]).returncode == 0


# --- Prometheus ---

def check_groups(text):
    """What node_exporter wants beyond a parser's leniency: HELP, TYPE, then all samples of a metric; no series twice."""
    current, series = None, set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert "# TYPE %s gauge" % current in text
        elif not line.startswith("#"):
            name, labels = line[:line.index("{")], line[:line.rindex("}")]
            assert name == current and labels not in series
            series.add(labels)
    assert text.endswith("\n") and len(series) > 10


def test_metrics_are_what_a_parser_takes(home):
    try:
        from prometheus_client.parser import text_string_to_metric_families
    except ImportError:
        pytest.skip("there is no prometheus_client for this Python (Debian: python3-prometheus-client)")
    hosts = [HOME["ipv4"], "[%s]" % HOME["ipv6"], HOME["ipv4"] + ":1", "https://%s/a%%22b" % HOME["ipv4"], HOME["ipv4"]]
    done = home.run("--format", "prometheus", "-", stdin="\n".join(hosts))
    assert done.returncode == 1, done.stderr
    check_groups(done.stdout)
    samples = [sample for family in text_string_to_metric_families(done.stdout) for sample in family.samples]
    up = {(s.labels["address"], s.labels["port"], s.labels["kind"]): s.value
          for s in samples if s.name == "reachd_probe_up"}
    assert up == {(HOME["ipv4"], "443", "tls"): 1, (HOME["ipv6"], "443", "tls"): 1, (HOME["ipv4"], "1", "tls"): 0,
                  (HOME["ipv4"], "443", "https"): 1}
    words = {s.labels["outcome"] for s in samples if s.name == "reachd_probe_outcome"}
    assert words == {"ok", "refused"}
    (status,) = [s for s in samples if s.name == "reachd_probe_http_status_code"]
    assert status.value == 200 and status.labels["path"] == "/a%22b"
    seconds = [s.value for s in samples if s.name.endswith("_seconds") and "timestamp" not in s.name]
    assert seconds and all(0 <= value < 60 for value in seconds)


# --- Nagios ---

PERF = re.compile(r"^('[^'=]+'|[a-z0-9_]+)=-?[0-9.]+(s|);([0-9.]+:?)?;([0-9.]+:?)?;0?$")


def plugin(home, *argv, stdin=""):
    """(exit status, state word, first line's text, {label: value})"""
    done = home.run("--format", "nagios", *argv, stdin=stdin)
    text, _, perf = done.stdout.splitlines()[0].partition(" | ")
    values = {}
    for item in re.findall(r"(?:'[^']*'|[^ '])+", perf):
        assert PERF.match(item), item
        label, _, rest = item.partition("=")
        values[label.strip("'")] = float(re.match(r"-?[0-9.]+", rest).group())
    name, state, _dash, said = text.split(" ", 3)
    assert name == "REACHD" and "|" not in said and "|" not in done.stdout.partition("\n")[2]
    return done.returncode, state, said, values


def test_plugin_states(home):
    status, state, said, values = plugin(home, HOME["ipv4"])
    assert (status, state) == (0, "OK") and said.startswith("192.0.2.1:443 IPv4 ok, certificate 8")
    assert 80 < values["cert_days"] < 91 and 0 < values["ipv4_time"] < 5
    assert plugin(home, "-w", "365d", HOME["ipv4"])[:2] == (1, "WARNING")
    assert plugin(home, "-w", "365d", "-c", "364d", HOME["ipv4"])[:2] == (2, "CRITICAL")
    assert plugin(home, "--warning", "1ms", "tcp://%s:3001" % HOME["ipv4"], "https://" + HOME["ipv4"])[:2] == (1, "WARNING")
    assert plugin(home, "expired.example", "--connect", HOME["ipv4"])[:2] == (2, "CRITICAL")
    status, state, said, values = plugin(home, HOME["ipv4"] + ":1", HOME["ipv4"], "[%s]" % HOME["ipv6"])
    assert (status, state) == (2, "CRITICAL") and said == "1 of 3 hosts: 192.0.2.1:1 IPv4 refused"
    assert "192.0.2.1:443 ipv4_time" in values and "[2001:db8::1]:443 cert_days" in values
    assert plugin(home, HOME["ipv4"] + ":3002")[:2] == (2, "CRITICAL")  # its detail has a bar


def test_plugin_trouble_of_its_own_is_unknown(home):
    assert plugin(home, "name.example", "--resolver", "203.0.113.53", "--timeout", "300ms")[:2] == (3, "UNKNOWN")
    for wrong in (["-w", "x", HOME["ipv4"]], [], ["a..b"], ["--bogus"], ["--ca", "/nonexistent", HOME["ipv4"]]):
        assert plugin(home, *wrong)[:2] == (3, "UNKNOWN"), wrong
    status, state, said, _values = plugin(home, "-", stdin="%s\nno host |\n" % HOME["ipv4"])
    assert (status, state) == (3, "UNKNOWN") and said.startswith("1 of 2 hosts: line 2: 'no host /': ")


# --- many hosts ---

def test_list_on_standard_input(home):
    lines = ["# all of them", "", HOME["ipv4"], "  [%s]:1   # dead" % HOME["ipv6"], "\x1b[2J.example",
             "x" * 10000, "tcp://%s:3001\r" % HOME["ipv4"]]
    done = home.run("-q", "-", stdin="\n".join(lines))
    assert done.returncode == 1
    assert sorted(done.stdout.splitlines()) == [
        "down     [2001:db8::1]:1  IPv6 refused", "up       192.0.2.1:443  IPv4 ok",
        "up       tcp://192.0.2.1:3001  IPv4 ok"]
    complaints = done.stderr.splitlines()
    assert len(complaints) == 2 and complaints[0].startswith("reachd: line 5: '?[2J.example': ")
    assert complaints[1] == "reachd: line 6: the line is longer than any host can be"


def test_list_is_read_as_hosts_end(home):
    """The first host is printed while the list goes on; nothing waits for its end."""
    with subprocess.Popen(home.netns.command(home.reachd, "probe", "-q", "--ca", home.ca.pem, "-"), text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as proc:
        for _round in range(3):
            proc.stdin.write(HOME["ipv4"] + "\n")
            proc.stdin.flush()
            assert proc.stdout.readline() == "up       192.0.2.1:443  IPv4 ok\n"
        proc.stdin.close()
        assert proc.wait(10) == 0


def test_silent_host_holds_up_no_other(home):
    done = home.run("-q", "--timeout", "1s", HOME["ipv4"] + ":3001", HOME["ipv4"])
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["192.0.2.1:443", "192.0.2.1:3001"]


def connected(netns, port):
    """Connections to the port that stand now, as the client's side sees them."""
    rows = netns.run("cat", "/proc/net/tcp", "/proc/net/tcp6").stdout.splitlines()
    return [row for row in rows if row.split()[2].endswith(":%04X" % port) and row.split()[3] == "01"]


def test_parallel_bounds_what_is_under_way(home):
    """Two silent hosts one after the other take twice the time limit."""
    hosts = [HOME["ipv4"] + ":3001", "[%s]:3001" % HOME["ipv6"]]
    started = time.monotonic()
    assert home.run("-q", "--timeout", "400ms", "--parallel", "1", *hosts).returncode == 3
    assert time.monotonic() - started >= 0.8
    with subprocess.Popen(home.netns.command(home.reachd, "probe", "-q", "--timeout", "20s", "--parallel", "2", *hosts),
                          stdout=subprocess.DEVNULL) as proc:
        wait_until(lambda: len(connected(home.netns, 3001)) == 2, 10, lambda: str(connected(home.netns, 3001)))
        proc.kill()
    assert home.run("--parallel", "0", *hosts).returncode == 2
    assert home.run("--parallel", "1001", *hosts).returncode == 2


def test_many_hosts_take_little_memory(home):
    """A list of 3000 costs no more than one of 30."""
    if os.environ.get("ASAN_OPTIONS"):
        pytest.skip("a sanitizer keeps what was freed, and a memory of each allocation")
    peak = []
    for count in (30, 3000):
        wrapper = ["/usr/bin/python3", "-c", "import os, resource, sys; os.spawnv(os.P_WAIT, sys.argv[1], sys.argv[1:]);"
                   "sys.stderr.write('peak %d' % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"]
        argv = wrapper + [home.reachd, "probe", "--json", "tcp://" + HOME["ipv4"] + ":1", "-"]
        done = subprocess.run(home.netns.command(*argv), input="tcp://192.0.2.1:1\n" * count, text=True,
                              capture_output=True, check=False, timeout=60)
        assert len(done.stdout.splitlines()) == count + 1
        peak.append(int(done.stderr.rpartition("peak ")[2]))
    assert peak[1] < peak[0] + 1500, peak


def test_reader_that_goes_away_ends_it(home):
    """As `| head -n 1` does: the rest of an endless list is not looked at."""
    with subprocess.Popen(home.netns.command(home.reachd, "probe", "-q", "-"), text=True, stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as proc:
        proc.stdin.write("tcp://192.0.2.1:1\n")
        proc.stdin.flush()
        proc.stdout.readline()
        proc.stdout.close()
        proc.stdin.write("tcp://192.0.2.1:1\n")
        proc.stdin.flush()
        assert proc.wait(10) != 0


class Terminal:
    """A program whose standard streams are a terminal of ours."""

    def __init__(self, argv, env=None, rows=24, columns=80):
        import fcntl
        import struct
        import termios
        self.ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.proc = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
                                     env={**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **(env or {})})
        os.close(theirs)
        self.text = ""
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                data = os.read(self.ours, 65536)
            except OSError:
                return
            self.text += data.decode("utf-8", "replace")

    def wait_for(self, what, limit=15):
        wait_until(lambda: what in self.text, limit, lambda: repr(self.text[-2000:]))

    def end(self, number=None, limit=15):
        if number:
            self.proc.send_signal(number)
        status = self.proc.wait(limit)
        return status


def test_progress_on_a_terminal(home):
    hosts = [HOME["ipv4"] + ":3001"] + [HOME["ipv4"] + ":1"] * 3
    term = Terminal(home.netns.command(home.reachd, "probe", "-q", "--timeout", "600ms", *hosts))
    term.wait_for("3 hosts done, 1 under way, 3 addresses not reached")
    assert term.end() == 3
    wait_until(lambda: "tls-timeout" in term.text, 5, lambda: repr(term.text))
    assert re.search(r"\r\x1b\[K.*down .*192.0.2.1:3001.*tls-timeout", term.text)
    assert "hosts done" not in home.run("-q", *hosts[1:]).stderr


def test_signal_ends_it(home):
    term = Terminal(home.netns.command(home.reachd, "probe", "-q", HOME["ipv4"] + ":3001"))
    wait_until(lambda: connected(home.netns, 3001), 10, str)
    assert term.end(signal.SIGINT) == -signal.SIGINT


# --- watching ---

PLAIN = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def test_watch_on_a_terminal(home):
    """In place: the cursor goes up over the picture, nothing is cleared before; the change of cause is seen."""
    peer = peers.Peer(home.netns, 3005, peers.silent)
    target = "tcp://192.0.2.1:3005"
    term = Terminal(home.netns.command(home.reachd, "probe", "--watch=1s", target))
    try:
        term.wait_for("tcp ")
        peer.stop()
        wait_until(lambda: "\x1b[?7h" in term.text.partition("was ok")[2], 15, lambda: repr(term.text[-2000:]))
        first, *later = term.text.split("\x1b[?7l")[1:]
        assert later and not first.startswith("\x1b[")
        height = first.count("\n")
        assert later[0].startswith("\r\x1b[%dA" % height)
        assert "\x1b[2J" not in term.text
        last = PLAIN.sub("", next(one for one in later if "was ok" in one))
        assert re.search("IPv4  refused  for [0-9]+s, was ok", last) and "\u2581\u25cf" in last
        assert "IPv4 ok -> refused" in last and "connection refused (ECONNREFUSED)" in last
        assert "\x1b[32m\u2581" in term.text and "\x1b[31m\u25cf" in term.text
        assert term.end(signal.SIGINT) == 3
        wait_until(lambda: re.search("ok [0-9]+ .*refused [0-9]+; ", term.text), 5, lambda: repr(term.text[-1000:]))
    finally:
        term.proc.kill()


def test_watch_without_colour_and_utf8(home):
    term = Terminal(home.netns.command(home.reachd, "probe", "--watch", "tcp://192.0.2.1:1"),
                    env={"LC_ALL": "C", "NO_COLOR": "1"}, rows=6, columns=40)
    term.wait_for("\x1b[?7h")
    assert term.end(signal.SIGTERM) == 3
    picture = term.text.split("\x1b[?7h")[0]
    assert "      x\x1b[0K" in picture and "\x1b[3" not in picture
    assert picture.count("\n") == 5 and max(map(len, PLAIN.sub("", picture).split("\r\n"))) <= 41


def test_watch_into_a_pipe(home):
    """A line for each look, an object with --json; the exit status is that of the last looks."""
    hosts = ["tcp://192.0.2.1:443", "tcp://192.0.2.1:1"]
    for argv, pattern in ((["--watch=1s"], r"^20\S+Z  (up|down) "), (["--watch=1s", "--json"], r"^{.*}$")):
        with subprocess.Popen(home.netns.command(home.reachd, "probe", *argv, *hosts), text=True,
                              stdout=subprocess.PIPE) as proc:
            lines = [proc.stdout.readline() for _each in range(4)]
            assert all(re.match(pattern, line) for line in lines), lines
            proc.send_signal(signal.SIGINT)
            rest = proc.stdout.read()
            assert proc.wait(10) == 1
            assert ("ok 2 (100.0%)" in rest) == (len(argv) == 1)
    for wrong in (["--watch", "-"], ["--watch=500ms", *hosts], ["--watch", "--format", "nagios", *hosts]):
        assert home.run(*wrong).returncode in (2, 3)
