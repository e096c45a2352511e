/* SPDX-License-Identifier: ISC
 *
 * The library context of TLS. For each certificate of each handshake OpenSSL 3.0 goes through all
 * decoders that there are (over 60: of private keys, of PEM, MSBLOB, PVK), a third of what a probe
 * costs. A process with many handshakes before it therefore sees the default provider through a
 * window, which shows of the decoders those of public keys as certificates hold them (RFC 5280,
 * 4.1.2.7), of all kinds of keys. Owns: the context and the window. Not its job: trust
 * (probes/trust.h).
 */
#include "probes/crypto.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <string.h>

#include "lib/log.h"

#define NAME         "reachd"
#define DECODERS_MAX 64
#define PUBLIC_KEY   "structure=SubjectPublicKeyInfo"

static OSSL_LIB_CTX *window;                      /* NULL: OpenSSL's own context */
static OSSL_PROVIDER *provider;                   /* behind the window, in a context of its own */
static OSSL_ALGORITHM decoders[DECODERS_MAX + 1]; /* the last one ends the list */

static const OSSL_ALGORITHM *query(void *ctx, int operation, int *no_cache)
{
    (void)ctx;
    if (operation == OSSL_OP_DECODER) {
        *no_cache = 0;
        return decoders;
    }
    return OSSL_PROVIDER_query_operation(provider, operation, no_cache);
}

static const OSSL_PARAM *gettable_params(void *ctx)
{
    (void)ctx;
    return OSSL_PROVIDER_gettable_params(provider);
}

static int get_params(void *ctx, OSSL_PARAM params[])
{
    (void)ctx;
    return OSSL_PROVIDER_get_params(provider, params);
}

static int get_capabilities(void *ctx, const char *capability, OSSL_CALLBACK *cb, void *arg)
{
    (void)ctx;
    return OSSL_PROVIDER_get_capabilities(provider, capability, cb, arg);
}

static int init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in, const OSSL_DISPATCH **out,
                void **ctx)
{
    static const OSSL_DISPATCH functions[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query},
        {OSSL_FUNC_PROVIDER_GETTABLE_PARAMS, (void (*)(void))gettable_params},
        {OSSL_FUNC_PROVIDER_GET_PARAMS, (void (*)(void))get_params},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (void (*)(void))get_capabilities},
        {0, NULL},
    };
    (void)handle;
    (void)in;
    *out = functions;
    *ctx = OSSL_PROVIDER_get0_provider_ctx(provider);
    return 1;
}

static void choose_decoders(void)
{
    int no_cache = 0;
    size_t n = 0;
    const OSSL_ALGORITHM *one = OSSL_PROVIDER_query_operation(provider, OSSL_OP_DECODER, &no_cache);
    for (; one && one->algorithm_names; one++) {
        if (!strstr(one->property_definition, PUBLIC_KEY))
            continue;
        if (n == DECODERS_MAX)
            log_fatal("tls", "OpenSSL has more decoders of public keys than %d", DECODERS_MAX);
        decoders[n++] = *one;
    }
}

void crypto_expect_many(void)
{
    if (window)
        return;
    OSSL_LIB_CTX *behind = OSSL_LIB_CTX_new();
    provider = behind ? OSSL_PROVIDER_load(behind, "default") : NULL;
    window = provider ? OSSL_LIB_CTX_new() : NULL;
    if (!window)
        log_fatal("tls", "cannot set up OpenSSL");
    choose_decoders();
    if (OSSL_PROVIDER_add_builtin(window, NAME, init) != 1 || !OSSL_PROVIDER_load(window, NAME))
        log_fatal("tls", "cannot set up OpenSSL");
}

/* At the end of a process the kernel takes the memory back faster than OpenSSL would. */
OSSL_LIB_CTX *crypto_context(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    return window;
}
