# SPDX-License-Identifier: ISC
"""A name server that lies, breaks its messages, or never ends them. Over UDP and TCP of one address."""
import os
import socket
import struct
import threading
import time

QR, TC, AA = 0x8000, 0x0200, 0x0400


def question_end(query):
    at = 12
    while query[at]:
        at += query[at] + 1
    return at + 5


def message(query, answers=b"", count=None, flags=QR | AA, ident=None):
    """A reply to the query: its question, and answers as bytes of which there are said to be count."""
    own, = struct.unpack("!H", query[:2])
    head = struct.pack("!6H", own if ident is None else ident, flags, 1,
                       count if count is not None else 1 if answers else 0, 0, 0)
    return head + query[12:question_end(query)] + answers


def answer(name, kind, data, ttl=60):
    return name + struct.pack("!HHIH", kind, 1, ttl, len(data)) + data


def _own_name(query):
    return query[12:question_end(query) - 4]


def _chain(query, length):
    """CNAMEs from the name asked for through so many others to none."""
    names = [b"\xc0\x0c"] + [b"\x04%04d\x01x\x00" % n for n in range(length)]
    return b"".join(answer(names[n], 5, names[n + 1]) for n in range(length))


# What it says to a query over UDP.
UDP = {
    "garbage": lambda query: os.urandom(300),
    "nothing in it": lambda query: b"",
    "another id": lambda query: message(query, answer(b"\xc0\x0c", 1, b"\xc0\x00\x02\x63"),
                                        ident=(query[0] << 8 | query[1]) ^ 1),
    "another question": lambda query: message(query[:12] + b"\x05other\x04name\x00" + query[-4:],
                                              answer(b"\xc0\x0c", 1, b"\xc0\x00\x02\x63")),
    "a name that points at itself": lambda query: message(
        query, answer(struct.pack("!H", 0xc000 | question_end(query)), 1, b"\xc0\x00\x02\x63")),
    "an alias of itself": lambda query: message(query, answer(b"\xc0\x0c", 5, _own_name(query))),
    "a chain of aliases": lambda query: message(query, _chain(query, 40), count=40),
    "more records than bytes": lambda query: message(query, answer(b"\xc0\x0c", 1, b"\xc0\x00\x02\x63"),
                                                     count=65535),
    "an address of three bytes": lambda query: message(query, answer(b"\xc0\x0c", 1, b"\xc0\x00\x02")),
    "the query itself": lambda query: query,
}
TRUNCATED = {"silence over TCP", "no end over TCP", "slowness over TCP"}


def _endless(conn, query):
    data = message(query)
    data = struct.pack("!H", len(data)) + data[:2] + b"\x84\x03" + data[4:]
    while True:
        conn.sendall(bytes([data[0], data[1], data[2] ^ 1]) + data[3:])


def _slow(conn, _query):
    conn.sendall(b"\xff\xff")
    while True:
        conn.sendall(b"a")
        time.sleep(0.05)


class BadDns:
    """mode: one of MODES; may be changed at any time."""
    MODES = list(UDP) + sorted(TRUNCATED)

    def __init__(self, netns, address, port=53):
        self.mode = self.MODES[0]
        self.asked = 0
        with netns:
            self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._udp.bind((address, port))
        self._tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._tcp.bind((address, port))
        self._tcp.listen(64)
        self._stopped = False
        for run in (self._run_udp, self._run_tcp):
            threading.Thread(target=run, daemon=True).start()

    def stop(self):
        self._stopped = True
        for sock in (self._udp, self._tcp):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # a datagram socket says so, and wakes its reader all the same
            sock.close()

    def _run_udp(self):
        while not self._stopped:
            try:
                query, client = self._udp.recvfrom(4096)
                if len(query) < 17:
                    continue  # what wakes it in the end
                self.asked += 1
                say = UDP.get(self.mode) or (lambda asked: message(asked, flags=QR | TC))
                self._udp.sendto(say(query), client)
            except OSError:
                pass  # stopped, or the client is gone

    def _run_tcp(self):
        while not self._stopped:
            try:
                conn, _client = self._tcp.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        with conn:
            try:
                query = conn.recv(4096)[2:]
                if self.mode == "no end over TCP":
                    _endless(conn, query)
                elif self.mode == "slowness over TCP":
                    _slow(conn, query)
                else:
                    while conn.recv(4096):
                        pass
            except OSError:
                pass
