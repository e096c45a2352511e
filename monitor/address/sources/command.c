/* SPDX-License-Identifier: ISC
 *
 * source = command: the first line of a program's output, run through the spawner.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "monitor/address/addr_answer.h"
#include "monitor/address/addr_source.h"
#include "monitor/spawner/spawn_text.h"

struct command {
    struct addr_fetch *fetch;
    const struct config_address *section;
    struct spawn *spawn;
};

static bool read_output(const struct config_address *section, const struct spawn_result *result,
                        struct addr *found, char *why, size_t cap)
{
    const char *end;
    if (result->end != SPAWN_EXITED || result->code != 0) {
        char how[SPAWN_TEXT_LEN];
        snprintf(why, cap, "%s", spawn_text(result, how));
        return false;
    }
    end = memchr(result->output, '\n', result->output_len);
    return addr_answer_read(result->output,
                            end ? (size_t)(end - result->output) : result->output_len, section,
                            found, why, cap);
}

static void on_output(const struct spawn_result *result, void *arg)
{
    struct command *command = arg;
    const char *program = command->section->command[0];
    struct addr found;
    char why[160], text[ADDR_FETCH_TEXT_LEN];
    command->spawn = NULL;
    if (read_output(command->section, result, &found, why, sizeof(why))) {
        addr_fetch_end(command->fetch, &found, program);
        return;
    }
    snprintf(text, sizeof(text), "%.70s: %s", program, why);
    addr_fetch_end(command->fetch, NULL, text);
}

static void *start(struct addr_fetch *fetch)
{
    const struct addr_fetch_env *env = addr_fetch_env(fetch);
    const struct config_address *section = addr_fetch_section(fetch);
    if (!section->command || !section->command[0] || !env->spawner)
        return NULL;
    struct command *command = mem_zalloc(sizeof(*command));
    char *family = mem_printf("REACHD_FAMILY=%s", family_word(section->family));
    const char *envp[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "LC_ALL=C", family, NULL};
    struct spawn_job job = {
        .argv = (const char *const *)section->command,
        .envp = envp,
        .timeout_ms = section->timeout_ms,
    };
    command->fetch = fetch;
    command->section = section;
    command->spawn = spawn_start(env->spawner, &job, on_output, command);
    free(family);
    return command;
}

static void stop(void *state)
{
    struct command *command = state;
    if (command->spawn)
        spawn_cancel(command->spawn);
    free(command);
}

const struct addr_source addr_source_command = {start, stop};
