# SPDX-License-Identifier: ISC
"""A real nginx in a namespace. One process, no user switch, and no folders given to another user: so
it runs in a user namespace too, where root is the only one there is."""
import os

from . import tools
from .proc import Proc
from .wait import wait_until

CONFIG = """
user root;
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
{servers}
}}
"""

SERVER = """    server {{
{listens}
        server_name {name};
        ssl_certificate {chain};
        ssl_certificate_key {key};
{staple}
        location / {{ return 200 "it works\\n"; default_type text/plain; }}
{extra}
    }}
"""


STAPLE = """        ssl_stapling on;
        ssl_stapling_file {file};"""


class Nginx:
    """HTTPS on `listens` ("443", "[::]:443", "192.0.2.1:8443"); `sites` is {name: Cert}."""

    def __init__(self, netns, folder, sites, listens=("443", "[::]:443"), extra=""):
        self.netns = netns
        self.folder = str(folder)
        os.makedirs(self.folder, exist_ok=True)
        self.listens = listens
        self.sites = dict(sites)
        self.extra = extra
        self.proc = None

    def _write(self):
        ssl = "\n".join("        listen %s ssl;" % listen for listen in self.listens)
        servers = "".join(
            SERVER.format(listens=ssl, name=name, chain=cert.chain, key=cert.key, extra=self.extra,
                          staple=STAPLE.format(file=cert.staple) if cert.staple else "")
            for name, cert in self.sites.items())
        path = os.path.join(self.folder, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(folder=self.folder, servers=servers))
        return path

    def start(self):
        argv = [tools.find("nginx"), "-p", self.folder, "-e", "stderr", "-c", self._write()]
        self.proc = Proc(self.netns, argv, "nginx", env=tools.env())
        for listen in self.listens:
            host, port = _listen_address(listen)
            wait_until(lambda: self._answers(host, port), 10,
                       lambda: "nginx on %s:\n%s" % (listen, self.proc.text()))
        return self

    def _answers(self, host, port):
        return self.proc.alive() and self.netns.connects(host, port) is None

    def stop(self):
        if self.proc:
            self.proc.kill9()
            self.proc = None

    def restart(self, **sites):
        """With other certificates for some names."""
        self.stop()
        self.sites.update(sites)
        return self.start()


def _listen_address(listen):
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host:
        return "127.0.0.1", int(port)
    return ("::1" if host == "::" else host), int(port)
