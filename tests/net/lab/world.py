# SPDX-License-Identifier: ISC
"""The home with all that runs in it: authority, BIND, stand-in, nginx. One place, for tests and play."""
import os

from . import tools
from .bind import Bind
from .ca import CA
from .home import Home
from .nginx import Nginx
from .standin import DYN_FCG, DYNDNS2, StandIn

ZONE = "home.example"
SITE = "www." + ZONE
PROVIDER = "dyn.provider.example"
PASSWORD = "opensesame"


def missing():
    return tools.missing("nginx", "named", "nsupdate", "dig")


class World:
    """published: what the zone shows for www at the beginning, (IPv4, IPv6)."""

    def __init__(self, folder, gap=60.0, published=("203.0.113.10", None), querylog=False, tell=None):
        self.folder = str(folder)
        self.home = Home()
        self.ca = CA(os.path.join(self.folder, "ca"))
        v6 = published[1] or self.home.server6
        self.bind = Bind(self.home.isp, os.path.join(self.folder, "bind"), {
            ZONE: ["www A " + published[0], "www AAAA " + v6, "@ A " + published[0]],
            "provider.example": ["dyn A 192.0.2.80", "dyn AAAA 2001:db8:80::80"],
        }, querylog=querylog)
        self.standin = StandIn(self.home.isp, self.ca.issue(PROVIDER), bind=self.bind, zone=ZONE,
                               password=PASSWORD, gap=gap, tell=tell)
        self.nginx = Nginx(self.home.server, os.path.join(self.folder, "nginx"),
                           {SITE: self.ca.issue(SITE, ZONE)})

    def start(self):
        self.bind.start()
        self.standin.start()
        self.nginx.start()
        return self

    def stop(self):
        self.nginx.stop()
        self.standin.stop()
        self.bind.stop()
        self.home.delete()

    @property
    def dyn_fcg(self):
        return "https://%s%s" % (PROVIDER, DYN_FCG)

    @property
    def dyndns2(self):
        return "https://%s%s" % (PROVIDER, DYNDNS2)

    def path(self, name):
        return os.path.join(self.folder, name)
