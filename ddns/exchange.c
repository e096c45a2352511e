/* SPDX-License-Identifier: ISC
 *
 * Exchanges (see exchange.h). Owns: the HTTP session of those providers that need one request.
 */
#include "ddns/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "ddns/reply_lines.h"
#include "lib/mem.h"
#include "lib/str.h"

struct exchange {
    struct exchange_env env;
    const struct provider *provider;
    struct provider_input input; /* all it points to is in the three below */
    struct provider_more more[PROVIDER_MORE_MAX];
    const char **argv;
    char *texts;
    size_t texts_len;
    void *op; /* of the provider's own protocol */
    struct session *session;
    struct loop_timer *refused; /* there was no request to send: told with the next turn */
    exchange_fn *done;
    void *arg;
};

/* --- the input, kept -------------------------------------------------------------------------- */

/* Adds to what all texts need; with room for them, moves one there. */
static void keep_text(const char **text, char *room, size_t *used)
{
    size_t len = *text ? strlen(*text) + 1 : 0;
    if (room && len > 0)
        *text = memcpy(room + *used, *text, len);
    *used += len;
}

static size_t keep_texts(struct exchange *exchange, char *room)
{
    struct provider_input *input = &exchange->input;
    const char **const texts[] = {&input->url,  &input->host,     &input->domain, &input->fqdn,
                                  &input->user, &input->password, &input->apex,   &input->id};
    size_t used = 0;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        keep_text(texts[i], room, &used);
    for (size_t i = 0; i < input->more_count; i++) {
        keep_text(&exchange->more[i].host, room, &used);
        keep_text(&exchange->more[i].fqdn, room, &used);
    }
    for (size_t i = 0; exchange->argv && exchange->argv[i]; i++)
        keep_text(&exchange->argv[i], room, &used);
    return used;
}

static void keep_input(struct exchange *exchange, const struct provider_input *input)
{
    size_t args = 0;
    exchange->input = *input;
    for (size_t i = 0; i < input->more_count; i++)
        exchange->more[i] = input->more[i];
    exchange->input.more = exchange->more;
    while (input->command && input->command[args])
        args++;
    if (input->command) {
        exchange->argv = mem_array(args + 1, sizeof *exchange->argv);
        memcpy(exchange->argv, input->command, args * sizeof *exchange->argv);
        exchange->input.command = exchange->argv;
    }
    exchange->texts_len = keep_texts(exchange, NULL);
    exchange->texts = mem_zalloc(exchange->texts_len + 1);
    keep_texts(exchange, exchange->texts);
}

static void wipe_input(struct exchange *exchange)
{
    explicit_bzero(exchange->texts, exchange->texts_len);
    free(exchange->texts);
    free(exchange->argv);
}

/* --- life ------------------------------------------------------------------------------------- */

void exchange_cancel(struct exchange *exchange)
{
    if (!exchange)
        return;
    if (exchange->op)
        exchange->provider->protocol->cancel(exchange->op);
    session_cancel(exchange->session);
    loop_timer_free(exchange->refused);
    wipe_input(exchange);
    free(exchange);
}

static void finish(struct exchange *exchange, const struct ddns_answer *answer)
{
    exchange_fn *done = exchange->done;
    void *arg = exchange->arg;
    exchange_cancel(exchange);
    done(answer, arg);
}

static void on_answer(const struct ddns_answer *answer, void *arg)
{
    struct exchange *exchange = arg;
    exchange->op = NULL;
    finish(exchange, answer);
}

static void on_reply(const struct session_reply *reply, void *arg)
{
    struct exchange *exchange = arg;
    struct ddns_answer answers[1 + PROVIDER_MORE_MAX];
    exchange->session = NULL;
    size_t count = reply_lines_judge(exchange->provider, reply, &exchange->input, answers);
    if (count > 1) {
        answers[0].more = answers + 1;
        answers[0].more_count = count - 1;
    }
    finish(exchange, answers);
}

static void on_refused(void *arg)
{
    const struct ddns_answer answer = {.verdict = DDNS_CONFIG,
                                       .text = "the request can't be made of these values"};
    finish(arg, &answer);
}

static void start_session(struct exchange *exchange, const struct provider_request *request)
{
    const struct exchange_env *env = &exchange->env;
    struct session_request spec = {
        .method = request->method,
        .url = request->url,
        .basic_user = request->basic ? exchange->input.user : NULL,
        .basic_password = request->basic ? exchange->input.password : NULL,
        .headers = request->headers,
        .body = request->body,
        .max_body = PROVIDER_BODY_MAX,
        .family = env->via,
        .egress = env->egress,
        .timeout_ms = env->timeout_ms,
    };
    exchange->session =
        session_start(env->loop, env->resolver, env->trust, &spec, on_reply, exchange);
}

static void start_request(struct exchange *exchange)
{
    struct provider_request request = {0};
    provider_build(exchange->provider, &exchange->input, &request);
    if (request.url) {
        start_session(exchange, &request);
    } else {
        exchange->refused = loop_timer_new(exchange->env.loop, on_refused, exchange);
        loop_timer_set(exchange->refused, 0);
    }
    provider_request_clear(&request);
}

void exchange_adopt(struct exchange *exchange, const struct provider *provider)
{
    if (exchange)
        exchange->provider = provider;
}

struct exchange *exchange_start(const struct exchange_env *env, const struct provider *provider,
                                const struct provider_input *input, exchange_fn *done, void *arg)
{
    struct exchange *exchange = mem_zalloc(sizeof *exchange);
    exchange->env = *env;
    exchange->provider = provider;
    keep_input(exchange, input);
    exchange->done = done;
    exchange->arg = arg;
    if (provider->protocol)
        exchange->op = provider->protocol->start(&exchange->env, provider, &exchange->input,
                                                 on_answer, exchange);
    else
        start_request(exchange);
    return exchange;
}
