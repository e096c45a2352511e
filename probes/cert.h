/* SPDX-License-Identifier: ISC
 *
 * What a peer's certificate says, and all that was found about it. Owns: reading X.509 (OpenSSL).
 * Facts are reported after a failed verification too.
 */
#ifndef REACHD_PROBES_CERT_H
#define REACHD_PROBES_CERT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/cert_finding.h"

#define CERT_MAX_CHAIN 10
/* Intermediates between a certificate and its root that are followed: each costs a signature, by
 * whatever key the server likes. As many as GnuTLS; Firefox follows 6, and no public authority
 * needs more than three. */
#define CERT_MAX_ISSUERS 16

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
    struct cert_findings findings;          /* every problem and remark, gravest first */
};

struct stack_st_X509;
struct asn1_string_st;
struct x509_st;
struct X509_name_st;

/* Reads the chain as the peer sent it; NULL when there is none. The findings are copied. */
struct cert_facts *cert_facts_new(const struct stack_st_X509 *chain,
                                  const struct cert_findings *findings);
void cert_facts_free(struct cert_facts *facts); /* NULL is fine */

/* Parts of a certificate as printable, bounded text; the caller frees it. */
char *cert_name_text(const struct X509_name_st *name); /* "C=US, O=Let's Encrypt, CN=R3" */
char *cert_names_text(const struct x509_st *cert); /* DNS and IP names, "a.example, b.example" */
char *cert_key_text(const struct x509_st *cert);   /* "EC P-256" */
int64_t cert_time_ms(const struct asn1_string_st *time); /* wall clock; 0: no time */
/* When the first of the certificates that matter ends: the leaf or an intermediate. */
int64_t cert_facts_ends_ms(const struct cert_facts *facts);
json_t *cert_facts_json(const struct cert_facts *facts, int64_t now_ms);

#endif
