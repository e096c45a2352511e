/* SPDX-License-Identifier: ISC
 *
 * Reading a stapled OCSP answer.
 */
#include "probes/cert_staple.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "probes/cert.h"

#define SKEW_MS     INT64_C(300000) /* clocks of others */
#define MAX_ANSWERS 64

static void say(struct cert_staple *out, enum cert_staple_state state, const char *detail)
{
    out->state = state;
    str_copy(out->detail, sizeof out->detail, detail);
}

/* The caller frees it. */
static X509 *issuer_of(X509 *leaf, const STACK_OF(X509) * sent, X509_STORE *store)
{
    X509 *issuer = NULL;
    for (int i = 0; i < sk_X509_num(sent) && i < CERT_MAX_CHAIN; i++) {
        X509 *candidate = sk_X509_value(sent, i);
        if (X509_check_issued(candidate, leaf) == X509_V_OK && X509_up_ref(candidate))
            return candidate;
    }
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (!ctx || X509_STORE_CTX_init(ctx, store, leaf, NULL) != 1 ||
        X509_STORE_CTX_get1_issuer(&issuer, ctx, leaf) != 1)
        issuer = NULL;
    X509_STORE_CTX_free(ctx);
    return issuer;
}

/* The id holds hashes of the issuer, by whatever hash its maker chose. */
static bool is_about(OCSP_SINGLERESP *single, X509 *leaf, X509 *issuer)
{
    const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
    ASN1_OBJECT *hash = NULL;
    if (OCSP_id_get0_info(NULL, &hash, NULL, NULL, (OCSP_CERTID *)(uintptr_t)id) != 1)
        return false;
    const EVP_MD *md = EVP_get_digestbyobj(hash);
    OCSP_CERTID *own = md ? OCSP_cert_to_id(md, leaf, issuer) : NULL;
    bool same = own && OCSP_id_cmp(own, id) == 0;
    OCSP_CERTID_free(own);
    return same;
}

static int64_t time_of(const ASN1_GENERALIZEDTIME *time)
{
    return time ? cert_time_ms(time) : 0;
}

static void read_status(OCSP_SINGLERESP *single, int64_t now_ms, struct cert_staple *out)
{
    int reason = -1;
    ASN1_GENERALIZEDTIME *revoked = NULL, *from = NULL, *until = NULL;
    int status = OCSP_single_get0_status(single, &reason, &revoked, &from, &until);
    char date[CLOCK_TEXT_LEN];
    if (time_of(from) > now_ms + SKEW_MS) {
        out->state = CERT_STAPLE_FUTURE;
        snprintf(out->detail, sizeof out->detail, "an OCSP answer was signed on %s",
                 clock_format_utc(time_of(from), date));
    } else if (until && time_of(until) < now_ms - SKEW_MS) {
        out->state = CERT_STAPLE_BAD;
        snprintf(out->detail, sizeof out->detail, "it ended %s",
                 clock_format_utc(time_of(until), date));
    } else if (status == V_OCSP_CERTSTATUS_REVOKED) {
        out->state = CERT_STAPLE_REVOKED;
        snprintf(out->detail, sizeof out->detail, "by the stapled OCSP answer, on %s%s%s",
                 clock_format_utc(time_of(revoked), date), reason >= 0 ? ", reason: " : "",
                 reason >= 0 ? OCSP_crl_reason_str(reason) : "");
    } else if (status == V_OCSP_CERTSTATUS_GOOD) {
        say(out, CERT_STAPLE_GOOD, "");
    } else {
        say(out, CERT_STAPLE_BAD, "its maker does not know the certificate");
    }
}

static void read_answers(OCSP_BASICRESP *basic, X509 *leaf, X509 *issuer, int64_t now_ms,
                         struct cert_staple *out)
{
    int count = OCSP_resp_count(basic);
    say(out, CERT_STAPLE_BAD, "it is for another certificate");
    for (int i = 0; i < count && i < MAX_ANSWERS; i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        if (is_about(single, leaf, issuer)) {
            read_status(single, now_ms, out);
            return;
        }
    }
}

/* By the issuer itself, or by one that the issuer named for it. Whether the issuer is to be trusted
 * is judged with the chain, so here it is the root. */
static bool is_signed(OCSP_BASICRESP *basic, X509 *issuer)
{
    X509_STORE *store = X509_STORE_new();
    STACK_OF(X509) *helpers = sk_X509_new_null();
    bool ok = store && helpers && X509_STORE_add_cert(store, issuer) == 1 &&
              sk_X509_push(helpers, issuer) > 0 &&
              OCSP_basic_verify(basic, helpers, store, OCSP_PARTIAL_CHAIN) == 1;
    sk_X509_free(helpers);
    X509_STORE_free(store);
    return ok;
}

static void read_basic(OCSP_BASICRESP *basic, const STACK_OF(X509) * sent, X509_STORE *store,
                       int64_t now_ms, struct cert_staple *out)
{
    X509 *leaf = sk_X509_value(sent, 0);
    X509 *issuer = issuer_of(leaf, sent, store);
    if (!issuer)
        say(out, CERT_STAPLE_UNCHECKED, "");
    else if (!is_signed(basic, issuer))
        say(out, CERT_STAPLE_BAD, "it is not signed by the issuer");
    else
        read_answers(basic, leaf, issuer, now_ms, out);
    X509_free(issuer);
}

void cert_staple_read(const struct stack_st_X509 *sent, struct x509_store_st *store,
                      const unsigned char *der, size_t len, int64_t now_ms, struct cert_staple *out)
{
    const unsigned char *at = der;
    OCSP_RESPONSE *response = len < LONG_MAX ? d2i_OCSP_RESPONSE(NULL, &at, (long)len) : NULL;
    OCSP_BASICRESP *basic = response ? OCSP_response_get1_basic(response) : NULL;
    if (!response)
        say(out, CERT_STAPLE_BAD, "it does not decode");
    else if (!basic)
        snprintf(out->detail, sizeof out->detail, "it says: %s",
                 OCSP_response_status_str(OCSP_response_status(response))),
            out->state = CERT_STAPLE_BAD;
    else
        read_basic(basic, sent, store, now_ms, out);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
    ERR_clear_error();
}
