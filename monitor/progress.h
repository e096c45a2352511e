/* SPDX-License-Identifier: ISC
 *
 * One line on a terminal's standard error that says how far a long look is; gone when it is over.
 */
#ifndef REACHD_MONITOR_PROGRESS_H
#define REACHD_MONITOR_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct progress {
    bool wanted; /* standard error is a terminal */
    bool shown;
    size_t total, done;
    int64_t next_ms; /* it changes a few times a second only */
};

void progress_add(size_t more, size_t done, void *progress); /* a probe_progress_fn */
void progress_hide(struct progress *progress);               /* before other output */

#endif
