# SPDX-License-Identifier: ISC
"""Network namespaces. Needs the private lab of enter.py: names are ours alone, nothing leaks out."""
import ctypes
import fcntl
import os
import socket
import struct
import subprocess

from .wait import STRETCH

CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETHTOOL_SETTERS = (0x1f, 0x24, 0x2c)  # TSO, GSO, GRO
_libc = ctypes.CDLL(None, use_errno=True)


def refused():
    """None inside a lab, else the reason why there is none."""
    if os.environ.get("RD_LAB"):
        return None
    return os.environ.get("RD_LAB_REFUSED") or "not inside a lab: run it through tests/net/enter.py"


def _setns(descriptor):
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Netns:
    """One network namespace. As a context manager it moves the calling thread inside: sockets made
    there belong to it for good, and may be used from any thread."""

    def __init__(self, name):
        self.name = name
        self.path = "/run/netns/" + name
        subprocess.run(["ip", "netns", "add", name], check=True)
        self.ip("link", "set", "lo", "up")
        self._home = None

    def delete(self):
        subprocess.run(["ip", "netns", "delete", self.name], check=False)

    def command(self, *argv):
        return ["nsenter", "--net=" + self.path] + list(argv)

    def run(self, *argv, check=True, stdin=None, timeout=30):
        """Runs to the end inside; returns the CompletedProcess with text."""
        done = subprocess.run(self.command(*argv), input=stdin, capture_output=True, text=True,
                              timeout=timeout * STRETCH, check=False)
        if check and done.returncode != 0:
            raise RuntimeError("%s: %s: status %d: %s%s" % (
                self.name, " ".join(argv), done.returncode, done.stdout, done.stderr))
        return done

    def ip(self, *argv, check=True):
        return self.run("ip", *argv, check=check)

    def batch(self, *lines):
        """Several ip commands in one process, each as one text: batch("link set lo up", …)."""
        return self.run("ip", "-batch", "-", stdin="".join(line + "\n" for line in lines))

    def nft(self, rules):
        return self.run("nft", "-f", "-", stdin=rules)

    def sysctl(self, **values):
        """sysctl(net__ipv4__ip_forward=1): two underscores stand for a dot."""
        script = "".join("echo %s >/proc/sys/%s\n" % (value, key.replace("__", "/"))
                         for key, value in values.items())
        self.run("sh", "-e", "-c", script)

    def no_offload(self, device):
        """Each packet of a device is one on the wire: no super-packets (ethtool -K)."""
        with self, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            for setter in ETHTOOL_SETTERS:
                value = ctypes.create_string_buffer(struct.pack("II", setter, 0), 8)
                request = struct.pack("16sP16x", device.encode("ascii"), ctypes.addressof(value))
                fcntl.ioctl(sock, SIOCETHTOOL, request)

    def addresses(self, device, family=None):
        """All addresses of a device as text, without prefix length."""
        option = {None: [], 4: ["-4"], 6: ["-6"]}[family]
        out = self.run("ip", *option, "-o", "addr", "show", "dev", device, check=False).stdout
        return [line.split()[3].split("/")[0] for line in out.splitlines()]

    def connects(self, address, port, timeout=2.0):
        """None when a TCP connection from inside succeeds, else the error as text."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with self:
            sock = socket.socket(family, socket.SOCK_STREAM)
        with sock:
            sock.settimeout(timeout)
            try:
                sock.connect((address, port))
            except OSError as problem:
                return str(problem)
        return None

    def __enter__(self):
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
        inside = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _setns(inside)
        finally:
            os.close(inside)
        return self

    def __exit__(self, *_error):
        home, self._home = self._home, None
        try:
            _setns(home)
        finally:
            os.close(home)


def veth(left, left_name, right, right_name):
    """A cable between two namespaces, both ends up."""
    left.batch("link add %s type veth peer name %s netns %s" % (left_name, right_name, right.name),
               "link set %s up" % left_name)
    right.ip("link", "set", right_name, "up")
