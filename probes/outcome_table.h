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
    "Sending to every DNS server failed at once for want of a route, or no answer came and ICMP, early or late, says that nothing listens there or that the way is closed; the detail has who says so.",
    "This machine has no route to its resolver, or nothing listens there: check /etc/resolv.conf and the line.")
OUTCOME(DNS_MALFORMED, "dns-malformed", LAYER_DNS, VERDICT_DOWN,
    "the DNS reply could not be understood",
    "A reply came but does not parse as a DNS message, or does not fit the question; or until the time limit nothing came but datagrams that are no DNS answer.",
    "Something between here and the DNS server answers with broken messages; try another resolver.")
OUTCOME(DNS_CNAME_LOOP, "dns-cname-loop", LAYER_DNS, VERDICT_DOWN,
    "the name's CNAME records form a loop",
    "The reply's CNAME records were followed and came back to a name already met.",
    "Mend the CNAME records in the zone: following them leads back to the start.")
OUTCOME(DNS_CNAME_DANGLING, "dns-cname-dangling", LAYER_DNS, VERDICT_DOWN,
    "the name is an alias (CNAME) of a name that does not exist",
    "The DNS reply holds a CNAME record, or several, and the code NXDOMAIN for the name where they end; the detail names both.",
    "Point the CNAME record at a name that exists, or create that name. Whoever may register it could take the place of your site.")
OUTCOME(DNS_LAME, "dns-lame", LAYER_DNS, VERDICT_DOWN,
    "no name server of the zone serves it (lame delegation)",
    "The servers that the NS records name were asked: none answers with authority (the AA bit); they answer without it, with REFUSED or SERVFAIL, or not at all.",
    "Compare the NS records at the registrar with the servers that really hold the zone; on these, load the zone (look in the log for errors in the zone file, or a transfer that expired).")
OUTCOME(DNS_STALE, "dns-stale", LAYER_DNS, VERDICT_DOWN,
    "DNS does not hold the address that it should",
    "An address was expected (--expect-address, or expect-address in the target), and the record set of its family lacks it. The detail has both, and how long caches may keep the answer (TTL).",
    "Publish the present address: look whether the DDNS client runs and what the provider answers (reachd status). When the zone's own servers have it already, wait for the caches.")
OUTCOME(DNS_BAD_NAME, "dns-bad-name", LAYER_DNS, VERDICT_DOWN,
    "this can't be a DNS name",
    "The name has an empty or overlong label, or is overlong as a whole; it was not asked for.",
    "Use letters, digits and hyphens, at most 63 in a label and 253 in all.")
/* What follows are remarks on the zone's servers (reachd probe --authoritative, -v, or after a
 * failure): the name is resolved all the same. */
OUTCOME(DNS_SERVER_LAME, "dns-server-lame", LAYER_DNS, VERDICT_UP,
    "a name server of the zone does not serve it",
    "Each server that the NS records name was asked; this one answers without authority (no AA bit), REFUSED or SERVFAIL, while another one serves the zone.",
    "Load the zone on that server (its log says why it does not), or take it out of the NS records, at the registrar too. Until then every resolver that asks it first is late, or fails.")
OUTCOME(DNS_SERVER_SILENT, "dns-server-silent", LAYER_DNS, VERDICT_UP,
    "a name server of the zone does not answer",
    "Each server that the NS records name was asked, over UDP; this one did not answer in time or refused the packets, while another one did.",
    "Start it, open port 53 for UDP and TCP, or take it out of the NS records: resolvers that ask it first are late.")
OUTCOME(DNS_SERVER_LACKS, "dns-server-lacks-record", LAYER_DNS, VERDICT_UP,
    "a name server of the zone lacks the record that another one has",
    "Each server that the NS records name was asked; this one says with authority that there is no address of the family, another one gives one. The serial numbers of the zone (SOA) tell which copy is older.",
    "Make the zone the same everywhere: raise its serial number, see that the transfer to the secondary works (NOTIFY, port 53 over TCP), or ask the DNS provider. Some visitors do not find the name until then.")
OUTCOME(DNS_SERVERS_DIFFER, "dns-servers-differ", LAYER_DNS, VERDICT_UP,
    "the name servers of the zone hold different addresses",
    "Each server that the NS records name was asked, and their address sets were compared. The serial numbers of the zone (SOA) tell which copy is older.",
    "Just changed? Then wait for the transfer. Otherwise look why the secondary does not follow (serial number, NOTIFY, port 53 over TCP). Sites that answer each visitor differently mean it so.")
OUTCOME(DNS_RESOLVER_DIFFERS, "dns-resolver-differs", LAYER_DNS, VERDICT_UP,
    "the resolver says something else than the zone's own servers",
    "The resolver and each server of the zone were asked at the same time; no server of the zone gives what the resolver gives. The detail has both, and how long the resolver may keep its answer (TTL).",
    "After a change wait until the TTL has run out. SERVFAIL from the resolver alone: mostly DNSSEC, compare the DS record at the registrar with the zone's keys. Sites that answer each visitor differently mean it so.")

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
OUTCOME(MTU_BLACK_HOLE, "mtu-black-hole", LAYER_PATH, VERDICT_DOWN,
    "small packets pass, large ones are lost in silence (MTU black hole)",
    "The connection fell silent after TCP had connected; further ones with smaller segments are answered, while the full size hangs again. The detail says which sizes.",
    "Clamp the MSS on the router where the narrow line begins, or let its ICMP \"too big\" messages pass; reachd probe prints the line to add.")

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

OUTCOME(PORT_OPEN, "port-open", LAYER_TCP, VERDICT_DOWN,
    "a port that should be closed is open",
    "A TCP connection to the port was accepted (kind closed). The detail names the ports.",
    "Close it in the firewall (on IPv6 the router's forward rule, on IPv4 the port forward), or end the service: ss -ltnp on the host names it.")

/* --- quic --- */
OUTCOME(QUIC_REFUSED, "quic-refused", LAYER_QUIC, VERDICT_DOWN,
    "nothing listens on the UDP port",
    "An ICMP message port unreachable came back for the QUIC packet; the detail says from whom.",
    "Turn HTTP/3 on in the server (nginx: listen 443 quic), or a firewall rejects: let UDP through as well as TCP. Without it browsers use TCP.")
OUTCOME(QUIC_SILENT, "quic-silent", LAYER_QUIC, VERDICT_DOWN,
    "no answer to QUIC over UDP",
    "No datagram and no ICMP message came back within the time limit, for several packets of 1200 bytes that a QUIC server must answer.",
    "UDP is dropped: forward or open port 443 for UDP too, on the router and on the server. A server without HTTP/3 behind a silent firewall looks the same.")
OUTCOME(QUIC_MALFORMED, "quic-malformed", LAYER_QUIC, VERDICT_DOWN,
    "the UDP port answers, but not as QUIC",
    "Datagrams came back, none of which is a Version Negotiation packet with our connection IDs.",
    "Another service has this UDP port, such as a VPN or DNS: see ss -lunp on the server, and where the port forward leads.")

/* --- tls --- */
OUTCOME(TLS_TIMEOUT, "tls-timeout", LAYER_TLS, VERDICT_DOWN,
    "TCP connects but the TLS handshake gets no answer",
    "TCP connected and the ClientHello was sent, but the handshake did not end within the time limit; the detail says how many bytes came back. Smaller segments did not help, where there was time to try them.",
    "The server accepts connections but does not speak: it is overloaded or hangs, or another program holds the port. Small packets fare no better, else it would be mtu-black-hole.")
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
OUTCOME(TLS_CLIENT_CERTIFICATE, "tls-client-certificate", LAYER_TLS, VERDICT_DOWN,
    "the server demands a client certificate",
    "The server asked for a client certificate, got none, and refused the handshake with an alert of another name or hung up.",
    "The server wants mutual TLS: turn it off for the public name (nginx: ssl_verify_client), or probe another one.")
OUTCOME(TLS_WEAK, "tls-weak", LAYER_TLS, VERDICT_DOWN,
    "the server's key exchange or signature is too weak",
    "The TLS library refuses the server's Diffie-Hellman group, its curve, or the hash in its signature of the handshake.",
    "Configure a DH group of 2048 bits or, better, ECDHE, and SHA-256 at least; update the server's TLS library.")
OUTCOME(TLS_BAD_PROOF, "tls-bad-proof", LAYER_TLS, VERDICT_DOWN,
    "the server could not prove that it holds the key of its certificate",
    "The signature over the handshake does not fit the certificate's public key.",
    "Certificate and key on the server do not belong together, or something on the way changes the handshake.")
OUTCOME(TLS_NO_SECURE_RENEGOTIATION, "tls-no-secure-renegotiation", LAYER_TLS, VERDICT_DOWN,
    "the server lacks secure renegotiation (RFC 5746)",
    "The ServerHello has no renegotiation_info extension, and the TLS library insists on it.",
    "Update the server's TLS library: it lacks a mend of 2010.")
OUTCOME(TLS_BROKEN, "tls-broken", LAYER_TLS, VERDICT_DOWN,
    "the server breaks the rules of TLS",
    "A message of the handshake came out of turn, was malformed, or chose what was not offered; the detail has it.",
    "Update the server's TLS library; look for a middlebox that meddles.")
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
    "The server sent the fatal alert 116.",
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
OUTCOME(TLS_ALERT_UNEXPECTED_MESSAGE, "tls-alert-unexpected-message", LAYER_TLS, VERDICT_DOWN,
    "the server met a message out of turn (alert unexpected_message)",
    "The server sent the fatal alert 10.",
    "A middlebox or a broken TLS stack stands at the port; look at the server's log.")
OUTCOME(TLS_ALERT_BAD_RECORD_MAC, "tls-alert-bad-record-mac", LAYER_TLS, VERDICT_DOWN,
    "the server received damaged data (alert bad_record_mac)",
    "The server sent the fatal alert 20.",
    "Something on the way changes bytes, or the server's TLS stack or its accelerator is broken.")
OUTCOME(TLS_ALERT_DECRYPTION_FAILED, "tls-alert-decryption-failed", LAYER_TLS, VERDICT_DOWN,
    "the server could not decrypt (alert decryption_failed)",
    "The server sent the fatal alert 21.",
    "A very old TLS stack: update it.")
OUTCOME(TLS_ALERT_RECORD_OVERFLOW, "tls-alert-record-overflow", LAYER_TLS, VERDICT_DOWN,
    "the server received too long a record (alert record_overflow)",
    "The server sent the fatal alert 22.",
    "Something on the way changes bytes, or the server limits records below the standard.")
OUTCOME(TLS_ALERT_DECOMPRESSION_FAILURE, "tls-alert-decompression-failure", LAYER_TLS, VERDICT_DOWN,
    "the server could not decompress (alert decompression_failure)",
    "The server sent the fatal alert 30.",
    "A very old TLS stack: update it, and turn compression off.")
OUTCOME(TLS_ALERT_NO_CERTIFICATE, "tls-alert-no-certificate", LAYER_TLS, VERDICT_DOWN,
    "the server misses a certificate (alert no_certificate of SSL 3)",
    "The server sent the fatal alert 41.",
    "A very old TLS stack: update it. It may want a client certificate.")
OUTCOME(TLS_ALERT_BAD_CERTIFICATE, "tls-alert-bad-certificate", LAYER_TLS, VERDICT_DOWN,
    "the server rejects a certificate as corrupt (alert bad_certificate)",
    "The server sent the fatal alert 42.",
    "No client certificate was sent: it speaks of its own, or wants one; look at the server's log.")
OUTCOME(TLS_ALERT_UNSUPPORTED_CERTIFICATE, "tls-alert-unsupported-certificate", LAYER_TLS, VERDICT_DOWN,
    "the server does not support a kind of certificate (alert unsupported_certificate)",
    "The server sent the fatal alert 43.",
    "The server's own certificate has a key that its TLS settings exclude, or it wants a client certificate.")
OUTCOME(TLS_ALERT_CERTIFICATE_REVOKED, "tls-alert-certificate-revoked", LAYER_TLS, VERDICT_DOWN,
    "the server takes a certificate for revoked (alert certificate_revoked)",
    "The server sent the fatal alert 44.",
    "Look at the server's log: a proxy may not accept the one behind it.")
OUTCOME(TLS_ALERT_CERTIFICATE_EXPIRED, "tls-alert-certificate-expired", LAYER_TLS, VERDICT_DOWN,
    "the server takes a certificate for expired (alert certificate_expired)",
    "The server sent the fatal alert 45.",
    "Look at the server's log and at its clock: a proxy may not accept the one behind it.")
OUTCOME(TLS_ALERT_CERTIFICATE_UNKNOWN, "tls-alert-certificate-unknown", LAYER_TLS, VERDICT_DOWN,
    "the server does not accept a certificate (alert certificate_unknown)",
    "The server sent the fatal alert 46.",
    "Look at the server's log: it may want a client certificate.")
OUTCOME(TLS_ALERT_UNKNOWN_CA, "tls-alert-unknown-ca", LAYER_TLS, VERDICT_DOWN,
    "the server does not know an authority (alert unknown_ca)",
    "The server sent the fatal alert 48.",
    "Look at the server's log: it may want a client certificate of its own authority.")
OUTCOME(TLS_ALERT_DECRYPT_ERROR, "tls-alert-decrypt-error", LAYER_TLS, VERDICT_DOWN,
    "a cryptographic check failed on the server (alert decrypt_error)",
    "The server sent the fatal alert 51.",
    "Something on the way changes the handshake, or the server's certificate and key do not belong together.")
OUTCOME(TLS_ALERT_EXPORT_RESTRICTION, "tls-alert-export-restriction", LAYER_TLS, VERDICT_DOWN,
    "the server is bound to export ciphers (alert export_restriction)",
    "The server sent the fatal alert 60.",
    "A TLS stack of the last century: replace it.")
OUTCOME(TLS_ALERT_INAPPROPRIATE_FALLBACK, "tls-alert-inappropriate-fallback", LAYER_TLS, VERDICT_DOWN,
    "the server takes this for a downgrade attack (alert inappropriate_fallback)",
    "The server sent the fatal alert 86.",
    "Something on the way turned an earlier attempt down: look for a middlebox.")
OUTCOME(TLS_ALERT_USER_CANCELED, "tls-alert-user-canceled", LAYER_TLS, VERDICT_DOWN,
    "the server broke the handshake off (alert user_canceled)",
    "The server sent the fatal alert 90.",
    "Look at the server's log.")
OUTCOME(TLS_ALERT_NO_RENEGOTIATION, "tls-alert-no-renegotiation", LAYER_TLS, VERDICT_DOWN,
    "the server refuses a renegotiation (alert no_renegotiation)",
    "The server sent the fatal alert 100.",
    "Look at the server's log; none was asked for.")
OUTCOME(TLS_ALERT_MISSING_EXTENSION, "tls-alert-missing-extension", LAYER_TLS, VERDICT_DOWN,
    "the server misses an extension in our handshake (alert missing_extension)",
    "The server sent the fatal alert 109.",
    "Update the server's TLS library, or look for a middlebox that strips extensions.")
OUTCOME(TLS_ALERT_UNSUPPORTED_EXTENSION, "tls-alert-unsupported-extension", LAYER_TLS, VERDICT_DOWN,
    "the server does not support an extension (alert unsupported_extension)",
    "The server sent the fatal alert 110.",
    "Update the server's TLS library, or look for a middlebox that adds extensions.")
OUTCOME(TLS_ALERT_CERTIFICATE_UNOBTAINABLE, "tls-alert-certificate-unobtainable", LAYER_TLS, VERDICT_DOWN,
    "the server could not fetch a certificate (alert certificate_unobtainable)",
    "The server sent the fatal alert 111.",
    "Look at the server's log.")
OUTCOME(TLS_ALERT_BAD_CERTIFICATE_STATUS, "tls-alert-bad-certificate-status", LAYER_TLS, VERDICT_DOWN,
    "the server rejects an OCSP answer (alert bad_certificate_status_response)",
    "The server sent the fatal alert 113.",
    "Look at the server's log for its stapling.")
OUTCOME(TLS_ALERT_BAD_CERTIFICATE_HASH, "tls-alert-bad-certificate-hash", LAYER_TLS, VERDICT_DOWN,
    "the server rejects the hash of a certificate (alert bad_certificate_hash_value)",
    "The server sent the fatal alert 114.",
    "Look at the server's log.")
OUTCOME(TLS_ALERT_UNKNOWN_PSK_IDENTITY, "tls-alert-unknown-psk-identity", LAYER_TLS, VERDICT_DOWN,
    "the server wants a pre-shared key (alert unknown_psk_identity)",
    "The server sent the fatal alert 115.",
    "This port is for clients that share a secret with the server: give the public name a certificate.")
OUTCOME(TLS_ALERT_ECH_REQUIRED, "tls-alert-ech-required", LAYER_TLS, VERDICT_DOWN,
    "the server insists on Encrypted Client Hello (alert ech_required)",
    "The server sent the fatal alert 121.",
    "Let the server accept clients without ECH.")
OUTCOME(TLS_ALERT_OTHER, "tls-alert-other", LAYER_TLS, VERDICT_DOWN,
    "the server ended the handshake with an alert that has no name",
    "The server sent a fatal alert whose number is not assigned to anything; the detail has it.",
    "Something other than a TLS server may stand at the port; look at its log.")
OUTCOME(TLS_ERROR, "tls-error", LAYER_TLS, VERDICT_DOWN,
    "the TLS handshake failed",
    "The TLS library gave up for a reason without a word of its own here; the detail has it.",
    "The detail carries the TLS library's own words; look at the server's log.")

/* --- cert: gravest first; who vouches for the key, then whose it is, then the dates --- */
OUTCOME(CERT_REVOKED, "cert-revoked", LAYER_CERT, VERDICT_DOWN,
    "the certificate has been revoked",
    "The OCSP answer that the server staples, or a revocation list that was given (--crl), names a certificate of the chain.",
    "Get a new one, with a new key, and reload the server.")
OUTCOME(CERT_INVALID, "cert-invalid", LAYER_CERT, VERDICT_DOWN,
    "the certificate chain does not verify",
    "The TLS library's verification failed for a reason without a word of its own here; the detail has it.",
    "The detail carries the TLS library's own words.")
OUTCOME(CERT_BAD_SIGNATURE, "cert-bad-signature", LAYER_CERT, VERDICT_DOWN,
    "a signature in the chain is wrong",
    "The issuer's key was found, but the signature that it should have made does not fit, is of an unknown algorithm, or the key can't be read.",
    "The file was damaged, or an intermediate of the same name but another key is served: fetch certificate and chain anew from the issuer.")
OUTCOME(CERT_MALFORMED, "cert-malformed", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain is malformed or has parts that nobody here understands",
    "It does not decode, or has an unknown critical extension, an empty name, or a date that is none.",
    "Get a new one; the software that made this one is broken.")
OUTCOME(CERT_DISTRUSTED, "cert-distrusted", LAYER_CERT, VERDICT_DOWN,
    "this machine explicitly distrusts an authority of the chain",
    "The trust store holds the authority, marked as rejected or as not trusted for TLS servers.",
    "Get a certificate from another authority; browsers have dropped this one too, or will.")
OUTCOME(CERT_SELF_SIGNED, "cert-self-signed", LAYER_CERT, VERDICT_DOWN,
    "the certificate is self-signed",
    "The server's own certificate is signed by its own key and is not in the trust store.",
    "Get one from a public authority (Let's Encrypt), or name yours as the trust store with --ca.")
OUTCOME(CERT_INTERMEDIATE_MISSING, "cert-intermediate-missing", LAYER_CERT, VERDICT_DOWN,
    "the server does not send the certificate of its issuer",
    "The server's certificate names an issuer that was neither sent nor is trusted, and says where that issuer's certificate can be had (AIA). It was not fetched.",
    "Serve the full chain (nginx: fullchain.pem). Browsers that remember or fetch the intermediate hide this; phones and programs fail.")
OUTCOME(CERT_UNKNOWN_ISSUER, "cert-unknown-issuer", LAYER_CERT, VERDICT_DOWN,
    "no trusted authority issued the certificate",
    "No certificate that was sent or is trusted issued the last one of the chain; or the chain ends in a root that was sent but is not trusted.",
    "A private authority needs --ca. If the issuer is a public one, an intermediate is missing: serve the full chain (fullchain.pem).")
OUTCOME(CERT_BAD_ISSUER, "cert-bad-issuer", LAYER_CERT, VERDICT_DOWN,
    "a certificate of the chain was not allowed to issue the next",
    "An issuer lacks the CA mark or the right to sign certificates, or more intermediates follow than its path length allows.",
    "Mend the authority: basicConstraints CA:TRUE, keyUsage keyCertSign, a sufficient pathlen; then issue anew.")
OUTCOME(CERT_CHAIN_TOO_LONG, "cert-chain-too-long", LAYER_CERT, VERDICT_DOWN,
    "the chain of certificates is too long, too large, or runs in a circle",
    "More than 16 issuers lie between the server's certificate and a root, or they run in a circle, or the server sent more than 100 kB of certificates.",
    "Serve the certificate and its intermediates, and nothing else: most have one or two. Firefox follows 6, Java takes 10.")
OUTCOME(CERT_NAME_CONSTRAINT, "cert-name-constraint", LAYER_CERT, VERDICT_DOWN,
    "an issuer may not issue for this name",
    "The name constraints of an authority in the chain exclude a name of the certificate, or can't be understood.",
    "Use an authority that may issue for the name, or widen its name constraints.")
OUTCOME(CERT_NAME_MISMATCH, "cert-name-mismatch", LAYER_CERT, VERDICT_DOWN,
    "the certificate is for other names",
    "None of the certificate's DNS names (RFC 9525: a wildcard stands for one whole leftmost label, the subject is no name) or IP addresses is the one asked for.",
    "Compare the names it has with the one asked for: wrong virtual host, or a name missing at renewal.")
OUTCOME(CERT_WRONG_PURPOSE, "cert-wrong-purpose", LAYER_CERT, VERDICT_DOWN,
    "the certificate is not meant for a TLS server",
    "The key usage or extended key usage of a certificate of the chain does not allow what it is used for.",
    "Get one with the server authentication purpose; a CA or client certificate was installed.")
OUTCOME(CERT_POLICY, "cert-policy", LAYER_CERT, VERDICT_DOWN,
    "the chain breaks a policy",
    "A certificate policy, a proxy certificate rule or a Suite B rule of the chain is not met.",
    "Ask the authority; such rules are for closed groups, not for public servers.")
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
OUTCOME(CERT_STAPLE_MISSING, "cert-staple-missing", LAYER_CERT, VERDICT_DOWN,
    "the certificate demands a stapled OCSP answer, and there is no good one",
    "The certificate has the TLS feature status_request (must-staple), and the server sent no OCSP answer or one that does not hold.",
    "Turn stapling on (nginx: ssl_stapling on, with a resolver), or get a certificate without must-staple.")
/* What follows are remarks: the connection is good all the same. */
OUTCOME(CERT_STAPLE_BAD, "cert-staple-bad", LAYER_CERT, VERDICT_UP,
    "the stapled OCSP answer does not hold",
    "The answer that came along is old, for another certificate, or not signed by the issuer; the detail says which.",
    "Some browsers refuse such a server: check its clock, its way to the issuer's OCSP server, and reload it.")
OUTCOME(CERT_WRONG_ORDER, "cert-wrong-order", LAYER_CERT, VERDICT_UP,
    "the certificates are sent in the wrong order",
    "A certificate stands before the one that it issued (RFC 5246 wants each right after the one it certifies; TLS 1.3 tolerates it).",
    "Put the server's certificate first and each issuer after it; old clients fail.")
OUTCOME(CERT_SUPERFLUOUS, "cert-superfluous", LAYER_CERT, VERDICT_UP,
    "certificates are sent that are of no use",
    "A certificate was sent twice, is on no way from the server's to a root, or is the root itself, which clients have.",
    "Remove them from the file: each costs bytes in every handshake, and an expired one confuses old clients.")
OUTCOME(CERT_ENDS_SOON, "cert-ends-soon", LAYER_CERT, VERDICT_UP,
    "a certificate of the chain ends soon",
    "The notAfter of the server's certificate or of an intermediate on its way lies within 14 days (reachd probe --cert-days; cert-warn of a target).",
    "Renew it now (certbot renew) and look why that did not happen by itself; an intermediate comes with the renewal.")
OUTCOME(CERT_FAMILIES_DIFFER, "cert-families-differ", LAYER_CERT, VERDICT_UP,
    "IPv4 and IPv6 serve different certificates",
    "The chains that the addresses of the two families sent in this round were compared.",
    "Meant so? Otherwise the two families reach different servers, or one was not reloaded after a renewal.")

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
    "The server is overloaded or its program hangs: look at its log.")

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
OUTCOME(LOCAL_CLOCK, "local-clock", LAYER_LOCAL, VERDICT_UNKNOWN,
    "this machine's clock is wrong",
    "By it a chain is not yet valid as a whole, intermediates included, or a signed OCSP answer comes from the future, or it stands before the year in which this program was made.",
    "Set the clock (timedatectl, chronyc, ntpd): dates of certificates can't be judged before.")
OUTCOME(LOCAL_LINE_DOWN, "local-line-down", LAYER_LOCAL, VERDICT_UNKNOWN,
    "own line down: nothing outside answers over this family",
    "The target failed, and none of the reference addresses of section uplink answered a TCP connection over the same way out.",
    "Look at the router and the line (PPPoE session, ONU, the provider's notices). The target is looked at again as soon as a reference answers.")
OUTCOME(LOCAL_CRL, "local-crl", LAYER_LOCAL, VERDICT_UNKNOWN,
    "the given revocation list can't be used",
    "The list that was given (--crl) is past its next update, not yet valid, or not signed by the issuer of the certificate.",
    "Fetch the list anew, by a timer that comes before its next update.")
OUTCOME(LOCAL_SCAN, "local-scan", LAYER_LOCAL, VERDICT_UNKNOWN,
    "not looked at: so many ports of a foreign address are a scan",
    "More than 64 ports (kind closed) of an address, or of the addresses of a prefix together, that is neither private nor in a network of this machine.",
    "Name the few ports that matter. If the address is yours, say so: --yes, or mine = yes in the target.")
OUTCOME(LOCAL_NONE_KNOWN, "local-none-known", LAYER_LOCAL, VERDICT_UNKNOWN,
    "no address of the prefix is known",
    "Of a prefix of more than 256 addresses (kind closed) those are looked at that this machine knows: its own, its neighbours by the kernel's table, and those that the configuration gives. There was none.",
    "Ask from the router of that network, which has its hosts in the table (ip neigh), or write the hosts down: addresses in the target, or closed://ADDRESS for each.")
OUTCOME(LOCAL_ERROR, "local-error", LAYER_LOCAL, VERDICT_UNKNOWN,
    "an error on this machine",
    "A system call failed with an error that has no word of its own here.",
    "The detail names it.")
/* clang-format on */
