/* SPDX-License-Identifier: ISC
 *
 * Messages of the configuration loader: where, how bad, what. Counts errors and warnings, makes
 * every line printable, and stops telling after a bound. Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_REPORT_H
#define REACHD_MONITOR_CONFIG_REPORT_H

#include "monitor/config.h"

/* A place in a file; line 0: the file as a whole; file NULL: the command line. */
struct config_at {
    const char *file;
    unsigned line;
};

struct config_report {
    config_report_fn *fn;
    void *arg;
    size_t errors;
    size_t warnings;
};

void config_error(struct config_report *report, const struct config_at *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void config_warn(struct config_report *report, const struct config_at *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
