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
        for address in ("192.0.2.53/32", "192.0.2.80/32"):
            isp.ip("addr", "add", address, "dev", "lo")
        for address in ("2001:db8:53::53/128", "2001:db8:80::80/128"):
            isp.ip("addr", "add", address, "dev", "lo")
        isp.sysctl(net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        # What nobody has dialled now: the ISP says so.
        isp.ip("route", "add", "unreachable", "203.0.113.0/24", "metric", "4096")
        veth(isp, "vps", self.outside, "eth0")
        _static(isp, "vps", "192.0.2.193/26", "2001:db8:200::1/64")
        _static(self.outside, "eth0", "192.0.2.200/26", "2001:db8:200::200/64")
        self.outside.ip("route", "add", "default", "via", "192.0.2.193")
        self.outside.ip("-6", "route", "add", "default", "via", "2001:db8:200::1")

    def _line(self):
        veth(self.isp, "line", self.router, "wan")
        _static(self.isp, "line", "198.51.100.1/24", "2001:db8:ffff::1/64")
        _static(self.router, "wan", "198.51.100.7/24", "2001:db8:ffff::7/64")
        self.router.ip("route", "add", "default", "via", "198.51.100.1", "metric", "1")
        self.router.ip("-6", "route", "add", "default", "via", "2001:db8:ffff::1")

    def _lan(self):
        veth(self.router, "br-lan", self.server, "eth0")
        self.router.ip("addr", "add", "192.168.1.1/24", "dev", "br-lan")
        self.server.ip("addr", "add", "192.168.1.5/24", "dev", "eth0")
        self.server.ip("route", "add", "default", "via", "192.168.1.1")
        self.router.ip("rule", "add", "from", "192.168.1.5", "lookup", TABLE)

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
        isp, router = self.isp, self.router
        isp.ip("link", "add", "bras", "type", "veth", "peer", "name", "ppp0", "netns", router.name)
        isp.ip("addr", "add", "203.0.113.1/32", "dev", "bras")
        isp.ip("link", "set", "bras", "mtu", "1454", "up")
        router.ip("link", "set", "ppp0", "name", PPP)
        router.ip("link", "set", PPP, "mtu", "1454")
        router.ip("addr", "add", address + "/32", "peer", "203.0.113.1/32", "dev", PPP)
        router.ip("link", "set", PPP, "up")
        isp.ip("route", "add", address + "/32", "dev", "bras")
        router.ip("route", "add", "default", "via", "203.0.113.1", "dev", PPP, "onlink", "metric", "10")
        router.ip("route", "add", "default", "via", "203.0.113.1", "dev", PPP, "onlink", "table", TABLE)
        router.ip("route", "add", "192.168.1.0/24", "dev", "br-lan", "table", TABLE)
        self.address = address

    def hang_up(self):
        """The session ends: link, address and routes are gone."""
        self.router.ip("link", "set", PPP, "down")
        self.router.ip("link", "delete", PPP)
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
        router, server = self.router, self.server
        router.ip("addr", "add", prefix + "::1/64", "dev", "br-lan", "nodad")
        self.isp.ip("-6", "route", "add", prefix + "::/64", "via", "2001:db8:ffff::7")
        if old:
            self.isp.ip("-6", "route", "delete", old + "::/64")
            router.ip("addr", "delete", old + "::1/64", "dev", "br-lan")
            server.ip("-6", "route", "delete", "default", check=False)
            server.ip("addr", "change", old + "::5/64", "dev", "eth0", "preferred_lft", "0",
                      "valid_lft", "7200")
        server.ip("addr", "add", prefix + "::5/64", "dev", "eth0", "nodad")
        server.ip("-6", "route", "replace", "default", "via", prefix + "::1")
        self.open_pinhole(prefix + "::5")

    def open_pinhole(self, address):
        self.close_pinhole()
        self.router.nft("add rule inet home pinhole ip6 daddr %s meta l4proto { tcp, udp } "
                        "th dport 443 accept\n" % address)

    def close_pinhole(self):
        self.router.nft("flush chain inet home pinhole\n")


def _static(netns, device, v4, v6):
    netns.ip("addr", "add", v4, "dev", device)
    netns.ip("addr", "add", v6, "dev", device, "nodad")
