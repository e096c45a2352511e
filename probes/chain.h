/* SPDX-License-Identifier: ISC
 *
 * Verification of a chain of certificates, with memory (probes/verified.h). One of the owners of
 * OpenSSL's headers. What a peer proves anew in each handshake, that it holds the leaf's key, is no
 * part of this and never remembered.
 */
#ifndef REACHD_PROBES_CHAIN_H
#define REACHD_PROBES_CHAIN_H

#include <stddef.h>

#include "probes/verified.h"

struct x509_store_ctx_st;

/* X509_verify_cert, unless the very same chain was found good under the very same conditions not
 * long ago. `problems` is what the verify callback counts: a chain that it let pass in spite of one
 * is not remembered. Nor is one whose verdict may change while nothing in the key does: where
 * revocation lists or a time other than now are looked at. */
int chain_verify(struct x509_store_ctx_st *ctx, struct verified *verified, const size_t *problems,
                 const struct verified_now *now);

#endif
