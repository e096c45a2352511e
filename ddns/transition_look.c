/* SPDX-License-Identifier: ISC
 *
 * State changes after a look at the authoritative servers: verified, not yet, mismatch, TTL, and
 * when to look again. Not its job: asking (probes/verify.h).
 */
#include "ddns/plan_withdraw.h"
#include "ddns/transition.h"

/* Intervals of a verification: from the first doubling up to the last. */
#define VERIFY_FIRST_MS 1000
#define VERIFY_MAX_MS   30000
/* After a look without a clear answer. */
#define LOOK_RETRY_MS 2000
/* Some providers block who repeats an update that they call unchanged. */
#define NOCHANGE_FLOOR_MS INT64_C(1800000)
/* How long an earlier look still counts when a later one was dropped. */
#define DROPPED_MS 30000

static int64_t look_every_ms(const struct ddns_plan_conf *conf)
{
    return conf->look_every_ms > 0 ? conf->look_every_ms : DDNS_LOOK_EVERY_MS;
}

static int64_t doubled(int64_t first_ms, unsigned times, int64_t max_ms)
{
    int64_t value = first_ms;
    for (unsigned i = 0; i < times && value < max_ms; i++)
        value *= 2;
    return value < max_ms ? value : max_ms;
}

/* Up to a tenth early, so that many records never look on one tick. */
static int64_t jittered(int64_t every_ms, uint32_t rnd)
{
    int64_t tenth = every_ms / 10;
    return every_ms - (int64_t)((uint64_t)rnd % (uint64_t)(tenth + 1));
}

static void look_after(struct ddns_record_state *record, const struct stamp *now, int64_t length_ms)
{
    record->look = (struct ddns_wait){.since = *now, .length_ms = length_ms > 0 ? length_ms : 1};
}

void ddns_apply_look_dropped(struct ddns_record_state *record, const struct stamp *now)
{
    record->busy = false;
    look_after(record, now, DROPPED_MS);
}

static bool verifying_wanted(const struct ddns_record_state *record)
{
    return record->verifying && addr_equal(&record->sent, &record->wanted);
}

static bool bound_is_over(const struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                          const struct stamp *now)
{
    int64_t bound = conf->verify_for_ms > 0 ? conf->verify_for_ms : DDNS_VERIFY_FOR_MS;
    return stamp_left_ms(&record->verify_since, bound, now) == 0;
}

static ddns_events note_silence(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                                const struct stamp *now)
{
    if (record->look_failures < 1000000)
        record->look_failures++;
    look_after(record, now, doubled(LOOK_RETRY_MS, record->look_failures - 1, look_every_ms(conf)));
    /* A withdrawal is looked for until somebody can tell. */
    if (ddns_is_withdrawing(record) || !verifying_wanted(record) ||
        !bound_is_over(record, conf, now))
        return 0;
    /* Accepted, but nobody can tell: what was sent stays as it is, no second update goes out. */
    record->verifying = false;
    record->verified = (struct addr){0};
    return 1u << DDNS_EVENT_MISMATCH;
}

static ddns_events note_ttl(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                            const struct verify_look *look)
{
    if (look->value_count == 0)
        return 0;
    uint32_t before = record->ttl;
    record->ttl = look->ttl;
    if (conf->expect_ttl > 0)
        record->usual_ttl = conf->expect_ttl;
    else if (record->usual_ttl == 0 || look->ttl < record->usual_ttl)
        record->usual_ttl = look->ttl;
    bool high = look->ttl / 2 >= record->usual_ttl && look->ttl > record->usual_ttl;
    return high && look->ttl != before ? 1u << DDNS_EVENT_TTL : 0;
}

/* How many servers show the wanted value and nothing else. */
static size_t count_wanted(const struct verify_look *look, const struct addr *wanted)
{
    size_t count = 0;
    for (size_t i = 0; i < look->count; i++) {
        const struct verify_server *server = &look->servers[i];
        if (server->authoritative && server->outcome == OUTCOME_OK && server->count == 1 &&
            addr_equal(&server->values[0], wanted))
            count++;
    }
    return count;
}

static ddns_events note_match(struct ddns_record_state *record)
{
    /* A failure that was told needs its end told, even when DNS is as it was before. */
    bool known = addr_equal(&record->verified, &record->wanted);
    bool news = !known || record->failures > 0;
    record->verified = record->wanted;
    record->withdrawn = (struct addr){0};
    record->mismatches = 0;
    /* Something else that was accepted before DNS came to show this is not on its way any more:
     * wanted again, it is sent like any other. */
    if (!addr_equal(&record->sent, &record->wanted))
        record->sent = (struct addr){0};
    /* An update that was asked for and failed is not mended by DNS, which showed this before. */
    if (record->forced)
        return known ? 0 : 1u << DDNS_EVENT_VERIFIED;
    record->failures = 0;
    record->retry = (struct ddns_wait){0};
    return news ? 1u << DDNS_EVENT_VERIFIED : 0;
}

/* Accepted, but DNS shows something else for good: as if it had never been sent, after a wait. */
static void forget_sent(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                        const struct stamp *now, uint32_t rnd)
{
    int64_t floor = record->last_verdict == DDNS_NOCHANGE ? NOCHANGE_FLOOR_MS : 0;
    if (record->mismatches < 1000000)
        record->mismatches++;
    record->sent = (struct addr){0};
    record->retry = (struct ddns_wait){
        .since = *now, .length_ms = backoff_ms(&conf->backoff, record->mismatches, floor, rnd)};
}

/* DNS gave a clear answer that is not the wanted value, and no verification excuses it. */
static ddns_events note_mismatch(struct ddns_record_state *record,
                                 const struct ddns_plan_conf *conf, bool over,
                                 const struct stamp *now, uint32_t rnd)
{
    bool was_verified = addr_equal(&record->verified, &record->wanted);
    bool was_sent = addr_equal(&record->sent, &record->wanted);
    record->verifying = false;
    record->verified = (struct addr){0};
    if (was_sent && !record->partial) {
        if (was_verified) /* someone else changed it: repair without a penalty */
            record->sent = (struct addr){0};
        else
            forget_sent(record, conf, now, rnd);
    }
    return was_verified || over ? 1u << DDNS_EVENT_MISMATCH : 0;
}

/* DNS shows none: by the withdrawal that was accepted, or by one whose answer was lost. */
static ddns_events note_withdrawn(struct ddns_record_state *record, bool withdrew)
{
    const struct addr *ours = addr_is_set(&record->verified) ? &record->verified : &record->sent;
    if (!withdrew && (record->verifying || !addr_is_set(ours)))
        return 0;
    if (!withdrew)
        record->withdrawn = *ours;
    record->sent = record->verified = (struct addr){0};
    record->mismatches = 0;
    record->failures = 0;
    record->retry = (struct ddns_wait){0};
    return 1u << DDNS_EVENT_WITHDRAWN;
}

/* It stands in DNS as if it had been accepted, and never withdrawn. */
static void note_standing(struct ddns_record_state *record, const struct addr *shown)
{
    record->sent = *shown;
    record->withdrawn = (struct addr){0};
    record->verifying = false;
}

/* What DNS shows is the withdrawn address, which somebody has put back; or the last one that this
 * machine had, by a request whose answer was lost. */
static bool stands(const struct ddns_record_state *record)
{
    const struct addr *shown = &record->published;
    return addr_is_set(shown) &&
           (addr_equal(shown, &record->withdrawn) || addr_equal(shown, &record->own));
}

/* There is no address. withdrew: a withdrawal had been accepted before this look. */
static ddns_events judge_withdrawal(struct ddns_record_state *record,
                                    const struct ddns_plan_conf *conf, bool withdrew,
                                    const struct stamp *now, uint32_t rnd)
{
    if (record->absent && (withdrew || ddns_withdraw_left(record, conf, now) == 0))
        return note_withdrawn(record, withdrew);
    if (!ddns_is_withdrawing(record)) {
        if (stands(record))
            note_standing(record, &record->published);
        return 0;
    }
    if (!bound_is_over(record, conf, now)) {
        look_after(record, now, doubled(VERIFY_FIRST_MS, record->verify_looks, VERIFY_MAX_MS));
        record->verify_looks++;
        return 0;
    }
    forget_sent(record, conf, now, rnd);
    note_standing(record, &record->withdrawn);
    return 1u << DDNS_EVENT_MISMATCH;
}

static ddns_events judge_values(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                                const struct verify_look *look, const struct stamp *now,
                                uint32_t rnd)
{
    size_t shown = count_wanted(look, &record->wanted);
    bool withdrew = ddns_is_withdrawing(record);
    bool seen =
        withdrew ? record->absent : look->agree && addr_equal(&record->published, &record->sent);
    if (record->verifying && seen)
        record->verifying = false;
    record->partial = shown > 0 && !look->agree;
    look_after(record, now, jittered(look_every_ms(conf), rnd));
    if (!addr_is_set(&record->wanted))
        return judge_withdrawal(record, conf, withdrew, now, rnd);
    if (look->agree && addr_equal(&record->published, &record->wanted))
        return record->verifying ? 0 : note_match(record);
    if (record->verifying && !verifying_wanted(record))
        return 0; /* about to be replaced by the wanted value */
    bool over = record->verifying && bound_is_over(record, conf, now);
    if (record->verifying && !over) {
        look_after(record, now, doubled(VERIFY_FIRST_MS, record->verify_looks, VERIFY_MAX_MS));
        record->verify_looks++;
        return 0;
    }
    if (record->partial)
        look_after(record, now, VERIFY_MAX_MS);
    return note_mismatch(record, conf, over, now, rnd);
}

ddns_events ddns_apply_look(struct ddns_record_state *record, const struct ddns_plan_conf *conf,
                            const struct verify_look *look, const struct stamp *now, uint32_t rnd)
{
    record->busy = false;
    if (!look->answered)
        return note_silence(record, conf, now);
    record->look_failures = 0;
    record->looked_at = *now;
    record->published_known = true;
    record->published = look->agree ? look->value : (struct addr){0};
    record->absent = look->agree && look->value_count == 0;
    ddns_events events = note_ttl(record, conf, look);
    return events | judge_values(record, conf, look, now, rnd);
}
