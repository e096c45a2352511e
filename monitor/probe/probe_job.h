/* SPDX-License-Identifier: ISC
 *
 * One host of `reachd probe`: what was written and what the options ask, as a round to start.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_JOB_H
#define REACHD_MONITOR_PROBE_PROBE_JOB_H

#include "monitor/cmd_probe_options.h"
#include "probes/round.h"

#define PROBE_JOB_ERROR_LEN 512

struct probe_job {
    struct round_spec spec; /* points into the job and the options */
    struct closed_want closed;
    char *path;
};

/* NULL when the text is no target or does not go with the options: why is in error. */
struct probe_job *probe_job_new(const struct probe_options *o, const char *text,
                                char error[PROBE_JOB_ERROR_LEN]);
void probe_job_free(struct probe_job *job); /* NULL is fine */

#endif
