/* SPDX-License-Identifier: ISC
 *
 * The dyndns2 protocol, spoken by many: GET with hostname and myip, HTTP Basic, and a reply whose
 * first word is a return code. One host and one family per request.
 */
#include <string.h>

#include "ddns/provider.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/http.h"

#define MINUTE_MS   INT64_C(60000)
#define WAIT_MAX_MS (INT64_C(7) * 86400 * 1000)
#define WORD_MAX    24

static const struct code_row {
    const char *code;
    enum ddns_verdict verdict;
    bool account;
    int64_t wait_ms;
    const char *meaning;
} code_rows[] = {
    {"good", DDNS_OK, false, 0, "updated"},
    {"nochg", DDNS_NOCHANGE, false, 0, "unchanged"},
    {"badauth", DDNS_AUTH, true, 0, "user or password wrong"},
    {"!donator", DDNS_CONFIG, true, 0, "an option that the account does not have"},
    {"!yours", DDNS_CONFIG, false, 0, "the host belongs to another user"},
    {"!active", DDNS_CONFIG, false, 0, "the host is not activated"},
    {"notfqdn", DDNS_CONFIG, false, 0, "not a full host name"},
    {"nofqdn", DDNS_CONFIG, false, 0, "not a full host name"},
    {"nohost", DDNS_CONFIG, false, 0, "no such host in this account"},
    {"numhost", DDNS_CONFIG, false, 0, "too many hosts"},
    {"abuse", DDNS_ABUSE, false, 0, "the host is blocked for abuse"},
    {"badagent", DDNS_ABUSE, true, 0, "the provider refuses this program"},
    {"badsys", DDNS_CONFIG, false, 0, "bad system parameter"},
    {"badrequest", DDNS_CONFIG, false, 0, "bad request"},
    {"dnserr", DDNS_TEMPORARY, false, 30 * MINUTE_MS, "DNS error at the provider"},
    {"911", DDNS_TEMPORARY, true, 30 * MINUTE_MS, "outage at the provider"},
    {"servererror", DDNS_TEMPORARY, true, 10 * MINUTE_MS, "error at the provider"},
    {"unknown", DDNS_TEMPORARY, false, 10 * MINUTE_MS, "unknown error at the provider"},
};

static void build(const struct provider_input *input, struct provider_request *out)
{
    char text[ADDR_STRLEN];
    struct buf query;
    enum family family = addr_is_set(&input->addrs[FAMILY_IPV4]) ? FAMILY_IPV4 : FAMILY_IPV6;
    buf_init(&query, PROVIDER_URL_MAX);
    bool fits = buf_append(&query, input->url, strlen(input->url)) &&
                buf_printf(&query, "%chostname=", provider_separator(input->url)) &&
                url_encode(&query, input->fqdn) && buf_printf(&query, "&myip=") &&
                url_encode(&query, addr_format(&input->addrs[family], text));
    provider_take_url(&query, fits, out);
    out->basic = true;
}

/* The word at *pos up to white space; *pos moves behind it. False when it is longer than cap. */
static bool next_word(const char **pos, const char *end, char *word, size_t cap)
{
    const char *at = *pos;
    while (at < end && strchr(" \t\r\n", *at) && *at)
        at++;
    const char *start = at;
    while (at < end && *at && !strchr(" \t\r\n", *at))
        at++;
    *pos = at;
    return str_ncopy(word, cap, start, (size_t)(at - start));
}

/* "w30m": wait for 30 minutes. */
static bool parse_wait(const char *word, int64_t *wait_ms)
{
    size_t len = strlen(word);
    char digits[WORD_MAX];
    uint64_t count;
    if (len < 3 || (word[0] != 'w' && word[0] != 'W'))
        return false;
    str_ncopy(digits, sizeof(digits), word + 1, len - 2);
    if (!str_to_uint(digits, 99999, &count))
        return false;
    int64_t unit = word[len - 1] == 'h'   ? 60 * MINUTE_MS
                   : word[len - 1] == 'm' ? MINUTE_MS
                   : word[len - 1] == 's' ? 1000
                                          : 0;
    *wait_ms = (int64_t)count * unit;
    if (*wait_ms > WAIT_MAX_MS)
        *wait_ms = WAIT_MAX_MS;
    return unit > 0;
}

static const struct code_row *find_code(const char *word)
{
    for (size_t i = 0; i < sizeof(code_rows) / sizeof(code_rows[0]); i++)
        if (str_equal_nocase(code_rows[i].code, word))
            return &code_rows[i];
    return NULL;
}

static bool classify(int status, const char *body, size_t len, struct ddns_answer *out)
{
    char word[WORD_MAX], value[ADDR_STRLEN];
    const char *pos = body, *end = body + len;
    (void)status;
    if (!next_word(&pos, end, word, sizeof(word)))
        return false;
    if (parse_wait(word, &out->wait_ms)) {
        out->verdict = DDNS_TEMPORARY;
        str_append(out->text, sizeof(out->text), "%s (the provider asks to wait)", word);
        return true;
    }
    const struct code_row *row = find_code(word);
    if (!row)
        return false;
    out->verdict = row->verdict;
    out->account = row->account;
    out->wait_ms = row->wait_ms;
    const char *meaning = row->meaning;
    if (row->verdict == DDNS_OK && next_word(&pos, end, value, sizeof(value)) &&
        strcmp(value, "127.0.0.1") == 0) {
        out->verdict = DDNS_CONFIG;
        out->account = true;
        meaning = "127.0.0.1: the provider ignored the request";
    }
    str_append(out->text, sizeof(out->text), "%s (%s)", row->code, meaning);
    return true;
}

const struct provider provider_dyndns2 = {
    .id = "dyndns2",
    .title = "dyndns2 (Dyn and compatible)",
    .url = "https://members.dyndns.org/v3/update",
    .link = "https://help.dyn.com/remote-access-api/",
    .families = {true, true},
    .needs_user = true,
    .needs_password = true,
    .gap_ms = 60000,
    .error_gap_ms = 300000,
    .build = build,
    .classify = classify,
};
