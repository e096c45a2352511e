# SPDX-License-Identifier: ISC
"""A real caddy in a namespace: HTTPS over TCP and HTTP/3 over UDP on one port of every address."""
import os

from . import tools
from .proc import Proc
from .wait import wait_until

CONFIG = """{
    admin off
    auto_https off
    skip_install_trust
}
https://:%d {
    tls %s %s
    respond "it works"
}
"""


class Caddy:
    def __init__(self, netns, folder, cert, port=443):
        self.netns = netns
        self.folder = str(folder)
        self.port = port
        os.makedirs(self.folder, exist_ok=True)
        self.config = os.path.join(self.folder, "Caddyfile")
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(CONFIG % (port, cert.chain, cert.key))
        self.proc = None

    def start(self):
        argv = [tools.find("caddy"), "run", "--adapter", "caddyfile", "--config", self.config]
        env = dict(os.environ, HOME=self.folder, XDG_DATA_HOME=self.folder, XDG_CONFIG_HOME=self.folder)
        self.proc = Proc(self.netns, argv, "caddy", env=env, cwd=self.folder)
        wait_until(lambda: self.proc.alive() and self.netns.connects("::1", self.port) is None, 15,
                   lambda: "caddy:\n" + self.proc.text())
        return self

    def stop(self):
        if self.proc:
            self.proc.kill9()
            self.proc = None
