# SPDX-License-Identifier: ISC
"""A certificate factory over the openssl command: good certificates and every kind of bad one."""
import collections
import os
import subprocess
import time

# Paths: PEM chain as sent, PEM key, DER of an OCSP answer to staple.
Cert = collections.namedtuple("Cert", "chain key staple", defaults=(None,))

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
extendedKeyUsage = %(usage)s
%(san)s
%(extra)s
[sub]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign,digitalSignature
subjectKeyIdentifier = hash
%(extra)s
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
        self.above = ""  # the chain of certificates that stand behind a leaf, PEM
        self._count = 0

    def intermediate(self, folder, name, starts=-DAY, ends=365 * DAY, extra=()):
        """An authority below this one. Its leaves send its certificate along."""
        sub = CA(folder, name)
        self._sign(name, sub.key, sub.pem, "sub", starts, ends, self._config(name, [], extra=extra))
        with open(sub.pem, encoding="ascii") as pem:
            sub.above = pem.read() + self.above
        return sub

    def _key(self, stem, kind="ec"):
        path = os.path.join(self.folder, stem + ".key")
        algorithm = (["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] if kind == "ec"
                     else ["-algorithm", "RSA", "-pkeyopt",
                           "rsa_keygen_bits:" + {"rsa": "2048", "weak": "1024"}[kind]])
        _openssl("genpkey", *algorithm, "-out", path)
        os.chmod(path, 0o600)
        return path

    def _config(self, name, sans, usage="serverAuth", extra=()):
        path = os.path.join(self.folder, "openssl.cnf")
        entries = ["IP:" + san if _is_address(san) else "DNS:" + san for san in sans]
        values = {"name": name, "folder": self.folder, "usage": usage, "extra": "\n".join(extra),
                  "san": "subjectAltName = " + ",".join(entries) if entries else ""}
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIG % values)
        return path

    def _sign(self, name, key, out, section, starts, ends, config, md="sha256"):
        request = out + ".csr"
        _openssl("req", "-new", "-key", key, "-out", request, "-subj", "/CN=" + name,
                 "-config", config)
        _openssl("ca", "-batch", "-notext", "-config", config, "-extensions", section,
                 "-in", request, "-out", out, "-cert", self.pem, "-keyfile", self.key, "-md", md,
                 "-startdate", _date(starts), "-enddate", _date(ends))

    def issue(self, *names, starts=-DAY, ends=90 * DAY, with_root=False, kind="ec", md="sha256",
              usage="serverAuth", extra=(), behind=None, san=True):
        """A certificate for names and addresses, signed by this authority; starts and ends are
        seconds from now. behind: PEM files to send after it, instead of the authority's own."""
        self._count += 1
        stem = "leaf%d" % self._count
        key = self._key(stem, kind)
        config = self._config(names[0], names if san else (), usage, extra)
        chain = os.path.join(self.folder, stem + ".pem")
        self._sign(names[0], key, chain, "leaf", starts, ends, config, md)
        with open(chain, "a", encoding="ascii") as out:
            if behind is None:
                out.write(self.above)
            for path in [self.pem] if with_root else behind or ():
                with open(path, encoding="ascii") as more:
                    out.write(more.read())
        return Cert(chain, key)

    def revoke(self, cert):
        _openssl("ca", "-config", self._config("x", []), "-revoke", cert.chain, "-cert", self.pem,
                 "-keyfile", self.key)

    def reject(self):
        """Our certificate in the form of a store that marks it as rejected."""
        path = os.path.join(self.folder, "rejected.pem")
        _openssl("x509", "-in", self.pem, "-addreject", "serverAuth", "-trustout", "-out", path)
        return path

    def crl(self, stem="crl", days=7):
        path = os.path.join(self.folder, stem + ".pem")
        seconds = [] if days >= 0 else ["-crl_lastupdate", _date(days * DAY - DAY),
                                        "-crl_nextupdate", _date(days * DAY)]
        _openssl("ca", "-config", self._config("x", []), "-gencrl", "-out", path, "-cert", self.pem,
                 "-keyfile", self.key, *(seconds or ["-crldays", str(days)]))
        return path

    def staple(self, cert, about=None):
        """The certificate with what this authority says of it (or of another), to be stapled."""
        path = cert.chain + ".ocsp"
        _openssl("ocsp", "-index", os.path.join(self.folder, "index.txt"), "-CA", self.pem,
                 "-rsigner", self.pem, "-rkey", self.key, "-issuer", self.pem, "-cert",
                 (about or cert).chain, "-respout", path, "-ndays", "3", "-noverify")
        return cert._replace(staple=path)

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
