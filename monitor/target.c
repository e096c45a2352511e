/* SPDX-License-Identifier: ISC
 *
 * Runs the checks of all targets. Each has one timer; when it fires the check starts, or waits in
 * a queue while as many as descriptors allow are under way. Owns: timers, rounds, the queue. Not
 * its job: judging (monitor/health.h), sentences (monitor/target_notice.h), status (target_json.c).
 */
#include "monitor/target.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "monitor/schedule.h"
#include "monitor/target_notice.h"
#include "monitor/target_watch.h"
#include "probes/closed_want.h"
#include "probes/http_want.h"

#define TAG "target"

/* Checks under way at once. Each takes two sockets for DNS and one for each address; the rest of
 * the program needs some too. */
#define RUNNING_MAX     256
#define RUNNING_MIN     4
#define FILES_PER_CHECK 8
/* After so many at once (some ten kB each) the memory goes back, but not while the next are near.
 */
#define PEAK_TO_TRIM 32
#define REST_MS      10000

static void start_next(struct targets *targets);

/* --- judging ---------------------------------------------------------------------------------- */

/* Not told of by a notice, but worth a line. */
static void log_first(const struct watch *watch, enum family family)
{
    char who[TARGET_LABEL_LEN], addr[ADDR_STRLEN];
    const struct watch_side *side = &watch->sides[family];
    log_info(TAG, "%s is %s over %s (%s)", target_label(watch->conf, who),
             watch->conf->kind == PROBE_CLOSED ? "closed" : "up", family_text(family),
             addr_format(&side->addr, addr));
}

/* The same, of a trouble that lasts over a restart: nobody needs to hear of it twice. */
static void log_as_told(const struct watch *watch, enum family family)
{
    char who[TARGET_LABEL_LEN];
    const struct health *health = &watch->sides[family].health;
    log_warn(TAG, "%s is still %s over %s, as told before: %s", target_label(watch->conf, who),
             health_word(health->state), family_text(family), outcome_word(health->cause));
}

static void judge(struct watch *watch, enum family family, const struct round_family *seen,
                  int64_t wall_ms)
{
    const struct config_target *conf = watch->conf;
    struct watch_side *side = &watch->sides[family];
    struct health_conf health_conf = {
        .rise = conf->rise, .fall = conf->fall, .required = conf->require[family]};
    struct health before = side->health;
    struct notice notice;
    enum health_move move = health_feed(&side->health, &health_conf, round_family_outcome(seen),
                                        clock_mono_ms(), wall_ms);
    struct target_change change = {.target = conf,
                                   .family = family,
                                   .move = move,
                                   .before = &before,
                                   .after = &side->health,
                                   .seen = seen,
                                   .wall_ms = wall_ms};
    watch_side_note(side, seen);
    if (move == HEALTH_FIRST_UP)
        log_first(watch, family);
    if (move == HEALTH_AS_TOLD)
        log_as_told(watch, family);
    if (target_notice(&change, &notice))
        watch->owner->env.notice(&notice, watch->owner->env.arg);
}

/* The own line is down: nothing can be said of the target, and nothing is. */
static void spare(struct watch *watch, enum family family, const struct round_family *seen,
                  int64_t wall_ms)
{
    struct watch_side *side = &watch->sides[family];
    watch_side_note(side, seen);
    health_suspend(&side->health, OUTCOME_LOCAL_LINE_DOWN, wall_ms);
}

/* The certificate of a family that ends first. Both families mostly serve the same one: it is told
 * of once. */
static void judge_cert(struct watch *watch, enum family family, const struct round_family *seen,
                       int64_t wall_ms)
{
    const struct cert_facts *soonest = NULL;
    for (size_t i = 0; i < seen->count; i++) {
        const struct cert_facts *cert = seen->results[i].cert;
        if (seen->results[i].outcome == OUTCOME_OK && cert && cert->chain_count > 0 &&
            (!soonest || cert_facts_ends_ms(cert) < cert_facts_ends_ms(soonest)))
            soonest = cert;
    }
    if (!soonest)
        return;
    int64_t ends_ms = cert_facts_ends_ms(soonest);
    unsigned stage = cert_stage(ends_ms - wall_ms, watch->conf->cert_warn_ms);
    struct watch_side *other = &watch->sides[!family];
    if (!cert_told_is_news(&watch->sides[family].cert, ends_ms, stage) ||
        (other->cert.ends_ms == ends_ms && other->cert.stage >= stage))
        return;
    struct notice notice;
    target_notice_cert(watch->conf, family, ends_ms, wall_ms, &notice);
    watch->owner->env.notice(&notice, watch->owner->env.arg);
}

void targets_recall(struct targets *targets, target_latest_fn *latest, void *arg)
{
    struct notice notice;
    for (size_t i = 0; i < targets->count; i++) {
        struct watch *watch = targets->watches[i];
        for (int f = 0; f < FAMILY_COUNT && !watch->recalled; f++) {
            char key[NOTICE_KEY_LEN];
            struct watch_side *side = &watch->sides[f];
            notice_init(&notice, NOTICE_TARGET_UP, watch->conf->name, 0);
            notice.has_family = true;
            notice.family = (enum family)f;
            if (latest(arg, notice_key(&notice, key), &notice))
                target_recall_health(&notice, clock_mono_ms(), &side->health);
            notice_init(&notice, NOTICE_CERT_EXPIRING, watch->conf->name, 0);
            notice.has_family = true;
            notice.family = (enum family)f;
            if (latest(arg, notice_key(&notice, key), &notice))
                target_recall_cert(&notice, watch->conf->cert_warn_ms, &side->cert);
        }
        if (!watch->recalled && watch->conf->authoritative)
            watch_remarks_recall(watch, latest, arg);
        watch->recalled = true;
    }
}

/* --- checks ----------------------------------------------------------------------------------- */

static int64_t next_ms(const struct watch *watch)
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
    int64_t wall_ms = clock_wall_ms();
    watch->checked_wall_ms = wall_ms;
    targets->running--;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!result->families[f].asked)
            continue;
        if (line_down[f]) {
            spare(watch, (enum family)f, &result->families[f], wall_ms);
            continue;
        }
        judge(watch, (enum family)f, &result->families[f], wall_ms);
        judge_cert(watch, (enum family)f, &result->families[f], wall_ms);
    }
    if (!line_down[FAMILY_IPV4] && !line_down[FAMILY_IPV6])
        watch_remarks_note(watch, result->dns, wall_ms);
    loop_timer_set(watch->timer, watch->again ? 0 : next_ms(watch));
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
                              .authoritative = conf->authoritative,
                              .check = conf->authoritative ? ROUND_CHECK_ALWAYS : ROUND_CHECK_NEVER,
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

static void on_timer(void *arg)
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

/* --- configuring ------------------------------------------------------------------------------ */

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

static void watch_free(struct watch *watch)
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
    watch->timer = loop_timer_new(targets->env.loop, on_timer, watch);
    return watch;
}

static void watch_adopt(struct watch *watch, const struct config_target *conf)
{
    bool other_pace = watch->conf->every_ms != conf->every_ms ||
                      watch->conf->retry_every_ms != conf->retry_every_ms;
    watch->kept = true;
    watch->conf = conf;
    if (other_pace && loop_timer_pending(watch->timer))
        loop_timer_set(watch->timer, next_ms(watch));
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
