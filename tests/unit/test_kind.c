/* SPDX-License-Identifier: ISC
 *
 * The table of kinds, and how targets are written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/target/target_text.h"
#include "probes/kind.h"

static void every_kind_is_whole(void **state)
{
    char names[KIND_NAMES_LEN];
    (void)state;
    kind_names(names);
    for (unsigned i = 0; i < PROBE_KIND_COUNT; i++) {
        const struct kind *kind = kind_of((enum probe_kind)i);
        enum probe_kind found;
        assert_true(kind_from_word(kind->word, &found) && found == i);
        assert_non_null(strstr(names, kind->word));
        assert_true(kind->about && kind->ok && kind->start && kind->cancel);
        assert_true((kind->port == 0) == ((kind->takes & KIND_TAKES_PORTS) != 0));
        assert_true(!kind->facts_free == !kind->facts_json);
    }
    assert_false(kind_from_word("tl", &(enum probe_kind){0}));
    assert_false(kind_from_word("", &(enum probe_kind){0}));
}

static void targets_are_read(void **state)
{
    static const struct {
        const char *text;
        enum probe_kind kind;
        const char *host;
        uint16_t port;
        const char *path; /* NULL: none */
    } rows[] = {
        {"Example.com", PROBE_TLS, "example.com", 443, NULL},
        {"example.com:8443", PROBE_TLS, "example.com", 8443, NULL},
        {"2001:db8::1", PROBE_TLS, "2001:db8::1", 443, NULL},
        {"tls://example.com", PROBE_TLS, "example.com", 443, NULL},
        {"tcp://example.com:25", PROBE_TCP, "example.com", 25, NULL},
        {"https://Example.com", PROBE_HTTPS, "example.com", 443, "/"},
        {"https://example.com:8443/a?b=c", PROBE_HTTPS, "example.com", 8443, "/a?b=c"},
        {"http://[2001:db8::1]/a", PROBE_HTTP, "2001:db8::1", 80, "/a"},
        {"tcp://[2001:db8::1]:25", PROBE_TCP, "2001:db8::1", 25, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct target_text read;
        const char *problem = target_text_parse(rows[i].text, NULL, &read);
        if (problem)
            fail_msg("%s: %s", rows[i].text, problem);
        assert_int_equal(read.kind, rows[i].kind);
        assert_string_equal(read.at.host, rows[i].host);
        assert_int_equal(read.at.port, rows[i].port);
        assert_string_equal(read.path, rows[i].path ? rows[i].path : "");
    }
}

static void wrong_targets_are_refused(void **state)
{
    const enum probe_kind tcp = PROBE_TCP;
    struct target_text read = {.kind = PROBE_TCP};
    (void)state;
    assert_string_equal(target_text_parse("gopher://example.com", NULL, &read),
                        "before \"://\" stands no kind of probe");
    assert_string_equal(target_text_parse("averyveryverylongscheme://example.com", NULL, &read),
                        "before \"://\" stands no kind of probe");
    assert_string_equal(target_text_parse("://example.com", NULL, &read),
                        "before \"://\" stands no kind of probe");
    assert_string_equal(target_text_parse("tls://example.com", &tcp, &read),
                        "another kind is asked for than stands before \"://\"");
    assert_non_null(target_text_parse("tcp://", NULL, &read));
    assert_non_null(target_text_parse("tcp://example.com/path", NULL, &read));
    assert_int_equal(read.kind, PROBE_TCP); /* untouched */
    assert_null(target_text_parse("tcp://example.com:25", &tcp, &read));
    assert_non_null(target_text_parse("https://example.com/#a", NULL, &read));
    assert_non_null(target_text_parse("https://user@example.com/", NULL, &read));
    assert_null(target_text_parse("example.com:25", &tcp, &read));
    assert_int_equal(read.kind, PROBE_TCP);
}

static void prefixes_are_read(void **state)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
    } rows[] = {
        {"closed://192.0.2.0/28", "192.0.2.0/28", 0},
        {"closed://192.0.2.0/28:22", "192.0.2.0/28", 22},
        {"closed://2001:DB8::/64", "2001:db8::/64", 0},
        {"closed://[2001:db8::/64]", "2001:db8::/64", 0},
        {"closed://[2001:db8::/64]:22", "2001:db8::/64", 22},
        {"closed://0.0.0.0/0", "0.0.0.0/0", 0},
    };
    static const char *const wrong[] = {
        "closed://192.0.2.1/28",
        "closed://192.0.2.0/33",
        "closed://192.0.2.0/",
        "closed://example.com/8",
        "closed://[2001:db8::/64",
        "closed://[2001:db8::/64]22",
        "closed:///64",
        "closed://192.0.2.0/28:0",
        "closed://192.0.2.0/28:x",
        "closed://192.0.2.0/2/8",
        "closed://[2001:db8::/64]:",
        "closed://192.0.2.0/28:70000",
        "tcp://192.0.2.0/28",
        "closed://[]/0",
        "closed://[/]",
    };
    struct target_text read;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *problem = target_text_parse(rows[i].text, NULL, &read);
        if (problem)
            fail_msg("%s: %s", rows[i].text, problem);
        assert_true(addr_is_set(&read.prefix.addr));
        assert_string_equal(read.at.host, rows[i].host);
        assert_int_equal(read.at.port, rows[i].port);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        if (!target_text_parse(wrong[i], NULL, &read))
            fail_msg("%s is taken", wrong[i]);
    assert_null(target_text_parse("closed://192.0.2.1", NULL, &read));
    assert_false(addr_is_set(&read.prefix.addr));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_whole),
        cmocka_unit_test(targets_are_read),
        cmocka_unit_test(prefixes_are_read),
        cmocka_unit_test(wrong_targets_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
