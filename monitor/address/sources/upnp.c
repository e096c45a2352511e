/* SPDX-License-Identifier: ISC
 *
 * source = upnp: search the router (or take the configured url), read its description, ask each of
 * its connections for the external address until one has one that may be published. Owns: the
 * order, the one time limit.
 *
 * Why not miniupnpc: its functions wait (upnpDiscover for the whole search, its HTTP for each
 * reply) and would hold up every probe of the daemon, and it follows a description to any host.
 * What we need of UPnP is three short texts; HTTP is that of all other requests (probes/session.h).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_answer.h"
#include "monitor/address/addr_source.h"
#include "monitor/address/sources/upnp_search.h"
#include "monitor/address/sources/upnp_xml.h"
#include "probes/session.h"

#define MAX_DESCRIPTION 65536 /* those of real routers have 3 to 10 kB */
#define MAX_REPLY       8192

struct upnp {
    struct addr_fetch *fetch;
    const struct config_address *section;
    struct router router; /* its address is unset when there is a url */
    int64_t deadline_ms;
    struct upnp_search *search;
    struct session *session;
    struct loop_timer *timer;
    char url[UPNP_URL_LEN]; /* of the description */
    struct upnp_services services;
    size_t next;     /* service to ask */
    char wrong[160]; /* with the last one, or with the start */
};

static void stop(void *state)
{
    struct upnp *upnp = state;
    upnp_search_cancel(upnp->search);
    if (upnp->session)
        session_cancel(upnp->session);
    loop_timer_free(upnp->timer);
    free(upnp);
}

static void end(struct upnp *upnp, const struct addr *found, const char *why)
{
    char who[ADDR_STRLEN], text[ADDR_FETCH_TEXT_LEN];
    const char *router = upnp->section->url ? upnp->section->url : "";
    if (addr_is_set(&upnp->router.addr))
        router = addr_format(&upnp->router.addr, who);
    snprintf(text, sizeof text, "%.*s%s(UPnP)%s%s", (int)strcspn(router, "?#"), router,
             *router ? " " : "", found ? "" : ": ", found ? "" : why);
    addr_fetch_end(upnp->fetch, found, text);
}

static void request(struct upnp *upnp, struct session_request *out)
{
    out->family = SESSION_IPV4;
    out->egress = upnp->router.egress;
    out->timeout_ms = upnp->deadline_ms - clock_mono_ms();
    if (out->timeout_ms < 1)
        out->timeout_ms = 1;
}

/* --- the connections ---------------------------------------------------------------------- */

static void ask_next(struct upnp *upnp);

static bool read_reply(struct upnp *upnp, const struct session_reply *reply, struct addr *found)
{
    char text[ADDR_STRLEN];
    char *why = upnp->wrong;
    size_t cap = sizeof upnp->wrong;
    if (reply->outcome != OUTCOME_OK) {
        str_copy(why, cap, outcome_word(reply->outcome));
        return false;
    }
    if (!upnp_reply_read(reply->status, reply->body, reply->body_len, text, sizeof text, why, cap))
        return false;
    if (addr_answer_read(text, strlen(text), upnp->section, found, why, cap))
        return true;
    struct addr behind;
    if (addr_parse(text, &behind))
        addr_fetch_behind(upnp->fetch, &behind);
    return false;
}

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct upnp *upnp = arg;
    struct addr found;
    upnp->session = NULL;
    if (read_reply(upnp, reply, &found)) {
        end(upnp, &found, "");
        return;
    }
    upnp->next++;
    ask_next(upnp);
}

static void ask_next(struct upnp *upnp)
{
    const struct addr_fetch_env *env = addr_fetch_env(upnp->fetch);
    char body[UPNP_ASK_LEN], headers[UPNP_ASK_LEN];
    if (upnp->next == upnp->services.count) {
        end(upnp, NULL, upnp->wrong);
        return;
    }
    const struct upnp_service *service = &upnp->services.list[upnp->next];
    struct session_request post = {.method = "POST",
                                   .url = service->control,
                                   .headers = headers,
                                   .body = body,
                                   .max_body = MAX_REPLY};
    upnp_ask(service, body, headers);
    request(upnp, &post);
    upnp->session = session_start(env->loop, env->resolver, env->trust, &post, on_reply, upnp);
}

/* --- the description ---------------------------------------------------------------------- */

static void on_description(const struct session_reply *reply, void *arg)
{
    struct upnp *upnp = arg;
    const char *wrong = NULL;
    char text[96];
    upnp->session = NULL;
    if (reply->outcome != OUTCOME_OK)
        wrong = outcome_word(reply->outcome);
    else if (reply->status != 200)
        snprintf(text, sizeof text, "HTTP status %d", reply->status);
    else
        wrong = upnp_description_read(reply->body, reply->body_len, upnp->url, &upnp->services);
    if (!wrong && reply->status == 200) {
        ask_next(upnp);
        return;
    }
    snprintf(upnp->wrong, sizeof upnp->wrong, "its description: %s", wrong ? wrong : text);
    end(upnp, NULL, upnp->wrong);
}

static void describe(struct upnp *upnp)
{
    const struct addr_fetch_env *env = addr_fetch_env(upnp->fetch);
    struct session_request get = {.method = "GET", .url = upnp->url, .max_body = MAX_DESCRIPTION};
    request(upnp, &get);
    upnp->session = session_start(env->loop, env->resolver, env->trust, &get, on_description, upnp);
}

static void on_found(const char *url, const char *text, void *arg)
{
    struct upnp *upnp = arg;
    upnp->search = NULL;
    if (!url) {
        end(upnp, NULL, text);
        return;
    }
    str_copy(upnp->url, sizeof upnp->url, url);
    describe(upnp);
}

/* --- the start ---------------------------------------------------------------------------- */

static void on_wrong(void *arg)
{
    struct upnp *upnp = arg;
    end(upnp, NULL, upnp->wrong);
}

/* What is configured may be at any host: it was not the network that named it. */
static bool begin(struct upnp *upnp)
{
    const struct config_address *section = upnp->section;
    struct loop *loop = addr_fetch_env(upnp->fetch)->loop;
    if (section->url) {
        if (section->interface)
            str_copy(upnp->router.egress.interface, sizeof upnp->router.egress.interface,
                     section->interface);
        str_copy(upnp->url, sizeof upnp->url, section->url);
        describe(upnp);
        return true;
    }
    if (!router_find(section, &upnp->router, upnp->wrong, sizeof upnp->wrong))
        return false;
    upnp->search = upnp_search_start(loop, &upnp->router, section->timeout_ms, on_found, upnp);
    return true;
}

static void *start(struct addr_fetch *fetch)
{
    struct upnp *upnp = mem_zalloc(sizeof(*upnp));
    upnp->fetch = fetch;
    upnp->section = addr_fetch_section(fetch);
    upnp->deadline_ms = clock_mono_ms() + upnp->section->timeout_ms;
    upnp->timer = loop_timer_new(addr_fetch_env(fetch)->loop, on_wrong, upnp);
    if (!begin(upnp))
        loop_timer_set(upnp->timer, 0);
    return upnp;
}

const struct addr_source addr_source_upnp = {start, stop};
