/* SPDX-License-Identifier: ISC
 *
 * A finished check that waits for word of the own line before it is judged: was it the target, or
 * is nothing outside reached at all? It still counts as under way, so there are never many. Owns:
 * the result until then.
 */
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "monitor/target/target_watch.h"

struct hold {
    struct watch *watch;
    struct round_result result;
    struct asked {
        struct hold *hold;
        struct uplink_wait *wait;
        bool down;
    } asked[FAMILY_COUNT];
    size_t pending;
};

/* A target that is known to be down needs no check of the line, unless that is known to be. */
static bool is_doubtful(const struct watch *watch, enum family family,
                        const struct round_family *seen)
{
    const struct uplink *uplink = watch->owner->env.uplink;
    return seen->asked && uplink_watches(uplink, family) &&
           line_may_explain(round_family_outcome(seen)) &&
           (watch->sides[family].health.state != HEALTH_DOWN ||
            uplink_is_down(uplink, family, &watch->conf->egress));
}

static void on_word(bool down, void *arg)
{
    struct asked *asked = arg;
    struct hold *hold = asked->hold;
    bool line_down[FAMILY_COUNT];
    asked->wait = NULL;
    asked->down = down;
    if (--hold->pending > 0)
        return;
    for (int f = 0; f < FAMILY_COUNT; f++)
        line_down[f] = hold->asked[f].down;
    hold->watch->hold = NULL;
    target_conclude(hold->watch, &hold->result, line_down);
    round_result_clear(&hold->result);
    free(hold);
}

bool target_hold(struct watch *watch, struct round_result *result)
{
    struct hold *hold = NULL;
    int64_t began_ms = clock_mono_ms() - result->took_us / 1000;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!is_doubtful(watch, (enum family)f, &result->families[f]))
            continue;
        hold = hold ? hold : mem_zalloc(sizeof *hold);
        hold->asked[f].hold = hold;
        hold->pending++;
        hold->asked[f].wait = uplink_ask(watch->owner->env.uplink, (enum family)f,
                                         &watch->conf->egress, began_ms, on_word, &hold->asked[f]);
    }
    if (!hold)
        return false;
    hold->watch = watch;
    hold->result = *result; /* moved */
    result->dns = NULL;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        result->families[f].results = NULL;
        result->families[f].count = 0;
    }
    watch->hold = hold;
    return true;
}

void target_hold_cancel(struct watch *watch)
{
    struct hold *hold = watch->hold;
    if (!hold)
        return;
    for (int f = 0; f < FAMILY_COUNT; f++)
        uplink_cancel(hold->asked[f].wait);
    round_result_clear(&hold->result);
    free(hold);
    watch->hold = NULL;
}
