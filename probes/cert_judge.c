/* SPDX-License-Identifier: ISC
 *
 * Judging a chain (see cert_judge.h).
 */
#include "probes/cert_judge.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/str.h"
#include "probes/cert.h"
#include "probes/cert_error.h"

#define LABEL_LEN 160
#define WAY_MAX   (CERT_MAX_ISSUERS + 2) /* the server's certificate and a root besides */
#define URL_LEN   120
/* A clock that stands before this was never set: 2026-01-01. */
#define CLOCK_FLOOR_MS INT64_C(1767225600000)

/* The way from the server's certificate upwards, as positions in what was sent. */
struct way {
    int at[WAY_MAX];
    int count;
    bool closed; /* the last one is self-signed */
};

struct judge {
    const struct cert_case *c;
    struct way way;
    bool clock_is_wrong;
    struct cert_findings *out;
};

/* --- the way --- */

static bool names_fit(const X509 *issuer, const X509 *subject)
{
    return X509_NAME_cmp(X509_get_subject_name(issuer), X509_get_issuer_name(subject)) == 0;
}

static bool is_on_way(const struct way *way, int position)
{
    for (int i = 0; i < way->count; i++) {
        if (way->at[i] == position)
            return true;
    }
    return false;
}

static bool may_be_issuer(const STACK_OF(X509) * sent, const struct way *way, int i,
                          const X509 *subject)
{
    return !is_on_way(way, i) && names_fit(sk_X509_value(sent, i), subject);
}

/* Of several with the right name the one whose key identifier fits too. That is looked at only
 * then: it makes OpenSSL read all extensions, which a chain that is known to be good need not cost.
 */
static int find_issuer(const STACK_OF(X509) * sent, const struct way *way, X509 *subject)
{
    int named = -1, rivals = 0;
    for (int i = 0; i < sk_X509_num(sent); i++) {
        if (!may_be_issuer(sent, way, i, subject))
            continue;
        named = rivals++ == 0 ? i : named;
    }
    for (int i = named; rivals > 1 && i < sk_X509_num(sent); i++) {
        if (may_be_issuer(sent, way, i, subject) &&
            X509_check_issued(sk_X509_value(sent, i), subject) == X509_V_OK)
            return i;
    }
    return named;
}

static void find_way(const STACK_OF(X509) * sent, struct way *way)
{
    int next = 0;
    while (next >= 0 && way->count < WAY_MAX) {
        X509 *cert = sk_X509_value(sent, next);
        way->at[way->count++] = next;
        way->closed = names_fit(cert, cert);
        next = way->closed ? -1 : find_issuer(sent, way, cert);
    }
}

static X509 *way_end(const struct judge *j)
{
    return sk_X509_value(j->c->sent, j->way.at[j->way.count - 1]);
}

/* --- words --- */

/* "certificate 2 of 3, CN=R3". */
static const char *label(const struct judge *j, X509 *cert, char *text)
{
    int count = sk_X509_num(j->c->sent), position = 0;
    char *subject = cert_name_text(X509_get_subject_name(cert));
    while (position < count && X509_cmp(sk_X509_value(j->c->sent, position), cert) != 0)
        position++;
    if (position == 0)
        str_copy(text, LABEL_LEN, "the server's certificate");
    else if (position < count)
        snprintf(text, LABEL_LEN, "certificate %d of %d, %.100s", position + 1, count, subject);
    else
        snprintf(text, LABEL_LEN, "the trusted certificate %.100s", subject);
    free(subject);
    return text;
}

static const char *date_of(int64_t ms, char *text)
{
    clock_format_utc(ms, text);
    text[strcspn(text, "T")] = '\0';
    return text;
}

/* Where the issuer can be had: the caIssuers URL of the AIA extension, "" without. */
static const char *issuer_url(X509 *cert, char *url)
{
    AUTHORITY_INFO_ACCESS *list = X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
    *url = '\0';
    for (int i = 0; !*url && i < sk_ACCESS_DESCRIPTION_num(list); i++) {
        const ACCESS_DESCRIPTION *access = sk_ACCESS_DESCRIPTION_value(list, i);
        if (OBJ_obj2nid(access->method) != NID_ad_ca_issuers || access->location->type != GEN_URI)
            continue;
        const ASN1_STRING *uri = access->location->d.uniformResourceIdentifier;
        str_printable(url, URL_LEN, (const char *)ASN1_STRING_get0_data(uri),
                      (size_t)ASN1_STRING_length(uri));
    }
    AUTHORITY_INFO_ACCESS_free(list);
    return url;
}

/* --- OpenSSL's errors --- */

static void no_issuer(struct judge *j)
{
    X509 *end = way_end(j);
    char *issuer = cert_name_text(X509_get_issuer_name(end));
    char url[URL_LEN];
    bool has_url = *issuer_url(end, url) != '\0';
    if (j->way.closed)
        cert_findings_add(j->out, OUTCOME_CERT_UNKNOWN_ISSUER, "the root %.160s is not trusted",
                          issuer);
    else if (j->way.count == 1 && has_url)
        cert_findings_add(j->out, OUTCOME_CERT_INTERMEDIATE_MISSING,
                          "%.160s was not sent; it says to be at %s (not fetched)", issuer, url);
    else
        cert_findings_add(j->out, OUTCOME_CERT_UNKNOWN_ISSUER,
                          "%.160s is neither sent nor trusted%s%s", issuer,
                          has_url ? "; it says to be at " : "", url);
    free(issuer);
}

/* "www.a.example" and "*.example": why a wildcard that looks right is not. */
static bool wildcard_misses(const char *name, const char *names)
{
    for (const char *at = strstr(names, "*."); at; at = strstr(at + 1, "*.")) {
        size_t len = strcspn(at + 2, ","), name_len = strlen(name);
        if (name_len >= len && strncmp(name + name_len - len, at + 2, len) == 0)
            return true;
    }
    return false;
}

static void wrong_name(struct judge *j)
{
    char *names = cert_names_text(sk_X509_value(j->c->sent, 0));
    char *subject = cert_name_text(X509_get_subject_name(sk_X509_value(j->c->sent, 0)));
    const char *name = j->c->name ? j->c->name : "";
    char cn[300];
    snprintf(cn, sizeof cn, "CN=%s", name);
    const char *hint = wildcard_misses(name, names) ? "; a wildcard stands for exactly one label"
                       : strcmp(subject, cn) == 0   ? "; the subject's CN is no name any more"
                                                    : "";
    cert_findings_add(j->out, OUTCOME_CERT_NAME_MISMATCH, "asked for %.100s; it has %.160s%s%s",
                      name, *names ? names : "no names", strlen(names) > 160 ? "..." : "", hint);
    free(subject);
    free(names);
}

static void wrong_date(struct judge *j, X509 *cert, enum outcome outcome)
{
    char text[LABEL_LEN], date[CLOCK_TEXT_LEN];
    bool ended = outcome == OUTCOME_CERT_EXPIRED;
    int64_t at_ms = cert_time_ms(ended ? X509_get0_notAfter(cert) : X509_get0_notBefore(cert));
    if (j->clock_is_wrong)
        return; /* told as such */
    cert_findings_add(j->out, outcome, "%s %s %s", label(j, cert, text), ended ? "ended" : "begins",
                      date_of(at_ms, date));
}

static void too_weak(struct judge *j, X509 *cert, int error)
{
    char text[LABEL_LEN];
    char *key = cert_key_text(cert);
    if (error == X509_V_ERR_CA_MD_TOO_WEAK)
        cert_findings_add(j->out, OUTCOME_CERT_WEAK, "%s is signed with %s", label(j, cert, text),
                          OBJ_nid2ln(X509_get_signature_nid(cert)));
    else
        cert_findings_add(j->out, OUTCOME_CERT_WEAK, "%s has the key %s", label(j, cert, text),
                          key);
    free(key);
}

static void judge_error(struct judge *j, const struct cert_error *met)
{
    X509 *cert = met->cert ? met->cert : sk_X509_value(j->c->sent, 0);
    enum outcome outcome = cert_error_outcome(met->error);
    char text[LABEL_LEN];
    if (outcome == OUTCOME_CERT_UNKNOWN_ISSUER)
        no_issuer(j);
    else if (outcome == OUTCOME_CERT_NAME_MISMATCH)
        wrong_name(j);
    else if (outcome == OUTCOME_CERT_EXPIRED || outcome == OUTCOME_CERT_NOT_YET_VALID)
        wrong_date(j, cert, outcome);
    else if (outcome == OUTCOME_CERT_WEAK)
        too_weak(j, cert, met->error);
    else if (outcome == OUTCOME_CERT_REVOKED)
        cert_findings_add(j->out, outcome, "%s is in the list that was given",
                          label(j, cert, text));
    else
        cert_findings_add(j->out, outcome, "%s: %s", label(j, cert, text),
                          X509_verify_cert_error_string(met->error));
}

static bool has_error(const struct cert_case *c, int error, const X509 *cert)
{
    for (size_t i = 0; i < c->error_count; i++) {
        if (c->errors[i].error == error && c->errors[i].cert == cert)
            return true;
    }
    return false;
}

static bool is_too_long(const struct cert_case *c)
{
    for (size_t i = 0; i < c->error_count; i++)
        if (c->errors[i].error == X509_V_ERR_CERT_CHAIN_TOO_LONG)
            return true;
    return false;
}

static bool lacks_root(const struct cert_case *c)
{
    for (size_t i = 0; i < c->error_count; i++) {
        enum outcome outcome = cert_error_outcome(c->errors[i].error);
        if (outcome == OUTCOME_CERT_UNKNOWN_ISSUER || outcome == OUTCOME_CERT_SELF_SIGNED)
            return true;
    }
    return false;
}

/* OpenSSL calls a chain without a root "not trusted" besides, and a rejected authority one of the
 * wrong purpose; and it misses the issuer of the one at which it gave up. */
static void judge_errors(struct judge *j)
{
    bool no_root = lacks_root(j->c), gave_up = is_too_long(j->c);
    for (size_t i = 0; i < j->c->error_count; i++) {
        const struct cert_error *met = &j->c->errors[i];
        bool echo = (met->error == X509_V_ERR_CERT_UNTRUSTED && no_root) ||
                    (gave_up && cert_error_outcome(met->error) == OUTCOME_CERT_UNKNOWN_ISSUER) ||
                    (met->error == X509_V_ERR_INVALID_PURPOSE &&
                     has_error(j->c, X509_V_ERR_CERT_REJECTED, met->cert));
        if (!echo)
            judge_error(j, met);
    }
}

/* --- the clock --- */

/* Authorities date certificates back, and an intermediate is older than what it issues: two of a
 * chain from the future mean that it is we who are in the past. */
static void judge_clock(struct judge *j)
{
    char date[CLOCK_TEXT_LEN];
    int future = 0;
    bool dates = false;
    for (size_t i = 0; i < j->c->error_count; i++)
        dates |= j->c->errors[i].error == X509_V_ERR_CERT_NOT_YET_VALID;
    for (int i = 0; i < j->way.count; i++) {
        const X509 *cert = sk_X509_value(j->c->sent, j->way.at[i]);
        future += cert_time_ms(X509_get0_notBefore(cert)) > j->c->now_ms;
    }
    const char *staple = j->c->staple->state == CERT_STAPLE_FUTURE ? j->c->staple->detail : "";
    if (!*staple &&
        !(dates && (j->c->now_ms < CLOCK_FLOOR_MS || (j->way.count > 1 && future == j->way.count))))
        return;
    j->clock_is_wrong = true;
    clock_format_utc(j->c->now_ms, date);
    if (*staple)
        cert_findings_add(j->out, OUTCOME_LOCAL_CLOCK, "it says %s; %s", date, staple);
    else
        cert_findings_add(j->out, OUTCOME_LOCAL_CLOCK,
                          "it says %s; the whole chain is from later than that", date);
}

/* --- remarks --- */

static void judge_order(struct judge *j)
{
    for (int i = 1; i < j->way.count; i++) {
        if (j->way.at[i] < j->way.at[i - 1])
            cert_findings_add(j->out, OUTCOME_CERT_WRONG_ORDER,
                              "certificate %d was issued by certificate %d, which stands before it",
                              j->way.at[i - 1] + 1, j->way.at[i] + 1);
    }
}

static void judge_use(struct judge *j)
{
    int count = sk_X509_num(j->c->sent);
    char text[LABEL_LEN];
    if (j->way.closed && j->way.count > 1)
        cert_findings_add(j->out, OUTCOME_CERT_SUPERFLUOUS, "%s is the root",
                          label(j, way_end(j), text));
    for (int i = 1; i < count && i < WAY_MAX; i++) {
        X509 *cert = sk_X509_value(j->c->sent, i);
        bool ended = cert_time_ms(X509_get0_notAfter(cert)) < j->c->now_ms;
        if (!is_on_way(&j->way, i))
            cert_findings_add(j->out, OUTCOME_CERT_SUPERFLUOUS, "%s%s", label(j, cert, text),
                              ended ? ", expired" : "");
    }
    if (count > WAY_MAX)
        cert_findings_add(j->out, OUTCOME_CERT_SUPERFLUOUS, "%d certificates in all", count);
}

static void judge_end(struct judge *j)
{
    char text[LABEL_LEN], date[CLOCK_TEXT_LEN];
    for (int i = 0; i < j->way.count; i++) {
        X509 *cert = sk_X509_value(j->c->sent, j->way.at[i]);
        int64_t end_ms = cert_time_ms(X509_get0_notAfter(cert));
        if (j->way.closed && i > 0 && i == j->way.count - 1)
            continue; /* a root that was sent: nobody looks at it */
        if (j->out->ends_ms == 0 || end_ms < j->out->ends_ms)
            j->out->ends_ms = end_ms;
        if (!j->clock_is_wrong && end_ms >= j->c->now_ms && end_ms - j->c->now_ms < j->c->soon_ms)
            cert_findings_add(j->out, OUTCOME_CERT_ENDS_SOON, "%s ends %s", label(j, cert, text),
                              date_of(end_ms, date));
    }
}

/* RFC 7633: the feature is the number of the status_request extension. */
static bool must_staple(X509 *leaf)
{
    bool found = false;
    if (X509_get_ext_by_NID(leaf, NID_tlsfeature, -1) < 0)
        return false;
    TLS_FEATURE *list = X509_get_ext_d2i(leaf, NID_tlsfeature, NULL, NULL);
    for (int i = 0; i < sk_ASN1_INTEGER_num(list); i++)
        found |= ASN1_INTEGER_get(sk_ASN1_INTEGER_value(list, i)) == 5;
    TLS_FEATURE_free(list);
    return found;
}

static void judge_staple(struct judge *j)
{
    const struct cert_staple *staple = j->c->staple;
    bool none = staple->state == CERT_STAPLE_NONE, bad = staple->state == CERT_STAPLE_BAD;
    if (staple->state == CERT_STAPLE_REVOKED)
        cert_findings_add(j->out, OUTCOME_CERT_REVOKED, "%s", staple->detail);
    if (bad)
        cert_findings_add(j->out, OUTCOME_CERT_STAPLE_BAD, "%s", staple->detail);
    if ((none || bad) && must_staple(sk_X509_value(j->c->sent, 0)))
        cert_findings_add(j->out, OUTCOME_CERT_STAPLE_MISSING, "%s",
                          none ? "none was sent" : staple->detail);
}

void cert_judge(const struct cert_case *judged, struct cert_findings *out)
{
    struct judge j = {.c = judged, .out = out};
    if (sk_X509_num(judged->sent) <= 0)
        return;
    find_way(judged->sent, &j.way);
    judge_clock(&j);
    judge_errors(&j);
    judge_order(&j);
    judge_use(&j);
    judge_end(&j);
    judge_staple(&j);
    ERR_clear_error(); /* an odd certificate leaves its complaints in the queue */
}
