/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/if_addr.h>

#include "lib/log.h"
#include "lib/str.h"
#include "monitor/address/addrset.h"

static bool link_is(struct addrset *set, int index, const char *name, bool up, int64_t now)
{
    struct rtnl_event event = {.kind = RTNL_LINK, .link = {.index = index, .up = up, .mtu = 1500}};
    str_copy(event.link.name, sizeof(event.link.name), name);
    return addrset_feed(set, &event, now);
}

static bool link_gone(struct addrset *set, int index, int64_t now)
{
    struct rtnl_event event = {.kind = RTNL_LINK_GONE, .link.index = index};
    return addrset_feed(set, &event, now);
}

static struct rtnl_event addr_event(enum rtnl_kind kind, int index, const char *text)
{
    struct rtnl_event event = {
        .kind = kind,
        .addr = {.index = index, .prefix_len = 64, .preferred_s = 1800, .valid_s = 3600}};
    assert_true(addr_parse(text, &event.addr.addr));
    return event;
}

static bool addr_is(struct addrset *set, int index, const char *text, uint32_t flags, int64_t now)
{
    struct rtnl_event event = addr_event(RTNL_ADDR, index, text);
    event.addr.flags = flags;
    return addrset_feed(set, &event, now);
}

static bool addr_gone(struct addrset *set, int index, const char *text, int64_t now)
{
    struct rtnl_event event = addr_event(RTNL_ADDR_GONE, index, text);
    return addrset_feed(set, &event, now);
}

static void add_line(const struct addrset_entry *entry, void *arg)
{
    char text[ADDR_STRLEN];
    str_append(arg, 1024, "%s %s%s %lld;", entry->link, addr_format(&entry->addr->addr, text),
               entry->link_up ? "" : " down", (long long)entry->changed_ms);
}

static const char *shown(const struct addrset *set, const char *link)
{
    static char text[1024];
    text[0] = '\0';
    addrset_each(set, link, add_line, text);
    return text;
}

static int setup(void **state)
{
    struct addrset *set = addrset_new();
    addrset_sync_begin(set);
    addrset_synced(set);
    *state = set;
    return 0;
}

static int teardown(void **state)
{
    addrset_free(*state);
    return 0;
}

static void test_recreated_link(void **state)
{
    struct addrset *set = *state;
    bool up;
    assert_true(link_is(set, 2, "pppoe-wanppp", true, 10));
    assert_true(addr_is(set, 2, "198.51.100.1", 0, 20));
    assert_true(link_is(set, 2, "pppoe-wanppp", false, 30));
    assert_true(addr_gone(set, 2, "198.51.100.1", 31));
    assert_true(link_gone(set, 2, 32));
    assert_false(addrset_link(set, "pppoe-wanppp", &up));
    assert_true(link_is(set, 9, "pppoe-wanppp", true, 40));
    assert_true(addr_is(set, 9, "198.51.100.2", 0, 41));
    assert_string_equal(shown(set, "pppoe-wanppp"), "pppoe-wanppp 198.51.100.2 41;");
    assert_true(addrset_link(set, "pppoe-wanppp", &up));
    assert_true(up);
}

/* The new link may be told of before the end of the old one. */
static void test_name_taken_over(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "wan", true, 10);
    addr_is(set, 2, "198.51.100.1", 0, 10);
    link_is(set, 3, "wan", true, 20);
    addr_is(set, 3, "198.51.100.2", 0, 20);
    assert_string_equal(shown(set, "wan"), "wan 198.51.100.2 20;");
    assert_string_equal(shown(set, NULL), "wan 198.51.100.2 20;");
    assert_true(link_is(set, 2, "old", true, 30));
    assert_string_equal(shown(set, "old"), "old 198.51.100.1 30;");
}

static void test_holder(void **state)
{
    struct addrset *set = *state;
    struct addrset_entry entry;
    struct addr addr;
    assert_true(addr_parse("198.51.100.1", &addr));
    assert_false(addrset_holder(set, &addr, &entry));
    link_is(set, 2, "wan", true, 10);
    link_is(set, 3, "lan", true, 10);
    addr_is(set, 3, "198.51.100.1", 0, 10);
    addr_is(set, 2, "198.51.100.2", 0, 10);
    assert_true(addrset_holder(set, &addr, &entry));
    assert_string_equal(entry.link, "lan");
    addr_is(set, 2, "198.51.100.1", 0, 20);
    assert_true(addrset_holder(set, &addr, &entry));
    assert_string_equal(entry.link, "wan");
    addr_gone(set, 2, "198.51.100.1", 30);
    addr_gone(set, 3, "198.51.100.1", 30);
    assert_false(addrset_holder(set, &addr, &entry));
}

static void test_rename_carries_addresses(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "ppp0", true, 10);
    addr_is(set, 2, "198.51.100.1", 0, 11);
    assert_string_equal(shown(set, "pppoe-wanppp"), "");
    assert_true(link_is(set, 2, "pppoe-wanppp", true, 20));
    assert_string_equal(shown(set, "pppoe-wanppp"), "pppoe-wanppp 198.51.100.1 20;");
    assert_string_equal(shown(set, "ppp0"), "");
}

static void test_address_before_its_link(void **state)
{
    struct addrset *set = *state;
    addr_is(set, 5, "198.51.100.1", 0, 10);
    assert_string_equal(shown(set, NULL), "");
    link_is(set, 5, "eth0", true, 20);
    assert_string_equal(shown(set, NULL), "eth0 198.51.100.1 20;");
}

static void test_link_gone_drops_addresses(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "eth0", true, 10);
    link_is(set, 3, "eth1", true, 10);
    addr_is(set, 2, "2001:db8::1", 0, 10);
    addr_is(set, 3, "2001:db8::2", 0, 10);
    assert_true(link_gone(set, 2, 20));
    assert_false(link_gone(set, 2, 21));
    assert_string_equal(shown(set, NULL), "eth1 2001:db8::2 10;");
}

static void test_what_is_a_change(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "eth0", true, 10);
    assert_false(link_is(set, 2, "eth0", true, 11));
    assert_true(addr_is(set, 2, "2001:db8::1", IFA_F_TENTATIVE, 20));
    assert_true(addr_is(set, 2, "2001:db8::1", 0, 30));
    assert_false(addr_is(set, 2, "2001:db8::1", 0, 40));

    /* A router advertisement: lifetimes only. They are kept, the stamp is not touched. */
    struct rtnl_event refresh = addr_event(RTNL_ADDR, 2, "2001:db8::1");
    refresh.addr.preferred_s = 7000;
    assert_false(addrset_feed(set, &refresh, 50));
    assert_string_equal(shown(set, "eth0"), "eth0 2001:db8::1 30;");

    refresh.addr.preferred_s = 0;
    assert_true(addrset_feed(set, &refresh, 60));
    assert_true(addr_is(set, 2, "2001:db8::1", IFA_F_DEPRECATED, 70));
    assert_true(addr_is(set, 2, "2001:db8::1", IFA_F_DADFAILED | IFA_F_TENTATIVE, 80));
    assert_true(link_is(set, 2, "eth0", false, 90));
    assert_string_equal(shown(set, "eth0"), "eth0 2001:db8::1 down 90;");
    assert_false(addr_gone(set, 2, "2001:db8::99", 100));
    assert_true(addr_gone(set, 2, "2001:db8::1", 100));
}

/* A PPP link in the making: the plain form goes, the one with a peer stays. */
static void test_same_address_two_peers(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "ppp0", true, 0);
    struct rtnl_event with_peer = addr_event(RTNL_ADDR, 2, "198.51.100.1");
    assert_true(addr_parse("198.51.100.9", &with_peer.addr.peer));
    assert_true(addr_is(set, 2, "198.51.100.1", 0, 10));
    assert_true(addrset_feed(set, &with_peer, 20));
    assert_true(addr_gone(set, 2, "198.51.100.1", 30));
    assert_string_equal(shown(set, "ppp0"), "ppp0 198.51.100.1 20;");
}

static void test_dump_sweeps(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "eth0", true, 10);
    link_is(set, 3, "eth1", true, 10);
    addr_is(set, 2, "2001:db8::1", 0, 10);
    addr_is(set, 2, "2001:db8::2", 0, 10);
    addr_is(set, 3, "2001:db8::3", 0, 10);
    addrset_sync_begin(set);
    assert_false(link_is(set, 2, "eth0", true, 99));
    assert_false(addr_is(set, 2, "2001:db8::2", 0, 99));
    addrset_sync_begin(set); /* interrupted: from the start */
    assert_false(link_is(set, 2, "eth0", true, 100));
    assert_false(addr_is(set, 2, "2001:db8::2", 0, 100));
    addrset_synced(set);
    assert_string_equal(shown(set, NULL), "eth0 2001:db8::2 10;");
}

/* What the first dump finds was there before: it needn't settle. */
static void test_first_dump_is_old(void **state)
{
    (void)state;
    struct addrset *set = addrset_new();
    struct rtnl_event event = addr_event(RTNL_ADDR, 2, "2001:db8::1");
    event.addr.created_cs = 1000; /* 10 s after boot */
    addrset_sync_begin(set);
    link_is(set, 2, "eth0", true, 60000);
    addrset_feed(set, &event, 60000);
    addrset_synced(set);
    assert_string_equal(shown(set, "eth0"), "eth0 2001:db8::1 10000;");
    /* One that a later dump finds counts as new from its birth, its link from now. */
    addrset_sync_begin(set);
    link_is(set, 2, "eth0", true, 70000);
    link_is(set, 3, "eth1", true, 70000);
    event.addr.index = 3;
    event.addr.created_cs = 6900;
    addrset_feed(set, &event, 70000);
    addrset_synced(set);
    assert_string_equal(shown(set, "eth1"), "eth1 2001:db8::1 70000;");
    addrset_free(set);
}

static void test_birth_stamp_wraps(void **state)
{
    struct addrset *set = *state;
    struct rtnl_event event = addr_event(RTNL_ADDR, 2, "2001:db8::1");
    int64_t now = (INT64_C(1) << 32) * 10 + 5000; /* 497 days: the stamp has wrapped */
    link_is(set, 2, "eth0", true, 0);
    event.addr.created_cs = 0xffffff00;
    addrset_feed(set, &event, now);
    char want[64];
    snprintf(want, sizeof(want), "eth0 2001:db8::1 %lld;", (long long)(now - 7560));
    assert_string_equal(shown(set, "eth0"), want);
    /* A stamp from the future (a clock that differs by a tick) is now. */
    struct rtnl_event next = addr_event(RTNL_ADDR, 2, "2001:db8::2");
    next.addr.created_cs = 502;
    addrset_feed(set, &next, now);
    assert_non_null(strstr(shown(set, "eth0"), "2001:db8::2 42949677960"));
}

static void test_thousands(void **state)
{
    struct addrset *set = *state;
    char text[64];
    link_is(set, 2, "eth0", true, 0);
    for (int i = 0; i < 5000; i++) {
        snprintf(text, sizeof(text), "2001:db8::%x", (i * 7919) % 5000 + 1);
        assert_true(addr_is(set, 2, text, 0, i));
    }
    for (int i = 0; i < 4999; i++) {
        snprintf(text, sizeof(text), "2001:db8::%x", (i * 31) % 5000 + 1);
        assert_true(addr_gone(set, 2, text, i));
    }
    snprintf(text, sizeof(text), "2001:db8::%x", (4999 * 31) % 5000 + 1);
    assert_non_null(strstr(shown(set, "eth0"), text));
}

/* The kernel knows an IPv6 address by itself alone: with another prefix length it is the same. */
static void test_another_prefix_length(void **state)
{
    struct addrset *set = *state;
    link_is(set, 2, "eth0", true, 0);
    addr_is(set, 2, "2001:db8::1", 0, 10);
    struct rtnl_event event = addr_event(RTNL_ADDR, 2, "2001:db8::1");
    event.addr.prefix_len = 128;
    addrset_feed(set, &event, 20);
    char text[1024] = "";
    addrset_each(set, NULL, add_line, text);
    assert_null(strstr(strchr(text, ';') + 1, "2001:db8::1"));
}

static void test_dump_sweeps_links(void **state)
{
    struct addrset *set = *state;
    bool up;
    link_is(set, 2, "eth0", true, 0);
    link_is(set, 3, "eth1", true, 0);
    addrset_sync_begin(set);
    link_is(set, 3, "eth1", true, 10);
    addrset_synced(set);
    assert_false(addrset_link(set, "eth0", &up));
    assert_true(addrset_link(set, "eth1", &up) && up);
}

/* Its link was never told of, yet the address goes with it. */
static void test_unknown_link_gone(void **state)
{
    struct addrset *set = *state;
    assert_false(link_gone(set, 7, 0));
    addr_is(set, 7, "2001:db8::1", 0, 10);
    assert_true(link_gone(set, 7, 20));
    link_is(set, 7, "eth0", true, 30);
    assert_string_equal(shown(set, NULL), "");
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_recreated_link),
        T(test_name_taken_over),
        T(test_holder),
        T(test_rename_carries_addresses),
        T(test_address_before_its_link),
        T(test_link_gone_drops_addresses),
        T(test_what_is_a_change),
        T(test_same_address_two_peers),
        T(test_dump_sweeps),
        T(test_first_dump_is_old),
        T(test_birth_stamp_wraps),
        T(test_another_prefix_length),
        T(test_dump_sweeps_links),
        T(test_unknown_link_gone),
        T(test_thousands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
