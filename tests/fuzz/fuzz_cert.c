/* SPDX-License-Identifier: ISC
 *
 * A chain of certificates as a peer sends it (DER, one behind the other), with an OCSP answer
 * behind them, and what is told of it.
 */
#include <openssl/x509.h>

#include "probes/cert.h"
#include "probes/cert_judge.h"
#include "tests/fuzz/fuzz.h"

#define NOW_MS INT64_C(1767225600000)

/* *at: behind the last certificate that was read. */
static struct stack_st_X509 *read_chain(const uint8_t **at, const uint8_t *end)
{
    struct stack_st_X509 *chain = sk_X509_new_null();
    while (*at < end && sk_X509_num(chain) < 2 * CERT_MAX_CHAIN) {
        X509 *cert = d2i_X509(NULL, at, (long)(end - *at));
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
    MUST(facts->findings.count <= CERT_MAX_FINDINGS);
    for (size_t i = 0; i < facts->findings.count; i++) {
        MUST(fuzz_is_clean(facts->findings.list[i].detail, 512));
        for (size_t k = 0; k < i; k++)
            MUST(facts->findings.list[i].outcome != facts->findings.list[k].outcome);
    }
}

static void judge(const struct stack_st_X509 *chain, int code, const uint8_t *rest, size_t len,
                  struct cert_findings *found)
{
    struct cert_staple staple = {.state = CERT_STAPLE_NONE};
    const struct cert_error errors[] = {
        {code, sk_X509_value(chain, sk_X509_num(chain) - 1)},
        {X509_V_ERR_CERT_HAS_EXPIRED, sk_X509_value(chain, 0)},
        {X509_V_ERR_HOSTNAME_MISMATCH, NULL},
        {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, sk_X509_value(chain, 0)},
        {X509_V_ERR_EE_KEY_TOO_SMALL, sk_X509_value(chain, 0)},
    };
    struct cert_case judged = {.sent = chain,
                               .soon_ms = 14 * INT64_C(86400000),
                               .errors = errors,
                               .error_count = sizeof errors / sizeof *errors,
                               .name = "a.test",
                               .staple = &staple,
                               .now_ms = NOW_MS};
    X509_STORE *store = X509_STORE_new();
    if (len > 0)
        cert_staple_read(chain, store, rest, len, NOW_MS, &staple);
    MUST(fuzz_is_clean(staple.detail, sizeof staple.detail));
    cert_judge(&judged, found);
    MUST(cert_findings_outcome(found) != OUTCOME_OK);
    X509_STORE_free(store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *at = data;
    struct stack_st_X509 *chain = read_chain(&at, data + size);
    struct cert_findings found = {0};
    if (sk_X509_num(chain) > 0)
        judge(chain, data[size - 1], at, (size_t)(data + size - at), &found);
    struct cert_facts *facts = cert_facts_new(chain, &found);
    MUST((facts != NULL) == (sk_X509_num(chain) > 0));
    if (facts) {
        check_facts(facts);
        json_t *value = cert_facts_json(facts, NOW_MS);
        char *text = json_dumps(value, JSON_COMPACT);
        MUST(text);
        free(text);
        json_decref(value);
    }
    cert_facts_free(facts);
    cert_findings_clear(&found);
    sk_X509_pop_free(chain, X509_free);
    return 0;
}
