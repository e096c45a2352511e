/* SPDX-License-Identifier: ISC
 *
 * Messages of the configuration loader: where, how bad, what. Counts errors and warnings, makes
 * every line printable, keeps them until all are known, and tells them in the order of the files.
 * Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_REPORT_H
#define REACHD_MONITOR_CONFIG_CONFIG_REPORT_H

#include "monitor/config/config.h"

/* A place in a file; line 0: the file as a whole; file NULL: the command line. */
struct config_at {
    const char *file;
    unsigned line;
};

#define CONFIG_MAX_TOLD 200

struct config_message {
    char *line; /* complete */
    bool is_error;
    struct config_at at;
    size_t rank;  /* of its file: when the first message about it arrived */
    size_t order; /* of arrival */
};

struct config_report {
    size_t errors;
    size_t warnings;
    size_t count;
    struct config_message messages[CONFIG_MAX_TOLD];
};

void config_error(struct config_report *report, const struct config_at *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void config_warn(struct config_report *report, const struct config_at *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Tells all, sorted by file (in the order first met) and line, and frees them. */
void config_report_flush(struct config_report *report, config_report_fn *fn, void *arg);

#endif
