/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/hostport.h"

static void accepts(void **arg)
{
    static const struct {
        const char *text, *host;
        uint16_t port;
        bool literal;
    } good[] = {
        {"example.com", "example.com", 443, false},
        {"Example.COM.", "example.com", 443, false},
        {"example.com:8443", "example.com", 8443, false},
        {"example.com.:1", "example.com", 1, false},
        {"192.0.2.1", "192.0.2.1", 443, true},
        {"192.0.2.1:80", "192.0.2.1", 80, true},
        {"[2001:DB8::1]:65535", "2001:db8::1", 65535, true},
        {"[2001:db8::1]", "2001:db8::1", 443, true},
        {"2001:db8:0::1", "2001:db8::1", 443, true},
        {"::1", "::1", 443, true},
        {"localhost", "localhost", 443, false},
        {"_x.a-b.example", "_x.a-b.example", 443, false},
        {"*.example.com", "*.example.com", 443, false},
        {"xn--abc.1a", "xn--abc.1a", 443, false},
    };
    (void)arg;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct hostport hp;
        assert_null(hostport_parse(good[i].text, 443, &hp));
        assert_string_equal(hp.host, good[i].host);
        assert_int_equal(hp.port, good[i].port);
        assert_int_equal(addr_is_set(&hp.literal), good[i].literal);
    }
}

static void refuses(void **arg)
{
    static const char *const bad[] = {"",
                                      ":",
                                      ":80",
                                      "a:",
                                      "a:0",
                                      "a:65536",
                                      "a:-1",
                                      "a: 1",
                                      "a:1x",
                                      "a..b",
                                      ".a",
                                      ".",
                                      "a b",
                                      "[::1",
                                      "[::1]x",
                                      "[::1]:",
                                      "[1.2.3.4]",
                                      "[]",
                                      "1.2.3",
                                      "1.2.3.400",
                                      "127.1",
                                      "0x7f",
                                      "fe80::1%eth0",
                                      "[fe80::1%e]",
                                      "a:b:c",
                                      "a\nb",
                                      "http://a/",
                                      "a..",
                                      "*",
                                      "a.*.b",
                                      "a@b",
                                      "caf\xc3\xa9.example",
                                      "example.com:1:2",
                                      "1234567890",
                                      "[::1]:99999"};
    (void)arg;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct hostport hp = {.port = 7};
        assert_non_null(hostport_parse(bad[i], 443, &hp));
        assert_int_equal(hp.port, 7);
    }
}

/* A name of `len` characters of labels of at most 63. */
static void long_name(char *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = i % 64 == 63 && i + 1 < len ? '.' : 'a';
    out[len] = '\0';
}

static void length_limits(void **arg)
{
    char name[400];
    struct hostport hp;
    (void)arg;
    long_name(name, 253);
    assert_true(host_is_valid(name));
    assert_null(hostport_parse(name, 1, &hp));
    assert_int_equal(strlen(hp.host), 253);
    strcat(name, ".");
    assert_true(host_is_valid(name));
    assert_null(hostport_parse(name, 1, &hp));
    assert_int_equal(strlen(hp.host), 253);
    strcat(name, ":99");
    assert_null(hostport_parse(name, 1, &hp));
    assert_int_equal(hp.port, 99);
    for (size_t len = 254; len < 390; len += 7) {
        long_name(name, len);
        assert_false(host_is_valid(name));
        assert_non_null(hostport_parse(name, 1, &hp));
    }
    memset(name, 'a', 64);
    name[63] = '\0';
    assert_true(host_is_valid(name));
    name[63] = 'a';
    name[64] = '\0';
    assert_false(host_is_valid(name));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts),
        cmocka_unit_test(refuses),
        cmocka_unit_test(length_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
