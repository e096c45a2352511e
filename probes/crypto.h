/* SPDX-License-Identifier: ISC
 *
 * The library context that TLS uses, one for the process.
 */
#ifndef REACHD_PROBES_CRYPTO_H
#define REACHD_PROBES_CRYPTO_H

#include <openssl/types.h>

/* Before the first trust_new(): this process makes many handshakes. Costs 2 ms and 300 kB once, and
 * saves a quarter of each handshake with OpenSSL 3.0 (tests/bench). Ends the process when OpenSSL
 * is not to be set up. Never undone. */
void crypto_expect_many(void);
/* For SSL_CTX_new_ex(); NULL is OpenSSL's own. */
OSSL_LIB_CTX *crypto_context(void);

#endif
