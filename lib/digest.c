/* SPDX-License-Identifier: ISC
 *
 * SHA-256. Owns: the call into OpenSSL. Not its job: what is hashed, or comparing in constant time.
 */
#include "lib/digest.h"

#include <openssl/evp.h>

#include "lib/log.h"
#include "lib/str.h"

const char *digest_sha256_hex(const void *data, size_t len, char out[DIGEST_HEX_LEN])
{
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned raw_len = 0;
    if (EVP_Digest(data, len, raw, &raw_len, EVP_sha256(), NULL) != 1 || raw_len != 32)
        log_fatal("digest", "SHA-256 is not available");
    out[0] = '\0';
    for (unsigned i = 0; i < raw_len; i++)
        str_append(out, DIGEST_HEX_LEN, "%02x", raw[i]);
    return out;
}
