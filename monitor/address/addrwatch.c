/* SPDX-License-Identifier: ISC
 *
 * The address watch. Each section has one timer: for an interface section it fires when there is
 * something to look at (a change, the end of a settle time, the end of a grace time), for the
 * others when it is time to ask. A timer tells of one section at most and touches nothing
 * afterwards, so the callback is free to do what it likes.
 */
#include "monitor/address/addrwatch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "monitor/address/addr_pick.h"
#include "monitor/address/addr_suffix.h"
#include "monitor/address/addrwatch_priv.h"
#include "monitor/address/sources/pcp_news.h"

#define TAG "address"

/* A section that asks and failed is asked again after this, doubled each time. */
#define RETRY_MIN_MS 5000

/* --- telling ------------------------------------------------------------------------------ */

void section_tell(struct section_watch *w, const struct addr *now, const char *reason)
{
    struct addr before = w->now;
    struct addr told = *now;
    char why[sizeof(w->reason)];
    str_copy(w->reason, sizeof(w->reason), reason);
    if (w->known && addr_equal(&w->now, now))
        return;
    if (addr_is_set(now)) {
        w->had_one = true;
        loop_timer_clear(w->missing);
    }
    /* That there is none from the start is no change. */
    w->changed_ms = w->known || addr_is_set(now) ? clock_mono_ms() : 0;
    w->known = true;
    w->now = told;
    w->since_wall_ms = clock_wall_ms();
    section_stir(w);
    str_copy(why, sizeof(why), reason);
    struct addrwatch_env *env = &w->owner->env;
    env->changed(w->conf, &told, &before, why, env->arg);
}

static void on_missing(void *arg)
{
    struct section_watch *w = arg;
    struct addrwatch_env *env = &w->owner->env;
    char why[sizeof(w->reason)];
    str_copy(why, sizeof(why), *w->reason ? w->reason : "no answer yet");
    env->missing(w->conf, why, env->arg);
}

static void await_first(struct section_watch *w)
{
    loop_timer_clear(w->missing);
    if (!w->had_one && w->conf->missing_after_ms > 0)
        loop_timer_set(w->missing, w->conf->missing_after_ms);
}

/* --- rtnetlink ---------------------------------------------------------------------------- */

/* From the loop, so that a batch of messages is looked at once. */
static void look_at_all(struct addrwatch *watch)
{
    if (watch->armed)
        return;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->watches[i]->conf->source == SOURCE_INTERFACE)
            loop_timer_set(watch->watches[i]->timer, 0);
    watch->armed = true;
}

static void on_sync_begin(void *arg)
{
    struct addrwatch *watch = arg;
    addrset_sync_begin(watch->set);
    neighset_sync_begin(watch->neighbours);
}

static void on_event(const struct rtnl_event *event, void *arg)
{
    struct addrwatch *watch = arg;
    int64_t now_ms = clock_mono_ms();
    bool changed = addrset_feed(watch->set, event, now_ms);
    if (changed && watch->synced)
        addrwatch_heed_kernel(watch);
    if (neighset_feed(watch->neighbours, event, now_ms) || changed)
        look_at_all(watch);
}

static void on_synced(void *arg)
{
    struct addrwatch *watch = arg;
    addrset_synced(watch->set);
    neighset_synced(watch->neighbours);
    if (watch->lost)
        log_info(TAG, "rtnetlink is back");
    watch->lost = false;
    watch->synced = true;
    look_at_all(watch);
}

static void on_lost(const char *why, void *arg)
{
    struct addrwatch *watch = arg;
    watch->lost = true;
    log_error(TAG, "rtnetlink is lost (%s): addresses stay as they were last seen", why);
}

/* --- sections that ask -------------------------------------------------------------------- */

/* Spread by a tenth, so that many machines don't ask at the same time. */
static int64_t with_jitter(int64_t ms)
{
    return ms - ms / 10 + (int64_t)(rng_u32() % (uint32_t)(ms / 5 < INT32_MAX ? ms / 5 + 1 : 1));
}

static int64_t retry_ms(const struct section_watch *w)
{
    int64_t ms = RETRY_MIN_MS;
    for (unsigned i = 1; i < w->failures && ms < w->conf->every_ms; i++)
        ms *= 2;
    return ms < w->conf->every_ms ? ms : w->conf->every_ms;
}

/* What a router said of itself instead of an address that can be published; silence says nothing.
 */
static void note_told_line(struct section_watch *w, bool found)
{
    struct addr behind = w->told_behind;
    if (!found && !addr_is_set(&behind))
        return;
    enum addr_line line = addr_is_set(&behind) ? addr_line_of(&behind, "", "") : ADDR_LINE_PLAIN;
    if (line == ADDR_LINE_PLAIN)
        behind = (struct addr){0};
    w->line = line;
    w->behind_said_ms = w->asked_ms;
    section_set_behind(w, &behind);
}

static void on_fetched(const struct addr *found, const char *text, void *arg)
{
    struct section_watch *w = arg;
    w->fetch = NULL;
    note_told_line(w, found != NULL);
    section_stir(w);
    if (!found) {
        w->failures++;
        loop_timer_set(w->timer, section_ask_after(w, with_jitter(retry_ms(w))));
        snprintf(w->reason, sizeof(w->reason), "%s%s", w->known ? "kept; last answer failed: " : "",
                 text);
        if (w->failures == 1)
            log_warn(TAG, "%s: no answer: %s", w->conf->name, text);
        return;
    }
    if (w->failures > 0)
        log_info(TAG, "%s: an answer again", w->conf->name);
    w->failures = 0;
    w->said_ms = w->asked_ms;
    loop_timer_set(w->timer, section_ask_after(w, with_jitter(w->conf->every_ms)));
    char reason[sizeof(w->reason)];
    section_say_found(w, found, text, reason, sizeof(reason));
    section_tell(w, found, reason);
}

static void ask(struct section_watch *w)
{
    const struct addrwatch_env *env = &w->owner->env;
    struct addr_fetch_env fetch_env = {.loop = env->loop,
                                       .resolver = env->resolver,
                                       .trust = env->trust,
                                       .spawner = env->spawner,
                                       .behind = &w->told_behind};
    if (w->fetch)
        return;
    w->hurried = false;
    w->told_behind = (struct addr){0};
    w->asked_ms = clock_mono_ms();
    w->fetch = addr_fetch_start(&fetch_env, w->conf, on_fetched, w);
}

bool section_asks(const struct section_watch *w)
{
    return w->conf->source != SOURCE_INTERFACE && w->conf->source != SOURCE_STATIC &&
           w->conf->source != SOURCE_FIRST;
}

static void on_timer(void *arg)
{
    struct section_watch *w = arg;
    if (w->conf->source == SOURCE_INTERFACE)
        section_look(w);
    else if (w->conf->source == SOURCE_FIRST)
        section_look_first(w);
    else if (w->conf->source == SOURCE_STATIC)
        section_tell(w, &w->conf->value, "as configured");
    else
        ask(w);
}

/* --- sections ----------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(char *const *a, char *const *b)
{
    if (!a || !b)
        return a == b;
    while (*a && *b && strcmp(*a, *b) == 0) {
        a++;
        b++;
    }
    return !*a && !*b;
}

static bool same_accept(const struct config_address *a, const struct config_address *b)
{
    if (a->accept_count != b->accept_count)
        return false;
    for (size_t i = 0; i < a->accept_count; i++)
        if (a->accept[i].len != b->accept[i].len ||
            !addr_equal(&a->accept[i].addr, &b->accept[i].addr))
            return false;
    return true;
}

static bool same_query(const struct config_address *a, const struct config_address *b)
{
    return same_list(a->services, b->services) && same_text(a->query, b->query) &&
           same_text(a->servers, b->servers) && a->query_type == b->query_type &&
           a->query_class == b->query_class && a->agree == b->agree;
}

static bool same_neighbour(const struct config_address *a, const struct config_address *b)
{
    return a->by_neighbour == b->by_neighbour &&
           memcmp(a->neighbour, b->neighbour, sizeof a->neighbour) == 0;
}

static bool same_section(const struct config_address *a, const struct config_address *b)
{
    return a->source == b->source && a->prefer == b->prefer && a->settle_ms == b->settle_ms &&
           a->every_ms == b->every_ms && a->timeout_ms == b->timeout_ms &&
           same_text(a->interface, b->interface) && same_list(a->urls, b->urls) &&
           same_list(a->command, b->command) && same_accept(a, b) && same_query(a, b) &&
           addr_equal(&a->suffix, &b->suffix) && a->prefix_length == b->prefix_length &&
           addr_equal(&a->value, &b->value) && addr_equal(&a->server, &b->server) &&
           same_text(a->url, b->url) && same_text(a->network, b->network) &&
           same_list(a->of, b->of) && same_neighbour(a, b);
}

static void section_free(struct section_watch *w)
{
    addr_fetch_cancel(w->fetch);
    loop_timer_free(w->timer);
    loop_timer_free(w->missing);
    loop_timer_free(w->crossing);
    free(w);
}

/* The other section may be another one now. */
static void await_crossing(struct section_watch *w)
{
    if (!w->conf->cross_check) {
        loop_timer_free(w->crossing);
        w->crossing = NULL;
        w->cross = (struct addr_cross){0};
        return;
    }
    if (!w->crossing)
        w->crossing = loop_timer_new(w->owner->env.loop, section_on_crossing, w);
    loop_timer_set(w->crossing, 0);
}

static struct section_watch *section_new(struct addrwatch *owner, const struct config_address *conf)
{
    struct section_watch *w = mem_zalloc(sizeof(*w));
    w->owner = owner;
    w->conf = conf;
    w->timer = loop_timer_new(owner->env.loop, on_timer, w);
    w->missing = loop_timer_new(owner->env.loop, on_missing, w);
    loop_timer_set(w->timer, 0);
    w->picked = ADDR_PICK_WAIT;
    await_first(w);
    await_crossing(w);
    return w;
}

struct section_watch *addrwatch_find(const struct addrwatch *watch,
                                     const struct config_address *conf)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct section_watch *w = watch->watches[i];
        if (w->conf->family == conf->family && strcmp(w->conf->name, conf->name) == 0)
            return w;
    }
    return NULL;
}

/* Moves to the new section. What is under way still reads the old one, so it is asked anew. */
static void section_adopt(struct section_watch *w, const struct config_address *conf)
{
    bool same = same_section(w->conf, conf);
    bool asking = w->fetch != NULL;
    bool same_wait = w->conf->missing_after_ms == conf->missing_after_ms;
    addr_fetch_cancel(w->fetch);
    w->fetch = NULL;
    w->conf = conf;
    w->kept = true;
    if (!same_wait)
        await_first(w);
    await_crossing(w);
    if (same && !asking)
        return;
    w->failures = 0;
    w->unfit_ms = 0;
    w->line = ADDR_LINE_PLAIN;
    w->behind = (struct addr){0};
    w->picked = ADDR_PICK_WAIT;
    w->host = (struct addr){0}; /* perhaps of another host */
    w->poked_ms = 0;
    loop_timer_set(w->timer, 0);
}

/* A host that was not looked for before is not in the set: nothing is said until a dump is. */
static void want_neighbours(struct addrwatch *watch)
{
    uint8_t(*macs)[MAC_LEN] = mem_array(watch->count + 1, MAC_LEN);
    size_t count = 0;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->watches[i]->conf->by_neighbour)
            memcpy(macs[count++], watch->watches[i]->conf->neighbour, MAC_LEN);
    rtnl_want_neighbours(watch->rtnl, count > 0);
    if (neighset_want(watch->neighbours, (const uint8_t(*)[MAC_LEN])macs, count)) {
        watch->synced = false;
        rtnl_resync(watch->rtnl);
    }
    free(macs);
}

void addrwatch_configure(struct addrwatch *watch, const struct config_address *sections,
                         size_t count)
{
    struct section_watch **next = count ? mem_array(count, sizeof(struct section_watch *)) : NULL;
    for (size_t i = 0; i < watch->count; i++)
        watch->watches[i]->kept = false;
    for (size_t i = 0; i < count; i++) {
        next[i] = addrwatch_find(watch, &sections[i]);
        if (next[i] && !next[i]->kept)
            section_adopt(next[i], &sections[i]);
        else
            next[i] = section_new(watch, &sections[i]);
    }
    for (size_t i = 0; i < watch->count; i++)
        if (!watch->watches[i]->kept)
            section_free(watch->watches[i]);
    free(watch->watches);
    watch->watches = next;
    watch->count = count;
    want_neighbours(watch);
    addrwatch_heed_news(watch);
}

/* ------------------------------------------------------------------------------------------ */

struct addrwatch *addrwatch_new(const struct addrwatch_env *env, char *error, size_t cap)
{
    static const struct rtnl_ops ops = {
        .sync_begin = on_sync_begin, .event = on_event, .synced = on_synced, .lost = on_lost};
    struct addrwatch *watch = mem_zalloc(sizeof(*watch));
    watch->env = *env;
    watch->set = addrset_new();
    watch->neighbours = neighset_new();
    watch->rtnl = rtnl_new(env->loop, &ops, watch, error, cap);
    if (watch->rtnl)
        return watch;
    addrwatch_free(watch);
    return NULL;
}

void addrwatch_free(struct addrwatch *watch)
{
    if (!watch)
        return;
    for (size_t i = 0; i < watch->count; i++)
        section_free(watch->watches[i]);
    free(watch->watches);
    rtnl_free(watch->rtnl);
    addrset_free(watch->set);
    neighset_free(watch->neighbours);
    pcp_news_free(watch->news);
    free(watch);
}

bool addrwatch_current(const struct addrwatch *watch, const struct config_address *section,
                       struct addr *out)
{
    const struct section_watch *w = addrwatch_find(watch, section);
    if (!w || !w->known)
        return false;
    *out = w->now;
    return true;
}

enum addr_line addrwatch_line(const struct addrwatch *watch, const struct config_address *section)
{
    const struct section_watch *w = addrwatch_find(watch, section);
    return w ? w->line : ADDR_LINE_PLAIN;
}

void addrwatch_recall(struct addrwatch *watch, const struct config_address *section,
                      int64_t since_wall_ms)
{
    struct section_watch *w = addrwatch_find(watch, section);
    if (!w || !w->crossing || w->cross.remark.told)
        return;
    w->cross.remark = (struct remark){.told = true};
    w->cross_since_wall_ms = since_wall_ms;
    loop_timer_set(w->crossing, 0);
}

void addrwatch_check(struct addrwatch *watch)
{
    rtnl_resync(watch->rtnl);
    for (size_t i = 0; i < watch->count; i++)
        if (watch->watches[i]->conf->source != SOURCE_INTERFACE)
            loop_timer_set(watch->watches[i]->timer, 0);
}
