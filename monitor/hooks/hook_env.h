/* SPDX-License-Identifier: ISC
 *
 * The documented interface of a hook: REACHD_* environment and the JSON object on stdin. Pure.
 */
#ifndef REACHD_MONITOR_HOOKS_HOOK_ENV_H
#define REACHD_MONITOR_HOOKS_HOOK_ENV_H

#include "monitor/notice.h"

struct hook_env {
    char **envp; /* NULL-terminated; a fresh environment: PATH and REACHD_* */
    char *json;  /* one line with newline */
};

/* superseded: how many earlier notices of the same subject this run replaces; reminder: it repeats.
 */
void hook_env_build(struct hook_env *env, const struct notice *notice, const char *hook_name,
                    int64_t event_id, unsigned superseded, bool reminder);
void hook_env_clear(struct hook_env *env);

#endif
