/* SPDX-License-Identifier: ISC
 *
 * Digests: SHA-256 as text, for fingerprints of configuration; HMAC, for requests that are signed.
 * One of the owners of OpenSSL's headers.
 */
#ifndef REACHD_LIB_DIGEST_H
#define REACHD_LIB_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DIGEST_HEX_LEN 65

/* Lower case hexadecimal and a terminator. Returns out. */
const char *digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_LEN]);

#define DIGEST_MAC_MAX 64

/* hash: "SHA1", "SHA256", "SHA384", "SHA512". Returns the length of the MAC; 0: this hash is not to
 * be had here (a policy of the machine). */
size_t digest_hmac(const char *hash, const void *key, size_t key_len, const void *data, size_t len,
                   uint8_t out[DIGEST_MAC_MAX]);
/* Takes the same time whatever differs. */
bool digest_equal(const void *a, const void *b, size_t len);

#endif
