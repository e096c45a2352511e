/* SPDX-License-Identifier: ISC
 *
 * Notices: words, keys, and the JSON form that the store keeps and hooks read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/notice.h"

#define WALL_MS INT64_C(1764000000123)

/* The words are promised to hooks and configurations: none may change. */
static const struct {
    enum notice_kind kind;
    const char *word, *about;
    bool bad;
} rows[] = {
    {NOTICE_TARGET_UP, "target-up", "target", false},
    {NOTICE_TARGET_DOWN, "target-down", "target", true},
    {NOTICE_TARGET_CAUSE, "target-cause", "target", true},
    {NOTICE_TARGET_FLAPPING, "target-flapping", "target", true},
    {NOTICE_CERT_EXPIRING, "cert-expiring", "target", true},
    {NOTICE_CERT_REMARK, "cert-remark", "target", true},
    {NOTICE_CERT_SETTLED, "cert-settled", "target", false},
    {NOTICE_DNS_REMARK, "dns-remark", "target", true},
    {NOTICE_DNS_SETTLED, "dns-settled", "target", false},
    {NOTICE_ADDRESS_CHANGED, "address-changed", "address", false},
    {NOTICE_ADDRESS_LOST, "address-lost", "address", true},
    {NOTICE_ADDRESS_DIFFERS, "address-differs", "address", true},
    {NOTICE_ADDRESS_AGREES, "address-agrees", "address", false},
    {NOTICE_UPDATE_SENT, "update-sent", "record", false},
    {NOTICE_UPDATE_FAILED, "update-failed", "record", true},
    {NOTICE_UPDATE_HALTED, "update-halted", "record", true},
    {NOTICE_UPDATE_VERIFIED, "update-verified", "record", false},
    {NOTICE_UPDATE_MISMATCH, "update-mismatch", "record", true},
    {NOTICE_UPDATE_TTL, "update-ttl", "record", true},
    {NOTICE_STARTED, "started", "daemon", false},
    {NOTICE_STOPPED, "stopped", "daemon", false},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void words(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        enum notice_kind kind = NOTICE_KIND_COUNT;
        assert_string_equal(notice_word(rows[i].kind), rows[i].word);
        assert_true(notice_from_word(rows[i].word, &kind));
        assert_int_equal(kind, rows[i].kind);
        assert_string_equal(notice_about(rows[i].kind), rows[i].about);
        assert_int_equal(notice_is_bad(rows[i].kind), rows[i].bad);
    }
    for (int kind = 0; kind < NOTICE_KIND_COUNT; kind++)
        assert_string_not_equal(notice_word((enum notice_kind)kind), "unknown");
}

static void unknown_words(void **state)
{
    static const char *const none[] = {"", "target-UP", "target-up ", "target", "all", "unknown"};
    (void)state;
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        enum notice_kind kind = NOTICE_STOPPED;
        assert_false(notice_from_word(none[i], &kind));
        assert_int_equal(kind, NOTICE_STOPPED);
    }
    assert_string_equal(notice_word(NOTICE_KIND_COUNT), "unknown");
    assert_string_equal(notice_about(NOTICE_KIND_COUNT), "unknown");
    assert_false(notice_is_bad(NOTICE_KIND_COUNT));
}

static struct notice make(enum notice_kind kind, const char *subject)
{
    struct notice notice;
    memset(&notice, 0x55, sizeof(notice));
    notice_init(&notice, kind, subject, WALL_MS);
    return notice;
}

static void starts_empty(void **state)
{
    struct notice notice = make(NOTICE_ADDRESS_LOST, "wan");
    (void)state;
    assert_string_equal(notice.subject, "wan");
    assert_int_equal(notice.wall_ms, WALL_MS);
    assert_false(notice.has_family);
    assert_true(!notice.host[0] && !notice.old_value[0] && !notice.new_value[0]);
    assert_true(!notice.cause[0] && !notice.text[0] && !notice.advice[0]);
}

/* --- keys ------------------------------------------------------------------------------------ */

static void expect_key(enum notice_kind kind, int family, const char *expected)
{
    char key[NOTICE_KEY_LEN];
    struct notice notice = make(kind, "www");
    notice.has_family = family >= 0;
    notice.family = family >= 0 ? (enum family)family : FAMILY_IPV4;
    assert_ptr_equal(notice_key(&notice, key), key);
    assert_string_equal(key, expected);
}

static void keys(void **state)
{
    (void)state;
    expect_key(NOTICE_TARGET_UP, FAMILY_IPV4, "target/www/ipv4");
    expect_key(NOTICE_TARGET_DOWN, FAMILY_IPV6, "target/www/ipv6");
    expect_key(NOTICE_TARGET_CAUSE, -1, "target/www");
    expect_key(NOTICE_ADDRESS_CHANGED, FAMILY_IPV4, "address/www/ipv4");
    expect_key(NOTICE_UPDATE_SENT, FAMILY_IPV6, "record/www/ipv6");
    expect_key(NOTICE_STARTED, -1, "daemon/www");
    /* matters of their own: they must not replace "down" or "verified" */
    expect_key(NOTICE_CERT_EXPIRING, FAMILY_IPV4, "target/www/ipv4/cert");
    expect_key(NOTICE_UPDATE_TTL, FAMILY_IPV6, "record/www/ipv6/ttl");
}

/* The longest subject still leaves the key whole: two families must never share one. */
static void longest_key(void **state)
{
    char subject[200], four[NOTICE_KEY_LEN], six[NOTICE_KEY_LEN];
    (void)state;
    memset(subject, 'x', sizeof(subject) - 1);
    subject[sizeof(subject) - 1] = '\0';
    struct notice notice = make(NOTICE_UPDATE_TTL, subject);
    assert_int_equal(strlen(notice.subject), sizeof(notice.subject) - 1);
    notice.has_family = true;
    notice.family = FAMILY_IPV4;
    notice_key(&notice, four);
    notice.family = FAMILY_IPV6;
    notice_key(&notice, six);
    assert_string_not_equal(four, six);
    assert_string_equal(six + strlen(six) - strlen("/ipv6/ttl"), "/ipv6/ttl");
}

/* --- JSON ------------------------------------------------------------------------------------ */

static struct notice full_notice(void)
{
    struct notice notice = make(NOTICE_TARGET_DOWN, "www");
    notice.has_family = true;
    notice.family = FAMILY_IPV6;
    str_copy(notice.host, sizeof(notice.host), "www.example:443");
    str_copy(notice.old_value, sizeof(notice.old_value), "up");
    str_copy(notice.new_value, sizeof(notice.new_value), "down");
    str_copy(notice.cause, sizeof(notice.cause), "tls-timeout");
    str_copy(notice.text, sizeof(notice.text), "It \"hangs\" \\ \xc3\xa9.");
    str_copy(notice.advice, sizeof(notice.advice), "Look at the MTU.");
    return notice;
}

static void json_members(void **state)
{
    struct notice notice = full_notice();
    json_t *value = notice_json(&notice);
    char *text = doc_to_json(value, false);
    (void)state;
    assert_string_equal(
        text, "{\"event\":\"target-down\",\"time\":\"2025-11-24T16:00:00Z\",\"time_ms\":"
              "1764000000123,\"about\":\"target\",\"subject\":\"www\",\"family\":\"ipv6\",\"host\":"
              "\"www.example:443\",\"old\":\"up\",\"new\":\"down\",\"cause\":\"tls-timeout\","
              "\"text\":\"It \\\"hangs\\\" \\\\ \xc3\xa9.\",\"advice\":\"Look at the MTU.\"}");
    free(text);
    json_decref(value);
    notice = make(NOTICE_STARTED, "reachd");
    value = notice_json(&notice);
    assert_true(json_is_null(json_object_get(value, "family")));
    assert_string_equal(doc_get_text(value, "about"), "daemon");
    json_decref(value);
}

static void expect_round_trip(const struct notice *notice)
{
    struct notice again;
    memset(&again, 0xaa, sizeof(again));
    json_t *value = notice_json(notice);
    assert_true(notice_from_json(value, &again));
    assert_int_equal(again.kind, notice->kind);
    assert_int_equal(again.wall_ms, notice->wall_ms);
    assert_int_equal(again.has_family, notice->has_family);
    assert_true(!notice->has_family || again.family == notice->family);
    assert_string_equal(again.subject, notice->subject);
    assert_string_equal(again.host, notice->host);
    assert_string_equal(again.old_value, notice->old_value);
    assert_string_equal(again.new_value, notice->new_value);
    assert_string_equal(again.cause, notice->cause);
    assert_string_equal(again.text, notice->text);
    assert_string_equal(again.advice, notice->advice);
    json_decref(value);
}

static void json_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        struct notice notice = make(rows[i].kind, "a b/c=d");
        expect_round_trip(&notice);
        notice = full_notice();
        notice.kind = rows[i].kind;
        notice.family = i % 2 ? FAMILY_IPV4 : FAMILY_IPV6;
        notice.wall_ms = i % 3 ? WALL_MS : -1; /* a clock before 1970 is no reason to lose one */
        expect_round_trip(&notice);
    }
}

static bool parse(const char *text, struct notice *out)
{
    json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    bool good = notice_from_json(value, out);
    json_decref(value);
    return good;
}

/* The store's file may be damaged or come from a later version. */
static void json_from_elsewhere(void **state)
{
    struct notice notice;
    (void)state;
    assert_true(parse("{\"event\":\"stopped\",\"time_ms\":5}", &notice));
    assert_string_equal(notice.subject, "");
    assert_false(notice.has_family);
    assert_true(parse("{\"event\":\"stopped\",\"time_ms\":5,\"subject\":7,\"family\":\"ipv5\","
                      "\"text\":null,\"more\":[1]}",
                      &notice));
    assert_string_equal(notice.subject, "");
    assert_false(notice.has_family);
    assert_false(parse("{\"event\":\"stopped\"}", &notice));
    assert_false(parse("{\"event\":\"stopped\",\"time_ms\":\"5\"}", &notice));
    assert_false(parse("{\"event\":\"stopped\",\"time_ms\":5.5}", &notice));
    assert_false(parse("{\"event\":\"exploded\",\"time_ms\":5}", &notice));
    assert_false(parse("{\"time_ms\":5}", &notice));
    assert_false(parse("[]", &notice));
    assert_false(parse("7", &notice));
}

static void json_is_made_printable_and_bounded(void **state)
{
    struct notice notice;
    char text[1024] = "{\"event\":\"stopped\",\"time_ms\":5,\"subject\":\"a\\u001b[2Jb\\nc\","
                      "\"cause\":\"";
    (void)state;
    for (int i = 0; i < 100; i++)
        str_append(text, sizeof(text), "\xc3\xa9"); /* must not be cut inside a character */
    str_append(text, sizeof(text), "\"}");
    assert_true(parse(text, &notice));
    assert_string_equal(notice.subject, "a?[2Jb?c");
    assert_int_equal(strlen(notice.cause), 62);
    assert_int_equal((unsigned char)notice.cause[61], 0xa9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(unknown_words),
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(keys),
        cmocka_unit_test(longest_key),
        cmocka_unit_test(json_members),
        cmocka_unit_test(json_round_trips),
        cmocka_unit_test(json_from_elsewhere),
        cmocka_unit_test(json_is_made_printable_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
