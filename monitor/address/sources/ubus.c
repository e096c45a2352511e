/* SPDX-License-Identifier: ISC
 *
 * source = ubus: what netifd of OpenWrt says of one of its interfaces, asked by the program ubus.
 *
 * Not libubus: it is no library of other systems, and a program that the spawner runs needs neither
 * its event loop nor its socket in the process that faces the network.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_policy.h"
#include "monitor/address/addr_source.h"
#include "monitor/address/addr_suffix.h"
#include "monitor/address/ubus_status.h"
#include "monitor/spawner/spawn_text.h"

#define MAX_ARGS 16 /* of the configured command */

struct ubus {
    struct addr_fetch *fetch;
    const struct config_address *section;
    struct spawn *spawn;
};

/* What the interface has, judged as the kernel's addresses are. */
static bool choose(struct ubus *ubus, const struct addrset *set, const char *link,
                   struct addr *found, char *why, size_t cap)
{
    const struct config_address *section = ubus->section;
    const struct addr_policy policy = {
        .interface = link,
        .family = section->family,
        .accept = section->accept,
        .accept_count = section->accept_count,
    };
    struct addr_choice *choice = mem_zalloc(sizeof *choice); /* large for a stack */
    addr_choose(set, &policy, NULL, 0, choice);
    bool chosen = choice->chosen;
    str_copy(why, cap, choice->reason);
    if (chosen)
        *found = choice->candidates[0].addr.addr;
    else if (choice->line != ADDR_LINE_PLAIN)
        addr_fetch_behind(ubus->fetch, &choice->behind);
    free(choice);
    if (chosen && addr_is_set(&section->suffix)) {
        char text[ADDR_STRLEN];
        snprintf(why, cap, "the suffix on the prefix of %s", addr_format(found, text));
        *found = addr_suffix_apply(found, section->prefix_length, &section->suffix);
    }
    return chosen;
}

static bool read_output(struct ubus *ubus, const struct spawn_result *result, struct addr *found,
                        char *why, size_t cap)
{
    const struct config_address *section = ubus->section;
    char link[IF_NAMESIZE], how[SPAWN_TEXT_LEN];
    if (result->end == SPAWN_NOT_RUN) {
        snprintf(why, cap, "%s %s", section->command ? section->command[0] : CONFIG_UBUS,
                 spawn_text(result, how));
        return false;
    }
    if (result->end != SPAWN_EXITED || result->code != 0) {
        /* 4 is UBUS_STATUS_NOT_FOUND */
        bool unknown = result->end == SPAWN_EXITED && result->code == 4;
        snprintf(why, cap, "%s",
                 unknown ? "netifd knows no such interface" : spawn_text(result, how));
        return false;
    }
    if (result->output_cut) {
        snprintf(why, cap, "its status is longer than %d bytes", SPAWN_MAX_OUTPUT);
        return false;
    }
    struct addrset *set = addrset_new();
    bool good = ubus_status_read(result->output, result->output_len, set, link, why, cap) &&
                choose(ubus, set, link, found, why, cap);
    addrset_free(set);
    return good;
}

static void on_output(const struct spawn_result *result, void *arg)
{
    struct ubus *ubus = arg;
    struct addr found;
    char why[160], text[ADDR_FETCH_TEXT_LEN];
    ubus->spawn = NULL;
    bool good = read_output(ubus, result, &found, why, sizeof why);
    snprintf(text, sizeof text, "network.interface.%s: %s", ubus->section->network, why);
    addr_fetch_end(ubus->fetch, good ? &found : NULL, text);
}

static void *start(struct addr_fetch *fetch)
{
    static const char *const envp[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL};
    const struct addr_fetch_env *env = addr_fetch_env(fetch);
    const struct config_address *section = addr_fetch_section(fetch);
    const char *argv[MAX_ARGS + 4] = {CONFIG_UBUS};
    size_t count = section->command ? 0 : 1;
    if (!section->network || !env->spawner)
        return NULL;
    for (; section->command && section->command[count] && count < MAX_ARGS; count++)
        argv[count] = section->command[count];
    char *object = mem_printf("network.interface.%s", section->network);
    argv[count++] = "call";
    argv[count++] = object;
    argv[count++] = "status";
    argv[count] = NULL;
    struct ubus *ubus = mem_zalloc(sizeof(*ubus));
    struct spawn_job job = {.argv = argv, .envp = envp, .timeout_ms = section->timeout_ms};
    ubus->fetch = fetch;
    ubus->section = section;
    ubus->spawn = spawn_start(env->spawner, &job, on_output, ubus);
    free(object);
    return ubus;
}

static void stop(void *state)
{
    struct ubus *ubus = state;
    if (ubus->spawn)
        spawn_cancel(ubus->spawn);
    free(ubus);
}

const struct addr_source addr_source_ubus = {start, stop};
