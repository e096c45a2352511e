/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "probes/chain.h"

#include "make_cert.h"

#define DAY_MS INT64_C(86400000)

/* --- the memory ------------------------------------------------------------------------------- */

static const struct verified_dates dates = {.from_ms = 1000, .until_ms = 2000};

/* Keys of one set differ in the bytes that do not choose it. */
static struct verified_key key_of(unsigned char set, unsigned char rest)
{
    struct verified_key key = {.digest = {[0] = set, [31] = rest}};
    return key;
}

static bool holds(const struct verified *verified, struct verified_key key, int64_t boot_ms,
                  int64_t wall_ms)
{
    struct verified_now now = {.boot_ms = boot_ms, .wall_ms = wall_ms};
    return verified_holds(verified, &key, &now);
}

static void note(struct verified *verified, struct verified_key key, int64_t boot_ms)
{
    struct verified_now now = {.boot_ms = boot_ms, .wall_ms = 1500};
    verified_note(verified, &key, &dates, &now);
}

static void a_verdict_ends(void **state)
{
    struct verified *verified = verified_new();
    struct verified_key key = key_of(1, 1), zero = {.digest = {0}};
    (void)state;
    assert_false(holds(verified, key, 10, 1500));
    assert_false(holds(verified, zero, 10, 1500)); /* a free place is no memory of anything */
    note(verified, key, 10);
    assert_true(holds(verified, key, 10, 1500));
    assert_false(holds(verified, key_of(1, 2), 10, 1500));
    assert_false(holds(verified, key_of(2, 1), 10, 1500));
    /* by the certificates' dates, also when the clock is set back */
    assert_true(holds(verified, key, 10, 1000));
    assert_true(holds(verified, key, 10, 2000));
    assert_false(holds(verified, key, 10, 999));
    assert_false(holds(verified, key, 10, 2001));
    /* by its age */
    assert_true(holds(verified, key, 10 + VERIFIED_MAX_AGE_MS - 1, 1500));
    assert_false(holds(verified, key, 10 + VERIFIED_MAX_AGE_MS, 1500));
    note(verified, key, 20);
    assert_true(holds(verified, key, 10 + VERIFIED_MAX_AGE_MS, 1500));
    verified_free(verified);
    verified_free(NULL);
}

static void the_memory_is_bounded(void **state)
{
    struct verified *verified = verified_new();
    (void)state;
    for (unsigned char i = 0; i < VERIFIED_WAYS; i++)
        note(verified, key_of(1, i), 10 + i);
    note(verified, key_of(1, 0), 50); /* renewed where it stands */
    note(verified, key_of(2, 0), 1);
    note(verified, key_of(1, 100), 60);
    assert_true(holds(verified, key_of(1, 0), 60, 1500));
    assert_false(holds(verified, key_of(1, 1), 60, 1500)); /* the one that would have ended first */
    for (unsigned char i = 2; i < VERIFIED_WAYS; i++)
        assert_true(holds(verified, key_of(1, i), 60, 1500));
    assert_true(holds(verified, key_of(1, 100), 60, 1500));
    assert_true(holds(verified, key_of(2, 0), 60, 1500));
    verified_free(verified);
}

/* --- chains ----------------------------------------------------------------------------------- */

static struct made_cert root, other_root, middle, middle_again, leaf, leaf_again;
static int64_t today_ms;

/* How a chain is looked at. */
struct look {
    const struct made_cert *leaf, *middle, *root;
    const char *host, *ip;
    unsigned long flags;
    bool lenient; /* problems are counted and let pass */
    int64_t after_ms;
};

static const struct look plain = {
    .leaf = &leaf, .middle = &middle, .root = &root, .host = "a.test"};

struct counts {
    size_t calls; /* 0: nothing was verified, the verdict was remembered */
    size_t problems;
    bool lenient;
};

static int on_verify(int ok, X509_STORE_CTX *ctx)
{
    struct counts *counts = X509_STORE_CTX_get_app_data(ctx);
    counts->calls++;
    counts->problems += !ok;
    return ok || counts->lenient;
}

static void set_conditions(X509_STORE_CTX *ctx, const struct look *look)
{
    X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
    X509_VERIFY_PARAM_set_flags(param, look->flags);
    if (look->host)
        assert_int_equal(X509_VERIFY_PARAM_set1_host(param, look->host, 0), 1);
    if (look->ip)
        assert_int_equal(X509_VERIFY_PARAM_set1_ip_asc(param, look->ip), 1);
}

/* The verdict; whether it was remembered goes to *remembered. */
static bool verify(struct verified *verified, const struct look *look, bool *remembered)
{
    struct counts counts = {.lenient = look->lenient};
    struct verified_now now = {.boot_ms = 1000, .wall_ms = today_ms + look->after_ms};
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    STACK_OF(X509) *sent = sk_X509_new_null();
    sk_X509_push(sent, look->leaf->cert);
    if (look->middle)
        sk_X509_push(sent, look->middle->cert);
    X509_STORE_add_cert(store, look->root->cert);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, look->leaf->cert, sent), 1);
    X509_STORE_CTX_set_app_data(ctx, &counts);
    X509_STORE_CTX_set_verify_cb(ctx, on_verify);
    set_conditions(ctx, look);
    bool good = chain_verify(ctx, verified, &counts.problems, &now) == 1;
    if (good && counts.problems == 0)
        assert_int_equal(X509_STORE_CTX_get_error(ctx), X509_V_OK);
    *remembered = counts.calls == 0;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    sk_X509_free(sent);
    return good;
}

static void check(struct verified *verified, const struct look *look, bool want, bool remembered)
{
    bool was_remembered;
    assert_int_equal(verify(verified, look, &was_remembered), want);
    assert_int_equal(was_remembered, remembered);
}

static void the_same_chain_is_remembered(void **state)
{
    struct verified *verified = verified_new();
    struct look by_ip = plain;
    (void)state;
    check(verified, &plain, true, false);
    check(verified, &plain, true, true);
    by_ip.host = NULL;
    by_ip.ip = "192.0.2.1";
    check(verified, &by_ip, true, false);
    check(verified, &by_ip, true, true);
    verified_free(verified);
}

/* Each differs from the remembered look in one thing. */
static void anything_else_is_verified_anew(void **state)
{
    struct look name = plain, wrong_name = plain, renewed = plain, again = plain, fewer = plain;
    struct look strict = plain, leaf_only = plain;
    (void)state;
    name.host = "b.test";
    wrong_name.host = "c.test";
    renewed.middle = &middle_again; /* same name, same key */
    again.leaf = &leaf_again;
    fewer.middle = NULL;
    strict.flags = X509_V_FLAG_X509_STRICT;
    leaf_only.leaf = &middle;
    const struct {
        const struct look *look;
        bool want;
    } rows[] = {{&name, true},   {&wrong_name, false}, {&renewed, true},   {&again, true},
                {&fewer, false}, {&strict, false},     {&leaf_only, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct verified *verified = verified_new();
        bool remembered;
        check(verified, &plain, true, false);
        assert_int_equal(verify(verified, rows[i].look, &remembered), rows[i].want);
        assert_false(remembered);
        check(verified, &plain, true, true); /* and did no harm */
        verified_free(verified);
    }
}

static void a_remembered_chain_expires(void **state)
{
    static const int64_t days[] = {31, -31}; /* the leaf ends; has not begun */
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct verified *verified = verified_new();
        struct look later = plain;
        check(verified, &plain, true, false);
        later.after_ms = 29 * DAY_MS;
        check(verified, &later, true, true);
        later.after_ms = days[i] * DAY_MS;
        check(verified, &later, true, false); /* OpenSSL goes by the real clock, and says yes */
        verified_free(verified);
    }
}

static void a_bad_chain_is_never_remembered(void **state)
{
    struct look wrong = plain, lenient = plain, stranger = plain;
    const struct look *rows[] = {&wrong, &lenient, &stranger};
    (void)state;
    wrong.host = "c.test";
    lenient.host = "c.test";
    lenient.lenient = true;
    stranger.root = &other_root;
    for (size_t i = 0; i < 3; i++) {
        struct verified *verified = verified_new();
        check(verified, rows[i], rows[i]->lenient, false);
        check(verified, rows[i], rows[i]->lenient, false);
        verified_free(verified);
    }
}

static void some_verdicts_depend_on_more(void **state)
{
    struct verified *verified = verified_new();
    struct look crl = plain, undated = plain, nameless = plain;
    (void)state;
    check(verified, &plain, true, false);
    crl.flags = X509_V_FLAG_CRL_CHECK; /* there is no list, so nothing can pass */
    check(verified, &crl, false, false);
    undated.flags = X509_V_FLAG_NO_CHECK_TIME;
    check(verified, &undated, true, false);
    check(verified, &undated, true, false);
    nameless.host = NULL;
    check(verified, &nameless, true, false);
    check(verified, &nameless, true, false);
    verified_free(verified);
}

/* The same authority, certified anew. */
static struct made_cert certify_again(const struct made_cert *old, const struct made_cert *issuer)
{
    struct made_cert made = {.key = old->key, .cert = X509_dup(old->cert)};
    EVP_PKEY_up_ref(made.key);
    ASN1_INTEGER_set(X509_get_serialNumber(made.cert), 4711);
    assert_true(X509_sign(made.cert, issuer->key, EVP_sha256()) > 0);
    return made;
}

static int set_up(void **state)
{
    (void)state;
    today_ms = clock_wall_ms();
    root = make_cert("Root", NULL, NULL, true, -100, 100);
    other_root = make_cert("Other Root", NULL, NULL, true, -100, 100);
    middle = make_cert("Middle", NULL, &root, true, -90, 90);
    middle_again = certify_again(&middle, &root);
    leaf = make_cert("leaf", "DNS:a.test,DNS:b.test,IP:192.0.2.1", &middle, false, -30, 30);
    leaf_again = certify_again(&leaf, &middle);
    return 0;
}

static int tear_down(void **state)
{
    struct made_cert *all[] = {&root, &other_root, &middle, &middle_again, &leaf, &leaf_again};
    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        made_cert_free(all[i]);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verdict_ends),
        cmocka_unit_test(the_memory_is_bounded),
        cmocka_unit_test(the_same_chain_is_remembered),
        cmocka_unit_test(anything_else_is_verified_anew),
        cmocka_unit_test(a_remembered_chain_expires),
        cmocka_unit_test(a_bad_chain_is_never_remembered),
        cmocka_unit_test(some_verdicts_depend_on_more),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
