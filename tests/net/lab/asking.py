# SPDX-License-Identifier: ISC
"""Asks reachd, curl and blackbox_exporter about one case of the failure lab, from the same place.

Owns: how each is called, and what is taken of its answer. Not its job: judging it."""
import os
import re
import shlex

from . import tools
from .causes import hosts
from .failures import RESOLVER
from .proc import Proc
from .schema import probed
from .wait import wait_until

EXPORTER = "prometheus-blackbox-exporter"
EXPORTER_IP = "preferred_ip_protocol: ip4, ip_protocol_fallback: false"
EXPORTER_HTTP = ('  %s: {{prober: http, timeout: 2s, http: {{follow_redirects: false, tls_config: {{ca_file: "{root}"}}, '
                 '%s {ip}}}}}\n')
EXPORTER_CONFIG = "modules:\n  tcp: {{prober: tcp, timeout: 2s, tcp: {{{ip}}}}}\n" + "".join(
    EXPORTER_HTTP % one for one in (("http", ""), ("text", "fail_if_body_not_matches_regexp: [Works],"),
                                    ("small", "body_size_limit: 100KB,")))
CURL = "curl -q -sS -f -g -o /dev/null -m %d"


class Asker:
    """files: what stands for {root}, {crl}, … in options."""

    def __init__(self, lab, reachd):
        self.lab = lab
        self.reachd = reachd
        certs = lab.certs
        self.files = {"root": certs.root.pem, "crl": certs.crl, "old_crl": certs.old_crl,
                      "rejecting": certs.rejecting, "few": "6"}

    def _under(self, case):
        return shlex.split(case.under.format(**self.files))

    def reachd_says(self, case):
        """{family: object of the host}, from one run."""
        kind, rest = re.match("([a-z]+)(.*)", case.at).groups()
        urls = ["%s://%s%s" % (kind, host, rest) for host in dict.fromkeys(hosts(case).values())]
        argv = self._under(case) + [self.reachd, "probe", "--json", "--resolver", case.resolver]
        argv += shlex.split(case.argv.format(**self.files))
        if kind in ("tls", "https"):
            argv += ["--servername", case.name]
            argv += [] if "--ca " in case.argv else ["--ca", self.files["root"]]
        done = self.lab.client.run(*argv, *urls, check=False)
        assert done.stdout, done.stderr
        objects = [probed(line) for line in done.stdout.splitlines()]
        return {family: next(one for one in objects if one[family]) for family in ("ipv4", "ipv6")}

    def curl_says(self, case, family, patient=False):
        """(exit status, its own words), or None where curl has no such question."""
        kind, rest = re.match("([a-z]+)(.*)", case.at).groups()
        if case.curl is None:
            return None
        host = hosts(case)[family]
        port, path = re.match(":([0-9]+)(.*)", rest).groups()
        scheme = {"tls": "https", "quic": "https", "tcp": "http"}.get(kind, kind)
        name = case.name if kind in ("tls", "https", "quic") else host
        argv = shlex.split(CURL % (12 if patient else 2)) + ["-4" if family == "ipv4" else "-6"]
        argv += ["--http3"] if kind == "quic" else []
        argv += shlex.split(case.curl.format(**self.files))
        argv += [] if "--cacert" in case.curl else ["--cacert", self.files["root"]]
        argv += ["--connect-to", "%s:%s:%s:%s" % (name, port, host, port)] if name != host else []
        done = self.lab.client.run(*self._resolving(case.resolver, 5 if patient else 1), *self._under(case), *argv, "%s://%s:%s%s" % (
            scheme, name, port, path), check=False)
        return done.returncode, re.sub(r"^curl: (\(\d+\) )?", "", done.stderr.strip().splitlines()[0] if done.stderr
                                       else "")

    def _resolving(self, resolver, seconds=1):
        """Runs what follows with another /etc/resolv.conf."""
        return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                self.lab.resolv_conf(resolver, seconds)]

    # --- blackbox_exporter ---

    def start_exporter(self, resolver, port=9115):
        """None when it is not to be had."""
        program = peer(EXPORTER)
        if not program:
            return None
        config = self.lab.folder / "blackbox.yml"
        config.write_text(EXPORTER_CONFIG.format(ip=EXPORTER_IP, root=self.files["root"]), encoding="ascii")
        argv = self._resolving(resolver) + [program, "--config.file=%s" % config,
                                            "--web.listen-address=127.0.0.1:%d" % port]
        proc = Proc(self.lab.client, argv, "blackbox_exporter")
        proc.stop = proc.kill9
        self.lab.running.append(proc)
        wait_until(lambda: self.lab.client.connects("127.0.0.1", port) is None, 20, proc.text)
        return proc

    def exporter_says(self, case, port=9115):
        """probe_success over IPv4 as it stands there, or None where it has no such question."""
        kind, rest = re.match("([a-z]+)(.*)", case.at).groups()
        unasked = re.search("--(interface|ca|crl|expect-address|full-size) ?", case.argv)
        if kind in ("quic", "closed") or case.under or unasked or case.resolver != RESOLVER:
            return None
        host = hosts(case)["ipv4"]
        if kind in ("tls", "https", "http"):
            scheme = "http" if kind == "http" else "https"
            module = "text" if "--expect" in case.argv else "small" if "--max-body" in case.argv else "http"
            target = "%s://%s%s" % (scheme, host, rest)
        else:
            module, target = "tcp", host + rest
        query = "module=%s&target=%s" % (module, target) + ("&hostname=" + case.name if module != "tcp" else "")
        done = self.lab.client.run("curl", "-sS", "-m", "9", "http://127.0.0.1:%d/probe?%s" % (port, query))
        return re.search(r"^probe_success (\d)", done.stdout, re.M).group(1)


def peer(program):
    """Unpacked by tools/setup.sh bench, or installed; or None."""
    root = os.path.join(os.environ.get("PEERS") or os.path.join(tools.TOP, "build", "peers"), "root")
    for path in (os.path.join(root, "usr/bin", program), os.path.join("/usr/bin", program)):
        if os.access(path, os.X_OK):
            return path
    return None
