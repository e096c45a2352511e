/* SPDX-License-Identifier: ISC
 *
 * The trust store and everything that all TLS clients of one kind share (one SSL_CTX). The system's
 * store by default, read when first needed: a hashed folder costs one file per root, a bundle 17
 * ms.
 */
#ifndef REACHD_PROBES_TRUST_H
#define REACHD_PROBES_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "probes/verified.h"

struct trust;
struct ssl_ctx_st;

/* path: a PEM file or a hashed folder; NULL or "": the system's
 * (SSL_CERT_FILE and SSL_CERT_DIR are honoured). NULL with a sentence in error when
 * it can't be read or holds no certificate. */
struct trust *trust_new(const char *path, char *error, size_t cap);
/* Shares it: each holder calls trust_free. */
struct trust *trust_ref(struct trust *trust);
/* Revocation lists (PEM, any number in the file) that every chain is held against; authorities that
 * have none in it are not looked up. False with a sentence in error when it holds none. Read once.
 * With lists no verdict is remembered. */
bool trust_add_crls(struct trust *trust, const char *path, char *error, size_t cap);
void trust_free(struct trust *trust);
/* Sets OpenSSL up and finds the system's store, some milliseconds, before the first use does. */
void trust_prepare(struct trust *trust);
struct ssl_ctx_st *trust_ssl_ctx(struct trust *trust);
/* The chains that this store has vouched for lately. */
struct verified *trust_verified(struct trust *trust);
const char *trust_version(void); /* of OpenSSL, at run time */

#endif
