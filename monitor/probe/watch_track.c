/* SPDX-License-Identifier: ISC
 *
 * Results in a row (see watch_track.h).
 */
#include "monitor/probe/watch_track.h"

#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"

static bool is_absent(enum outcome outcome, bool wanted)
{
    return outcome == OUTCOME_DNS_NODATA && !wanted;
}

const char *watch_word(enum outcome outcome, bool wanted)
{
    return is_absent(outcome, wanted) ? "not published" : outcome_word(outcome);
}

bool watch_is_good(enum outcome outcome, bool wanted)
{
    return is_absent(outcome, wanted) || outcome_info(outcome)->verdict == VERDICT_UP;
}

enum outcome watch_track_last(const struct watch_track *track)
{
    return track->cells[(track->rounds - 1) % WATCH_CELLS];
}

bool watch_track_add(struct watch_track *track, enum outcome outcome, int64_t now_ms)
{
    bool first = track->rounds == 0;
    bool changed = !first && watch_track_last(track) != outcome;
    if (changed) {
        track->before = watch_track_last(track);
        track->changes++;
    }
    if (first || changed)
        track->since_ms = now_ms;
    if (outcome_info(outcome)->verdict == VERDICT_UP)
        track->failing_ms = 0;
    else if (track->failing_ms == 0)
        track->failing_ms = now_ms;
    if (track->failing_ms != 0 && now_ms - track->failing_ms > track->longest_ms)
        track->longest_ms = now_ms - track->failing_ms;
    track->cells[track->rounds++ % WATCH_CELLS] = outcome;
    track->counts[outcome]++;
    return changed;
}

/* --- the strip --- */

enum cell {
    CELL_UP,
    CELL_DOWN,
    CELL_OTHER, /* down by another cause than the one before */
    CELL_UNKNOWN,
    CELL_ABSENT,
};

static const struct {
    const char *utf8, *ascii;
    enum term_colour colour;
} glyphs[] = {
    [CELL_UP] = {"\u2581", "_", TERM_GREEN},   [CELL_DOWN] = {"\u25cf", "x", TERM_RED},
    [CELL_OTHER] = {"\u25c6", "X", TERM_RED},  [CELL_UNKNOWN] = {"?", "?", TERM_YELLOW},
    [CELL_ABSENT] = {"\u00b7", ".", TERM_DIM},
};

static enum cell cell_of(const struct watch_track *track, size_t round, bool wanted)
{
    enum outcome outcome = track->cells[round % WATCH_CELLS];
    if (is_absent(outcome, wanted))
        return CELL_ABSENT;
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_UP:
        return CELL_UP;
    case VERDICT_UNKNOWN:
        return CELL_UNKNOWN;
    case VERDICT_DOWN:
        break;
    }
    if (round == 0 || round + WATCH_CELLS == track->rounds) /* the one before is not known */
        return CELL_DOWN;
    enum outcome before = track->cells[(round - 1) % WATCH_CELLS];
    bool other = before != outcome && outcome_info(before)->verdict == VERDICT_DOWN;
    return other && !is_absent(before, wanted) ? CELL_OTHER : CELL_DOWN;
}

void watch_track_strip(FILE *out, const struct watch_track *track, const struct watch_style *style,
                       size_t max)
{
    size_t shown = max < WATCH_CELLS ? max : WATCH_CELLS;
    size_t round = track->rounds > shown ? track->rounds - shown : 0;
    enum term_colour colour = TERM_PLAIN;
    for (; round < track->rounds; round++) {
        enum cell cell = cell_of(track, round, style->wanted);
        if (glyphs[cell].colour != colour)
            fputs(term_start(glyphs[cell].colour, style->colour), out);
        colour = glyphs[cell].colour;
        fputs(style->utf8 ? glyphs[cell].utf8 : glyphs[cell].ascii, out);
    }
    fputs(term_end(style->colour), out);
}

/* --- the end --- */

const char *watch_track_summary(const struct watch_track *track, bool wanted, int64_t now_ms,
                                char buf[WATCH_SUMMARY_LEN])
{
    char time[DURATION_LEN];
    int64_t longest_ms = track->longest_ms;
    *buf = '\0';
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        uint32_t count = track->counts[i];
        if (count == 0)
            continue;
        str_append(buf, WATCH_SUMMARY_LEN, "%s%s %u", *buf ? ", " : "",
                   watch_word((enum outcome)i, wanted), count);
        if (i == OUTCOME_OK)
            str_append(buf, WATCH_SUMMARY_LEN, " (%.1f%%)",
                       100.0 * (double)count / (double)track->rounds);
    }
    if (track->failing_ms != 0 && now_ms - track->failing_ms > longest_ms)
        longest_ms = now_ms - track->failing_ms;
    if (longest_ms > 0 && !(track->rounds > 0 && is_absent(watch_track_last(track), wanted)))
        str_append(buf, WATCH_SUMMARY_LEN, "; failing for %s at most",
                   duration_format(longest_ms, time));
    return buf;
}
