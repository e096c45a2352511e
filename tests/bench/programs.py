# SPDX-License-Identifier: ISC
"""Whole programs side by side: CPU of one verified TLS probe, and the wall time of a look at both
families. What is compared takes turns within one run; figures are medians."""
import http.client
import os
import shutil
import signal
import statistics
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import lab.daemon as conf
from lab.daemon import Reachd
from lab.proc import Proc
from lab.wait import wait_until

from common import PORT, SITE, Site, cpu_us, number, say, settled_cpu_us

ROUNDS = 5
TARGETS = 256
PERIOD = 5  # seconds between two looks at a target that each has its own time
PAUSE_MS = PERIOD * 1000 // TARGETS
EXPORTER = "prometheus-blackbox-exporter"
EXPORTER_PORT = 9115
EXPORTER_CONFIG = """
modules:
  tls:
    prober: tcp
    timeout: 10s
    tcp: {tls: true, tls_config: {ca_file: "%s", server_name: "%s"}}
"""
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"


def peer(program):
    """Path of a program of `tools/setup.sh bench`, or the installed one, or None."""
    root = os.path.join(os.environ["PEERS"], "root")
    for folder in ("usr/bin", "usr/lib/nagios/plugins"):
        for path in (os.path.join(root, folder, program), os.path.join("/", folder, program)):
            if os.access(path, os.X_OK):
                return path
    return None


def peer_env():
    env = dict(os.environ)
    try:
        with open(os.path.join(os.environ["PEERS"], "complete"), encoding="ascii") as file:
            arch = file.read().strip()
    except OSError:
        return env
    env["LD_LIBRARY_PATH"] = os.path.join(os.environ["PEERS"], "root/usr/lib", arch)
    return env


class Daemon:
    """reachd with TARGETS targets."""

    def __init__(self, site, folder, **times):
        self.site = site
        self.reachd = Reachd(site.netns, folder, os.environ["REACHD"])
        targets = [conf.target(title="t%d" % i, host="%s:%d" % (SITE, PORT), families=["ipv4"], connect="127.0.0.1",
                               **times) for i in range(TARGETS)]
        self.reachd.configure(*targets, level="error", ca=site.chain.root).start(ready=False)
        wait_until(self.reachd.status, 10, "an answer")

    def together(self):
        """CPU of one check when all are in flight: they are asked for, and the server stops
        answering until all wait for it."""
        server = self.site.nginx.proc
        before, opens = settled_cpu_us(self.reachd.proc.pid), self.site.tcp("ActiveOpens")
        server.signal(signal.SIGSTOP)
        self.reachd.look_now()
        wait_until(lambda: self.site.tcp("ActiveOpens") >= opens + TARGETS, 60, "a connection to each")
        server.signal(signal.SIGCONT)
        wait_until(lambda: self.site.tcp("CurrEstab") == 0, 60, "the end of all")
        return (settled_cpu_us(self.reachd.proc.pid) - before) / TARGETS

    def paced(self):
        """The same when each has its own time, as in a daemon that nobody asks."""
        before, opens = cpu_us(self.reachd.proc.pid), self.site.tcp("ActiveOpens")
        time.sleep(PERIOD)
        return (cpu_us(self.reachd.proc.pid) - before) / (self.site.tcp("ActiveOpens") - opens)


class Exporter:
    """blackbox_exporter, asked over its HTTP API as Prometheus does."""

    def __init__(self, site, folder):
        config = os.path.join(folder, "blackbox.yml")
        with open(config, "w", encoding="ascii") as file:
            file.write(EXPORTER_CONFIG % (site.chain.root, SITE))
        self.netns = site.netns
        self.proc = Proc(site.netns, [peer(EXPORTER), "--config.file=" + config,
                                      "--web.listen-address=127.0.0.1:%d" % EXPORTER_PORT], "exporter")
        wait_until(lambda: self.netns.connects("127.0.0.1", EXPORTER_PORT) is None, 20, "the exporter")
        self.probe(1)

    def probe(self, at_once):
        clients = []
        for _ in range(at_once):
            client = http.client.HTTPConnection("127.0.0.1", EXPORTER_PORT, timeout=30)
            with self.netns:
                client.connect()
            clients.append(client)
        before = settled_cpu_us(self.proc.pid)
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(lambda client: self._ask(client, TARGETS // at_once), clients))
        return (settled_cpu_us(self.proc.pid) - before) / TARGETS

    @staticmethod
    def _ask(client, count):
        for _ in range(count):
            client.request("GET", "/probe?module=tls&target=127.0.0.1:%d" % PORT)
            text = client.getresponse().read().decode()
            assert "\nprobe_success 1\n" in text, text
        client.close()


def spawn(netns, argv, env):
    """(CPU in microseconds, wall in seconds, status) of one process."""
    with open(os.devnull, "wb") as null, netns:
        quiet = [(os.POSIX_SPAWN_DUP2, null.fileno(), 1), (os.POSIX_SPAWN_DUP2, null.fileno(), 2)]
        began = time.monotonic()
        pid = os.posix_spawn(argv[0], argv, env, file_actions=quiet)
        _, status, use = os.wait4(pid, 0)
    took = time.monotonic() - began
    return (use.ru_utime + use.ru_stime) * 1e6, took, os.waitstatus_to_exitcode(status)


def processes(site, *argv, count=5):
    """CPU of one process for each probe."""
    used = []
    for _ in range(count):
        cpu, _, status = spawn(site.netns, list(argv), peer_env())
        assert status == 0, argv
        used.append(cpu)
    return statistics.mean(used)


def programs(folder):
    """CPU of one verified TLS probe. The floor does nothing else; curl makes a request besides."""
    bundle = os.path.join(folder, "bundle.pem")
    with Site(folder) as site:
        shutil.copy(BUNDLE, bundle)
        with open(bundle, "ab") as out, open(site.chain.root, "rb") as root:
            out.write(root.read())
        floor = ("floor", PORT, SITE, site.chain.root, 300)
        curl = (peer("curl"), "-sS", "--resolve", "%s:%d:127.0.0.1" % (SITE, PORT))
        url = "https://%s:%d/" % (SITE, PORT)
        exporter = Exporter(site, folder)
        asked = Daemon(site, os.path.join(folder, "asked"), every="1h", timeout="30s")
        one, many = "the floor, 1 at once", "the floor, 256 at once"
        # name: (what it is compared with, how it is measured)
        ways = {
            one: (one, lambda: number(site.netns, *floor, 1)),
            many: (many, lambda: number(site.netns, *floor, 256)),
            "reachd run, 256 at once": (many, asked.together),
            "blackbox_exporter, 1 at once": (one, lambda: exporter.probe(1)),
            "blackbox_exporter, 64 at once": (many, lambda: exporter.probe(64)),
            "check_http -S (verifies nothing)": (one, lambda: processes(
                site, peer("check_http"), "-S", "--sni", "-H", SITE, "-I", "127.0.0.1", "-p", str(PORT))),
            "curl, one root": (one, lambda: processes(site, *curl, "--cacert", site.chain.root, url)),
            "curl, Debian's bundle": (one, lambda: processes(site, *curl, "--cacert", bundle, url)),
        }
        try:
            compare(ways)
        finally:
            exporter.proc.kill9()
            asked.reachd.close()
        compare_paced(site, folder, floor)


def compare_paced(site, folder, floor):
    """With a pause between two probes both find the caches cold."""
    daemon = Daemon(site, os.path.join(folder, "paced"), every="%ds" % PERIOD)
    base = "the floor, one each %d ms" % PAUSE_MS
    try:
        wait_until(lambda: site.tcp("ActiveOpens") > 2 * TARGETS, 3 * PERIOD, "the first looks")
        compare({base: (base, lambda: number(site.netns, *floor, 1, PAUSE_MS)),
                 "reachd run, one each %d ms" % PAUSE_MS: (base, daemon.paced)})
    finally:
        daemon.reachd.close()


def compare(ways):
    """In turns; each is a ratio to its base in the same round, so that a slow moment hits both."""
    took = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, (_, measure) in ways.items():
            took[way].append(measure())
    for way, (base, _) in ways.items():
        ratio = statistics.median(mine / its for mine, its in zip(took[way], took[base]))
        say("programs", "%-34s %6.0f us of CPU for a probe, %5.2f x %s" % (
            way, statistics.median(took[way]), ratio, base))


def oneshot(folder):
    """A look at both families of a name, wall time, with as many roots as Debian has: for reachd
    the hashed folder that it takes where there is one, for curl the bundle that it takes."""
    with Site(folder, "DNS:" + SITE + ",DNS:localhost") as site:
        roots, bundle = os.path.join(folder, "roots"), os.path.join(folder, "bundle.pem")
        make_roots(roots, bundle, site.chain.root)
        url = "https://localhost:%d/" % PORT
        curl = [peer("curl"), "-sS", "--cacert", bundle]
        probe = [os.environ["REACHD"], "probe", "localhost:%d" % PORT]
        env = {key: value for key, value in os.environ.items() if key != "SSL_CERT_FILE"}
        env["SSL_CERT_DIR"] = roots
        took = {"curl": [], "reachd": []}
        for _ in range(15):
            took["curl"].append(wall(site, curl + ["-4", url], peer_env()) + wall(site, curl + ["-6", url], peer_env()))
            took["reachd"].append(wall(site, probe, env))
        ratio = statistics.median(ours / theirs for ours, theirs in zip(took["reachd"], took["curl"]))
        say("oneshot", "curl -4; curl -6: %.1f ms; reachd probe: %.1f ms: %.2fx (medians of %d, wall)" % (
            1e3 * statistics.median(took["curl"]), 1e3 * statistics.median(took["reachd"]), ratio, len(took["curl"])))


def wall(site, argv, env):
    _, took, status = spawn(site.netns, argv, env)
    assert status == 0, argv
    return took


def make_roots(folder, bundle, root):
    """Debian's roots and one more, as a hashed folder and as a bundle."""
    os.mkdir(folder)
    with open(BUNDLE, encoding="ascii") as file:
        text = file.read()
    with open(root, encoding="ascii") as file:
        text += file.read()
    with open(bundle, "w", encoding="ascii") as file:
        file.write(text)
    end = "-----END CERTIFICATE-----"
    for i, cert in enumerate(text.split(end)[:-1]):
        with open(os.path.join(folder, "%d.pem" % i), "w", encoding="ascii") as file:
            file.write(cert + end + "\n")
    subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)
