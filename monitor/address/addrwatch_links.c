/* SPDX-License-Identifier: ISC
 *
 * Sections of the address watch that look at others: source = first, and cross-check. They are
 * found by name, since a reload may make any of them anew. Not its job: which one is first
 * (monitor/address/addr_pick.h), when a difference is one (monitor/address/addr_cross.h).
 */
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "monitor/address/addr_pick.h"
#include "monitor/address/addrwatch_priv.h"

/* Failures in a row after which the last good answer of a section is old. */
#define OLD_AFTER 3

static struct section_watch *named(const struct section_watch *w, const char *name)
{
    const struct addrwatch *watch = w->owner;
    for (size_t i = 0; i < watch->count; i++)
        if (watch->watches[i]->conf->family == w->conf->family &&
            strcmp(watch->watches[i]->conf->name, name) == 0)
            return watch->watches[i];
    return NULL;
}

static bool is_of(const struct section_watch *w, const struct section_watch *member)
{
    for (char **name = w->conf->of; name && *name; name++)
        if (strcmp(*name, member->conf->name) == 0)
            return true;
    return false;
}

struct section_watch *section_crossed(const struct section_watch *w)
{
    return w->conf->cross_check ? named(w, w->conf->cross_check) : NULL;
}

void section_stir(struct section_watch *w)
{
    const struct addrwatch *watch = w->owner;
    for (size_t i = 0; i < watch->count; i++) {
        struct section_watch *other = watch->watches[i];
        if (other->conf->family != w->conf->family)
            continue;
        if (other->conf->source == SOURCE_FIRST && is_of(other, w))
            loop_timer_set(other->timer, 0);
        if (other->crossing && (other == w || section_crossed(other) == w))
            loop_timer_set(other->crossing, 0);
    }
}

/* The section whose address one of source = first has; itself for any other. */
static struct section_watch *source_of(struct section_watch *w)
{
    while (w && w->conf->source == SOURCE_FIRST)
        w = w->picked >= 0 ? named(w, w->conf->of[w->picked]) : NULL;
    return w;
}

/* One that fails has a pace of its own. */
static void ask_anew(struct section_watch *w)
{
    w = source_of(w);
    if (w && section_asks(w) && !w->fetch && w->failures == 0)
        loop_timer_set(w->timer, 0);
}

/* --- sources that are asked ------------------------------------------------------------------- */

void section_say_found(struct section_watch *w, const struct addr *found, const char *who,
                       char *reason, size_t cap)
{
    struct addrset_entry entry;
    w->line = ADDR_LINE_PLAIN;
    w->holder[0] = reason[0] = '\0';
    str_append(reason, cap, "from %s", who);
    if (!addrset_holder(w->owner->set, found, &entry))
        return;
    /* The kernel lets escape sequences pass in a link's name. */
    str_printable(w->holder, sizeof w->holder, entry.link, strlen(entry.link));
    w->line = addr_line_of(found, entry.link, entry.link_kind);
    str_append(reason, cap, "; the address of %s", w->holder);
    if (*addr_line_text(w->line))
        str_append(reason, cap, "; %s", addr_line_text(w->line));
}

/* --- source = first --------------------------------------------------------------------------- */

/* since_ms: the last change among those before it; an answer from before then may be of a line that
 * is gone. */
static bool is_pending(const struct section_watch *m, int64_t since_ms)
{
    if (!section_asks(m))
        return !m->known;
    return m->known ? m->said_ms < since_ms && m->failures < OLD_AFTER : m->failures == 0;
}

static struct addr_member member_of(const struct section_watch *m, int64_t since_ms)
{
    return (struct addr_member){.pending = is_pending(m, since_ms),
                                .has = m->known && addr_is_set(&m->now),
                                .failing = section_asks(m) && m->failures >= OLD_AFTER};
}

static void say_picked(const struct section_watch *w, const struct section_watch *m, char *text,
                       size_t cap)
{
    text[0] = '\0';
    for (int i = 0; i < w->picked; i++)
        str_append(text, cap, "%s '%s'", i ? "," : "nothing from", w->conf->of[i]);
    str_append(text, cap, "%sby '%s', %s", w->picked ? "; " : "", m->conf->name, m->reason);
}

static void say_nothing(const struct section_watch *w, char *text, size_t cap)
{
    text[0] = '\0';
    for (char **name = w->conf->of; *name; name++) {
        const struct section_watch *m = named(w, *name);
        str_append(text, cap, "%s'%s': %s", *text ? "; " : "", *name,
                   m && *m->reason ? m->reason : "no answer yet");
    }
}

/* Whoever is waited for is asked. */
static int pick(struct section_watch *w)
{
    struct addr_member members[ADDR_OF_MAX] = {{0}};
    struct section_watch *found[ADDR_OF_MAX];
    int64_t since_ms = INT64_MIN;
    size_t count = 0;
    for (char **name = w->conf->of; *name && count < ADDR_OF_MAX; name++, count++) {
        struct section_watch *m = found[count] = named(w, *name);
        members[count] = m ? member_of(m, since_ms) : (struct addr_member){0};
        if (m && m->known && m->changed_ms > since_ms)
            since_ms = m->changed_ms;
    }
    int picked = addr_pick(members, count);
    for (size_t i = 0; picked == ADDR_PICK_WAIT && i < count; i++) {
        if (members[i].pending) {
            ask_anew(found[i]);
            break;
        }
    }
    return picked;
}

/* Of the one that was picked; when there is none the first that explains why. */
static enum addr_line line_of(const struct section_watch *w)
{
    if (w->picked >= 0)
        return named(w, w->conf->of[w->picked])->line;
    for (char **name = w->conf->of; *name; name++) {
        const struct section_watch *m = named(w, *name);
        if (m && m->line != ADDR_LINE_PLAIN)
            return m->line;
    }
    return ADDR_LINE_PLAIN;
}

void section_look_first(struct section_watch *w)
{
    static const struct addr none;
    char reason[sizeof w->reason];
    int picked = pick(w);
    if (picked == ADDR_PICK_WAIT)
        return;
    w->picked = picked;
    const struct section_watch *m = picked >= 0 ? named(w, w->conf->of[picked]) : NULL;
    w->line = line_of(w);
    if (m)
        say_picked(w, m, reason, sizeof reason);
    else
        say_nothing(w, reason, sizeof reason);
    section_tell(w, m ? &m->now : &none, reason);
}

/* --- cross-check ------------------------------------------------------------------------------ */

void section_set_behind(struct section_watch *w, const struct addr *behind)
{
    if (addr_equal(behind, &w->behind))
        return;
    w->behind = *behind;
    w->behind_ms = clock_mono_ms();
    section_stir(w);
}

struct addr_cross_side section_side(struct section_watch *w, int64_t now_ms)
{
    struct addr_cross_side side = {.now = w->now, .changed_ms = w->changed_ms, .said_ms = now_ms};
    if (!addr_is_set(&w->now) && addr_is_set(&w->behind)) {
        side.now = w->behind;
        side.changed_ms = w->behind_ms;
    }
    const struct section_watch *source = source_of(w);
    if (!source || source->unfit_ms > 0)
        side.said_ms = source ? source->unfit_ms : 0;
    else if (section_asks(source))
        side.said_ms = addr_is_set(&w->now) ? source->said_ms : source->behind_said_ms;
    return side;
}

enum addr_line section_cross_line(const struct section_watch *w, const struct addr *ours)
{
    return w->line != ADDR_LINE_PLAIN ? w->line : addr_line_of(ours, "", "");
}

static const char *source_holder(struct section_watch *w)
{
    const struct section_watch *source = source_of(w);
    return source ? source->holder : "";
}

void section_on_crossing(void *arg)
{
    struct section_watch *w = arg;
    struct section_watch *other = section_crossed(w);
    int64_t now_ms = clock_mono_ms();
    if (!other)
        return;
    int64_t settle_ms =
        w->conf->settle_ms > other->conf->settle_ms ? w->conf->settle_ms : other->conf->settle_ms;
    struct addr_cross_side ours = section_side(w, now_ms), theirs = section_side(other, now_ms);
    struct addr_cross_step step = addr_cross_feed(&w->cross, &ours, &theirs, settle_ms, now_ms);
    if (step.ask_ours)
        ask_anew(w);
    if (step.ask_theirs)
        ask_anew(other);
    if (step.wait_ms < INT64_MAX)
        loop_timer_set(w->crossing, step.wait_ms);
    if (step.move == REMARK_SAME)
        return;
    w->cross_since_wall_ms = clock_wall_ms();
    struct addrwatch_env *env = &w->owner->env;
    if (env->crossed)
        env->crossed(&(struct addrwatch_cross){.section = w->conf,
                                               .other = other->conf,
                                               .differ = step.move == REMARK_CAME,
                                               .ours = ours.now,
                                               .theirs = theirs.now,
                                               .behind = !addr_is_set(&w->now),
                                               .line = section_cross_line(w, &ours.now),
                                               .holder = source_holder(other)},
                     env->arg);
}
