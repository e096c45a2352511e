/* SPDX-License-Identifier: ISC
 *
 * Exchanges (see exchange.h). Owns: the HTTP session of those providers that need one request.
 */
#include "ddns/exchange.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "lib/str.h"

struct exchange {
    struct exchange_env env;
    const struct provider *provider;
    struct provider_input input;
    void *op; /* of the provider's own protocol */
    struct session *session;
    struct loop_timer *refused; /* there was no request to send: told with the next turn */
    exchange_fn *done;
    void *arg;
};

void exchange_cancel(struct exchange *exchange)
{
    if (!exchange)
        return;
    if (exchange->op)
        exchange->provider->protocol->cancel(exchange->op);
    session_cancel(exchange->session);
    loop_timer_free(exchange->refused);
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
    struct ddns_answer answer;
    exchange->session = NULL;
    provider_judge(exchange->provider, reply, &exchange->input, &answer);
    finish(exchange, &answer);
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

struct exchange *exchange_start(const struct exchange_env *env, const struct provider *provider,
                                const struct provider_input *input, exchange_fn *done, void *arg)
{
    struct exchange *exchange = mem_zalloc(sizeof *exchange);
    exchange->env = *env;
    exchange->provider = provider;
    exchange->input = *input;
    exchange->done = done;
    exchange->arg = arg;
    if (provider->protocol)
        exchange->op = provider->protocol->start(&exchange->env, provider, &exchange->input,
                                                 on_answer, exchange);
    else
        start_request(exchange);
    return exchange;
}
