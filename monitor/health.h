/* SPDX-License-Identifier: ISC
 *
 * The health of one target over one family: rise and fall, cause, flapping. Pure; a value.
 */
#ifndef REACHD_MONITOR_HEALTH_H
#define REACHD_MONITOR_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/outcome.h"

enum health_state {
    HEALTH_UNKNOWN,
    HEALTH_UP,
    HEALTH_DOWN,
    HEALTH_NOT_PUBLISHED, /* the name has no record of this family, and none is required */
};

const char *health_word(enum health_state state); /* "unknown" "up" "down" "not-published" */

struct health_conf {
    unsigned rise;
    unsigned fall;
    bool required;
};

/* History of state changes for flapping: the moments of the last ones. */
#define HEALTH_FLAP_MOVES 6

struct health {
    enum health_state state;
    int64_t since_ms; /* wall clock of the last change of state */
    unsigned good;    /* in a row */
    unsigned bad;
    enum outcome cause; /* of the last round */
    enum outcome told;  /* the cause told last while down */
    bool flapping;
    int64_t moves_ms[HEALTH_FLAP_MOVES]; /* monotonic, ring */
    unsigned move_count;
};

enum health_move {
    HEALTH_SAME,
    HEALTH_WENT_UP,
    HEALTH_WENT_DOWN,
    HEALTH_CAUSE_CHANGED,
    HEALTH_BECAME_FLAPPING,
    HEALTH_STEADY_AGAIN, /* flapping ended; the state says how */
};

/* One round's judgement of the family. mono_ms for flapping, wall_ms for `since`. */
enum health_move health_feed(struct health *health, const struct health_conf *conf,
                             enum outcome outcome, int64_t mono_ms, int64_t wall_ms);
/* True while a change is on its way (a failure not yet confirmed, or a recovery): check sooner. */
bool health_is_unsettled(const struct health *health, const struct health_conf *conf);

#endif
