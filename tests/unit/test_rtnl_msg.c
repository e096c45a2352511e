/* SPDX-License-Identifier: ISC
 *
 * The rtnetlink parser against recordings of a real kernel (tests/replay/rtnl), and against
 * messages that no kernel would send.
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
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "lib/str.h"
#include "monitor/address/rtnl_msg.h"

struct said {
    char text[8192];
    size_t count;
};

static void say(const struct rtnl_event *event, void *arg)
{
    struct said *said = arg;
    char a[ADDR_STRLEN];
    char p[ADDR_STRLEN];
    said->count++;
    switch (event->kind) {
    case RTNL_LINK:
        str_append(said->text, sizeof(said->text), "link %d %s %s%u\n", event->link.index,
                   event->link.name, event->link.up ? "up " : "", event->link.mtu);
        break;
    case RTNL_LINK_GONE:
        str_append(said->text, sizeof(said->text), "gone %d\n", event->link.index);
        break;
    case RTNL_NEIGHBOUR:
    case RTNL_NEIGHBOUR_GONE:
        str_append(said->text, sizeof(said->text), "%s %d %s mac %d..%02x state %x, %u cs\n",
                   event->kind == RTNL_NEIGHBOUR ? "neighbour" : "left", event->neighbour.index,
                   addr_format(&event->neighbour.addr, a), event->neighbour.has_mac,
                   event->neighbour.mac[5], event->neighbour.state, event->neighbour.confirmed_cs);
        break;
    case RTNL_ADDR:
    case RTNL_ADDR_GONE:
        if (event->addr.scope == RT_SCOPE_LINK) /* made up anew at each recording */
            break;
        str_append(said->text, sizeof(said->text), "%s %d %s/%u peer %s flags %x\n",
                   event->kind == RTNL_ADDR ? "addr" : "lost", event->addr.index,
                   addr_format(&event->addr.addr, a), event->addr.prefix_len,
                   addr_format(&event->addr.peer, p), event->addr.flags);
        break;
    }
}

static void *load(const char *name, size_t *len)
{
    const char *srcdir = getenv("srcdir");
    char path[512];
    snprintf(path, sizeof(path), "%s/tests/replay/rtnl/%s", srcdir ? srcdir : ".", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    void *data = malloc(65536);
    *len = fread(data, 1, 65536, file);
    fclose(file);
    return data;
}

static void say_kind(const struct rtnl_event *event, void *arg)
{
    struct said *said = arg;
    if (event->kind == RTNL_LINK)
        str_append(said->text, sizeof(said->text), "%s %s\n", event->link.name, event->link.kind);
}

static void replay(const char *name, struct said *said)
{
    size_t len;
    void *data = load(name, &len);
    memset(said, 0, sizeof(*said));
    assert_true(rtnl_parse(data, len, say, said));
    free(data);
}

/* What sort of link it is, as a real kernel says it. */
static void test_kinds(void **state)
{
    struct said said = {.count = 0};
    size_t len;
    (void)state;
    void *data = load("dump.bin", &len);
    assert_true(rtnl_parse(data, len, say_kind, &said));
    assert_string_equal(said.text, "lo \npeer0 veth\neth0 veth\npppoe-wanppp tun\nbr0 bridge\n");
    free(data);
}

/* One link with this as its IFLA_LINKINFO. */
static void expect_kind(const char *info, size_t info_len, const char *want)
{
    struct {
        struct nlmsghdr nlh;
        struct ifinfomsg link;
        struct nlattr name_head;
        char name[8];
        struct nlattr info_head;
        char info[64];
    } m = {.nlh = {.nlmsg_type = RTM_NEWLINK},
           .link = {.ifi_index = 7},
           .name_head = {.nla_type = IFLA_IFNAME, .nla_len = 4 + 8},
           .name = "map-wan",
           .info_head = {.nla_type = IFLA_LINKINFO, .nla_len = (uint16_t)(4 + info_len)}};
    struct said said = {.count = 0};
    memcpy(m.info, info, info_len);
    m.nlh.nlmsg_len = (uint32_t)(offsetof(__typeof__(m), info) + info_len);
    assert_true(rtnl_parse(&m, m.nlh.nlmsg_len, say_kind, &said));
    assert_string_equal(said.text, want);
}

static void test_kinds_that_are_none(void **state)
{
    (void)state;
    expect_kind("\x0b\0\x01\0ip6tnl\0\0", 12, "map-wan ip6tnl\n");
    expect_kind("\x0a\0\x01\0ip6tnl\0\0", 12, "map-wan \n"); /* without an end */
    expect_kind("\x40\0\x01\0ip6tnl\0\0", 12, "map-wan \n"); /* longer than there is */
    expect_kind("\x0b\0\x02\0ip6tnl\0\0", 12, "map-wan \n"); /* of another type */
    expect_kind("\x18\0\x01\0a-kind-that-is-long\0", 24, "map-wan \n");
    expect_kind("\x0b\0", 2, "map-wan \n");
    expect_kind("", 0, "map-wan \n");
}

static void test_dump(void **state)
{
    struct said said;
    (void)state;
    replay("dump.bin", &said);
    assert_string_equal(said.text, "link 1 lo up 65536\n"
                                   "link 2 peer0 up 1500\n"
                                   "link 3 eth0 up 1500\n"
                                   "link 4 pppoe-wanppp 1500\n"
                                   "link 5 br0 1500\n"
                                   "addr 1 127.0.0.1/8 peer - flags 80\n"
                                   "addr 3 192.0.2.10/24 peer - flags 80\n"
                                   "addr 3 192.0.2.11/24 peer - flags 81\n"
                                   "addr 4 203.0.113.7/32 peer 203.0.113.1 flags 80\n"
                                   "addr 1 ::1/128 peer - flags 80\n"
                                   "addr 3 2001:db8:1::10/64 peer - flags 2\n"
                                   "addr 3 2001:db8::10/64 peer - flags 82\n");
}

static void test_pppoe(void **state)
{
    struct said said;
    (void)state;
    replay("pppoe.bin", &said);
    assert_string_equal(said.text, "link 2 ppp0 1500\n"
                                   "link 2 pppoe-wanppp 1500\n"
                                   "link 2 pppoe-wanppp 1454\n"
                                   "addr 2 203.0.113.100/32 peer - flags 80\n"
                                   "lost 2 203.0.113.100/32 peer - flags 80\n"
                                   "addr 2 203.0.113.100/32 peer 203.0.113.1 flags 80\n"
                                   "link 2 pppoe-wanppp up 1454\n"
                                   "link 2 pppoe-wanppp 1454\n"
                                   "lost 2 203.0.113.100/32 peer 203.0.113.1 flags 80\n"
                                   "gone 2\n"
                                   "link 3 ppp0 1500\n"
                                   "link 3 pppoe-wanppp 1500\n"
                                   "link 3 pppoe-wanppp 1454\n"
                                   "addr 3 203.0.113.101/32 peer - flags 80\n"
                                   "lost 3 203.0.113.101/32 peer - flags 80\n"
                                   "addr 3 203.0.113.101/32 peer 203.0.113.1 flags 80\n"
                                   "link 3 pppoe-wanppp up 1454\n");
}

/* A real pppd (tests/pppoe). First with IPV6CP, which has the link up before the address comes, is
 * withdrawn and comes again; then without. */
static void test_pppd(void **state)
{
    struct said said;
    (void)state;
    replay("pppd.bin", &said);
    assert_string_equal(said.text, "link 3 onu0 1500\n"
                                   "link 3 onu0 1500\n"
                                   "link 3 onu0 up 1500\n"
                                   "link 4 ppp0 1500\n"
                                   "link 4 pppoe-wanppp 1500\n"
                                   "link 4 pppoe-wanppp 1454\n"
                                   "link 4 pppoe-wanppp up 1454\n"
                                   "addr 4 203.0.113.116/32 peer - flags 80\n"
                                   "lost 4 203.0.113.116/32 peer - flags 80\n"
                                   "addr 4 203.0.113.116/32 peer 203.0.113.1 flags 80\n"
                                   "lost 4 203.0.113.116/32 peer 203.0.113.1 flags 80\n"
                                   "link 4 pppoe-wanppp 1454\n"
                                   "gone 4\n"
                                   "link 5 ppp0 1500\n"
                                   "link 5 pppoe-wanppp 1500\n"
                                   "link 5 pppoe-wanppp 1454\n"
                                   "addr 5 203.0.113.103/32 peer - flags 80\n"
                                   "lost 5 203.0.113.103/32 peer - flags 80\n"
                                   "addr 5 203.0.113.103/32 peer 203.0.113.1 flags 80\n"
                                   "link 5 pppoe-wanppp up 1454\n");
}

static void test_dad(void **state)
{
    struct said said;
    (void)state;
    replay("dad.bin", &said);
    assert_string_equal(said.text, "addr 3 2001:db8::dad/64 peer - flags c0\n"
                                   "addr 3 2001:db8::dad/64 peer - flags c8\n");
}

/* A port that leaves a bridge is told of by a DELLINK of the bridge family. */
static void test_bridge(void **state)
{
    struct said said;
    (void)state;
    replay("bridge.bin", &said);
    assert_non_null(strstr(said.text, "link 4 eth0"));
    assert_null(strstr(said.text, "gone"));
    size_t len;
    uint8_t *data = load("bridge.bin", &len);
    bool bridge_dellink = false;
    size_t step;
    const struct nlmsghdr *nlh;
    for (size_t at = 0; at < len && (nlh = rtnl_message_at(data + at, len - at, &step)); at += step)
        bridge_dellink |= nlh->nlmsg_type == RTM_DELLINK;
    free(data);
    assert_true(bridge_dellink); /* the recording has what the test is about */
}

/* Without the times, which are those of the recording. */
static void say_neighbour(const struct rtnl_event *event, void *arg)
{
    struct said *said = arg;
    char text[ADDR_STRLEN];
    const struct rtnl_neighbour *n = &event->neighbour;
    if (event->kind != RTNL_NEIGHBOUR && event->kind != RTNL_NEIGHBOUR_GONE)
        return;
    str_append(said->text, sizeof(said->text), "%s %s mac %d..%02x state %x\n",
               event->kind == RTNL_NEIGHBOUR ? "neighbour" : "left", addr_format(&n->addr, text),
               n->has_mac, n->mac[5], n->state);
}

static void test_recorded_neighbours(void **state)
{
    struct said said = {.count = 0};
    size_t len;
    (void)state;
    void *data = load("neighbour.bin", &len);
    assert_true(rtnl_parse(data, len, say_neighbour, &said));
    free(data);
    assert_string_equal(said.text, "neighbour 2001:db8:a::5eff:fe10:5 mac 1..05 state 2\n"
                                   "neighbour 2001:db8:a::5eff:fe10:5 mac 1..05 state 4\n"
                                   "neighbour 2001:db8:a::6 mac 0..00 state 20\n"
                                   "neighbour 2001:db8:a::5eff:fe10:5 mac 1..05 state 10\n"
                                   "neighbour 2001:db8:a::5eff:fe10:5 mac 0..00 state 20\n"
                                   "left 2001:db8:a::5eff:fe10:5 mac 0..00 state 20\n"
                                   "left 2001:db8:a::6 mac 0..00 state 20\n"
                                   "neighbour 2001:db8:a::7 mac 1..07 state 80\n"
                                   "neighbour 2001:db8:a::7 mac 0..00 state 20\n"
                                   "left 2001:db8:a::7 mac 0..00 state 20\n");
}

static void test_lifetimes(void **state)
{
    struct said said;
    (void)state;
    replay("renumber.bin", &said);
    assert_non_null(strstr(said.text, "2001:db8:a::5/64 peer - flags 140\n")); /* tentative */
    assert_non_null(strstr(said.text, "2001:db8:a::5/64 peer - flags 100\n"));
    assert_non_null(strstr(said.text, "2001:db8:a::5/64 peer - flags 120\n")); /* deprecated */
    assert_non_null(strstr(said.text, "/64 peer - flags 1\n"));                /* temporary */
    assert_non_null(strstr(said.text, "lost 3 2001:db8:a::5/64"));
}

/* Every cut of a recording: nothing is read beyond the end (the sanitizers watch), and only the cut
 * between two messages is well formed. */
static void test_every_cut(void **state)
{
    static const char *const names[] = {"dump.bin",     "pppoe.bin", "pppd.bin",
                                        "renumber.bin", "dad.bin",   "neighbour.bin"};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        size_t len;
        uint8_t *data = load(names[i], &len);
        size_t boundary = 0;
        for (size_t cut = 0; cut < len && cut < 4096; cut++) {
            struct said said = {.count = 0};
            size_t step;
            uint8_t *copy = malloc(cut ? cut : 1);
            memcpy(copy, data, cut);
            while (boundary < cut && rtnl_message_at(data + boundary, len - boundary, &step))
                boundary += step;
            assert_int_equal(rtnl_parse(copy, cut, say, &said), boundary == cut);
            free(copy);
        }
        free(data);
    }
}

static void test_hostile_lengths(void **state)
{
    struct said said = {.count = 0};
    uint32_t buffer[64];
    (void)state;
    size_t len;
    uint8_t *data = load("dad.bin", &len);
    assert_true(len >= sizeof(buffer) / 2);
    static const uint32_t lengths[] = {0, 1, 15, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        memcpy(buffer, data, sizeof(buffer) / 2);
        buffer[0] = lengths[i];
        assert_false(rtnl_parse(buffer, sizeof(buffer) / 2, say, &said));
    }
    assert_int_equal(said.count, 0);
    free(data);
}

/* One message of a neighbour: its address, and then what else is given. */
static void expect_neighbour(uint16_t type, const struct ndmsg *info, const void *more, size_t len,
                             const char *want)
{
    struct {
        struct nlmsghdr nlh;
        struct ndmsg info;
        struct nlattr dst_head;
        uint8_t dst[16];
        uint8_t more[64];
    } m = {.nlh = {.nlmsg_type = type},
           .info = *info,
           .dst_head = {.nla_type = NDA_DST, .nla_len = 4 + 16},
           .dst = {0x20, 0x01, 0x0d, 0xb8, [15] = 5}};
    struct said said = {.count = 0};
    memcpy(m.more, more, len);
    m.nlh.nlmsg_len = (uint32_t)(offsetof(__typeof__(m), more) + len);
    rtnl_parse(&m, m.nlh.nlmsg_len, say, &said);
    assert_string_equal(said.text, want);
}

#define LLADDR    "\x0a\0\x02\0\x02\0\x5e\x10\0\x05\0\0"
#define CACHEINFO "\x14\0\x03\0\x2a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static void test_neighbours(void **state)
{
    struct ndmsg info = {.ndm_family = AF_INET6, .ndm_ifindex = 3, .ndm_state = NUD_REACHABLE};
    (void)state;
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR CACHEINFO, 32,
                     "neighbour 3 2001:db8::5 mac 1..05 state 2, 42 cs\n");
    expect_neighbour(RTM_DELNEIGH, &info, LLADDR, 12,
                     "left 3 2001:db8::5 mac 1..05 state 2, 0 cs\n");
    /* an address of a tunnel, and one that is cut */
    expect_neighbour(RTM_NEWNEIGH, &info, "\x08\0\x02\0\1\2\3\4", 8,
                     "neighbour 3 2001:db8::5 mac 0..00 state 2, 0 cs\n");
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR, 8, "");
    expect_neighbour(RTM_NEWNEIGH, &info, "\x08\0\x03\0\1\2\3\4", 8,
                     "neighbour 3 2001:db8::5 mac 0..00 state 2, 0 cs\n");
    info.ndm_state = NUD_FAILED;
    expect_neighbour(RTM_NEWNEIGH, &info, "", 0,
                     "neighbour 3 2001:db8::5 mac 0..00 state 20, 0 cs\n");
    info.ndm_flags = NTF_PROXY; /* we answer for it */
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR, 12, "");
    info = (struct ndmsg){.ndm_family = AF_BRIDGE, .ndm_ifindex = 3};
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR, 12, "");
    info = (struct ndmsg){.ndm_family = AF_INET, .ndm_ifindex = 3};
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR, 12, ""); /* of 16 bytes */
    info = (struct ndmsg){.ndm_family = AF_INET6, .ndm_ifindex = 0};
    expect_neighbour(RTM_NEWNEIGH, &info, LLADDR, 12, "");
}

/* One address message with a single attribute. */
static bool one_attr(uint8_t family, uint16_t type, const void *value, uint16_t value_len,
                     struct said *said)
{
    uint32_t buffer[32] = {0};
    struct nlmsghdr *nlh = (void *)buffer;
    struct ifaddrmsg *info = (void *)(buffer + 4);
    struct nlattr *attr = (void *)(buffer + 6);
    nlh->nlmsg_len = NLMSG_HDRLEN + sizeof(*info) + NLA_ALIGN(NLA_HDRLEN + value_len);
    nlh->nlmsg_type = RTM_NEWADDR;
    info->ifa_family = family;
    info->ifa_index = 2;
    attr->nla_type = type;
    attr->nla_len = (uint16_t)(NLA_HDRLEN + value_len);
    memcpy(buffer + 7, value, value_len);
    memset(said, 0, sizeof(*said));
    return rtnl_parse(buffer, nlh->nlmsg_len, say, said);
}

static void test_wrong_attribute_sizes(void **state)
{
    static const uint8_t bytes[16] = {1, 2, 3, 4};
    struct said said;
    (void)state;
    assert_true(one_attr(AF_INET, IFA_LOCAL, bytes, 4, &said));
    assert_int_equal(said.count, 1);
    assert_true(one_attr(AF_INET6, IFA_ADDRESS, bytes, 16, &said));
    assert_int_equal(said.count, 1);
    assert_false(one_attr(AF_INET, IFA_LOCAL, bytes, 16, &said));
    assert_false(one_attr(AF_INET6, IFA_ADDRESS, bytes, 4, &said));
    assert_false(one_attr(AF_INET, IFA_FLAGS, bytes, 2, &said));
    assert_false(one_attr(AF_INET, IFA_CACHEINFO, bytes, 8, &said));
    assert_false(one_attr(AF_INET, IFA_LABEL, bytes, 4, &said)); /* no address at all */
    assert_int_equal(said.count, 0);
    assert_true(one_attr(AF_BRIDGE, IFA_LOCAL, bytes, 4, &said)); /* not ours: skipped */
    assert_int_equal(said.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neighbours),
        cmocka_unit_test(test_dump),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_kinds_that_are_none),
        cmocka_unit_test(test_pppoe),
        cmocka_unit_test(test_pppd),
        cmocka_unit_test(test_dad),
        cmocka_unit_test(test_bridge),
        cmocka_unit_test(test_lifetimes),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_recorded_neighbours),
        cmocka_unit_test(test_hostile_lengths),
        cmocka_unit_test(test_wrong_attribute_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
