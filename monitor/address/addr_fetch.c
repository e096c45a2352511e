/* SPDX-License-Identifier: ISC
 *
 * One attempt at an address from outside. Owns: which source it is, and that it ends once.
 */
#include "monitor/address/addr_fetch.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_source.h"

struct addr_fetch {
    struct addr_fetch_env env;
    const struct config_address *section;
    addr_fetch_fn *done;
    void *arg;
    const struct addr_source *source; /* NULL: none that asks */
    void *state;
    struct loop_timer *late; /* when there is nothing to wait for */
};

static const struct addr_source *source_of(enum address_source source)
{
    switch (source) {
    case SOURCE_WEB:
        return &addr_source_web;
    case SOURCE_COMMAND:
        return &addr_source_command;
    case SOURCE_DNS:
        return &addr_source_dns;
    case SOURCE_NAT_PMP:
        return &addr_source_nat_pmp;
    case SOURCE_PCP:
        return &addr_source_pcp;
    case SOURCE_UBUS:
        return &addr_source_ubus;
    case SOURCE_UPNP:
        return &addr_source_upnp;
    case SOURCE_FIRST:
    case SOURCE_INTERFACE:
    case SOURCE_STATIC:
        break;
    }
    return NULL;
}

const struct addr_fetch_env *addr_fetch_env(const struct addr_fetch *fetch)
{
    return &fetch->env;
}

const struct config_address *addr_fetch_section(const struct addr_fetch *fetch)
{
    return fetch->section;
}

void addr_fetch_behind(struct addr_fetch *fetch, const struct addr *addr)
{
    if (fetch->env.behind)
        *fetch->env.behind = *addr;
}

void addr_fetch_cancel(struct addr_fetch *fetch)
{
    if (!fetch)
        return;
    if (fetch->state)
        fetch->source->stop(fetch->state);
    loop_timer_free(fetch->late);
    free(fetch);
}

void addr_fetch_end(struct addr_fetch *fetch, const struct addr *found, const char *text)
{
    addr_fetch_fn *done = fetch->done;
    void *arg = fetch->arg;
    char said[ADDR_FETCH_TEXT_LEN];
    struct addr addr = {0};
    str_copy(said, sizeof(said), text);
    if (found)
        addr = *found;
    addr_fetch_cancel(fetch);
    done(found ? &addr : NULL, said, arg);
}

static void on_late(void *arg)
{
    addr_fetch_end(arg, NULL, "there is nothing to ask");
}

struct addr_fetch *addr_fetch_start(const struct addr_fetch_env *env,
                                    const struct config_address *section, addr_fetch_fn *done,
                                    void *arg)
{
    struct addr_fetch *fetch = mem_zalloc(sizeof(*fetch));
    fetch->env = *env;
    fetch->section = section;
    fetch->done = done;
    fetch->arg = arg;
    fetch->source = source_of(section->source);
    fetch->state = fetch->source ? fetch->source->start(fetch) : NULL;
    if (!fetch->state) {
        fetch->late = loop_timer_new(env->loop, on_late, fetch);
        loop_timer_set(fetch->late, 0);
    }
    return fetch;
}
