/* SPDX-License-Identifier: ISC
 *
 * netifd's status of an interface, and which address the policy takes of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_policy.h"
#include "monitor/address/ubus_status.h"

/* The members that OpenWrt 24.10 gives for a PPPoE line. */
#define WAN                                                                                        \
    "{\"up\":true,\"pending\":false,\"available\":true,\"autostart\":true,\"dynamic\":false,"      \
    "\"uptime\":5211,\"l3_device\":\"pppoe-wanppp\",\"proto\":\"pppoe\",\"device\":\"eth1\","      \
    "\"updated\":[\"addresses\",\"routes\"],\"metric\":10,\"dns_metric\":0,\"delegation\":true,"   \
    "\"ipv4-address\":[{\"address\":\"8.8.4.27\",\"mask\":32,\"ptpaddress\":\"8.8.4.1\"}],"        \
    "\"ipv6-address\":[],\"ipv6-prefix\":[],\"ipv6-prefix-assignment\":[],"                        \
    "\"route\":[{\"target\":\"0.0.0.0\",\"mask\":0,\"nexthop\":\"8.8.4.1\",\"source\":"            \
    "\"0.0.0.0/0\"}],\"dns-server\":[\"8.8.8.8\"],\"dns-search\":[],\"neighbors\":[],"             \
    "\"inactive\":{\"ipv4-address\":[{\"address\":\"8.8.4.99\",\"mask\":32}]},"                    \
    "\"data\":{}}"

/* A LAN with two delegated prefixes, the older one deprecated. */
#define LAN                                                                                        \
    "{\"up\":true,\"l3_device\":\"br-lan\","                                                       \
    "\"ipv4-address\":[{\"address\":\"192.168.1.1\",\"mask\":24}],\"ipv6-address\":[],"            \
    "\"ipv6-prefix-assignment\":["                                                                 \
    "{\"address\":\"2400:4050:1::\",\"mask\":64,\"preferred\":0,\"valid\":3600,"                   \
    "\"local-address\":{\"address\":\"2400:4050:1::1\",\"mask\":64}},"                             \
    "{\"address\":\"2400:4050:2::\",\"mask\":64,\"preferred\":14000,\"valid\":15000,"              \
    "\"local-address\":{\"address\":\"2400:4050:2::1\",\"mask\":64}},"                             \
    "{\"address\":\"fd00:1::\",\"mask\":64,"                                                       \
    "\"local-address\":{\"address\":\"fd00:1::1\",\"mask\":64}}]}"

#define ONE(address) "{\"up\":true,\"l3_device\":\"eth0\",\"ipv6-address\":[" address "]}"

struct said {
    char text[256]; /* the address, or why not */
    bool good;
};

static struct said ask(const char *json, enum family family)
{
    struct said said = {.good = false};
    struct addrset *set = addrset_new();
    struct addr_choice choice;
    char link[IF_NAMESIZE];
    size_t len = strlen(json);
    char *exact = malloc(len + 1); /* for the sanitizer */
    memcpy(exact, json, len);
    if (ubus_status_read(exact, len, set, link, said.text, sizeof said.text)) {
        struct addr_policy policy = {.interface = link, .family = family};
        addr_choose(set, &policy, NULL, 0, &choice);
        said.good = choice.chosen;
        if (choice.chosen)
            addr_format(&choice.candidates[0].addr.addr, said.text);
        else
            strncpy(said.text, choice.reason, sizeof said.text - 1);
    }
    free(exact);
    addrset_free(set);
    return said;
}

static void test_chosen(void **state)
{
    static const struct {
        const char *json;
        enum family family;
        const char *want; /* the address, or a part of why none */
        bool good;
    } rows[] = {
        {WAN, FAMILY_IPV4, "8.8.4.27", true},
        {WAN, FAMILY_IPV6, "no IPv6 address on pppoe-wanppp", false},
        {LAN, FAMILY_IPV6, "2400:4050:2::1", true},
        {LAN, FAMILY_IPV4, "private network", false},
        /* the longer preferred lifetime; for ever is the longest */
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":100,\"valid\":9000},"
             "{\"address\":\"2400::2\",\"mask\":64,\"preferred\":90000,\"valid\":99999}"),
         FAMILY_IPV6, "2400::2", true},
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":100,\"valid\":9000},"
             "{\"address\":\"2400::3\",\"mask\":64}"),
         FAMILY_IPV6, "2400::3", true},
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":0,\"valid\":60}"), FAMILY_IPV6,
         "deprecated", false},
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":0,\"valid\":0}"), FAMILY_IPV6,
         "no IPv6 address", false},
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":-5,\"valid\":60}"), FAMILY_IPV6,
         "deprecated", false},
        {ONE("{\"address\":\"2400::1\",\"mask\":64,\"preferred\":9e30,\"valid\":99999999999999}"),
         FAMILY_IPV6, "2400::1", true},
        /* what is none is passed over */
        {ONE("{\"address\":\"2400::1\",\"mask\":129}"), FAMILY_IPV6, "no IPv6", false},
        {ONE("{\"address\":\"2400::1\",\"mask\":-1}"), FAMILY_IPV6, "no IPv6", false},
        {ONE("{\"address\":\"2400::1\",\"mask\":\"64\"}"), FAMILY_IPV6, "no IPv6", false},
        {ONE("{\"address\":\"2400::1/64\",\"mask\":64}"), FAMILY_IPV6, "no IPv6", false},
        {ONE("{\"address\":7,\"mask\":64},7,null,[],{}"), FAMILY_IPV6, "no IPv6", false},
        {"{\"up\":true,\"l3_device\":\"eth0\",\"ipv6-address\":{},\"ipv4-address\":7}", FAMILY_IPV4,
         "no IPv4", false},
        {"{\"up\":true,\"l3_device\":\"eth0\",\"ipv6-prefix-assignment\":[{\"address\":\"2400::\","
         "\"mask\":64},{\"local-address\":[]}]}",
         FAMILY_IPV6, "no IPv6", false},
        /* not up */
        {"{\"up\":false,\"pending\":true}", FAMILY_IPV4, "is coming up (pending)", false},
        {"{\"up\":false,\"errors\":[{\"subsystem\":\"pppoe\",\"code\":\"AUTH_FAILED\"}]}",
         FAMILY_IPV4, "is down: pppoe AUTH_FAILED", false},
        {"{\"up\":false,\"errors\":[{\"code\":\"\\u001b[2J\"}]}", FAMILY_IPV4, "is down:  ?[2J",
         false},
        /* no status */
        {"{\"up\":true}", FAMILY_IPV4, "l3_device", false},
        {"{\"up\":\"yes\"}", FAMILY_IPV4, "no status", false},
        {"{}", FAMILY_IPV4, "no status", false},
        {"[]", FAMILY_IPV4, "no status", false},
        {"", FAMILY_IPV4, "no JSON", false},
        {"Command failed: Not found", FAMILY_IPV4, "no JSON", false},
        {WAN "x", FAMILY_IPV4, "no JSON", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct said said = ask(rows[i].json, rows[i].family);
        if (said.good != rows[i].good || !strstr(said.text, rows[i].want))
            fail_msg("%s: %s", rows[i].json, said.text);
    }
}

static void test_shared_lines_are_known_by_their_device(void **state)
{
    struct addrset *set = addrset_new();
    struct addr_choice choice;
    char link[IF_NAMESIZE], why[128];
    static const char json[] = "{\"up\":true,\"l3_device\":\"map-wan6_4\",\"ipv4-address\":"
                               "[{\"address\":\"8.8.4.27\",\"mask\":32}]}";
    (void)state;
    assert_true(ubus_status_read(json, sizeof json - 1, set, link, why, sizeof why));
    assert_string_equal(link, "map-wan6_4");
    struct addr_policy policy = {.interface = link, .family = FAMILY_IPV4};
    addr_choose(set, &policy, NULL, 0, &choice);
    assert_int_equal(choice.line, ADDR_LINE_MAP_E);
    addrset_free(set);
}

static void test_bounds(void **state)
{
    char *json = malloc(UBUS_STATUS_MAX + 2);
    struct addrset *set = addrset_new();
    char link[IF_NAMESIZE], why[128];
    (void)state;
    memset(json, ' ', UBUS_STATUS_MAX + 2);
    memcpy(json, "{\"up\":true,\"l3_device\":\"a-very-long-name-of-a-device\"}", 54);
    assert_true(ubus_status_read(json, UBUS_STATUS_MAX, set, link, why, sizeof why));
    assert_string_equal(link, "a-very-long-nam");
    assert_false(ubus_status_read(json, UBUS_STATUS_MAX + 1, set, link, why, sizeof why));
    assert_string_equal(why, "no JSON: too long");
    addrset_free(set);
    free(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_chosen),
        cmocka_unit_test(test_shared_lines_are_known_by_their_device),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
