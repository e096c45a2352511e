/* SPDX-License-Identifier: ISC
 *
 * What a verdict on a chain depends on, as a key: every certificate as sent, the name, the
 * conditions. The roots are not in it: each trust store has a memory of its own.
 */
#include "probes/chain.h"

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdint.h>
#include <string.h>

#include "probes/cert.h"

/* With these flags the verdict depends on nothing but the key and the present time. Any other, such
 * as those for revocation lists or one of a later OpenSSL, may bring in more. */
#define KNOWN_FLAGS                                                                                \
    (unsigned long)(X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_X509_STRICT)

/* --- the key --- */

/* The length before the bytes: no two lists of parts give the same stream. */
static bool add(EVP_MD_CTX *md, const void *data, size_t len)
{
    uint64_t size = len;
    return EVP_DigestUpdate(md, &size, sizeof size) == 1 && EVP_DigestUpdate(md, data, len) == 1;
}

/* False when there is no name to verify, or more than one. */
static bool add_name(EVP_MD_CTX *md, X509_VERIFY_PARAM *param)
{
    const char *host = X509_VERIFY_PARAM_get0_host(param, 0);
    char *ip = X509_VERIFY_PARAM_get1_ip_asc(param);
    bool ok = (host != NULL) != (ip != NULL) && !X509_VERIFY_PARAM_get0_host(param, 1) &&
              add(md, host ? "host" : "ip", host ? 4 : 2) &&
              add(md, host ? host : ip, strlen(host ? host : ip));
    OPENSSL_free(ip);
    return ok;
}

static bool add_conditions(EVP_MD_CTX *md, X509_VERIFY_PARAM *param)
{
    const uint64_t conditions[] = {
        X509_VERIFY_PARAM_get_flags(param),
        X509_VERIFY_PARAM_get_hostflags(param),
        (uint64_t)X509_VERIFY_PARAM_get_depth(param),
        (uint64_t)X509_VERIFY_PARAM_get_auth_level(param),
    };
    return (conditions[0] & ~KNOWN_FLAGS) == 0 && add(md, conditions, sizeof conditions);
}

static bool add_cert(EVP_MD_CTX *md, const X509 *cert)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    bool ok = len > 0 && add(md, der, (size_t)len);
    OPENSSL_free(der);
    return ok;
}

/* The leaf that is verified is the first of the chain as sent; it is added by itself all the same,
 * because nothing here holds OpenSSL to that. */
static bool add_certs(EVP_MD_CTX *md, X509_STORE_CTX *ctx)
{
    const STACK_OF(X509) *sent = X509_STORE_CTX_get0_untrusted(ctx);
    const X509 *leaf = X509_STORE_CTX_get0_cert(ctx);
    bool ok = leaf && add_cert(md, leaf);
    for (int i = 0; ok && i < sk_X509_num(sent); i++)
        ok = add_cert(md, sk_X509_value(sent, i));
    return ok;
}

/* False: the verdict is not to be remembered. */
static bool make_key(X509_STORE_CTX *ctx, struct verified_key *key)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 && add_conditions(md, param) &&
              add_name(md, param) && add_certs(md, ctx) &&
              EVP_DigestFinal_ex(md, key->digest, NULL) == 1;
    EVP_MD_CTX_free(md);
    return ok;
}

/* --- the verdict --- */

/* A chain holds while all of its certificates do, the root among them. */
static struct verified_dates dates_of(X509_STORE_CTX *ctx)
{
    const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    struct verified_dates dates = {.from_ms = INT64_MIN, .until_ms = INT64_MAX};
    for (int i = 0; i < sk_X509_num(chain); i++) {
        const X509 *cert = sk_X509_value(chain, i);
        int64_t from_ms = cert_time_ms(X509_get0_notBefore(cert));
        int64_t until_ms = cert_time_ms(X509_get0_notAfter(cert));
        dates.from_ms = from_ms > dates.from_ms ? from_ms : dates.from_ms;
        dates.until_ms = until_ms < dates.until_ms ? until_ms : dates.until_ms;
    }
    return dates;
}

int chain_verify(X509_STORE_CTX *ctx, struct verified *verified, const size_t *problems,
                 const struct verified_now *now)
{
    struct verified_key key;
    bool may_remember = make_key(ctx, &key);
    if (may_remember && verified_holds(verified, &key, now)) {
        X509_STORE_CTX_set_error(ctx, X509_V_OK);
        return 1;
    }
    int ret = X509_verify_cert(ctx);
    if (ret == 1 && may_remember && *problems == 0) {
        struct verified_dates dates = dates_of(ctx);
        verified_note(verified, &key, &dates, now);
    }
    return ret;
}
