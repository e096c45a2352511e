/* SPDX-License-Identifier: ISC
 *
 * The OCSP answer that a server staples to its handshake (RFC 6066 section 8): does it hold, and
 * what does it say? Nothing is fetched.
 */
#ifndef REACHD_PROBES_CERT_STAPLE_H
#define REACHD_PROBES_CERT_STAPLE_H

#include <stddef.h>
#include <stdint.h>

struct stack_st_X509;
struct x509_st;
struct x509_store_st;

enum cert_staple_state {
    CERT_STAPLE_NONE, /* none was sent */
    CERT_STAPLE_GOOD,
    CERT_STAPLE_REVOKED,
    CERT_STAPLE_FUTURE,    /* signed well, and made later than it is by our clock */
    CERT_STAPLE_BAD,       /* does not hold */
    CERT_STAPLE_UNCHECKED, /* the issuer is not known, so nothing can be said */
};

struct cert_staple {
    enum cert_staple_state state;
    char detail[120];
};

/* `der` may be anything. `sent` holds the leaf first; the issuer is looked for there, then in the
 * store. */
void cert_staple_read(const struct stack_st_X509 *sent, struct x509_store_st *store,
                      const unsigned char *der, size_t len, int64_t now_ms,
                      struct cert_staple *out);

#endif
