/* SPDX-License-Identifier: ISC
 *
 * source = web: HTTPS echo services asked in order until one answers with an address that may be
 * published. Over the section's family, and out of its interface when it names one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/addr_answer.h"
#include "monitor/addr_source.h"
#include "probes/session.h"

#define TAG "address"

/* An echo of an address is a line; a page of HTML is no answer, however long. */
#define MAX_BODY 1024

struct web {
    struct addr_fetch *fetch;
    const struct config_address *section;
    size_t url; /* the one being asked */
    struct session *session;
};

/* An echo URL holds no secret, yet a person may have put one into its query. */
static const char *url_shown(const char *url, char *buf, size_t cap)
{
    str_ncopy(buf, cap, url, strcspn(url, "?#"));
    return buf;
}

static bool read_reply(const struct web *web, const struct session_reply *reply, struct addr *found,
                       char *why, size_t cap)
{
    if (reply->outcome != OUTCOME_OK)
        snprintf(why, cap, "%s", outcome_word(reply->outcome));
    else if (reply->status != 200)
        snprintf(why, cap, "HTTP status %d", reply->status);
    else
        return addr_answer_read(reply->body, reply->body_len, web->section, found, why, cap);
    return false;
}

static void ask(struct web *web);

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct web *web = arg;
    struct addr found;
    char why[120], shown[80], text[ADDR_FETCH_TEXT_LEN];
    web->session = NULL;
    url_shown(web->section->urls[web->url], shown, sizeof(shown));
    if (read_reply(web, reply, &found, why, sizeof(why))) {
        addr_fetch_end(web->fetch, &found, shown);
        return;
    }
    snprintf(text, sizeof(text), "%s: %s", shown, why);
    log_debug(TAG, "%s: %s", web->section->name, text);
    web->url++;
    if (web->section->urls[web->url])
        ask(web);
    else
        addr_fetch_end(web->fetch, NULL, text);
}

static void ask(struct web *web)
{
    const struct addr_fetch_env *env = addr_fetch_env(web->fetch);
    const struct config_address *section = web->section;
    struct session_request request = {
        .method = "GET",
        .url = section->urls[web->url],
        .max_body = MAX_BODY,
        .family = section->family == FAMILY_IPV4 ? SESSION_IPV4 : SESSION_IPV6,
        .timeout_ms = section->timeout_ms,
    };
    if (section->interface)
        str_copy(request.egress.interface, sizeof(request.egress.interface), section->interface);
    web->session = session_start(env->loop, env->resolver, env->trust, &request, on_reply, web);
}

static void *start(struct addr_fetch *fetch)
{
    const struct config_address *section = addr_fetch_section(fetch);
    if (!section->urls || !section->urls[0])
        return NULL;
    struct web *web = mem_zalloc(sizeof(*web));
    web->fetch = fetch;
    web->section = section;
    ask(web);
    return web;
}

static void stop(void *state)
{
    struct web *web = state;
    if (web->session)
        session_cancel(web->session);
    free(web);
}

const struct addr_source addr_source_web = {start, stop};
