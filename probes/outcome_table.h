/* SPDX-License-Identifier: ISC
 *
 * The rows of the outcome table, included several times with different OUTCOME(). No include guard
 * on purpose. Columns: name, word, layer, verdict, then three texts of one line each: what happened
 * (a clause), how that is detected (sentences), what to do next (sentences). Ordered by layer.
 * tools/outcomes.awk makes reachd-outcomes(7) of it, so keep to this layout.
 */
/* clang-format off */
OUTCOME(OK, "ok", LAYER_NONE, VERDICT_UP,
    "reached and verified",
    "Every step of the probe succeeded: TCP connected, the TLS handshake completed, the chain leads to a trusted root, the name and the dates fit.",
    "Nothing to do.")

/* --- dns --- */
OUTCOME(DNS_NXDOMAIN, "dns-nxdomain", LAYER_DNS, VERDICT_DOWN,
    "the name does not exist in DNS",
    "The DNS reply carries the code NXDOMAIN.",
    "Check the spelling, then the zone at your DNS provider: the name has no record of any type.")
OUTCOME(DNS_NODATA, "dns-nodata", LAYER_DNS, VERDICT_DOWN,
    "the name exists but has no address of this family",
    "The DNS reply is NOERROR but holds no address record of the family, also not behind a CNAME. Or a literal address of the other family was given.",
    "Add the A (IPv4) or AAAA (IPv6) record, or stop requiring this family.")
OUTCOME(DNS_SERVFAIL, "dns-servfail", LAYER_DNS, VERDICT_DOWN,
    "the resolver could not get an answer (SERVFAIL)",
    "The DNS reply carries the code SERVFAIL, NOTIMP or FORMERR from every server asked.",
    "Ask the zone's own name servers: they may be down, lame, or the zone's DNSSEC signatures may be broken.")
OUTCOME(DNS_REFUSED, "dns-refused", LAYER_DNS, VERDICT_UNKNOWN,
    "the DNS server refused the question",
    "The DNS reply carries the code REFUSED from every server asked.",
    "This server does not answer us: use another resolver, or allow this machine in its access list.")
OUTCOME(DNS_TIMEOUT, "dns-timeout", LAYER_DNS, VERDICT_UNKNOWN,
    "no DNS server answered in time",
    "No reply came from any DNS server before the time limit; the servers were tried in turn, and again over TCP where a reply was cut.",
    "Check this machine's resolver (/etc/resolv.conf) and that UDP and TCP port 53 pass.")
OUTCOME(DNS_UNREACHABLE, "dns-unreachable", LAYER_DNS, VERDICT_UNKNOWN,
    "no DNS server could be reached",
    "Sending to every DNS server failed at once: no route, or ICMP says that nothing listens there.",
    "This machine has no route to its resolver, or nothing listens there: check /etc/resolv.conf and the line.")
OUTCOME(DNS_MALFORMED, "dns-malformed", LAYER_DNS, VERDICT_DOWN,
    "the DNS reply could not be understood",
    "A reply came but does not parse as a DNS message, or does not fit the question.",
    "Something between here and the DNS server answers with broken messages; try another resolver.")
OUTCOME(DNS_CNAME_LOOP, "dns-cname-loop", LAYER_DNS, VERDICT_DOWN,
    "the name's CNAME records form a loop",
    "The reply's CNAME records were followed and came back to a name already met.",
    "Mend the CNAME records in the zone: following them leads back to the start.")
OUTCOME(DNS_BAD_NAME, "dns-bad-name", LAYER_DNS, VERDICT_DOWN,
    "this can't be a DNS name",
    "The name has an empty or overlong label, or is overlong as a whole; it was not asked for.",
    "Use letters, digits and hyphens, at most 63 in a label and 253 in all.")

/* --- path --- */
OUTCOME(NO_ROUTE, "no-route", LAYER_PATH, VERDICT_UNKNOWN,
    "this machine has no route to the address",
    "connect(2) fails at once with ENETUNREACH, EHOSTUNREACH, EINVAL or, on IPv6, EADDRNOTAVAIL: the kernel has no route, a route of type unreachable or blackhole, or no address to come from.",
    "This machine has no way out over this family: check its address and default route (ip route, ip -6 route).")
OUTCOME(UNREACHABLE, "unreachable", LAYER_PATH, VERDICT_DOWN,
    "a router on the way says host or network unreachable",
    "An ICMP unreachable message arrived from the network (the detail names its sender), or neighbour discovery on the own link found nobody.",
    "The address is not in use or its last router can't find it: is it the server's present address?")
OUTCOME(PROHIBITED, "prohibited", LAYER_PATH, VERDICT_DOWN,
    "a firewall on the way rejects the connection (administratively prohibited)",
    "An ICMP message of type administratively prohibited arrived; the detail names its sender.",
    "Open the port in the firewall that answered: on IPv6 the router's forward rule (pinhole), on IPv4 also the server's own.")

/* --- tcp --- */
OUTCOME(REFUSED, "refused", LAYER_TCP, VERDICT_DOWN,
    "connection refused",
    "A TCP reset, or an ICMP port unreachable whose sender the detail names, answered the SYN.",
    "The host answers but nothing listens on the port, or a firewall rejects: check the service's listen lines, then ufw, then the port forward.")
OUTCOME(RESET, "reset", LAYER_TCP, VERDICT_DOWN,
    "the connection was reset",
    "A TCP reset arrived after the connection had been established.",
    "Something ended the connection after it began: a crashing service, a full backlog, or a middlebox.")
OUTCOME(TIMEOUT, "timeout", LAYER_TCP, VERDICT_DOWN,
    "no answer to the connection attempt",
    "Neither SYN-ACK nor reset nor ICMP arrived within the time limit.",
    "Packets are dropped in silence: check the port forward or pinhole, the server's firewall, and that the address in DNS is the present one.")

/* --- tls --- */
OUTCOME(TLS_TIMEOUT, "tls-timeout", LAYER_TLS, VERDICT_DOWN,
    "TCP connects but the TLS handshake gets no answer",
    "TCP connected and the ClientHello was sent, but the handshake did not end within the time limit; the detail says how many bytes came back.",
    "Small packets pass and large ones may not: suspect the MTU on the way (PPPoE needs MSS clamping), then an overloaded server.")
OUTCOME(TLS_CLOSED, "tls-closed", LAYER_TLS, VERDICT_DOWN,
    "the server closed the connection during the TLS handshake",
    "The server's FIN arrived before the handshake was complete, and no alert.",
    "Look at the server's error log: it hung up without an alert, often for an unknown name or a broken TLS setup.")
OUTCOME(TLS_NOT_TLS, "tls-not-tls", LAYER_TLS, VERDICT_DOWN,
    "the port answers, but does not speak TLS",
    "The first bytes that came back are no TLS record; the detail shows them and the protocol they belong to (HTTP, SSH, SMTP and others are known).",
    "Another protocol is behind this port: check 'ssl' on the listen line, and where the port forward leads.")
OUTCOME(TLS_OLD_VERSION, "tls-old-version", LAYER_TLS, VERDICT_DOWN,
    "the server answers with a TLS version that is no longer safe",
    "The ServerHello selects a version below TLS 1.2.",
    "Enable TLS 1.2 or 1.3 on the server: nobody's browser accepts less.")
OUTCOME(TLS_ALERT_HANDSHAKE_FAILURE, "tls-alert-handshake-failure", LAYER_TLS, VERDICT_DOWN,
    "the server refused the handshake (alert handshake_failure)",
    "The server sent the fatal alert 40.",
    "No common cipher or group, or no certificate for this name: compare the server's TLS settings.")
OUTCOME(TLS_ALERT_PROTOCOL_VERSION, "tls-alert-protocol-version", LAYER_TLS, VERDICT_DOWN,
    "the server speaks no TLS version that we do (alert protocol_version)",
    "The server sent the fatal alert 70 in reply to an offer of TLS 1.2 and 1.3.",
    "Enable TLS 1.2 or 1.3 on the server.")
OUTCOME(TLS_ALERT_UNRECOGNIZED_NAME, "tls-alert-unrecognized-name", LAYER_TLS, VERDICT_DOWN,
    "the server does not know this name (alert unrecognized_name)",
    "The server sent the fatal alert 112 after seeing the name in SNI.",
    "Add the name to the server's virtual hosts (server_name), or mend the SNI that is asked for.")
OUTCOME(TLS_ALERT_INTERNAL_ERROR, "tls-alert-internal-error", LAYER_TLS, VERDICT_DOWN,
    "the server failed inside (alert internal_error)",
    "The server sent the fatal alert 80.",
    "Look at the server's error log: often a missing or unreadable certificate for this name.")
OUTCOME(TLS_ALERT_CERTIFICATE_REQUIRED, "tls-alert-certificate-required", LAYER_TLS, VERDICT_DOWN,
    "the server demands a client certificate (alert certificate_required)",
    "The server sent the fatal alert 116, or closed right after it had asked for a client certificate and got none.",
    "The server wants mutual TLS: turn it off for the public name, or probe another one.")
OUTCOME(TLS_ALERT_NO_APPLICATION_PROTOCOL, "tls-alert-no-application-protocol", LAYER_TLS, VERDICT_DOWN,
    "the server refused our ALPN (alert no_application_protocol)",
    "The server sent the fatal alert 120 in reply to the ALPN offer.",
    "Enable HTTP/1.1 on the server.")
OUTCOME(TLS_ALERT_ACCESS_DENIED, "tls-alert-access-denied", LAYER_TLS, VERDICT_DOWN,
    "the server denied access (alert access_denied)",
    "The server sent the fatal alert 49.",
    "The server's access rules reject this client.")
OUTCOME(TLS_ALERT_INSUFFICIENT_SECURITY, "tls-alert-insufficient-security", LAYER_TLS, VERDICT_DOWN,
    "the server wants stronger parameters (alert insufficient_security)",
    "The server sent the fatal alert 71.",
    "Compare the server's minimum key sizes and ciphers with this client's.")
OUTCOME(TLS_ALERT_DECODE_ERROR, "tls-alert-decode-error", LAYER_TLS, VERDICT_DOWN,
    "the server could not decode our handshake (alert decode_error)",
    "The server sent the fatal alert 50.",
    "A middlebox or a very old TLS stack stands at the port; look at the server's log.")
OUTCOME(TLS_ALERT_ILLEGAL_PARAMETER, "tls-alert-illegal-parameter", LAYER_TLS, VERDICT_DOWN,
    "the server rejects a parameter of our handshake (alert illegal_parameter)",
    "The server sent the fatal alert 47.",
    "A very old or broken TLS stack stands at the port; update it.")
OUTCOME(TLS_ALERT_OTHER, "tls-alert-other", LAYER_TLS, VERDICT_DOWN,
    "the server ended the handshake with another alert",
    "The server sent a fatal alert without a word of its own here; the detail has its number and name.",
    "The detail names the alert; look at the server's log.")
OUTCOME(TLS_ERROR, "tls-error", LAYER_TLS, VERDICT_DOWN,
    "the TLS handshake failed",
    "The TLS library gave up for a reason without a word of its own here; the detail has it.",
    "The detail carries the TLS library's own words; look at the server's log.")

/* --- cert: gravest first; who vouches for the key, then whose it is, then the dates --- */
OUTCOME(CERT_REVOKED, "cert-revoked", LAYER_CERT, VERDICT_DOWN,
    "the certificate has been revoked",
    "A revocation list that was given names the certificate.",
    "Get a new one, with a new key, and reload the server.")
OUTCOME(CERT_INVALID, "cert-invalid", LAYER_CERT, VERDICT_DOWN,
    "the certificate chain does not verify",
    "The TLS library's verification failed for a reason without a word of its own here; the detail has it.",
    "The detail carries the TLS library's own words.")
OUTCOME(CERT_SELF_SIGNED, "cert-self-signed", LAYER_CERT, VERDICT_DOWN,
    "the certificate is self-signed",
    "The server's own certificate is signed by its own key and is not in the trust store.",
    "Get one from a public authority (Let's Encrypt), or name yours as the trust store with --ca.")
OUTCOME(CERT_UNKNOWN_ISSUER, "cert-unknown-issuer", LAYER_CERT, VERDICT_DOWN,
    "no trusted authority issued the certificate",
    "No certificate that was sent or is trusted issued the last one of the chain; or the chain ends in a root that was sent but is not trusted.",
    "The intermediate may be missing: serve the full chain (fullchain.pem). A private authority needs --ca.")
OUTCOME(CERT_NAME_MISMATCH, "cert-name-mismatch", LAYER_CERT, VERDICT_DOWN,
    "the certificate is for other names",
    "None of the certificate's DNS names (RFC 9525: a wildcard stands for one whole leftmost label, the subject is no name) or IP addresses is the one asked for.",
    "Compare the names it has with the one asked for: wrong virtual host, or a name missing at renewal.")
OUTCOME(CERT_WRONG_PURPOSE, "cert-wrong-purpose", LAYER_CERT, VERDICT_DOWN,
    "the certificate is not meant for a TLS server",
    "The key usage or extended key usage of a certificate of the chain does not allow what it is used for.",
    "Get one with the server authentication purpose; a CA or client certificate was installed.")
OUTCOME(CERT_EXPIRED, "cert-expired", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain has expired",
    "The notAfter of a certificate of the chain is before this machine's clock.",
    "Renew it (certbot renew) and reload the server; check the timer that should have done so.")
OUTCOME(CERT_NOT_YET_VALID, "cert-not-yet-valid", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain is not valid yet",
    "The notBefore of a certificate of the chain is after this machine's clock.",
    "Check this machine's clock first, then the certificate's start date.")
OUTCOME(CERT_WEAK, "cert-weak", LAYER_CERT, VERDICT_DOWN,
    "a key or signature of the chain is too weak",
    "A key or a signature of the chain is below the security level of the TLS library.",
    "Get a certificate with RSA 2048 or EC P-256 and SHA-256 at least.")

/* --- http --- */
OUTCOME(HTTP_MALFORMED, "http-malformed", LAYER_HTTP, VERDICT_DOWN,
    "the reply is not HTTP",
    "The first bytes of the reply do not parse as HTTP/1.",
    "Another protocol answers at this port or path.")
OUTCOME(HTTP_STATUS, "http-status", LAYER_HTTP, VERDICT_DOWN,
    "the reply has another status than expected",
    "A complete reply arrived. Its status is not among the expected ones; unless others are given: 2xx, and 3xx that stays with the host.",
    "4xx: the path or the name is not served here (server_name, location); 5xx: what is behind the web server is ill, see its log.")
OUTCOME(HTTP_REDIRECT, "http-redirect", LAYER_HTTP, VERDICT_DOWN,
    "the reply sends clients elsewhere",
    "The status is 3xx, and Location leads to another host (www. before the name counts as the same), from https to http, or to another scheme.",
    "Follow where it leads: a default site, a portal on the way, or a moved page. If it is meant, expect the status.")
OUTCOME(HTTP_TEXT_MISSING, "http-text-missing", LAYER_HTTP, VERDICT_DOWN,
    "the reply does not hold the expected text",
    "A complete reply with an expected status arrived; the text, or a match of the regular expression, is not in the first MiB of its body.",
    "Another page is served than the one meant, such as an error page with a good status: look at it in a browser.")
OUTCOME(HTTP_TRUNCATED, "http-truncated", LAYER_HTTP, VERDICT_DOWN,
    "the reply ended before it was complete",
    "The connection ended before the header, or before as many body bytes as the header had announced.",
    "The server or something on the way cut the reply; look at its log.")
OUTCOME(HTTP_TOO_LARGE, "http-too-large", LAYER_HTTP, VERDICT_DOWN,
    "the reply is larger than the limit",
    "More body bytes arrived, or were announced, than the limit allows; the rest was not read.",
    "This is not the page that was expected, or its limit is too low.")
OUTCOME(HTTP_TIMEOUT, "http-timeout", LAYER_HTTP, VERDICT_DOWN,
    "connected, but the reply did not arrive in time",
    "The request was sent, and the complete reply did not arrive within the time limit.",
    "The server is overloaded, or large packets are lost on the way (MTU).")

/* --- local --- */
OUTCOME(LOCAL_SOURCE, "local-source", LAYER_LOCAL, VERDICT_UNKNOWN,
    "the wanted source address or interface can't be used",
    "bind(2) or SO_BINDTODEVICE failed with the source address or interface that was asked for.",
    "The interface may be down or the address gone; binding to an interface needs CAP_NET_RAW.")
OUTCOME(LOCAL_NO_FAMILY, "local-no-family", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine does not support the address family",
    "socket(2) fails with EAFNOSUPPORT.",
    "Enable IPv6 in the kernel, or look at the other family only.")
OUTCOME(LOCAL_RESOURCES, "local-resources", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine ran out of descriptors, ports or memory",
    "socket(2) or connect(2) fails with EMFILE, ENFILE, ENOBUFS or ENOMEM, or with EADDRNOTAVAIL because no local port is free.",
    "Raise the limit of open files (LimitNOFILE=), or check fewer names at once.")
OUTCOME(LOCAL_PERMISSION, "local-permission", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine's own rules forbid the connection",
    "connect(2) fails with EACCES or EPERM, or an ICMP rejection came from an address of this machine, or a route is of type prohibit.",
    "A local firewall rule or a missing capability stops it: check nft list ruleset and the unit's capabilities.")
OUTCOME(LOCAL_ERROR, "local-error", LAYER_LOCAL, VERDICT_UNKNOWN,
    "an error on this machine",
    "A system call failed with an error that has no word of its own here.",
    "The detail names it.")
/* clang-format on */
