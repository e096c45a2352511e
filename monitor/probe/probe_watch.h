/* SPDX-License-Identifier: ISC
 *
 * `reachd probe --watch`: the same hosts again and again until a signal. Owns: the rounds, the
 * terminal. Not its job: what is remembered (watch_track.h), how it looks (watch_frame.h).
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_WATCH_H
#define REACHD_MONITOR_PROBE_PROBE_WATCH_H

#include "monitor/probe/probe_batch.h"

#define PROBE_WATCH_MAX 32 /* hosts: more do not fit on a terminal */

/* Until SIGINT or SIGTERM; the exit status by the last round of each host. Words are hosts that
 * have been checked. */
int probe_watch_run(const struct probe_batch *batch);

#endif
