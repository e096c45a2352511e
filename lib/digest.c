/* SPDX-License-Identifier: ISC
 *
 * Digests. Owns: the calls into OpenSSL. Not its job: what is hashed.
 */
#include "lib/digest.h"

#include <openssl/crypto.h>
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

size_t digest_hmac(const char *hash, const void *key, size_t key_len, const void *data, size_t len,
                   uint8_t out[DIGEST_MAC_MAX])
{
    size_t out_len = 0;
    if (!EVP_Q_mac(NULL, "HMAC", NULL, hash, NULL, key, key_len, data, len, out, DIGEST_MAC_MAX,
                   &out_len))
        return 0;
    return out_len;
}

bool digest_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}
