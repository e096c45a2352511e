/* SPDX-License-Identifier: ISC
 *
 * Runs the checks of all targets. Each has one timer; when it fires the check starts, or waits in
 * a queue while as many as descriptors allow are under way. Owns: timers, rounds, the queue. Not
 * its job: judging (target_judge.c), which targets there are (target_configure.c), status
 * (target_json.c).
 */
#include "monitor/target/target.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "monitor/target/schedule.h"
#include "monitor/target/target_watch.h"

/* After so many at once (some ten kB each) the memory goes back, but not while the next are near.
 */
#define PEAK_TO_TRIM 32
#define REST_MS      10000

static void start_next(struct targets *targets);

int64_t watch_next_ms(const struct watch *watch)
{
    const struct config_target *conf = watch->conf;
    bool unsettled = false;
    for (int f = 0; f < FAMILY_COUNT; f++)
        unsettled |= conf->families[f] && health_is_unsettled(&watch->sides[f].health);
    bool sooner = unsettled && conf->retry_every_ms < conf->every_ms;
    return schedule_next_ms(sooner ? conf->retry_every_ms : conf->every_ms, rng_u32());
}

static void on_rest(void *arg)
{
    struct targets *targets = arg;
    if (targets->running > 0)
        return;
    targets->peak = 0;
    mem_trim();
}

/* The kernel can't know the outer address of the router before it; the configuration may. */
static void note_home(const struct targets *targets, struct round_result *result)
{
    for (int f = 0; f < FAMILY_COUNT && targets->env.is_home; f++) {
        struct round_family *family = &result->families[f];
        for (size_t i = 0; i < family->count; i++) {
            struct probe_result *one = &family->results[i];
            if (one->vantage == VANTAGE_OUTSIDE &&
                targets->env.is_home(&one->addr, targets->env.arg))
                one->vantage = VANTAGE_HAIRPIN;
        }
    }
}

void target_conclude(struct watch *watch, const struct round_result *result,
                     const bool line_down[FAMILY_COUNT])
{
    struct targets *targets = watch->owner;
    targets->running--;
    watch_judge(watch, result, line_down);
    loop_timer_set(watch->timer, watch->again ? 0 : watch_next_ms(watch));
    watch->again = false;
    start_next(targets);
    if (targets->running == 0 && targets->peak >= PEAK_TO_TRIM)
        loop_timer_set(targets->trim, REST_MS);
}

/* What DNS should hold now. */
static struct expect expected(const struct targets *targets, const struct config_target *conf)
{
    struct expect expect = conf->expect;
    struct addr addr;
    for (int f = 0; f < FAMILY_COUNT && targets->env.current; f++)
        if (conf->expect_source[f] &&
            targets->env.current(conf->expect_source[f], &addr, targets->env.arg) &&
            addr_is_set(&addr))
            expect_add(&expect, &addr);
    return expect;
}

static void on_round(struct round_result *result, void *arg)
{
    static const bool none[FAMILY_COUNT];
    struct watch *watch = arg;
    struct targets *targets = watch->owner;
    watch->round = NULL;
    note_home(targets, result);
    if (targets->env.checked)
        targets->env.checked(watch->conf, result, targets->env.arg);
    if (!target_hold(watch, result))
        target_conclude(watch, result, none);
}

static void start(struct watch *watch)
{
    struct targets *targets = watch->owner;
    const struct config_target *conf = watch->conf;
    struct round_spec spec = {.kind = conf->kind,
                              .target = conf->at,
                              .servername = conf->servername,
                              .path = conf->path,
                              .http = conf->http,
                              .closed = conf->closed,
                              .connect = conf->connect,
                              .full_size = conf->full_size,
                              .cert_soon_ms = conf->cert_warn_ms,
                              .authoritative = conf->authoritative,
                              .check = conf->authoritative ? ROUND_CHECK_ALWAYS
                                                           : ROUND_CHECK_ON_DNS_FAILURE,
                              .expect = expected(targets, conf),
                              .egress = conf->egress,
                              .timeout_ms = conf->timeout_ms};
    memcpy(spec.families, conf->families, sizeof spec.families);
    targets->running++;
    if (targets->running > targets->peak)
        targets->peak = targets->running;
    watch->round =
        round_start(targets->env.loop, resolver_pool_get(targets->resolvers, &conf->egress),
                    trust_pool_get(targets->trusts, conf), &spec, NULL, on_round, watch);
}

static void start_next(struct targets *targets)
{
    while (targets->first && targets->running < targets->running_max) {
        struct watch *watch = targets->first;
        targets->first = watch->next;
        if (!targets->first)
            targets->last = &targets->first;
        watch->waiting = false;
        start(watch);
    }
}

void watch_due(void *arg)
{
    struct watch *watch = arg;
    struct targets *targets = watch->owner;
    if (watch->round || watch->waiting || watch->hold)
        return;
    watch->next = NULL;
    watch->waiting = true;
    *targets->last = watch;
    targets->last = &watch->next;
    start_next(targets);
}

size_t targets_check(struct targets *targets, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < targets->count; i++) {
        struct watch *watch = targets->watches[i];
        if (name && strcmp(watch->conf->name, name) != 0)
            continue;
        if (watch->round || watch->hold)
            watch->again = true;
        else
            loop_timer_set(watch->timer, schedule_burst_ms(count));
        count++;
    }
    return count;
}

void targets_line_back(struct targets *targets, enum family family, const struct egress *egress)
{
    size_t count = 0;
    for (size_t i = 0; i < targets->count; i++) {
        struct watch *watch = targets->watches[i];
        if (!watch->conf->families[family] || !egress_equal(&watch->conf->egress, egress) ||
            watch->sides[family].health.cause != OUTCOME_LOCAL_LINE_DOWN)
            continue;
        if (watch->round || watch->hold)
            watch->again = true;
        else
            loop_timer_set(watch->timer, schedule_burst_ms(count++));
    }
}

/* ---------------------------------------------------------------------------------------------- */

struct targets *targets_new(const struct targets_env *env)
{
    struct targets *targets = mem_zalloc(sizeof(*targets));
    targets->env = *env;
    targets->last = &targets->first;
    targets->trim = loop_timer_new(env->loop, on_rest, targets);
    return targets;
}

void targets_free(struct targets *targets)
{
    if (!targets)
        return;
    for (size_t i = 0; i < targets->count; i++)
        watch_free(targets->watches[i]);
    resolver_pool_free(targets->resolvers);
    loop_timer_free(targets->trim);
    free(targets->watches);
    free(targets);
}

size_t targets_down(const struct targets *targets)
{
    size_t down = 0;
    for (size_t i = 0; i < targets->count; i++)
        for (int f = 0; f < FAMILY_COUNT; f++)
            down += targets->watches[i]->sides[f].health.state == HEALTH_DOWN;
    return down;
}
