/* SPDX-License-Identifier: ISC
 *
 * Comparing the addresses of two sections (see addr_cross.h).
 */
#include "monitor/address/addr_cross.h"

/* Looks in a row that make a difference come or go, and the least time between two of them. */
#define LOOKS        2
#define AGAIN_FACTOR 5 /* settle times */
#define AGAIN_MIN_MS 1000

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t again_ms(int64_t settle_ms)
{
    return later(settle_ms * AGAIN_FACTOR, AGAIN_MIN_MS);
}

/* Both were seen after this moment, or who must be asked for that. */
static bool seen_after(const struct addr_cross_side *ours, const struct addr_cross_side *theirs,
                       int64_t moment_ms, struct addr_cross_step *step)
{
    step->ask_ours = ours->said_ms < moment_ms;
    step->ask_theirs = theirs->said_ms < moment_ms;
    return !step->ask_ours && !step->ask_theirs;
}

struct addr_cross_step addr_cross_feed(struct addr_cross *cross, const struct addr_cross_side *ours,
                                       const struct addr_cross_side *theirs, int64_t settle_ms,
                                       int64_t now_ms)
{
    struct addr_cross_step step = {.move = REMARK_SAME, .wait_ms = INT64_MAX};
    if (!addr_is_set(&ours->now) || !addr_is_set(&theirs->now)) {
        cross->remark.row = 0;
        return step; /* nothing to compare; what was told stays so */
    }
    int64_t settled_ms = later(ours->changed_ms, theirs->changed_ms) + settle_ms;
    bool differ = !addr_equal(&ours->now, &theirs->now);
    /* A row that was begun with other addresses says nothing of these. */
    if (cross->counted_ms < settled_ms)
        cross->remark.row = 0;
    int64_t from_ms = settled_ms;
    if (cross->remark.row > 0)
        from_ms = later(from_ms, cross->counted_ms + again_ms(settle_ms));
    if (now_ms < from_ms) {
        step.wait_ms = from_ms - now_ms;
        return step;
    }
    if (differ == cross->remark.told) {
        cross->remark.row = 0;
        if (differ) /* perhaps only because one has not been asked since the other changed */
            seen_after(ours, theirs, settled_ms, &step);
        return step;
    }
    if (!seen_after(ours, theirs, from_ms, &step))
        return step;
    step.move = remark_feed(&cross->remark, differ, LOOKS, LOOKS);
    cross->counted_ms = now_ms;
    if (step.move == REMARK_SAME)
        step.wait_ms = again_ms(settle_ms);
    return step;
}

const char *addr_cross_word(enum addr_line ours)
{
    return ours == ADDR_LINE_PLAIN ? "other-way-out" : addr_line_word(ours);
}

const char *addr_cross_advice(enum addr_line ours)
{
    if (ours != ADDR_LINE_PLAIN)
        return addr_line_advice(ours);
    return "What asks there leaves another way than by this address: a VPN, a default route over "
           "another line, a proxy, or NAT at the provider. 'ip route get' shows the way; "
           "'interface' in the other section sets it. What is published does not change.";
}
