/* SPDX-License-Identifier: ISC
 *
 * source = web: HTTPS echo services that answer with the address they see. Over the section's
 * family, and out of its interface when it names one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_answer.h"
#include "monitor/address/addr_poll.h"
#include "probes/session.h"

/* An echo of an address is a line; a page of HTML is no answer, however long. */
#define MAX_BODY 1024

struct question {
    struct addr_poll *poll;
    size_t i;
    struct session *session;
};

static bool read_reply(const struct config_address *section, const struct session_reply *reply,
                       struct addr *found, char *why, size_t cap)
{
    if (reply->outcome != OUTCOME_OK)
        snprintf(why, cap, "%s", outcome_word(reply->outcome));
    else if (reply->status != 200)
        snprintf(why, cap, "HTTP status %d", reply->status);
    else
        return addr_answer_read(reply->body, reply->body_len, section, found, why, cap);
    return false;
}

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct question *question = arg;
    const struct config_address *section = addr_fetch_section(addr_poll_fetch(question->poll));
    struct addr found;
    char why[120] = "";
    question->session = NULL;
    bool good = read_reply(section, reply, &found, why, sizeof(why));
    addr_poll_answer(question->poll, question->i, good ? &found : NULL, why);
}

static void *ask(struct addr_poll *poll, size_t i)
{
    const struct addr_fetch_env *env = addr_fetch_env(addr_poll_fetch(poll));
    const struct config_address *section = addr_fetch_section(addr_poll_fetch(poll));
    struct question *question = mem_zalloc(sizeof(*question));
    struct session_request request = {
        .method = "GET",
        .url = section->urls[i],
        .max_body = MAX_BODY,
        .family = section->family == FAMILY_IPV4 ? SESSION_IPV4 : SESSION_IPV6,
        .timeout_ms = section->timeout_ms,
    };
    if (section->interface)
        str_copy(request.egress.interface, sizeof(request.egress.interface), section->interface);
    question->poll = poll;
    question->i = i;
    question->session =
        session_start(env->loop, env->resolver, env->trust, &request, on_reply, question);
    return question;
}

static void cancel(void *arg)
{
    struct question *question = arg;
    if (question->session)
        session_cancel(question->session);
    free(question);
}

/* An echo URL holds no secret, yet a person may have put one into its query. */
static const char *name(const struct addr_poll *poll, size_t i, char buf[ADDR_POLL_NAME_LEN])
{
    const char *url = addr_fetch_section(addr_poll_fetch(poll))->urls[i];
    str_ncopy(buf, 80, url, strcspn(url, "?#"));
    return buf;
}

static void *start(struct addr_fetch *fetch)
{
    static const struct addr_poll_ops ops = {.ask = ask, .cancel = cancel, .name = name};
    char **urls = addr_fetch_section(fetch)->urls;
    size_t count = 0;
    while (urls && urls[count])
        count++;
    return count > 0 ? addr_poll_start(fetch, &ops, NULL, count) : NULL;
}

static void stop(void *state)
{
    addr_poll_free(state);
}

const struct addr_source addr_source_web = {start, stop};
