/* SPDX-License-Identifier: ISC
 *
 * Secrets in replies. Owns: the comparison. Of each secret the longest run of letters and digits is
 * looked for: every encoding of URLs, HTML and JSON leaves those as they are.
 */
#include "ddns/echo.h"

#include <string.h>

#include "lib/base64.h"

#define RUN_MIN    4 /* shorter ones are in every text: then the secret is looked for as it is */
#define SECRET_MAX 16384

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static size_t longest_run(const char *secret, size_t len, size_t *start)
{
    size_t best = 0, run = 0;
    for (size_t i = 0; i < len; i++) {
        run = is_alnum(secret[i]) ? run + 1 : 0;
        if (run > best) {
            best = run;
            *start = i + 1 - run;
        }
    }
    return best;
}

static bool holds(const char *text, size_t len, const char *secret, size_t secret_len)
{
    size_t start = 0, run = longest_run(secret, secret_len, &start);
    if (run >= RUN_MIN)
        return memmem(text, len, secret + start, run) != NULL;
    return secret_len > 0 && memmem(text, len, secret, secret_len) != NULL;
}

static bool holds_basic(const char *text, size_t len, const struct provider_input *input)
{
    struct buf pair, basic;
    buf_init(&pair, SECRET_MAX);
    buf_init(&basic, SECRET_MAX * 2);
    bool found = buf_printf(&pair, "%s:%s", input->user, input->password) &&
                 base64_encode(&basic, pair.data, pair.len) &&
                 holds(text, len, (const char *)basic.data, basic.len);
    if (pair.data)
        explicit_bzero(pair.data, pair.cap);
    if (basic.data)
        explicit_bzero(basic.data, basic.cap);
    buf_clear(&pair);
    buf_clear(&basic);
    return found;
}

bool echo_is_in(const struct provider_input *input, const char *text, size_t len)
{
    const char *query = input->url + strcspn(input->url, "?");
    return holds(text, len, input->password, strlen(input->password)) ||
           holds(text, len, query, strlen(query)) ||
           (input->password[0] && holds_basic(text, len, input));
}
