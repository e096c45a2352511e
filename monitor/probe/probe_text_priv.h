/* SPDX-License-Identifier: ISC
 *
 * The text of one round while it is printed. Internal to probe_text*.c.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_TEXT_PRIV_H
#define REACHD_MONITOR_PROBE_PROBE_TEXT_PRIV_H

#include <stdio.h>

#include "lib/table.h"
#include "monitor/probe/probe_text.h"

struct printer {
    FILE *out;
    const struct probe_text_style *style;
    const struct round_result *result;
    int64_t now_ms;
    int64_t soon_ms; /* a certificate that ends sooner is worth a colour */
    int addr_width;  /* widest address and word of this host */
    int word_width;
    bool word_apart;             /* they do not fit beside each other */
    bool one_line;               /* the timings fit beside them */
    bool advised[OUTCOME_COUNT]; /* each advice once */
    enum vantage seen_from;      /* what was said of it last */
};

/* --- probe_text_cert.c --- */
/* A label, "" for none, and wrapped text beside it. */
void printer_line(struct printer *p, const char *label, const char *text, enum term_colour colour);
/* An outcome with its evidence; its advice once for each host. before: "also ". */
void printer_finding(struct printer *p, const char *before, enum outcome outcome,
                     const char *detail);
void printer_cert(struct printer *p, const struct cert_facts *cert);

#endif
