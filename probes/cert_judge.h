/* SPDX-License-Identifier: ISC
 *
 * All that is wrong with a chain, and what is odd about it: OpenSSL's errors made into findings
 * with evidence, and what OpenSSL does not tell. Pure; works on decoded certificates.
 */
#ifndef REACHD_PROBES_CERT_JUDGE_H
#define REACHD_PROBES_CERT_JUDGE_H

#include <stdint.h>

#include "probes/cert_finding.h"
#include "probes/cert_staple.h"

struct stack_st_X509;
struct x509_st;

struct cert_error { /* as verification met it */
    int error;      /* X509_V_ERR_* */
    struct x509_st *cert;
};

struct cert_case {
    const struct stack_st_X509 *sent; /* by the server, its own first */
    const struct cert_error *errors;
    size_t error_count;
    const char *name; /* asked for: a host name or an address; NULL for none */
    const struct cert_staple *staple;
    int64_t now_ms;  /* wall clock */
    int64_t soon_ms; /* a certificate that ends sooner gets a remark; 0: none does */
};

/* Fills `out`, which is empty; the caller clears it. */
void cert_judge(const struct cert_case *judged, struct cert_findings *out);

#endif
