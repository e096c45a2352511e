/* SPDX-License-Identifier: ISC
 *
 * Elements of an XML reply, and what an error of Route 53 becomes: never a success.
 */
#include "ddns/providers/route53.h"
#include "ddns/xml_scan.h"
#include "tests/fuzz/fuzz.h"

static void check_list(const char *text, size_t len)
{
    struct xml_span in = {text, len}, content;
    char value[32];
    const char *before = text;
    while (xml_next(&in, "Id", &content)) {
        MUST(in.at > before && in.at + in.len == text + len);
        MUST(content.at >= before && content.at + content.len <= in.at);
        before = in.at;
        if (xml_text(content, value, sizeof value))
            MUST(strlen(value) <= content.len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct provider_input input = {
        .url = "https://route53.amazonaws.com", .user = "AKIDEXAMPLE", .password = "token-token"};
    char *text = fuzz_text(data, size);
    struct ddns_answer answer = {.verdict = DDNS_CONFIG, .text = "HTTP 400"};
    check_list(text, strlen(text));
    route53_judge(400, text, strlen(text), &input, &answer);
    MUST(!ddns_verdict_is_success(answer.verdict) && answer.wait_ms >= 0);
    MUST(answer.text[0] && fuzz_is_clean(answer.text, sizeof answer.text));
    MUST(!strstr(answer.text, "token-token"));
    free(text);
    return 0;
}
