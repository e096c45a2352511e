#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Writes the corpora of the fuzz targets that are binary or made of pieces: valid, edge, malformed.

    ./make_corpus.py [TARGET]...          writes corpus/TARGET/* beside itself

Run it after adding a seed and commit what it wrote. It never deletes: files named `found-*` are what the
fuzzer found, kept for ever.
"""
import os
import struct
import sys

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


TARGETS = {"dnsmsg": dnsmsg, "http": http, "text": text}

if __name__ == "__main__":
    for each in sys.argv[1:] or TARGETS:
        write(each, TARGETS[each]())
