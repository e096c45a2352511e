# SPDX-License-Identifier: ISC
"""A root, an intermediate and a leaf, all ECDSA P-256: what a public authority gives, without the
network. Owns: the files in its folder."""
import os
import subprocess

from lab.ca import Cert


class Chain:
    """root: what to trust (PEM); cert: chain as sent (leaf, intermediate) and key. names: the value of
    subjectAltName."""

    def __init__(self, folder, names):
        self.folder = folder
        os.makedirs(folder)
        self._issue("root", None, "basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign")
        self._issue("middle", "root", "basicConstraints=critical,CA:TRUE,pathlen:0",
                    "keyUsage=critical,keyCertSign,cRLSign")
        self._issue("leaf", "middle", "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
                    "extendedKeyUsage=serverAuth", "subjectAltName=" + names)
        with open(self._path("chain.pem"), "w", encoding="ascii") as out:
            for stem in ("leaf", "middle"):
                with open(self._path(stem + ".pem"), encoding="ascii") as part:
                    out.write(part.read())
        self.root = self._path("root.pem")
        self.cert = Cert(self._path("chain.pem"), self._path("leaf.key"))

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _issue(self, stem, issuer, *extensions):
        argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "90", "-subj", "/CN=Bench " + stem, "-keyout", self._path(stem + ".key"),
                "-out", self._path(stem + ".pem"), "-config", "/dev/null"]
        if issuer:
            argv += ["-CA", self._path(issuer + ".pem"), "-CAkey", self._path(issuer + ".key")]
        for extension in extensions:
            argv += ["-addext", extension]
        subprocess.run(argv, check=True, capture_output=True)
