/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/addr_special.h"

static const char *name_of(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    const struct addr_special *special = addr_special_find(&addr);
    return special ? special->name : NULL;
}

static void specials_are_found(void **arg)
{
    static const char *const texts[] = {
        "0.0.0.0",     "10.255.255.255",  "100.64.0.1",   "127.0.0.1",   "169.254.9.9",
        "172.31.0.1",  "192.0.0.2",       "192.0.0.200",  "192.0.2.1",   "192.88.99.1",
        "192.168.1.1", "198.19.0.1",      "198.51.100.1", "203.0.113.1", "224.0.0.1",
        "240.0.0.1",   "255.255.255.255", "::",           "::1",         "::ffff:8.8.8.8",
        "64:ff9b::1",  "64:ff9b:1::1",    "100::1",       "2001::1",     "2001:2::1",
        "2001:2f::1",  "2001:db8::1",     "2002::1",      "3fff:fff::1", "fc00::1",
        "fdff::1",     "fe80::1",         "fec0::1",      "ff02::1",     "4000::1",
        "::8.8.8.8",   "5f00::1"};
    (void)arg;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_non_null(name_of(texts[i]));
}

static void neighbours_are_global(void **arg)
{
    static const char *const texts[] = {
        "1.0.0.0",      "9.255.255.255", "11.0.0.0",    "100.63.255.255",  "100.128.0.0",
        "126.0.0.1",    "128.0.0.1",     "172.15.0.1",  "172.32.0.1",      "192.0.1.1",
        "192.88.98.1",  "198.17.0.1",    "198.20.0.1",  "223.255.255.255", "2001:1::1",
        "2001:2:1::1",  "2001:30::1",    "2001:db7::1", "2001:db9::1",     "2003::1",
        "2400:4050::1", "3fff:1000::1",  "2a00::1"};
    struct addr none = {0};
    (void)arg;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_null(name_of(texts[i]));
    assert_null(addr_special_find(&none));
}

static void names_and_order(void **arg)
{
    (void)arg;
    assert_string_equal(name_of("100.64.0.1"), "carrier-grade NAT (RFC 6598)");
    assert_string_equal(name_of("192.0.0.2"), "DS-Lite (RFC 7335)");
    assert_string_equal(name_of("255.255.255.255"), "limited broadcast (RFC 919)");
    assert_non_null(strstr(name_of("4000::1"), "2000::/3"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specials_are_found),
        cmocka_unit_test(neighbours_are_global),
        cmocka_unit_test(names_and_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
