/* SPDX-License-Identifier: ISC
 *
 * Checks of record sections: the name, the provider and what it needs, the address of each family,
 * and records that would fight over one name.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/config/catalog.h"
#include "monitor/config/config_check.h"

/* Without the dot and the zone where the full name was written. */
static char *host_labels(const char *host, const char *domain)
{
    size_t host_len = strlen(host);
    size_t domain_len = strlen(domain);
    if (strcmp(host, "@") == 0 || str_equal_nocase(host, domain))
        return mem_strdup("");
    if (host_len > domain_len + 1 && host[host_len - domain_len - 1] == '.' &&
        str_equal_nocase(host + host_len - domain_len, domain))
        return mem_strndup(host, host_len - domain_len - 1);
    return mem_strdup(host);
}

static void lower(char *text)
{
    for (char *c = text; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
}

static void set_name(struct config_draft *draft, const struct config_section *section,
                     struct ddns_record_conf *ddns)
{
    const char *host = config_option_text(section, "host");
    if (!ddns->domain) {
        if (!config_given(section, "domain"))
            config_error(&draft->report, &section->at,
                         "record \"%s\": domain is missing (the zone, like \"example.com\")",
                         section->title);
        return;
    }
    char *labels = host_labels(host ? host : "", ddns->domain);
    lower(labels);
    ddns->host = labels;
    ddns->fqdn = labels[0] ? mem_printf("%s.%s", labels, ddns->domain) : mem_strdup(ddns->domain);
    if (!host_is_valid(ddns->fqdn) || strchr(ddns->domain, '*'))
        config_error(&draft->report, config_where(section, "host"),
                     "\"%s\" is not a valid DNS name: host is the part below the domain, \"*\", or "
                     "\"@\" for the domain itself",
                     ddns->fqdn);
}

static void set_provider(struct config_draft *draft, const struct config_section *section,
                         struct ddns_record_conf *ddns)
{
    const char *id = config_option_text(section, "provider");
    const struct config_at *at = config_where(section, "provider");
    if (!id)
        config_error(&draft->report, &section->at,
                     "record \"%s\": provider is missing; 'reachd providers' lists the known ones",
                     section->title);
    else if (strcmp(id, provider_generic.id) == 0)
        ddns->provider = catalog_generic(draft->config->providers, section, &draft->report);
    else
        ddns->provider = catalog_find(draft->config->providers, id, at, &draft->report);
}

void config_no_address(struct config_draft *draft, const struct config_at *at, const char *key,
                       const char *name)
{
    char names[CONFIG_NAMES_LEN] = "";
    const struct config *config = draft->config;
    for (size_t i = 0; i < config->address_count; i++)
        str_append(names, sizeof names, "%s\"%s\"", i ? ", " : "", config->addresses[i].name);
    if (draft->complete)
        config_error(&draft->report, at,
                     "%s = \"%s\": there is no address section of that name%s%s", key, name,
                     names[0] ? "; there are: " : "", names);
}

static void set_source(struct config_draft *draft, const struct config_section *section,
                       struct config_record *record, enum family family)
{
    const char *key = family_word(family);
    const char *name = config_option_text(section, key);
    const struct config_at *at = config_where(section, key);
    if (!name)
        return;
    const struct config_address *address = config_address_find(draft->config, name);
    record->ddns.families[family] = true;
    record->source[family] = address;
    record->ddns.loss_known[family] = address && address->source == SOURCE_INTERFACE;
    if (record->ddns.loss_known[family])
        record->ddns.home[family] = address->interface;
    if (!address)
        config_no_address(draft, at, key, name);
    else if (address->family != family)
        config_error(&draft->report, at, "%s = \"%s\": that address section is of %s", key, name,
                     family_text(address->family));
    else if (record->ddns.provider && !record->ddns.provider->families[family])
        config_error(&draft->report, at, "provider %s can't publish %s addresses",
                     record->ddns.provider->id, family_text(family));
}

static void check_families(struct config_draft *draft, const struct config_section *section,
                           struct config_record *record)
{
    const struct ddns_record_conf *ddns = &record->ddns;
    set_source(draft, section, record, FAMILY_IPV4);
    set_source(draft, section, record, FAMILY_IPV6);
    if (!ddns->families[FAMILY_IPV4] && !ddns->families[FAMILY_IPV6])
        config_error(&draft->report, &section->at,
                     "record \"%s\": ipv4 or ipv6 is missing (the name of the address section to "
                     "publish)",
                     section->title);
    if (!ddns->provider || !ddns->provider->source_decides || ddns->via == SESSION_ANY)
        return;
    enum family other = ddns->via == SESSION_IPV4 ? FAMILY_IPV6 : FAMILY_IPV4;
    if (ddns->families[other])
        config_error(&draft->report, config_where(section, "via"),
                     "provider %s publishes the address that a request comes from: with this via, "
                     "%s can't be published",
                     ddns->provider->id, family_word(other));
}

static void set_credentials(struct config_draft *draft, const struct config_section *section,
                            struct ddns_record_conf *ddns)
{
    const struct provider *provider = ddns->provider;
    size_t errors = draft->report.errors;
    size_t warnings = draft->report.warnings;
    ddns->password = config_secret(draft, section, provider && provider->secret_is_file);
    bool told = draft->report.errors > errors || draft->report.warnings > warnings;
    if (provider && provider->needs_user && !(ddns->user && ddns->user[0]))
        config_error(&draft->report, &section->at, "record \"%s\": provider %s needs user",
                     section->title, provider->id);
    if (provider && provider->needs_password && !ddns->password && !told)
        config_error(&draft->report, &section->at,
                     "record \"%s\": provider %s needs password-file, password-env, "
                     "password-credential or password%s%s",
                     section->title, provider->id, provider->secret ? ": " : "",
                     provider->secret ? provider->secret : "");
    if (provider && provider->needs_id && !(ddns->id && ddns->id[0]))
        config_error(&draft->report, &section->at,
                     "record \"%s\": provider %s needs id, its own name of the record",
                     section->title, provider->id);
}

static bool is_generic(const struct provider *provider)
{
    return provider && strcmp(provider->id, provider_generic.id) == 0;
}

/* What only some providers take. */
static void check_kind(struct config_draft *draft, const struct config_section *section,
                       struct ddns_record_conf *ddns)
{
    const struct provider *provider = ddns->provider;
    if (!provider)
        return;
    if (config_given(section, "ok") && !is_generic(provider))
        config_error(&draft->report, config_where(section, "ok"),
                     "ok is for provider generic only: provider %s knows its replies",
                     provider->id);
    if (!ddns->create && !provider->asks_first)
        config_error(&draft->report, config_where(section, "create"),
                     "provider %s can't know that a record is missing: create = no is for those "
                     "with an API that asks first",
                     provider->id);
    if (config_given(section, "command") && !provider->needs_command)
        config_error(&draft->report, config_where(section, "command"),
                     "command is for provider command only");
    if (!provider->needs_command)
        return;
    if (!ddns->command)
        config_error(&draft->report, &section->at, "record \"%s\": provider %s needs command",
                     section->title, provider->id);
    else
        config_check_command(draft, section, ddns->command);
}

/* That of a program is its path, so that each has a queue of its own. */
static void set_url(struct config_draft *draft, const struct config_section *section,
                    struct ddns_record_conf *ddns)
{
    if (is_generic(ddns->provider))
        return;
    if (ddns->provider && ddns->provider->needs_command) {
        if (config_given(section, "url"))
            config_error(&draft->report, config_where(section, "url"), "provider %s takes no url",
                         ddns->provider->id);
        else if (ddns->command)
            ddns->url = mem_strdup(ddns->command[0]);
        return;
    }
    const char *url = config_option_text(section, "url");
    if (url && ddns->provider && ddns->provider->own_url)
        ddns->url = mem_strdup(url);
    else if (url && config_check_url(draft, config_where(section, "url"), url,
                                     "the password crosses the network readable for all"))
        ddns->url = mem_strdup(url);
    if (!url && ddns->provider && ddns->provider->in_clear)
        config_warn(&draft->report, config_where(section, "provider"),
                    "provider %s knows no https: the password crosses the network readable for all",
                    ddns->provider->id);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

/* What the provider itself minds of the values. */
static void check_values(struct config_draft *draft, const struct config_section *section,
                         const struct ddns_record_conf *ddns)
{
    const struct provider *provider = ddns->provider;
    bool later = draft->secrets_later && !ddns->password && ddns->user;
    if (!provider || !provider->check || later)
        return;
    const struct provider_input input = {
        .url = ddns->url ? ddns->url : provider->url,
        .host = text_or_empty(ddns->host),
        .domain = text_or_empty(ddns->domain),
        .fqdn = text_or_empty(ddns->fqdn),
        .user = text_or_empty(ddns->user),
        .password = text_or_empty(ddns->password),
        .apex = text_or_empty(ddns->apex),
        .id = text_or_empty(ddns->id),
    };
    const char *problem = provider->check(&input);
    if (problem)
        config_error(&draft->report, &section->at, "record \"%s\": provider %s: %s", section->title,
                     provider->id, problem);
}

static void set_apex(struct config_draft *draft, const struct config_section *section,
                     struct ddns_record_conf *ddns)
{
    const char *apex = config_option_text(section, "apex");
    const char *usual = ddns->provider && ddns->provider->apex ? ddns->provider->apex : "@";
    ddns->apex = mem_strdup(apex ? apex : usual);
    if (apex && strcmp(ddns->apex, "@") != 0 && strcmp(ddns->apex, "*") != 0 && ddns->apex[0])
        config_error(&draft->report, config_where(section, "apex"), "apex = \"%s\": allowed: %s",
                     apex, config_key_find(section->kind, "apex")->allowed);
}

static void check_times(struct config_draft *draft, const struct config_section *section,
                        struct ddns_record_conf *ddns)
{
    char gap[DURATION_LEN];
    if (config_given(section, "gap") && ddns->provider && ddns->gap_ms < ddns->provider->gap_ms)
        config_warn(&draft->report, config_where(section, "gap"),
                    "gap is below the %s that provider %s asks for: for labs only, the real one "
                    "would block the account",
                    duration_format(ddns->provider->gap_ms, gap), ddns->provider->id);
    if (config_given(section, "budget-window") && !config_given(section, "budget"))
        config_error(&draft->report, config_where(section, "budget-window"),
                     "budget-window says nothing without budget");
    if (config_given(section, "gap") && ddns->gap_ms == 0)
        ddns->gap_ms = 1; /* 0 means the provider's own */
    if (!config_given(section, "backoff-max") && ddns->backoff.max_ms < ddns->backoff.base_ms)
        ddns->backoff.max_ms = ddns->backoff.base_ms;
    if (!config_given(section, "backoff") && ddns->backoff.base_ms > ddns->backoff.max_ms)
        ddns->backoff.base_ms = ddns->backoff.max_ms;
    if (ddns->backoff.base_ms > ddns->backoff.max_ms)
        config_error(&draft->report, config_where(section, "backoff"),
                     "backoff must not be longer than backoff-max");
}

void config_check_record(struct config_draft *draft, size_t index)
{
    const struct config_section *section = draft->sections[KIND_RECORD][index];
    struct config_record *record = &draft->config->records[index];
    size_t errors = draft->report.errors;
    set_name(draft, section, &record->ddns);
    set_provider(draft, section, &record->ddns);
    check_families(draft, section, record);
    set_credentials(draft, section, &record->ddns);
    check_kind(draft, section, &record->ddns);
    set_url(draft, section, &record->ddns);
    set_apex(draft, section, &record->ddns);
    if (draft->report.errors == errors)
        check_values(draft, section, &record->ddns);
    check_times(draft, section, &record->ddns);
}

struct claim {
    const char *fqdn;
    enum family family;
    const struct config_section *section;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *x = a;
    const struct claim *y = b;
    int order = strcmp(x->fqdn, y->fqdn);
    if (order != 0)
        return order;
    if (x->family != y->family)
        return x->family < y->family ? -1 : 1;
    return x->section < y->section ? -1 : 1;
}

static size_t collect_claims(const struct config_draft *draft, struct claim *claims)
{
    size_t count = 0;
    for (size_t i = 0; i < draft->config->record_count; i++) {
        const struct ddns_record_conf *ddns = &draft->config->records[i].ddns;
        for (int f = 0; f < FAMILY_COUNT; f++)
            if (ddns->fqdn && ddns->families[f])
                claims[count++] =
                    (struct claim){ddns->fqdn, (enum family)f, draft->sections[KIND_RECORD][i]};
    }
    return count;
}

void config_check_records(struct config_draft *draft)
{
    struct claim *claims =
        mem_array(FAMILY_COUNT * draft->config->record_count + 1, sizeof *claims);
    size_t count = collect_claims(draft, claims);
    qsort(claims, count, sizeof *claims, compare_claims);
    for (size_t i = 1; i < count; i++) {
        const struct claim *a = &claims[i - 1];
        const struct claim *b = &claims[i];
        if (a->family == b->family && strcmp(a->fqdn, b->fqdn) == 0)
            config_error(&draft->report, config_where(b->section, family_word(b->family)),
                         "record \"%s\" publishes %s of %s, and so does record \"%s\" in %s:%u",
                         b->section->title, family_word(b->family), b->fqdn, a->section->title,
                         a->section->at.file, a->section->at.line);
    }
    free(claims);
}
