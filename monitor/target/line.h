/* SPDX-License-Identifier: ISC
 *
 * Whether the own line is down, over one family and one way out: what the checks of independent
 * reference addresses amount to. Pure; a value.
 */
#ifndef REACHD_MONITOR_TARGET_LINE_H
#define REACHD_MONITOR_TARGET_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "probes/outcome.h"

enum line_state {
    LINE_UNKNOWN, /* no check was needed yet */
    LINE_UP,
    LINE_DOWN,
};

const char *line_word(enum line_state state); /* "unknown" "up" "down" */

/* So many checks in a row without any answer before somebody is told; the targets are spared from
 * the first on. */
#define LINE_CHECKS_TO_TELL 2
#define LINE_CONFIRM_MS     2000 /* until the second one */

/* A zeroed struct is "never checked". */
struct line {
    enum line_state state;
    unsigned row;       /* checks in a row without an answer */
    int64_t checked_ms; /* monotonic, of the last one; 0: never */
    int64_t since_ms;   /* wall clock, of the last change of state; 0: never */
    bool told;          /* that it is down was told last */
};

enum line_move {
    LINE_SAME,
    LINE_FELL, /* down, but nobody needs to hear of it yet */
    LINE_LOST, /* confirmed: to be told */
    LINE_ROSE, /* up again, before anybody was told */
    LINE_BACK, /* up again: to be told */
};

/* After a check: did anything out there answer? */
enum line_move line_feed(struct line *line, bool answered, int64_t mono_ms, int64_t wall_ms);
/* It was told down before this run: to be looked at, and told when it is up. */
void line_recall(struct line *line);
/* Until the next check while it is down; -1: none is due. */
int64_t line_next_ms(const struct line *line, int64_t every_ms);
/* Down, or seen up since `since_ms` (monotonic), when what failed had begun: a failure needs no
 * check. An older answer may be of before the line fell. */
bool line_is_known(const struct line *line, int64_t since_ms);
/* Whether such a failure of a target may come from the own line. */
bool line_may_explain(enum outcome outcome);

#endif
