/* SPDX-License-Identifier: ISC
 *
 * Rounds made up for the tests of what is printed: addresses with outcomes, a certificate, times.
 */
#ifndef REACHD_TESTS_MAKE_ROUND_H
#define REACHD_TESTS_MAKE_ROUND_H

#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "probes/kinds/http.h"
#include "probes/round.h"

#define MADE_NOW_MS INT64_C(1767225600000) /* 2026-01-01T00:00:00Z */
#define MADE_DAY_MS INT64_C(86400000)

struct made {
    struct round_spec spec;
    struct round_result result;
    struct probe_result addresses[FAMILY_COUNT][4];
};

static inline void made_init(struct made *made, const char *host, uint16_t port)
{
    *made = (struct made){.spec.kind = PROBE_TLS, .result.took_us = 21000};
    str_copy(made->spec.target.host, sizeof made->spec.target.host, host);
    made->spec.target.port = port;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct round_family *family = &made->result.families[f];
        made->spec.families[f] = family->asked = true;
        family->dns_us = 1200;
        family->ttl = 60;
        family->results = made->addresses[f];
    }
}

/* DNS has no address. */
static inline void made_fail(struct made *made, enum family f, enum outcome dns)
{
    made->result.families[f].dns = dns;
}

static inline struct probe_result *made_add(struct made *made, const char *address,
                                            enum outcome outcome, const char *detail)
{
    struct addr addr = {0};
    if (!addr_parse(address, &addr))
        return NULL;
    struct round_family *family = &made->result.families[addr_family(&addr)];
    struct probe_result *result = &family->results[family->count++];
    result->kind = made->spec.kind;
    result->addr = addr;
    result->port = made->spec.target.port;
    result->outcome = outcome;
    str_copy(result->detail, sizeof result->detail, detail);
    result->tcp_us = outcome_info(outcome)->layer > LAYER_TCP || outcome == OUTCOME_OK ? 400 : -1;
    result->tls_us = outcome_info(outcome)->layer > LAYER_TLS || outcome == OUTCOME_OK ? 7800 : -1;
    result->took_us = 8300;
    addr_parse(addr_family(&addr) == FAMILY_IPV4 ? "192.0.2.99" : "2001:db8:99::1",
               &result->source);
    return result;
}

/* `days` left. */
static inline void made_cert(struct probe_result *result, int64_t days)
{
    struct cert_facts *cert = mem_zalloc(sizeof *cert);
    cert->names = mem_strdup("www.home.example, home.example");
    cert->key = mem_strdup("EC P-256");
    memset(cert->fingerprint, 'a', 64);
    cert->chain_count = 1;
    cert->chain[0].subject = mem_strdup("CN=www.home.example");
    cert->chain[0].issuer = mem_strdup("CN=Lab Root");
    cert->chain[0].not_before_ms = MADE_NOW_MS - MADE_DAY_MS;
    cert->chain[0].not_after_ms = MADE_NOW_MS + days * MADE_DAY_MS + 1000;
    result->cert = cert;
}

static inline void made_clear(struct made *made)
{
    for (int f = 0; f < FAMILY_COUNT; f++)
        for (size_t i = 0; i < made->result.families[f].count; i++)
            probe_result_clear(&made->addresses[f][i]);
}

#endif
