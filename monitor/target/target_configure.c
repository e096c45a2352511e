/* SPDX-License-Identifier: ISC
 *
 * The targets of a new configuration: which of the watched ones go on, which begin, which end.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/mem.h"
#include "lib/rng.h"
#include "monitor/target/schedule.h"
#include "monitor/target/target_watch.h"
#include "probes/closed_want.h"
#include "probes/http_want.h"

/* Checks under way at once. Each takes two sockets for DNS and one for each address; the rest of
 * the program needs some too. */
#define RUNNING_MAX     256
#define RUNNING_MIN     4
#define FILES_PER_CHECK 8

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_expected(const struct config_target *a, const struct config_target *b)
{
    bool same = a->expect.count == b->expect.count;
    for (size_t i = 0; same && i < a->expect.count; i++)
        same = addr_equal(&a->expect.addrs[i], &b->expect.addrs[i]);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct config_address *x = a->expect_source[f], *y = b->expect_source[f];
        same &= same_text(x ? x->name : NULL, y ? y->name : NULL);
    }
    return same;
}

/* The same thing is looked at in the same way: what was learnt about it holds. */
static bool same_target(const struct config_target *a, const struct config_target *b)
{
    return a->kind == b->kind && strcmp(a->at.host, b->at.host) == 0 && a->at.port == b->at.port &&
           same_text(a->path, b->path) && http_want_equal(a->http, b->http) &&
           closed_want_equal(a->closed, b->closed) && same_text(a->servername, b->servername) &&
           same_text(a->ca, b->ca) && addr_equal(&a->connect, &b->connect) && same_expected(a, b) &&
           a->authoritative == b->authoritative && egress_equal(&a->egress, &b->egress) &&
           a->full_size == b->full_size &&
           memcmp(a->families, b->families, sizeof a->families) == 0 &&
           memcmp(a->require, b->require, sizeof a->require) == 0;
}

void watch_free(struct watch *watch)
{
    if (watch->round)
        round_cancel(watch->round);
    target_hold_cancel(watch);
    watch_remarks_free(watch->remarks);
    loop_timer_free(watch->timer);
    for (int f = 0; f < FAMILY_COUNT; f++)
        free(watch->sides[f].detail);
    free(watch);
}

static int by_name(const void *a, const void *b)
{
    const struct watch *const *left = a, *const *right = b;
    return strcmp((*left)->conf->name, (*right)->conf->name);
}

static int name_to_watch(const void *name, const void *element)
{
    const struct watch *const *watch = element;
    return strcmp(name, (*watch)->conf->name);
}

/* The former watch of a target that did not change; `sorted` is by name. */
static struct watch *find_kept(struct watch **sorted, size_t count,
                               const struct config_target *conf)
{
    struct watch **found =
        count ? bsearch(conf->name, sorted, count, sizeof *sorted, name_to_watch) : NULL;
    return found && !(*found)->kept && same_target((*found)->conf, conf) ? *found : NULL;
}

static struct watch *watch_new(struct targets *targets, const struct config_target *conf)
{
    struct watch *watch = mem_zalloc(sizeof(*watch));
    watch->owner = targets;
    watch->conf = conf;
    watch->timer = loop_timer_new(targets->env.loop, watch_due, watch);
    return watch;
}

static void watch_adopt(struct watch *watch, const struct config_target *conf)
{
    bool other_pace = watch->conf->every_ms != conf->every_ms ||
                      watch->conf->retry_every_ms != conf->retry_every_ms;
    watch->kept = true;
    watch->conf = conf;
    if (other_pace && loop_timer_pending(watch->timer))
        loop_timer_set(watch->timer, watch_next_ms(watch));
}

/* Ends what is under way: it may hold on to a resolver or trust store that is about to go. Returns
 * whether it was. */
static bool interrupt(struct watch *watch)
{
    bool busy = watch->round || watch->waiting || watch->hold;
    if (watch->round || watch->hold)
        watch->owner->running--;
    if (watch->round)
        round_cancel(watch->round);
    target_hold_cancel(watch);
    watch->round = NULL;
    watch->waiting = false;
    return busy;
}

static void interrupt_all(struct targets *targets)
{
    size_t count = 0;
    for (size_t i = 0; i < targets->count; i++)
        if (interrupt(targets->watches[i]))
            loop_timer_set(targets->watches[i]->timer, schedule_burst_ms(count++));
    targets->first = NULL;
    targets->last = &targets->first;
}

/* First checks of new targets, spread. */
static void launch(struct targets *targets)
{
    size_t fresh = 0, index = 0;
    for (size_t i = 0; i < targets->count; i++)
        fresh += !targets->watches[i]->kept;
    for (size_t i = 0; i < targets->count; i++) {
        struct watch *watch = targets->watches[i];
        if (!watch->kept)
            loop_timer_set(watch->timer,
                           schedule_first_ms(index++, fresh, watch->conf->every_ms, rng_u32()));
    }
}

static size_t running_max(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= RUNNING_MAX * FILES_PER_CHECK)
        return RUNNING_MAX;
    size_t fit = (size_t)files.rlim_cur / FILES_PER_CHECK;
    return fit > RUNNING_MIN ? fit : RUNNING_MIN;
}

void targets_configure(struct targets *targets, const struct config *config,
                       struct resolver *resolver, struct trust_pool *trusts)
{
    size_t count = config->target_count;
    struct watch **next = count ? mem_array(count, sizeof(*next)) : NULL;
    struct watch **former = targets->watches;
    size_t former_count = targets->count;

    interrupt_all(targets);
    for (size_t i = 0; i < former_count; i++)
        former[i]->kept = false;
    if (former_count)
        qsort(former, former_count, sizeof *former, by_name);
    for (size_t i = 0; i < count; i++)
        next[i] = find_kept(former, former_count, &config->targets[i]);
    /* Only now: the names that `former` is sorted by belong to the former configuration. */
    for (size_t i = 0; i < count; i++) {
        if (next[i])
            watch_adopt(next[i], &config->targets[i]);
        else
            next[i] = watch_new(targets, &config->targets[i]);
    }
    for (size_t i = 0; i < former_count; i++)
        if (!former[i]->kept)
            watch_free(former[i]);
    free(former);
    targets->watches = next;
    targets->count = count;
    resolver_pool_free(targets->resolvers);
    targets->resolvers = resolver_pool_new(targets->env.loop, config->resolver_servers, resolver);
    targets->trusts = trusts;
    targets->running_max = running_max();
    launch(targets);
}
