/* SPDX-License-Identifier: ISC
 *
 * Programs of providers. Owns: the words for how one ended when it did not exit.
 */
#include "monitor/runner_spawn.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"

struct run {
    struct spawn *spawn;
    run_fn *done;
    void *arg;
};

static void on_end(const struct spawn_result *result, void *arg)
{
    struct run run = *(struct run *)arg;
    char failure[120] = "";
    struct run_result told = {.exited = result->end == SPAWN_EXITED,
                              .code = result->code,
                              .failure = failure,
                              .output = result->output ? result->output : "",
                              .len = result->output_len};
    free(arg);
    if (result->end == SPAWN_NOT_RUN)
        str_append(failure, sizeof(failure), "not run: %s", strerror(result->code));
    else if (result->end == SPAWN_TIMED_OUT)
        str_copy(failure, sizeof(failure), "killed after the time limit");
    else if (result->end == SPAWN_SIGNALLED)
        str_append(failure, sizeof(failure), "ended by signal %d", result->code);
    else if (result->end == SPAWN_LOST)
        str_copy(failure, sizeof(failure), "lost");
    run.done(&told, run.arg);
}

static void *start(void *arg, const char *const *argv, const char *const *envp, int64_t timeout_ms,
                   run_fn *done, void *done_arg)
{
    const struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = timeout_ms};
    struct run *run = mem_zalloc(sizeof(*run));
    run->done = done;
    run->arg = done_arg;
    run->spawn = spawn_start(arg, &job, on_end, run);
    return run;
}

static void cancel(void *op)
{
    struct run *run = op;
    spawn_cancel(run->spawn);
    free(run);
}

struct runner runner_spawn(struct spawner *spawner)
{
    return (struct runner){start, cancel, spawner};
}
