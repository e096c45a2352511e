/* SPDX-License-Identifier: ISC
 *
 * What the certificates of the two families show together. Pure.
 */
#include <string.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "probes/round.h"

static bool is_same_chain(const struct cert_facts *a, const struct cert_facts *b)
{
    bool same = strcmp(a->fingerprint, b->fingerprint) == 0 && a->chain_count == b->chain_count;
    for (size_t i = 1; same && i < a->chain_count; i++)
        same = strcmp(a->chain[i].subject, b->chain[i].subject) == 0 &&
               strcmp(a->chain[i].issuer, b->chain[i].issuer) == 0 &&
               a->chain[i].not_after_ms == b->chain[i].not_after_ms;
    return same;
}

/* One of a family that no address of the other one serves; NULL when there is none. */
static const struct cert_facts *only_here(const struct round_family *here,
                                          const struct round_family *there)
{
    for (size_t i = 0; i < here->count; i++) {
        const struct cert_facts *cert = here->results[i].cert;
        bool found = !cert || cert->chain_count == 0, any = false;
        for (size_t k = 0; !found && k < there->count; k++) {
            const struct cert_facts *other = there->results[k].cert;
            any |= other != NULL;
            found = other && is_same_chain(cert, other);
        }
        if (!found && any)
            return cert;
    }
    return NULL;
}

static void describe(const struct round_family *family, enum family f,
                     const struct cert_facts *cert, char *text, size_t cap)
{
    char end[CLOCK_TEXT_LEN];
    for (size_t i = 0; !cert && i < family->count; i++)
        cert = family->results[i].cert;
    clock_format_utc(cert->chain[0].not_after_ms, end);
    str_append(text, cap, "%s%s: %.60s by %.60s, until %.10s, SHA-256 %.8s…, %zu sent",
               *text ? "; " : "", family_text(f), cert->chain[0].subject, cert->chain[0].issuer,
               end, cert->fingerprint, cert->chain_count);
}

static bool all_have_certs(const struct round_family *family)
{
    for (size_t i = 0; i < family->count; i++) {
        const struct cert_facts *cert = family->results[i].cert;
        if (!cert || cert->chain_count == 0)
            return false;
    }
    return family->count > 0;
}

bool round_compares_certs(const struct round_result *result)
{
    return all_have_certs(&result->families[FAMILY_IPV4]) &&
           all_have_certs(&result->families[FAMILY_IPV6]);
}

enum outcome round_remark(const struct round_result *result, char *detail, size_t cap)
{
    const struct round_family *v4 = &result->families[FAMILY_IPV4];
    const struct round_family *v6 = &result->families[FAMILY_IPV6];
    const struct cert_facts *only4 = only_here(v4, v6), *only6 = only_here(v6, v4);
    *detail = '\0';
    if (!only4 && !only6)
        return OUTCOME_OK;
    describe(v4, FAMILY_IPV4, only4, detail, cap);
    describe(v6, FAMILY_IPV6, only6, detail, cap);
    return OUTCOME_CERT_FAMILIES_DIFFER;
}
