/* SPDX-License-Identifier: ISC
 *
 * SHA-256 as text, for fingerprints of configuration. One of the owners of OpenSSL's headers.
 */
#ifndef REACHD_LIB_DIGEST_H
#define REACHD_LIB_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_LEN 65

/* Lower case hexadecimal and a terminator. Returns out. */
const char *digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_LEN]);

#endif
