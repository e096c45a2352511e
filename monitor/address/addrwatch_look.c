/* SPDX-License-Identifier: ISC
 *
 * Sections with source = interface: what the interface has, and the address of another host of its
 * network that follows from it. Owns: the grace before a loss is told.
 */
#include <stdio.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "monitor/address/addr_suffix.h"
#include "monitor/address/addrwatch_priv.h"
#include "monitor/address/neigh_choice.h"
#include "monitor/address/neigh_poke.h"

/* A PPPoE line that reconnects, or a cable put back, takes about this long: no loss to tell of. */
#define GRACE_MIN_MS 1000
/* While a successor is on its way the grace is this many times as long. */
#define GRACE_STRETCH 5
/* A neighbour that is not heard is looked for by a packet this often: one that slept, or was
 * renumbered, need not speak first. */
#define POKE_MS 60000

/* What is to be told. */
struct finding {
    bool found;
    bool coming; /* it may be there soon */
    bool quiet;  /* a neighbour, and not heard now */
    struct addr addr;
    char reason[240];
};

void section_choose(const struct section_watch *w, struct addr_choice *choice)
{
    struct addr_policy policy = {
        .interface = w->conf->interface,
        .family = w->conf->family,
        .prefer = w->conf->prefer,
        .accept = w->conf->accept,
        .accept_count = w->conf->accept_count,
        .settle_ms = w->conf->settle_ms,
    };
    addr_choose(w->owner->set, &policy, &w->base, clock_mono_ms(), choice);
}

/* How long the loss of the present address is still kept back. */
static int64_t grace_left(struct section_watch *w, bool coming, int64_t now_ms)
{
    int64_t settle_ms = w->conf->settle_ms;
    int64_t grace_ms = settle_ms > GRACE_MIN_MS ? settle_ms : GRACE_MIN_MS;
    if (settle_ms == 0)
        return 0;
    if (w->unfit_ms == 0)
        w->unfit_ms = now_ms;
    return w->unfit_ms + grace_ms * (coming ? GRACE_STRETCH : 1) - now_ms;
}

static void find_neighbour(const struct section_watch *w, const struct addr_choice *choice,
                           struct finding *out)
{
    struct neigh_choice host;
    neigh_choose(w->owner->neighbours, w->conf->neighbour, choice, &w->host, &host);
    out->found = host.chosen;
    out->coming = true; /* a host that was renumbered is heard of by what it sends next */
    out->quiet = !host.alive;
    out->addr = host.addr;
    str_copy(out->reason, sizeof out->reason, host.reason);
}

static void find(const struct section_watch *w, const struct addr_choice *choice,
                 struct finding *out)
{
    const struct config_address *conf = w->conf;
    const struct addr *base = &choice->candidates[0].addr.addr;
    char text[ADDR_STRLEN];
    *out = (struct finding){.found = choice->chosen, .coming = choice->coming};
    str_copy(out->reason, sizeof out->reason, choice->reason);
    if (!choice->chosen)
        return;
    out->addr = *base;
    if (conf->by_neighbour)
        find_neighbour(w, choice, out);
    if (!addr_is_set(&conf->suffix))
        return;
    out->addr = addr_suffix_apply(base, conf->prefix_length, &conf->suffix);
    snprintf(out->reason, sizeof out->reason, "the suffix on the prefix of %s, %s",
             addr_format(base, text), choice->reason);
}

/* Which kind of line that is, and the address behind NAT that can't be published. */
static void note_line(struct section_watch *w, const struct addr_choice *choice)
{
    w->line = choice->line;
    section_set_behind(w, &choice->behind);
}

/* What the next look goes by: the address that was chosen stays while it can. */
static void remember(struct section_watch *w, const struct addr_choice *choice,
                     const struct finding *finding, bool lost)
{
    static const struct addr none;
    struct addr before = w->base;
    if (choice->chosen)
        w->base = choice->candidates[0].addr.addr;
    else if (lost)
        w->base = none;
    if (finding->found)
        w->host = finding->addr;
    if (!addr_equal(&before, &w->base))
        w->poked_ms = 0; /* in the new network it is looked for at once */
}

/* How long until it is time for that again. */
static int64_t look_for(struct section_watch *w, const struct addr_choice *choice)
{
    struct addr guesses[NEIGH_MAX_GUESSES];
    int64_t now_ms = clock_mono_ms();
    if (w->poked_ms != 0 && now_ms - w->poked_ms < POKE_MS)
        return w->poked_ms + POKE_MS - now_ms;
    w->poked_ms = now_ms;
    size_t count = neigh_guess(w->conf->neighbour, choice, &w->host, guesses);
    for (size_t i = 0; i < count; i++)
        neigh_poke(&guesses[i]);
    return POKE_MS;
}

/* How long to wait before a loss is told; 0: not any more. */
static int64_t wait_for(struct section_watch *w, const struct addr_choice *choice,
                        const struct finding *finding)
{
    if (finding->found) {
        w->unfit_ms = 0;
        return INT64_MAX;
    }
    if (addr_is_set(&w->now))
        return grace_left(w, finding->coming, clock_mono_ms());
    /* the first answer may be moments away */
    return !w->known && choice->wait_ms < INT64_MAX ? choice->wait_ms : 0;
}

void section_look(struct section_watch *w)
{
    struct addr_choice choice;
    struct finding finding;
    w->owner->armed = false;
    if (!w->owner->synced)
        return;
    section_choose(w, &choice);
    note_line(w, &choice);
    find(w, &choice, &finding);
    int64_t wait_ms = wait_for(w, &choice, &finding);
    int64_t next_ms = wait_ms > 0 && wait_ms < choice.wait_ms ? wait_ms : choice.wait_ms;
    remember(w, &choice, &finding, wait_ms <= 0);
    if (finding.quiet) {
        int64_t poke_ms = look_for(w, &choice);
        next_ms = poke_ms < next_ms ? poke_ms : next_ms;
    }
    if (next_ms < INT64_MAX)
        loop_timer_set(w->timer, next_ms);
    if (finding.found || wait_ms <= 0)
        section_tell(w, &finding.addr, finding.reason);
}
