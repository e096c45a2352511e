/* SPDX-License-Identifier: ISC
 *
 * The forms in which `reachd probe` tells what it saw: one row for each, one file for each. A
 * report is what one run of the command writes.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_FORMAT_H
#define REACHD_MONITOR_PROBE_PROBE_FORMAT_H

#include "monitor/probe/probe_limit.h"
#include "monitor/probe/probe_text.h"

struct probe_view { /* how it is to be told */
    FILE *out;
    bool terminal;
    struct probe_text_style style;
    struct probe_limit warning, critical;
};

struct probe_format {
    const char *word;
    bool plugin; /* its readers see standard output only, and know 3 as the status of wrong usage */
    /* The view must outlive the report. */
    void *(*begin)(const struct probe_view *view);
    /* A host has ended. */
    void (*host)(void *report, const struct round_spec *spec, const struct round_result *result,
                 int64_t now_ms);
    /* A line of the list is no host; it has been said on standard error. NULL: nothing to add. */
    void (*wrong)(void *report, size_t line, const char *problem);
    /* Writes what waits, frees, and turns the command's exit status into the format's own. */
    int (*end)(void *report, int status);
};

extern const struct probe_format probe_format_text;  /* the default */
extern const struct probe_format probe_format_quiet; /* text, one line for each host: -q */
extern const struct probe_format probe_format_json;
extern const struct probe_format probe_format_nagios;
extern const struct probe_format probe_format_prometheus;

/* By its word; NULL when there is none. */
const struct probe_format *probe_format_find(const char *word);
#define PROBE_FORMAT_NAMES_LEN 64
const char *probe_format_names(char buf[PROBE_FORMAT_NAMES_LEN]); /* "text, json, …" */

#endif
