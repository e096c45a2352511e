/* SPDX-License-Identifier: ISC
 *
 * rtnetlink messages, and what is made of them: the set of addresses and the choice among them.
 */
#include "monitor/addr_policy.h"
#include "monitor/addr_view.h"
#include "monitor/addrset.h"
#include "monitor/rtnl_msg.h"
#include "tests/fuzz/fuzz.h"

#define MAX_EVENTS 2000 /* a set of more is a matter of time, not of bounds */

struct feed {
    struct addrset *set;
    size_t count;
    int64_t now_ms;
};

static void on_event(const struct rtnl_event *event, void *arg)
{
    struct feed *feed = arg;
    if (event->kind == RTNL_LINK || event->kind == RTNL_LINK_GONE) {
        MUST(event->link.index > 0 && strnlen(event->link.name, IF_NAMESIZE) < IF_NAMESIZE);
        MUST(event->kind == RTNL_LINK_GONE || event->link.name[0]);
    } else {
        MUST(event->addr.index > 0 && addr_is_set(&event->addr.addr));
        MUST(event->addr.prefix_len <= 8 * addr_len(&event->addr.addr));
        MUST(!addr_equal(&event->addr.addr, &event->addr.peer));
    }
    if (feed->count++ < MAX_EVENTS)
        addrset_feed(feed->set, event, feed->now_ms);
    feed->now_ms += 10;
}

static void choose(const struct addrset *set, enum family family, const struct addr *present)
{
    static const int64_t now_ms = 100000000;
    struct addr_policy policy = {.family = family, .settle_ms = 1000};
    struct addr_choice choice;
    addr_choose(set, &policy, present, now_ms, &choice);
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
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed feed = {.set = addrset_new(), .now_ms = 1000};
    struct addr present = {.af = AF_UNSPEC};
    addrset_sync_begin(feed.set);
    rtnl_parse(data, size, on_event, &feed);
    addrset_synced(feed.set);
    choose(feed.set, FAMILY_IPV4, &present);
    choose(feed.set, FAMILY_IPV6, &present);
    addrset_sync_begin(feed.set); /* once more, as after ENOBUFS */
    rtnl_parse(data, size, on_event, &feed);
    addrset_synced(feed.set);
    addr_parse("2001:db8::1", &present);
    choose(feed.set, FAMILY_IPV6, &present);
    addrset_free(feed.set);
    return 0;
}
