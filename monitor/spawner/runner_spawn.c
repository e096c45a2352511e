/* SPDX-License-Identifier: ISC
 *
 * Programs of providers.
 */
#include "monitor/spawner/runner_spawn.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "monitor/spawner/spawn_text.h"

struct run {
    struct spawn *spawn;
    run_fn *done;
    void *arg;
};

static void on_end(const struct spawn_result *result, void *arg)
{
    struct run run = *(struct run *)arg;
    char failure[SPAWN_TEXT_LEN] = "";
    struct run_result told = {.exited = result->end == SPAWN_EXITED,
                              .code = result->code,
                              .failure = failure,
                              .output = result->output ? result->output : "",
                              .len = result->output_len};
    free(arg);
    if (!told.exited)
        spawn_text(result, failure);
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
