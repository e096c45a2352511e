/* SPDX-License-Identifier: ISC
 *
 * Value Domain's dyn.fcg: GET with d (domain), p (DDNS password), h (host), i (address); a reply
 * line "status=N". The service answers a second request within 60 s with 503, whoever and whatever
 * it is for, so all of it is one account. Whether it takes an IPv6 address is not documented: `i`
 * carries it, and a status 3 stops that address only.
 */
#include <string.h>

#include "ddns/provider.h"
#include "ddns/reply.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/http.h"

#define SCAN_MAX 4096 /* bytes of the reply that are looked at */

static const struct status_row {
    unsigned status;
    enum ddns_verdict verdict;
    bool account;
    bool this_value;
    const char *meaning;
} status_rows[] = {
    {0, DDNS_OK, false, false, "updated"},
    {1, DDNS_CONFIG, false, false, "malformed request"},
    {2, DDNS_AUTH, false, false, "domain and password do not fit"},
    {3, DDNS_CONFIG, false, true, "bad IP address"},
    {4, DDNS_AUTH, false, false, "wrong DDNS password"},
    {5, DDNS_TEMPORARY, false, false, "database server busy"},
    {8, DDNS_CONFIG, false, false, "no record to update: the record must exist beforehand"},
    {9, DDNS_TEMPORARY, false, false, "unexpected error"},
    {503, DDNS_TEMPORARY, true, false, "too many requests in a short time"},
};

static const struct status_row *find_row(unsigned status)
{
    static const struct status_row other = {0, DDNS_TEMPORARY, false, false, "unknown status"};
    for (size_t i = 0; i < sizeof(status_rows) / sizeof(status_rows[0]); i++)
        if (status_rows[i].status == status)
            return &status_rows[i];
    return &other;
}

static bool add_field(struct buf *query, char separator, const char *name, const char *value)
{
    return buf_printf(query, "%c%s=", separator, name) && url_encode(query, value);
}

static void build(const struct provider_input *input, struct provider_request *out)
{
    char text[ADDR_STRLEN];
    struct buf query;
    enum family family = addr_is_set(&input->addrs[FAMILY_IPV4]) ? FAMILY_IPV4 : FAMILY_IPV6;
    const char *host = input->host[0] ? input->host : input->apex;
    buf_init(&query, PROVIDER_URL_MAX);
    bool fits = buf_append(&query, input->url, strlen(input->url)) &&
                add_field(&query, provider_separator(input->url), "d", input->domain) &&
                add_field(&query, '&', "p", input->password);
    if (fits && host[0])
        fits = add_field(&query, '&', "h", host);
    fits = fits && add_field(&query, '&', "i", addr_format(&input->addrs[family], text));
    provider_take_url(&query, fits, out);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

/* "status = 503" at `line`, the number complete and followed by no letter. */
static bool parse_line(const char *line, const char *end, unsigned *status)
{
    static const char word[] = "status";
    char head[sizeof(word)];
    unsigned value = 0, digits = 0;
    while (line < end && is_space(*line))
        line++;
    if ((size_t)(end - line) < sizeof(word))
        return false;
    str_ncopy(head, sizeof(head), line, sizeof(word) - 1);
    if (!str_equal_nocase(head, word))
        return false;
    for (line += sizeof(word) - 1; line < end && is_space(*line); line++)
        ;
    if (line == end || *line++ != '=')
        return false;
    while (line < end && is_space(*line))
        line++;
    for (; line < end && *line >= '0' && *line <= '9' && digits < 9; line++, digits++)
        value = value * 10 + (unsigned)(*line - '0');
    *status = value;
    return digits > 0 && (line == end || is_space(*line));
}

/* The first line that holds a status. At the start of a line only: a script inside an error page
 * may well say "window.status=0". */
static bool find_status(const char *body, size_t len, unsigned *status)
{
    const char *end = body + (len < SCAN_MAX ? len : SCAN_MAX);
    for (const char *line = body; line < end;) {
        size_t width = 0;
        while (line + width < end && line[width] != '\n' && line[width] != '\r')
            width++;
        if (parse_line(line, line + width, status))
            return true;
        line += width + 1;
    }
    return false;
}

static bool classify(int http_status, const char *body, size_t len, struct ddns_answer *out)
{
    unsigned status;
    if (reply_is_html(body, len) || !find_status(body, len, &status)) {
        if (http_status != 503)
            return false;
        status = 503; /* the same overload, told by HTTP */
    }
    const struct status_row *row = find_row(status);
    out->verdict = row->verdict;
    out->account = row->account;
    out->this_value = row->this_value;
    str_append(out->text, sizeof(out->text), "status=%u (%s)", status, row->meaning);
    return true;
}

const struct provider provider_value_domain = {
    .id = "value-domain",
    .title = "Value Domain (dyn.fcg)",
    .url = "https://dyn.value-domain.com/cgi-bin/dyn.fcg",
    .link = "https://www.value-domain.com/userguide/manual/ddns",
    .families = {true, true},
    .needs_password = true,
    .account_is_url = true,
    .gap_ms = 65000,
    .error_gap_ms = 65000,
    .build = build,
    .classify = classify,
};
