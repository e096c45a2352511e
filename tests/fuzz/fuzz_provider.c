/* SPDX-License-Identifier: ISC
 *
 * What a provider answers, from the bytes of the HTTP reply to the verdict, for every provider.
 */
#include "ddns/reply_lines.h"
#include "lib/str.h"
#include "probes/http.h"
#include "tests/fuzz/fuzz.h"

#define WEEK_MS (INT64_C(7) * 24 * 3600 * 1000)

static void check_answer(const struct session_reply *reply, const struct ddns_answer *answer)
{
    bool success = ddns_verdict_is_success(answer->verdict);
    MUST(answer->replied && answer->text[0]);
    MUST(fuzz_is_clean(answer->text, sizeof(answer->text)));
    MUST(!success || (reply->status >= 200 && reply->status <= 299)); /* the rule of provider.h */
    MUST(!success || !ddns_verdict_is_permanent(answer->verdict));
    MUST(answer->wait_ms >= 0 && answer->wait_ms <= WEEK_MS);
    if (answer->verdict == DDNS_TEMPORARY && reply->retry_after_s > 0)
        MUST(answer->wait_ms >= reply->retry_after_s * 1000);
    MUST(strcmp(ddns_verdict_word(answer->verdict), "unknown") != 0);
}

/* A verdict depends on nothing but the reply. */
static void judge_twice(const struct provider *provider, const struct session_reply *reply)
{
    struct ddns_answer answer, again;
    memset(&answer, 0x11, sizeof(answer));
    memset(&again, 0xee, sizeof(again));
    provider_judge(provider, reply, NULL, &answer);
    provider_judge(provider, reply, NULL, &again);
    check_answer(reply, &answer);
    MUST(answer.verdict == again.verdict && answer.wait_ms == again.wait_ms);
    MUST(answer.account == again.account && answer.this_value == again.this_value);
    MUST(strcmp(answer.text, again.text) == 0);
}

/* Of several names: one answer, which is no success, or one for each. */
static void judge_names(const struct provider *of, const struct session_reply *reply, size_t names)
{
    struct provider several = *of, *provider = &several;
    struct provider_more more[PROVIDER_MORE_MAX];
    struct ddns_answer answers[1 + PROVIDER_MORE_MAX];
    struct provider_input input = {.url = "",
                                   .host = "",
                                   .domain = "",
                                   .fqdn = "",
                                   .user = "",
                                   .password = "",
                                   .apex = "",
                                   .id = "",
                                   .more = more};
    memset(more, 0, sizeof(more));
    several.names = 1 + PROVIDER_MORE_MAX;
    input.more_count = names - 1;
    size_t count = reply_lines_judge(provider, reply, &input, answers);
    MUST(count == 1 || count == names);
    for (size_t i = 0; i < count; i++)
        check_answer(reply, &answers[i]);
    if (names > 1 && count == 1)
        MUST(!ddns_verdict_is_success(answers[0].verdict));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_parser *parser = http_parser_new(false, PROVIDER_BODY_MAX);
    enum http_state state = http_parser_feed(parser, data, size);
    size_t count;
    const struct provider *const *list = provider_list(&count);
    if (state == HTTP_MORE)
        state = http_parser_end(parser);
    if (state == HTTP_DONE) {
        struct session_reply reply = {.outcome = OUTCOME_OK,
                                      .request_left = true,
                                      .status = http_parser_status(parser),
                                      .retry_after_s = http_parser_retry_after_s(parser, 0),
                                      .location = http_parser_location(parser)};
        reply.body = http_parser_body(parser, &reply.body_len);
        for (size_t i = 0; i < count; i++) {
            judge_twice(list[i], &reply);
            judge_names(list[i], &reply, 1 + (size + i) % (1 + PROVIDER_MORE_MAX));
        }
    }
    http_parser_free(parser);
    return 0;
}
