/* SPDX-License-Identifier: ISC
 *
 * Providers as data: a template, a pattern and a reply, each of any bytes. The input is three
 * texts, a line feed between: template, pattern, body.
 */
#include <stdlib.h>

#include "ddns/reply.h"
#include "ddns/template.h"
#include "lib/mem.h"
#include "tests/fuzz/fuzz.h"

#define OUT_MAX 4096

static const struct template_value values[] = {{"fqdn", "www.example.test,b.example.test", true},
                                               {"password", "p&a=s+s%\"\r\n\\<{ip}>", false},
                                               {"ip", "2001:db8::9", false},
                                               {"ipv4", NULL, false},
                                               {"host", "", false},
                                               {NULL, NULL, false}};

/* What a place promises of its values, whatever the template. */
static void check_expansion(const char *text, enum template_place place)
{
    struct buf out;
    buf_init(&out, OUT_MAX);
    bool good = template_expand(text, place, values, &out);
    MUST(good ? !template_problem(text, values) : out.len == 0);
    MUST(out.len <= OUT_MAX);
    const char *expanded = buf_text(&out);
    if (!strchr(text, '\r'))
        MUST(!strchr(expanded, '\r')); /* no value brings a line of its own */
    if (place == TEMPLATE_URL && !strchr(text, '"'))
        MUST(!strchr(expanded, '"'));
    if (place == TEMPLATE_HEADER)
        MUST(!good || !template_uses(text, "password"));
    buf_clear(&out);
}

static void check_pattern(char *line, const char *body, size_t len)
{
    for (int v = DDNS_OK; v <= DDNS_TEMPORARY; v++) {
        char *copy = mem_strdup(line);
        struct reply_rule rule;
        struct ddns_answer answer = {0};
        const struct reply_facts facts = {
            .status = 200, .body = body, .len = len, .sent = {"203.0.113.9", NULL}};
        if (!reply_rule_parse(copy, (enum ddns_verdict)v, &rule) &&
            reply_judge(&rule, 1, &facts, &answer)) {
            MUST(answer.verdict == (enum ddns_verdict)v);
            MUST(answer.wait_ms >= 0 && answer.wait_ms <= INT64_C(7) * 86400000);
            MUST(memchr(answer.text, '\0', sizeof(answer.text)) != NULL);
        }
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = mem_strndup((const char *)data, size < 65536 ? size : 65536);
    char *pattern = text + strcspn(text, "\n");
    if (*pattern)
        *pattern++ = '\0';
    char *body = pattern + strcspn(pattern, "\n");
    if (*body)
        *body++ = '\0';
    check_expansion(text, TEMPLATE_URL);
    check_expansion(text, TEMPLATE_JSON);
    check_expansion(text, TEMPLATE_HEADER);
    check_pattern(pattern, body, strlen(body));
    free(text);
    return 0;
}
