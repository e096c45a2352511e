/* SPDX-License-Identifier: ISC
 *
 * The recorded replies of tests/replay/providers, for the tests of providers. Each file begins with
 * the line "expect: VERDICT [account] [value] [wait=SECONDS]"; the raw HTTP reply follows.
 */
#ifndef REACHD_TESTS_SAMPLES_H
#define REACHD_TESTS_SAMPLES_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ddns/provider.h"
#include "lib/str.h"
#include "probes/http.h"

struct sample {
    char expect[128];
    char raw[65536];
    size_t len;
};

static inline const char *source_dir(void)
{
    const char *dir = getenv("srcdir");
    return dir && dir[0] ? dir : "..";
}

static inline void read_sample(const char *path, struct sample *sample)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("cannot open %s", path);
    assert_non_null(fgets(sample->expect, sizeof(sample->expect), file));
    sample->expect[strcspn(sample->expect, "\n")] = '\0';
    sample->len = fread(sample->raw, 1, sizeof(sample->raw), file);
    fclose(file);
}

static inline void judge_sample(const struct provider *provider, const struct sample *sample,
                                const struct provider_input *input, struct ddns_answer *answer)
{
    struct http_parser *parser = http_parser_new(false, PROVIDER_BODY_MAX);
    enum http_state end = http_parser_feed(parser, sample->raw, sample->len);
    if (end == HTTP_MORE)
        end = http_parser_end(parser);
    assert_int_equal(end, HTTP_DONE);
    struct session_reply reply = {.outcome = OUTCOME_OK,
                                  .request_left = true,
                                  .status = http_parser_status(parser),
                                  .retry_after_s = http_parser_retry_after_s(parser, 0),
                                  .location = http_parser_location(parser)};
    reply.body = http_parser_body(parser, &reply.body_len);
    provider_judge(provider, &reply, input, answer);
    http_parser_free(parser);
}

/* Compares, and adds 1 << verdict to *seen; a reply that was not understood adds nothing. */
static inline void check_sample(const struct provider *provider, const char *path,
                                const struct provider_input *input, unsigned *seen)
{
    static struct sample sample;
    struct ddns_answer answer;
    char found[160] = "expect: ", clean[DDNS_TEXT_LEN];
    read_sample(path, &sample);
    judge_sample(provider, &sample, input, &answer);
    str_append(found, sizeof(found), "%s%s%s", ddns_verdict_word(answer.verdict),
               answer.account ? " account" : "", answer.this_value ? " value" : "");
    if (answer.wait_ms > 0)
        str_append(found, sizeof(found), " wait=%lld", (long long)answer.wait_ms / 1000);
    if (strcmp(found, sample.expect) != 0)
        fail_msg("%s: \"%s\", but \"%s\" (%s)", path, sample.expect, found, answer.text);
    assert_true(answer.replied && answer.text[0]);
    assert_string_equal(str_printable(clean, sizeof(clean), answer.text, strlen(answer.text)),
                        answer.text);
    assert_null(strstr(answer.text, "secret"));
    if (!str_starts(answer.text, "reply not understood") && !str_starts(answer.text, "HTTP "))
        *seen |= 1u << answer.verdict;
    else if (str_starts(answer.text, "HTTP ") && strchr(answer.text, '('))
        *seen |= 1u << answer.verdict;
}

/* All files NAME.txt of a provider's folder; returns how many. */
static inline size_t replay_samples(const struct provider *provider,
                                    const struct provider_input *input, unsigned *seen)
{
    char folder[512] = "", path[1024];
    size_t count = 0;
    str_append(folder, sizeof(folder), "%s/tests/replay/providers/%s", source_dir(), provider->id);
    DIR *dir = opendir(folder);
    if (!dir)
        fail_msg("no replies of provider %s: cannot open %s", provider->id, folder);
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".txt") != 0)
            continue;
        path[0] = '\0';
        str_append(path, sizeof(path), "%s/%s", folder, entry->d_name);
        check_sample(provider, path, input, seen);
        count++;
    }
    closedir(dir);
    return count;
}

#endif
