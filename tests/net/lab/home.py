# SPDX-License-Identifier: ISC
"""The reference home and the internet around it, in four namespaces:

    outside --- isp ===== wan, IPoE: IPv6, and an IPv4 without open ports ====== router --- server
                    ===== pppoe-wanppp: a whole IPv4 that changes with every dial =====

    isp      192.0.2.53  2001:db8:53::53   BIND          router   forwards, NAT 443, pinhole
             192.0.2.80  2001:db8:80::80   stand-in      server   192.168.1.5, nginx on 443
    outside  192.0.2.200 2001:db8:200::200 where visitors are

The traffic of the server leaves through pppoe-wanppp by a rule and a table of its own, as in the home
that this is taken from. A veth pair plays the PPPoE link: it is deleted and made anew with every dial.
"""
from .netns import Netns, veth
from .wait import wait_until

PPP = "pppoe-wanppp"
TABLE = "300"

NFT = """
table inet home {
    chain inbound {
        type nat hook prerouting priority dstnat;
        iifname "%(ppp)s" meta nfproto ipv4 tcp dport 443 dnat ip to 192.168.1.5
    }
    chain outbound {
        type nat hook postrouting priority srcnat;
        oifname { "%(ppp)s", "wan" } meta nfproto ipv4 masquerade
    }
    chain clamp {
        type filter hook forward priority mangle;
        oifname "%(ppp)s" tcp flags syn tcp option maxseg size set rt mtu
        iifname "%(ppp)s" tcp flags syn tcp option maxseg size set 1414
    }
    chain pinhole { }
    chain forward {
        type filter hook forward priority filter; policy drop;
        ct state established,related accept
        iifname "br-lan" accept
        ct status dnat accept
        jump pinhole
    }
}
"""


class Home:
    """prefix: the home's IPv6 /64 as text without "::" ("2001:db8:1:1")."""

    def __init__(self, prefix="2001:db8:1:1"):
        self.isp = Netns("isp")
        self.router = Netns("router")
        self.server = Netns("server")
        self.outside = Netns("outside")
        for netns in (self.isp, self.router, self.server, self.outside):
            # Links are used the moment they are made; a test of duplicate detection turns it on.
            netns.sysctl(net__ipv6__conf__default__accept_dad=0)
        self.prefix = None
        self.address = None  # the IPv4 of the present dial, None while hung up
        self._isp()
        self._line()
        self._lan()
        self._firewall()
        self.give_prefix(prefix)

    def delete(self):
        for netns in (self.outside, self.server, self.router, self.isp):
            netns.delete()

    # --- building ------------------------------------------------------------------------------
    def _isp(self):
        isp = self.isp
        isp.batch("addr add 192.0.2.53/32 dev lo", "addr add 192.0.2.80/32 dev lo",
                  "addr add 2001:db8:53::53/128 dev lo", "addr add 2001:db8:80::80/128 dev lo",
                  # What nobody has dialled now: the ISP says so.
                  "route add unreachable 203.0.113.0/24 metric 4096")
        isp.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        veth(isp, "vps", self.outside, "eth0")
        isp.batch(*_static("vps", "192.0.2.193/26", "2001:db8:200::1/64"))
        self.outside.batch(*_static("eth0", "192.0.2.200/26", "2001:db8:200::200/64"),
                           "route add default via 192.0.2.193", "route add default via 2001:db8:200::1")

    def _line(self):
        veth(self.isp, "line", self.router, "wan")
        self.isp.batch(*_static("line", "198.51.100.1/24", "2001:db8:ffff::1/64"))
        self.router.batch(*_static("wan", "198.51.100.7/24", "2001:db8:ffff::7/64"),
                          "route add default via 198.51.100.1 metric 1",
                          "route add default via 2001:db8:ffff::1")

    def _lan(self):
        veth(self.router, "br-lan", self.server, "eth0")
        self.router.batch("addr add 192.168.1.1/24 dev br-lan", "rule add from 192.168.1.5 lookup " + TABLE)
        self.server.batch("addr add 192.168.1.5/24 dev eth0", "route add default via 192.168.1.1")

    def _firewall(self):
        self.router.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1,
                           net__ipv4__conf__all__rp_filter=0, net__ipv4__conf__default__rp_filter=0)
        self.router.nft(NFT % {"ppp": PPP})

    # --- what happens to a home ---------------------------------------------------------------
    @property
    def server6(self):
        return self.prefix + "::5"

    def dial(self, address):
        """PPPoE comes up with an IPv4. In the order that a real pppd shows: the link is made under
        another name, renamed, addressed while down, and only then up."""
        self.isp.batch("link add bras type veth peer name ppp0 netns " + self.router.name,
                       "addr add 203.0.113.1/32 dev bras", "link set bras mtu 1454 up",
                       "route add %s/32 dev bras" % address)
        self.router.batch("link set ppp0 name " + PPP, "link set %s mtu 1454" % PPP,
                          "addr add %s/32 peer 203.0.113.1/32 dev %s" % (address, PPP),
                          "link set %s up" % PPP,
                          "route add default via 203.0.113.1 dev %s onlink metric 10" % PPP,
                          "route add default via 203.0.113.1 dev %s onlink table %s" % (PPP, TABLE),
                          "route add 192.168.1.0/24 dev br-lan table " + TABLE)
        self.address = address

    def hang_up(self):
        """The session ends: link, address and routes are gone."""
        self.router.batch("link set %s down" % PPP, "link delete " + PPP)
        self.router.ip("route", "flush", "table", TABLE, check=False)
        # The other end of a pair goes a moment later.
        wait_until(lambda: self.isp.ip("link", "show", "bras", check=False).returncode != 0, 5,
                   "the other end of the link is gone")
        self.address = None

    def give_prefix(self, prefix):
        """The ISP gives a (new) IPv6 prefix: the router's and the server's addresses, the route and
        the pinhole. An old prefix stays on the server, deprecated, as after a router advertisement
        with no lifetime left."""
        old, self.prefix = self.prefix, prefix
        router = ["addr add %s::1/64 dev br-lan nodad" % prefix]
        isp = ["route add %s::/64 via 2001:db8:ffff::7" % prefix]
        server = ["addr add %s::5/64 dev eth0 nodad" % prefix,
                  "route replace default via %s::1" % prefix]
        if old:
            isp.append("route delete %s::/64" % old)
            router.append("addr delete %s::1/64 dev br-lan" % old)
            server.insert(0, "addr change %s::5/64 dev eth0 preferred_lft 0 valid_lft 7200" % old)
            self.server.ip("-6", "route", "delete", "default", check=False)
        self.router.batch(*router)
        self.isp.batch(*isp)
        self.server.batch(*server)
        self.open_pinhole(prefix + "::5")

    def open_pinhole(self, address):
        self.router.nft("flush chain inet home pinhole\n"
                        "add rule inet home pinhole ip6 daddr %s meta l4proto { tcp, udp } "
                        "th dport 443 accept\n" % address)

    def close_pinhole(self):
        self.router.nft("flush chain inet home pinhole\n")


def _static(device, v4, v6):
    return "addr add %s dev %s" % (v4, device), "addr add %s dev %s nodad" % (v6, device)
