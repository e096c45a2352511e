# SPDX-License-Identifier: ISC
"""What the kernel itself says over rtnetlink of one interface's links and IPv4 addresses, with times:
the truth that a daemon's deeds are held against. Keeps the datagrams too, as a sample for the parser's
tests (tests/replay/rtnl). A second, independent reading of the messages: shares no code with reachd."""
import socket
import struct
import threading
import time

NEWLINK, DELLINK, NEWADDR, DELADDR = 16, 17, 20, 21
IFLA_IFNAME, IFA_LOCAL = 3, 2
IFF_UP, IFF_LOWER_UP = 0x1, 0x10000
GROUPS = 0x1 | 0x10  # links, IPv4 addresses
BLINK = 0.3


def messages(data):
    """(type, payload) of each message in a datagram."""
    at = 0
    while at + 16 <= len(data):
        length, kind = struct.unpack_from("=IH", data, at)
        yield kind, data[at + 16:at + length]
        at += (length + 3) & ~3


def attributes(data):
    found, at = {}, 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        found[kind] = data[at + 4:at + length]
        at += (length + 3) & ~3
    return found


class KernelLog:
    """usable: the address that the interface has while it is up, else None. spans: (address, from,
    to) of the past."""

    def __init__(self, netns, name):
        self.name = name
        self.datagrams = []
        self.spans = []
        self.usable = None
        self.present = False
        self.changes = []   # readable, (time, text)
        self._since = None
        self._index = self._up = None
        self._held = []     # addresses in the order they came
        with netns:
            self._sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._sock.bind((0, GROUPS))
        self._sock.settimeout(0.2)
        self._ends = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def stop(self):
        self._ends = True
        self._thread.join()
        self._sock.close()

    def usable_since(self, address, at):
        """Since when the interface had the address at that moment (or a blink before: what the
        kernel just took away, nobody can know); None: it had not."""
        now = [(self.usable, self._since, at)] if self.usable else []
        for one, start, end in self.spans + now:
            if one == address and start <= at <= end + BLINK:
                return start
        return None

    def _read(self):
        while not self._ends:
            try:
                data = self._sock.recv(65536)
            except TimeoutError:
                continue
            at = time.monotonic()
            self.datagrams.append(data)
            for kind, payload in messages(data):
                self._take(kind, payload, at)
            self._judge(at)

    def _take(self, kind, payload, at):
        if kind in (NEWLINK, DELLINK):
            _family, index, flags = struct.unpack_from("=BxxxiI", payload)
            name = attributes(payload[16:])[IFLA_IFNAME].rstrip(b"\0").decode()
            if name == self.name and kind == NEWLINK:
                if index != self._index:
                    self._index, self._held = index, []
                self.present, self._up = True, bool(flags & IFF_UP and flags & IFF_LOWER_UP)
                self.changes.append((at, "link %d %s%s" % (index, name, " up" if self._up else "")))
            elif index == self._index:
                self.present = self._up = False
                self._index, self._held = None, []
                self.changes.append((at, "link %d gone" % index))
        elif kind in (NEWADDR, DELADDR):
            index, = struct.unpack_from("=I", payload, 4)
            address = socket.inet_ntoa(attributes(payload[8:])[IFA_LOCAL])
            if index != self._index:
                return
            if address in self._held:
                self._held.remove(address)
            if kind == NEWADDR:
                self._held.append(address)
            self.changes.append((at, "%s %s" % ("addr" if kind == NEWADDR else "lost", address)))

    def _judge(self, at):
        now = self._held[0] if self._up and self._held else None
        if now == self.usable:
            return
        if self.usable:
            self.spans.append((self.usable, self._since, at))
        self._since, self.usable = at, now
