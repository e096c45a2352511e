/* SPDX-License-Identifier: ISC
 *
 * source = dns: names whose answer is the address of who asks, asked at their own servers. Over the
 * section's family, and out of its interface when it names one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "monitor/address/addr_poll.h"
#include "monitor/address/whoami.h"
#include "probes/dns_exchange.h"

struct question {
    struct addr_poll *poll;
    size_t i;
    struct dns_exchange *exchange;
};

static const struct whoami *whoami_of(const struct addr_poll *poll, size_t i)
{
    const struct whoami *list = addr_poll_list(poll);
    return &list[i];
}

static void on_reply(const struct dns_reply *reply, void *arg)
{
    struct question *question = arg;
    const struct config_address *section = addr_fetch_section(addr_poll_fetch(question->poll));
    struct addr found;
    char why[200] = "";
    question->exchange = NULL;
    if (reply->outcome != OUTCOME_OK)
        snprintf(why, sizeof why, "%s%s%s", outcome_word(reply->outcome),
                 *reply->detail ? ", " : "", reply->detail);
    else if (whoami_read(whoami_of(question->poll, question->i), reply->data, reply->len, section,
                         &found, why, sizeof why)) {
        addr_poll_answer(question->poll, question->i, &found, NULL);
        return;
    }
    addr_poll_answer(question->poll, question->i, NULL, why);
}

static void *ask(struct addr_poll *poll, size_t i)
{
    const struct config_address *section = addr_fetch_section(addr_poll_fetch(poll));
    const struct whoami *whoami = whoami_of(poll, i);
    struct question *question = mem_zalloc(sizeof *question);
    struct buf message;
    buf_init(&message, DNS_UDP_MAX);
    whoami_write(whoami, rng_u32() & 0xffff, &message);
    struct dns_exchange_spec spec = {
        .addr = whoami->server,
        .port = whoami->port,
        .message = message.data,
        .len = message.len,
        .deadline_ms = clock_mono_ms() + section->timeout_ms,
    };
    if (section->interface)
        str_copy(spec.egress.interface, sizeof spec.egress.interface, section->interface);
    question->poll = poll;
    question->i = i;
    question->exchange =
        dns_exchange_start(addr_fetch_env(addr_poll_fetch(poll))->loop, &spec, on_reply, question);
    buf_clear(&message);
    return question;
}

static void cancel(void *arg)
{
    struct question *question = arg;
    dns_exchange_cancel(question->exchange);
    free(question);
}

static const char *name(const struct addr_poll *poll, size_t i, char buf[ADDR_POLL_NAME_LEN])
{
    return whoami_label(whoami_of(poll, i), buf, ADDR_POLL_NAME_LEN);
}

static void *start(struct addr_fetch *fetch)
{
    static const struct addr_poll_ops ops = {.ask = ask, .cancel = cancel, .name = name};
    struct whoami *list = mem_array(WHOAMI_MAX, sizeof *list);
    size_t count = whoami_list(addr_fetch_section(fetch), list);
    if (count > 0)
        return addr_poll_start(fetch, &ops, list, count);
    free(list);
    return NULL;
}

static void stop(void *state)
{
    addr_poll_free(state);
}

const struct addr_source addr_source_dns = {start, stop};
