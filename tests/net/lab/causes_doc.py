# SPDX-License-Identifier: ISC
"""doc/CAUSES.md and its extract in the READMEs: what curl, blackbox_exporter and reachd say to each cause.

Owns: how a row is written and read. Not its job: asking (asking.py), the causes (causes.py)."""
import os
import re

from . import causes
from .tools import TOP

PATH = os.path.join(TOP, "doc", "CAUSES.md")
HEAD = """# What is wrong, and what one is told

Each row is a case of the failure lab (`make check-net NETFLAGS=test_causes.py`): a real server, firewall or route that is broken
in this way, over IPv4 and over IPv6. curl: its exit status with `-f` and its own words (%s); 0 alone means that it is content.
blackbox_exporter: `probe_success` (Debian's 0.23, prober http, or tcp where no TLS is asked for). reachd: the outcome, then what it says beside;
`reachd probe --explain WORD` tells how it is found and what to do. A dash: there is no such question to ask.

Written by the lab with `RD_WRITE=1`; a test fails when a row is not what the programs say now.
"""
TAIL = """
## Words that stand in no row

| word | why | held by |
|---|---|---|
"""
SECTIONS = {"DNS": causes.DNS, "Path, TCP and UDP": causes.PATH, "TLS": causes.TLS, "Certificate": causes.CERT,
            "HTTP": causes.HTTP, "This machine": causes.LOCAL}
COLUMNS = "| cause | curl | blackbox_exporter | reachd |\n|---|---|---|---|\n"

# What the READMEs show, in both languages.
EXTRACT = {
    "an alias (CNAME) points at nothing": "別名(CNAME)の先がない",
    "the resolver still has yesterday's address": "リゾルバーが昨日のアドレスを返す",
    "one of the zone's servers lacks the AAAA record": "権威サーバーの 1 台に AAAA がない",
    "a firewall rejects: administratively prohibited": "ファイアウォールが拒否(administratively prohibited)",
    "a router loses packets over 1454 bytes that come": "ルーターが 1454 バイト超のパケットを黙って捨てる",
    "silent after TCP connects": "TCP はつながるが TLS が沈黙",
    "a mail server at the TLS port": "TLS のポートにメールサーバー",
    "the intermediate is not sent": "中間証明書が送られない",
    "expired, and for another name": "期限切れ、しかも別の名前",
    "the intermediate ends in six days": "中間証明書が 6 日後に切れる",
    "IPv4 and IPv6 serve different certificates": "IPv4 と IPv6 の証明書が違う",
    "UDP is dropped": "UDP 443 が捨てられる(HTTP/3)",
    "the reply stops in the middle": "応答が途中で止まる",
    "this machine's firewall rejects: prohibited": "自分のファイアウォールが拒否",
}


def reachd_cell(found):
    return " ".join("`%s`" % word for word in found)


def curl_cell(answers):
    """answers: (status, words) over IPv4 and over IPv6, or None for both."""
    if answers[0] is None:
        return "–"
    (status, words), (status6, _words6) = answers
    cell = "%d: %s" % (status, without_chance(words)) if status else "0"
    return cell + (" (IPv6: %d)" % status6 if status6 != status else "")


def without_chance(words):
    """Without what is another in each run."""
    words = re.sub(r"\d+ (ms|milliseconds|out of)", r"… \1", words).replace("|", "/")
    words = re.sub(r"OpenSSL/[0-9.a-z]+: ", "", words)
    words = re.sub(r"error:[0-9A-F]+:", "error:", words)
    return re.sub(r"after … ms: ", "", words)  # of a connection


def statuses(cell):
    """The exit statuses in a cell of curl."""
    return re.findall(r"^\d+|(?<=IPv6: )\d+", cell)


def render(rows, version):
    """rows: {cause: (curl, blackbox, reachd)}, as read() gives them."""
    text = HEAD % version
    for title, cases in SECTIONS.items():
        text += "\n## %s\n\n%s" % (title, COLUMNS)
        text += "".join(row(case.cause, rows[case.cause]) for case in cases)
    text += TAIL + "".join("| `%s` | %s | tests/unit/%s |\n" % (word, why, file)
                           for word, (why, file) in causes.NOT_MADE.items())
    return text + "".join("| `%s` | only the daemon says so | tests/net/%s |\n" % one for one in causes.DAEMON.items())


def row(title, cells):
    return "| %s |\n" % " | ".join((title, *cells))


def read():
    """({cause: (curl, blackbox, reachd)}, curl's version) as the document has them."""
    with open(PATH, encoding="utf-8") as file:
        text = file.read()
    rows = {}
    for line in text.splitlines():
        cells = line.strip("| ").split(" | ")
        if line.startswith("| ") and len(cells) == 4 and cells[1] != "curl":
            rows[cells[0]] = tuple(cells[1:])
    return rows, re.search(r"own words \((.*?)\)", text).group(1)


def extract(rows, japanese):
    """What stands between the marks in a README."""
    text = COLUMNS.replace("cause", "原因") if japanese else COLUMNS
    return text + "".join(row(other if japanese else cause, (" / ".join(statuses(rows[cause][0])) or "–", *rows[cause][1:]))
                          for cause, other in EXTRACT.items())


MARKS = ("<!-- causes: written by tests/net/test_causes.py -->\n", "<!-- /causes -->\n")


def readme(name):
    """(the whole text, what stands between the marks)"""
    with open(os.path.join(TOP, name), encoding="utf-8") as file:
        text = file.read()
    return text, text.partition(MARKS[0])[2].partition(MARKS[1])[0]
