/* SPDX-License-Identifier: ISC
 *
 * One attempt at an address from outside. Owns: the order of the URLs, what is asked, how an
 * answer is read.
 */
#include "monitor/addr_fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/addr_policy.h"
#include "probes/session.h"

#define TAG "address"

/* An echo of an address is a line; a page of HTML is no answer, however long. */
#define MAX_BODY 1024

struct addr_fetch {
    struct addr_fetch_env env;
    const struct config_address *section;
    addr_fetch_fn *done;
    void *arg;
    size_t url; /* the one being asked */
    struct session *session;
    struct spawn *spawn;
    struct loop_timer *late; /* when there is nothing to wait for */
    char why[240];           /* the last failure */
};

void addr_fetch_cancel(struct addr_fetch *fetch)
{
    if (!fetch)
        return;
    if (fetch->session)
        session_cancel(fetch->session);
    if (fetch->spawn)
        spawn_cancel(fetch->spawn);
    loop_timer_free(fetch->late);
    free(fetch);
}

static void finish(struct addr_fetch *fetch, const struct addr *found, const char *text)
{
    addr_fetch_fn *done = fetch->done;
    void *arg = fetch->arg;
    char copy[sizeof(fetch->why)];
    str_copy(copy, sizeof(copy), text);
    addr_fetch_cancel(fetch);
    done(found, copy, arg);
}

static void on_late(void *arg)
{
    struct addr_fetch *fetch = arg;
    finish(fetch, NULL, fetch->why);
}

/* --- reading an answer -------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void trim(const char **text, size_t *len)
{
    while (*len > 0 && is_space((*text)[0])) {
        (*text)++;
        (*len)--;
    }
    while (*len > 0 && is_space((*text)[*len - 1]))
        (*len)--;
}

bool addr_fetch_parse(const char *text, size_t len, const struct config_address *section,
                      struct addr *out, char *why, size_t cap)
{
    char word[ADDR_STRLEN];
    char reason[128];
    struct addr addr;
    trim(&text, &len);
    if (len == 0) {
        snprintf(why, cap, "an empty answer");
        return false;
    }
    if (len >= sizeof(word) || memchr(text, '\0', len) ||
        !str_ncopy(word, sizeof(word), text, len) || !addr_parse(word, &addr)) {
        char shown[48];
        str_printable(shown, sizeof(shown), text, len < 40 ? len : 40);
        snprintf(why, cap, "no address: \"%s\"%s", shown, len > 40 ? "..." : "");
        return false;
    }
    if (addr_family(&addr) != section->family) {
        snprintf(why, cap, "%s, where %s is asked for", word, family_text(section->family));
        return false;
    }
    if (addr_reject_reason(&addr, section->accept, section->accept_count, reason, sizeof(reason))) {
        snprintf(why, cap, "%s, which is not to be published: %s", word, reason);
        return false;
    }
    *out = addr;
    return true;
}

/* --- web ---------------------------------------------------------------------------------- */

static void ask(struct addr_fetch *fetch);

/* An echo URL holds no secret, yet a person may have put one into its query. */
static const char *url_shown(const char *url, char *buf, size_t cap)
{
    str_ncopy(buf, cap, url, strcspn(url, "?#"));
    return buf;
}

static bool read_reply(struct addr_fetch *fetch, const struct session_reply *reply,
                       struct addr *found)
{
    char shown[80];
    char why[120];
    url_shown(fetch->section->urls[fetch->url], shown, sizeof(shown));
    if (reply->outcome != OUTCOME_OK)
        snprintf(why, sizeof(why), "%s", outcome_word(reply->outcome));
    else if (reply->status != 200)
        snprintf(why, sizeof(why), "HTTP status %d", reply->status);
    else if (addr_fetch_parse(reply->body, reply->body_len, fetch->section, found, why,
                              sizeof(why)))
        return true;
    snprintf(fetch->why, sizeof(fetch->why), "%s: %s", shown, why);
    log_debug(TAG, "%s: %s", fetch->section->name, fetch->why);
    return false;
}

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct addr_fetch *fetch = arg;
    struct addr found;
    fetch->session = NULL;
    if (read_reply(fetch, reply, &found)) {
        char shown[200];
        finish(fetch, &found, url_shown(fetch->section->urls[fetch->url], shown, sizeof(shown)));
        return;
    }
    fetch->url++;
    if (fetch->section->urls[fetch->url])
        ask(fetch);
    else
        finish(fetch, NULL, fetch->why);
}

static void ask(struct addr_fetch *fetch)
{
    const struct config_address *section = fetch->section;
    struct session_request request = {
        .method = "GET",
        .url = section->urls[fetch->url],
        .max_body = MAX_BODY,
        .family = section->family == FAMILY_IPV4 ? SESSION_IPV4 : SESSION_IPV6,
        .timeout_ms = section->timeout_ms,
    };
    if (section->interface)
        str_copy(request.egress.interface, sizeof(request.egress.interface), section->interface);
    fetch->session = session_start(fetch->env.loop, fetch->env.resolver, fetch->env.trust, &request,
                                   on_reply, fetch);
}

/* --- command ------------------------------------------------------------------------------ */

static bool read_output(const struct config_address *section, const struct spawn_result *result,
                        struct addr *found, char *why, size_t cap)
{
    const char *end;
    switch (result->end) {
    case SPAWN_EXITED:
        if (result->code == 0)
            break;
        snprintf(why, cap, "exit status %d", result->code);
        return false;
    case SPAWN_SIGNALLED:
        snprintf(why, cap, "ended by signal %d", result->code);
        return false;
    case SPAWN_TIMED_OUT:
        snprintf(why, cap, "not done within its time limit");
        return false;
    case SPAWN_NOT_RUN:
        snprintf(why, cap, "could not be run: %s", strerror(result->code));
        return false;
    case SPAWN_LOST:
        snprintf(why, cap, "the spawner process is gone");
        return false;
    }
    end = memchr(result->output, '\n', result->output_len);
    return addr_fetch_parse(result->output,
                            end ? (size_t)(end - result->output) : result->output_len, section,
                            found, why, cap);
}

static void on_output(const struct spawn_result *result, void *arg)
{
    struct addr_fetch *fetch = arg;
    const char *program = fetch->section->command[0];
    struct addr found;
    char why[160];
    fetch->spawn = NULL;
    if (read_output(fetch->section, result, &found, why, sizeof(why))) {
        finish(fetch, &found, program);
        return;
    }
    snprintf(fetch->why, sizeof(fetch->why), "%.70s: %s", program, why);
    finish(fetch, NULL, fetch->why);
}

static void run_command(struct addr_fetch *fetch)
{
    const struct config_address *section = fetch->section;
    char *family = mem_printf("REACHD_FAMILY=%s", family_word(section->family));
    const char *envp[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "LC_ALL=C", family, NULL};
    struct spawn_job job = {
        .argv = (const char *const *)section->command,
        .envp = envp,
        .timeout_ms = section->timeout_ms,
    };
    fetch->spawn = spawn_start(fetch->env.spawner, &job, on_output, fetch);
    free(family);
}

/* ------------------------------------------------------------------------------------------ */

struct addr_fetch *addr_fetch_start(const struct addr_fetch_env *env,
                                    const struct config_address *section, addr_fetch_fn *done,
                                    void *arg)
{
    struct addr_fetch *fetch = mem_zalloc(sizeof(*fetch));
    fetch->env = *env;
    fetch->section = section;
    fetch->done = done;
    fetch->arg = arg;
    if (section->source == SOURCE_WEB && section->urls && section->urls[0])
        ask(fetch);
    else if (section->source == SOURCE_COMMAND && section->command && section->command[0] &&
             env->spawner)
        run_command(fetch);
    if (!fetch->session && !fetch->spawn) {
        str_copy(fetch->why, sizeof(fetch->why), "there is nothing to ask");
        fetch->late = loop_timer_new(env->loop, on_late, fetch);
        loop_timer_set(fetch->late, 0);
    }
    return fetch;
}
