# SPDX-License-Identifier: ISC
"""Peers that misbehave on purpose: TCP listeners of both families that each do one thing."""
import socket
import struct
import threading


def silent(conn):
    """Accepts and never says a word, until the other side goes away."""
    while conn.recv(4096):
        pass


def closes(conn):
    """Hangs up after the first bytes, without a reason."""
    conn.recv(4096)


def resets(conn):
    conn.recv(4096)
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def answers(data):
    """Answers the first bytes with these, and hangs up."""
    def handle(conn):
        conn.recv(4096)
        conn.sendall(data)
    return handle


def greets(data):
    """Speaks first, as mail servers do."""
    def handle(conn):
        conn.sendall(data)
        silent(conn)
    return handle


def alert(number):
    """A fatal TLS alert instead of a ServerHello."""
    return answers(bytes((0x15, 3, 3, 0, 2, 2, number)))


def damaged_proof(netns, port):
    """Passes the handshake of a real TLS 1.2 server on, and changes a byte of the signature by which it
    proves that it holds its key (the end of ServerKeyExchange)."""
    turn = threading.Lock()  # a thread at a time may be inside a namespace

    def handle(conn):
        with turn, netns:
            real = socket.create_connection(("127.0.0.1", port))
        with real:
            real.sendall(conn.recv(4096))
            with real.makefile("rb") as stream:
                while True:
                    head = stream.read(5)
                    if len(head) < 5:
                        return
                    record = bytearray(stream.read(struct.unpack("!H", head[3:])[0]))
                    at = 0
                    while head[0] == 22 and at + 4 <= len(record):
                        end = at + 4 + int.from_bytes(record[at + 1:at + 4], "big")
                        if record[at] == 12 and end <= len(record):
                            record[end - 1] ^= 1
                        at = end
                    conn.sendall(head + record)
    return handle


class Peer:
    """Listens inside a namespace on a port of both families and handles each connection in turn."""

    def __init__(self, netns, port, handle):
        with netns:
            self._listener = socket.create_server(("::", port), family=socket.AF_INET6,
                                                  dualstack_ipv6=True)
        self._handle = handle
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                conn, _from = self._listener.accept()
            except OSError:
                return  # stopped
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        with conn:
            try:
                self._handle(conn)
            except OSError:
                pass

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class UdpPeer:
    """A UDP port of both families: answer(datagram) gives the bytes that go back, or None."""

    def __init__(self, netns, port, answer):
        with netns:
            self._sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        self._sock.bind(("::", port))
        self._answer = answer
        self.received = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                data, sender = self._sock.recvfrom(4096)
                self.received.append(data)
                reply = self._answer(data)
                if reply is not None:
                    self._sock.sendto(reply, sender)
            except OSError:
                return  # stopped

    def stop(self):
        self._sock.close()
