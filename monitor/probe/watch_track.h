/* SPDX-License-Identifier: ISC
 *
 * What `reachd probe --watch` remembers of one family of one host: the last results, how often each
 * came, how long it failed at most. Pure.
 */
#ifndef REACHD_MONITOR_PROBE_WATCH_TRACK_H
#define REACHD_MONITOR_PROBE_WATCH_TRACK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "probes/outcome.h"

#define WATCH_CELLS 60

struct watch_track { /* all zero: nothing seen yet */
    size_t rounds;
    enum outcome cells[WATCH_CELLS]; /* ring; the last is at (rounds - 1) % WATCH_CELLS */
    uint32_t counts[OUTCOME_COUNT];
    enum outcome before; /* what the present outcome came after; means nothing before a change */
    uint32_t changes;
    int64_t since_ms;   /* clock_mono_ms() of the first result like the last */
    int64_t failing_ms; /* of the first failure of those in a row; 0: the last was none */
    int64_t longest_ms; /* failures in a row, at most so far */
};

/* True when the outcome is another one than the last. */
bool watch_track_add(struct watch_track *track, enum outcome outcome, int64_t now_ms);
enum outcome watch_track_last(const struct watch_track *track); /* rounds > 0 */

/* The last results, the oldest first, at most `max`: a low line for up, a dot for a failure, a
 * lozenge where its cause is another one than before; "?" for what is unknown. */
struct watch_style {
    bool utf8;
    bool colour;
    bool wanted; /* that the family is not published is a failure */
};
void watch_track_strip(FILE *out, const struct watch_track *track, const struct watch_style *style,
                       size_t max);
/* "ok 9 (75.0%), unreachable 3; failing for 15s at most". Returns buf. */
#define WATCH_SUMMARY_LEN 512
const char *watch_track_summary(const struct watch_track *track, bool wanted, int64_t now_ms,
                                char buf[WATCH_SUMMARY_LEN]);
/* The word, or "not published" where that is no failure. */
const char *watch_word(enum outcome outcome, bool wanted);
/* No failure, and nothing that is unknown. */
bool watch_is_good(enum outcome outcome, bool wanted);

#endif
