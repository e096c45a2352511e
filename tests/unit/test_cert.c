/* SPDX-License-Identifier: ISC
 *
 * Verification errors as words, the list of findings, and what is told of a chain beyond OpenSSL's
 * errors. Whole handshakes are in test_tls.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ocsp.h>

#include "lib/clock.h"
#include "probes/cert.h"
#include "probes/cert_error.h"
#include "probes/cert_judge.h"

#include "make_cert.h"

#define DAY_MS    INT64_C(86400000)
#define CODES_MAX 200

static struct made_cert root, middle, other_middle, leaf, stapled, soon, next_root, next_middle,
    next_leaf, soon_middle, lasting, self, rekeyed;

/* --- words ------------------------------------------------------------------------------------ */

static bool is_unknown_to_openssl(int code)
{
    return strncmp(X509_verify_cert_error_string(code), "unknown certificate verif", 25) == 0;
}

/* A code that OpenSSL has a sentence for has a word of its own here, whatever version runs. */
static void every_error_of_openssl_has_its_word(void **state)
{
    int known = 0;
    (void)state;
    for (int code = 1; code < CODES_MAX; code++) {
        enum outcome outcome = cert_error_outcome(code);
        bool vague = code == X509_V_ERR_UNSPECIFIED || code == X509_V_ERR_APPLICATION_VERIFICATION;
        assert_int_not_equal(outcome, OUTCOME_OK);
        if (is_unknown_to_openssl(code)) {
            assert_int_equal(outcome, OUTCOME_CERT_INVALID);
            continue;
        }
        known++;
        if ((outcome == OUTCOME_CERT_INVALID) != vague)
            fail_msg("%d, %s: %s", code, X509_verify_cert_error_string(code),
                     outcome_word(outcome));
    }
    assert_true(known >= 90);
    assert_int_equal(cert_error_outcome(X509_V_OK), OUTCOME_OK);
    assert_int_equal(cert_error_outcome(-1), OUTCOME_CERT_INVALID);
    assert_int_equal(cert_error_outcome(INT32_MAX), OUTCOME_CERT_INVALID);
}

/* --- the list --------------------------------------------------------------------------------- */

static void findings_are_in_order_and_once(void **state)
{
    struct cert_findings found = {0}, copy;
    (void)state;
    assert_int_equal(cert_findings_outcome(&found), OUTCOME_OK);
    cert_findings_add(&found, OUTCOME_CERT_ENDS_SOON, "a");
    assert_int_equal(cert_findings_outcome(&found), OUTCOME_OK);
    cert_findings_add(&found, OUTCOME_LOCAL_CLOCK, "b");
    assert_int_equal(cert_findings_outcome(&found), OUTCOME_LOCAL_CLOCK);
    cert_findings_add(&found, OUTCOME_CERT_EXPIRED, "c\x1b");
    cert_findings_add(&found, OUTCOME_CERT_NAME_MISMATCH, "d");
    cert_findings_add(&found, OUTCOME_CERT_EXPIRED, "e");
    cert_findings_add(&found, OUTCOME_CERT_EXPIRED, "e");
    static const enum outcome want[] = {OUTCOME_CERT_NAME_MISMATCH, OUTCOME_CERT_EXPIRED,
                                        OUTCOME_LOCAL_CLOCK, OUTCOME_CERT_ENDS_SOON};
    assert_int_equal(found.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(found.list[i].outcome, want[i]);
    assert_string_equal(found.list[1].detail, "c?; e");
    cert_findings_copy(&copy, &found);
    json_t *problems = cert_findings_json(&copy, false), *remarks = cert_findings_json(&copy, true);
    assert_int_equal(json_array_size(problems), 3);
    assert_int_equal(json_array_size(remarks), 1);
    json_decref(problems);
    json_decref(remarks);
    cert_findings_clear(&copy);
    cert_findings_clear(&found);
}

static void a_full_list_keeps_the_gravest(void **state)
{
    struct cert_findings found = {0};
    (void)state;
    for (int i = OUTCOME_COUNT - 1; i > 0; i--)
        cert_findings_add(&found, (enum outcome)i, "%d", i);
    assert_int_equal(found.count, CERT_MAX_FINDINGS);
    assert_int_equal(found.list[0].outcome, 1);
    cert_findings_clear(&found);
}

/* --- judging ---------------------------------------------------------------------------------- */

struct judged {
    STACK_OF(X509) * sent;
    struct cert_findings found;
};

static void judge_within(struct judged *judged, const struct made_cert *const *certs,
                         const struct cert_error *errors, size_t error_count,
                         const struct cert_staple *staple, int64_t now_ms, int64_t soon_ms)
{
    const struct cert_staple none = {.state = CERT_STAPLE_NONE};
    *judged = (struct judged){.sent = sk_X509_new_null()};
    for (; *certs; certs++)
        sk_X509_push(judged->sent, (*certs)->cert);
    struct cert_case c = {.sent = judged->sent,
                          .errors = errors,
                          .error_count = error_count,
                          .name = "x.a.test",
                          .staple = staple ? staple : &none,
                          .now_ms = now_ms,
                          .soon_ms = soon_ms};
    cert_judge(&c, &judged->found);
}

static void judge(struct judged *judged, const struct made_cert *const *certs,
                  const struct cert_error *errors, size_t error_count,
                  const struct cert_staple *staple, int64_t now_ms)
{
    judge_within(judged, certs, errors, error_count, staple, now_ms, 14 * DAY_MS);
}

static void end(struct judged *judged)
{
    sk_X509_free(judged->sent);
    cert_findings_clear(&judged->found);
}

static void expect(const struct judged *judged, enum outcome outcome, const char *detail)
{
    for (size_t i = 0; i < judged->found.count; i++) {
        if (judged->found.list[i].outcome != outcome)
            continue;
        if (!strstr(judged->found.list[i].detail, detail))
            fail_msg("%s: %s", outcome_word(outcome), judged->found.list[i].detail);
        return;
    }
    fail_msg("no %s", outcome_word(outcome));
}

static void remarks_on_what_was_sent(void **state)
{
    static const struct {
        const struct made_cert *certs[6];
        size_t count;
        enum outcome outcome;
        const char *detail;
    } rows[] = {
        {{&leaf, &middle}, 0, OUTCOME_OK, ""},
        {{&leaf}, 0, OUTCOME_OK, ""},
        {{&leaf, &middle, &root},
         1,
         OUTCOME_CERT_SUPERFLUOUS,
         "certificate 3 of 3, CN=Root is the"},
        {{&leaf, &middle, &middle}, 1, OUTCOME_CERT_SUPERFLUOUS, "certificate 2 of 3, CN=Middle"},
        {{&leaf, &rekeyed, &middle}, 1, OUTCOME_CERT_SUPERFLUOUS, "certificate 2 of 3, CN=Middle"},
        {{&leaf, &other_middle, &middle}, 1, OUTCOME_CERT_SUPERFLUOUS, "certificate 2 of 3"},
        {{&leaf, &root, &middle}, 2, OUTCOME_CERT_WRONG_ORDER, "certificate 3 was issued by cert"},
        {{&soon, &middle}, 1, OUTCOME_CERT_ENDS_SOON, "the server's certificate ends "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct judged judged;
        judge(&judged, rows[i].certs, NULL, 0, NULL, clock_wall_ms());
        assert_int_equal(judged.found.count, rows[i].count);
        assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_OK);
        if (rows[i].count > 0)
            expect(&judged, rows[i].outcome, rows[i].detail);
        end(&judged);
    }
}

static void an_intermediate_that_ends_soon_is_told(void **state)
{
    const struct made_cert *const certs[] = {&leaf, &middle, NULL};
    struct judged judged;
    (void)state;
    judge(&judged, certs, NULL, 0, NULL, clock_wall_ms() + 85 * DAY_MS);
    expect(&judged, OUTCOME_CERT_ENDS_SOON, "certificate 2 of 2, CN=Middle ends ");
    end(&judged);
}

/* 0 days: never; else up to the number, of the leaf (60 days left) and of the intermediate. */
static void what_is_soon_can_be_said(void **state)
{
    const struct made_cert *const certs[] = {&leaf, &middle, NULL};
    static const struct {
        int64_t days;
        const char *found;
    } rows[] = {
        {0, NULL},
        {59, NULL},
        {61, "the server's certificate ends "},
        {3650, "CN=Middle ends "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct judged judged;
        judge_within(&judged, certs, NULL, 0, NULL, clock_wall_ms(), rows[i].days * DAY_MS);
        assert_int_equal(judged.found.count, rows[i].found != NULL);
        if (rows[i].found) {
            assert_int_equal(judged.found.list[0].outcome, OUTCOME_CERT_ENDS_SOON);
            assert_non_null(strstr(judged.found.list[0].detail, rows[i].found));
        }
        end(&judged);
    }
}

/* The leaf, or an intermediate on its way; not one that is of no use, and not the root. */
static void the_first_end_counts(void **state)
{
    static const struct {
        const struct made_cert *certs[5];
        int days;
    } rows[] = {
        {{&leaf, &middle}, 60},
        {{&leaf, &soon_middle}, 60},
        {{&lasting, &soon_middle}, 20},
        {{&lasting, &soon_middle, &soon}, 20},
        {{&self}, 300},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct judged judged;
        int64_t now_ms = clock_wall_ms();
        judge(&judged, rows[i].certs, NULL, 0, NULL, now_ms);
        struct cert_facts *facts = cert_facts_new(judged.sent, &judged.found);
        int64_t off_ms = cert_facts_ends_ms(facts) - (now_ms + rows[i].days * DAY_MS);
        assert_true(llabs(off_ms) < DAY_MS);
        cert_facts_free(facts);
        end(&judged);
    }
}

static void evidence_stands_beside_the_word(void **state)
{
    const struct made_cert *const certs[] = {&leaf, &middle, NULL};
    const struct cert_error errors[] = {
        {X509_V_ERR_HOSTNAME_MISMATCH, NULL},
        {X509_V_ERR_CERT_HAS_EXPIRED, leaf.cert},
        {X509_V_ERR_CERT_HAS_EXPIRED, middle.cert},
        {X509_V_ERR_CA_MD_TOO_WEAK, middle.cert},
        {X509_V_ERR_EE_KEY_TOO_SMALL, leaf.cert},
        {X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION, leaf.cert},
    };
    struct judged judged;
    (void)state;
    judge(&judged, certs, errors, 6, NULL, clock_wall_ms());
    assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_CERT_MALFORMED);
    expect(&judged, OUTCOME_CERT_NAME_MISMATCH, "asked for x.a.test; it has *.w.a.test, a.test");
    expect(&judged, OUTCOME_CERT_EXPIRED, "the server's certificate ended ");
    expect(&judged, OUTCOME_CERT_EXPIRED, "; certificate 2 of 2, CN=Middle ended ");
    expect(&judged, OUTCOME_CERT_WEAK, "CN=Middle is signed with ecdsa-with-SHA256");
    expect(&judged, OUTCOME_CERT_WEAK, "the server's certificate has the key EC P-256");
    expect(&judged, OUTCOME_CERT_MALFORMED, "unhandled critical extension");
    end(&judged);
}

/* A chain from the future as a whole: the clock is wrong, and that is all. A leaf alone is not. */
static void a_wrong_clock_is_not_the_servers_fault(void **state)
{
    const struct made_cert *const whole[] = {&next_leaf, &next_middle, NULL};
    const struct made_cert *const alone[] = {&next_leaf, &middle, NULL};
    const struct cert_error errors[] = {{X509_V_ERR_CERT_NOT_YET_VALID, next_leaf.cert}};
    struct judged judged;
    (void)state;
    judge(&judged, whole, errors, 1, NULL, clock_wall_ms());
    assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_LOCAL_CLOCK);
    assert_int_equal(judged.found.count, 1);
    end(&judged);
    judge(&judged, alone, errors, 1, NULL, clock_wall_ms());
    assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_CERT_NOT_YET_VALID);
    end(&judged);
    judge(&judged, alone, errors, 1, NULL, 0); /* 1970 */
    assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_LOCAL_CLOCK);
    end(&judged);
}

/* --- stapled answers -------------------------------------------------------------------------- */

static void read_staple(const struct made_cert *about, const struct made_cert *issuer,
                        const struct made_cert *signer, int status, int from_days, int to_days,
                        const EVP_MD *id_hash, struct cert_staple *out)
{
    const struct made_cert *chain[] = {&stapled, &middle};
    OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
    OCSP_CERTID *id = OCSP_cert_to_id(id_hash, about->cert, issuer->cert);
    ASN1_TIME *from = X509_time_adj_ex(NULL, from_days, 0, NULL);
    ASN1_TIME *to = X509_time_adj_ex(NULL, to_days, 0, NULL);
    ASN1_TIME *when = X509_time_adj_ex(NULL, -5, 0, NULL);
    STACK_OF(X509) *sent = sk_X509_new_null();
    X509_STORE *store = X509_STORE_new();
    unsigned char *der = NULL;
    assert_non_null(OCSP_basic_add1_status(basic, id, status, OCSP_REVOKED_STATUS_KEYCOMPROMISE,
                                           when, from, to));
    assert_int_equal(OCSP_basic_sign(basic, signer->cert, signer->key, EVP_sha256(), NULL, 0), 1);
    OCSP_RESPONSE *response = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
    int len = i2d_OCSP_RESPONSE(response, &der);
    assert_true(len > 0);
    for (size_t i = 0; i < 2; i++)
        sk_X509_push(sent, chain[i]->cert);
    cert_staple_read(sent, store, der, (size_t)len, clock_wall_ms(), out);
    OPENSSL_free(der);
    X509_STORE_free(store);
    sk_X509_free(sent);
    OCSP_RESPONSE_free(response);
    OCSP_BASICRESP_free(basic);
    OCSP_CERTID_free(id);
    ASN1_TIME_free(from);
    ASN1_TIME_free(to);
    ASN1_TIME_free(when);
}

static void stapled_answers_are_read(void **state)
{
    const struct {
        const struct made_cert *about, *issuer, *signer;
        int status, from, to;
        enum cert_staple_state want;
        const char *detail;
    } rows[] = {
        {&stapled, &middle, &middle, V_OCSP_CERTSTATUS_GOOD, -1, 3, CERT_STAPLE_GOOD, ""},
        {&stapled, &middle, &middle, V_OCSP_CERTSTATUS_REVOKED, -1, 3, CERT_STAPLE_REVOKED,
         "reason: keyCompromise"},
        {&stapled, &middle, &middle, V_OCSP_CERTSTATUS_UNKNOWN, -1, 3, CERT_STAPLE_BAD,
         "does not know"},
        {&stapled, &middle, &middle, V_OCSP_CERTSTATUS_GOOD, -9, -2, CERT_STAPLE_BAD, "it ended "},
        {&stapled, &middle, &middle, V_OCSP_CERTSTATUS_GOOD, 2, 9, CERT_STAPLE_FUTURE, "signed on"},
        {&leaf, &middle, &middle, V_OCSP_CERTSTATUS_REVOKED, -1, 3, CERT_STAPLE_BAD,
         "another certificate"},
        {&stapled, &middle, &other_middle, V_OCSP_CERTSTATUS_REVOKED, -1, 3, CERT_STAPLE_BAD,
         "not signed by the issuer"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        for (int sha256 = 0; sha256 < 2; sha256++) {
            struct cert_staple staple = {0};
            read_staple(rows[i].about, rows[i].issuer, rows[i].signer, rows[i].status, rows[i].from,
                        rows[i].to, sha256 ? EVP_sha256() : EVP_sha1(), &staple);
            if (staple.state != rows[i].want || !strstr(staple.detail, rows[i].detail))
                fail_msg("row %zu: %d, %s", i, staple.state, staple.detail);
        }
    }
}

static void a_staple_counts_in_the_verdict(void **state)
{
    static const struct {
        struct cert_staple staple;
        enum outcome outcome;
    } rows[] = {
        {{.state = CERT_STAPLE_NONE}, OUTCOME_CERT_STAPLE_MISSING},
        {{.state = CERT_STAPLE_GOOD}, OUTCOME_OK},
        {{.state = CERT_STAPLE_REVOKED, .detail = "then"}, OUTCOME_CERT_REVOKED},
        {{.state = CERT_STAPLE_BAD, .detail = "so"}, OUTCOME_CERT_STAPLE_MISSING},
        {{.state = CERT_STAPLE_FUTURE, .detail = "late"}, OUTCOME_LOCAL_CLOCK},
        {{.state = CERT_STAPLE_UNCHECKED}, OUTCOME_OK},
    };
    const struct made_cert *const must[] = {&stapled, &middle, NULL};
    const struct made_cert *const may[] = {&leaf, &middle, NULL};
    struct judged judged;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        judge(&judged, must, NULL, 0, &rows[i].staple, clock_wall_ms());
        assert_int_equal(cert_findings_outcome(&judged.found), rows[i].outcome);
        end(&judged);
    }
    judge(&judged, may, NULL, 0, &rows[3].staple, clock_wall_ms());
    assert_int_equal(cert_findings_outcome(&judged.found), OUTCOME_OK);
    expect(&judged, OUTCOME_CERT_STAPLE_BAD, "so");
    end(&judged);
}

static void garbage_is_no_staple(void **state)
{
    struct cert_staple staple = {0};
    STACK_OF(X509) *sent = sk_X509_new_null();
    X509_STORE *store = X509_STORE_new();
    (void)state;
    sk_X509_push(sent, leaf.cert);
    cert_staple_read(sent, store, (const unsigned char *)"garbage", 7, clock_wall_ms(), &staple);
    assert_int_equal(staple.state, CERT_STAPLE_BAD);
    /* tryLater */
    cert_staple_read(sent, store, (const unsigned char *)"\x30\x03\x0a\x01\x03", 5, clock_wall_ms(),
                     &staple);
    assert_int_equal(staple.state, CERT_STAPLE_BAD);
    assert_string_equal(staple.detail, "it says: trylater");
    X509_STORE_free(store);
    sk_X509_free(sent);
}

static int set_up(void **state)
{
    (void)state;
    root = make_cert("Root", NULL, NULL, true, -900, 900);
    middle = make_cert("Middle", NULL, &root, true, -90, 90);
    other_middle = make_cert("Other Middle", NULL, &root, true, -90, 90);
    extend_cert(&middle, &root, NID_subject_key_identifier, "hash");
    leaf = make_cert("leaf", "DNS:*.w.a.test,DNS:a.test", &middle, false, -30, 60);
    extend_cert(&leaf, &middle, NID_authority_key_identifier, "keyid:always");
    soon = make_cert("soon", "DNS:a.test", &middle, false, -30, 5);
    stapled = make_cert("stapled", "DNS:a.test", &middle, false, -30, 60);
    extend_cert(&stapled, &middle, NID_tlsfeature, "status_request");
    rekeyed = make_cert("Middle", NULL, &root, true, -90, 90); /* the same name, another key */
    extend_cert(&rekeyed, &root, NID_subject_key_identifier, "hash");
    soon_middle = make_cert("Soon Middle", NULL, &root, true, -90, 20);
    lasting = make_cert("lasting", "DNS:a.test", &soon_middle, false, -30, 300);
    self = make_cert("alone", "DNS:a.test", NULL, false, -30, 300);
    next_root = make_cert("Next Root", NULL, NULL, true, 30, 900);
    next_middle = make_cert("Next Middle", NULL, &next_root, true, 40, 900);
    next_leaf = make_cert("next leaf", "DNS:a.test", &next_middle, false, 50, 600);
    return 0;
}

static int tear_down(void **state)
{
    struct made_cert *all[] = {&root,    &middle,    &other_middle, &leaf,      &soon,
                               &stapled, &next_root, &next_middle,  &next_leaf, &soon_middle,
                               &lasting, &self,      &rekeyed};
    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
        made_cert_free(all[i]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_of_openssl_has_its_word),
        cmocka_unit_test(findings_are_in_order_and_once),
        cmocka_unit_test(a_full_list_keeps_the_gravest),
        cmocka_unit_test(remarks_on_what_was_sent),
        cmocka_unit_test(an_intermediate_that_ends_soon_is_told),
        cmocka_unit_test(what_is_soon_can_be_said),
        cmocka_unit_test(the_first_end_counts),
        cmocka_unit_test(evidence_stands_beside_the_word),
        cmocka_unit_test(a_wrong_clock_is_not_the_servers_fault),
        cmocka_unit_test(stapled_answers_are_read),
        cmocka_unit_test(a_staple_counts_in_the_verdict),
        cmocka_unit_test(garbage_is_no_staple),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
