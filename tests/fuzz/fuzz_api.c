/* SPDX-License-Identifier: ISC
 *
 * Providers with an API against services that answer whatever they like: the whole update, from the
 * first request to the verdict. There is no network: session_start is ours here. Input: a line with
 * the provider's name, and " withdraw" where it is to take the record away; then for each request
 * "STATUS\nBODY", with lines "--" in between.
 */
#include "ddns/api.h"
#include "ddns/api_cache.h"
#include "probes/session.h"
#include "tests/fuzz/fuzz.h"

#define BASE    "https://api.example/v1"
#define ADDRESS "203.0.113.27"

struct session {
    session_fn *done;
    void *arg;
};

static struct session *pending;
static unsigned requests, answers;
static bool withdraws;
static bool by_status; /* 200 is documented to say that it was so already */
static struct ddns_answer answer;

/* A withdrawal writes the address nowhere, but where it says what is to go. */
static bool publishes(const struct session_request *request)
{
    const char *body = request->body;
    bool writes = strcmp(request->method, "GET") != 0 && strcmp(request->method, "DELETE") != 0;
    return writes && body && strstr(body, ADDRESS) && !strstr(body, "DELETE") &&
           !strstr(body, "\"ns_type\"");
}

struct session *session_start(struct loop *loop, struct resolver *resolver, struct trust *trust,
                              const struct session_request *request, session_fn *done, void *arg)
{
    (void)loop, (void)resolver, (void)trust;
    MUST(!pending && ++requests <= 200);
    MUST(strncmp(request->url, BASE "/", strlen(BASE) + 1) == 0);
    for (const char *c = request->url; *c; c++)
        MUST(*c > ' ' && *c < 0x7f);
    MUST(request->timeout_ms > 0 && request->headers);
    MUST(!withdraws || !publishes(request));
    /* the token goes along, or it signs and stays here */
    bool signs = strstr(request->headers, "Signature=") != NULL;
    bool shown = strstr(request->headers, "token-token") || strstr(request->headers, ": Basic ") ||
                 (request->body && strstr(request->body, "token-token"));
    MUST(signs != shown);
    pending = calloc(1, sizeof *pending);
    MUST(pending);
    pending->done = done;
    pending->arg = arg;
    return pending;
}

void session_cancel(struct session *session)
{
    if (session == pending)
        pending = NULL;
    free(session);
}

static void on_answer(const struct ddns_answer *result, void *arg)
{
    (void)arg;
    answers++;
    answer = *result;
}

/* The next part of the input as a reply; at the end the connection is refused. */
static void reply_with(char **at, bool *shown)
{
    struct session *session = pending;
    struct session_reply reply = {.outcome = OUTCOME_REFUSED, .retry_after_s = -1, .location = ""};
    char *part = *at, *end = strstr(part, "\n--\n");
    pending = NULL;
    if (end)
        *end = '\0';
    *at = end ? end + 4 : part + strlen(part);
    if (*part) {
        reply.outcome = OUTCOME_OK;
        reply.status = (int)strtol(part, NULL, 10) % 600;
        part += strcspn(part, "\n");
        reply.body = part + (*part == '\n');
        reply.body_len = strlen(reply.body);
    }
    *shown =
        reply.outcome == OUTCOME_OK && reply.status / 100 == 2 &&
        (reply.status == 204 || reply.status == 201 || by_status || strstr(reply.body, ADDRESS) ||
         strstr(reply.body, "SUCCESS") || !reply.body[0] || strstr(reply.body, "<ChangeInfo") ||
         strstr(reply.body, "\"action\"") || strstr(reply.body, "\\u"));
    if (withdraws) /* "there is none", or that it is gone */
        *shown = reply.outcome == OUTCOME_OK && (reply.status / 100 == 2 || reply.status == 404);
    session->done(&reply, session->arg);
    free(session);
}

static void check(bool shown)
{
    MUST(answers == 1 && !pending);
    MUST(answer.text[0] && fuzz_is_clean(answer.text, sizeof answer.text));
    MUST(!strstr(answer.text, "token-token"));
    MUST(answer.wait_ms >= 0);
    /* never a success that the last reply does not bear out */
    MUST(!ddns_verdict_is_success(answer.verdict) || shown);
}

static void update(const struct provider *provider, char *replies, struct loop *loop)
{
    struct api_cache cache = {0};
    struct provider_input input = {.url = BASE,
                                   .host = "www",
                                   .domain = "home.example",
                                   .fqdn = "www.home.example",
                                   .user = "",
                                   .password = "token-token",
                                   .apex = "@",
                                   .id = ""};
    const struct exchange_env env = {.loop = loop, .cache = &cache, .timeout_ms = 5000};
    bool shown = false;
    MUST(addr_parse(ADDRESS, &(withdraws ? input.withdraw : input.addrs)[FAMILY_IPV4]));
    requests = answers = 0;
    exchange_start(&env, provider, &input, on_answer, NULL);
    MUST(answers == 0); /* never before it returns */
    while (pending)
        reply_with(&replies, &shown);
    if (answers == 0)
        loop_run(loop);
    check(shown);
    api_cache_clear(&cache);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    size_t name = strcspn(text, "\n");
    char *replies = text + name + (text[name] == '\n');
    text[name] = '\0';
    char *order = strstr(text, " withdraw");
    withdraws = order != NULL;
    if (order)
        *order = '\0';
    const struct provider *provider = provider_find(text);
    by_status = provider == &provider_gandi;
    if (provider && provider->api && (!withdraws || provider->withdraws)) {
        struct loop *loop = loop_new();
        update(provider, replies, loop);
        loop_free(loop);
    }
    free(text);
    return 0;
}
