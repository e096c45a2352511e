/* SPDX-License-Identifier: ISC
 *
 * The rows of the outcome table, included several times with different OUTCOME(). No include guard
 * on purpose. Columns: name, word, layer, verdict, text, advice. Ordered by layer.
 */
/* clang-format off */
OUTCOME(OK, "ok", LAYER_NONE, VERDICT_UP,
    "reached and verified",
    "Nothing to do.")

/* --- dns --- */
OUTCOME(DNS_NXDOMAIN, "dns-nxdomain", LAYER_DNS, VERDICT_DOWN,
    "the name does not exist in DNS",
    "Check the spelling, then the zone at your DNS provider: the name has no record of any type.")
OUTCOME(DNS_NODATA, "dns-nodata", LAYER_DNS, VERDICT_DOWN,
    "the name exists but has no address of this family",
    "Add the A (IPv4) or AAAA (IPv6) record, or stop requiring this family.")
OUTCOME(DNS_SERVFAIL, "dns-servfail", LAYER_DNS, VERDICT_DOWN,
    "the resolver could not get an answer (SERVFAIL)",
    "Ask the zone's own name servers: they may be down, lame, or the zone's DNSSEC signatures may be broken.")
OUTCOME(DNS_REFUSED, "dns-refused", LAYER_DNS, VERDICT_UNKNOWN,
    "the DNS server refused the question",
    "This server does not answer us: use another resolver, or allow this machine in its access list.")
OUTCOME(DNS_TIMEOUT, "dns-timeout", LAYER_DNS, VERDICT_UNKNOWN,
    "no DNS server answered in time",
    "Check this machine's resolver (/etc/resolv.conf) and that UDP and TCP port 53 pass.")
OUTCOME(DNS_UNREACHABLE, "dns-unreachable", LAYER_DNS, VERDICT_UNKNOWN,
    "no DNS server could be reached",
    "This machine has no route to its resolver, or nothing listens there: check /etc/resolv.conf and the line.")
OUTCOME(DNS_MALFORMED, "dns-malformed", LAYER_DNS, VERDICT_DOWN,
    "the DNS reply could not be understood",
    "Something between here and the DNS server answers with broken messages; try another resolver.")
OUTCOME(DNS_CNAME_LOOP, "dns-cname-loop", LAYER_DNS, VERDICT_DOWN,
    "the name's CNAME records form a loop",
    "Mend the CNAME records in the zone: following them leads back to the start.")
OUTCOME(DNS_BAD_NAME, "dns-bad-name", LAYER_DNS, VERDICT_DOWN,
    "this can't be a DNS name",
    "Use letters, digits and hyphens, at most 63 in a label and 253 in all.")

/* --- path --- */
OUTCOME(NO_ROUTE, "no-route", LAYER_PATH, VERDICT_UNKNOWN,
    "this machine has no route to the address",
    "This machine has no way out over this family: check its address and default route (ip route, ip -6 route).")
OUTCOME(UNREACHABLE, "unreachable", LAYER_PATH, VERDICT_DOWN,
    "a router on the way says host or network unreachable",
    "The address is not in use or its last router can't find it: is it the server's present address?")
OUTCOME(PROHIBITED, "prohibited", LAYER_PATH, VERDICT_DOWN,
    "a firewall on the way rejects the connection (administratively prohibited)",
    "Open the port in the firewall that answered: on IPv6 the router's forward rule (pinhole), on IPv4 also the server's own.")

/* --- tcp --- */
OUTCOME(REFUSED, "refused", LAYER_TCP, VERDICT_DOWN,
    "connection refused",
    "The host answers but nothing listens on the port, or a firewall rejects: check the service's listen lines, then ufw, then the port forward.")
OUTCOME(RESET, "reset", LAYER_TCP, VERDICT_DOWN,
    "the connection was reset",
    "Something ended the connection after it began: a crashing service, a full backlog, or a middlebox.")
OUTCOME(TIMEOUT, "timeout", LAYER_TCP, VERDICT_DOWN,
    "no answer to the connection attempt",
    "Packets are dropped in silence: check the port forward or pinhole, the server's firewall, and that the address in DNS is the present one.")

/* --- tls --- */
OUTCOME(TLS_TIMEOUT, "tls-timeout", LAYER_TLS, VERDICT_DOWN,
    "TCP connects but the TLS handshake gets no answer",
    "Small packets pass and large ones may not: suspect the MTU on the way (PPPoE needs MSS clamping), then an overloaded server.")
OUTCOME(TLS_CLOSED, "tls-closed", LAYER_TLS, VERDICT_DOWN,
    "the server closed the connection during the TLS handshake",
    "Look at the server's error log: it hung up without an alert, often for an unknown name or a broken TLS setup.")
OUTCOME(TLS_NOT_TLS, "tls-not-tls", LAYER_TLS, VERDICT_DOWN,
    "the port answers, but does not speak TLS",
    "Another protocol is behind this port: check 'ssl' on the listen line, and where the port forward leads.")
OUTCOME(TLS_OLD_VERSION, "tls-old-version", LAYER_TLS, VERDICT_DOWN,
    "the server answers with a TLS version that is no longer safe",
    "Enable TLS 1.2 or 1.3 on the server: nobody's browser accepts less.")
OUTCOME(TLS_ALERT_HANDSHAKE_FAILURE, "tls-alert-handshake-failure", LAYER_TLS, VERDICT_DOWN,
    "the server refused the handshake (alert handshake_failure)",
    "No common cipher or group, or no certificate for this name: compare the server's TLS settings.")
OUTCOME(TLS_ALERT_PROTOCOL_VERSION, "tls-alert-protocol-version", LAYER_TLS, VERDICT_DOWN,
    "the server speaks no TLS version that we do (alert protocol_version)",
    "Enable TLS 1.2 or 1.3 on the server.")
OUTCOME(TLS_ALERT_UNRECOGNIZED_NAME, "tls-alert-unrecognized-name", LAYER_TLS, VERDICT_DOWN,
    "the server does not know this name (alert unrecognized_name)",
    "Add the name to the server's virtual hosts (server_name), or mend the SNI that is asked for.")
OUTCOME(TLS_ALERT_INTERNAL_ERROR, "tls-alert-internal-error", LAYER_TLS, VERDICT_DOWN,
    "the server failed inside (alert internal_error)",
    "Look at the server's error log: often a missing or unreadable certificate for this name.")
OUTCOME(TLS_ALERT_CERTIFICATE_REQUIRED, "tls-alert-certificate-required", LAYER_TLS, VERDICT_DOWN,
    "the server demands a client certificate (alert certificate_required)",
    "The server wants mutual TLS: turn it off for the public name, or probe another one.")
OUTCOME(TLS_ALERT_NO_APPLICATION_PROTOCOL, "tls-alert-no-application-protocol", LAYER_TLS, VERDICT_DOWN,
    "the server refused our ALPN (alert no_application_protocol)",
    "Enable HTTP/1.1 on the server.")
OUTCOME(TLS_ALERT_ACCESS_DENIED, "tls-alert-access-denied", LAYER_TLS, VERDICT_DOWN,
    "the server denied access (alert access_denied)",
    "The server's access rules reject this client.")
OUTCOME(TLS_ALERT_INSUFFICIENT_SECURITY, "tls-alert-insufficient-security", LAYER_TLS, VERDICT_DOWN,
    "the server wants stronger parameters (alert insufficient_security)",
    "Compare the server's minimum key sizes and ciphers with this client's.")
OUTCOME(TLS_ALERT_DECODE_ERROR, "tls-alert-decode-error", LAYER_TLS, VERDICT_DOWN,
    "the server could not decode our handshake (alert decode_error)",
    "A middlebox or a very old TLS stack stands at the port; look at the server's log.")
OUTCOME(TLS_ALERT_ILLEGAL_PARAMETER, "tls-alert-illegal-parameter", LAYER_TLS, VERDICT_DOWN,
    "the server rejects a parameter of our handshake (alert illegal_parameter)",
    "A very old or broken TLS stack stands at the port; update it.")
OUTCOME(TLS_ALERT_OTHER, "tls-alert-other", LAYER_TLS, VERDICT_DOWN,
    "the server ended the handshake with another alert",
    "The detail names the alert; look at the server's log.")
OUTCOME(TLS_ERROR, "tls-error", LAYER_TLS, VERDICT_DOWN,
    "the TLS handshake failed",
    "The detail carries the TLS library's own words; look at the server's log.")

/* --- cert: gravest first; who vouches for the key, then whose it is, then the dates --- */
OUTCOME(CERT_REVOKED, "cert-revoked", LAYER_CERT, VERDICT_DOWN,
    "the certificate has been revoked",
    "Get a new one, with a new key, and reload the server.")
OUTCOME(CERT_INVALID, "cert-invalid", LAYER_CERT, VERDICT_DOWN,
    "the certificate chain does not verify",
    "The detail carries the TLS library's own words.")
OUTCOME(CERT_SELF_SIGNED, "cert-self-signed", LAYER_CERT, VERDICT_DOWN,
    "the certificate is self-signed",
    "Get one from a public authority (Let's Encrypt), or name yours as the trust store with --ca.")
OUTCOME(CERT_UNKNOWN_ISSUER, "cert-unknown-issuer", LAYER_CERT, VERDICT_DOWN,
    "no trusted authority issued the certificate",
    "The intermediate may be missing: serve the full chain (fullchain.pem). A private authority needs --ca.")
OUTCOME(CERT_NAME_MISMATCH, "cert-name-mismatch", LAYER_CERT, VERDICT_DOWN,
    "the certificate is for other names",
    "Compare the names it has with the one asked for: wrong virtual host, or a name missing at renewal.")
OUTCOME(CERT_WRONG_PURPOSE, "cert-wrong-purpose", LAYER_CERT, VERDICT_DOWN,
    "the certificate is not meant for a TLS server",
    "Get one with the server authentication purpose; a CA or client certificate was installed.")
OUTCOME(CERT_EXPIRED, "cert-expired", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain has expired",
    "Renew it (certbot renew) and reload the server; check the timer that should have done so.")
OUTCOME(CERT_NOT_YET_VALID, "cert-not-yet-valid", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain is not valid yet",
    "Check this machine's clock first, then the certificate's start date.")
OUTCOME(CERT_WEAK, "cert-weak", LAYER_CERT, VERDICT_DOWN,
    "a key or signature of the chain is too weak",
    "Get a certificate with RSA 2048 or EC P-256 and SHA-256 at least.")

/* --- http --- */
OUTCOME(HTTP_MALFORMED, "http-malformed", LAYER_HTTP, VERDICT_DOWN,
    "the reply is not HTTP",
    "Another protocol answers at this port or path.")
OUTCOME(HTTP_TRUNCATED, "http-truncated", LAYER_HTTP, VERDICT_DOWN,
    "the reply ended before it was complete",
    "The server or something on the way cut the reply; look at its log.")
OUTCOME(HTTP_TOO_LARGE, "http-too-large", LAYER_HTTP, VERDICT_DOWN,
    "the reply is larger than the limit",
    "This is not the page that was expected.")
OUTCOME(HTTP_TIMEOUT, "http-timeout", LAYER_HTTP, VERDICT_DOWN,
    "connected, but the reply did not arrive in time",
    "The server is overloaded, or large packets are lost on the way (MTU).")

/* --- local --- */
OUTCOME(LOCAL_SOURCE, "local-source", LAYER_LOCAL, VERDICT_UNKNOWN,
    "the wanted source address or interface can't be used",
    "The interface may be down or the address gone; binding to an interface needs CAP_NET_RAW.")
OUTCOME(LOCAL_NO_FAMILY, "local-no-family", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine does not support the address family",
    "Enable IPv6 in the kernel, or look at the other family only.")
OUTCOME(LOCAL_RESOURCES, "local-resources", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine ran out of descriptors, ports or memory",
    "Raise the limit of open files (LimitNOFILE=), or check fewer names at once.")
OUTCOME(LOCAL_PERMISSION, "local-permission", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine's own rules forbid the connection",
    "A local firewall rule or a missing capability stops it: check nft list ruleset and the unit's capabilities.")
OUTCOME(LOCAL_ERROR, "local-error", LAYER_LOCAL, VERDICT_UNKNOWN,
    "an error on this machine",
    "The detail names it.")
/* clang-format on */
