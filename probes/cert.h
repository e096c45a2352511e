/* SPDX-License-Identifier: ISC
 *
 * What a peer's certificate says, and all that is wrong with it. Owns: reading X.509 (OpenSSL), the
 * translation of X509_V_ERR_* to outcomes. Facts are reported after a failed verification too.
 */
#ifndef REACHD_PROBES_CERT_H
#define REACHD_PROBES_CERT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"

#define CERT_MAX_PROBLEMS 8
#define CERT_MAX_CHAIN    10

struct cert_link { /* one certificate of the chain as sent; printable text */
    char *subject;
    char *issuer;
    int64_t not_before_ms; /* wall clock */
    int64_t not_after_ms;
};

struct cert_facts {
    char *names; /* DNS and IP subject alternative names, "a.example, b.example", cut at 2 KiB */
    char *key;   /* "EC P-256", "RSA 2048" */
    char fingerprint[65]; /* SHA-256 of the leaf, hex */
    size_t chain_count;
    struct cert_link chain[CERT_MAX_CHAIN]; /* [0] is the leaf */
    bool chain_cut;                         /* the peer sent more */
    size_t problem_count;                   /* every verification problem, gravest first */
    enum outcome problems[CERT_MAX_PROBLEMS];
};

struct stack_st_X509;
struct asn1_string_st;

/* Reads the chain as the peer sent it; NULL when there is none. `errors` are the X509_V_ERR_* that
 * verification met. */
struct cert_facts *cert_facts_new(const struct stack_st_X509 *chain, const int *errors,
                                  size_t error_count);
void cert_facts_free(struct cert_facts *facts); /* NULL is fine */
enum outcome cert_outcome(int x509_error);      /* of one X509_V_ERR_*; X509_V_OK is OK */
/* The outcome that stands for several: revoked, invalid, untrusted, for another name, wrong
 * purpose, dates, weak; in this order. OK when there is none. */
enum outcome cert_gravest(const int *errors, size_t count);
int64_t cert_time_ms(const struct asn1_string_st *time); /* wall clock; 0: no time */
json_t *cert_facts_json(const struct cert_facts *facts, int64_t now_ms);

#endif
