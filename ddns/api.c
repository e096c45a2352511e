/* SPDX-License-Identifier: ISC
 *
 * The machinery of APIs (see api.h). Owns: the session of the request under way, the list of record
 * sets, what a reply that is no success means.
 */
#include "ddns/api.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/api_cache.h"
#include "ddns/api_judge.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/url.h"

#define SETS_MAX  ((PROVIDER_MORE_MAX + 1) * FAMILY_COUNT)
#define CALLS_MAX 200 /* of one update: a service that leads round in circles is left */

struct api {
    struct exchange_env env;
    struct api_cache *cache;
    struct api_cache own; /* where the account has none */
    const struct api_spec *spec;
    const struct provider_input *input;
    struct api_set sets[SETS_MAX];
    size_t set_count;
    int64_t deadline_ms;
    struct session *session;
    struct loop_timer *timer; /* tells what ended before anything was sent */
    unsigned calls;
    bool led_by_cache; /* since the last time that all was forgotten */
    bool begun_again;
    bool ended;
    struct ddns_answer answer;
    api_fn *then;
    exchange_fn *done;
    void *arg;
};

/* --- the end ---------------------------------------------------------------------------------- */

static void cancel(void *op)
{
    struct api *api = op;
    session_cancel(api->session);
    loop_timer_free(api->timer);
    api_cache_clear(&api->own);
    free(api);
}

static void finish(struct api *api)
{
    struct ddns_answer answer = api->answer;
    exchange_fn *done = api->done;
    void *arg = api->arg;
    cancel(api);
    done(&answer, arg);
}

static void on_timer(void *arg)
{
    finish(arg);
}

void api_end(struct api *api, enum ddns_verdict verdict, const char *fmt, ...)
{
    char text[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    bool unseen = api->answer.unseen;
    api->answer = (struct ddns_answer){.verdict = verdict, .replied = true, .unseen = unseen};
    str_printable(api->answer.text, sizeof api->answer.text, text, strlen(text));
    api->ended = true;
}

void api_end_concerns_all(struct api *api)
{
    api->answer.account = true;
}

void api_unseen(struct api *api)
{
    api->answer.unseen = true;
}

/* --- what is to be published ------------------------------------------------------------------ */

/* One name's record sets. */
static void add_sets(struct api *api, const struct addr addrs[FAMILY_COUNT],
                     const uint32_t ttl[FAMILY_COUNT], const struct api_set *like)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct api_set *set = &api->sets[api->set_count];
        if (!addr_is_set(&addrs[f]) || api->set_count == SETS_MAX)
            continue;
        *set = *like;
        set->type = f == FAMILY_IPV4 ? "A" : "AAAA";
        set->ttl = ttl[f];
        addr_format(&addrs[f], set->address);
        api->set_count++;
    }
}

static void list_sets(struct api *api)
{
    const struct provider_input *input = api->input;
    struct api_set set = {.fqdn = input->fqdn,
                          .label = input->host,
                          .ttl_given = input->ttl_given,
                          .no_create = input->no_create};
    add_sets(api, input->addrs, input->ttl, &set);
    set.withdraw = true;
    add_sets(api, input->withdraw, input->ttl, &set);
    for (size_t i = 0; i < input->more_count; i++) {
        const struct provider_more *more = &input->more[i];
        set = (struct api_set){.fqdn = more->fqdn,
                               .label = more->host,
                               .ttl_given = more->ttl_given,
                               .no_create = more->no_create};
        add_sets(api, more->addrs, more->ttl, &set);
    }
}

const struct provider_input *api_input(const struct api *api)
{
    return api->input;
}

const struct api_set *api_set(const struct api *api, size_t i)
{
    return i < api->set_count ? &api->sets[i] : NULL;
}

const char *api_label(const struct api_set *set)
{
    return set->label[0] ? set->label : "@";
}

/* --- ids -------------------------------------------------------------------------------------- */

const char *api_cached(struct api *api, const char *kind, const char *name)
{
    const char *value = api_cache_get(api->cache, kind, name);
    if (value)
        api->led_by_cache = true;
    return value;
}

void api_keep(struct api *api, const char *kind, const char *name, const char *value)
{
    api_cache_set(api->cache, kind, name, value);
}

const char *api_noted(const struct api *api, const char *kind, const char *name)
{
    return api_cache_get(api->cache, kind, name);
}

bool api_may_create(struct api *api, const struct api_set *set)
{
    if (set->no_create)
        api_end(api, DDNS_CONFIG, "%s has no %s record, and create = no", set->fqdn, set->type);
    return !set->no_create;
}

bool api_may_delete(struct api *api, bool there, bool same)
{
    if (!there)
        api_end(api, DDNS_NOCHANGE, "there was none any more");
    else if (!same)
        api_end_foreign(api);
    return there && same;
}

void api_end_foreign(struct api *api)
{
    api_end(api, DDNS_TEMPORARY, "the record shows another address, and stays");
}

bool api_id(const json_t *value, char out[API_ID_LEN])
{
    out[0] = '\0';
    if (json_is_integer(value))
        return str_append(out, API_ID_LEN, "%lld", (long long)json_integer_value(value));
    const char *text = json_string_value(value);
    if (!text || !text[0] || !str_copy(out, API_ID_LEN, text))
        return false;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return false;
    return true;
}

const char *api_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* --- a reply ---------------------------------------------------------------------------------- */

static void begin(struct api *api)
{
    api->answer = (struct ddns_answer){0};
    api->then = NULL;
    api->spec->begin(api);
}

/* A step that neither asks nor ends could make nothing of the reply. */
static void after_step(struct api *api, const struct session_reply *reply)
{
    if (api->session)
        return;
    if (!api->ended)
        api_judge_unknown(reply, api->input, &api->answer);
    finish(api);
}

/* What was kept may be of a zone or record that is no more. */
static bool begins_again(struct api *api, const struct session_reply *reply)
{
    bool gone = reply->outcome == OUTCOME_OK &&
                (reply->status == 404 || reply->status == 410 ||
                 (reply->status == 400 && !api->spec->later_is_400) || reply->status == 422);
    if (!gone || !api->led_by_cache || api->begun_again)
        return false;
    api_cache_clear(api->cache);
    api->begun_again = true;
    api->led_by_cache = false;
    begin(api);
    return true;
}

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct api *api = arg;
    json_t *json = NULL;
    bool good = reply->outcome == OUTCOME_OK &&
                ((reply->status >= 200 && reply->status < 300) ||
                 (reply->status == 404 && api->spec->sees_404 && api->calls == 1));
    api->session = NULL;
    if (!api->spec->raw && reply->outcome == OUTCOME_OK && reply->body_len > 0)
        json = json_loadb(reply->body, reply->body_len, 0, NULL);
    if (good) {
        struct api_reply facts = {reply->status, json, reply->body, reply->body_len};
        if (json || api->spec->raw || reply->body_len == 0)
            api->then(api, &facts);
    } else if (!begins_again(api, reply)) {
        api_judge_failure(api->spec, reply, json, api->input, &api->answer);
        api->ended = true;
    }
    json_decref(json);
    after_step(api, reply);
}

/* --- a request -------------------------------------------------------------------------------- */

static bool build_url(const struct api *api, struct buf *url, const char *const *path)
{
    size_t base = strlen(api->input->url);
    while (base > 0 && api->input->url[base - 1] == '/')
        base--;
    bool good = buf_append(url, api->input->url, base);
    for (size_t i = 0; good && path[i]; i++)
        good = i % 2 == 0 ? buf_append(url, path[i], strlen(path[i])) : url_encode(url, path[i]);
    return good;
}

static void start_session(struct api *api, const struct api_request *request, const char *headers)
{
    int64_t left_ms = api->deadline_ms - clock_mono_ms();
    struct session_request spec = {
        .method = request->method,
        .url = request->url,
        .headers = headers,
        .body = request->body[0] ? request->body : NULL,
        .max_body = API_BODY_MAX,
        .family = api->env.via,
        .egress = api->env.egress,
        .timeout_ms = left_ms > 1 ? left_ms : 1,
    };
    api->session =
        session_start(api->env.loop, api->env.resolver, api->env.trust, &spec, on_reply, api);
}

static void wipe(struct buf *buf)
{
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_clear(buf);
}

static void call(struct api *api, const char *method, const char *type, const char *body,
                 api_fn *then, const char *const *path)
{
    struct buf url, headers;
    buf_init(&url, PROVIDER_URL_MAX);
    buf_init(&headers, PROVIDER_URL_MAX);
    bool good = ++api->calls <= CALLS_MAX && build_url(api, &url, path);
    const struct api_request request = {method, buf_text(&url), body};
    good = good && api->spec->headers(api->input, &request, &headers) &&
           (!body[0] || api_header(&headers, "Content-Type", "", type));
    api->then = then;
    if (good)
        start_session(api, &request, buf_text(&headers));
    else
        api_end(api, DDNS_CONFIG, "the request can't be made of these values");
    wipe(&url);
    wipe(&headers);
}

void api_call(struct api *api, const char *method, json_t *body, api_fn *then,
              const char *const *path)
{
    char *text = body ? json_dumps(body, JSON_COMPACT) : mem_strdup("");
    json_decref(body);
    call(api, method, "application/json", text ? text : "", then, path);
    mem_free_secret(text);
}

void api_call_text(struct api *api, const char *method, const char *type, const char *body,
                   api_fn *then, const char *const *path)
{
    call(api, method, type, body, then, path);
}

bool api_header(struct buf *out, const char *name, const char *prefix, const char *value)
{
    for (const char *c = value; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return false;
    return buf_printf(out, "%s: %s", name, prefix) && buf_append(out, value, strlen(value)) &&
           buf_append(out, "\r\n", 2);
}

/* --- the start -------------------------------------------------------------------------------- */

static void *start(const struct exchange_env *env, const struct provider *provider,
                   const struct provider_input *input, exchange_fn *done, void *arg)
{
    struct api *api = mem_zalloc(sizeof *api);
    api->env = *env;
    api->cache = env->cache ? env->cache : &api->own;
    api->spec = provider->api;
    api->input = input;
    api->deadline_ms = clock_mono_ms() + env->timeout_ms;
    api->done = done;
    api->arg = arg;
    list_sets(api);
    begin(api);
    if (!api->session) {
        if (!api->ended)
            api_end(api, DDNS_CONFIG, "there is nothing to send");
        api->timer = loop_timer_new(env->loop, on_timer, api);
        loop_timer_set(api->timer, 0);
    }
    return api;
}

const struct provider_protocol api_protocol = {start, cancel};
