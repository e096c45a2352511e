/* SPDX-License-Identifier: ISC
 *
 * Runs programs for the daemon: a small process forked before anything is opened, so that the
 * process that faces the network never needs to exec. argv and a fresh environment, never a shell
 * string; a time limit, a process-group kill, bounded output. Owns: the protocol between the two
 * processes.
 */
#ifndef REACHD_MONITOR_SPAWNER_SPAWNER_H
#define REACHD_MONITOR_SPAWNER_SPAWNER_H

#include <stddef.h>

#include "lib/loop.h"

struct spawner;
struct spawn;

/* Forks the spawner process; call before threads, the loop or any secret exists. NULL on failure.
 * It ends by itself when the daemon does, taking running programs along. */
struct spawner *spawner_fork(void);
void spawner_attach(struct spawner *spawner, struct loop *loop);
/* When the process is gone, and after all that was under way has been reported as SPAWN_LOST:
 * `lost`, once. It may free the spawner. There is no new process: forking from one that holds
 * secrets and sockets is what the spawner is there to avoid. */
void spawner_on_lost(struct spawner *spawner, loop_fn *lost, void *arg);
void spawner_free(struct spawner *spawner); /* pending spawns end without a call */

enum spawn_end {
    SPAWN_EXITED,    /* code: exit status */
    SPAWN_SIGNALLED, /* code: signal */
    SPAWN_TIMED_OUT, /* killed at the limit */
    SPAWN_NOT_RUN,   /* code: errno of exec or fork */
    SPAWN_LOST,      /* the spawner process itself is gone */
};

struct spawn_job {
    const char *const *argv; /* argv[0] is an absolute path */
    const char *const *envp;
    const char *input; /* for stdin; may be NULL */
    size_t input_len;  /* <= SPAWN_MAX_INPUT */
    int64_t timeout_ms;
};

#define SPAWN_MAX_INPUT  65536
#define SPAWN_MAX_OUTPUT 8192

struct spawn_result {
    enum spawn_end end;
    int code;
    const char
        *output; /* stdout and stderr, first SPAWN_MAX_OUTPUT bytes, terminated, NOT printable */
    size_t output_len;
    bool output_cut;
    int64_t took_ms;
};

typedef void spawn_fn(const struct spawn_result *result, void *arg);

struct spawn *spawn_start(struct spawner *spawner, const struct spawn_job *job, spawn_fn *done,
                          void *arg);
void spawn_cancel(struct spawn *spawn); /* kills the program; no call after this */

#endif
