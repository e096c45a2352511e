/* SPDX-License-Identifier: ISC
 *
 * Text for people about a chain of certificates and what was found about it.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "monitor/probe/probe_text_priv.h"

#define LABEL_COL   15
#define NAMES_SHOWN 160

/* At most NAMES_SHOWN bytes, cut between names. */
static void short_names(const char *names, char *text, size_t cap)
{
    str_copy(text, cap, names);
    if (strlen(names) <= NAMES_SHOWN)
        return;
    size_t shown = NAMES_SHOWN;
    while (shown > 0 && names[shown] != ',')
        shown--;
    size_t more = 0;
    for (const char *c = names + shown; *c; c++)
        more += *c == ',';
    if (shown == 0)
        shown = NAMES_SHOWN;
    str_ncopy(text, cap, names, shown);
    str_append(text, cap, " and %zu more", more);
}

static void validity(const struct printer *p, const struct cert_facts *cert, char *text, size_t cap,
                     enum term_colour *colour)
{
    const int64_t day = INT64_C(86400000);
    char date[CLOCK_TEXT_LEN];
    int64_t left = cert->chain[0].not_after_ms - p->now_ms;
    bool future = cert->chain[0].not_before_ms > p->now_ms;
    clock_format_utc(future ? cert->chain[0].not_before_ms : cert->chain[0].not_after_ms, date);
    date[strcspn(date, "T")] = '\0';
    int64_t days = (left < 0 ? -left : left) / day;
    *colour = left < 0 || future ? TERM_RED : left < p->soon_ms ? TERM_YELLOW : TERM_PLAIN;
    if (future)
        snprintf(text, cap, "not valid before %s", date);
    else
        snprintf(text, cap, "%s %s (%" PRId64 " day%s %s)", left < 0 ? "expired on" : "valid until",
                 date, days, days == 1 ? "" : "s", left < 0 ? "ago" : "left");
}

void printer_line(struct printer *p, const char *label, const char *text, enum term_colour colour)
{
    bool coloured = p->style->colour && colour != TERM_PLAIN;
    fprintf(p->out, "  %s%-*s%s%s", term_start(TERM_DIM, p->style->colour), LABEL_COL - 2, label,
            term_end(p->style->colour), term_start(colour, coloured));
    term_wrap(p->out, text, LABEL_COL, p->style->width);
    fputs(term_end(coloured), p->out);
}

void printer_finding(struct printer *p, const char *before, enum outcome outcome,
                     const char *detail)
{
    const struct outcome_info *info = outcome_info(outcome);
    char text[1024];
    snprintf(text, sizeof text, "%s%s: %s%s%s%s", before, info->word, info->text,
             *detail ? " (" : "", detail, *detail ? ")" : "");
    printer_line(p, "", text, info->verdict == VERDICT_DOWN ? TERM_RED : TERM_YELLOW);
    if (!p->advised[outcome])
        printer_line(p, "", info->advice, TERM_PLAIN);
    p->advised[outcome] = true;
}

/* The first problem stands as the outcome of the address. */
static void print_findings(struct printer *p, const struct cert_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct cert_finding *finding = &findings->list[i];
        bool remark = cert_finding_is_remark(finding);
        if (remark || i > 0)
            printer_finding(p, remark ? "" : "also ", finding->outcome, finding->detail);
    }
}

/* As it was sent, the server's own first. */
static void print_chain(struct printer *p, const struct cert_facts *cert)
{
    char text[1024], date[CLOCK_TEXT_LEN];
    for (size_t i = 0; i < cert->chain_count; i++) {
        const struct cert_link *link = &cert->chain[i];
        clock_format_utc(link->not_after_ms, date);
        snprintf(text, sizeof text, "%s, issued by %s, until %.10s", link->subject, link->issuer,
                 date);
        printer_line(p, i == 0 ? "chain" : "", text, TERM_PLAIN);
    }
}

void printer_cert(struct printer *p, const struct cert_facts *cert)
{
    char text[512] = "";
    enum term_colour colour;
    short_names(cert->names, text, sizeof text);
    printer_line(p, "certificate", *text ? text : cert->chain[0].subject, TERM_PLAIN);
    snprintf(text, sizeof text, "issued by %s; %s; %s%zu certificate%s sent", cert->chain[0].issuer,
             cert->key, cert->chain_cut ? "more than " : "", cert->chain_count,
             cert->chain_count == 1 ? "" : "s");
    printer_line(p, "", text, TERM_PLAIN);
    validity(p, cert, text, sizeof text, &colour);
    printer_line(p, "", text, colour);
    print_findings(p, &cert->findings);
    if (p->style->verbose)
        print_chain(p, cert);
}
