/* SPDX-License-Identifier: ISC
 *
 * Conversion of values by type. Owns: bounds of single values and their messages. Not its job: what
 * values mean together (config_check_*.c).
 */
#include "monitor/config/config_value.h"

#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/hostport.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/egress.h"

#define DNS_PORT 53

/* What a conversion may say: the reason in buf, or NULL when all is well. */
#define WHY_LEN 640
struct why {
    char text[WHY_LEN];
};

static void *member(void *object, const struct config_key *key)
{
    return (char *)object + key->offset;
}

static const char *__attribute__((format(printf, 2, 3)))
because(struct why *why, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    vsnprintf(why->text, sizeof why->text, fmt, args);
    va_end(args);
    return why->text;
}

static void set_text(void *at, const char *text)
{
    char **slot = at;
    free(*slot);
    *slot = mem_strdup(text);
}

static const char *set_path(const struct config_key *key, const char *text, void *at)
{
    if (text[0] != '/' && !(text[0] == '\0' && key->min == 0))
        return key->min ? "an absolute path is needed" : "an absolute path or \"\" is needed";
    set_text(at, text);
    return NULL;
}

static const char *set_word(const struct config_key *key, const char *text, void *at,
                            struct why *why)
{
    char names[CONFIG_NAMES_LEN];
    for (const struct config_word *word = key->words; word->word; word++) {
        if (strcmp(word->word, text) == 0) {
            memcpy(at, &word->value, sizeof word->value);
            return NULL;
        }
    }
    return because(why, "allowed: %s", config_word_names(key->words, names));
}

static const char *set_flag(const char *text, bool *at)
{
    static const char *const yes[] = {"yes", "true", "on"};
    static const char *const no[] = {"no", "false", "off"};
    for (size_t i = 0; i < 3; i++) {
        if (strcmp(text, yes[i]) == 0 || strcmp(text, no[i]) == 0) {
            *at = strcmp(text, yes[i]) == 0;
            return NULL;
        }
    }
    return "allowed: yes, no";
}

static const char *parse_duration(const struct config_key *key, const char *text, int64_t *out,
                                  struct why *why)
{
    char low[DURATION_LEN];
    char high[DURATION_LEN];
    if (!duration_parse(text, out))
        return because(why, "a duration is needed: 250ms, 90s, 5m, 1h30m, 7d; allowed: %s to %s",
                       duration_format(key->min, low), duration_format(key->max, high));
    if (*out >= key->min && *out <= key->max)
        return NULL;
    return because(why, "allowed: %s to %s", duration_format(key->min, low),
                   duration_format(key->max, high));
}

static const char *set_duration(const struct config_key *key, const char *text, int64_t *at,
                                struct why *why)
{
    int64_t value;
    const char *problem = parse_duration(key, text, &value, why);
    if (!problem)
        *at = value;
    return problem;
}

static const char *set_seconds(const struct config_key *key, const char *text, uint32_t *at,
                               struct why *why)
{
    int64_t value;
    const char *problem = parse_duration(key, text, &value, why);
    if (!problem)
        *at = (uint32_t)(value / 1000);
    return problem;
}

static const char *set_count(const struct config_key *key, const char *text, unsigned *at,
                             struct why *why)
{
    uint64_t value;
    if (!str_to_uint(text, (uint64_t)key->max, &value) || value < (uint64_t)key->min)
        return because(why, "a number from %d to %d is needed", (int)key->min, (int)key->max);
    *at = (unsigned)value;
    return NULL;
}

static const char *set_interface(const char *text, void *at, bool in_place)
{
    char name[IF_NAMESIZE];
    const char *problem = egress_parse_interface(text, in_place ? at : name);
    if (!problem && !in_place)
        set_text(at, text);
    return problem;
}

static const char *set_host(const char *text, void *at)
{
    struct hostport parsed;
    const char *problem = hostport_parse(text, 1, &parsed);
    if (problem)
        return problem;
    if (strchr(text, ':') || addr_is_set(&parsed.literal))
        return "a host name is needed, without port";
    set_text(at, parsed.host);
    return NULL;
}

static const char *set_one(const struct config_key *key, const char *text, void *at,
                           struct why *why)
{
    switch (key->type) {
    case CONFIG_TEXT:
        set_text(at, text);
        return NULL;
    case CONFIG_PATH:
        return set_path(key, text, at);
    case CONFIG_WORD:
        return set_word(key, text, at, why);
    case CONFIG_FLAG:
        return set_flag(text, at);
    case CONFIG_DURATION:
        return set_duration(key, text, at, why);
    case CONFIG_COUNT:
        return set_count(key, text, at, why);
    case CONFIG_SECONDS:
        return set_seconds(key, text, at, why);
    case CONFIG_ADDR:
        return addr_parse(text, at) ? NULL : "an IPv4 or IPv6 address is needed";
    case CONFIG_INTERFACE:
        return set_interface(text, at, false);
    case CONFIG_EGRESS:
        return set_interface(text, at, true);
    case CONFIG_MARK:
        return egress_parse_mark(text, at);
    case CONFIG_HOST:
        return set_host(text, at);
    case CONFIG_FAMILIES:
    case CONFIG_STRINGS:
    case CONFIG_SERVERS:
    case CONFIG_LATER:
    case CONFIG_LATER_LIST:
        break;
    }
    return NULL;
}

static void set_families(const struct config_option *option, bool at[FAMILY_COUNT],
                         struct config_report *report)
{
    enum family family;
    for (size_t i = 0; i < option->count; i++) {
        const char *text = option->values[i].text;
        struct config_at where = {option->at.file, option->values[i].line};
        if (family_from_word(text, &family))
            at[family] = true;
        else
            config_error(report, &where, "%s = \"%s\": allowed: ipv4, ipv6", option->key->name,
                         text);
    }
}

static void free_strings(char **strings)
{
    for (char **s = strings; s && *s; s++)
        free(*s);
    free(strings);
}

static void set_strings(const struct config_option *option, char ***at)
{
    free_strings(*at);
    *at = mem_array(option->count + 1, sizeof **at);
    for (size_t i = 0; i < option->count; i++)
        (*at)[i] = mem_strdup(option->values[i].text);
}

/* "192.0.2.1" or "[2001:db8::1]:53", with the port only where it is not the usual one. */
static bool append_server(char *joined, size_t cap, const struct hostport *server)
{
    const char *comma = joined[0] ? "," : "";
    if (server->port == DNS_PORT)
        return str_append(joined, cap, "%s%s", comma, server->host);
    if (server->literal.af == AF_INET6)
        return str_append(joined, cap, "%s[%s]:%u", comma, server->host, server->port);
    return str_append(joined, cap, "%s%s:%u", comma, server->host, server->port);
}

char *config_servers(const struct config_option *option, struct config_report *report)
{
    char joined[1024] = "";
    bool good = true;
    for (size_t i = 0; i < option->count; i++) {
        struct config_at where = {option->at.file, option->values[i].line};
        struct hostport server;
        const char *text = option->values[i].text;
        const char *problem = hostport_parse(text, DNS_PORT, &server);
        if (!problem && !addr_is_set(&server.literal))
            problem = "an address is needed, with or without \":port\"";
        if (!problem && !append_server(joined, sizeof joined, &server))
            problem = "too many servers";
        if (problem)
            config_error(report, &where, "%s = \"%s\": %s", option->key->name, text, problem);
        good = good && !problem;
    }
    return good && joined[0] ? mem_strdup(joined) : NULL;
}

static void set_servers(const struct config_option *option, char **at, struct config_report *report)
{
    free(*at);
    *at = config_servers(option, report);
}

static void set_option(const struct config_option *option, void *object,
                       struct config_report *report)
{
    const struct config_key *key = option->key;
    void *at = member(object, key);
    if (key->type == CONFIG_LATER || key->type == CONFIG_LATER_LIST)
        return;
    if (config_key_is_list(key) && option->count == 0) {
        config_error(report, &option->at, "\"%s\" is an empty list", key->name);
    } else if (key->type == CONFIG_FAMILIES) {
        set_families(option, at, report);
    } else if (key->type == CONFIG_STRINGS) {
        set_strings(option, at);
    } else if (key->type == CONFIG_SERVERS) {
        set_servers(option, at, report);
    } else if (option->count > 0) {
        struct why why;
        const char *text = option->values[0].text;
        const char *problem = set_one(key, text, at, &why);
        if (problem)
            config_error(report, &option->at, "%s = \"%s\": %s", key->name, text, problem);
    }
}

void config_values_default(const struct config_kind *kind, void *object)
{
    struct why why;
    for (size_t i = 0; i < kind->key_count; i++) {
        const struct config_key *key = &kind->keys[i];
        if (key->fallback)
            set_one(key, key->fallback, member(object, key), &why);
    }
}

void config_values_set(const struct config_section *section, void *object,
                       struct config_report *report)
{
    for (size_t i = 0; i < section->option_count; i++)
        set_option(&section->options[i], object, report);
}

void config_values_free(const struct config_kind *kind, void *object)
{
    for (size_t i = 0; i < kind->key_count; i++) {
        const struct config_key *key = &kind->keys[i];
        bool owned = key->type == CONFIG_TEXT || key->type == CONFIG_PATH ||
                     key->type == CONFIG_INTERFACE || key->type == CONFIG_HOST ||
                     key->type == CONFIG_SERVERS;
        if (owned)
            free(*(char **)member(object, key));
        else if (key->type == CONFIG_STRINGS)
            free_strings(*(char ***)member(object, key));
    }
}
