/* SPDX-License-Identifier: ISC
 *
 * One line on a terminal's standard error that says how far a long look is; gone when it is over.
 * Counts ports where there are any (kind closed), else hosts.
 */
#ifndef REACHD_MONITOR_PROBE_PROGRESS_H
#define REACHD_MONITOR_PROBE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool wanted; /* standard error is a terminal, and there is more than one host, or many ports */
    bool hosts;  /* worth a line */
    bool beside; /* standard output is a terminal, too */
    bool shown;
    size_t total, done; /* ports */
    size_t started, ended;
    unsigned failed; /* addresses */
    int64_t next_ms; /* it changes a few times a second only */
};

void progress_add(size_t more, size_t done, void *progress); /* a probe_progress_fn */
void progress_host(struct progress *progress, size_t started, size_t ended, unsigned failed);
void progress_hide(struct progress *progress);     /* before other output on standard error */
void progress_make_way(struct progress *progress); /* before other output on standard output */

#endif
