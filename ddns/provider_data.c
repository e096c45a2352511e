/* SPDX-License-Identifier: ISC
 *
 * Providers as data. Owns: the values that templates know, and where a configured URL takes the
 * place of the template's. Not its job: template syntax (ddns/template.h), reply patterns
 * (ddns/reply.h).
 */
#include "ddns/provider_data.h"

#include <string.h>

#include "ddns/template.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/url.h"

#define FORM_TYPE  "application/x-www-form-urlencoded"
#define VALUES_MAX 12

struct values {
    struct template_value rows[VALUES_MAX];
    char text[FAMILY_COUNT][ADDR_STRLEN];
    char names[PROVIDER_NAMES_LEN];
};

/* "a.example,b.example" where several go in one request. */
static const char *all_names(struct values *values, const struct provider_input *input)
{
    str_append(values->names, sizeof(values->names), "%s", input->fqdn);
    for (size_t i = 0; i < input->more_count; i++)
        str_append(values->names, sizeof(values->names), ",%s", input->more[i].fqdn);
    return values->names;
}

static const char *address_or_keep(const struct provider_input *input, enum family family,
                                   const char *keep, char text[ADDR_STRLEN])
{
    if (addr_is_set(&input->addrs[family]))
        return addr_format(&input->addrs[family], text);
    return keep;
}

static void fill_values(struct values *values, const struct provider_data *data,
                        const struct provider_input *input)
{
    bool v4 = addr_is_set(&input->addrs[FAMILY_IPV4]);
    const char *ipv4 = address_or_keep(input, FAMILY_IPV4, data->keep, values->text[FAMILY_IPV4]);
    const char *ipv6 = address_or_keep(input, FAMILY_IPV6, data->keep, values->text[FAMILY_IPV6]);
    const struct template_value rows[] = {
        {"fqdn", input->fqdn, false},
        {"domain", input->domain, false},
        {"host", input->host[0] ? input->host : input->apex, false},
        {"label", input->host, false},
        {"user", input->user, false},
        {"password", input->password, false},
        {"id", input->id, false},
        {"ip", v4 ? ipv4 : ipv6, false},
        {"type", v4 ? "A" : "AAAA", false},
        {"ipv4", ipv4, false},
        {"ipv6", ipv6, false},
        {NULL, NULL, false},
    };
    memcpy(values->rows, rows, sizeof(rows));
    values->names[0] = '\0';
    if (input->more_count > 0)
        values->rows[0] = (struct template_value){"fqdn", all_names(values, input), true};
}

static const char *url_template(const struct provider_data *data,
                                const struct provider_input *input)
{
    bool v4 = addr_is_set(&input->addrs[FAMILY_IPV4]);
    bool both = v4 && addr_is_set(&input->addrs[FAMILY_IPV6]);
    if (both && data->url_both)
        return data->url_both;
    return data->url[v4 ? FAMILY_IPV4 : FAMILY_IPV6];
}

/* The length of "https://host:port". */
static size_t authority_end(const char *url)
{
    const char *slashes = strstr(url, "://");
    const char *start = slashes ? slashes + 3 : url;
    return (size_t)(start - url) + strcspn(start, "/?<{");
}

/* The configured URL, then what it leaves of the template. A "?" in both becomes "&". */
static bool expand_behind(const char *base, const char *text, const struct template_value *values,
                          struct buf *out)
{
    bool has_path = base[authority_end(base)] == '/';
    const char *rest = text + (has_path ? strcspn(text, "?") : authority_end(text));
    bool fits = buf_append(out, base, strlen(base));
    if (rest[0] == '?' && strchr(base, '?')) {
        fits = fits && buf_append(out, "&", 1);
        rest++;
    }
    return fits && template_expand(rest, TEMPLATE_URL, values, out);
}

static char *take_secret(struct buf *buf, bool fits)
{
    char *text = fits ? mem_strdup(buf_text(buf)) : NULL;
    if (buf->data)
        explicit_bzero(buf->data, buf->cap);
    buf_clear(buf);
    return text;
}

static char *make_url(const struct provider *provider, const struct provider_input *input,
                      const struct template_value *values)
{
    const char *text = url_template(provider->data, input);
    struct buf buf;
    buf_init(&buf, PROVIDER_URL_MAX);
    bool fits = strcmp(input->url, provider->url) == 0
                    ? template_expand(text, TEMPLATE_URL, values, &buf)
                    : expand_behind(input->url, text, values, &buf);
    return take_secret(&buf, fits);
}

static bool is_json(const struct provider_data *data)
{
    return data->content_type && strstr(data->content_type, "json");
}

/* Both NULL when there is none. False: can't be made. */
static bool make_body(const struct provider_data *data, const struct template_value *values,
                      struct provider_request *out)
{
    struct buf buf;
    if (!data->body)
        return true;
    buf_init(&buf, PROVIDER_URL_MAX);
    bool fits =
        template_expand(data->body, is_json(data) ? TEMPLATE_JSON : TEMPLATE_URL, values, &buf);
    out->body = take_secret(&buf, fits);
    return out->body != NULL;
}

static bool make_headers(const struct provider_data *data, const struct template_value *values,
                         struct provider_request *out)
{
    struct buf buf;
    bool fits = true;
    if (!data->body && !data->headers[0])
        return true;
    buf_init(&buf, PROVIDER_URL_MAX);
    if (data->body)
        fits = buf_printf(&buf, "Content-Type: %s\r\n",
                          data->content_type ? data->content_type : FORM_TYPE);
    for (size_t i = 0; fits && data->headers[i]; i++)
        fits = template_expand(data->headers[i], TEMPLATE_HEADER, values, &buf) &&
               buf_append(&buf, "\r\n", 2);
    out->headers = take_secret(&buf, fits);
    return out->headers != NULL;
}

void provider_data_build(const struct provider *provider, const struct provider_input *input,
                         struct provider_request *out)
{
    const struct provider_data *data = provider->data;
    struct values values;
    fill_values(&values, data, input);
    out->method = data->method ? data->method : "GET";
    out->basic = data->basic;
    if (make_headers(data, values.rows, out) && make_body(data, values.rows, out))
        out->url = make_url(provider, input, values.rows);
}

bool provider_data_classify(const struct provider_data *data, const struct session_reply *reply,
                            const struct provider_input *input, struct ddns_answer *out)
{
    char text[FAMILY_COUNT][ADDR_STRLEN];
    struct reply_facts facts = {.status = reply->status,
                                .body = reply->body ? reply->body : "",
                                .len = reply->body ? reply->body_len : 0};
    for (int f = 0; input && f < FAMILY_COUNT; f++)
        if (addr_is_set(&input->addrs[f]))
            facts.sent[f] = addr_format(&input->addrs[f], text[f]);
    return reply_judge(data->rules, data->rule_count, &facts, out) ||
           reply_judge(data->base, data->base_count, &facts, out);
}

/* --- is the data right? --- */

static const char *check_request(const struct provider *provider, bool v4, bool v6,
                                 const char **what)
{
    struct provider_input input = {.url = provider->url,
                                   .host = "www",
                                   .domain = "example.com",
                                   .fqdn = "www.example.com",
                                   .user = "user",
                                   .password = "password",
                                   .apex = "@",
                                   .id = "1"};
    struct provider_request request = {0};
    struct url url;
    if (v4)
        addr_parse("192.0.2.1", &input.addrs[FAMILY_IPV4]);
    if (v6)
        addr_parse("2001:db8::1", &input.addrs[FAMILY_IPV6]);
    *what = v4 && v6 ? "the request for both families"
            : v4     ? "the request for IPv4"
                     : "the request for IPv6";
    provider_data_build(provider, &input, &request);
    const char *problem = "it names the address of a family that it does not carry";
    if (request.url)
        problem = url_parse(request.url, &url);
    provider_request_clear(&request);
    return problem;
}

static const char *check_syntax(const struct provider_data *data, const char **what)
{
    const struct {
        const char *text, *name;
    } templates[] = {{data->url[FAMILY_IPV4], "url"},
                     {data->url[FAMILY_IPV6], "url of IPv6"},
                     {data->url_both, "url-both"},
                     {data->body, "body"}};
    const struct provider_input none = {
        .fqdn = "", .domain = "", .host = "", .user = "", .password = "", .apex = "", .id = ""};
    const char *problem = NULL;
    struct values values;
    fill_values(&values, data, &none);
    for (size_t i = 0; i < sizeof(templates) / sizeof(templates[0]) && !problem; i++) {
        *what = templates[i].name;
        if (templates[i].text)
            problem = template_problem(templates[i].text, values.rows);
    }
    for (size_t i = 0; data->headers[i] && !problem; i++) {
        *what = "headers";
        problem = template_problem(data->headers[i], values.rows);
        if (!problem && (!strchr(data->headers[i], ':') || strpbrk(data->headers[i], "\r\n")))
            problem = "a header is \"Name: value\"";
    }
    return problem;
}

const char *provider_data_problem(const struct provider *provider, const char **what)
{
    const struct provider_data *data = provider->data;
    const char *problem = check_syntax(data, what);
    bool v4 = provider->families[FAMILY_IPV4], v6 = provider->families[FAMILY_IPV6];
    if (!problem && v4)
        problem = check_request(provider, true, false, what);
    if (!problem && v6)
        problem = check_request(provider, false, true, what);
    if (!problem && v4 && v6 && provider->form != PROVIDER_EACH)
        problem = check_request(provider, true, true, what);
    return problem;
}

bool provider_data_uses(const struct provider_data *data, const char *name)
{
    bool uses = template_uses(data->url[FAMILY_IPV4], name) ||
                template_uses(data->url[FAMILY_IPV6], name) ||
                template_uses(data->url_both, name) || template_uses(data->body, name);
    for (size_t i = 0; data->headers[i]; i++)
        uses = uses || template_uses(data->headers[i], name);
    return uses;
}

void provider_data_base(const struct provider_data *data, char *out, size_t cap)
{
    const char *text = data->url[FAMILY_IPV4] ? data->url[FAMILY_IPV4] : data->url[FAMILY_IPV6];
    size_t path = strcspn(text, "?");
    size_t fixed = strcspn(text, "{<");
    str_ncopy(out, cap, text, fixed < path ? authority_end(text) : path);
}
