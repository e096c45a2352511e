/* SPDX-License-Identifier: ISC
 *
 * The picture that `reachd probe --watch` draws on a terminal, and the lines that it writes
 * elsewhere. Pure but for the output.
 */
#ifndef REACHD_MONITOR_PROBE_WATCH_FRAME_H
#define REACHD_MONITOR_PROBE_WATCH_FRAME_H

#include "monitor/probe/probe_text.h"
#include "monitor/probe/probe_verdict.h"
#include "monitor/probe/watch_track.h"

#define WATCH_CHANGES 8 /* shown */

struct watch_family {
    bool asked;
    struct watch_track track;
    char detail[160];     /* of the last failure */
    int64_t tcp_us;       /* of the quickest address; -1: none is connected */
    size_t count, failed; /* addresses */
};

struct watch_host {
    char target[PROBE_TARGET_LEN];
    struct watch_family families[FAMILY_COUNT];
};

struct watch_change {
    int64_t wall_ms;
    size_t host;
    enum family family;
    enum outcome from, to;
};

struct watch_state {
    size_t count;
    struct watch_host *hosts;
    size_t changes; /* so far; the last is at (changes - 1) % WATCH_CHANGES */
    struct watch_change changed[WATCH_CHANGES];
    int64_t every_ms;
};

/* Takes the round in; true when an outcome changed. */
bool watch_add(struct watch_state *watch, size_t host, const struct round_result *result,
               int64_t now_ms, int64_t wall_ms);
void watch_draw(FILE *out, const struct watch_state *watch, const struct probe_text_style *style,
                int64_t now_ms, int64_t wall_ms);
/* "  IPv4 ok -> refused", for what this round changed; "" when nothing did. */
void watch_tell_changes(FILE *out, const struct watch_state *watch, size_t host,
                        const struct probe_text_style *style, int64_t wall_ms);
/* At the end; an empty line before it when it follows the picture. */
void watch_summary(FILE *out, const struct watch_state *watch, const struct probe_text_style *style,
                   bool apart, int64_t now_ms);
/* By the last round of each host, as probe_tally_status; 3 when none has ended. */
int watch_status(const struct watch_state *watch, const struct probe_text_style *style);

#endif
