/* SPDX-License-Identifier: ISC
 *
 * A chain of certificates as a peer sends it (DER, one behind the other), and what is told of it.
 */
#include <openssl/x509.h>

#include "probes/cert.h"
#include "tests/fuzz/fuzz.h"

static struct stack_st_X509 *read_chain(const uint8_t *data, size_t size)
{
    struct stack_st_X509 *chain = sk_X509_new_null();
    const uint8_t *at = data;
    while (at < data + size && sk_X509_num(chain) < 2 * CERT_MAX_CHAIN) {
        X509 *cert = d2i_X509(NULL, &at, (long)(data + size - at));
        if (!cert)
            break;
        sk_X509_push(chain, cert);
    }
    return chain;
}

static void check_facts(const struct cert_facts *facts)
{
    MUST(facts->chain_count > 0 && facts->chain_count <= CERT_MAX_CHAIN);
    MUST(fuzz_is_clean(facts->names, 4096) && fuzz_is_clean(facts->key, 4096));
    MUST(strlen(facts->fingerprint) == 64);
    for (size_t i = 0; i < facts->chain_count; i++)
        MUST(fuzz_is_clean(facts->chain[i].subject, 4096) &&
             fuzz_is_clean(facts->chain[i].issuer, 4096));
    MUST(facts->problem_count <= CERT_MAX_PROBLEMS);
    for (size_t i = 1; i < facts->problem_count; i++)
        MUST(facts->problems[i - 1] < facts->problems[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const int errors[] = {size > 0 ? data[size - 1] : 0, X509_V_ERR_CERT_HAS_EXPIRED,
                          X509_V_ERR_CERT_HAS_EXPIRED};
    struct stack_st_X509 *chain = read_chain(data, size);
    struct cert_facts *facts = cert_facts_new(chain, errors, 3);
    MUST((facts != NULL) == (sk_X509_num(chain) > 0));
    if (facts) {
        check_facts(facts);
        json_t *value = cert_facts_json(facts, INT64_C(1767225600000));
        char *text = json_dumps(value, JSON_COMPACT);
        MUST(text);
        free(text);
        json_decref(value);
    }
    cert_facts_free(facts);
    sk_X509_pop_free(chain, X509_free);
    return 0;
}
