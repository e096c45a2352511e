/* SPDX-License-Identifier: ISC
 *
 * The health of one target over one family: rise and fall, cause, flapping. Pure; a value.
 */
#ifndef REACHD_MONITOR_TARGET_HEALTH_H
#define REACHD_MONITOR_TARGET_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/outcome.h"

enum health_state {
    HEALTH_UNKNOWN, /* not judged yet, or nothing can be said from here */
    HEALTH_UP,
    HEALTH_DOWN,
    HEALTH_NOT_PUBLISHED, /* the name has no record of this family, and none is required */
};

const char *health_word(enum health_state state); /* "unknown" "up" "down" "not-published" */

struct health_conf {
    unsigned rise; /* good rounds in a row from down to up */
    unsigned fall; /* rounds in a row that end any other state */
    bool required; /* the absence of the family is a failure */
};

/* Flapping: this many moves between up and down within the window; it ends when none came for the
 * calm time. */
#define HEALTH_FLAP_MOVES     6
#define HEALTH_FLAP_WINDOW_MS (INT64_C(30) * 60 * 1000)
#define HEALTH_FLAP_CALM_MS   (INT64_C(15) * 60 * 1000)

/* A zeroed struct is "unknown, never checked". */
struct health {
    enum health_state state;
    enum health_state next; /* where the rounds in a row lead */
    unsigned row;           /* how many of them */
    int64_t since_ms;       /* wall clock of the last change of state; 0 never */
    enum outcome cause;     /* of the last round */
    enum outcome told;      /* the cause that was told last while down */
    unsigned same_cause;    /* rounds in a row with `cause` */
    bool told_bad;          /* the last thing told was not good */
    /* What was told before this run and still stands; UNKNOWN: nothing. Until the first judgement.
     */
    enum health_state recalled;
    bool flapping;
    int64_t moves_ms[HEALTH_FLAP_MOVES]; /* monotonic, a ring */
    unsigned move_count;
};

enum health_move {
    HEALTH_SAME,
    HEALTH_FIRST_UP, /* up, and nobody was told otherwise before: no news for a hook */
    HEALTH_WENT_UP,  /* recovered */
    HEALTH_WENT_DOWN,
    HEALTH_WITHDRAWN,  /* it was up or down, and is not published any more */
    HEALTH_WENT_BLIND, /* it was judged, and can't be any more from here */
    HEALTH_CAUSE_CHANGED,
    HEALTH_BECAME_FLAPPING, /* said once; moves are silent from now on */
    HEALTH_STEADY_AGAIN,    /* flapping ended; the state says how */
    HEALTH_AS_TOLD,         /* as it was told before this run: no news */
};

/* One round's judgement of the family. mono_ms for flapping, wall_ms for `since`. */
enum health_move health_feed(struct health *health, const struct health_conf *conf,
                             enum outcome outcome, int64_t mono_ms, int64_t wall_ms);
/* For a fresh one: what was told last before this run, so that it is not told again, and good news
 * is not kept back. A state other than down and not-published: it could not be judged. */
void health_recall(struct health *health, enum health_state told, enum outcome cause, bool flapping,
                   int64_t mono_ms);
/* Nothing can be said for a reason that others tell of: unknown, with that cause, and no news. What
 * was told before stands: the same judgement later is no news either. */
void health_suspend(struct health *health, enum outcome cause, int64_t wall_ms);
/* True while a change is on its way (a failure not yet confirmed, or a recovery): check sooner. */
bool health_is_unsettled(const struct health *health);

#endif
