/* SPDX-License-Identifier: ISC
 *
 * Sets of ports, and which addresses are ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "probes/closed_want.h"

static void sets_are_read(void **state)
{
    static const struct {
        const char *text;
        size_t count;
        const char *shown;
    } rows[] = {
        {"80", 1, "80"},
        {"80 443 8080", 3, "80 443 8080"},
        {"443,80, 8080", 3, "80 443 8080"},
        {"8000:8999", 1000, "8000:8999"},
        {"1:65535", 65535, "1:65535"},
        {"80,81,83,82", 4, "80:83"}, /* those that touch become one */
        {"10:20,15:30,5:9", 26, "5:30"},
        {"10:20,22:30,21", 21, "10:30"},
        {"1,65535", 2, "1 65535"},
        {"80,80,80:80", 1, "80"},
        {"5:6,1:10", 10, "1:10"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct port_set set = {0};
        char text[PORTS_TEXT_LEN];
        const char *problem = port_set_add(&set, rows[i].text);
        if (problem)
            fail_msg("%s: %s", rows[i].text, problem);
        assert_int_equal(port_set_count(&set), rows[i].count);
        assert_string_equal(port_set_text(&set, text), rows[i].shown);
        for (size_t n = 1; n < rows[i].count; n++)
            assert_true(port_set_at(&set, n - 1) < port_set_at(&set, n));
        assert_int_equal(port_set_at(&set, rows[i].count), 0);
    }
}

static void wrong_ports_are_refused(void **state)
{
    static const char *const rows[] = {"",     ",",     "0",     "65536",  "80:",      ":80",
                                       "9:8",  "a",     "80;81", "-80",    "80:90:99", "80 x",
                                       "0x50", "80-90", "8 0:1", "1:65536"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct port_set set = {0};
        if (!port_set_add(&set, rows[i]))
            fail_msg("\"%s\" is taken", rows[i]);
    }
}

static void sets_are_bounded(void **state)
{
    struct port_set set = {0};
    char text[PORTS_TEXT_LEN], port[8];
    (void)state;
    for (unsigned i = 0; i < PORT_RANGES_MAX; i++) {
        snprintf(port, sizeof port, "%u", 20000 - 10 * i);
        assert_null(port_set_add(&set, port));
    }
    assert_non_null(port_set_add(&set, "30000"));
    assert_null(port_set_add(&set, "1:65535")); /* all in one now */
    assert_int_equal(set.range_count, 1);
    memset(&set, 0, sizeof set);
    for (unsigned i = 0; i < PORT_RANGES_MAX; i++) {
        snprintf(port, sizeof port, "%u", 20000 - 10 * i);
        assert_null(port_set_add(&set, port));
    }
    port_set_text(&set, text);
    assert_string_equal(text + strlen(text) - 4, " ...");
}

static void the_longest_time_is_known(void **state)
{
    struct closed_want want = {.parallel = 4};
    (void)state;
    assert_null(port_set_add(&want.ports, "1:9"));
    assert_int_equal(closed_longest_ms(&want, 10000), 3 * CLOSED_WAIT_MS + 9 * CLOSED_PACE_MS);
    assert_int_equal(closed_longest_ms(&want, 500), 3 * 500 + 9 * CLOSED_PACE_MS);
}

static void ours_and_others(void **state)
{
    static const struct {
        const char *text;
        bool ours;
    } rows[] = {{"127.0.0.1", true}, {"192.168.1.9", true},  {"fd00::1", true},
                {"::1", true},       {"11.22.33.44", false}, {"2a00:1450::1", false}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct addr addr;
        assert_true(addr_parse(rows[i].text, &addr));
        assert_int_equal(closed_is_ours(&addr), rows[i].ours);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_read),    cmocka_unit_test(wrong_ports_are_refused),
        cmocka_unit_test(sets_are_bounded), cmocka_unit_test(the_longest_time_is_known),
        cmocka_unit_test(ours_and_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
