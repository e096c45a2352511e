/* SPDX-License-Identifier: ISC
 *
 * One fork and exec, as the spawner process does it: own session, clean signals, no stray
 * descriptors, stdin from memory, stdout and stderr into one pipe. Not its job: waiting, limits.
 */
#ifndef REACHD_MONITOR_SPAWNER_SPAWNER_EXEC_H
#define REACHD_MONITOR_SPAWNER_SPAWNER_EXEC_H

#include <sys/types.h>

#include "monitor/spawner/spawner_wire.h"

struct spawned {
    pid_t pid;  /* also its process group */
    int output; /* read end, non-blocking */
    int failed; /* read end, non-blocking: holds an int, the errno, when exec did not happen */
};

/* 0, or the errno of what did not work; then nothing was started. */
int spawner_exec(const struct wire_job *job, struct spawned *out);
/* Closes every descriptor from `first` on. */
void spawner_close_from(int first);

#endif
