/* SPDX-License-Identifier: ISC
 *
 * TLS over a connected non-blocking socket, no event loop inside. Owns: SSL objects, verification,
 * the translation of OpenSSL errors to outcomes.
 */
#ifndef REACHD_PROBES_TLS_H
#define REACHD_PROBES_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/cert.h"
#include "probes/trust.h"

enum tls_io {
    TLS_IO_OK,
    TLS_IO_WANT_READ,
    TLS_IO_WANT_WRITE,
    TLS_IO_CLOSED, /* the peer ended the stream, with or without close_notify */
    TLS_IO_FAILED, /* tls_outcome() says why */
};

struct tls;

struct tls_conf {
    struct trust *trust;
    const char
        *servername;  /* SNI and the name to verify; an address literal verifies IP SANs, no SNI */
    const char *alpn; /* "http/1.1", or NULL for none */
    bool full_size;   /* the ClientHello fills a packet, as a browser's does */
    int64_t cert_soon_ms; /* see struct cert_case */
    /* true: a verification failure ends the handshake, nothing may be sent to an unverified peer.
     * false: the handshake completes and all problems are collected; for probes, which send
     * nothing. */
    bool require_verified;
};

struct tls *tls_new(const struct tls_conf *conf, int fd);
void tls_free(struct tls *tls); /* leaves fd open; NULL is fine */
enum tls_io tls_handshake(struct tls *tls);
enum tls_io tls_read(struct tls *tls, void *data, size_t cap, size_t *got);
enum tls_io tls_write(struct tls *tls, const void *data, size_t len, size_t *put);
/* Sends close_notify if the socket takes it now; never waits. */
void tls_close(struct tls *tls);

/* After the handshake ended: OK, a TLS_* or CERT_* word (also when it completed in diagnosis mode),
 * or RESET/TLS_CLOSED/…. */
enum outcome tls_outcome(const struct tls *tls);
/* OpenSSL's own words for the failure, printable; "" when there is nothing to say. */
const char *tls_detail(const struct tls *tls);
const char *tls_protocol(const struct tls *tls); /* "TLSv1.3" or "" */
const char *tls_cipher(const struct tls *tls);   /* or "" */
/* The server asked for a client certificate, and in TLS 1.3 its refusal comes only after the
 * handshake: read a moment longer to know. */
bool tls_may_be_refused(const struct tls *tls);
size_t tls_received(const struct tls *tls); /* bytes so far: where a silent peer stopped */
/* Decodes the peer's certificates anew with each call; the caller owns it. NULL: none arrived. */
struct cert_facts *tls_cert(const struct tls *tls);

#endif
