# SPDX-License-Identifier: ISC
"""The table of the failure lab: a cause, how to ask, and the outcome words that must come back, over IPv4 and
over IPv6. Each word of the program stands in a row, in DAEMON or in NOT_MADE (test_causes.py holds that).

Owns: what is expected. Not its job: what stands where (failures.py), how it is asked (asking.py)."""
import collections

from . import named
from .failures import ALERTS, BAD_RESOLVER, OLD_RESOLVER, RESOLVER, ROUTED, SERVER
from .bad_certs import URL

# cause: one line for people. at: kind and rest of the URL ("https:443/path"). words: the outcome, then the other
# problems of the certificate. remarks: what is remarked beside. name: the server name asked for. host: a DNS name,
# or the two addresses; else the server. argv: options of reachd, with {root}, {crl}, … from the lab's certificates.
# curl: curl's options of the same meaning, None where it has none. under: the command that both run under.
Case = collections.namedtuple("Case", "cause at words remarks detail name host argv resolver curl under", defaults=(
    "", "", "good.example", None, "", RESOLVER, "", ""))
SHORT = "--timeout 400ms"


def _dns(cause, name, words, argv="", **more):
    return Case(cause, "tls:443", words, host=name, argv=argv, **more)


DNS = [
    _dns("the name does not exist", "absent.good.example", "dns-nxdomain"),
    _dns("the name has no address record", "none.good.example", "dns-nodata"),
    _dns("the zone's file has a mistake", "www.broken.example", "dns-servfail", resolver=OLD_RESOLVER),
    _dns("the resolver does not serve this client", "www.half.example", "dns-refused", resolver=named.v4(named.LAME)),
    _dns("the resolver is silent", "site.good.example", "dns-timeout", SHORT, resolver=named.v4(named.SILENT),
         detail="no answer from 192.0.2.4 within"),
    _dns("nothing listens at the resolver's address", "site.good.example", "dns-unreachable",
         "--timeout 2600ms", resolver=named.v4(80), detail="192.0.2.80 cannot be reached"),
    _dns("the resolver answers with garbage", "site.good.example", "dns-malformed", SHORT, resolver=BAD_RESOLVER),
    _dns("two aliases (CNAME) point at each other", "loop.good.example", "dns-cname-loop",
         detail="in a circle by way of "),
    _dns("an alias (CNAME) points at nothing", "gone.good.example", "dns-cname-dangling",
         detail="gone.good.example is an alias of nowhere.good.example, which does not exist"),
    _dns("no server of the zone serves it", "www.lame.example", "dns-lame", "--timeout 3s",
         detail="lame.servers.test (192.0.2.3)"),
    _dns("no server of the zone answers", "www.silent.example", "dns-lame", "--timeout 1s",
         detail="silent.servers.test (192.0.2.4): no answer"),
    _dns("the record holds an old address", "site.good.example", "dns-stale",
         "--expect-address 198.51.100.9 --expect-address 2001:db8:2::9", detail="it should have ", curl=None),
    _dns("one of the zone's servers does not serve it, another is silent", "site.half.example", "ok",
         "--authoritative --timeout 3s", remarks="dns-server-lame dns-server-silent"),
    _dns("one of the zone's servers lacks the AAAA record", "new.lag.example", "ok",
         "--authoritative", remarks="dns-server-lacks-record", resolver=named.v4(named.NS1)),
    _dns("the zone's servers hold different addresses", "both.lag.example", "ok",
         "--authoritative", remarks="dns-servers-differ", resolver=named.v4(named.NS1)),
    _dns("the resolver still has yesterday's address", "site.good.example", "ok",
         "--authoritative", remarks="dns-resolver-differs", resolver=OLD_RESOLVER),
]

PATH = [
    Case("a route of type unreachable", "tcp:443", "no-route", host=ROUTED["unreachable"]),
    Case("a route of type blackhole", "tcp:443", "no-route", host=ROUTED["blackhole"]),
    Case("a route of type prohibit", "tcp:443", "local-permission", host=ROUTED["prohibit"]),
    Case("a router rejects: host unreachable", "tcp:1003", "unreachable", detail="unreachable from {router}"),
    Case("nobody has the address", "tcp:443", "unreachable", host=("198.51.100.77", "2001:db8:2::77"),
         argv="--timeout 6s"),
    Case("a firewall rejects: administratively prohibited", "tcp:1002", "prohibited",
         detail="administratively prohibited from {router}"),
    Case("a router loses packets over 1454 bytes that come", "tls:8444", "mtu-black-hole",
         detail="lost in packets over 1454 bytes"),
    Case("a router loses packets over 1454 bytes that go", "tls:8447", "mtu-black-hole", argv="--full-size",
         detail="what we send is lost in packets over 1454 bytes"),
    Case("nothing listens", "tcp:1", "refused", detail="ECONNREFUSED"),
    Case("a firewall rejects: port unreachable", "tcp:1004", "refused", detail="port unreachable from {router}"),
    Case("a firewall rejects by a reset", "tcp:1005", "refused", detail="ECONNREFUSED"),
    Case("the connection is reset after the first bytes", "tls:3004", "reset"),
    Case("a firewall drops", "tcp:1001", "timeout", argv=SHORT, detail="no answer to "),
    Case("ports that should be closed are open", "closed", "port-open",
         argv="--ports 80:81,443,4019:4023 --timeout 400ms", detail="port 80, 443", curl=None),
    Case("nothing listens on the UDP port", "quic:1", "quic-refused", detail="port unreachable from {server}"),
    Case("UDP is dropped", "quic:1001", "quic-silent", argv=SHORT, detail="no answer to "),
    Case("who has the UDP port does not answer", "quic:4001", "quic-silent", argv=SHORT),
    Case("UDP is rejected: administratively prohibited", "quic:1002", "prohibited",
         detail="administratively prohibited from {router}"),
    Case("SSH over UDP", "quic:4002", "quic-malformed", detail="not QUIC: no long header; it speaks SSH"),
    Case("QUIC for another connection", "quic:4003", "quic-malformed", detail="the connection IDs are not ours"),
    Case("an echo over UDP", "quic:4004", "quic-malformed", detail="a version that can't be meant"),
]

TLS = [
    Case("silent after TCP connects", "tls:3001", "tls-timeout", argv=SHORT,
         detail="no byte came back after our ClientHello"),
    Case("closed without an alert", "tls:3002", "tls-closed"),
    Case("plain HTTP at the TLS port", "tls:3007", "tls-not-tls",
         detail='it speaks HTTP: "HTTP/1.1 400 Bad Request"'),
    Case("a mail server at the TLS port", "tls:3005", "tls-not-tls",
         detail='it speaks SMTP or FTP: "220 mail.example ESMTP"'),
    Case("an SSH server at the TLS port", "tls:3006", "tls-not-tls", detail='it speaks SSH: "SSH-2.0-OpenSSH_9.2"'),
    Case("the server chooses TLS 1.1", "tls:5500", "tls-old-version", detail="unsupported protocol"),
    Case("TLS 1.2 that demands a client certificate", "tls:4005", "tls-client-certificate",
         detail="alert 40, handshake failure"),
    Case("a Diffie-Hellman group of 1024 bits", "tls:4404", "tls-weak", detail="dh key too small"),
    Case("the handshake's signature is changed on the way", "tls:5503", "tls-bad-proof"),
    Case("no secure renegotiation", "tls:5502", "tls-no-secure-renegotiation",
         detail="unsafe legacy renegotiation disabled"),
    Case("a handshake message out of turn", "tls:5501", "tls-broken", detail="unexpected message"),
    Case("a certificate that fits none of the server's ciphers", "tls:4001", "tls-alert-handshake-failure",
         detail="alert 40, handshake failure"),
    Case("no common cipher", "tls:4006", "tls-alert-handshake-failure", detail="alert 40, handshake failure"),
    Case("no common group", "tls:4007", "tls-alert-handshake-failure", detail="alert 40, handshake failure"),
    Case("the server speaks TLS 1.1 only", "tls:4002", "tls-alert-protocol-version",
         detail="alert 70, protocol version"),
    Case("a name that the server does not know", "tls:4003", "tls-alert-unrecognized-name",
         name="stranger.example"),
    Case("TLS 1.3 that demands a client certificate", "tls:4004", "tls-alert-certificate-required"),
    Case("no common protocol (ALPN)", "https:4008/", "tls-alert-no-application-protocol"),
] + [Case("alert %d (%s)" % (number, word), "tls:%d" % (5000 + number), "tls-alert-" + word,
          detail="alert %d, " % number) for number, word in ALERTS.items()]


def _cert(cause, name, words, remarks="", detail="", argv="", **more):
    return Case(cause, "tls:443", words, remarks, detail, name=name + ".example", argv=argv, **more)


CERT = [
    _cert("revoked, by the stapled OCSP answer", "revoked", "cert-revoked", detail="by the stapled OCSP answer"),
    _cert("revoked, by a given list", "listed", "cert-revoked", argv="--crl {crl}",
          detail="the server's certificate is in the list that was given", curl="--crlfile {crl}"),
    _cert("the given list is out of date", "stranger", "local-crl", argv="--crl {old_crl}", detail="CRL has expired",
          curl="--crlfile {old_crl}"),
    _cert("a damaged signature", "forged", "cert-bad-signature", detail="certificate signature failure"),
    _cert("an unknown critical extension", "chained", "cert-malformed", detail="unhandled critical extension"),
    _cert("this machine rejects the authority", "good", "cert-distrusted", argv="--ca {rejecting}",
          curl="--cacert {rejecting}"),
    _cert("self-signed", "self", "cert-self-signed"),
    _cert("the intermediate is not sent", "missing", "cert-intermediate-missing",
          detail="CN=Lab Middle was not sent; it says to be at " + URL),
    _cert("an unknown authority", "foreign", "cert-unknown-issuer"),
    _cert("an unknown authority that sends its root along", "foreign-root", "cert-unknown-issuer", "cert-superfluous"),
    _cert("issued by who is no authority", "noca", "cert-bad-issuer cert-wrong-purpose",
          detail="invalid CA certificate"),
    _cert("17 intermediates, one above the other", "deep", "cert-chain-too-long",
          detail="certificate 18 of 18, CN=Step 1: certificate chain too long"),
    _cert("400 intermediates", "huge", "cert-chain-too-long"),
    _cert("100 intermediates", "long", "ok", "cert-superfluous", "certificate 2 of 101, CN=Lab Middle; "),
    _cert("the authority may not issue for the name", "bound", "cert-name-constraint",
          detail="permitted subtree violation"),
    _cert("a certificate for another name", "other", "cert-name-mismatch"),
    _cert("a wildcard that stands for two labels", "a.b.wild", "cert-name-mismatch",
          detail="it has *.wild.example; a wildcard stands for exactly one label"),
    _cert("a wildcard that stands for no label", "wild", "cert-name-mismatch",
          detail="a wildcard stands for exactly one label"),
    _cert("a client's certificate", "purpose", "cert-wrong-purpose", detail="the server's certificate: "),
    _cert("a proxy certificate", "proxy", "cert-bad-issuer cert-name-mismatch cert-policy"),
    _cert("expired", "expired", "cert-expired"),
    _cert("the intermediate has expired", "ended", "cert-expired", "", "certificate 2 of 2, CN=Ended Middle ended "),
    _cert("not valid yet", "future", "cert-not-yet-valid"),
    _cert("an RSA key of 1024 bits", "weak", "cert-weak", detail="the server's certificate has the key RSA 1024"),
    _cert("signed with SHA-1", "sha1", "cert-weak", detail="is signed with ecdsa-with-SHA1"),
    _cert("must-staple without a staple", "must", "cert-staple-missing", detail="none was sent"),
    _cert("the staple is for another certificate", "lied", "ok", "cert-staple-bad", "it is for another certificate"),
    _cert("certificates in the wrong order", "order", "ok", "cert-wrong-order cert-superfluous",
          "certificate 3 was issued by "),
    _cert("a certificate too many", "extra", "ok", "cert-superfluous", "certificate 3 of 3, CN=Reachd Lab Root"),
    _cert("it ends in three days", "ending", "ok", "cert-ends-soon", "the server's certificate ends "),
    _cert("the intermediate ends in six days", "ending-middle", "ok", "cert-ends-soon", "CN=Ending Middle ends "),
    _cert("expired, and for another name", "both", "cert-name-mismatch cert-expired"),
    _cert("expired, for another name, a client's, one too many", "worst",
          "cert-name-mismatch cert-wrong-purpose cert-expired", "cert-superfluous"),
    Case("IPv4 and IPv6 serve different certificates", "tls:8443", "ok", "cert-families-differ", host="site.good.example",
         name="split.example"),
    _cert("this machine's clock is behind", "clock", "local-clock", detail="the whole chain is from later"),
]

HTTP = [
    Case("SSH at the HTTP port", "http:3006/", "http-malformed"),
    Case("page not found", "https:443/status/404", "http-status", detail="status 404"),
    Case("service unavailable", "https:443/status/503", "http-status", detail="status 503"),
    Case("TLS is spoken, HTTP was asked", "http:443/", "http-status", detail="status 400"),
    Case("redirect to another host", "https:443/away", "http-redirect",
         detail="301 to another host: https://elsewhere.example/"),
    Case("redirect from https to http", "https:443/down", "http-redirect", detail="302 from https to http: http://"),
    Case("the page lacks a text", "https:443/", "http-text-missing", argv="--expect-text Works",
         detail='"Works" not in 9 bytes', curl=None),
    Case("the page lacks a pattern", "https:443/", "http-text-missing", argv="--expect-regex ^works",
         detail='pattern "^works" not in 9 bytes', curl=None),
    Case("the reply is cut short", "https:443/cut", "http-truncated", detail="closed within the reply"),
    Case("the reply is cut short, over http", "http:3003/", "http-truncated", detail="closed within the reply"),
    Case("the page is larger than the limit", "https:443/files/big", "http-too-large", argv="--max-body 100k",
         detail="status 200", curl="--max-filesize 102400"),
    Case("no reply to the request", "http:3001/", "http-timeout", argv=SHORT, detail="no reply within "),
    Case("the reply stops in the middle", "http:3008/", "http-timeout", argv=SHORT,
         detail="it stopped after 9 bytes of the body"),
]

LOCAL = [
    Case("there is no such interface", "tcp:443", "local-source", argv="--interface nowhere0",
         detail="there is no interface nowhere0", curl="--interface nowhere0"),
    Case("out of descriptors", "tcp:443", "local-resources", under="prlimit --nofile={few}", curl=None),
    Case("this machine's firewall rejects: prohibited", "tcp:2001", "local-permission",
         detail="administratively prohibited from {own}"),
    Case("this machine's firewall rejects: port unreachable", "tcp:2002", "local-permission",
         detail="port unreachable from {own}"),
    Case("65 ports of someone else's address", "closed", "local-scan", host=("11.22.33.44", "2a00:1450::1"),
         argv="--ports 1:65", curl=None),
    Case("a prefix that this machine knows no host of", "closed", "local-none-known",
         host=("10.77.0.0/16", "2001:db8:77::/64"), argv="--ports 22", detail="and none that was given lies in ", curl=None),
]

CASES = DNS + PATH + TLS + CERT + HTTP + LOCAL

# What only a running daemon says, and the file that makes it say so.
DAEMON = {"local-line-down": "test_uplink.py"}

# What no real condition brings about here: why, and the unit test that holds the word.
NOT_MADE = {
    "dns-bad-name": ("such a name is refused on the command line and in the configuration", "test_resolver.c"),
    "tls-error": ("a handshake that never ends by a scripted peer, or a reason that has no word yet", "test_tls.c"),
    "cert-invalid": ("the TLS library itself names no reason, or one that is newer than this program", "test_cert.c"),
    "local-no-family": ("needs a kernel without IPv6", "test_tcp.c"),
    "local-error": ("a system call fails as none should", "test_tcp.c"),
}


def hosts(case):
    """{family: what stands in the URL}; a name stands for both."""
    if isinstance(case.host, str):
        return {"ipv4": case.host, "ipv6": case.host}
    v4, v6 = case.host or (SERVER["ipv4"], SERVER["ipv6"])
    return {"ipv4": v4, "ipv6": "[%s]" % v6}
