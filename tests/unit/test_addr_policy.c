/* SPDX-License-Identifier: ISC
 *
 * The policy, as tables: what there is, what was published, what is to be chosen and why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "lib/str.h"
#include "monitor/address/addr_policy.h"

#define FOREVER UINT32_MAX
#define NOW     INT64_C(1000000)

/* An address on eth0. */
struct have {
    const char *text;
    uint32_t flags;
    uint32_t preferred_s; /* 0: 1800, to keep the tables short; use IFA_F_DEPRECATED for none */
    uint8_t prefix_len;   /* 0: 64 or 24 */
    int changed_ago_ms;   /* 0: long ago */
    uint8_t scope;        /* 0: universe, or link for fe80:: */
    bool expired;         /* no preferred lifetime is left, and no flag says so */
};

static void put_link(struct addrset *set, int index, const char *name, bool up, bool loopback,
                     int64_t now)
{
    struct rtnl_event event = {.kind = RTNL_LINK,
                               .link = {.index = index, .up = up, .loopback = loopback}};
    str_copy(event.link.name, sizeof(event.link.name), name);
    addrset_feed(set, &event, now);
}

static void put(struct addrset *set, int index, const struct have *have)
{
    struct rtnl_event event = {.kind = RTNL_ADDR,
                               .addr = {.index = index, .flags = have->flags, .valid_s = 86400}};
    assert_true(addr_parse(have->text, &event.addr.addr));
    bool v4 = event.addr.addr.af == AF_INET;
    event.addr.preferred_s = have->expired ? 0 : have->preferred_s ? have->preferred_s : 1800;
    event.addr.prefix_len = have->prefix_len ? have->prefix_len : v4 ? 24 : 64;
    event.addr.scope = str_starts(have->text, "fe80") ? RT_SCOPE_LINK : have->scope;
    addrset_feed(set, &event, have->changed_ago_ms ? NOW - have->changed_ago_ms : 1000);
}

static struct addrset *new_set(void)
{
    struct addrset *set = addrset_new();
    addrset_sync_begin(set);
    addrset_synced(set);
    return set;
}

static struct addr addr_of(const char *text)
{
    struct addr addr = {0};
    if (text)
        assert_true(addr_parse(text, &addr));
    return addr;
}

/* --- one choice --------------------------------------------------------------------------- */

#define MAX_HAVE 5

struct scene {
    const char *name;
    struct have have[MAX_HAVE];
    const char *present;
    enum address_prefer prefer;
    const char *want;   /* NULL: none */
    const char *reason; /* see is_reason */
};

static const struct scene scenes[] = {
    {"nothing there", {{0}}, NULL, PREFER_STABLE, NULL, "no IPv6 address on eth0"},
    {"one plain address", {{.text = "2400::1"}}, NULL, PREFER_STABLE, "2400::1", "the only fit"},
    {"static before stable",
     {{.text = "2400::211:22ff:fe33:4455", .preferred_s = FOREVER},
      {.text = "2400::99", .flags = IFA_F_PERMANENT, .preferred_s = FOREVER}},
     NULL,
     PREFER_STABLE,
     "2400::99",
     "first of 2 fit ones: static"},
    {"EUI-64 before DHCPv6",
     {{.text = "2400::2", .prefix_len = 128, .preferred_s = FOREVER},
      {.text = "2400::211:22ff:fe33:4455"}},
     NULL,
     PREFER_STABLE,
     "2400::211:22ff:fe33:4455",
     "EUI-64"},
    {"stable privacy before DHCPv6",
     {{.text = "2400::2", .prefix_len = 128}, {.text = "2400::3", .flags = IFA_F_STABLE_PRIVACY}},
     NULL,
     PREFER_STABLE,
     "2400::3",
     "RFC 7217"},
    {"parent of temporaries before DHCPv6",
     {{.text = "2400::2", .prefix_len = 128}, {.text = "2400::3", .flags = IFA_F_MANAGETEMPADDR}},
     NULL,
     PREFER_STABLE,
     "2400::3",
     "parent of temporary"},
    {"DHCPv6 before dynamic",
     {{.text = "2400::1"}, {.text = "2400::2", .prefix_len = 128}},
     NULL,
     PREFER_STABLE,
     "2400::2",
     "DHCPv6"},
    {"longer lifetime",
     {{.text = "2400::1", .preferred_s = 1800}, {.text = "2400::2", .preferred_s = 90000}},
     NULL,
     PREFER_STABLE,
     "2400::2",
     ""},
    {"lifetimes of one order: the smaller number",
     {{.text = "2400::2", .preferred_s = 1799}, {.text = "2400::1", .preferred_s = 1200}},
     NULL,
     PREFER_STABLE,
     "2400::1",
     ""},
    {"temporary is not published",
     {{.text = "2400::1", .flags = IFA_F_TEMPORARY}},
     NULL,
     PREFER_STABLE,
     NULL,
     "temporary"},
    {"a temporary one appears",
     {{.text = "2400::9", .flags = IFA_F_MANAGETEMPADDR},
      {.text = "2400::1", .flags = IFA_F_TEMPORARY}},
     "2400::9",
     PREFER_STABLE,
     "2400::9",
     "kept"},
    {"temporary where preferred",
     {{.text = "2400::1", .flags = IFA_F_MANAGETEMPADDR},
      {.text = "2400::9", .flags = IFA_F_TEMPORARY}},
     NULL,
     PREFER_TEMPORARY,
     "2400::9",
     "temporary"},
    {"prefer temporary: moves from the stable fallback",
     {{.text = "2400::1", .flags = IFA_F_MANAGETEMPADDR},
      {.text = "2400::9", .flags = IFA_F_TEMPORARY}},
     "2400::1",
     PREFER_TEMPORARY,
     "2400::9",
     ""},
    {"prefer temporary: stable when there is none",
     {{.text = "2400::1", .flags = IFA_F_MANAGETEMPADDR}},
     NULL,
     PREFER_TEMPORARY,
     "2400::1",
     ""},
    {"prefer temporary: the present one until it is deprecated",
     {{.text = "2400::8", .flags = IFA_F_TEMPORARY, .preferred_s = 90000},
      {.text = "2400::9", .flags = IFA_F_TEMPORARY}},
     "2400::9",
     PREFER_TEMPORARY,
     "2400::9",
     "kept"},
    {"prefer temporary: on when it is deprecated",
     {{.text = "2400::8", .flags = IFA_F_TEMPORARY, .preferred_s = 90000},
      {.text = "2400::9", .flags = IFA_F_TEMPORARY | IFA_F_DEPRECATED}},
     "2400::9",
     PREFER_TEMPORARY,
     "2400::8",
     ""},
    {"deprecated",
     {{.text = "2400::1", .flags = IFA_F_DEPRECATED}},
     "2400::1",
     PREFER_STABLE,
     NULL,
     "deprecated"},
    {"tentative",
     {{.text = "2400::1", .flags = IFA_F_TENTATIVE}},
     NULL,
     PREFER_STABLE,
     NULL,
     "tentative"},
    {"optimistic is tentative too",
     {{.text = "2400::1", .flags = IFA_F_TENTATIVE | IFA_F_OPTIMISTIC}},
     NULL,
     PREFER_STABLE,
     NULL,
     "tentative"},
    {"DAD failed",
     {{.text = "2400::1", .flags = IFA_F_TENTATIVE | IFA_F_DADFAILED}},
     NULL,
     PREFER_STABLE,
     NULL,
     "DAD failed"},
    {"renumbered, the old prefix withdrawn: moves",
     {{.text = "2400:a::5", .flags = IFA_F_MANAGETEMPADDR | IFA_F_DEPRECATED},
      {.text = "2400:b::5", .flags = IFA_F_MANAGETEMPADDR}},
     "2400:a::5",
     PREFER_STABLE,
     "2400:b::5",
     "the only fit"},
    {"renumbered, the old prefix not withdrawn: stays, and says so",
     {{.text = "2400:a::5", .flags = IFA_F_MANAGETEMPADDR},
      {.text = "2400:b::5", .flags = IFA_F_MANAGETEMPADDR}},
     "2400:a::5",
     PREFER_STABLE,
     "2400:a::5",
     "beside it 2400:b::5, another prefix"},
    {"hysteresis: a better one comes",
     {{.text = "2400::5"}, {.text = "2400::1", .flags = IFA_F_PERMANENT, .preferred_s = FOREVER}},
     "2400::5",
     PREFER_STABLE,
     "2400::5",
     "kept"},
    {"the present one is gone",
     {{.text = "2400::5"}},
     "2400::1",
     PREFER_STABLE,
     "2400::5",
     "the only fit"},
    {"not settled",
     {{.text = "2400::5", .changed_ago_ms = 400}},
     NULL,
     PREFER_STABLE,
     NULL,
     "settles in 600 ms"},
    {"just settled",
     {{.text = "2400::5", .changed_ago_ms = 1000}},
     NULL,
     PREFER_STABLE,
     "2400::5",
     ""},
    {"the present one needn't settle again",
     {{.text = "2400::5", .changed_ago_ms = 10}},
     "2400::5",
     PREFER_STABLE,
     "2400::5",
     "kept"},
    {"a settled one while a better one settles",
     {{.text = "2400::5"},
      {.text = "2400::1", .flags = IFA_F_PERMANENT, .preferred_s = FOREVER, .changed_ago_ms = 10}},
     NULL,
     PREFER_STABLE,
     "2400::5",
     ""},
    {"a global address that the kernel keeps to the link",
     {{.text = "2400::1", .flags = IFA_F_PERMANENT, .scope = RT_SCOPE_LINK}},
     NULL,
     PREFER_STABLE,
     NULL,
     "scope link"},
    {"a preferred lifetime of 0 without the flag",
     {{.text = "2400::1", .expired = true}},
     NULL,
     PREFER_STABLE,
     NULL,
     "deprecated"},
    {"a day is of the longer class",
     {{.text = "2400::1", .preferred_s = 86399}, {.text = "2400::2", .preferred_s = 86400}},
     NULL,
     PREFER_STABLE,
     "2400::2",
     ""},
    {"half of ff:fe is no EUI-64",
     {{.text = "2400::9", .flags = IFA_F_STABLE_PRIVACY}, {.text = "2400::211:22ff:aa33:4455"}},
     NULL,
     PREFER_STABLE,
     "2400::9",
     "RFC 7217"},
    {"half of ff:fe is no EUI-64, alone",
     {{.text = "2400::211:22ff:aa33:4455"}},
     NULL,
     PREFER_STABLE,
     "2400::211:22ff:aa33:4455",
     "the only fit one: dynamic"},
    {"what may pass is named before what lasts",
     {{.text = "fd00::1", .flags = IFA_F_PERMANENT, .preferred_s = FOREVER},
      {.text = "fe80::1", .flags = IFA_F_PERMANENT, .preferred_s = FOREVER},
      {.text = "2400::1", .flags = IFA_F_TENTATIVE}},
     NULL,
     PREFER_STABLE,
     NULL,
     "2400::1: tentative"},
    {"an hour is of the longer class",
     {{.text = "2400::1", .preferred_s = 3599}, {.text = "2400::2", .preferred_s = 3600}},
     NULL,
     PREFER_STABLE,
     "2400::2",
     ""},
    {"a single address has the same prefix as its neighbour",
     {{.text = "2400::5", .prefix_len = 128}, {.text = "2400::1"}},
     "2400::5",
     PREFER_STABLE,
     "2400::5",
     "^kept: still fit, "},
    {"an unfit one of another prefix is nothing beside",
     {{.text = "2400::5"}, {.text = "2400:1::1", .flags = IFA_F_DEPRECATED}},
     "2400::5",
     PREFER_STABLE,
     "2400::5",
     "^kept: still fit, "},
    {"one that is unfit tells why",
     {{.text = "2400::5", .flags = IFA_F_DEPRECATED}},
     NULL,
     PREFER_STABLE,
     NULL,
     "^2400::5: deprecated"},
    {"two that are unfit",
     {{.text = "2400::5", .flags = IFA_F_DEPRECATED}, {.text = "fd00::1"}},
     NULL,
     PREFER_STABLE,
     NULL,
     "^none is fit; "},
    {"what settles will be fit, whatever stands beside it",
     {{.text = "2400::5", .changed_ago_ms = 10}, {.text = "fd00::1"}},
     NULL,
     PREFER_STABLE,
     NULL,
     "^2400::5: "},
};

/* A part of the reason; with "^", its start. */
static bool is_reason(const char *reason, const char *wanted)
{
    return wanted[0] == '^' ? str_starts(reason, wanted + 1) : strstr(reason, wanted) != NULL;
}

static void play(const struct scene *scene)
{
    struct addrset *set = new_set();
    struct addr present = addr_of(scene->present);
    struct addr_policy policy = {
        .interface = "eth0", .family = FAMILY_IPV6, .prefer = scene->prefer, .settle_ms = 1000};
    struct addr_choice choice;
    char got[ADDR_STRLEN] = "none";
    put_link(set, 2, "eth0", true, false, 0);
    for (size_t i = 0; i < MAX_HAVE && scene->have[i].text; i++)
        put(set, 2, &scene->have[i]);
    addr_choose(set, &policy, &present, NOW, &choice);
    if (choice.chosen)
        addr_format(&choice.candidates[0].addr.addr, got);
    if (strcmp(got, scene->want ? scene->want : "none") != 0)
        fail_msg("%s: chose %s (%s)", scene->name, got, choice.reason);
    if (!is_reason(choice.reason, scene->reason))
        fail_msg("%s: reason \"%s\"", scene->name, choice.reason);
    addrset_free(set);
}

static void test_scenes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++)
        play(&scenes[i]);
}

/* The order in which addresses come must not matter. */
static void test_order_of_arrival(void **state)
{
    static const struct have have[] = {
        {.text = "2400::5", .flags = IFA_F_MANAGETEMPADDR},
        {.text = "2400::4", .flags = IFA_F_MANAGETEMPADDR},
        {.text = "2400::1", .flags = IFA_F_TEMPORARY},
        {.text = "2400::2", .flags = IFA_F_DEPRECATED},
    };
    struct addr_policy policy = {.interface = "eth0", .family = FAMILY_IPV6};
    (void)state;
    for (size_t first = 0; first < 4; first++) {
        struct addrset *set = new_set();
        struct addr_choice choice;
        put_link(set, 2, "eth0", true, false, 0);
        for (size_t i = 0; i < 4; i++)
            put(set, 2, &have[(first + i) % 4]);
        addr_choose(set, &policy, NULL, NOW, &choice);
        assert_true(choice.chosen);
        char text[ADDR_STRLEN];
        assert_string_equal(addr_format(&choice.candidates[0].addr.addr, text), "2400::4");
        assert_int_equal(choice.count, 4);
        addrset_free(set);
    }
}

/* --- ranges ------------------------------------------------------------------------------- */

static void test_ranges(void **state)
{
    static const struct {
        const char *text;
        const char *reason; /* NULL: fit */
    } rows[] = {
        {"0.1.2.3", "0.0.0.0/8"},
        {"10.1.2.3", "10.0.0.0/8"},
        {"100.64.0.1", "carrier-grade"},
        {"100.127.255.255", "100.64.0.0/10"},
        {"100.128.0.1", NULL},
        {"127.0.0.1", "loopback"},
        {"169.254.1.1", "link-local"},
        {"172.16.0.1", "172.16.0.0/12"},
        {"172.32.0.1", NULL},
        {"192.0.0.2", "DS-Lite"},
        {"192.0.0.8", "192.0.0.0/24"},
        {"192.0.2.1", "documentation"},
        {"192.88.99.1", "6to4"},
        {"192.168.1.5", "private"},
        {"198.18.0.1", "benchmarking"},
        {"198.51.100.1", "198.51.100.0/24"},
        {"203.0.113.7", "documentation"},
        {"224.0.0.1", "multicast"},
        {"240.0.0.1", "240.0.0.0/4"},
        {"255.255.255.255", "broadcast"},
        {"153.240.1.1", NULL},
        {"::", "unspecified"},
        {"::1", "loopback"},
        {"::ffff:1.2.3.4", "IPv4-mapped"},
        {"64:ff9b::1", "NAT64"},
        {"64:ff9b:1::1", "64:ff9b:1::/48"},
        {"100::1", "discard"},
        {"2001:0:1::1", "Teredo"},
        {"2001:2::1", "benchmarking"},
        {"2001:20::1", "ORCHID"},
        {"2001:db8::1", "documentation"},
        {"2002::1", "6to4"},
        {"3fff::1", "documentation"},
        {"fc00::1", "unique local"},
        {"fd12::1", "fc00::/7"},
        {"fe80::1", "link-local"},
        {"fec0::1", "site-local"},
        {"ff02::1", "multicast"},
        {"4000::1", "outside"},
        {"2400:4050::1", NULL},
        {"2001:380:a120::9", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char buf[96];
        struct addr addr = addr_of(rows[i].text);
        const char *reason = addr_reject_reason(&addr, NULL, 0, buf, sizeof(buf));
        if (!reason != !rows[i].reason || (reason && !strstr(reason, rows[i].reason)))
            fail_msg("%s: %s", rows[i].text, reason ? reason : "fit");
    }
}

static void test_accept(void **state)
{
    struct prefix accept[2];
    char buf[96];
    (void)state;
    assert_true(prefix_parse("203.0.113.0/24", &accept[0]));
    assert_true(prefix_parse("fd00::/8", &accept[1]));
    struct addr lifted = addr_of("203.0.113.7");
    struct addr ula = addr_of("fd00::7");
    struct addr other = addr_of("198.51.100.7");
    assert_null(addr_reject_reason(&lifted, accept, 2, buf, sizeof(buf)));
    assert_null(addr_reject_reason(&ula, accept, 2, buf, sizeof(buf)));
    assert_non_null(addr_reject_reason(&other, accept, 2, buf, sizeof(buf)));

    struct addrset *set = new_set();
    struct addr_choice choice;
    struct addr_policy policy = {.family = FAMILY_IPV4, .accept = accept, .accept_count = 2};
    put_link(set, 2, "eth0", true, false, 0);
    put(set, 2, &(struct have){.text = "203.0.113.7", .flags = IFA_F_PERMANENT});
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_true(choice.chosen);
    assert_non_null(strstr(choice.reason, "documentation (RFC 5737), accepted"));
    addrset_free(set);
}

/* --- when to look again ------------------------------------------------------------------- */

static void choose_from(const struct have *have, size_t count, struct addr_choice *choice)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.interface = "eth0", .family = FAMILY_IPV6, .settle_ms = 1000};
    put_link(set, 2, "eth0", true, false, 0);
    for (size_t i = 0; i < count; i++)
        put(set, 2, &have[i]);
    addr_choose(set, &policy, NULL, NOW, choice);
    addrset_free(set);
}

/* The first that settles is waited for, in whatever order they stand. */
static void test_looks_again_when_the_first_settles(void **state)
{
    static const struct have have[] = {
        {.text = "2400::1", .changed_ago_ms = 900},
        {.text = "2400::2", .changed_ago_ms = 100},
        {.text = "2400::3", .changed_ago_ms = 990},
        {.text = "2400::4", .changed_ago_ms = 500},
    };
    static struct addr_choice choice;
    (void)state;
    choose_from(have, 4, &choice);
    assert_false(choice.chosen);
    assert_true(choice.coming);
    assert_int_equal(choice.wait_ms, 10);
    static const struct have settled[] = {{.text = "2400::1", .changed_ago_ms = 1000}};
    choose_from(settled, 1, &choice);
    assert_true(choice.chosen && choice.wait_ms == INT64_MAX);
    static const struct have last[] = {{.text = "2400::1", .changed_ago_ms = 999}};
    choose_from(last, 1, &choice);
    assert_false(choice.chosen);
    assert_int_equal(choice.wait_ms, 1);
}

/* "Coming" holds back the news that an address is lost: only what can become fit may say so. */
static void test_what_is_coming(void **state)
{
    static const struct {
        struct have have;
        bool coming;
    } rows[] = {
        {{.text = "2400::1", .flags = IFA_F_TENTATIVE}, true},
        {{.text = "2400::1", .changed_ago_ms = 10}, true},
        {{.text = "2400::1", .flags = IFA_F_TENTATIVE | IFA_F_DADFAILED}, false},
        {{.text = "fe80::1", .flags = IFA_F_TENTATIVE}, false},
        {{.text = "2400::1", .flags = IFA_F_TENTATIVE | IFA_F_TEMPORARY}, false},
        {{.text = "2400::1", .flags = IFA_F_DEPRECATED}, false},
        {{.text = "fd00::1"}, false},
        {{.text = "2400::1"}, false},
    };
    static struct addr_choice choice;
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        choose_from(&rows[i].have, 1, &choice);
        if (choice.coming != rows[i].coming)
            fail_msg("row %zu: %s", i, choice.reason);
    }
}

/* --- IPv4, links -------------------------------------------------------------------------- */

static void test_ipv4_primary_first(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV4};
    struct addr_choice choice;
    (void)state;
    put_link(set, 2, "eth0", true, false, 0);
    put(set, 2, &(struct have){.text = "8.8.8.1", .flags = IFA_F_SECONDARY | IFA_F_PERMANENT});
    put(set, 2, &(struct have){.text = "8.8.8.9", .flags = IFA_F_PERMANENT});
    addr_choose(set, &policy, NULL, NOW, &choice);
    char text[ADDR_STRLEN];
    assert_string_equal(addr_format(&choice.candidates[0].addr.addr, text), "8.8.8.9");
    assert_string_equal(choice.candidates[1].reason, "secondary, static");
    assert_int_equal(choice.candidates[1].fitness, ADDR_FIT);
    addrset_free(set);
}

static void put_kind(struct addrset *set, int index, const char *name, const char *kind)
{
    struct rtnl_event event = {.kind = RTNL_LINK, .link = {.index = index, .up = true}};
    str_copy(event.link.name, sizeof(event.link.name), name);
    str_copy(event.link.kind, sizeof(event.link.kind), kind);
    addrset_feed(set, &event, 0);
}

/* An address that is ours alone before one that is shared or perhaps is; and each says what it is.
 */
static void test_ipv4_whole_before_shared(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV4};
    struct addr_choice choice;
    (void)state;
    put_kind(set, 2, "map-wan", "ip6tnl");
    put_kind(set, 3, "pppoe-wanppp", "ppp");
    put_kind(set, 4, "tnl0", "ip6tnl");
    put(set, 2, &(struct have){.text = "8.8.8.1", .flags = IFA_F_PERMANENT});
    put(set, 3, &(struct have){.text = "8.8.8.9", .flags = IFA_F_SECONDARY, .preferred_s = 60});
    put(set, 4, &(struct have){.text = "8.8.8.2", .flags = IFA_F_PERMANENT});
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_string_equal(choice.candidates[0].link, "pppoe-wanppp");
    assert_int_equal(choice.line, ADDR_LINE_PLAIN);
    assert_string_equal(choice.candidates[1].reason, "static; MAP-E: shared, no port below 1024");
    assert_string_equal(choice.candidates[2].reason, "static; IPv4 in IPv6: perhaps shared");
    policy.interface = "map-wan";
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_true(choice.chosen);
    assert_int_equal(choice.line, ADDR_LINE_MAP_E);
    addrset_free(set);
}

/* Of a line that has nothing to publish the first that explains why; what was accepted is no news.
 */
static void test_ipv4_line_without_an_address(void **state)
{
    struct prefix accept;
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV4, .accept = &accept};
    struct addr_choice choice;
    (void)state;
    assert_true(prefix_parse("100.64.0.0/10", &accept));
    put_link(set, 2, "wan", true, false, 0);
    put(set, 2, &(struct have){.text = "100.64.1.2"});
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_false(choice.chosen);
    assert_int_equal(choice.line, ADDR_LINE_CGNAT);
    assert_string_equal(choice.reason, "100.64.1.2: carrier-grade NAT (RFC 6598), 100.64.0.0/10");
    policy.accept_count = 1;
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_true(choice.chosen);
    assert_int_equal(choice.line, ADDR_LINE_PLAIN);
    addrset_free(set);
}

static void test_loopback_only_when_named(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV4};
    struct addr_choice choice;
    (void)state;
    put_link(set, 1, "lo", true, true, 0);
    put(set, 1, &(struct have){.text = "8.8.8.1"});
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_int_equal(choice.count, 0);
    assert_string_equal(choice.reason, "no IPv4 address on any interface");
    policy.interface = "lo";
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_true(choice.chosen);
    addrset_free(set);
}

/* The same address on two links, as with anycast or a bridge: by the name of the link. */
static void test_one_address_on_two_links(void **state)
{
    (void)state;
    for (int first = 2; first <= 3; first++) {
        struct addrset *set = new_set();
        struct addr_policy policy = {.family = FAMILY_IPV4};
        struct addr_choice choice;
        put_link(set, first, "eth1", true, false, 0);
        put_link(set, 5 - first, "eth0", true, false, 0);
        put(set, first, &(struct have){.text = "8.8.8.1"});
        put(set, 5 - first, &(struct have){.text = "8.8.8.1"});
        addr_choose(set, &policy, NULL, NOW, &choice);
        assert_int_equal(choice.count, 2);
        assert_string_equal(choice.candidates[0].link, "eth0");
        addrset_free(set);
    }
}

static void test_no_link(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.interface = "eth7", .family = FAMILY_IPV4};
    struct addr_choice choice;
    (void)state;
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_false(choice.chosen);
    assert_int_equal(choice.wait_ms, INT64_MAX);
    assert_string_equal(choice.reason, "there is no interface eth7");
    put_link(set, 7, "eth7", false, false, 0);
    put(set, 7, &(struct have){.text = "8.8.8.8"});
    addr_choose(set, &policy, NULL, NOW, &choice);
    assert_false(choice.chosen);
    assert_string_equal(choice.reason, "interface eth7 is down");
    addrset_free(set);
}

static void test_more_than_fit_in(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV6};
    static struct addr_choice choice;
    struct addr present = addr_of("2400::ffff");
    (void)state;
    put_link(set, 2, "eth0", true, false, 0);
    for (unsigned i = 0; i < 500; i++) {
        char text[64];
        snprintf(text, sizeof(text), "2400::%x", 600 - i);
        put(set, 2, &(struct have){.text = text, .flags = IFA_F_PERMANENT});
    }
    put(set, 2, &(struct have){.text = "2400::ffff"});
    addr_choose(set, &policy, &present, NOW, &choice);
    assert_true(choice.cut);
    assert_int_equal(choice.count, ADDR_MAX_CANDIDATES);
    char text[ADDR_STRLEN];
    assert_string_equal(addr_format(&choice.candidates[0].addr.addr, text), "2400::ffff");
    assert_string_equal(addr_format(&choice.candidates[1].addr.addr, text), "2400::65");
    addrset_free(set);
}

/* --- the recorded PPPoE session, message by message --------------------------------------- */

struct session {
    struct addrset *set;
    struct addr present;
    int64_t now_ms;
    char story[512];
};

static void step(const struct rtnl_event *event, void *arg)
{
    struct session *session = arg;
    struct prefix accept;
    struct addr_choice choice;
    assert_true(prefix_parse("203.0.113.0/24", &accept));
    struct addr_policy policy = {
        .interface = "pppoe-wanppp", .family = FAMILY_IPV4, .accept = &accept, .accept_count = 1};
    struct rtnl_event timeless = *event;
    timeless.addr.created_cs = 0;
    addrset_feed(session->set, &timeless, session->now_ms++);
    addr_choose(session->set, &policy, &session->present, session->now_ms, &choice);
    static const struct addr none;
    struct addr now = choice.chosen ? choice.candidates[0].addr.addr : none;
    if (addr_equal(&now, &session->present))
        return;
    char text[ADDR_STRLEN];
    session->present = now;
    str_append(session->story, sizeof(session->story), "%s%s;", event->kind == RTNL_LINK ? "" : "!",
               addr_format(&now, text));
}

/* With settle 0: the first NEWADDR, on a link that is down, is not acted on (it is withdrawn at
 * once); the address counts from the moment the link is up. */
static void test_pppoe_session(void **state)
{
    const char *srcdir = getenv("srcdir");
    static _Alignas(8) uint8_t data[65536];
    char path[512];
    struct session session = {.set = new_set(), .now_ms = NOW};
    (void)state;
    snprintf(path, sizeof(path), "%s/tests/replay/rtnl/pppoe.bin", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(data, 1, sizeof(data), file);
    fclose(file);
    assert_true(rtnl_parse(data, len, step, &session));
    assert_string_equal(session.story, "203.0.113.100;-;203.0.113.101;");
    addrset_free(session.set);
}

/* A refresh by router advertisement every few seconds never moves the choice. */
static void test_refreshes_move_nothing(void **state)
{
    struct addrset *set = new_set();
    struct addr_policy policy = {.family = FAMILY_IPV6, .settle_ms = 1000};
    struct addr present = addr_of(NULL);
    struct addr_choice choice;
    int moves = 0;
    (void)state;
    put_link(set, 2, "eth0", true, false, 0);
    put(set, 2, &(struct have){.text = "2400:a::1", .preferred_s = 604800});
    put(set, 2, &(struct have){.text = "2400:b::1", .preferred_s = 604800});
    for (uint32_t i = 0; i < 2000; i++) {
        put(set, 2, &(struct have){.text = "2400:a::1", .preferred_s = 604800 - (i % 7) * 100});
        put(set, 2, &(struct have){.text = "2400:b::1", .preferred_s = 604900 - (i % 5) * 100});
        addr_choose(set, &policy, &present, NOW + i * 3000, &choice);
        assert_true(choice.chosen);
        moves += !addr_equal(&present, &choice.candidates[0].addr.addr);
        present = choice.candidates[0].addr.addr;
    }
    assert_int_equal(moves, 1);
    addrset_free(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scenes),
        cmocka_unit_test(test_order_of_arrival),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_accept),
        cmocka_unit_test(test_ipv4_primary_first),
        cmocka_unit_test(test_ipv4_whole_before_shared),
        cmocka_unit_test(test_ipv4_line_without_an_address),
        cmocka_unit_test(test_loopback_only_when_named),
        cmocka_unit_test(test_looks_again_when_the_first_settles),
        cmocka_unit_test(test_what_is_coming),
        cmocka_unit_test(test_one_address_on_two_links),
        cmocka_unit_test(test_no_link),
        cmocka_unit_test(test_more_than_fit_in),
        cmocka_unit_test(test_pppoe_session),
        cmocka_unit_test(test_refreshes_move_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
