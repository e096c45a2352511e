/* SPDX-License-Identifier: ISC
 *
 * Layout of --watch (see watch_frame.h).
 */
#include "monitor/probe/watch_frame.h"

#include <string.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"

#define INDENT 6

/* --- taking in --- */

/* The failure that stands for the family. */
static void keep_detail(struct watch_family *kept, const struct round_family *family)
{
    enum outcome outcome = round_family_outcome(family);
    const char *detail = family->dns != OUTCOME_OK ? family->dns_detail : "";
    for (size_t i = 0; i < family->count && !*detail; i++) {
        if (family->results[i].outcome == outcome)
            detail = family->results[i].detail;
    }
    str_copy(kept->detail, sizeof kept->detail, detail);
    kept->tcp_us = -1;
    for (size_t i = 0; i < family->count; i++) {
        int64_t tcp_us = family->results[i].tcp_us;
        if (tcp_us >= 0 && (kept->tcp_us < 0 || tcp_us < kept->tcp_us))
            kept->tcp_us = tcp_us;
    }
    kept->count = family->count;
    kept->failed = probe_failed_count(family);
}

bool watch_add(struct watch_state *watch, size_t host, const struct round_result *result,
               int64_t now_ms, int64_t wall_ms)
{
    bool any = false;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        struct watch_family *kept = &watch->hosts[host].families[f];
        enum outcome outcome = round_family_outcome(family);
        kept->asked = family->asked;
        if (!family->asked)
            continue;
        keep_detail(kept, family);
        if (!watch_track_add(&kept->track, outcome, now_ms))
            continue;
        watch->changed[watch->changes++ % WATCH_CHANGES] =
            (struct watch_change){wall_ms, host, (enum family)f, kept->track.before, outcome};
        any = true;
    }
    return any;
}

/* --- drawing --- */

static enum term_colour colour_of(enum outcome outcome, bool wanted)
{
    return outcome == OUTCOME_DNS_NODATA && !wanted ? TERM_DIM : probe_text_colour(outcome);
}

static void put_coloured(FILE *out, const struct probe_text_style *style, enum term_colour colour,
                         const char *text)
{
    fprintf(out, "%s%s%s", term_start(colour, style->colour), text, term_end(style->colour));
}

static void put_cause(FILE *out, const struct watch_family *family, enum outcome outcome,
                      const struct probe_text_style *style)
{
    const struct outcome_info *info = outcome_info(outcome);
    char text[512];
    snprintf(text, sizeof text, "%s%s%s%s", info->text, *family->detail ? " (" : "", family->detail,
             *family->detail ? ")" : "");
    fprintf(out, "%*s", INDENT, "");
    term_wrap(out, text, INDENT, style->width);
    fprintf(out, "%*s", INDENT, "");
    term_wrap(out, info->advice, INDENT, style->width);
}

static void draw_family(FILE *out, const struct watch_family *family, enum family f,
                        const struct probe_text_style *style, int64_t now_ms)
{
    const struct watch_track *track = &family->track;
    bool wanted = style->families_wanted[f];
    enum outcome last = watch_track_last(track);
    struct watch_style strip = {style->utf8, style->colour, wanted};
    char time[DURATION_LEN];
    fprintf(out, "  %s  ", family_text(f));
    put_coloured(out, style, colour_of(last, wanted), watch_word(last, wanted));
    if (family->failed > 0 && family->failed < family->count)
        fprintf(out, " (%zu of %zu)", family->failed, family->count);
    fprintf(out, "  for %s", duration_format((now_ms - track->since_ms) / 1000 * 1000, time));
    if (track->changes > 0)
        fprintf(out, ", was %s", watch_word(track->before, wanted));
    if (family->tcp_us >= 0)
        fprintf(out, "  tcp %.1f ms", (double)family->tcp_us / 1000);
    fprintf(out, "\n%*s", INDENT, "");
    watch_track_strip(out, track, &strip,
                      style->width > INDENT ? (size_t)(style->width - INDENT) : 1);
    fputc('\n', out);
    if (!watch_is_good(last, wanted))
        put_cause(out, family, last, style);
}

static void draw_host(FILE *out, const struct watch_host *host,
                      const struct probe_text_style *style, int64_t now_ms)
{
    put_coloured(out, style, TERM_BOLD, host->target);
    fputc('\n', out);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (host->families[f].asked && host->families[f].track.rounds > 0)
            draw_family(out, &host->families[f], (enum family)f, style, now_ms);
    }
}

static void put_clock(FILE *out, int64_t wall_ms)
{
    char text[CLOCK_TEXT_LEN];
    clock_format_local(wall_ms, text);
    fputs(strlen(text) > 11 ? text + 11 : text, out); /* without the date */
}

static void draw_changes(FILE *out, const struct watch_state *watch,
                         const struct probe_text_style *style)
{
    size_t from = watch->changes > WATCH_CHANGES ? watch->changes - WATCH_CHANGES : 0;
    if (watch->changes > 0)
        fputc('\n', out);
    for (size_t i = from; i < watch->changes; i++) {
        const struct watch_change *change = &watch->changed[i % WATCH_CHANGES];
        bool wanted = style->families_wanted[change->family];
        fputs("  ", out);
        put_clock(out, change->wall_ms);
        if (watch->count > 1)
            fprintf(out, "  %s", watch->hosts[change->host].target);
        fprintf(out, "  %s %s -> ", family_text(change->family), watch_word(change->from, wanted));
        put_coloured(out, style, colour_of(change->to, wanted), watch_word(change->to, wanted));
        fputc('\n', out);
    }
}

void watch_draw(FILE *out, const struct watch_state *watch, const struct probe_text_style *style,
                int64_t now_ms, int64_t wall_ms)
{
    char every[DURATION_LEN];
    put_clock(out, wall_ms);
    fprintf(out, "  every %s; Ctrl-C ends\n", duration_format(watch->every_ms, every));
    for (size_t i = 0; i < watch->count; i++) {
        fputc('\n', out);
        draw_host(out, &watch->hosts[i], style, now_ms);
    }
    draw_changes(out, watch, style);
}

/* --- lines and the end --- */

void watch_tell_changes(FILE *out, const struct watch_state *watch, size_t host,
                        const struct probe_text_style *style, int64_t wall_ms)
{
    size_t from = watch->changes > FAMILY_COUNT ? watch->changes - FAMILY_COUNT : 0;
    for (size_t i = from; i < watch->changes; i++) {
        const struct watch_change *change = &watch->changed[i % WATCH_CHANGES];
        bool wanted = style->families_wanted[change->family];
        if (change->host == host && change->wall_ms == wall_ms)
            fprintf(out, "  %s %s -> %s", family_text(change->family),
                    watch_word(change->from, wanted), watch_word(change->to, wanted));
    }
}

void watch_summary(FILE *out, const struct watch_state *watch, const struct probe_text_style *style,
                   bool apart, int64_t now_ms)
{
    char text[WATCH_SUMMARY_LEN];
    if (apart)
        fputc('\n', out);
    for (size_t i = 0; i < watch->count; i++) {
        const struct watch_host *host = &watch->hosts[i];
        put_coloured(out, style, TERM_BOLD, host->target);
        fputc('\n', out);
        for (int f = 0; f < FAMILY_COUNT; f++) {
            const struct watch_family *family = &host->families[f];
            if (!family->asked || family->track.rounds == 0)
                continue;
            fprintf(out, "  %s  ", family_text((enum family)f));
            watch_track_summary(&family->track, style->families_wanted[f], now_ms, text);
            term_wrap(out, text, 8, style->width);
        }
    }
}

int watch_status(const struct watch_state *watch, const struct probe_text_style *style)
{
    struct probe_tally tally = {0};
    for (size_t i = 0; i < watch->count; i++) {
        for (int f = 0; f < FAMILY_COUNT; f++) {
            const struct watch_family *family = &watch->hosts[i].families[f];
            if (!family->asked || family->track.rounds == 0)
                continue;
            enum outcome last = watch_track_last(&family->track);
            tally.reached += (unsigned)(family->count - family->failed);
            tally.down += (unsigned)family->failed;
            if (family->failed == 0 && !watch_is_good(last, style->families_wanted[f]))
                tally.down++;
        }
    }
    return probe_tally_status(&tally);
}
