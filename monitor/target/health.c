/* SPDX-License-Identifier: ISC
 *
 * Health of one target over one family (see health.h).
 */
#include "monitor/target/health.h"

const char *health_word(enum health_state state)
{
    switch (state) {
    case HEALTH_UNKNOWN:
        return "unknown";
    case HEALTH_UP:
        return "up";
    case HEALTH_DOWN:
        return "down";
    case HEALTH_NOT_PUBLISHED:
        return "not-published";
    }
    return "unknown";
}

/* The state that a round speaks for. That a family is not published is a matter of taste, not a
 * failure, unless it is required. */
static enum health_state speaks_for(enum outcome outcome, bool required)
{
    if (outcome == OUTCOME_DNS_NODATA && !required)
        return HEALTH_NOT_PUBLISHED;
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_UP:
        return HEALTH_UP;
    case VERDICT_DOWN:
        return HEALTH_DOWN;
    case VERDICT_UNKNOWN:
        return HEALTH_UNKNOWN;
    }
    return HEALTH_UNKNOWN;
}

/* Rounds in a row before the state moves. The first good round, or the first "not published",
 * settles a fresh target: only bad news needs to be confirmed. */
static unsigned rounds_needed(const struct health *health, const struct health_conf *conf)
{
    bool fresh = health->state == HEALTH_UNKNOWN;
    if (fresh && health->next != HEALTH_DOWN)
        return 1;
    if (health->next == HEALTH_UP)
        return health->state == HEALTH_DOWN ? conf->rise : 1;
    return conf->fall;
}

static void note_move(struct health *health, int64_t mono_ms)
{
    health->moves_ms[health->move_count % HEALTH_FLAP_MOVES] = mono_ms;
    health->move_count++;
}

static int64_t last_move_ms(const struct health *health)
{
    return health->moves_ms[(health->move_count - 1) % HEALTH_FLAP_MOVES];
}

/* The oldest kept move is within the window: there were as many moves as the ring holds. */
static bool moves_too_often(const struct health *health, int64_t mono_ms)
{
    if (health->move_count < HEALTH_FLAP_MOVES)
        return false;
    int64_t oldest = health->moves_ms[health->move_count % HEALTH_FLAP_MOVES];
    return mono_ms - oldest <= HEALTH_FLAP_WINDOW_MS;
}

/* Nothing has happened meanwhile that was not said, but for another cause. */
static enum health_move as_told(struct health *health)
{
    if (health->state != HEALTH_DOWN || health->cause == health->told)
        return HEALTH_AS_TOLD;
    health->told = health->cause;
    return HEALTH_CAUSE_CHANGED;
}

static enum health_move told_move(struct health *health, enum health_state from)
{
    enum health_state recalled = health->recalled;
    health->recalled = HEALTH_UNKNOWN;
    if (recalled != HEALTH_UNKNOWN && recalled == health->state)
        return as_told(health);
    switch (health->state) {
    case HEALTH_UP:
        if (!health->told_bad)
            return HEALTH_FIRST_UP;
        health->told_bad = false;
        return HEALTH_WENT_UP;
    case HEALTH_DOWN:
        health->told = health->cause;
        health->told_bad = true;
        return HEALTH_WENT_DOWN;
    case HEALTH_NOT_PUBLISHED:
        if (from == HEALTH_UNKNOWN && !health->told_bad)
            return HEALTH_SAME;
        health->told_bad = true;
        return HEALTH_WITHDRAWN;
    case HEALTH_UNKNOWN:
        health->told_bad = true;
        return HEALTH_WENT_BLIND;
    }
    return HEALTH_SAME;
}

static enum health_move change_state(struct health *health, int64_t mono_ms, int64_t wall_ms)
{
    enum health_state from = health->state;
    health->state = health->next;
    health->since_ms = wall_ms;
    if ((from == HEALTH_UP && health->state == HEALTH_DOWN) ||
        (from == HEALTH_DOWN && health->state == HEALTH_UP))
        note_move(health, mono_ms);
    if (health->flapping)
        return HEALTH_SAME;
    if (moves_too_often(health, mono_ms)) {
        health->flapping = true;
        health->told_bad = true;
        return HEALTH_BECAME_FLAPPING;
    }
    return told_move(health, from);
}

/* Flapping that has calmed down, and a cause that changed for good while down. */
static enum health_move settle(struct health *health, int64_t mono_ms)
{
    if (health->flapping) {
        if (mono_ms - last_move_ms(health) < HEALTH_FLAP_CALM_MS)
            return HEALTH_SAME;
        health->flapping = false;
        health->move_count = 0;
        health->told = health->cause;
        health->told_bad = health->state != HEALTH_UP;
        return HEALTH_STEADY_AGAIN;
    }
    if (health->state == HEALTH_DOWN && health->next == HEALTH_DOWN &&
        health->cause != health->told && health->same_cause >= 2) {
        health->told = health->cause;
        return HEALTH_CAUSE_CHANGED;
    }
    return HEALTH_SAME;
}

enum health_move health_feed(struct health *health, const struct health_conf *conf,
                             enum outcome outcome, int64_t mono_ms, int64_t wall_ms)
{
    enum health_state next = speaks_for(outcome, conf->required);

    if (health->same_cause > 0 && health->cause == outcome)
        health->same_cause++;
    else
        health->same_cause = 1;
    health->cause = outcome;
    if (health->row > 0 && health->next == next)
        health->row++;
    else
        health->row = 1;
    health->next = next;

    if (next != health->state && health->row >= rounds_needed(health, conf))
        return change_state(health, mono_ms, wall_ms);
    return settle(health, mono_ms);
}

void health_recall(struct health *health, enum health_state told, enum outcome cause, bool flapping,
                   int64_t mono_ms)
{
    health->told_bad = true;
    health->told = cause;
    health->recalled = flapping || told == HEALTH_UP ? HEALTH_UNKNOWN : told;
    health->flapping = flapping;
    if (flapping) /* steady from now on, until seen otherwise */
        note_move(health, mono_ms);
}

void health_suspend(struct health *health, enum outcome cause, int64_t wall_ms)
{
    bool told =
        health->told_bad && (health->state == HEALTH_DOWN || health->state == HEALTH_NOT_PUBLISHED);
    if (told)
        health->recalled = health->state;
    if (health->state != HEALTH_UNKNOWN)
        health->since_ms = wall_ms;
    health->state = health->next = HEALTH_UNKNOWN;
    health->cause = cause;
    health->row = health->same_cause = 1;
}

bool health_is_unsettled(const struct health *health)
{
    return health->row > 0 && health->next != health->state;
}
