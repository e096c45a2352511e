#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the corpora of the fuzz targets that are binary or made of pieces: valid, edge, malformed.

    ./make_corpus.py [TARGET]...          writes corpus/TARGET/* beside itself

Run it with the target after adding a seed, and commit what it wrote. It never deletes: files named `found-*`
are what a fuzzer found, kept for ever. Those of `cert` are signed anew at every run, so it must be named.
"""
import hmac
import os
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def write(target, seeds):
    folder = os.path.join(HERE, "corpus", target)
    os.makedirs(folder, exist_ok=True)
    for name, data in seeds.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)


# --- dnsmsg --------------------------------------------------------------------------------------
A, NS, CNAME, SOA, TXT, AAAA, OPT = 1, 2, 5, 6, 16, 28, 41
QR, AA, TC, RA = 0x8000, 0x0400, 0x0200, 0x0080
ASKED = b"\xc0\x0c"  # a pointer to the question's name


def name(text):
    return b"".join(bytes([len(x)]) + x.encode() for x in text.split(".") if x) + b"\0"


def rr(owner, kind, ttl, rdata, cls=1):
    owner = owner if isinstance(owner, bytes) else name(owner)
    return owner + struct.pack(">HHIH", kind, cls, ttl, len(rdata)) + rdata


def soa(owner, minimum=300):
    return rr(owner, SOA, 3600, name("ns1.example") + name("hostmaster.example")
              + struct.pack(">5I", 2026010101, 3600, 600, 86400, minimum))


def reply(question, kind, answer=(), authority=(), additional=(), flags=QR | RA, counts=None):
    counts = counts or (1, len(answer), len(authority), len(additional))
    question = question if isinstance(question, bytes) else name(question)
    return (struct.pack(">HH4H", 7, flags, *counts) + question + struct.pack(">HH", kind, 1)
            + b"".join([*answer, *authority, *additional]))


def dnsmsg():
    www, v4, v6 = "www.example", bytes([192, 0, 2, 1]), bytes.fromhex("20010db8") + bytes(11) + b"\1"
    chain = [rr("n%d.example" % i, CNAME, 60, name("n%d.example" % (i + 1))) for i in range(20)]
    stairs = b"".join(struct.pack(">H", 0xc000 | (12 + 2 * i)) for i in range(200))  # each points to the one before
    return {
        "a": reply(www, A, [rr(ASKED, A, 300, v4), rr("WWW.exAMPLE", A, 200, v4)], flags=QR | AA | RA),
        "aaaa": reply(www, AAAA, [rr(ASKED, AAAA, 300, v6)]),
        "aaaa-with-opt": reply(www, AAAA, [rr(ASKED, AAAA, 300, v6)], (), [rr("", OPT, 0, b"", 1232)]),
        "cname": reply(www, A, [rr(ASKED, CNAME, 60, name("b.example")), rr("b.example", A, 30, v4)]),
        "cname-loop": reply(www, A, [rr(ASKED, CNAME, 60, name("b.example")), rr("b.example", CNAME, 60, ASKED)]),
        "cname-long": reply("n0.example", A, chain),
        "cname-asked": reply(www, CNAME, [rr(ASKED, CNAME, 60, name("b.example"))]),
        "nodata": reply(www, AAAA, (), [soa("example")]),
        "nxdomain": reply(www, A, (), [soa("example", 0x80000000)], flags=QR | RA | 3),
        "servfail": reply(www, A, flags=QR | 2),
        "refused": reply(www, A, flags=QR | 5),
        "soa": reply("example", SOA, [soa("example")], flags=QR | AA),
        "ns": reply("example", NS, [rr(ASKED, NS, 300, name("ns%d.example" % i)) for i in range(20)], (),
                    [rr("ns1.example", A, 300, v4), rr("ns2.example", AAAA, 300, v6)]),
        "referral": reply(www, A, (), [rr("example", NS, 300, name("ns1.example"))],
                          [rr("ns1.example", A, 300, v4)], flags=QR),
        "too-many-addresses": reply(www, A, [rr(ASKED, A, 300, bytes([192, 0, 2, i])) for i in range(40)]),
        "root": reply("", NS, [rr("", NS, 300, name("a.root"))]),
        "long-name": reply(".".join(["x" * 63] * 3 + ["y" * 61]), A, [rr(ASKED, A, 1, v4)]),
        "odd-bytes-in-name": reply(b"\5a.b\0\xff\7example\0", A, [rr(ASKED, A, 1, v4)]),
        "truncated-flag": reply(www, A, [rr(ASKED, A, 300, v4)[:-2]], flags=QR | TC),
        "cut": reply(www, A, [rr(ASKED, A, 300, v4)[:-2]]),
        "cut-header": reply(www, A)[:11],
        "empty": b"",
        "question": reply(www, A, flags=0),
        "two-questions": reply(www, A, counts=(2, 0, 0, 0)),
        "count-lies": reply(www, A, counts=(1, 65535, 65535, 65535)),
        "a-of-five-bytes": reply(www, A, [rr(ASKED, A, 300, v4 + b"\0")]),
        "pointer-to-itself": reply(www, A, [rr(b"\xc0\x1d", A, 300, v4)]),
        "pointer-forward": reply(www, A, [rr(b"\xc0\xff", A, 300, v4)]),
        "pointer-cut": reply(www, A, [b"\xc0"], counts=(1, 1, 0, 0)),
        "pointer-stairs": reply("", A, [rr(ASKED, TXT, 1, stairs), rr(b"\xc1\x90", A, 1, v4)]),
        "label-type-40": reply(www, A, [rr(b"\x40", A, 300, v4)]),
        "name-runs-out": reply(www, CNAME, [rr(ASKED, CNAME, 60, b"\1b")]),
        "soa-cut": reply("example", SOA, [rr(ASKED, SOA, 60, name("ns1.example") + name("h.example") + bytes(7))]),
        "ttl-top-bit": reply(www, A, [rr(ASKED, A, 0x80000001, v4)]),
        "class-chaos": reply(www, A, [rr(ASKED, A, 300, v4, 3)]),
        "rdlen-lies": reply(www, A, [rr(ASKED, A, 300, v4)[:-6] + b"\xff\xff" + v4]),
    }


# --- http ----------------------------------------------------------------------------------------
OK = "HTTP/1.1 200 OK\r\n"
CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n"


def http():
    return {
        "length": OK + "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello",
        "length-and-more": OK + "content-length:5\r\n\r\nhello and more",
        "length-twice": OK + "Content-Length: 5, 5\r\nContent-Length: 5\r\n\r\nhello",
        "length-differs": OK + "Content-Length: 5, 6\r\n\r\nhello",
        "length-negative": OK + "Content-Length: -1\r\n\r\n",
        "length-huge": OK + "Content-Length: 99999999999999999999\r\n\r\n",
        "length-too-large": OK + "Content-Length: 4097\r\n\r\n",
        "length-bound": OK + "Content-Length: 4096\r\n\r\n" + "x" * 4096,
        "length-folded": OK + "Content-Length: 1\r\n 2\r\n\r\nx",
        "length-and-chunked": OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "until-close": OK + "\r\nuntil the end",
        "until-close-too-large": OK + "\r\n" + "x" * 4097,
        "bare-lf": "HTTP/1.0 200\n\nbare line feeds",
        "no-content": "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n",
        "not-modified": "HTTP/1.1 304 \r\n\r\n",
        "continue": "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLocation: /x\r\n\r\n" + OK
                    + "Content-Length: 2\r\n\r\nok",
        "only-continue": "HTTP/1.1 100 Continue\r\n\r\n" * 3,
        "switching": "HTTP/1.1 101 Switching\r\n\r\n",
        "chunked": CHUNKED + "5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nTrailer: x\r\n\r\n",
        "chunked-bare-lf": OK + "Transfer-Encoding: Chunked\n\n0005 \nhello\n0\n\n",
        "chunked-cut": CHUNKED + "5\r\nhello\r\n",
        "chunked-no-end-of-chunk": CHUNKED + "5\r\nhelloX\r\n",
        "chunk-size-17-digits": CHUNKED + "10000000000000000\r\n",
        "chunk-size-16-digits": CHUNKED + "ffffffffffffffff\r\n",
        "chunk-size-long-line": CHUNKED + "1" + ";" * 2000 + "\r\nx",
        "chunk-size-none": CHUNKED + "\r\n",
        "transfer-gzip": OK + "Transfer-Encoding: gzip\r\n\r\n",
        "redirect": "HTTP/1.1 302 Found\r\nLocation: https://other.example/x?y=z\r\nContent-Length: 0\r\n\r\n",
        "redirect-escape": b"HTTP/1.1 302 Found\r\nLocation: /\x1b[2J\xff\xc3\xa9\r\nContent-Length: 0\r\n\r\n",
        "redirect-too-long": "HTTP/1.1 302 Found\r\nLocation: /" + "x" * 600 + "\r\nContent-Length: 0\r\n\r\n",
        "retry-after": "HTTP/1.1 503 Busy\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n",
        "retry-after-date": "HTTP/1.1 429 Slow\r\nRetry-After: Thu, 01 Jan 2026 01:00:00 GMT\r\n\r\n",
        "retry-after-old-date": "HTTP/1.1 503 x\r\nRetry-After: Thursday, 01-Jan-26 00:00:01 GMT\r\n\r\n",
        "retry-after-asctime": "HTTP/1.1 503 x\r\nRetry-After: Thu Jan  1 00:00:01 2026\r\n\r\n",
        "retry-after-huge": "HTTP/1.1 503 x\r\nRetry-After: " + "9" * 60 + "\r\n\r\n",
        "retry-after-junk": "HTTP/1.1 503 x\r\nRetry-After: soon\r\nDate: never\r\n\r\n",
        "head-too-large": OK + "X: " + "x" * 16400 + "\r\n\r\n",
        "head-many-lines": OK + "A: b\r\n" * 500 + "\r\nx",
        "folded": OK + "X: a\r\n folded\r\nContent-Length: 1\r\n\r\nx",
        "folded-first": OK + " folded: first\r\n\r\n",
        "no-colon": OK + "No colon\r\n\r\n",
        "space-before-colon": OK + "Name : x\r\n\r\n",
        "cr-inside": OK + "X: a\rb\r\n\r\n",
        "nul-inside": OK + "X: a\0b\r\n\r\n",
        "status-2000": "HTTP/1.1 2000\r\n\r\n",
        "status-099": "HTTP/1.1 099 x\r\n\r\n",
        "status-cut": "HTTP/1.1 20",
        "http-2": b"\0\0\x12\4\0\0\0\0\0\0\3\0\0\0d",
        "ssh": "SSH-2.0-OpenSSH_9.2p1\r\n",
        "tls-alert": b"\x15\3\1\0\2\2\x46",
        "empty": "",
    }


# --- text ----------------------------------------------------------------------------------------
def text():
    lines = """192.0.2.1 2001:db8::1 ::ffff:192.0.2.1 1:2:3:4:5:6:7:8 fe80::1%eth0 256.1.1.1 1.2.3 ::1::
        203.0.113.0/24 203.0.113.1/24 2001:db8::/32 ::/0 0.0.0.0/0 192.0.2.1/33 2001:db8::/129 192.0.2.1/
        example.com example.com. example.com:443 example.com:0 example.com:65536 EXAMPLE.com:+1 [2001:db8::1]:8443
        [2001:db8::1] [2001:db8::1 [192.0.2.1]:1 *.example.com a..b -a.example 1.2.3.400 0x7f.1 :443 user@host
        https://example.com http://[2001:db8::1]:80/ https://a.example:8443?q=1 https://u:p@h/ HTTPS://A/%20
        http://h/a#b ftp://h/ https:// https://h/\u00e9 https://2001:db8::1/ h http 90s 5m 1h30m 250ms 7d 1w 0
        1m1h 10y -1s 1.5s 99999999999999999999 1h1h 520w 522w s""".split()
    seeds = {"line-%02d" % i: line for i, line in enumerate(lines)}
    seeds.update({
        "date-imf": "Sun, 06 Nov 1994 08:49:37 GMT",
        "date-850": "Sunday, 06-Nov-94 08:49:37 GMT",
        "date-asctime": "Sun Nov  6 08:49:37 1994",
        "date-leap": "Thu, 29 Feb 2024 23:59:60 GMT",
        "date-no-leap": "Wed, 29 Feb 2023 00:00:00 GMT",
        "date-year-0": "Sun, 06 Nov 0000 08:49:37 GMT",
        "date-year-9999": "Fri, 31 Dec 9999 23:59:59 GMT",
        "host-253": ".".join(["x" * 63] * 3 + ["y" * 61]),
        "host-254-dot": ".".join(["x" * 63] * 3 + ["y" * 61]) + ".",
        "host-254": ".".join(["x" * 63] * 3 + ["y" * 62]),
        "label-64": "x" * 64 + ".example",
        "url-target-too-long": "https://h/" + "x" * 2048,
        "url-target-longest": "https://h/" + "x" * 2046,
        "utf8-cut": b"\xe3\x81\x82\xe3\x81",
        "utf8-overlong": b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf",
        "utf8-surrogate": b"\xed\xa0\x80\xf4\x90\x80\x80",
        "utf8-c1": b"\xc2\x9b31m \xe2\x80\xae",
        "escape": b"\x1b]0;x\7\x7f\r\n",
        "empty": "",
    })
    return seeds


# --- rtnl (in the byte order of the machine that makes it: little endian here) --------------------
NEWLINK, DELLINK, NEWADDR, DELADDR, DONE = 16, 17, 20, 21, 3
IFNAME, MTU, LINKINFO, INFO_KIND = 3, 4, 18, 1
ADDRESS, LOCAL, CACHEINFO, FLAGS, PROTO = 1, 2, 6, 8, 11


def nlmsg(kind, body, length=None):
    length = 16 + len(body) if length is None else length
    return struct.pack("<IHHII", length, kind, 2, 7, 0) + body + bytes(-len(body) % 4)


def attr(kind, data, length=None):
    length = 4 + len(data) if length is None else length
    return struct.pack("<HH", length, kind) + data + bytes(-len(data) % 4)


def link(index, label, kind=NEWLINK, flags=0x41, more=b"", family=0):
    return nlmsg(kind, struct.pack("<BBHiII", family, 0, 1, index, flags, 0)
                 + attr(IFNAME, label.encode() + b"\0") + attr(MTU, struct.pack("<I", 1500)) + more)


def ifaddr(index, local, kind=NEWADDR, peer=None, flags=0x80, length=64, scope=0, cache=(3600, 7200), more=b""):
    family = 10 if len(local) == 16 else 2
    attrs = attr(ADDRESS, peer or local) + (attr(LOCAL, local) if peer or family == 2 else b"")
    attrs += attr(FLAGS, struct.pack("<I", flags)) + attr(CACHEINFO, struct.pack("<4I", *cache, 100, 100))
    return nlmsg(kind, struct.pack("<BBBBI", family, length, flags & 255, scope, index) + attrs + more)


def ere():
    seeds = {
        "word": "works\0it works", "lines": "^works$\0it\nworks\n", "classes": "[[:alpha:]_]+[^0-9]\\s\0ab 1",
        "groups": "((a|b)*c|d?)+e\0abcde", "edges": "\\bcat\\b|\\Bx\0a cat", "empty": "", "nothing": "()\0", "evil": "(x+x+)+y\0" + "x" * 60,
        "nested": "(" * 127 + "a" + ")" * 127 + "\0a", "stars": "a*" * 128 + "\0aaaa", "bars": "|" * 200 + "\0b", "sets": "[a]" * 85 + "\0a",
        "words": "\\w" * 128 + "\0a", "utf8": "caf[\u00e8-\u00ea].\0caf\u00e9\u00e9", "open": "[a", "close": "a)", "range": "[b-a]",
        "class-cut": "[[:alp", "collating": "[[.a.]]", "count": "a{2,5}", "long": "a" * 300,
    }
    raw = {"latin1": b"caf.\0caf\xe9", "cut-in-character": b"\xc3\0\xc3\xa9\xc3", "high-range": b"[\x80-\xff]\0\x90"}
    return {**seeds, **raw}


NEWNEIGH, NDA_DST = 28, 1


def neighbour():
    def entry(family, state, address, more=b""):
        return nlmsg(NEWNEIGH, struct.pack("<BBHiHBB", family, 0, 0, 2, state, 0, 1) + more + attr(NDA_DST, address))
    v4, v6 = bytes([198, 51, 100, 7]), bytes.fromhex("2a00000000000001") + bytes(7) + b"\1"
    one, other = entry(2, 2, v4), entry(10, 4, v6)
    return {
        "v4": one, "v6": other, "both": one + other, "failed": entry(2, 0x20, v4), "noarp": entry(10, 0x40, v6),
        "lladdr": entry(10, 0x80, v6, attr(2, bytes(6))), "done": one + nlmsg(DONE, bytes(4)) + other,
        "error": nlmsg(2, bytes(20)), "family-7": entry(7, 2, bytes(6)), "v4-of-16": entry(2, 2, v6),
        "v6-of-4": entry(10, 2, v4), "no-address": nlmsg(NEWNEIGH, struct.pack("<BBHiHBB", 2, 0, 0, 2, 2, 0, 1)),
        "short": nlmsg(NEWNEIGH, bytes(8)), "attr-longer": entry(2, 2, v4, attr(2, bytes(6), 200)),
        "attr-of-3": entry(2, 2, v4, attr(2, bytes(6), 3)), "length-huge": nlmsg(NEWNEIGH, bytes(16), 0x80000010),
        "length-15": nlmsg(NEWNEIGH, bytes(16), 15), "cut": other[:-3], "empty": b"",
    }


def rtnl():
    v4, v6 = bytes([198, 51, 100, 7]), bytes.fromhex("2a00000000000001") + bytes(7) + b"\1"
    global_v4 = bytes([8, 8, 8, 8])
    up = link(2, "eth0")
    many = b"".join(ifaddr(2, v6[:14] + struct.pack(">H", i)) for i in range(80))
    seeds = {
        "link": up, "link-gone": up + link(2, "eth0", DELLINK), "renamed": up + link(2, "lan0"),
        "new-index": up + ifaddr(2, v6) + link(2, "eth0", DELLINK) + link(5, "eth0") + ifaddr(5, v6),
        "bridge-port": up + link(2, "eth0", DELLINK, family=7),
        "v4": up + ifaddr(2, global_v4, length=24), "v6": up + ifaddr(2, v6),
        "gone": up + ifaddr(2, v6) + ifaddr(2, v6, DELADDR),
        "temporary": up + ifaddr(2, v6, flags=0x81) + ifaddr(2, v6[:15] + b"\2", flags=0x100),
        "deprecated": up + ifaddr(2, v6, flags=0x20, cache=(0, 60)),
        "tentative-then-failed": up + ifaddr(2, v6, flags=0x40) + ifaddr(2, v6, flags=0x48),
        "peer": link(4, "pppoe-wanppp", flags=0x10d1) + ifaddr(4, global_v4, peer=v4, length=32),
        "eui64": up + ifaddr(2, v6[:8] + bytes.fromhex("021122fffe334455")),
        "more-than-fit": up + many,
        "kind": link(2, "map-wan", more=attr(LINKINFO, attr(INFO_KIND, b"ip6tnl\0"))) + ifaddr(2, global_v4, length=32),
        "kind-cut": link(2, "eth0", more=attr(LINKINFO, attr(INFO_KIND, b"ip6tnl\0", 40))),
        "kind-long": link(2, "eth0", more=attr(LINKINFO, attr(INFO_KIND, b"x" * 40 + b"\0"))),
        "kind-escape": link(2, "eth0", more=attr(LINKINFO, attr(INFO_KIND, b"\x1b[2J\0"))),
        "cgnat": up + ifaddr(2, bytes([100, 64, 1, 2]), length=10),
        "proto": up + ifaddr(2, v6, more=attr(PROTO, b"\2")),
        "index-0": ifaddr(0, v6), "index-negative": link(-1, "eth0"), "index-huge": ifaddr(0x80000000, v6),
        "prefix-200": up + ifaddr(2, v6, length=200),
        "name-16": link(2, "x" * 16), "name-empty": link(2, ""), "name-escape": link(2, "\x1b[2J"),
        "name-no-end": nlmsg(NEWLINK, struct.pack("<BBHiII", 0, 0, 1, 2, 0x41, 0) + attr(IFNAME, b"eth0")),
        "addr-of-3": nlmsg(NEWADDR, struct.pack("<BBBBI", 2, 24, 0, 0, 2) + attr(LOCAL, b"\1\2\3")),
        "cacheinfo-short": nlmsg(NEWADDR, struct.pack("<BBBBI", 2, 24, 0, 0, 2) + attr(CACHEINFO, bytes(8))),
        "attr-longer": nlmsg(NEWLINK, struct.pack("<BBHiII", 0, 0, 1, 2, 0x41, 0) + attr(IFNAME, b"eth0\0", 200)),
        "attr-of-3": nlmsg(NEWLINK, struct.pack("<BBHiII", 0, 0, 1, 2, 0x41, 0) + attr(IFNAME, b"eth0\0", 3)),
        "attr-left-over": nlmsg(NEWLINK, struct.pack("<BBHiII", 0, 0, 1, 2, 0x41, 0) + b"\5\0"),
        "length-huge": nlmsg(NEWLINK, bytes(16), 0x80000010), "length-15": nlmsg(NEWLINK, bytes(16), 15),
        "length-odd": nlmsg(NEWLINK, bytes(17), 33)[:-2], "body-short": nlmsg(NEWADDR, bytes(4)),
        "done": nlmsg(DONE, bytes(4)) + up, "cut": up[:-3], "empty": b"",
    }
    def host(address, state=2, kind=NEWNEIGH, mac=bytes.fromhex("02005e100005"), flags=0, index=2, more=b""):
        return nlmsg(kind, struct.pack("<BBHiHBB", 10, 0, 0, index, state, flags, 1) + attr(NDA_DST, address)
                     + (attr(2, mac) if mac else b"") + attr(3, struct.pack("<4I", 42, 7, 7, 1)) + more)

    eui64 = v6[:8] + bytes.fromhex("00005efffe100005")
    ours = up + ifaddr(2, v6, length=64)
    seeds.update({
        "neighbour": ours + host(eui64), "neighbour-random": ours + host(v6[:8] + bytes(range(8))), "neighbour-elsewhere": ours + host(bytes.fromhex("2a11") + eui64[2:]),
        "neighbour-failed": ours + host(eui64) + host(eui64, 0x20, mac=None), "neighbour-gone": ours + host(eui64) + host(eui64, kind=29),
        "neighbour-taken": ours + host(eui64) + host(eui64, mac=bytes(6)), "neighbour-proxy": ours + host(eui64, flags=8), "neighbour-index-0": ours + host(eui64, index=0),
        "neighbour-mac-of-4": ours + host(eui64, mac=bytes(4)), "neighbour-present": ours + host(v6[:15] + b"\5", 4), "neighbour-deprecated": up + ifaddr(2, v6, flags=0x20, cache=(0, 60)) + host(eui64),
        "neighbours": ours + b"".join(host(v6[:14] + struct.pack(">H", i)) for i in range(40)), "neighbour-attr-longer": ours + host(eui64, more=attr(1, bytes(16), 200)),
    })
    recorded = os.path.join(HERE, "..", "replay", "rtnl")
    for small in ("dad", "renumber", "neighbour"):  # what a real kernel said
        with open(os.path.join(recorded, small + ".bin"), "rb") as f:
            seeds["recorded-" + small] = f.read()
    return seeds


# --- pcp -----------------------------------------------------------------------------------------
def pcp():
    def answer(code, nonce=bytes(range(1, 13)), port=0xc001, addr="00000000000000000000ffffcb00711b", more=b""):
        return (struct.pack(">BBBBII12x", 2, 0x81, 0, code, 120, 3600) + nonce
                + struct.pack(">B3xHH", 17, port, 0xd431) + bytes.fromhex(addr) + more)

    return {
        "nat-pmp": bytes.fromhex("0080000000000e10cb00711b"), "nat-pmp-refused": bytes.fromhex("0080000300000e1000000000"),
        "nat-pmp-only": bytes.fromhex("0000000100000e10"), "pcp-only": struct.pack(">BBBBII12x", 2, 0x80, 0, 1, 0, 7),
        "map": answer(0), "map6": answer(0, addr="20010db8" + "0" * 22 + "05"), "map-option": answer(0, more=bytes([1, 0, 0, 4, 1, 2, 3, 4])),
        "other-nonce": answer(0, nonce=bytes(12)), "other-port": answer(0, port=1), "refused": answer(2), "odd-error": answer(77), "no-option": answer(5, more=bytes([2, 0, 0, 0])),
        "short-error": answer(8)[:24], "cut": answer(0)[:-1], "cut-nonce": answer(8)[:30], "long": answer(0, more=bytes(1100)), "empty": b"",
    }


# --- provider ------------------------------------------------------------------------------------
def provider():
    def page(body, status="200 OK", head=""):
        return "HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n%s" % (status, head, len(body.encode()), body)

    words = """good|good 203.0.113.9|good 127.0.0.1|nochg|nochg 203.0.113.9|badauth|badagent|notfqdn|nohost|numhost|abuse
        |dnserr|911|w45s|w30m|w2h|w99999h|wx|!donator|!yours|!active|goodbye|GOOD|\ngood 1|good\r\nnochg
        |status=0|status=1|status=2|status=3|status=4|status=5|status=6|status=7|status=503|status=00|status=-1
        |status=99999999999999999999|status = 0|<html>status=0</html>|x status=0|status=0\nOK\n""".split("|")
    seeds = {"word-%02d" % i: page(word if "\n" in word else word.strip()) for i, word in enumerate(words)}
    seeds.update({
        "empty": page(""), "500": page("good", "500 Oops"), "401-later": page("", "401 No", "Retry-After: 9\r\n"),
        "401": page("x", "401 No"),
        "403-html": page("<!DOCTYPE html><p>no", "403 No"), "404": page("", "404 x"), "410": page("", "410 x"),
        "503": page("", "503 Busy", "Retry-After: 120\r\n"), "429": page("x", "429 Slow", "Retry-After: 9\r\n"),
        "302": page("", "302 Found", "Location: https://login.example/\r\n"), "301-nowhere": page("", "301 x"),
        "204": "HTTP/1.1 204 No Content\r\n\r\n", "chunked": CHUNKED + "4\r\ngood\r\n0\r\n\r\n",
        "escape": page("\x1b[2Jgood\0"), "long": page("good " + "x" * 1000), "too-long": page("x" * 16385),
        "later-line": page("Content\n\ngood"), "success-with-retry": page("good", "200 OK", "Retry-After: 5\r\n"),
    })
    return seeds


# --- config --------------------------------------------------------------------------------------
HOME = """# the home of the README
daemon { settle = "1s" debounce = 2s }
log { level = info to = stderr checks = yes }
resolver { servers = { "192.0.2.53", "[2001:db8::53]:5353" } }
trust { ca = "/etc/ssl/certs" }
state { path = "" }
control { path = "/run/reachd/control" group = adm }
target "www" { host = "www.example.com:443" families = { ipv4, ipv6 } require = { ipv6 }
    every = 60s retry-every = 5s timeout = 10s rise = 2 fall = 3 cert-warn = 14d }
target "here" { host = "[2001:db8::1]:8443" servername = www.example.com interface = eth0 }
target "lab" { host = lab.example families = { ipv4 } connect = 192.0.2.1 source = 192.0.2.2 }
address "wan4" { family = ipv4 interface = "pppoe-wanppp" settle = 1m30s accept = { "203.0.113.0/24" } }
address "lan6" { family = ipv6 interface = eth0 prefer = temporary }
address "seen" { family = ipv4 source = web urls = { "https://a.example/", "https://b.example/ip" } every = 5m }
address "ran" { family = ipv6 source = command command = { "/bin/echo", "2001:db8::1" } }
record "www" { host = www domain = example.com provider = value-domain password = "secret"
    ipv4 = wan4 ipv6 = lan6 look-every = 5m ttl = 300s authoritative = { "192.0.2.1" } }
record "apex" { host = "@" domain = example.com provider = dyndns2 user = me password-env = HOME ipv4 = seen
    url = "https://ddns.example/nic/update" via = ipv4 gap = 61s backoff = 1m backoff-max = 1h }
hook "log" { command = { "/bin/true", "-t", "x" } events = { target-down, target-up } only = { www } remind = 1h }
"""


def config():
    seeds = {"home": HOME, "empty": "", "comment": "# nothing\n// x\n/* y */\n"}
    lines = [line for line in HOME.splitlines() if line and line[0] != " "]
    seeds.update({"part-%02d" % i: line + "\n" for i, line in enumerate(lines)})
    broken = """target "a" { host = "unterminated }|target "a" { host = 'x|/* no end|target "a" { host = |target "a" {
        |target { host = a }|target "" { host = a }|target "a" { host = a host = b }|target "a" { hots = a }|targte "a" {}
        |target "a" { host = a } target "a" { host = b }|target "a" { every = "0s" host = a }|target "a" { rise = 0 }
        |target "a" { host = a every = -1 }|hook "h" { command = {} }|hook "h" { command = { rel } events = { all } }
        |hook "h" { command = { "/x" } events = { nope } }|record "r" { host = "a" }|address "x" { source = web }
        |record "r" { domain = e.example provider = nope ipv4 = nothing }|log { level = loud }|log { checks = maybe }
        |address "x" { family = ipv5 }|address "x" { accept = { "1.2.3.4/33" } }|include("/nowhere/else.conf")
        |include("a","b")|include()|log { level = "${HOME}" }|log { level = "\\x41\\101\\n" }|}|{|=|"x"|a = b|a += {|\x01 = x
        |target "a" { host = { a, b } }|target "a" { families = ipv4 }|target "a" { families = { ipv4, } }
        |resolver { servers = { "x" } }|resolver { servers += { "192.0.2.1" } }|state { path = relative }
        |trust { ca = "" }|record "r" { host = a domain = b.example provider = dyndns2 password = a password-file = /b }
        |record "r" { password-credential = "../x" }|record "r" { password-file = "/dev/zero" }""".split("|")
    seeds.update({"broken-%02d" % i: text.strip() for i, text in enumerate(broken)})
    seeds.update({
        "nul": "log { level = info }\0log { level = loud }", "utf8": "target \"\u00e9\" { host = \u00e9.example }",
        "not-utf8": b"target \"\xff\" { host = \xff }", "crlf": HOME.replace("\n", "\r\n"),
        "deep": "target \"a\" { " * 50, "long-value": "target \"a\" { host = \"%s\" }" % ("x" * 5000),
        "many-values": "hook \"h\" { only = { %s } }" % ", ".join(["a"] * 1100),
        "many-errors": "nope = 1\n" * 300, "long-title": "target \"%s\" { host = a }" % ("t" * 300),
        "no-newline-comment": "log { level = info } # end",
        "sources": "".join('address "a%d" { family = %s }\n' % pair for pair in enumerate([
            "ipv4 source = nat-pmp server = 192.168.1.1", "ipv4 source = pcp interface = eth0", "ipv4 source = upnp",
            "ipv4 source = upnp url = \"http://192.168.1.1:5000/rootDesc.xml\"", "ipv6 source = ubus network = lan suffix = \"::5\"",
            "ipv4 source = ubus network = wan command = {\"/bin/true\", \"-x\"}", "ipv6 interface = br-lan neighbour = \"02:00:5e:10:00:05\""])),
        "neighbour-wrong": 'address "a" { family = ipv6 interface = br-lan neighbour = "01:00:5e:10:00:05" }',
        "server-wrong": 'address "a" { family = ipv4 source = pcp server = "::1" url = "x" }',
    })
    return seeds


# --- wire ----------------------------------------------------------------------------------------
def frame(kind, ident, body, length=None):
    return struct.pack(">IBI", 5 + len(body) if length is None else length, kind, ident) + body


def job(argv, envp, data=b"", timeout=30000, argc=None, strings=None):
    block = b"".join(x.encode() + b"\0" for x in [*argv, *envp])
    return frame(1, 7, struct.pack(">5I", timeout, len(argv) if argc is None else argc, len(envp),
                                   len(block) if strings is None else strings, len(data)) + block + data)


def wire():
    def result(end, code, out, cut=0, length=None):
        return frame(3, 9, struct.pack(">BBiII", end, cut, code, 12, len(out) if length is None else length) + out)

    plain = job(["/bin/true"], [])
    return {
        "job": plain, "job-full": job(["/bin/sh", "-c", ""], ["PATH=/bin", "A="], b'{"a":1}\n'), "cancel": frame(2, 7, b""),
        "result": result(0, 3, b"hello\n"), "result-signal": result(1, 9, b"", 1), "result-lost": result(4, 0, b""),
        "three": plain + frame(2, 7, b"") + result(2, 0, b"x"), "cut": plain[:-1], "head-cut": b"\0\0", "empty": b"",
        "type-0": frame(0, 1, b""), "type-4": frame(4, 1, b""), "length-4": frame(2, 1, b"", 4),
        "length-huge": frame(2, 1, b"", 0xffffffff), "cancel-and-more": frame(2, 1, b"x"),
        "relative": job(["true"], []), "no-argv": job([], ["A=b"]), "argc-lies": job(["/bin/true"], [], argc=2),
        "argc-257": job(["/a"] * 257, []), "strings-lie": job(["/bin/true"], [], strings=3),
        "timeout-0": job(["/bin/true"], [], timeout=0), "timeout-huge": job(["/bin/true"], [], timeout=0x80000000),
        "result-end-5": result(5, 0, b""), "result-cut-7": result(0, 0, b"", 7), "result-length-lies": result(0, 0, b"x", 0, 2),
        "result-too-long": result(0, 0, b"x" * 8193),
    }


# --- json ----------------------------------------------------------------------------------------
NOTICE = """{"event":"target-down","time":"2026-01-01T00:00:00Z","time_ms":1767225600000,"about":"target","subject":"www",
"family":"ipv4","host":"www.example:443","old":"up","new":"down","cause":"refused","text":"refused","advice":"look"}"""


def notice():
    return {
        "notice": NOTICE, "no-family": NOTICE.replace('"ipv4"', "null"), "time-text": NOTICE.replace("1767225600000", '"x"'),
        "time-real": NOTICE.replace("1767225600000", "1e300"), "time-min": NOTICE.replace("1767225600000", "-9223372036854775808"),
        "time-max": NOTICE.replace("1767225600000", "9223372036854775807"), "unknown": NOTICE.replace("target-down", "target-sideways"),
        "long": NOTICE.replace("look", "x" * 400), "long-utf8": NOTICE.replace("look", "\u3042" * 200),
        "escape": NOTICE.replace("look", "\\u001b[2J\\u0000\\n\\ud83d\\ude00"), "subject-slash": NOTICE.replace("www", "a/b=c"),
        "twice": NOTICE.replace('"old"', '"new"'), "status": '{"cmd":"status","events":10}', "update": '{"cmd":"update","name":"www"}',
        "cmd-number": '{"cmd":7,"name":[]}', "array": "[1]", "empty": "", "cut": NOTICE[:60], "deep": '{"a":' * 60 + "1" + "}" * 60,
        "nested": '{"a":{"b":[1,2.5,true,null,"x y"],"$(c)":"\'"},"":"","e f":[]}', "real": '{"a":1e-320,"b":-0.0,"c":123456789012345678}',
        "not-utf8": b'{"a":"\xff"}', "nul": '{"a":"b"}\0',
    }


# --- cert ----------------------------------------------------------------------------------------
def der(subject, *options, key="ec:P-256"):
    """One self-signed certificate. Its key is new each time: the files change with every run."""
    kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + key[3:]] if key.startswith("ec:") else ["-newkey", key]
    command = ["openssl", "req", "-x509", "-nodes", *kind, "-keyout", "/dev/null", "-outform", "DER", "-utf8",
               "-subj", subject, "-days", "30", *options]
    return subprocess.run(command, check=True, capture_output=True).stdout


def stapled():
    """Chains of an authority, an intermediate and a leaf, with the OCSP answer of the intermediate."""
    sys.path.insert(0, os.path.join(HERE, "..", "net"))
    from lab.ca import CA  # pylint: disable=import-outside-toplevel
    with tempfile.TemporaryDirectory() as folder:
        root = CA(os.path.join(folder, "root"))
        middle = root.intermediate(os.path.join(folder, "middle"), "Middle")
        leaf = middle.issue("a.test", extra=[
            "tlsfeature = status_request", "authorityInfoAccess = caIssuers;URI:http://ca.test/middle.cer"])
        good = middle.staple(leaf)
        parts = [subprocess.run(["openssl", "x509", "-in", path, "-outform", "DER"], check=True,
                                capture_output=True).stdout for path in (leaf.chain, middle.pem, root.pem)]
        with open(good.staple, "rb") as file:
            answer = file.read()
    first, second, third = parts
    return {"way": first + second, "way-missing": first, "way-with-root": first + second + third,
            "way-wrong-order": first + third + second, "staple": first + second + answer,
            "staple-try-later": first + second + b"\x30\x03\x0a\x01\x03", "staple-cut": first + second + answer[:-9],
            "staple-of-nobody": third + answer}


def cert():
    def san(text):
        return ("-addext", "subjectAltName=" + text)

    plain = der("/CN=www.example", *san("DNS:www.example,DNS:*.example,IP:192.0.2.1,IP:2001:db8::1"))
    return {
        "plain": plain, "ed25519": der("/CN=a", key="ed25519"), "rsa": der("/C=JP/O=Home/CN=a", key="rsa:2048"),
        "chain": plain + der("/O=Test CA/CN=Root"), "chain-of-12": der("/CN=a", key="ed25519") * 12,
        "utf8": der("/O=\u65e5\u672c/CN=\u00e9"), "no-names": der("/"), "long": der("/CN=" + "x" * 64 + "/OU=" + "y" * 64),
        "other-names": der("/CN=a", *san("email:a@b.example,URI:https://x.example/,RID:1.2.3,DNS:a")),
        "comma": plain.replace(b"www.example", b"www,example"), "cut": plain[:-1], "then-junk": plain + b"junk", "empty": b"",
        "nul-in-name": plain.replace(b"www.example", b"www\0example"), "escape-in-name": plain.replace(b"www.example", b"www\x1b[2Jmpl"),
        "time-broken": plain.replace(b"\x17\x0d", b"\x17\x0c", 1), "many-names": der("/CN=a", *san(",".join("DNS:n%d.example" % i for i in range(200)))),
        **stapled(),
    }


# --- quic ----------------------------------------------------------------------------------------
def quic():
    ids = b"\x08source-i\x08destinat"
    head = b"\xb5" + bytes(4) + ids
    versions = struct.pack(">4I", 1, 0x6b3343cf, 0xff00001d, 0x5a6a7a8a)
    return {
        "two": head + versions[:8], "four": head + versions, "reserved-only": head + versions[12:],
        "many": head + struct.pack(">40I", *range(40)), "google": head + b"Q050T051" + b"Q\x1b[2",
        "no-list": head, "list-cut": head + versions[:7], "version-zero": head + bytes(4),
        "asked-again": head + bytes.fromhex("1a2a3a4a"), "initial": b"\xc3" + versions[:4] + ids + versions,
        "long-id": b"\x80" + bytes(4) + b"\xff" + b"x" * 255 + b"\x00" + versions,
        "short-header": b"\x41" + ids, "text": b"SSH-2.0-OpenSSH\r\n", "one": b"\x80", "empty": b"",
    }


def host_list():
    return {
        "hosts": "example.com\n192.0.2.1:8443\n[2001:db8::1]:443\nhttps://example.com/health\ntcp://mail.example:25\n",
        "comments": "# all\n\n  # indented\nexample.com # home\nexample.org#not\n\t\r\n", "no-newline": "example.com",
        "crlf": "a.example\r\nb.example\r\n", "mark": b"\xef\xbb\xbfa.example\n\xef\xbb\xbfb.example\n",
        "zero": b"a\0b\nc.example\n", "escape": b"\x1b[2J\n\x80\xff.example\n", "empty": "", "newlines": "\n" * 50,
        "longest": "x" * 2400 + "\nb.example", "too-long": "x" * 2401 + "\nb.example\n", "far-too-long": "x" * 20000 + "\nb.example",
        "never-ends": "y" * 9000, "words": "two words\nthree more words\n",
    }


# --- tsig ----------------------------------------------------------------------------------------
# Answers to an update, made after RFC 8945 with nothing of the program's: tests/unit/test_tsig.c checks the
# program against them too. What was sent had the ID 0x1234 and a MAC of 0xab in every byte.
TSIG_SECRET = bytes(range(32))
TSIG_KEY = "key.home.example"
TSIG_TIME = 1700000000


def tsig_rr(message, hash_name="sha256", time=TSIG_TIME, error=0, other=b"", prior=b"", secret=TSIG_SECRET, mac=None,
            owner=None, key=TSIG_KEY, fudge=300, original=None):
    """The message with its TSIG record. prior: the MAC of the request, with its length in front."""
    algorithm, stamp = name("hmac-" + hash_name), struct.pack(">HIH", time >> 32, time & 0xffffffff, fudge)
    rest = struct.pack(">HH", error, len(other)) + other
    covered = prior + message + name(key) + struct.pack(">HI", 255, 0) + algorithm + stamp + rest
    mac = hmac.new(secret, covered, hash_name).digest() if mac is None else mac
    data = algorithm + stamp + struct.pack(">H", len(mac)) + mac + (original or message[:2]) + rest
    count = struct.unpack(">H", message[10:12])[0]
    return (message[:10] + struct.pack(">H", count + 1) + message[12:] + (owner or name(key))
            + struct.pack(">HHIH", 250, 255, 0, len(data)) + data)


def tsig():
    zone = name("home.example") + struct.pack(">HH", 6, 1)

    def answer(rcode=0, body=zone, counts=(1, 0, 0, 0)):
        return struct.pack(">HH4H", 0x1234, 0xa800 | rcode, *counts) + body

    def signed(message, hash_name="sha256", **more):
        size = hmac.new(b"", b"", hash_name).digest_size
        return tsig_rr(message, hash_name, prior=struct.pack(">H", size) + b"\xab" * size, **more)

    good = signed(answer())
    compressed = struct.pack(">B3sH", 3, b"key", 0xc00c)  # key + a pointer to the zone's name
    update = (struct.pack(">HH4H", 0x1234, 0x2800, 1, 1, 4, 0) + zone
              + rr("www.home.example", 5, 0, b"", 254)
              + rr("www.home.example", A, 0, b"", 255) + rr("www.home.example", A, 60, bytes([203, 0, 113, 27]))
              + rr("www.home.example", AAAA, 0, b"", 255)
              + rr("www.home.example", AAAA, 300, bytes.fromhex("20010db8") + bytes(11) + b"\5"))
    return {
        **{"good-" + each: signed(answer(), each) for each in ("sha1", "sha256", "sha384", "sha512")},
        **{"request-" + each: tsig_rr(update, each) for each in ("sha1", "sha256", "sha384", "sha512")},
        "good-compressed": signed(answer(), owner=compressed), "good-empty": signed(answer(0, b"", (0, 0, 0, 0))),
        "good-capitals": signed(answer(), owner=name("KEY.home.EXAMPLE")),
        "good-forwarded": b"\x99\x99" + signed(answer(), original=b"\x12\x34")[2:], "refused": signed(answer(5)),
        "yxrrset": signed(answer(7)), "servfail": signed(answer(2)), "rcode-11": signed(answer(11)),
        "badtime": signed(answer(9), error=18, other=struct.pack(">HI", 0, TSIG_TIME + 412)),
        "badtime-early": signed(answer(9), error=18, other=struct.pack(">HI", 0, TSIG_TIME - 86400)),
        "badtime-no-time": signed(answer(9), error=18), "badkey": tsig_rr(answer(9), error=17, mac=b""),
        "badsig": tsig_rr(answer(9), error=16, mac=b""), "badtrunc": signed(answer(9), error=22),
        "error-unknown": signed(answer(9), error=4711), "unsigned": answer(), "unsigned-refused": answer(5),
        "unsigned-notimp": answer(4, b"", (0, 0, 0, 0)), "forged-secret": signed(answer(), secret=b"x" * 32),
        "forged-key": signed(answer(), key="other.home.example"), "forged-prior": tsig_rr(answer()),
        "forged-time": signed(answer(), time=TSIG_TIME + 301), "forged-byte": good[:3] + b"\x05" + good[4:],
        "forged-no-mac": tsig_rr(answer(), mac=b""), "forged-short-mac": signed(answer(), mac=b"\xab" * 16),
        "forged-algorithm": signed(answer(), "md5"), "forged-cut": good[:-1], "forged-longer": good + b"\0",
        "forged-pointer": signed(answer(), owner=b"\xff\xff"), "forged-loop": signed(answer(), owner=b"\xc0\x1e"),
        "forged-counts": good[:4] + b"\xff\xff" + good[6:], "forged-records": good[:8] + b"\xff\xff" + good[10:],
        "tsig-not-last": signed(answer())[:10] + b"\0\2" + good[12:] + rr("x", A, 1, b"1234"),
        "header": answer()[:12], "short": answer()[:7], "empty": b"",
    }


def xml_error(code, message="Rate exceeded"):
    return ("<?xml version=\"1.0\"?><ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Error><Type>Sender</Type>"
            "<Code>%s</Code><Message>%s</Message></Error><RequestId>b25f</RequestId></ErrorResponse>" % (code, message))


def xml():
    return {
        **{code.lower(): xml_error(code) for code in ("Throttling", "PriorRequestNotComplete", "SignatureDoesNotMatch", "Other")},
        "clock": xml_error("SignatureDoesNotMatch", "Signature expired: 20261129T000000Z is now earlier than"),
        "echo": xml_error("AccessDenied", "token-token"), "echo-code": xml_error("token-token"), "escape": xml_error("A\u001b[2J", "&lt;&amp;x"),
        "list": "<L><Z><Id>1</Id></Z><Z><Id>&#1;</Id><Id/></Z></L>", "nested": "<Id>" * 50 + "</Id>" * 49, "cdata": "<![CDATA[<Id>]]><Id>",
        "doctype": "<!DOCTYPE a [<!ENTITY b 'c'>]><Id>&b;</Id>", "quotes": "<Id a='>' b=\"/>\">1</Id>", "open": "<Id", "comment": "<!-- <Id>",
        "empty": "",
    }


# --- api -----------------------------------------------------------------------------------------
def api():
    def talk(provider, *replies):
        return provider + "\n" + "\n--\n".join(replies)

    def result(value):
        return '200\n{"success": true, "errors": [], "result": %s}' % value

    zone = result('[{"id": "023e105f4ecef8ad9ca31a8372d0c353", "name": "home.example"}]')
    record = '{"id": "372e67954025e0ba6aaa6d586b9e0b59", "type": "A", "content": "%s", "proxied": %s}'
    old, new = record % ("203.0.113.10", "false"), record % ("203.0.113.27", "false")
    sets = '[{"subname": "www", "type": "A", "ttl": 3600, "records": ["%s"]}]'
    def vd(records, ttl):
        return '200\n{"results": {"ns_type": "valuedomain1", "records": "%s", "ttl": %s}, "request_id": "x"}' % (records, ttl)

    zones = ("200\n<ListHostedZonesByNameResponse><HostedZones><HostedZone><Id>/hostedzone/Z1D</Id><Name>home.example.</Name>"
             "<Config><PrivateZone>false</PrivateZone></Config></HostedZone></HostedZones></ListHostedZonesByNameResponse>")
    refused = '{"success": false, "errors": [{"code": 9109, "message": "Invalid access token"}], "result": null}'
    return {
        "cloudflare-update": talk("cloudflare", zone, result("[%s]" % old), result(new)),
        "cloudflare-create": talk("cloudflare", zone, result("[]"), result(new)),
        "cloudflare-nochange": talk("cloudflare", zone, result("[%s]" % new)),
        "cloudflare-proxied": talk("cloudflare", zone, result("[%s]" % (record % ("203.0.113.27", "true")))),
        "cloudflare-two": talk("cloudflare", zone, result("[%s, %s]" % (old, new))),
        "cloudflare-no-zone": talk("cloudflare", result("[]")), "cloudflare-token": talk("cloudflare", "403\n" + refused),
        "cloudflare-other-address": talk("cloudflare", zone, result("[%s]" % old), result(old)),
        "cloudflare-unsuccessful": talk("cloudflare", zone, result("[%s]" % old), result(new).replace("true", "false", 1)),
        "cloudflare-odd-ids": talk("cloudflare", result('[{"id": "../x?y=1&z#\\u0001"}]')),
        "cloudflare-number-id": talk("cloudflare", result('[{"id": 7}]'), result('[{"id": -9, "content": ""}]'), result(new)),
        "cloudflare-slash-id": talk("cloudflare", result('[{"id": "a/../b?c=d"}]'), result("[%s]" % old), result(new)),
        "cloudflare-forgets": talk("cloudflare", zone, "404\n{}", zone, "404\n{}", zone),
        "desec-ok": talk("desec-api", "200\n" + sets % "203.0.113.27"), "desec-other": talk("desec-api", "200\n" + sets % "203.0.113.2"),
        "desec-ttl": talk("desec-api", '400\n[{"ttl": ["Ensure this value is greater than or equal to 3600."]}]'),
        "desec-throttled": talk("desec-api", '429\n{"detail": "Request was throttled. Expected available in 1 second."}'),
        "desec-echo": talk("desec-api", '401\n{"detail": "Invalid token token-token."}'), "powerdns-ok": talk("powerdns", "204\n"),
        "withdraw-powerdns": talk("powerdns withdraw", "204\n"), "withdraw-desec": talk("desec-api withdraw", "204\n"),
        "withdraw-desec-list": talk("desec-api withdraw", "200\n[]"), "withdraw-godaddy": talk("godaddy withdraw", "200\n[]"),
        "withdraw-cloudflare": talk("cloudflare withdraw", zone, result("[%s]" % new), result('{"id": "372e67954025e0ba6aaa6d586b9e0b59"}')),
        "withdraw-cloudflare-none": talk("cloudflare withdraw", zone, result("[]")),
        "withdraw-cloudflare-other": talk("cloudflare withdraw", zone, result("[%s]" % old)),
        "withdraw-gandi": talk("gandi withdraw", '200\n{"rrset_values": ["203.0.113.27"]}', "204\n"),
        "withdraw-gandi-none": talk("gandi withdraw", '404\n{"message": "no such record"}'),
        "withdraw-gandi-two": talk("gandi withdraw", '200\n{"rrset_values": ["203.0.113.27", "203.0.113.28"]}'),
        "withdraw-hetzner": talk("hetzner withdraw", '200\n{"rrset": {"records": [{"value": "203.0.113.27"}]}}',
                                 '201\n{"action": {"status": "running"}}'),
        "withdraw-digitalocean": talk("digitalocean withdraw", '200\n{"domain_records": [{"id": 7, "data": "203.0.113.27"}]}', "204\n"),
        "withdraw-r53": talk("route53 withdraw", zones, "200\n<ChangeInfo><Status>PENDING</Status></ChangeInfo>"),
        "withdraw-vd": talk("value-domain-api withdraw", vd("mx @ 10\\na www 203.0.113.27\\n", '"600"'), vd("mx @ 10\\n", "600")),
        "withdraw-vd-stays": talk("value-domain-api withdraw", vd("mx @ 10\\na www 203.0.113.27\\n", '"600"'),
                                  vd("mx @ 10\\na www 203.0.113.27\\n", "600")),
        "withdraw-vd-other": talk("value-domain-api withdraw", vd("mx @ 10\\na www 203.0.113.2\\n", '"600"')),
        "powerdns-200": talk("powerdns", "200\n{}"), "powerdns-422": talk("powerdns", '422\n{"error": "RRset www\\u001b[2J"}'),
        "gandi-create": talk("gandi", '404\n{"message": "no such record"}', '201\n{"message": "DNS Record Created"}'),
        "gandi-nochange": talk("gandi", '200\n{"rrset_values": ["203.0.113.27"]}'),
        "hetzner-create": talk("hetzner", '404\n{"error": {"message": "none"}}', '201\n{"action": {"status": "running"}}'),
        "hetzner-error": talk("hetzner", '200\n{"rrset": {"records": []}}', '201\n{"action": {"status": "error", "error": {"message": "\\u001b"}}}'),
        "digitalocean-update": talk("digitalocean", '200\n{"domain_records": [{"id": 7, "data": "203.0.113.2"}]}',
                                    '200\n{"domain_record": {"data": "203.0.113.27"}}'),
        "vd-update": talk("value-domain-api", vd("mx @ 10 m\\na www 203.0.113.2\\r\\n", '"600"'), vd("mx @ 10 m\\na www 203.0.113.27\\r\\n", "600")),
        "vd-create": talk("value-domain-api", vd("a @ 203.0.113.2", "3600"), vd("a @ 203.0.113.2\\na www 203.0.113.27", "3600")),
        "vd-lie": talk("value-domain-api", vd("a www 203.0.113.2", "60"), vd("a www 203.0.113.2", "3600")),
        "vd-nochange": talk("value-domain-api", vd("a www 203.0.113.27", '"120"')), "vd-empty": talk("value-domain-api", vd("\\n\\n", '"120"')),
        "vd-alias": talk("value-domain-api", vd("cname www x", '"120"')), "vd-ttl": talk("value-domain-api", vd("a www 203.0.113.2", '"-1"')),
        "vd-429": talk("value-domain-api", '429\n{"request_id": "x", "errors": {"code": 429, "message": "Too Many Requests"}}'),
        "r53-ok": talk("route53", zones, "200\n<ChangeResourceRecordSetsResponse><ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status></ChangeInfo></ChangeResourceRecordSetsResponse>"),
        "r53-odd-id": talk("route53", zones.replace("Z1D", "../x"), "200\n"), "r53-throttled": talk("route53", zones, "400\n" + xml_error("Throttling")),
        "r53-private": talk("route53", zones.replace("false", "true")), "r53-two": talk("route53", zones + zones[4:]),
        "r53-status": talk("route53", zones, "200\n<ChangeInfo><Status>FAILED</Status></ChangeInfo>"),
        "r53-echo": talk("route53", "403\n" + xml_error("InvalidClientTokenId", "token-token is not known")),
        "linode-pages": talk("linode", '200\n{"data": [{"id": 7, "domain": "home.example"}]}', '200\n{"data": [], "page": 1, "pages": 2}',
                             '200\n{"data": [{"id": 8, "name": "WWW", "type": "A", "target": "203.0.113.2"}], "page": 2, "pages": 2}',
                             '200\n{"id": 8, "target": "203.0.113.27"}'),
        "linode-endless": talk("linode", '200\n{"data": [{"id": 7, "domain": "home.example"}]}', *['200\n{"data": [], "page": 1, "pages": 9}'] * 250),
        "linode-error": talk("linode", '401\n{"errors": [{"reason": "Invalid Token token-token"}]}'),
        "vultr-pages": talk("vultr", '200\n{"records": [], "meta": {"links": {"next": "a&b=/../?"}}}', '200\n{"records": []}',
                            '201\n{"record": {"data": "203.0.113.27"}}'),
        "vultr-update": talk("vultr", '200\n{"records": [{"id": "a/b", "name": "www", "type": "A", "data": ""}]}', "204\n"),
        "scaleway": talk("scaleway", '200\n{"records": [{"name": "www", "type": "A", "data": "203.0.113.27"}]}'),
        "scaleway-lie": talk("scaleway", '200\n{"records": [{"name": "www", "type": "A", "data": "203.0.113.2"}]}'),
        "godaddy-create": talk("godaddy", "404\n{}", "200\n"),
        "godaddy-ttl": talk("godaddy", '200\n[{"name": "www", "type": "A", "data": "x", "ttl": -99999999999}]', "200\n{}"),
        "porkbun-update": talk("porkbun", '200\n{"status": "SUCCESS", "records": [{"name": "www.home.example.", "type": "A", "content": ""}]}', '200\n{"status": "SUCCESS"}'),
        "porkbun-create": talk("porkbun", '200\n{"status": "SUCCESS", "records": []}', '200\n{"status": "ERROR", "message": "no"}'),
        "porkbun-key": talk("porkbun", '400\n{"status": "ERROR", "message": "Invalid API key. (001)"}'),
        "name.com-update": talk("name.com", '200\n{"records": [], "nextPage": 2}', '200\n{"records": [{"id": 5, "fqdn": "www.home.example.", "type": "A", "answer": "1.1.1.1"}]}',
                                '200\n{"answer": "203.0.113.27"}'),
        "name.com-create": talk("name.com", "200\n{}", '200\n{"answer": "203.0.113.2"}'),
        "ionos-update": talk("ionos", '200\n[{"name": "home.example", "id": "11af"}]', '200\n{"records": [{"id": "22", "name": "www.home.example", "type": "A", "content": "?"}]}',
                             '200\n{"content": "203.0.113.27"}'),
        "ionos-create": talk("ionos", '200\n[{"name": "home.example", "id": "11af"}]', '200\n{"records": []}', '201\n[{"content": "203.0.113.27"}]'),
        "ionos-none": talk("ionos", '200\n[{"name": 7}]'),
        "netlify-update": talk("netlify", '200\n[{"name": "home.example", "id": "5d"}]', '200\n[{"id": "1", "hostname": "www.home.example", "type": "A", "value": "1.1.1.1"}]', "201\n{}",
                               '200\n[{"id": "1", "hostname": "www.home.example", "type": "A", "value": "1.1.1.1"}, {"id": "2", "hostname": "www.home.example", "type": "A", "value": "203.0.113.27"}]',
                               "204\n", '200\n[{"id": "2", "hostname": "www.home.example", "type": "A", "value": "203.0.113.27"}]'),
        "netlify-endless": talk("netlify", '200\n[{"name": "home.example", "id": "5d"}]', *["200\n[]", "201\n{}"] * 120),
        "html": talk("powerdns", "502\n<html><h1>Bad gateway"), "redirect": talk("powerdns", "302\n"), "refused": talk("powerdns"),
        "deep": talk("desec-api", "400\n" + "[" * 3000), "deep-objects": talk("desec-api", "400\n" + '{"a":' * 50 + "1" + "}" * 50),
        "no-json": talk("desec-api", "200\nOK"), "null": talk("cloudflare", "200\nnull"), "number": talk("cloudflare", "200\n7"),
        "no-provider": talk("nobody", "200\n"), "empty": "",
    }


# --- zone_text -----------------------------------------------------------------------------------
def whoami():
    me, v4, v6 = name("whoami.example"), bytes([8, 8, 4, 4]), bytes.fromhex("24004050") + bytes(11) + b"\1"

    def txt(*strings, cls=1):
        return rr(ASKED, TXT, 0, b"".join(bytes([len(x)]) + x for x in strings), cls)

    def chaos(*answer):
        whole = reply(me, TXT, answer)
        return whole[:12 + len(me) + 3] + b"\3" + whole[12 + len(me) + 4:]

    return {
        "a": reply(me, A, [rr(ASKED, A, 0, v4)]),
        "aaaa": reply(me, AAAA, [rr(ASKED, AAAA, 0, v6)]),
        "txt": reply(me, TXT, [txt(b"8.8.4.4"), txt(b"edns0-client-subnet 8.8.4.0/24")]),
        "txt6": reply(me, TXT, [txt(b"2400:4050::1")]),
        "labelled": reply(me, TXT, [txt(b"ns", b"8.8.4.4")]),
        "chaos": chaos(txt(b"8.8.4.4", cls=3)),
        "chaos-in": chaos(txt(b"8.8.4.4")),
        "two": reply(me, TXT, [txt(b"8.8.4.4"), txt(b"8.8.8.8")]),
        "private": reply(me, TXT, [txt(b"10.0.0.1")]),
        "no-address": reply(me, TXT, [txt(b"\x1b[2J hello")]),
        "nul": reply(me, TXT, [txt(b"8.8.4.4\0")]),
        "empty-string": reply(me, TXT, [txt(b"")]),
        "no-string": reply(me, TXT, [rr(ASKED, TXT, 0, b"")]),
        "long-string": reply(me, TXT, [rr(ASKED, TXT, 0, b"\x40" + b"8.8.4.4")]),
        "refused": reply(me, TXT, flags=QR | 5),
        "counts-lie": reply(me, TXT, [txt(b"8.8.4.4")], counts=(1, 65535, 0, 0)),
        "loop": reply(me, TXT, [rr(b"\xc0\x20", TXT, 0, b"\0")]),
        "many": reply(me, TXT, [txt(b"%d" % i) for i in range(400)]),
        "a-short": reply(me, A, [rr(ASKED, A, 0, v4[:3])]),
        "header-only": reply(me, TXT)[:12],
        "empty": b"",
    }


def zone_text():
    return {
        "usual": b"a @ 203.0.113.2\na * 203.0.113.2\na www 203.0.113.2\nmx @ 10 mail\ntxt @ v=spf1 a -all\n",
        "crlf": b"a www 203.0.113.2\r\naaaa www 2001:db8::1\r\n", "no-ending": b"mx @ 10", "cr": b"a @ 1\ra www 2\r",
        "same": b"a www 203.0.113.27", "two": b"a www 1.1.1.1\na www 2.2.2.2", "alias": b"cname www x\na www 1.1.1.1",
        "no-value": b"a www\t", "capitals": b"A WWW 1.1.1.1 60", "comments": b"# a www 1.1.1.1\n;\n \n",
        "binary": bytes(range(1, 256)), "empty": b"",
    }


# --- import ----------------------------------------------------------------------------------------
def examples(folder):
    """What the test of `reachd import` converts, under names of one part."""
    top = os.path.join(HERE, "..", "replay", "import", folder)
    found = {}
    for where, _, names in sorted(os.walk(top)):
        for each in sorted(names):
            if each.endswith(("expect", ".inc")):
                continue
            with open(os.path.join(where, each), "rb") as f:
                found[(os.path.relpath(os.path.join(where, each), top)).replace("/", "-")] = f.read()
    return found


def import_inadyn():
    section = 'provider duckdns.org { username = t hostname = a.duckdns.org %s }\n'
    return {
        **examples("inadyn"), "empty": "", "open": "provider x {", "open-list": "provider x { hostname = { a, b",
        "open-string": 'user-agent = "x', "open-comment": "/* provider x { }", "nested": "provider x { provider y { } }",
        "nul": b"provider x {\0}", "plus": "period += 5\n" + section % "", "include": section % 'include("/etc/passwd")',
        "include-twice": "include(x)\ninclude(", "marks": "}{=,()", "long": section % ("password = " + "x" * 5000),
        "long-value": section % ('password = "' + "y" * 1000 + '"'), "escapes": section % r'wildcard = "\\\n\x\"${A}" password = "${B}"',
        "wild": section.replace("= a.duckdns.org", '= "*.duckdns.org"') % "",
        "many": "".join(section % "" for _ in range(60)), "same": section % "" * 3,
        "no-host": "provider duckdns.org { }", "bad-host": "provider duckdns.org { username = t hostname = \"a b\" }",
        "custom": 'custom x { ddns-server = "u:p@h.example" ddns-path = "/%h/%i/<b>{c}?key=0123&%%&pass=%p&tok=%u" hostname = a.example '
                  'username = u password = p ddns-response = { a, b, c, d, e, f, g, h, i } }',
        "third": 'allow-ipv6 = true\n' + "".join("provider cloudflare.com:%d { username = b.c password = %s hostname = a.b.c %s }\n" % part for part in (
            (1, "t", ""), (2, "u", "checkip-server = api6.x.y"), (3, "t", "checkip-server = api6.x.y"))),
        "labels": section.replace("= a.duckdns.org", "= {%s}" % ", ".join(a + 4 * ("." + 26 * a) + ".duckdns.org" for a in "ab")) % "",
        "iface-web": section % "" + section.replace("a.duckdns", "b.duckdns") % 'iface = "web"',
        "marks-of-terminals": section.replace("duckdns.org {", "noip.com {") % 'username = "\u009b31m\u202e" checkip-command = "/bin/echo \u2028"',
        "custom-no-server": "custom x { hostname = a.example }", "iface": section % 'iface = "a/b c"',
        "command": section % "checkip-command = \"a'b\\\"c$(d)\"",
    }


def import_ddclient():
    line = "protocol=duckdns, password=t, use=web "
    return {
        **examples("ddclient"), "empty": "", "hosts": line + "a,b , c,,d login password more\n", "slash": line + "\\\na\\",
        "slashes": "\\\n" * 50 + line + "a", "quotes": "login='a b\"c' password='x'y' z=\"\nprotocol=noip use=if a.b.c",
        "spaces": line + " " * 5000 + ",a" + "\t" * 5000, "comment": "password=a#b#c # d\n" + line + "e",
        "long": "x=" + "y" * 70000, "long-value": "login=" + "y" * 2000 + "\n" + line + "a", "options": "a=b " * 1200 + "c",
        "equals": "= a= =b ==\nuse = web\nuse=web,host=a.duckdns.org,protocol=duckdns,password=x", "cr": line + "a\r\n\r" + line + "b\r",
        "env": "login_env=PATH password_env=PATH _env=x protocol=noip use=if a.no-ip.com", "binary": bytes(range(1, 256)),
        "sources": "protocol=duckdns password=x usev4=cmdv4 cmdv4='a|b' usev6=ipv6 ipv6=::1 a\nuse=ip,ip=::1 b\nuse=cmd cmd=\"\" c",
        "cloudns": "protocol=cloudns dynurl=q= use=web a.b\nprotocol=cloudns dynurl=x?q=1&2 use=web c.d",
        "server": "server=http://x/y script=z login=a password=b use=if if=../.. c.d\nserver=: password=x login=y e.f",
        "zones": line + "zone=example.com a.example.com b.example.org @ * *.example.com example.com.",
        "porkbun": "protocol=porkbun apikey= secretapikey= on-root-domain=yes use=if a.b",
        "odd-interface": b"protocol=noip login=a password=b use=if if=\xff\xa4 c.no-ip.com",
        "marks-of-terminals": "protocol=nsupdate password=/\u009b31m server=a:b zone=x use=if a.x\n",
        "nsupdate": "protocol=nsupdate password=/k server=a:b zone=x ttl=9d use=if a.x\npassword=AAAA b.x",
    }


def import_uci():
    section = "config service 'x'\n\toption enabled 1\n\toption service_name duckdns.org\n\toption password t\n\toption domain a.duckdns.org\n"
    return {
        **examples("uci"), "empty": "", "no-section": "option a b", "no-value": "config service\noption a", "no-type": "config",
        "quotes": section + "\toption a 'b\nc'\"d\\\"e\"f\\ g # h\n", "open-quote": "config service 'x", "lines": "config service '\n\n\n'\n?",
        "long": "config service x\noption password " + "y" * 5000, "long-value": section + "option username " + "y" * 1000,
        "twice": section * 2, "families": section + "option use_ipv6 1\n" + section, "many": section * 80,
        "signs": section.replace("a.duckdns.org", "@").replace("duckdns.org", "cloudflare.com-v4"),
        "url": "config service\noption enabled 1\noption domain a.b.c\noption ip_source web\noption username u\noption param_opt '&<{x}>'\n"
               "option update_url 'http://[USERNAME]:p%4@h.example:81/0123456789abcdef0123456789/[PARAMOPT]?[DOMAIN][IP]&key=%zz&&=&a=[PASSWORD]'",
        "interface": section + "option ip_source interface\noption ip_interface 'a b/c'\n", "script": section + "option ip_source script\noption ip_script ' '\n",
        "source": section + "option ip_source ?\n", "binary": bytes(range(1, 256)), "other": section + "config rule\nlist a b\npackage c\n",
        "key": section.replace("duckdns.org", "bind-nsupdate") + "option dns_server 'a b'\noption username k\n",
    }


# --- ubus ----------------------------------------------------------------------------------------
def ubus():
    def status(v4="", v6="", assigned="", more="", up="true", device="br-lan"):
        return ('{"up": %s, "pending": false, "l3_device": "%s", "ipv4-address": [%s], "ipv6-address": [%s], '
                '"ipv6-prefix-assignment": [%s]%s}' % (up, device, v4, v6, assigned, more))

    v4, v6 = '{"address": "8.8.4.27", "mask": 32, "ptpaddress": "8.8.4.1"}', '{"address": "2400::1", "mask": 64, "preferred": 60, "valid": 99}'
    lan = '{"address": "2400:1::", "mask": 64, "preferred": 5, "valid": 9, "local-address": {"address": "2400:1::1", "mask": 64}}'
    return {
        "wan": status(v4), "lan": status('{"address": "192.168.1.1", "mask": 24}', "", lan), "both": status(v4, v6, lan), "map": status(v4, device="map-wan6_4"),
        "down": status(up="false", more=', "errors": [{"subsystem": "pppoe", "code": "AUTH_FAILED"}]'), "pending": '{"up": false, "pending": true}',
        "deprecated": status(v6=v6.replace("60", "0")), "negative": status(v6=v6.replace("60", "-1")), "huge": status(v6=v6.replace("99", "9" * 18)),
        "real": status(v6=v6.replace("99", "1e300")), "mask-129": status(v6=v6.replace("64", "129")), "same-peer": status('{"address": "8.8.4.27", "mask": 32, "ptpaddress": "8.8.4.27"}'),
        "odd": status("7, null, [], {}", '"x"', '{"local-address": 7}'), "escape": status(device="\\u001b[2J", v4=v4), "long-device": status(v4, device="x" * 40),
        "no-device": '{"up": true}', "array": "[]", "deep": "[" * 3000, "text": "Command failed: Not found", "cut": status(v4)[:-9], "empty": "",
    }


# --- upnp ----------------------------------------------------------------------------------------
def upnp():
    urn = "urn:schemas-upnp-org:"

    def answer(location="http://192.168.1.1:5000/rootDesc.xml", kind=urn + "device:InternetGatewayDevice:1", more=""):
        return "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=120\r\nST: %s\r\nEXT:\r\nLOCATION: %s\r\n%s\r\n" % (kind, location, more)

    def service(kind="WANIPConnection:1", control="/ctl/IPConn"):
        return "<service><serviceType>%sservice:%s</serviceType><controlURL>%s</controlURL></service>" % (urn, kind, control)

    def root(*services, base=""):
        return "<?xml version=\"1.0\"?><root xmlns=\"%sdevice-1-0\">%s<device><serviceList>%s</serviceList></device></root>" % (urn, base, "".join(services))

    def reply(text, more=""):
        return "<s:Envelope><s:Body><u:R><NewExternalIPAddress>%s</NewExternalIPAddress></u:R></s:Body></s:Envelope>%s" % (text, more)

    return {
        "answer": answer(), "answer2": answer(kind=urn + "device:InternetGatewayDevice:2"), "root-device": answer(kind="upnp:rootdevice"),
        "elsewhere": answer("http://203.0.113.9/x"), "name": answer("http://192.168.1.1.example/x"), "user": answer("http://192.168.1.1@x.example/"),
        "no-location": answer(more="x" * 600)[:60], "long-line": answer("http://192.168.1.1/" + "x" * 600), "both": answer() + root(service()),
        "notify": answer().replace("HTTP/1.1 200 OK", "NOTIFY * HTTP/1.1"), "nul": answer("http://192.168.1.1/\0"),
        "root": root(service("Layer3Forwarding:1"), service(), service("WANPPPConnection:1", "ppp")), "relative": root(service(control="ctl")),
        "base": root(service(), base="<URLBase>http://192.168.1.1:49152/x</URLBase>"), "base-elsewhere": root(service(), base="<URLBase>http://x.example/</URLBase>"),
        "control-elsewhere": root(service(control="http://x.example/ctl")), "control-double-slash": root(service(control="//x.example/ctl")),
        "control-user": root(service(control="@x.example/")), "control-crlf": root(service(control="/c\r\nX: y")), "type-crlf": root(service("WANIPConnection:1\r\nX: y")),
        "many": root(*[service()] * 9), "long-control": root(service(control="/" + "c" * 300)), "reply": reply("8.8.4.27"), "reply-empty": reply(""),
        "reply-element": reply("<x/>"), "reply-long": reply("8" * 99), "error": "<errorCode>501</errorCode><errorDescription>Action Failed</errorDescription>",
        "error-odd": "<errorCode>\33</errorCode>", "error-escape": "<errorCode>1</errorCode><errorDescription>\33[2J</errorDescription>.", "doctype": "<!DOCTYPE x>" + root(service()),
        "empty": "",
    }


TARGETS = {
    "api": api,
    "cert": cert,
    "config": config,
    "dnsmsg": dnsmsg,
    "ere": ere,
    "host_list": host_list,
    "http": http,
    "import_ddclient": import_ddclient,
    "import_inadyn": import_inadyn,
    "import_uci": import_uci,
    "json": notice,
    "neighbour": neighbour,
    "pcp": pcp,
    "provider": provider,
    "quic": quic,
    "rtnl": rtnl,
    "text": text,
    "tsig": tsig,
    "ubus": ubus,
    "upnp": upnp,
    "whoami": whoami,
    "wire": wire,
    "xml": xml,
    "zone_text": zone_text,
}

if __name__ == "__main__":
    for each in sys.argv[1:] or sorted(set(TARGETS) - {"cert"}):
        write(each, TARGETS[each]())
