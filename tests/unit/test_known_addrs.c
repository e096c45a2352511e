/* SPDX-License-Identifier: ISC
 *
 * The known addresses of a prefix: counted, given, this machine's own, its neighbours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "probes/closed_want.h"
#include "probes/known_addrs.h"
#include "probes/neighbour.h"

static struct prefix prefix_of(const char *text)
{
    struct prefix prefix;
    if (!prefix_parse(text, &prefix))
        fail_msg("%s is no prefix", text);
    return prefix;
}

static struct addr addr_of(const char *text)
{
    struct addr addr;
    if (!addr_parse(text, &addr))
        fail_msg("%s is no address", text);
    return addr;
}

static void assert_addr(const struct addr *addr, const char *text)
{
    char buf[ADDR_STRLEN];
    assert_string_equal(addr_format(addr, buf), text);
}

static void small_ones_are_counted(void **state)
{
    static const struct {
        const char *prefix;
        size_t count;
        const char *first, *last;
    } rows[] = {
        {"192.0.2.0/24", 254, "192.0.2.1", "192.0.2.254"},
        {"192.0.2.16/28", 14, "192.0.2.17", "192.0.2.30"},
        {"192.0.2.4/30", 2, "192.0.2.5", "192.0.2.6"},
        {"192.0.2.4/31", 2, "192.0.2.4", "192.0.2.5"},
        {"192.0.2.4/32", 1, "192.0.2.4", "192.0.2.4"},
        {"2001:db8::100/120", 256, "2001:db8::100", "2001:db8::1ff"},
        {"2001:db8::4/127", 2, "2001:db8::4", "2001:db8::5"},
        {"2001:db8::4/128", 1, "2001:db8::4", "2001:db8::4"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix prefix = prefix_of(rows[i].prefix);
        struct known_addrs known;
        assert_true(known_addrs_is_small(&prefix));
        assert_int_equal(known_addrs_count(&prefix), rows[i].count);
        known_addrs_find(&prefix, NULL, 0, &known);
        assert_int_equal(known.count, rows[i].count);
        assert_false(known.cut);
        assert_addr(&known.list[0], rows[i].first);
        assert_addr(&known.list[known.count - 1], rows[i].last);
    }
}

static void large_ones_are_never_swept(void **state)
{
    static const char *const rows[] = {"203.0.112.0/23", "2001:db8::/119", "2001:db8::/64",
                                       "240.1.0.0/16"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct prefix prefix = prefix_of(rows[i]);
        struct known_addrs known;
        assert_false(known_addrs_is_small(&prefix));
        known_addrs_find(&prefix, NULL, 0, &known); /* nobody has such addresses */
        assert_int_equal(known.count, 0);
    }
}

static void what_was_given_is_known(void **state)
{
    const struct addr given[] = {addr_of("2001:db8::7"), addr_of("2001:db8::7"),
                                 addr_of("2001:db9::7"), addr_of("192.0.2.7")};
    struct prefix prefix = prefix_of("2001:db8::/64");
    struct known_addrs known;
    (void)state;
    known_addrs_find(&prefix, given, sizeof given / sizeof *given, &known);
    assert_int_equal(known.count, 1);
    assert_addr(&known.list[0], "2001:db8::7");
}

static void own_addresses_are_known(void **state)
{
    struct prefix prefix = prefix_of("127.0.0.0/8");
    struct known_addrs known;
    (void)state;
    known_addrs_find(&prefix, NULL, 0, &known);
    if (known.count == 0)
        skip(); /* loopback is down here */
    assert_addr(&known.list[0], "127.0.0.1");
}

/* Addresses of a link alone and of many hosts are not for a probe. */
static void not_every_address_is_a_host(void **state)
{
    const struct addr given[] = {addr_of("fe80::1"), addr_of("ff02::1"), addr_of("febf::1"),
                                 addr_of("fec0::1")};
    struct prefix all = prefix_of("fe00::/7"), fours = prefix_of("0.0.0.0/0");
    const struct addr many = addr_of("224.0.0.1");
    struct known_addrs known;
    (void)state;
    known_addrs_find(&all, given, sizeof given / sizeof *given, &known);
    assert_int_equal(known.count, 1);
    assert_addr(&known.list[0], "fec0::1");
    known_addrs_find(&fours, &many, 1, &known);
    for (size_t i = 0; i < known.count; i++)
        assert_false(addr_equal(&known.list[i], &many));
}

/* --- messages --- */

struct message {
    struct nlmsghdr head;
    struct ndmsg entry;
    struct rtattr cache;
    uint8_t cached[4];
    struct rtattr dst;
    uint8_t bytes[16];
};

static struct message message_of(const char *text, uint16_t state)
{
    struct addr addr = addr_of(text);
    size_t len = addr_len(&addr);
    struct message message = {
        .head = {.nlmsg_type = RTM_NEWNEIGH,
                 .nlmsg_len = (uint32_t)(offsetof(struct message, bytes) + len)},
        .entry = {.ndm_family = addr.af, .ndm_state = state},
        .cache = {.rta_len = 8, .rta_type = NDA_PROBES},
        .dst = {.rta_len = (unsigned short)RTA_LENGTH(len), .rta_type = NDA_DST},
    };
    memcpy(message.bytes, addr.bytes, len);
    return message;
}

struct heard {
    size_t count;
    struct addr last;
};

static void hear(const struct addr *addr, void *arg)
{
    struct heard *heard = arg;
    heard->count++;
    heard->last = *addr;
}

static void neighbours_that_were_seen_are_told(void **arg)
{
    static const struct {
        uint16_t state;
        bool seen;
    } rows[] = {
        {NUD_REACHABLE, true}, {NUD_STALE, true},       {NUD_DELAY, true},
        {NUD_PROBE, true},     {NUD_PERMANENT, true},   {NUD_FAILED, false},
        {NUD_NONE, false},     {NUD_INCOMPLETE, false}, {NUD_NOARP, false},
    };
    static const char *const addrs[] = {"192.0.2.9", "2001:db8::9"};
    (void)arg;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct message message = message_of(addrs[i % 2], rows[i / 2].state);
        struct heard heard = {0};
        assert_true(neighbour_parse(&message, message.head.nlmsg_len, hear, &heard));
        assert_int_equal(heard.count, rows[i / 2].seen);
        if (heard.count > 0)
            assert_addr(&heard.last, addrs[i % 2]);
    }
}

static void what_is_malformed_is_passed_over(void **state)
{
    struct message good = message_of("2001:db8::9", NUD_STALE), bad[3];
    struct heard heard = {0};
    (void)state;
    for (uint32_t len = 0; len < good.head.nlmsg_len; len++)
        neighbour_parse(&good, len, hear, &heard); /* cut */
    assert_int_equal(heard.count, 0);
    bad[0] = bad[1] = good;
    bad[0].dst.rta_len = 99;
    bad[1].dst.rta_len = RTA_LENGTH(4); /* of another family */
    bad[2] = good;
    assert_true(neighbour_parse(bad, sizeof bad, hear, &heard)); /* the third is fine */
    assert_int_equal(heard.count, 1);
    bad[0].head.nlmsg_type = NLMSG_DONE;
    assert_false(neighbour_parse(bad, sizeof bad, hear, &heard));
    assert_int_equal(heard.count, 1);
}

/* --- what may be looked at --- */

static void bounds_of_a_prefix(void **state)
{
    struct closed_want want = {.parallel = 4, .prefix = prefix_of("192.0.2.0/24")};
    (void)state;
    assert_null(port_set_add(&want.ports, "1:258"));
    assert_int_equal(closed_addrs_max(&want), 254);
    assert_null(closed_prefix_problem(&want));
    assert_int_equal(closed_longest_ms(&want, 500),
                     254 * 258 / 4 * 500 + 254 * 258 * CLOSED_PACE_MS);
    assert_null(port_set_add(&want.ports, "259"));
    assert_non_null(closed_prefix_problem(&want)); /* 65786 attempts */
    want.prefix = prefix_of("2001:db8::/64");
    assert_null(closed_prefix_problem(&want)); /* as many as are known, at most 253 */
    assert_int_equal(closed_addrs_max(&want), 253);
    want.given[want.given_count++] = addr_of("2001:db8:1::1");
    assert_non_null(closed_prefix_problem(&want));
    want.given[0] = addr_of("2001:db8::1");
    assert_null(closed_prefix_problem(&want));
    want.prefix = (struct prefix){0};
    assert_non_null(closed_prefix_problem(&want)); /* addresses without a prefix */
}

static void another_prefix_is_another_target(void **state)
{
    struct closed_want a = {.parallel = 4, .prefix = prefix_of("2001:db8::/64")}, b = a;
    (void)state;
    assert_true(closed_want_equal(&a, &b));
    b.prefix.len = 63;
    assert_false(closed_want_equal(&a, &b));
    b = a;
    b.given[b.given_count++] = addr_of("2001:db8::1");
    assert_false(closed_want_equal(&a, &b));
    a.given[a.given_count++] = addr_of("2001:db8::2");
    assert_false(closed_want_equal(&a, &b));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_ones_are_counted),
        cmocka_unit_test(large_ones_are_never_swept),
        cmocka_unit_test(what_was_given_is_known),
        cmocka_unit_test(own_addresses_are_known),
        cmocka_unit_test(not_every_address_is_a_host),
        cmocka_unit_test(neighbours_that_were_seen_are_told),
        cmocka_unit_test(what_is_malformed_is_passed_over),
        cmocka_unit_test(bounds_of_a_prefix),
        cmocka_unit_test(another_prefix_is_another_target),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
