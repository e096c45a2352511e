# SPDX-License-Identifier: ISC
"""The failure lab: every cause of the table gets its word, over both families; every word has a cause."""
import concurrent.futures
import os
import re
import subprocess

import pytest

from lab import causes_doc, failures, tools
from lab.asking import EXPORTER, Asker
from lab.causes import CASES, DAEMON, NOT_MADE
from lab.failures import OWN, RESOLVER, ROUTER, SERVER

HERE = os.path.dirname(os.path.abspath(__file__))
AT_ONCE = 4
FAMILIES = ("ipv4", "ipv6")


class Answers:
    """Everybody's answer to every case, asked for at once when the first is wanted."""

    def __init__(self, asker):
        self.ask_curl = asker.curl_says
        self.exporter = bool(asker.start_exporter(RESOLVER))
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            self.reachd = self._ask(pool, asker.reachd_says)
            self.curl = self._ask(pool, lambda case: [self.ask_curl(case, family) for family in FAMILIES])
            self.blackbox = self._ask(pool, asker.exporter_says) if self.exporter else {}

    @staticmethod
    def _ask(pool, ask):
        return {case.cause: pool.submit(ask, case) for case in CASES}


@pytest.fixture(scope="module")
def answers(tmp_path_factory, reachd_path):
    why = failures.missing()
    if why:
        pytest.skip(why)
    lab = failures.FailureLab(tmp_path_factory.mktemp("lab"))
    yield Answers(Asker(lab, reachd_path))
    lab.stop()


def words(findings):
    return [finding["outcome"] for finding in findings]


def addresses(text, family):
    return text.format(server=SERVER[family], router=ROUTER[family], own=OWN[family])


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("case", CASES, ids=[case.cause for case in CASES])
def test_cause(answers, case, family):
    host = answers.reachd[case.cause].result()[family]
    results = host[family]["addresses"]
    result = results[0] if results else {}
    expected, remarks = case.words.split(), case.remarks.split()
    if expected:
        assert host[family]["outcome"] == expected[0], (host[family]['outcome'], result.get("detail"))
    cert = result.get("certificate") or {"problems": [], "remarks": []}
    if expected and expected[0].startswith(("cert-", "local-clock")) and result["certificate"]:
        assert words(cert["problems"]) == expected
    noted = words(cert["remarks"]) + words(host["remarks"])
    assert remarks == list(dict.fromkeys(noted))
    told = [str(one) for one in (result.get("detail"), host[family]["dns_detail"])]
    told += [one["detail"] for one in cert["problems"] + cert["remarks"] + host["remarks"]]
    assert any(addresses(case.detail, family) in one for one in told), told
    if case.words != "ok":
        assert result.get("advice") or host[family].get("dns_advice")
        layer = expected[0].split("-")[0]
        assert not results or layer not in ("quic", "tls", "cert", "http", "local") or result["layer"] == layer
    connected = host[family]["outcome"].startswith(("tls-", "cert-", "http-", "ok", "reset", "mtu-"))
    assert not connected or (result["tcp_us"] > 0 and result["path"]["mss_in"] > 0)
    compared = "--authoritative" in case.argv or host[family]["outcome"] in ("dns-stale", "dns-lame")
    assert not compared or host["compared"][family]["servers"]


def test_every_word_has_a_cause(reachd_path):
    """The words are the program's own, not a list of ours."""
    listed = subprocess.run([reachd_path, "probe", "--explain"], stdout=subprocess.PIPE, text=True, check=True).stdout
    known = set(re.findall(r"^  ([a-z][a-z0-9-]*)(?= |$)", listed, re.M))
    assert {"ok", "dns-nxdomain", "tls-error", "local-error"} <= known
    made = {word for case in CASES for word in (case.words + " " + case.remarks).split()}
    assert known - made - set(DAEMON) - set(NOT_MADE) == set()
    assert (made | set(DAEMON) | set(NOT_MADE)) - known == set()
    assert not made & (set(DAEMON) | set(NOT_MADE))
    for word, file in DAEMON.items():
        with open(os.path.join(HERE, file), encoding="utf-8") as text:
            assert '"%s"' % word in text.read()
    for word, (_why, file) in NOT_MADE.items():
        with open(os.path.join(tools.TOP, "tests", "unit", file), encoding="utf-8") as text:
            assert "OUTCOME_" + word.upper().replace("-", "_") in text.read()


# --- doc/CAUSES.md -----------------------------------------------------------------------------------

def said(answers, case):
    """The cells of one case as the programs answer now; None: not to be had."""
    host = answers.reachd[case.cause].result()
    found = []
    for family in FAMILIES:
        results = host[family][family]["addresses"]
        cert = (results[0].get("certificate") if results else None) or {"problems": [], "remarks": []}
        found += [host[family][family]["outcome"]] + words(cert["problems"]) + words(cert["remarks"])
        found += words(host[family]["remarks"])
    curl = [one and one[:2] for one in answers.curl[case.cause].result()]
    blackbox = (answers.blackbox[case.cause].result() or "–") if answers.exporter else None
    return causes_doc.curl_cell(curl), blackbox, causes_doc.reachd_cell(dict.fromkeys(found))


@pytest.fixture(scope="module")
def curl_version():
    done = subprocess.run(["curl", "--version"], stdout=subprocess.PIPE, text=True, check=False)
    return " ".join(done.stdout.split()[:2])


def patient_curl(answers, case):
    """Its cell when it has more time: a loaded machine is slow."""
    return causes_doc.curl_cell([answers.ask_curl(case, family, patient=True) for family in FAMILIES])


def write(answers, version):
    rows = {case.cause: said(answers, case) for case in CASES}
    for case in CASES:
        if re.search(r"^(6|28): |IPv6", rows[case.cause][0]):
            rows[case.cause] = (patient_curl(answers, case), *rows[case.cause][1:])
    with open(causes_doc.PATH, "w", encoding="utf-8") as file:
        file.write(causes_doc.render(rows, version))
    for name in ("README.md", "README.ja.md"):
        text, old = causes_doc.readme(name)
        new = causes_doc.extract(rows, "ja" in name)
        with open(os.path.join(tools.TOP, name), "w", encoding="utf-8") as file:
            file.write(text.replace(causes_doc.MARKS[0] + old, causes_doc.MARKS[0] + new))


def test_document_is_what_programs_say(answers, curl_version):
    if os.environ.get("RD_WRITE"):
        assert answers.exporter, "tools/setup.sh bench brings " + EXPORTER
        write(answers, curl_version)
    rows, version = causes_doc.read()
    assert set(rows) == {case.cause for case in CASES}
    for case in CASES:
        curl, blackbox, reachd = rows[case.cause]
        now = said(answers, case)
        assert now[2] == reachd, case.cause
        if curl_version == version and causes_doc.statuses(now[0]) != causes_doc.statuses(curl):
            assert causes_doc.statuses(patient_curl(answers, case)) == causes_doc.statuses(curl), case.cause
        assert now[1] in (None, blackbox), case.cause
    if curl_version != version:
        pytest.skip("curl is %s here, the document is about %s: its column was not compared" % (curl_version, version))
    if not answers.exporter:
        pytest.skip("no %s (tools/setup.sh bench brings it): its column was not compared" % EXPORTER)


@pytest.mark.parametrize("name", ["README.md", "README.ja.md"])
def test_extract_is_that_of_the_document(name):
    rows, _version = causes_doc.read()
    text, shown = causes_doc.readme(name)
    assert shown == causes_doc.extract(rows, "ja" in name) and "doc/CAUSES.md" in text
