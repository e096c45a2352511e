/* SPDX-License-Identifier: ISC
 *
 * Is a reply as expected? Pure; its inputs come from outside. Owns: what counts as elsewhere.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/ere.h"
#include "lib/hostport.h"
#include "lib/str.h"
#include "probes/http_want.h"

/* --- redirects --- */

static bool starts_nocase(const char *text, const char *start)
{
    char head[16];
    return str_ncopy(head, sizeof head, text, strnlen(text, strlen(start))) &&
           str_equal_nocase(head, start);
}

/* The host of "//[user@]host[:port]/…", without brackets; false when it can't be one. */
static bool host_of(const char *authority, char host[HOST_MAX])
{
    size_t len = strcspn(authority, "/?#");
    const char *user_end = memrchr(authority, '@', len);
    if (user_end) {
        len -= (size_t)(user_end + 1 - authority);
        authority = user_end + 1;
    }
    size_t end = 0;
    if (len > 0 && *authority == '[') {
        authority++;
        len--;
        while (end < len && authority[end] != ']')
            end++;
    } else {
        while (end < len && authority[end] != ':')
            end++;
    }
    while (end > 0 && authority[end - 1] == '.')
        end--;
    return str_ncopy(host, HOST_MAX, authority, end);
}

static const char *without_www(const char *host)
{
    return starts_nocase(host, "www.") ? host + 4 : host;
}

/* NULL when the redirect stays with the host (with or without "www."), else where it leads. A way
 * back from https to http is no staying. */
static const char *leads_elsewhere(const struct http_seen *seen)
{
    const char *at = seen->location;
    char host[HOST_MAX];
    if (starts_nocase(at, "https://"))
        at += 6;
    else if (starts_nocase(at, "http://") && seen->tls)
        return "from https to http";
    else if (starts_nocase(at, "http://"))
        at += 5;
    else if (!str_starts(at, "//")) /* a path, unless it is another scheme */
        return strcspn(at, ":") < strcspn(at, "/?#") ? "to another scheme" : NULL;
    if (host_of(at + 2, host) && str_equal_nocase(without_www(host), without_www(seen->host)))
        return NULL;
    return "to another host";
}

/* --- status --- */

static enum outcome wrong_status(const struct http_seen *seen, char *detail, size_t cap)
{
    str_append(detail, cap, "status %d", seen->status);
    if (*seen->location)
        str_append(detail, cap, ", to %s", seen->location);
    return OUTCOME_HTTP_STATUS;
}

static enum outcome judge_status(const struct http_want *want, const struct http_seen *seen,
                                 char *detail, size_t cap)
{
    for (size_t i = 0; want && i < want->status_count; i++)
        if (seen->status >= want->statuses[i].low && seen->status <= want->statuses[i].high)
            return OUTCOME_OK;
    bool chosen = want && want->status_count > 0;
    if (chosen || seen->status < 200 || seen->status > 399)
        return wrong_status(seen, detail, cap);
    if (seen->status < 300 || !*seen->location)
        return OUTCOME_OK;
    const char *why = leads_elsewhere(seen);
    if (!why)
        return OUTCOME_OK;
    str_append(detail, cap, "%d %s: %s", seen->status, why, seen->location);
    return OUTCOME_HTTP_REDIRECT;
}

/* --- text --- */

static bool matches(const char *pattern, const char *body, size_t len)
{
    const char *problem;
    struct ere *ere = ere_new(pattern, &problem);
    bool found = ere && ere_search(ere, body, len);
    ere_free(ere);
    return found;
}

static enum outcome judge_text(const struct http_want *want, const struct http_seen *seen,
                               char *detail, size_t cap)
{
    char shown[80];
    const char *missing = NULL;
    if (want->text && !memmem(seen->body, seen->body_len, want->text, strlen(want->text)))
        missing = want->text;
    else if (want->regex && !matches(want->regex, seen->body, seen->body_len))
        missing = want->regex;
    if (!missing)
        return OUTCOME_OK;
    str_printable(shown, sizeof shown, missing, strlen(missing));
    str_append(detail, cap, "status %d, %s\"%s\" not in %s%" PRIu64 " bytes", seen->status,
               missing == want->regex ? "pattern " : "", shown,
               seen->body_bytes > seen->body_len ? "the first MiB of " : "", seen->body_bytes);
    return OUTCOME_HTTP_TEXT_MISSING;
}

enum outcome http_want_judge(const struct http_want *want, const struct http_seen *seen,
                             char *detail, size_t cap)
{
    detail[0] = '\0';
    enum outcome outcome = judge_status(want, seen, detail, cap);
    return outcome == OUTCOME_OK && want ? judge_text(want, seen, detail, cap) : outcome;
}
