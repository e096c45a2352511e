#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Records what the kernel says over rtnetlink while links and addresses change, for the parser's tests.

    sudo ./record.py [SCENE]...     writes *.bin beside itself

A file holds the datagrams one after the other as the kernel sent them; a dump ends with NLMSG_DONE.
Each scene plays in network namespaces of its own. test_rtnl_msg.c knows what each file must say; after a
new recording run `make check`.
"""
import contextlib
import os
import select
import socket
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RTM_GETLINK, RTM_GETADDR = 18, 22
GROUPS = 1 | 0x10 | 0x100  # links, IPv4 addresses, IPv6 addresses
NEIGHBOURS = 4


def ip(text):
    subprocess.run(["ip"] + text.split(), check=True)


def set_sysctl(name, value):
    with open("/proc/sys/net/" + name, "w", encoding="ascii") as f:
        f.write(str(value))


def drain(sock, until=None, quiet=0.3):
    """Reads until `until` (bytes) was in a datagram, then on until it has been quiet for a while."""
    out = b""
    while True:
        wait = quiet if until is None or until in out else 10
        if not select.select([sock], [], [], wait)[0]:
            break
        out += sock.recv(65536)
    assert until is None or until in out, "the kernel did not say what the scene waits for"
    return out


def listen(groups=GROUPS):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.bind((0, groups))
    return sock


def dump(kind, family):
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
    sock.bind((0, 0))
    body = struct.pack("=BBHiII", family, 0, 0, 0, 0, 0) if kind == RTM_GETLINK else struct.pack("=BBBBI", family, 0, 0, 0, 0)
    sock.send(struct.pack("=IHHII", 16 + len(body), kind, 0x301, 7, 0) + body)
    return drain(sock)


@contextlib.contextmanager
def namespace():
    """In a fresh network namespace; the old one comes back afterwards."""
    with open("/proc/self/ns/net", "rb") as old:
        unshare_net()
        try:
            yield
        finally:
            setns(old.fileno())


def libc():
    import ctypes
    return ctypes.CDLL(None, use_errno=True)


def unshare_net():
    if libc().unshare(0x40000000) != 0:
        sys.exit("record.py: needs the right to make network namespaces (run as root)")


def setns(fd):
    if libc().setns(fd, 0x40000000) != 0:
        sys.exit("record.py: cannot go back to the first namespace")


def scene_dump():
    ip("link set lo up")
    ip("link add eth0 type veth peer name peer0")
    ip("link set eth0 up")
    ip("link set peer0 up")
    ip("addr add 192.0.2.10/24 dev eth0")
    ip("addr add 192.0.2.11/24 dev eth0")
    ip("-6 addr add 2001:db8::10/64 dev eth0 nodad")
    ip("-6 addr add 2001:db8:1::10/64 dev eth0 nodad valid_lft 3600 preferred_lft 1800")
    ip("tuntap add mode tun name pppoe-wanppp")
    ip("addr add 203.0.113.7 peer 203.0.113.1/32 dev pppoe-wanppp")
    ip("link add br0 type bridge")
    return dump(RTM_GETLINK, 0) + dump(RTM_GETADDR, socket.AF_INET) + dump(RTM_GETADDR, socket.AF_INET6)


def dial(address):
    """The order of a real pppd, with a tun device in place of the ppp one."""
    ip("tuntap add mode tun name ppp0")
    ip("link set ppp0 name pppoe-wanppp")
    ip("link set pppoe-wanppp mtu 1454")
    ip(f"addr add {address}/32 dev pppoe-wanppp")
    ip(f"addr del {address}/32 dev pppoe-wanppp")
    ip(f"addr add {address} peer 203.0.113.1/32 dev pppoe-wanppp")
    # Without a reader the device has no carrier: hold it open, as a driver would.
    import fcntl
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, 0x400454CA, struct.pack("16sH22x", b"pppoe-wanppp", 0x0001))
    ip("link set pppoe-wanppp up")
    return tun


def scene_pppoe():
    sock = listen()
    tun = dial("203.0.113.100")
    ip("link set pppoe-wanppp down")
    os.close(tun)
    ip("tuntap del mode tun name pppoe-wanppp")
    tun = dial("203.0.113.101")
    out = drain(sock)
    os.close(tun)
    return out


def scene_renumber():
    ip("link add eth0 type veth peer name peer0")
    ip("link set peer0 up")
    ip("link set eth0 up")
    set_sysctl("ipv6/conf/eth0/use_tempaddr", 2)
    sock = listen()
    out = drain(sock, quiet=2.5)  # the link-local addresses settle
    ip("-6 addr add 2001:db8:a::5/64 dev eth0 mngtmpaddr valid_lft 7200 preferred_lft 3600")
    out += drain(sock, quiet=2.5)
    ip("-6 addr change 2001:db8:a::5/64 dev eth0 mngtmpaddr valid_lft 7300 preferred_lft 3700")
    out += drain(sock)
    ip("-6 addr change 2001:db8:a::5/64 dev eth0 mngtmpaddr valid_lft 7200 preferred_lft 0")
    ip("-6 addr add 2001:db8:b::5/64 dev eth0 nodad valid_lft 7200 preferred_lft 3600")
    out += drain(sock)
    ip("-6 addr del 2001:db8:a::5/64 dev eth0")
    return out + drain(sock)


def scene_dad():
    ip("link add eth0 type veth peer name peer0")
    ip("link set peer0 up")
    ip("link set eth0 up")
    holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; read x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    ip(f"link set peer0 netns {holder.pid}")
    other = ["nsenter", "-t", str(holder.pid), "-n", "ip"]
    subprocess.run(other + "link set peer0 up".split(), check=True)
    subprocess.run(other + "-6 addr add 2001:db8::dad/64 dev peer0 nodad".split(), check=True)
    sock = listen()
    ip("-6 addr add 2001:db8::dad/64 dev eth0")
    out = drain(sock, quiet=2.5)
    holder.communicate(b"\n")
    return out


def scene_bridge():
    ip("link add br0 type bridge")
    ip("link add eth0 type veth peer name peer0")
    ip("addr add 192.0.2.1/24 dev eth0")
    sock = listen()
    ip("link set eth0 master br0")
    ip("link set eth0 nomaster")
    return drain(sock)


def scene_neighbour():
    """A host answers, is not heard of for a while, is gone; its entry is deleted. And one that never was there."""
    ip("link add eth0 type veth peer name peer0")
    ip("link set eth0 up")
    holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo; read x"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    ip(f"link set peer0 netns {holder.pid}")

    def host(text):
        subprocess.run(["nsenter", "-t", str(holder.pid), "-n", "ip"] + text.split(), check=True)

    def poke(address):
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"", (address, 9))

    host("link set peer0 address 02:00:5e:10:00:05 addrgenmode none up")
    host("-6 addr add 2001:db8:a::5eff:fe10:5/64 dev peer0 nodad")
    ip("-6 addr add 2001:db8:a::1/64 dev eth0 nodad")
    set_sysctl("ipv6/neigh/eth0/base_reachable_time_ms", 1000)
    set_sysctl("ipv6/neigh/eth0/delay_first_probe_time", 1)
    drain(listen(), quiet=1)  # the link is up
    sock = listen(NEIGHBOURS)
    poke("2001:db8:a::5eff:fe10:5")
    poke("2001:db8:a::6")
    out = drain(sock, quiet=5)
    host("link set peer0 arp off")
    host("-6 addr del 2001:db8:a::5eff:fe10:5/64 dev peer0")
    poke("2001:db8:a::5eff:fe10:5")
    out += drain(sock, quiet=6)
    ip("-6 neigh flush dev eth0 nud failed")
    ip("-6 neigh replace 2001:db8:a::7 lladdr 02:00:5e:10:00:07 dev eth0 nud permanent")
    ip("-6 neigh del 2001:db8:a::7 dev eth0")
    out += drain(sock)
    holder.communicate(b"\n")
    return out


SCENES = {"dump": scene_dump, "pppoe": scene_pppoe, "renumber": scene_renumber, "dad": scene_dad, "bridge": scene_bridge,
          "neighbour": scene_neighbour}


def main():
    for name in sys.argv[1:] or SCENES:
        scene = SCENES[name]
        with namespace():
            data = scene()
        with open(os.path.join(HERE, name + ".bin"), "wb") as f:
            f.write(data)
        print(f"{name}.bin: {len(data)} bytes")


if __name__ == "__main__":
    main()
