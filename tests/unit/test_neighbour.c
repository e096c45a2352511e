/* SPDX-License-Identifier: ISC
 *
 * Neighbours: what the set keeps of the kernel's messages, and which address of a host is chosen.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>

#include "monitor/address/neigh_choice.h"

#define LAN 3
#define WAN 4

static const uint8_t host[MAC_LEN] = {2, 0, 0x5e, 0x10, 0, 5};
static const uint8_t other[MAC_LEN] = {2, 0, 0x5e, 0x10, 0, 6};

#define A_EUI64   "2400:a:0:1:0:5eff:fe10:5"
#define B_EUI64   "2400:b:0:1:0:5eff:fe10:5"
#define A_RANDOM  "2400:a:0:1:1234:5678:9abc:def0"
#define A_RANDOM2 "2400:a:0:1:8765:4321:9abc:def0"
#define B_RANDOM  "2400:b:0:1:1234:5678:9abc:def0"
#define A_NUMBER  "2400:a:0:1::5"

struct fixture {
    struct neighset *set;
    struct addr_choice own;
    struct addr present;
    int64_t now_ms;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    f->set = neighset_new();
    f->now_ms = 1000000;
    assert_true(neighset_want(f->set, &host, 1));
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    neighset_free(f->set);
    free(f);
    return 0;
}

static bool feed(struct fixture *f, int index, const char *text, const uint8_t *mac, unsigned nud)
{
    struct rtnl_event event = {
        .kind = RTNL_NEIGHBOUR,
        .neighbour = {.index = index, .state = (uint16_t)nud, .has_mac = mac != NULL}};
    assert_true(addr_parse(text, &event.neighbour.addr));
    if (mac)
        memcpy(event.neighbour.mac, mac, MAC_LEN);
    return neighset_feed(f->set, &event, f->now_ms++);
}

static bool gone(struct fixture *f, const char *text)
{
    struct rtnl_event event = {.kind = RTNL_NEIGHBOUR_GONE, .neighbour = {.index = LAN}};
    assert_true(addr_parse(text, &event.neighbour.addr));
    return neighset_feed(f->set, &event, f->now_ms++);
}

static size_t count(const struct fixture *f)
{
    size_t rows;
    neighset_rows(f->set, &rows);
    return rows;
}

/* One more address of our own; the first is the chosen one. */
static void own(struct fixture *f, int index, const char *text, uint8_t len,
                enum addr_fitness fitness)
{
    struct addr_candidate *candidate = &f->own.candidates[f->own.count++];
    *candidate = (struct addr_candidate){.fitness = fitness};
    candidate->addr.index = index;
    candidate->addr.prefix_len = len;
    assert_true(addr_parse(text, &candidate->addr.addr));
    f->own.chosen = f->own.candidates[0].fitness == ADDR_FIT;
}

/* want: the address, or NULL; said: a part of the reason. Takes what is chosen for present. */
static void expect(struct fixture *f, const char *want, const char *said)
{
    struct neigh_choice choice;
    char text[ADDR_STRLEN] = "none";
    neigh_choose(f->set, host, &f->own, &f->present, &choice);
    if (choice.chosen)
        addr_format(&choice.addr, text);
    if (strcmp(text, want ? want : "none") != 0 || !strstr(choice.reason, said))
        fail_msg("%s, not %s: %s", text, want ? want : "none", choice.reason);
    f->present = choice.addr;
}

/* --- the set ------------------------------------------------------------------------------ */

static void test_only_the_wanted(void **state)
{
    struct fixture *f = *state;
    assert_true(feed(f, LAN, A_EUI64, host, NUD_REACHABLE));
    assert_false(feed(f, LAN, A_NUMBER, other, NUD_REACHABLE));
    assert_false(feed(f, LAN, "192.168.1.5", host, NUD_REACHABLE));
    assert_int_equal(count(f), 1);
    /* what nobody waits for is no change */
    assert_false(feed(f, LAN, A_EUI64, host, NUD_REACHABLE));
    assert_true(feed(f, LAN, A_EUI64, host, NUD_STALE));
    assert_false(feed(f, LAN, A_EUI64, host, NUD_DELAY));
    assert_false(feed(f, LAN, A_EUI64, host, NUD_PROBE));
    /* one that fails loses its MAC address in the message */
    assert_true(feed(f, LAN, A_EUI64, NULL, NUD_FAILED));
    assert_false(feed(f, LAN, A_NUMBER, NULL, NUD_INCOMPLETE));
    assert_true(gone(f, A_EUI64));
    assert_false(gone(f, A_EUI64));
    assert_int_equal(count(f), 0);
}

static void test_another_host_takes_the_address(void **state)
{
    struct fixture *f = *state;
    assert_true(feed(f, LAN, A_NUMBER, host, NUD_REACHABLE));
    assert_true(feed(f, LAN, A_NUMBER, other, NUD_REACHABLE));
    assert_int_equal(count(f), 0);
}

static void test_wanted_ones_change(void **state)
{
    struct fixture *f = *state;
    const uint8_t both[2][MAC_LEN] = {{2, 0, 0x5e, 0x10, 0, 6}, {2, 0, 0x5e, 0x10, 0, 5}};
    feed(f, LAN, A_NUMBER, host, NUD_REACHABLE);
    assert_true(neighset_want(f->set, both, 2));
    assert_int_equal(count(f), 1);
    assert_false(neighset_want(f->set, both, 2));
    feed(f, LAN, A_EUI64, other, NUD_REACHABLE);
    assert_false(neighset_want(f->set, both, 1)); /* the first, other, stays */
    assert_int_equal(count(f), 1);
    assert_false(neighset_want(f->set, NULL, 0));
    assert_int_equal(count(f), 0);
}

static void test_a_dump_drops_what_it_does_not_name(void **state)
{
    struct fixture *f = *state;
    feed(f, LAN, A_NUMBER, host, NUD_REACHABLE);
    feed(f, LAN, A_EUI64, host, NUD_REACHABLE);
    neighset_sync_begin(f->set);
    feed(f, LAN, A_EUI64, host, NUD_REACHABLE);
    neighset_synced(f->set);
    assert_int_equal(count(f), 1);
}

static void test_the_set_is_bounded(void **state)
{
    struct fixture *f = *state;
    char text[ADDR_STRLEN + 8];
    for (int i = 0; i < 3000; i++) {
        snprintf(text, sizeof text, "2400:a:0:1::%x", i + 1);
        feed(f, LAN, text, host, NUD_REACHABLE);
    }
    assert_int_equal(count(f), 1024);
}

/* --- the choice --------------------------------------------------------------------------- */

static void test_in_our_prefixes_only(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    own(f, WAN, "2400:c::7", 64, ADDR_FIT);
    own(f, LAN, "2400:d::7", 128, ADDR_FIT);
    own(f, LAN, "2400:b:0:1::1", 64, ADDR_UNFIT); /* deprecated */
    expect(f, NULL, "02:00:5e:10:00:05 is not known under an address of the network of 2400:a");
    feed(f, LAN, "fe80::5eff:fe10:5", host, NUD_REACHABLE);
    feed(f, LAN, B_EUI64, host, NUD_REACHABLE);
    feed(f, LAN, "2400:c::5", host, NUD_REACHABLE); /* the network of another link */
    feed(f, LAN, "2400:d::7", host, NUD_REACHABLE);
    feed(f, LAN, "2400:a:0:2::5", host, NUD_REACHABLE);
    expect(f, NULL, "is not known under an address");
    feed(f, LAN, A_RANDOM, host, NUD_REACHABLE);
    expect(f, A_RANDOM, "of the neighbour 02:00:5e:10:00:05, stable or temporary");
}

static void test_stable_before_random(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    feed(f, LAN, A_RANDOM, host, NUD_REACHABLE);
    expect(f, A_RANDOM, "");
    feed(f, LAN, A_RANDOM2, host, NUD_REACHABLE);
    expect(f, A_RANDOM, ""); /* a second temporary one: no reason to move */
    feed(f, LAN, A_EUI64, host, NUD_STALE);
    expect(f, A_EUI64, "EUI-64); not heard lately");
    feed(f, LAN, A_NUMBER, host, NUD_REACHABLE);
    expect(f, A_EUI64, "EUI-64"); /* as good as the present one */
    f->present = (struct addr){0};
    expect(f, A_NUMBER, "by hand or by DHCPv6"); /* heard lately, with nothing to keep */
}

static void test_of_two_the_one_heard_last(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    feed(f, LAN, A_RANDOM2, host, NUD_STALE);
    feed(f, LAN, A_RANDOM, host, NUD_STALE);
    expect(f, A_RANDOM, "");
    f->present = (struct addr){0};
    feed(f, LAN, A_RANDOM2, host, NUD_REACHABLE);
    expect(f, A_RANDOM2, "");
}

static void test_a_host_that_sleeps(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    feed(f, LAN, A_RANDOM, host, NUD_REACHABLE);
    feed(f, LAN, A_RANDOM2, host, NUD_STALE);
    expect(f, A_RANDOM, "");
    feed(f, LAN, A_RANDOM, NULL, NUD_FAILED);
    expect(f, A_RANDOM, "kept"); /* the other is not known to answer either */
    gone(f, A_RANDOM);
    expect(f, A_RANDOM, "kept");
    feed(f, LAN, A_RANDOM2, host, NUD_REACHABLE);
    expect(f, A_RANDOM2, "");
    gone(f, A_RANDOM2);
    expect(f, A_RANDOM2, "kept: it is not heard of now");
    f->own.count = 0; /* the prefix is gone as well */
    f->own.chosen = false;
    strcpy(f->own.reason, "interface br-lan is down");
    expect(f, NULL, "interface br-lan is down");
}

static void test_renumbered(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    own(f, LAN, "2400:b:0:1::1", 64, ADDR_FIT);
    feed(f, LAN, A_EUI64, host, NUD_REACHABLE);
    feed(f, LAN, B_EUI64, host, NUD_REACHABLE);
    expect(f, A_EUI64, ""); /* our own first */
    f->own.count = 0;
    own(f, LAN, "2400:b:0:1::1", 64, ADDR_FIT);
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_UNFIT);
    expect(f, B_EUI64, "");
    /* both networks fit: where it is now */
    f->own.count = 0;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    own(f, LAN, "2400:b:0:1::1", 64, ADDR_FIT);
    expect(f, B_EUI64, "");
}

static void test_never_of_a_prefix_that_is_gone(void **state)
{
    struct fixture *f = *state;
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    feed(f, LAN, A_EUI64, host, NUD_PERMANENT);
    expect(f, A_EUI64, "");
    f->own.count = 0;
    own(f, LAN, "2400:b:0:1::1", 64, ADDR_FIT);
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_UNFIT);
    expect(f, NULL, "is not known under an address of the network of 2400:b:0:1::1/64");
    feed(f, LAN, B_RANDOM, host, NUD_REACHABLE);
    expect(f, B_RANDOM, "");
}

static void test_guesses(void **state)
{
    struct fixture *f = *state;
    struct addr guesses[NEIGH_MAX_GUESSES];
    char text[ADDR_STRLEN];
    own(f, LAN, "2400:a:0:1::1", 64, ADDR_FIT);
    own(f, LAN, "2400:d::7", 128, ADDR_FIT);
    own(f, LAN, "2400:e::7", 64, ADDR_UNFIT);
    assert_int_equal(neigh_guess(host, &f->own, &f->present, guesses), 1);
    assert_string_equal(addr_format(&guesses[0], text), A_EUI64);
    addr_parse(B_EUI64, &f->present);
    assert_int_equal(neigh_guess(host, &f->own, &f->present, guesses), 1);
    addr_parse(B_RANDOM, &f->present);
    assert_int_equal(neigh_guess(host, &f->own, &f->present, guesses), 2);
    assert_string_equal(addr_format(&guesses[0], text), A_RANDOM);
    addr_parse("2400:b:0:1::1", &f->present); /* there it is ours */
    assert_int_equal(neigh_guess(host, &f->own, &f->present, guesses), 1);
    for (int i = 0; i < 9; i++) {
        snprintf(text, sizeof text, "2400:f:0:%d::1", i);
        own(f, LAN, text, 64, ADDR_FIT);
    }
    addr_parse(B_RANDOM, &f->present);
    assert_int_equal(neigh_guess(host, &f->own, &f->present, guesses), NEIGH_MAX_GUESSES);
}

static void test_no_network_for_neighbours(void **state)
{
    struct fixture *f = *state;
    own(f, WAN, "2400:c::7", 128, ADDR_FIT);
    expect(f, NULL, "2400:c::7/128 names no network for neighbours");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_only_the_wanted, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_host_takes_the_address, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wanted_ones_change, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_dump_drops_what_it_does_not_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_set_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_in_our_prefixes_only, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stable_before_random, setup, teardown),
        cmocka_unit_test_setup_teardown(test_of_two_the_one_heard_last, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_host_that_sleeps, setup, teardown),
        cmocka_unit_test_setup_teardown(test_renumbered, setup, teardown),
        cmocka_unit_test_setup_teardown(test_never_of_a_prefix_that_is_gone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_guesses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_network_for_neighbours, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
