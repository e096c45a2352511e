/* SPDX-License-Identifier: ISC
 *
 * Providers as written. Owns: which keys a provider needs, and in what order its reply patterns are
 * looked at: what is bad news comes first, so that no word of success hides it.
 */
#include "monitor/config/config_provider.h"

#include <stdlib.h>
#include <string.h>

#include "ddns/template.h"
#include "lib/buf.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/config_check.h"
#include "monitor/config/config_value.h"

#define FINGERPRINT_MAX 65536
#define MAX_RULES       200

static const enum ddns_verdict verdict_order[] = {DDNS_ABUSE,     DDNS_AUTH,     DDNS_CONFIG,
                                                  DDNS_TEMPORARY, DDNS_NOCHANGE, DDNS_OK};

bool config_provider_is_id(const char *text)
{
    size_t len = strlen(text);
    return len > 0 && len < 64 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-.") == len &&
           text[0] != '.' && text[0] != '-';
}

/* --- replies --- */

static size_t count_of(char *const *texts)
{
    size_t count = 0;
    while (texts && texts[count])
        count++;
    return count;
}

static void parse_rules(struct config_provider *p, const struct config_section *section,
                        struct config_report *report, enum ddns_verdict verdict)
{
    const char *key = ddns_verdict_word(verdict);
    const struct config_option *option = config_option_find(section, key);
    for (size_t i = 0; option && i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        struct reply_rule rule;
        const char *problem = reply_rule_parse(p->text.replies[verdict][i], verdict, &rule);
        if (problem)
            config_error(report, &at, "%s = \"%s\": %s", key, option->values[i].text, problem);
        else
            p->rules[p->data.rule_count++] = rule;
    }
}

static void set_rules(struct config_provider *p, const struct config_section *section,
                      struct config_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i <= DDNS_TEMPORARY; i++)
        count += count_of(p->text.replies[i]);
    if (count > MAX_RULES) {
        config_error(report, &section->at, "more than %d reply patterns", MAX_RULES);
        return;
    }
    p->rules = mem_array(count + 1, sizeof(*p->rules));
    for (size_t i = 0; i < sizeof(verdict_order) / sizeof(verdict_order[0]); i++)
        parse_rules(p, section, report, verdict_order[i]);
    p->data.rules = p->rules;
    if (p->text.codes) {
        p->data.base = dyndns2_rules;
        p->data.base_count = dyndns2_rule_count;
    }
    if (!p->text.codes && !config_option_find(section, "ok"))
        config_error(report, &section->at,
                     "provider \"%s\": ok is missing: the replies that mean success", p->id);
}

/* --- requests --- */

static void set_data(struct config_provider *p, const struct config_section *section,
                     struct config_report *report)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH"};
    const struct provider_text *text = &p->text;
    struct provider_data *data = &p->data;
    data->method = methods[text->method];
    data->url[FAMILY_IPV4] = text->url_ipv4 ? text->url_ipv4 : text->url;
    data->url[FAMILY_IPV6] = text->url_ipv6 ? text->url_ipv6 : text->url;
    data->url_both = text->url_both ? text->url_both : text->url;
    data->body = text->body;
    data->content_type = text->content_type;
    data->keep = text->keep;
    data->basic = text->login == 1;
    size_t count = count_of(text->headers);
    if (count > PROVIDER_DATA_HEADERS) {
        config_error(report, config_where(section, "headers"), "more than %d headers",
                     PROVIDER_DATA_HEADERS);
        count = 0;
    }
    for (size_t i = 0; i < count; i++)
        data->headers[i] = text->headers[i];
}

static bool check_urls(const struct config_provider *p, const struct config_section *section,
                       struct config_report *report)
{
    const struct provider_text *text = &p->text;
    bool good = true;
    if (!text->families[FAMILY_IPV4] && !text->families[FAMILY_IPV6]) {
        config_error(report, config_where(section, "families"),
                     "provider \"%s\": families is missing: ipv4, ipv6 or both", p->id);
        good = false;
    }
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!text->families[f] || p->data.url[f])
            continue;
        config_error(report, &section->at, "provider \"%s\": url is missing", p->id);
        return false;
    }
    if (text->form != PROVIDER_EACH && !p->data.url_both) {
        config_error(report, &section->at, "provider \"%s\": url or url-both is missing", p->id);
        good = false;
    }
    return good;
}

/* A list can stand for the full name only. */
static void check_names(const struct config_provider *p, const struct config_section *section,
                        struct config_report *report)
{
    static const char *const others[] = {"domain", "host", "label", "id"};
    bool fits = provider_data_uses(&p->data, "fqdn");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        fits = fits && !provider_data_uses(&p->data, others[i]);
    if (p->text.names > 1 && !fits)
        config_error(report, config_where(section, "names"),
                     "provider \"%s\": names above 1 needs {fqdn} in the request, and none of "
                     "{domain}, {host}, {label}, {id}",
                     p->id);
}

static void set_provider(struct config_provider *p, const struct config_section *section,
                         struct config_report *report)
{
    const struct provider_text *text = &p->text;
    char base[512];
    const char *what;
    if (!check_urls(p, section, report))
        return;
    provider_data_base(&p->data, base, sizeof(base));
    p->base = mem_strdup(base);
    p->provider.url = p->base;
    p->provider.needs_id = provider_data_uses(&p->data, "id");
    p->provider.needs_user = p->data.basic || provider_data_uses(&p->data, "user");
    p->provider.needs_password = p->data.basic || provider_data_uses(&p->data, "password");
    p->provider.in_clear = str_starts(base, "http:");
    p->provider.account_is_url = text->queue == 1;
    check_names(p, section, report);
    const char *problem = provider_data_problem(&p->provider, &what);
    if (problem)
        config_error(report, &section->at, "provider \"%s\": %s: %s", p->id, what, problem);
}

/* Of everything written, whatever its order and comments: what is sent and understood may differ.
 */
static void set_fingerprint(struct config_provider *p, const struct config_section *section)
{
    struct buf buf;
    buf_init(&buf, FINGERPRINT_MAX);
    for (size_t i = 0; i < section->option_count; i++) {
        const struct config_option *option = &section->options[i];
        buf_printf(&buf, "%s %zu\n", option->key->name, option->count);
        for (size_t v = 0; v < option->count; v++)
            buf_printf(&buf, "%s\n", option->values[v].text);
    }
    digest_sha256_hex(buf.data, buf.len, p->fingerprint);
    buf_clear(&buf);
}

struct config_provider *config_provider_new(const struct config_section *section,
                                            struct config_report *report)
{
    struct config_provider *p = mem_zalloc(sizeof(*p));
    const struct provider_text *text = &p->text;
    p->id = mem_strdup(section->title);
    config_values_default(section->kind, &p->text);
    config_values_set(section, &p->text, report);
    p->provider = (struct provider){
        .id = p->id,
        .title = text->title ? text->title : p->id,
        .link = text->link ? text->link : "",
        .aliases = (const char *const *)text->aliases,
        .url = "",
        .families = {text->families[FAMILY_IPV4], text->families[FAMILY_IPV6]},
        .source_decides = text->source_decides,
        .unseen = !text->in_dns,
        .gap_ms = text->gap_ms,
        .error_gap_ms = text->error_gap_ms,
        .refresh_ms = text->refresh_ms,
        .form = text->form,
        .names = text->names,
        .apex = text->apex,
        .secret = text->secret,
        .zone = text->zone,
        .note = text->note,
        .data = &p->data,
        .fingerprint = p->fingerprint,
    };
    if (!config_provider_is_id(p->id))
        config_error(report, &section->at,
                     "provider \"%s\": a name is made of a-z, 0-9, \"-\" and \".\"", p->id);
    set_fingerprint(p, section);
    if (text->defunct)
        return p;
    set_data(p, section, report);
    set_rules(p, section, report);
    set_provider(p, section, report);
    return p;
}

void config_provider_free(struct config_provider *p)
{
    config_values_free(config_kind(KIND_PROVIDER), &p->text);
    free(p->rules);
    free(p->base);
    free(p->id);
    free(p);
}
