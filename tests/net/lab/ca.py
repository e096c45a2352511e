# SPDX-License-Identifier: ISC
"""A certificate factory over the openssl command: good certificates and every kind of bad one."""
import collections
import os
import subprocess
import time

Cert = collections.namedtuple("Cert", "chain key")  # paths: PEM chain as sent, PEM key

DAY = 24 * 3600

CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = %(name)s
[ca]
default_ca = lab
[lab]
database = %(folder)s/index.txt
new_certs_dir = %(folder)s/issued
rand_serial = yes
default_md = sha256
unique_subject = no
copy_extensions = none
policy = any
[any]
commonName = supplied
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature,keyEncipherment
extendedKeyUsage = serverAuth
%(san)s
"""


def _openssl(*argv):
    done = subprocess.run(["openssl"] + list(argv), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (" ".join(argv), done.stderr))


def _date(offset):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + offset))


class CA:
    """An authority of our own in a folder; `pem` is what clients trust."""

    def __init__(self, folder, name="Reachd Lab Root"):
        self.folder = str(folder)
        self.name = name
        os.makedirs(os.path.join(self.folder, "issued"), exist_ok=True)
        for empty in ("index.txt", "index.txt.attr"):
            with open(os.path.join(self.folder, empty), "w", encoding="ascii"):
                pass
        self.key = self._key("root")
        self.pem = os.path.join(self.folder, "root.pem")
        _openssl("req", "-new", "-x509", "-key", self.key, "-out", self.pem, "-days", "3650",
                 "-subj", "/CN=" + name, "-config", self._config(name, []), "-extensions", "root")
        self._count = 0

    def _key(self, stem, kind="ec"):
        path = os.path.join(self.folder, stem + ".key")
        algorithm = (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec"
                     else ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        _openssl("genpkey", *algorithm, "-out", path)
        os.chmod(path, 0o600)
        return path

    def _config(self, name, sans):
        path = os.path.join(self.folder, "openssl.cnf")
        entries = ["IP:" + san if _is_address(san) else "DNS:" + san for san in sans]
        values = {"name": name, "folder": self.folder,
                  "san": "subjectAltName = " + ",".join(entries) if entries else ""}
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG % values)
        return path

    def issue(self, *names, starts=-DAY, ends=90 * DAY, with_root=False, kind="ec"):
        """A certificate for names and addresses, signed by this authority; starts and ends are
        seconds from now."""
        self._count += 1
        stem = "leaf%d" % self._count
        key = self._key(stem, kind)
        config = self._config(names[0], names)
        request = os.path.join(self.folder, stem + ".csr")
        chain = os.path.join(self.folder, stem + ".pem")
        _openssl("req", "-new", "-key", key, "-out", request, "-subj", "/CN=" + names[0],
                 "-config", config)
        _openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "leaf",
                 "-in", request, "-out", chain, "-cert", self.pem, "-keyfile", self.key,
                 "-startdate", _date(starts), "-enddate", _date(ends))
        if with_root:
            with open(chain, "a", encoding="ascii") as out, open(self.pem, encoding="ascii") as root:
                out.write(root.read())
        return Cert(chain, key)

    def expired(self, *names):
        return self.issue(*names, starts=-90 * DAY, ends=-DAY)

    def not_yet_valid(self, *names):
        return self.issue(*names, starts=DAY, ends=90 * DAY)

    def self_signed(self, *names):
        self._count += 1
        stem = "self%d" % self._count
        key = self._key(stem)
        chain = os.path.join(self.folder, stem + ".pem")
        _openssl("req", "-new", "-x509", "-key", key, "-out", chain, "-days", "90", "-subj",
                 "/CN=" + names[0], "-config", self._config(names[0], names), "-extensions", "leaf")
        return Cert(chain, key)


def _is_address(text):
    return ":" in text or text.replace(".", "").isdigit()
