/* SPDX-License-Identifier: ISC
 *
 * --format nagios: what Nagios, Icinga and others take from a plugin. One line with performance
 * data, then a line for each address; the worst host decides. Owns: the states, and holding times
 * and days against the thresholds.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/probe/probe_format.h"
#include "monitor/probe/probe_verdict.h"

#define HOSTS_NAMED 3   /* on the first line */
#define REASON_LEN  256 /* of one host */
#define DAY_MS      INT64_C(86400000)

enum state { /* the exit status */
    STATE_OK,
    STATE_WARNING,
    STATE_CRITICAL,
    STATE_UNKNOWN,
};

static const char *const state_words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};

struct text {
    FILE *out;
    char *data;
    size_t len;
};

struct report {
    const struct probe_view *view;
    enum state state;
    size_t hosts, bad;
    struct text first; /* what stands on the first line when there is one host */
    struct text named; /* the same when there are several: the bad ones */
    struct text details;
    struct text perf, perf_named; /* labels without and with the host */
};

/* What a host comes to. */
struct judged {
    enum state state;
    char reason[REASON_LEN]; /* what passes a threshold */
};

/* As in the plugins' own libraries: unknown is worse than good only. */
static enum state worse(enum state a, enum state b)
{
    static const int rank[] = {
        [STATE_OK] = 0, [STATE_UNKNOWN] = 1, [STATE_WARNING] = 2, [STATE_CRITICAL] = 3};
    return rank[a] >= rank[b] ? a : b;
}

/* --- text --- */

static void open_text(struct text *text)
{
    text->out = open_memstream(&text->data, &text->len);
    if (!text->out)
        log_fatal("probe", "out of memory");
}

static const char *close_text(struct text *text)
{
    if (fclose(text->out) != 0)
        log_fatal("probe", "out of memory");
    return text->data;
}

/* A bar would begin performance data. */
static void put_plain(FILE *out, const char *text)
{
    for (; *text; text++)
        fputc(*text == '|' ? '/' : *text, out);
}

/* 'label'=value: a quote inside is doubled; an equals sign can't stand in a label. */
static void put_label(FILE *out, const char *host, const char *name)
{
    if (!*host) {
        fprintf(out, "%s=", name);
        return;
    }
    fputc('\'', out);
    for (const char *c = host; *c; c++) {
        if (*c == '\'')
            fputc('\'', out);
        fputc(*c == '=' || *c == '|' ? '_' : *c, out);
    }
    fprintf(out, " %s'=", name);
}

/* --- measures --- */

static int64_t slowest_us(const struct round_family *family)
{
    int64_t slowest = -1;
    for (size_t i = 0; i < family->count; i++) {
        int64_t took = family->results[i].took_us + (family->dns_us > 0 ? family->dns_us : 0);
        if (outcome_info(family->results[i].outcome)->verdict == VERDICT_UP && took > slowest)
            slowest = took;
    }
    return slowest;
}

/* The first end among all chains; 0: there is no certificate. */
static int64_t first_end_ms(const struct round_result *result)
{
    int64_t first = 0;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        for (size_t i = 0; i < result->families[f].count; i++) {
            const struct cert_facts *cert = result->families[f].results[i].cert;
            int64_t ends = cert ? cert_facts_ends_ms(cert) : 0;
            first = ends != 0 && (first == 0 || ends < first) ? ends : first;
        }
    }
    return first;
}

static enum state hold_time(const struct probe_view *view, int64_t took_us)
{
    if (view->critical.has_time && took_us > view->critical.time_us)
        return STATE_CRITICAL;
    return view->warning.has_time && took_us > view->warning.time_us ? STATE_WARNING : STATE_OK;
}

static enum state hold_days(const struct probe_view *view, int64_t days)
{
    if (view->critical.has_days && days < view->critical.days)
        return STATE_CRITICAL;
    return view->warning.has_days && days < view->warning.days ? STATE_WARNING : STATE_OK;
}

static void put_time(FILE *out, const struct probe_view *view, int64_t took_us)
{
    fprintf(out, "%.6fs;", (double)took_us / 1e6);
    if (view->warning.has_time)
        fprintf(out, "%.6g", (double)view->warning.time_us / 1e6);
    fputc(';', out);
    if (view->critical.has_time)
        fprintf(out, "%.6g", (double)view->critical.time_us / 1e6);
    fputs(";0 ", out);
}

/* "14:" is a range: alert below 14. */
static void put_days(FILE *out, const struct probe_view *view, int64_t days)
{
    fprintf(out, "%" PRId64 ";", days);
    if (view->warning.has_days)
        fprintf(out, "%" PRId64 ":", view->warning.days);
    fputc(';', out);
    if (view->critical.has_days)
        fprintf(out, "%" PRId64 ":", view->critical.days);
    fputs("; ", out);
}

static void measure_time(struct report *report, const char *target, enum family f, int64_t took_us,
                         struct judged *judged)
{
    char name[24];
    enum state state = hold_time(report->view, took_us);
    snprintf(name, sizeof name, "%s_time", family_word(f));
    put_label(report->perf.out, "", name);
    put_time(report->perf.out, report->view, took_us);
    put_label(report->perf_named.out, target, name);
    put_time(report->perf_named.out, report->view, took_us);
    judged->state = worse(judged->state, state);
    if (state != STATE_OK)
        str_append(judged->reason, sizeof judged->reason, ", %s took %.6f s", family_text(f),
                   (double)took_us / 1e6);
}

static void measure_days(struct report *report, const char *target, int64_t left_ms,
                         struct judged *judged)
{
    int64_t days = left_ms >= 0 ? left_ms / DAY_MS : -((-left_ms + DAY_MS - 1) / DAY_MS);
    enum state state = hold_days(report->view, days);
    put_label(report->perf.out, "", "cert_days");
    put_days(report->perf.out, report->view, days);
    put_label(report->perf_named.out, target, "cert_days");
    put_days(report->perf_named.out, report->view, days);
    judged->state = worse(judged->state, state);
    str_append(judged->reason, sizeof judged->reason, ", certificate %s%" PRId64 " day%s%s",
               days < 0 ? "ended " : "", days < 0 ? -days : days,
               days == 1 || days == -1 ? "" : "s", days < 0 ? " ago" : "");
}

static void measure(struct report *report, const char *target, const struct round_result *result,
                    int64_t now_ms, struct judged *judged)
{
    int64_t ends_ms = first_end_ms(result);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        int64_t took_us = slowest_us(&result->families[f]);
        if (took_us >= 0)
            measure_time(report, target, (enum family)f, took_us, judged);
    }
    if (ends_ms != 0)
        measure_days(report, target, ends_ms - now_ms, judged);
}

/* --- details --- */

static void put_detail(FILE *out, const char *target, const char *address, enum outcome outcome,
                       const char *detail)
{
    const struct outcome_info *info = outcome_info(outcome);
    put_plain(out, target);
    fprintf(out, " %s %s", address, info->word);
    if (outcome != OUTCOME_OK) {
        fprintf(out, ": %s", info->text);
        if (*detail)
            fputs(" (", out);
        put_plain(out, detail);
        fprintf(out, "%s. %s", *detail ? ")" : "", info->advice);
    }
    fputc('\n', out);
}

static void detail_family(struct report *report, const char *target, enum family f,
                          const struct round_family *family)
{
    char address[ADDR_STRLEN + 8], text[ADDR_STRLEN];
    FILE *out = report->details.out;
    if (probe_dns_failed(family, report->view->style.families_wanted[f]))
        put_detail(out, target, family_text(f), round_family_outcome(family), family->dns_detail);
    for (size_t i = 0; i < family->count; i++) {
        const struct probe_result *result = &family->results[i];
        snprintf(address, sizeof address, "%s %s", family_text(f),
                 addr_format(&result->addr, text));
        put_detail(out, target, address, result->outcome, result->detail);
    }
}

/* --- a host --- */

static enum state state_of(const struct report *report, const struct round_result *result)
{
    struct probe_tally tally = {0};
    probe_tally_add(&tally, result, report->view->style.families_wanted);
    if (tally.down > 0 || (tally.reached == 0 && tally.unknown == 0))
        return STATE_CRITICAL;
    return tally.unknown > 0 ? STATE_UNKNOWN : STATE_OK;
}

static void put_host(FILE *out, const char *target, const char *words, const struct judged *judged)
{
    put_plain(out, target);
    fputc(' ', out);
    put_plain(out, words);
    put_plain(out, judged->reason);
}

static void add_host(void *arg, const struct round_spec *spec, const struct round_result *result,
                     int64_t now_ms)
{
    struct report *report = arg;
    struct judged judged = {.state = state_of(report, result)};
    char target[PROBE_TARGET_LEN], words[PROBE_WORDS_LEN];
    probe_target_text(spec, target);
    probe_words(result, report->view->style.families_wanted, words);
    measure(report, target, result, now_ms, &judged);
    if (report->hosts++ == 0)
        put_host(report->first.out, target, words, &judged);
    if (judged.state != STATE_OK && report->bad++ < HOSTS_NAMED) {
        fprintf(report->named.out, "%s ", report->bad > 1 ? ";" : ":");
        put_host(report->named.out, target, words, &judged);
    }
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (result->families[f].asked)
            detail_family(report, target, (enum family)f, &result->families[f]);
    }
    report->state = worse(report->state, judged.state);
}

static void add_wrong(void *arg, size_t line, const char *problem)
{
    struct report *report = arg;
    report->state = worse(report->state, STATE_UNKNOWN);
    report->hosts++;
    if (report->bad++ < HOSTS_NAMED) {
        fprintf(report->named.out, "%s line %zu: ", report->bad > 1 ? ";" : ":", line);
        put_plain(report->named.out, problem);
    }
}

/* --- a run --- */

static void *begin(const struct probe_view *view)
{
    struct report *report = mem_zalloc(sizeof *report);
    report->view = view;
    open_text(&report->first);
    open_text(&report->named);
    open_text(&report->details);
    open_text(&report->perf);
    open_text(&report->perf_named);
    return report;
}

static void write_first(const struct report *report, const char *first, const char *named)
{
    FILE *out = report->view->out;
    fprintf(out, "REACHD %s - ", state_words[report->state]);
    if (report->hosts == 0)
        fputs("no host was given", out);
    else if (report->hosts == 1 && report->first.len > 0)
        fputs(first, out);
    else if (report->bad == 0)
        fprintf(out, "%zu hosts are reached", report->hosts);
    else
        fprintf(out, "%zu of %zu hosts%s%s", report->bad, report->hosts, named,
                report->bad > HOSTS_NAMED ? "; ..." : "");
}

static int end(void *arg, int status)
{
    struct report *report = arg;
    FILE *out = report->view->out;
    const char *first = close_text(&report->first), *named = close_text(&report->named);
    const char *perf = close_text(&report->perf), *perf_named = close_text(&report->perf_named);
    (void)status;
    if (report->hosts == 0)
        report->state = STATE_UNKNOWN;
    write_first(report, first, named);
    perf = report->hosts == 1 ? perf : perf_named;
    if (*perf)
        fprintf(out, " | %.*s", (int)strlen(perf) - 1, perf);
    fprintf(out, "\n%s", close_text(&report->details));
    enum state state = report->state;
    free(report->first.data);
    free(report->named.data);
    free(report->details.data);
    free(report->perf.data);
    free(report->perf_named.data);
    free(report);
    return (int)state;
}

const struct probe_format probe_format_nagios = {.word = "nagios",
                                                 .plugin = true,
                                                 .begin = begin,
                                                 .host = add_host,
                                                 .wrong = add_wrong,
                                                 .end = end};
