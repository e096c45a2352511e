/* SPDX-License-Identifier: ISC
 *
 * One look at each of many hosts, a bounded number at the same time; a host that has ended is told
 * and forgotten. Owns: the rounds under way, and what they amount to. Not its job: how it is told
 * (probe_format.h).
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_BATCH_H
#define REACHD_MONITOR_PROBE_PROBE_BATCH_H

#include "monitor/cmd_probe_options.h"
#include "monitor/probe/progress.h"

struct probe_batch { /* what a run needs; all of it must outlive the call */
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    const struct probe_options *options;
    const struct probe_view *view;
    char **words; /* hosts; "-": a list on standard input */
    size_t count;
    struct progress *progress;
};

/* Runs until all are told. The exit status, in the format's terms. */
int probe_batch_run(const struct probe_batch *batch);

#endif
