/* SPDX-License-Identifier: ISC
 *
 * How a provider runs a program: an interface, because who runs programs is above this layer. Not
 * its job: what the program says (ddns/providers/command.c).
 */
#ifndef REACHD_DDNS_RUNNER_H
#define REACHD_DDNS_RUNNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct run_result {
    bool exited; /* false: `code` means nothing, and `failure` says what happened */
    int code;
    const char *failure; /* "killed after the time limit"; printable */
    const char *output;  /* hostile, terminated */
    size_t len;
};

typedef void run_fn(const struct run_result *result, void *arg);

/* The contract is that of every asynchronous operation: done exactly once, never before start
 * returns, never after cancel; the result of start is gone then. */
struct runner {
    void *(*start)(void *arg, const char *const *argv, const char *const *envp, int64_t timeout_ms,
                   run_fn *done, void *done_arg);
    void (*cancel)(void *run);
    void *arg;
};

#endif
