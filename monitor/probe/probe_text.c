/* SPDX-License-Identifier: ISC
 *
 * Text for people about one round. Owns: the layout. Everything that came from outside was made
 * printable where it was received.
 */
#include "monitor/probe/probe_text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "lib/table.h"
#include "monitor/probe/probe_dns_text.h"
#include "monitor/probe/probe_text_priv.h"
#include "monitor/probe/probe_verdict.h"
#include "probes/client.h"

#define TIMES_LEN 256
#define ADDR_COL  10 /* behind mark and family */
#define INDENT    6
#define EACH_MAX  8 /* addresses of a prefix that have a line each in any case */

/* --- words --- */

enum term_colour probe_text_colour(enum outcome outcome)
{
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_UP:
        return TERM_GREEN;
    case VERDICT_DOWN:
        return TERM_RED;
    case VERDICT_UNKNOWN:
        return TERM_YELLOW;
    }
    return TERM_PLAIN;
}

static const char *mark_of(enum outcome outcome, bool utf8)
{
    switch (outcome_info(outcome)->verdict) {
    case VERDICT_UP:
        return utf8 ? "\u2713" : "+";
    case VERDICT_DOWN:
        return utf8 ? "\u2717" : "x";
    case VERDICT_UNKNOWN:
        return "?";
    }
    return " ";
}

static bool is_absent(const struct printer *p, enum family f)
{
    return probe_is_absent(&p->result->families[f], p->style->families_wanted[f]);
}

static void append_ms(char *text, size_t cap, const char *label, int64_t us)
{
    if (us < 0)
        return;
    str_append(text, cap, "%s%s %.*f ms", *text ? "  " : "", label, us < 9950 ? 1 : 0,
               (double)us / 1000);
}

static void timings(const struct round_family *family, const struct probe_result *result,
                    char *text, size_t cap)
{
    *text = '\0';
    append_ms(text, cap, "dns", family->dns_us);
    append_ms(text, cap, "tcp", result->tcp_us);
    append_ms(text, cap, "tls", result->tls_us);
    probe_result_brief(result, text, cap);
}

/* --- layout --- */

/* Of a prefix the addresses without an open port that look the same are one line: how many follow
 * this one; -1: it is one of those. With verbose, and where there are few, each has its own. */
static int count_alike(const struct printer *p, const struct round_family *family, size_t which)
{
    const struct probe_result *result = &family->results[which];
    char own[TIMES_LEN], other[TIMES_LEN];
    int count = 0;
    if (p->style->verbose || family->count <= EACH_MAX || result->kind != PROBE_CLOSED ||
        result->outcome != OUTCOME_OK)
        return 0;
    timings(family, result, own, sizeof own);
    for (size_t i = 0; i < family->count; i++) {
        const struct probe_result *each = &family->results[i];
        if (i == which || each->outcome != OUTCOME_OK || each->vantage != result->vantage)
            continue;
        timings(family, each, other, sizeof other);
        if (strcmp(own, other) == 0 && i < which)
            return -1;
        count += strcmp(own, other) == 0;
    }
    return count;
}

/* What stands behind the word. False: a line before this one speaks for it. */
static bool facts_of(const struct printer *p, const struct round_family *family, size_t which,
                     char *text, size_t cap)
{
    int alike = count_alike(p, family, which);
    timings(family, &family->results[which], text, cap);
    if (alike > 0)
        str_append(text, cap, "  and %d more like this", alike);
    return alike >= 0;
}

static void measure_one(struct printer *p, const char *addr, enum outcome outcome,
                        const char *times, size_t *longest)
{
    int addr_width = (int)strlen(addr), word_width = (int)strlen(outcome_word(outcome));
    p->addr_width = addr_width > p->addr_width ? addr_width : p->addr_width;
    p->word_width = word_width > p->word_width ? word_width : p->word_width;
    *longest = strlen(times) > *longest ? strlen(times) : *longest;
}

static void measure(struct printer *p)
{
    size_t longest = 0;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &p->result->families[f];
        char text[ADDR_STRLEN], times[TIMES_LEN] = "";
        if (family->asked && probe_dns_failed(family, p->style->families_wanted[f]))
            measure_one(p, "-", round_family_outcome(family), times, &longest);
        for (size_t i = 0; i < family->count; i++) {
            const struct probe_result *result = &family->results[i];
            if (!facts_of(p, family, i, times, sizeof times))
                continue;
            measure_one(p, addr_format(&result->addr, text), result->outcome, times, &longest);
        }
    }
    int head = ADDR_COL + p->addr_width + 2 + p->word_width;
    p->word_apart = head > p->style->width;
    p->one_line = head + 2 + (int)longest <= p->style->width;
}

static void wrap(struct printer *p, const char *text)
{
    fprintf(p->out, "%*s", INDENT, "");
    term_wrap(p->out, text, INDENT, p->style->width);
}

/* Facts with two spaces between; a line is broken only there. */
static void put_facts(struct printer *p, const char *text)
{
    size_t column = INDENT, width = (size_t)p->style->width;
    fprintf(p->out, "%*s%s", INDENT, "", term_start(TERM_DIM, p->style->colour));
    while (*text) {
        const char *end = strstr(text, "  ");
        size_t len = end ? (size_t)(end - text) : strlen(text);
        bool first = column == INDENT, fits = column + 2 + len <= width;
        if (!first)
            fprintf(p->out, fits ? "  " : "\n%*s", fits ? 0 : INDENT, "");
        column = first || !fits ? INDENT + len : column + 2 + len;
        fwrite(text, 1, len, p->out);
        text += len;
        text += strspn(text, " ");
    }
    fprintf(p->out, "%s\n", term_end(p->style->colour));
}

static void print_advice(struct printer *p, enum outcome outcome, const char *detail)
{
    const struct outcome_info *info = outcome_info(outcome);
    char text[512];
    snprintf(text, sizeof text, "%s%s%s%s", info->text, *detail ? " (" : "", detail,
             *detail ? ")" : "");
    wrap(p, text);
    if (p->advised[outcome])
        return;
    p->advised[outcome] = true;
    wrap(p, info->advice);
}

static void print_line(struct printer *p, enum family f, const char *addr, enum outcome outcome,
                       const char *times)
{
    bool colour = p->style->colour;
    int addr_width = p->word_apart ? 0 : p->addr_width;
    fprintf(p->out, "  %s%s%s %s  %-*s", term_start(probe_text_colour(outcome), colour),
            mark_of(outcome, p->style->utf8), term_end(colour), family_text(f), addr_width, addr);
    fprintf(p->out, p->word_apart ? "\n%*s" : "%*s", p->word_apart ? INDENT : 2, "");
    fprintf(p->out, "%s%s%s", term_start(probe_text_colour(outcome), colour), outcome_word(outcome),
            term_end(colour));
    if (!*times)
        fputc('\n', p->out);
    else if (p->one_line)
        fprintf(p->out, "%*s%s%s%s\n", p->word_width - (int)strlen(outcome_word(outcome)) + 2, "",
                term_start(TERM_DIM, colour), times, term_end(colour));
    else {
        fputc('\n', p->out);
        put_facts(p, times);
    }
}

/* --- the path --- */

static void print_vantage(struct printer *p, enum probe_kind kind, enum vantage vantage)
{
    const char *text = vantage_text(vantage, kind == PROBE_CLOSED);
    if (text && vantage != p->seen_from)
        wrap(p, text);
    p->seen_from = vantage;
}

static void print_path(struct printer *p, const struct tcp_facts *path)
{
    char text[160] = "";
    append_ms(text, sizeof text, "rtt", path->rtt_us);
    if (path->rtt_min_us > 0)
        append_ms(text, sizeof text, "min", path->rtt_min_us);
    str_append(text, sizeof text, "  mss in %" PRIu32 ", out %" PRIu32 "  mtu %" PRIu32,
               path->mss_in, path->mss_out, path->mtu);
    if (path->retransmits > 0)
        str_append(text, sizeof text, "  %" PRIu32 " retransmitted", path->retransmits);
    if (path->unacked > 0)
        str_append(text, sizeof text, "  %" PRIu32 " never confirmed", path->unacked);
    put_facts(p, text);
}

static void print_tls(struct printer *p, const struct probe_result *result)
{
    char text[128];
    snprintf(text, sizeof text, "%s  %s", result->protocol, result->cipher);
    put_facts(p, text);
}

/* One line each, not wrapped: it is there to be copied. */
static void print_fixes(struct printer *p, const struct mtu_report *mtu)
{
    char text[MTU_FIX_LEN];
    for (int i = 0; i < MTU_ROUTER_COUNT; i++)
        fprintf(p->out, "%*s%-10s%s\n", INDENT, "", mtu_router_text((enum mtu_router)i),
                mtu_fix(mtu, (enum mtu_router)i, text));
}

/* --- a host --- */

/* The certificate that all addresses of the host share; NULL when they differ or have none. */
static const struct cert_facts *common_cert(const struct round_result *result)
{
    const struct cert_facts *common = NULL;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        for (size_t i = 0; i < result->families[f].count; i++) {
            const struct cert_facts *cert = result->families[f].results[i].cert;
            if (cert && common && strcmp(cert->fingerprint, common->fingerprint) != 0)
                return NULL;
            common = cert ? cert : common;
        }
    }
    return common;
}

static void print_remark(struct printer *p)
{
    char detail[320], clean[320];
    enum outcome remark = round_remark(p->result, detail, sizeof detail);
    str_printable(clean, sizeof clean, detail, strlen(detail));
    if (remark != OUTCOME_OK)
        printer_finding(p, "", remark, clean);
    for (size_t i = 0; p->result->dns && i < p->result->dns->findings.count; i++)
        printer_finding(p, "", p->result->dns->findings.list[i].outcome,
                        p->result->dns->findings.list[i].detail);
}

/* Which family clients end up with, where there is a choice. */
static void print_client(struct printer *p)
{
    struct client_view view;
    char text[320];
    client_judge(p->result, &view);
    client_sentence(&view, text, sizeof text);
    if (*text)
        printer_line(p, "clients", text, view.stuck ? TERM_RED : TERM_PLAIN);
}

/* "IPv4 refused (1 of 2), IPv6 ok" */
static void print_words(const struct printer *p, const char *between)
{
    bool colour = p->style->colour, first = true;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &p->result->families[f];
        enum outcome outcome = round_family_outcome(family);
        size_t failed = probe_failed_count(family);
        if (!family->asked)
            continue;
        fprintf(p->out, "%s%s ", first ? "" : between, family_text((enum family)f));
        first = false;
        if (is_absent(p, (enum family)f))
            fputs("not published", p->out);
        else
            fprintf(p->out, "%s%s%s", term_start(probe_text_colour(outcome), colour),
                    outcome_word(outcome), term_end(colour));
        if (failed > 0 && failed < family->count)
            fprintf(p->out, " (%zu of %zu)", failed, family->count);
    }
}

static void print_verdict(struct printer *p, const struct round_spec *spec)
{
    char target[PROBE_TARGET_LEN], words[PROBE_WORDS_LEN];
    probe_words(p->result, p->style->families_wanted, words);
    probe_target_text(spec, target);
    size_t width = (size_t)p->style->width;
    bool fits = strlen(target) + 2 + strlen(words) <= width;
    fprintf(p->out, "%s%s%s%s", term_start(TERM_BOLD, p->style->colour), target,
            term_end(p->style->colour), fits ? "  " : "\n  ");
    print_words(p, 2 + strlen(words) <= width ? ", " : ",\n  ");
    fputc('\n', p->out);
}

void probe_text_line(FILE *out, const struct probe_text_style *style, const struct round_spec *spec,
                     const struct round_result *result)
{
    struct printer p = {.out = out, .style = style, .result = result};
    struct probe_tally tally = {0};
    char target[PROBE_TARGET_LEN];
    probe_tally_add(&tally, result, style->families_wanted);
    enum term_colour colour = tally.down > 0      ? TERM_RED
                              : tally.unknown > 0 ? TERM_YELLOW
                                                  : TERM_GREEN;
    fprintf(out, "%s%-7s%s  %s  ", term_start(colour, style->colour), probe_tally_word(&tally),
            term_end(style->colour), probe_target_text(spec, target));
    print_words(&p, ", ");
}

static void print_family(struct printer *p, enum family f, bool each_cert)
{
    const struct round_family *family = &p->result->families[f];
    char times[TIMES_LEN] = "", text[ADDR_STRLEN];
    if (probe_dns_failed(family, p->style->families_wanted[f])) {
        append_ms(times, sizeof times, "dns", family->dns_us);
        print_line(p, f, "-", round_family_outcome(family), times);
        print_advice(p, round_family_outcome(family), family->dns_detail);
    }
    for (size_t i = 0; i < family->count; i++) {
        const struct probe_result *result = &family->results[i];
        if (!facts_of(p, family, i, times, sizeof times))
            continue;
        print_line(p, f, addr_format(&result->addr, text), result->outcome, times);
        if (result->outcome != OUTCOME_OK)
            print_advice(p, result->outcome, result->detail);
        if (result->mtu.proven)
            print_fixes(p, &result->mtu);
        print_vantage(p, result->kind, result->vantage);
        if (p->style->verbose && result->path.known)
            print_path(p, &result->path);
        if (p->style->verbose && *result->protocol)
            print_tls(p, result);
        if (each_cert && result->cert)
            printer_cert(p, result->cert);
    }
    if (family->addrs_cut)
        wrap(p, "There are more addresses of this family; they were not looked at.");
}

void probe_text_print(FILE *out, const struct probe_text_style *style,
                      const struct round_spec *spec, const struct round_result *result,
                      int64_t now_ms)
{
    struct printer p = {.out = out,
                        .style = style,
                        .result = result,
                        .now_ms = now_ms,
                        .soon_ms = spec->cert_soon_ms,
                        .addr_width = 1,
                        .word_width = 1};
    const struct cert_facts *common = common_cert(result);
    measure(&p);
    print_verdict(&p, spec);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (result->families[f].asked)
            print_family(&p, (enum family)f, !common);
    }
    if (common)
        printer_cert(&p, common);
    print_remark(&p);
    if (style->verbose && result->dns)
        probe_dns_text_print(out, style, result->dns);
    print_client(&p);
}
