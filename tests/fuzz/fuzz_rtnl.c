/* SPDX-License-Identifier: ISC
 *
 * rtnetlink messages, and what is made of them: the sets of addresses and of neighbours, and
 * the choices among them.
 */
#include "monitor/address/addr_policy.h"
#include "monitor/address/addr_view.h"
#include "monitor/address/addrset.h"
#include "monitor/address/neigh_choice.h"
#include "monitor/address/rtnl_msg.h"
#include "tests/fuzz/fuzz.h"

#define MAX_EVENTS 2000 /* a set of more is a matter of time, not of bounds */

/* The host of the seeds. */
static const uint8_t mac[1][MAC_LEN] = {{2, 0, 0x5e, 0x10, 0, 5}};

struct feed {
    struct addrset *set;
    struct neighset *neighbours;
    size_t count;
    int64_t now_ms;
};

static void on_event(const struct rtnl_event *event, void *arg)
{
    struct feed *feed = arg;
    if (event->kind == RTNL_LINK || event->kind == RTNL_LINK_GONE) {
        MUST(event->link.index > 0 && strnlen(event->link.name, IF_NAMESIZE) < IF_NAMESIZE);
        MUST(event->kind == RTNL_LINK_GONE || event->link.name[0]);
    } else if (event->kind == RTNL_NEIGHBOUR || event->kind == RTNL_NEIGHBOUR_GONE) {
        MUST(event->neighbour.index > 0 && addr_is_set(&event->neighbour.addr));
    } else {
        MUST(event->addr.index > 0 && addr_is_set(&event->addr.addr));
        MUST(event->addr.prefix_len <= 8 * addr_len(&event->addr.addr));
        MUST(!addr_equal(&event->addr.addr, &event->addr.peer));
    }
    if (feed->count++ < MAX_EVENTS)
        addrset_feed(feed->set, event, feed->now_ms);
    neighset_feed(feed->neighbours, event, feed->now_ms);
    feed->now_ms += 10;
}

static void choose_neighbour(const struct neighset *set, const struct addr_choice *own,
                             const struct addr *present)
{
    struct neigh_choice choice;
    bool ours = false;
    neigh_choose(set, mac[0], own, present, &choice);
    MUST(choice.reason[0] && fuzz_is_clean(choice.reason, sizeof choice.reason));
    for (size_t i = 0; i < own->count; i++) {
        struct prefix prefix = {own->candidates[i].addr.addr, own->candidates[i].addr.prefix_len};
        ours |= own->candidates[i].fitness != ADDR_UNFIT && prefix_contains(&prefix, &choice.addr);
    }
    MUST(!choice.chosen || ours);
}

static void choose(const struct feed *feed, enum family family, const struct addr *present)
{
    static const int64_t now_ms = 100000000;
    struct addr_policy policy = {.family = family, .settle_ms = 1000};
    struct addr_choice choice;
    addr_choose(feed->set, &policy, present, now_ms, &choice);
    MUST(choice.count <= ADDR_MAX_CANDIDATES && (!choice.chosen || choice.count > 0));
    MUST(choice.wait_ms > 0 && choice.reason[0]);
    MUST(fuzz_is_clean(choice.reason, sizeof(choice.reason)));
    for (size_t i = 0; i < choice.count; i++) {
        const struct addr_candidate *candidate = &choice.candidates[i];
        MUST(addr_family(&candidate->addr.addr) == family);
        MUST(fuzz_is_clean(candidate->reason, sizeof(candidate->reason)) && candidate->reason[0]);
        MUST(i == 0 || candidate->fitness != ADDR_FIT || choice.chosen ||
             choice.candidates[0].fitness == ADDR_FIT);
    }
    if (choice.chosen) {
        char reason[128];
        MUST(choice.candidates[0].fitness == ADDR_FIT);
        MUST(!addr_reject_reason(&choice.candidates[0].addr.addr, NULL, 0, reason, sizeof(reason)));
    }
    json_decref(addr_view_json(&choice));
    if (family == FAMILY_IPV6)
        choose_neighbour(feed->neighbours, &choice, present);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed feed = {.set = addrset_new(), .neighbours = neighset_new(), .now_ms = 1000};
    struct addr present = {.af = AF_UNSPEC};
    neighset_want(feed.neighbours, mac, 1);
    addrset_sync_begin(feed.set);
    rtnl_parse(data, size, on_event, &feed);
    addrset_synced(feed.set);
    choose(&feed, FAMILY_IPV4, &present);
    choose(&feed, FAMILY_IPV6, &present);
    neighset_sync_begin(feed.neighbours);
    addrset_sync_begin(feed.set); /* once more, as after ENOBUFS */
    rtnl_parse(data, size, on_event, &feed);
    addrset_synced(feed.set);
    neighset_synced(feed.neighbours);
    addr_parse("2a00:0:0:1::5", &present);
    choose(&feed, FAMILY_IPV6, &present);
    neighset_free(feed.neighbours);
    addrset_free(feed.set);
    return 0;
}
