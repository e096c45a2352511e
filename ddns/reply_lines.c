/* SPDX-License-Identifier: ISC
 *
 * Replies of several lines (see reply_lines.h).
 */
#include "ddns/reply_lines.h"

#include <string.h>

#include "lib/str.h"

#define LINES_MAX (1 + PROVIDER_MORE_MAX)

struct line {
    const char *text;
    size_t len;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Lines that are not empty, without space around; how many there are, of which `lines` has the
 * first LINES_MAX. */
static size_t split(const char *body, size_t len, struct line lines[LINES_MAX])
{
    size_t count = 0;
    for (size_t at = 0; at < len;) {
        const char *end = memchr(body + at, '\n', len - at);
        size_t next = end ? (size_t)(end - body) : len, from = at, to = next;
        while (from < to && is_space(body[from]))
            from++;
        while (to > from && is_space(body[to - 1]))
            to--;
        if (to > from && count++ < LINES_MAX)
            lines[count - 1] = (struct line){body + from, to - from};
        at = next + 1;
    }
    return count;
}

static void judge_line(const struct provider *provider, const struct session_reply *reply,
                       const struct provider_input *input, const struct line *line,
                       struct ddns_answer *out)
{
    char text[256]; /* a code, and what stands behind it */
    struct session_reply one = *reply;
    str_ncopy(text, sizeof(text), line->text, line->len < sizeof(text) ? line->len : 255);
    one.body = text;
    one.body_len = strlen(text);
    provider_judge(provider, &one, input, out);
}

/* Said to every name, so that each goes alone next time. */
static void set_mismatch(const struct session_reply *reply, size_t lines, size_t names,
                         struct ddns_answer *out)
{
    *out = (struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true};
    if (reply->retry_after_s > 0)
        out->wait_ms = reply->retry_after_s * 1000;
    str_append(out->text, sizeof(out->text),
               "%zu line%s of reply for %zu names: next time one by one", lines,
               lines == 1 ? "" : "s", names);
}

/* What each line says of the account is said once: true. What only some say of it can't be meant
 * so, as others are fine: it is of their names. */
static bool is_of_account(struct ddns_answer *answers, size_t count)
{
    size_t of_account = 0;
    for (size_t i = 0; i < count; i++)
        of_account += answers[i].account;
    for (size_t i = 0; i < count && of_account < count; i++)
        answers[i].account = false;
    return of_account == count;
}

size_t reply_lines_judge(const struct provider *provider, const struct session_reply *reply,
                         const struct provider_input *input,
                         struct ddns_answer answers[1 + PROVIDER_MORE_MAX])
{
    struct line lines[LINES_MAX];
    size_t names = 1 + input->more_count;
    provider_judge(provider, reply, input, &answers[0]);
    if (names == 1 || provider->names <= 1 || reply->outcome != OUTCOME_OK ||
        reply->status / 100 != 2)
        return 1;
    size_t count = split(reply->body ? reply->body : "", reply->body ? reply->body_len : 0, lines);
    if (count == names) {
        for (size_t i = 0; i < names; i++)
            judge_line(provider, reply, input, &lines[i], &answers[i]);
        return is_of_account(answers, names) ? 1 : names;
    }
    bool of_account = answers[0].account && !ddns_verdict_is_success(answers[0].verdict);
    if (count == 1 && of_account)
        return 1;
    for (size_t i = 0; i < names; i++)
        set_mismatch(reply, count, names, &answers[i]);
    return names;
}
