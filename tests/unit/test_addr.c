/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/addr.h"

static struct addr must(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

static void parse_accepts_only_literals(void **arg)
{
    static const char *const bad[] = {
        "",         "1.2.3",   "1.2.3.4.5",    "256.1.1.1",   "1.2.3.4 ",
        " 1.2.3.4", "[::1]",   "fe80::1%eth0", "::1::",       "1.2.3.4:80",
        ":",        "12345::", "1::2::3",      "example.com", "0x7f.1"};
    struct addr addr = {.af = 99};
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(addr_parse(bad[i], &addr));
    assert_int_equal(addr.af, 99);
    assert_int_equal(must("192.0.2.1").af, AF_INET);
    assert_int_equal(must("::").af, AF_INET6);
}

static void format_is_canonical(void **arg)
{
    static const char *const pairs[][2] = {
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"0:0:0:0:0:0:0:0", "::"},
        {"1:0:0:0:0:0:0:0", "1::"},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {"192.0.2.255", "192.0.2.255"},
    };
    char text[ADDR_STRLEN];
    struct addr none = {0};
    (void)arg;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        struct addr addr = must(pairs[i][0]);
        assert_string_equal(addr_format(&addr, text), pairs[i][1]);
    }
    assert_string_equal(addr_format(&none, text), "-");
}

static void order_is_by_family_then_number(void **arg)
{
    static const char *const rising[] = {"0.0.0.1", "9.0.0.0", "10.0.0.0", "255.0.0.0",
                                         "::",      "::1",     "1::",      "ffff::"};
    struct addr none = {0};
    (void)arg;
    for (size_t i = 0; i + 1 < sizeof(rising) / sizeof(rising[0]); i++) {
        struct addr a = must(rising[i]), b = must(rising[i + 1]);
        assert_true(addr_cmp(&a, &b) < 0);
        assert_true(addr_cmp(&b, &a) > 0);
        assert_true(addr_cmp(&none, &a) < 0);
        assert_true(addr_equal(&a, &a));
        assert_false(addr_equal(&a, &b));
    }
    assert_true(addr_equal(&none, &none));
}

static void sockaddr_round_trip(void **arg)
{
    static const char *const texts[] = {"192.0.2.7", "2001:db8::7"};
    (void)arg;
    for (size_t i = 0; i < 2; i++) {
        struct sockaddr_storage ss;
        struct addr addr = must(texts[i]), back = {0};
        uint16_t port = 0;
        assert_int_equal(addr_to_sockaddr(&addr, 8443, &ss),
                         i ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
        assert_true(addr_from_sockaddr((struct sockaddr *)&ss, &back, &port));
        assert_true(addr_equal(&addr, &back));
        assert_int_equal(port, 8443);
    }
    struct sockaddr_storage other = {.ss_family = AF_UNIX};
    struct addr none = {0};
    assert_false(addr_from_sockaddr((struct sockaddr *)&other, &none, NULL));
    assert_int_equal(addr_to_sockaddr(&none, 1, &other), 0);
}

static void prefixes(void **arg)
{
    static const char *const bad[] = {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/",   "10.0.0.0/ 8",
                                      "/8",         "10.0.0.0/-1", "::/129",      "10.0.0.0/8/8",
                                      "",           "2001::1/16",  "10.0.0.0/+8", "::/0000"};
    struct prefix p;
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(prefix_parse(bad[i], &p));
    assert_true(prefix_parse("100.64.0.0/10", &p));
    struct addr in = must("100.127.255.255"), out = must("100.128.0.0"), v6 = must("6440::");
    assert_true(prefix_contains(&p, &in));
    assert_false(prefix_contains(&p, &out));
    assert_false(prefix_contains(&p, &v6));
    assert_true(prefix_parse("::/0", &p));
    assert_true(prefix_contains(&p, &v6));
    assert_false(prefix_contains(&p, &in));
    assert_true(prefix_parse("192.0.2.1", &p));
    assert_int_equal(p.len, 32);
}

static void family_words(void **arg)
{
    enum family family = FAMILY_IPV4;
    (void)arg;
    assert_true(family_from_word("ipv6", &family));
    assert_int_equal(family, FAMILY_IPV6);
    assert_false(family_from_word("IPv4", &family));
    assert_int_equal(family_af(FAMILY_IPV4), AF_INET);
    struct addr lo = addr_loopback(FAMILY_IPV6), want = must("::1");
    assert_true(addr_equal(&lo, &want));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_accepts_only_literals),
        cmocka_unit_test(format_is_canonical),
        cmocka_unit_test(order_is_by_family_then_number),
        cmocka_unit_test(sockaddr_round_trip),
        cmocka_unit_test(prefixes),
        cmocka_unit_test(family_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
