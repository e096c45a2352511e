/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_line.h"
#include "monitor/notice.h"

static void test_lines(void **state)
{
    static const struct {
        const char *addr, *link, *kind;
        enum addr_line want;
    } rows[] = {
        {"8.8.8.8", "pppoe-wanppp", "ppp", ADDR_LINE_PLAIN},
        {"8.8.8.8", "wan", "", ADDR_LINE_PLAIN},
        {"8.8.8.8", "map-wanmap", "ip6tnl", ADDR_LINE_MAP_E},
        {"8.8.8.8", "map-wanmap", "", ADDR_LINE_MAP_E},
        {"8.8.8.8", "map", "", ADDR_LINE_PLAIN},
        {"8.8.8.8", "ip6tnl1", "ip6tnl", ADDR_LINE_TUNNEL},
        {"8.8.8.8", "ds-wan", "ip6tnl", ADDR_LINE_DS_LITE},
        {"8.8.8.8", "sit1", "sit", ADDR_LINE_PLAIN}, /* IPv6 in IPv4 */
        {"100.63.255.255", "wan", "", ADDR_LINE_PLAIN},
        {"100.64.0.0", "wan", "", ADDR_LINE_CGNAT},
        {"100.127.255.255", "pppoe-wan", "ppp", ADDR_LINE_CGNAT},
        {"100.128.0.0", "wan", "", ADDR_LINE_PLAIN},
        {"10.1.2.3", "wan", "", ADDR_LINE_NAT},
        {"172.15.255.255", "wan", "", ADDR_LINE_PLAIN},
        {"172.16.0.1", "wan", "", ADDR_LINE_NAT},
        {"172.31.255.255", "wan", "", ADDR_LINE_NAT},
        {"192.168.1.5", "eth0", "", ADDR_LINE_NAT},
        {"192.0.0.1", "464-wan", "", ADDR_LINE_DS_LITE},
        {"192.0.0.2", "ds-wan", "ip6tnl", ADDR_LINE_DS_LITE},
        {"192.0.0.7", "tnl0", "ip6tnl", ADDR_LINE_DS_LITE},
        {"192.0.0.8", "eth0", "", ADDR_LINE_PLAIN},
        {"169.254.1.1", "eth0", "", ADDR_LINE_PLAIN},
        {"203.0.113.7", "eth0", "", ADDR_LINE_PLAIN},
        {"2400::1", "map-wan", "ip6tnl", ADDR_LINE_PLAIN},
        {"fd00::1", "eth0", "", ADDR_LINE_PLAIN},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct addr addr;
        assert_true(addr_parse(rows[i].addr, &addr));
        enum addr_line line = addr_line_of(&addr, rows[i].link, rows[i].kind);
        if (line != rows[i].want)
            fail_msg("%s on %s: %d", rows[i].addr, rows[i].link, line);
    }
}

/* Each but the plain one has a word of its own and advice, which a notice can hold. */
static void test_each_is_explained(void **state)
{
    struct notice notice;
    (void)state;
    for (int i = 0; i < ADDR_LINE_COUNT; i++) {
        enum addr_line line = (enum addr_line)i;
        const char *word = addr_line_word(line);
        assert_int_equal(word == NULL, line == ADDR_LINE_PLAIN);
        assert_int_equal(*addr_line_advice(line) == '\0', line == ADDR_LINE_PLAIN);
        if (strlen(addr_line_advice(line)) >= sizeof notice.advice)
            fail_msg("%s: the advice does not fit into a notice", word);
        for (int other = 0; word && other < i; other++)
            assert_true(!addr_line_word((enum addr_line)other) ||
                        strcmp(addr_line_word((enum addr_line)other), word) != 0);
    }
    assert_true(addr_line_is_shared(ADDR_LINE_MAP_E) && !addr_line_is_shared(ADDR_LINE_CGNAT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines),
                                       cmocka_unit_test(test_each_is_explained)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
