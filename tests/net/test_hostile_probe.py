# SPDX-License-Identifier: ISC
"""`reachd probe` against those who mean it ill: replies that never end or come a byte at a time, handshakes
without end, more certificates, issuers and names than anybody needs. Measured: each look keeps its time limit, and costs bounded
memory and processor time. `-s` shows the figures. The bounds are many times what is measured: what has no end passes them all."""
import concurrent.futures
import json
import os
import subprocess

import pytest

from lab import tools
from lab.bad_certs import BadCerts
from lab.endless import HANDSHAKES, REPLIES, behind_tls
from lab.netns import Netns
from lab.nginx import Nginx
from lab.peers import Peer, answers
from lab.wait import STRETCH

NAME = "good.example"
LIMIT_S = 2
LATE_S = 8 * STRETCH  # a loaded machine
MORE_KB = 8192
CPU_S = 6 * STRETCH
TICKS = os.sysconf("SC_CLK_TCK")


class Hostile:
    def __init__(self, folder, reachd):
        self.reachd = reachd
        self.netns = Netns("hostile")
        self.certs = BadCerts(folder / "certs")
        crowd = [path for one in reversed(self.certs.stairs(17)) for path in [one.pem]] + [self.certs.middle.pem] * 170
        sites = {name: self.certs.sites[name] for name in ("good.example", "many.example", "long.example", "deep.example")}
        sites["crowd.example"] = self.certs.stairs(17)[-1].issue("crowd.example", behind=crowd)
        self.nginx = Nginx(self.netns, folder / "nginx", sites).start()
        self.peers = [Peer(self.netns, 9001 + number, handle) for number, handle in enumerate(HANDSHAKES)]
        self.ports = {}
        for number, (what, (handle, _word)) in enumerate(REPLIES.items()):
            self.ports["http", what] = 9100 + number
            self.ports["https", what] = 9200 + number
            self.peers.append(Peer(self.netns, 9100 + number, handle))
            self.peers.append(Peer(self.netns, 9200 + number, behind_tls(self.certs.good, handle)))
        self.usual = self.look("https://127.0.0.1/")

    def look(self, url, *argv):
        """One look: (the result at the address, peak memory in kB, seconds of the processor). The list of hosts stays
        open, so that the program is still there to be asked what it took."""
        command = [self.reachd, "probe", "--json", "-4", "--timeout", "%ds" % LIMIT_S, "--ca", self.certs.root.pem, *argv, "-"]
        if "--servername" not in argv:
            command[2:2] = ["--servername", NAME]
        with subprocess.Popen(self.netns.command(*command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proc:
            proc.stdin.write(url + "\n")
            proc.stdin.flush()
            line = proc.stdout.readline()
            with open("/proc/%d/status" % proc.pid, encoding="ascii") as file:
                peak = next(int(one.split()[1]) for one in file if one.startswith("VmHWM"))
            with open("/proc/%d/stat" % proc.pid, encoding="ascii") as file:
                cpu = sum(int(one) for one in file.read().rpartition(")")[2].split()[11:13]) / TICKS
            proc.stdin.close()
        (result,) = json.loads(line)["ipv4"]["addresses"]
        return result, peak, cpu

    def bounded(self, url, *argv):
        """The result, after it was held against the bounds."""
        result, peak, cpu = self.look(url, *argv)
        print("%-60s %-22s %6.0f ms %5d kB more %5.2f s cpu" % (
            " ".join((url, *argv))[-60:], result["outcome"], result["took_us"] / 1000, peak - self.usual[1], cpu))
        assert result["took_us"] < (LIMIT_S + LATE_S) * 1e6, result
        assert cpu < CPU_S, (result, cpu)
        if not os.environ.get("ASAN_OPTIONS"):  # whose freed memory stays in quarantine
            assert peak < self.usual[1] + MORE_KB, (result, peak)
        return result

    def stop(self):
        self.nginx.stop()
        for peer in self.peers:
            peer.stop()
        self.netns.delete()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, reachd_path):
    why = tools.missing("nginx")
    if why:
        pytest.skip(why)
    made = Hostile(tmp_path_factory.mktemp("hostile"), reachd_path)
    yield made
    made.stop()


@pytest.mark.parametrize("kind", ["http", "https"])
@pytest.mark.parametrize("what", REPLIES)
def test_replies_that_never_end(hostile, kind, what):
    url = "%s://127.0.0.1:%d/" % (kind, hostile.ports[kind, what])
    assert hostile.bounded(url, "--max-body", "1M")["outcome"] == REPLIES[what][1]
    kept = hostile.bounded(url, "--expect-regex", "(y|z)+$", "--max-body", "1024M")
    assert kept["outcome"] in (REPLIES[what][1], "http-timeout"), kept


def test_a_page_made_for_the_expression(hostile):
    """A MiB of one letter, for expressions that the C library searches in time that grows with its square."""
    page = b"HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n" + b"x" * 1048576
    peer = Peer(hostile.netns, 9400, answers(page))
    try:
        for expression in ("x[^y]*y$", "(x+)+y", "x.*x.*y"):
            result = hostile.bounded("http://127.0.0.1:9400/", "--expect-regex", expression)
            assert (result["outcome"], result["http"]["body_bytes"]) == ("http-text-missing", 1048576), result
    finally:
        peer.stop()


def test_handshakes_that_never_end(hostile):
    for number in range(len(HANDSHAKES)):
        for kind in ("tls", "https"):
            result = hostile.bounded("%s://127.0.0.1:%d" % (kind, 9001 + number))
            assert result["outcome"].startswith("tls-"), result


def test_certificates_in_crowds(hostile):
    """100 kB of certificates are read, as by curl; of these 16 issuers are followed, each a signature."""
    assert hostile.usual[0]["outcome"] == "ok"
    for name, word in (("many.example", "ok"), ("long.example", "ok"), ("deep.example", "cert-chain-too-long"),
                       ("crowd.example", "cert-chain-too-long")):
        assert hostile.bounded("tls://127.0.0.1", "--servername", name)["outcome"] == word, name


def test_renegotiation_again_and_again(hostile):
    """A TLS 1.2 server that wants to shake hands anew instead of answering: refused, and the time limit holds."""
    cert = hostile.certs.good
    command = ["openssl", "s_server", "-tls1_2", "-accept", "9300", "-cert", cert.chain, "-key", cert.key]
    with subprocess.Popen(hostile.netns.command(*command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as server:
        said = iter(server.stdout.readline, "")
        assert any("ACCEPT" in line for line in said)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            looked = pool.submit(hostile.bounded, "https://127.0.0.1:9300/")
            assert any("GET / HTTP/1.1" in line for line in said)
            server.stdin.write("R\n" * 5)
            server.stdin.flush()
            result = looked.result()
        server.kill()
    assert result["tls_us"] > 0 and result["outcome"].startswith(("tls-alert-", "http-")), result
