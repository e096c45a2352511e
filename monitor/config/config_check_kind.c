/* SPDX-License-Identifier: ISC
 *
 * The options of a target that only some kinds of probes have. Pure but for messages. No value of a
 * header is shown: it may hold secrets.
 */
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/mem.h"
#include "monitor/config/config_check.h"
#include "probes/closed_want.h"
#include "probes/http_want.h"
#include "probes/kind.h"

#define PARALLEL 4 /* ports of an address: checks of the daemon are many, descriptors are not */

/* Keys that the kind of the target has no use for: a mistake, or another kind was meant. */
static void check_fit(struct config_draft *draft, const struct config_section *section,
                      const struct kind *kind)
{
    static const struct {
        const char *key;
        enum kind_option needs;
    } keys[] = {
        {"servername", KIND_TAKES_SERVERNAME}, {"ca", KIND_TAKES_SERVERNAME},
        {"cert-warn", KIND_TAKES_SERVERNAME},  {"path", KIND_TAKES_HTTP},
        {"method", KIND_TAKES_HTTP},           {"headers", KIND_TAKES_HTTP},
        {"host-header", KIND_TAKES_HTTP},      {"expect-status", KIND_TAKES_HTTP},
        {"expect-text", KIND_TAKES_HTTP},      {"expect-regex", KIND_TAKES_HTTP},
        {"max-body", KIND_TAKES_HTTP},         {"ports", KIND_TAKES_PORTS},
        {"addresses", KIND_TAKES_PORTS},       {"mine", KIND_TAKES_PORTS},
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (config_given(section, keys[i].key) && !(kind->takes & keys[i].needs))
            config_error(&draft->report, config_where(section, keys[i].key),
                         "%s means nothing for a target of kind %s", keys[i].key, kind->word);
}

static void set_http(struct config_draft *draft, const struct config_option *option,
                     struct config_target *target)
{
    bool secret = strcmp(option->key->name, "headers") == 0;
    if (!target->http)
        target->http = mem_zalloc(sizeof *target->http);
    if (option->count == 0)
        config_error(&draft->report, &option->at, "\"%s\" is an empty list", option->key->name);
    for (size_t i = 0; i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        const char *problem =
            http_want_option(target->http, option->key->name, option->values[i].text);
        if (problem && secret)
            config_error(&draft->report, &at, "headers: %s", problem);
        else if (problem)
            config_error(&draft->report, &at, "%s = \"%s\": %s", option->key->name,
                         option->values[i].text, problem);
    }
}

static void set_path(struct config_draft *draft, const struct config_section *section,
                     struct config_target *target)
{
    const char *text = config_option_text(section, "path");
    if (!text)
        return;
    const char *problem = target->path ? "host is a URL with a path already" : http_want_path(text);
    if (problem)
        config_error(&draft->report, config_where(section, "path"), "path = \"%s\": %s", text,
                     problem);
    else
        target->path = mem_strdup(text);
}

/* Hosts of the prefix that somebody knows of. */
static void set_given(struct config_draft *draft, const struct config_section *section,
                      struct closed_want *want)
{
    const struct config_option *option = config_option_find(section, "addresses");
    if (option && option->count > CLOSED_GIVEN_MAX)
        config_error(&draft->report, &option->at, "addresses: at most %d", CLOSED_GIVEN_MAX);
    for (size_t i = 0; option && i < option->count && i < CLOSED_GIVEN_MAX; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        const char *text = option->values[i].text;
        struct addr *addr = &want->given[want->given_count];
        if (!addr_parse(text, addr))
            config_error(&draft->report, &at, "addresses = \"%s\": an address is needed", text);
        else if (addr_is_set(&want->prefix.addr) && !prefix_contains(&want->prefix, addr))
            config_error(&draft->report, &at, "addresses = \"%s\" lies outside the prefix", text);
        else
            want->given_count++;
    }
}

/* What stands in the section and what it means together. */
static void check_prefix(struct config_draft *draft, const struct config_section *section,
                         const struct config_target *target)
{
    const char *problem = closed_prefix_problem(target->closed);
    if (problem)
        config_error(&draft->report, config_where(section, "addresses"), "%s", problem);
    if (addr_is_set(&target->prefix.addr) && addr_is_set(&target->connect))
        config_error(&draft->report, config_where(section, "connect"),
                     "connect is for one host, not for a prefix");
}

static void set_ports(struct config_draft *draft, const struct config_section *section,
                      struct config_target *target)
{
    const struct config_option *option = config_option_find(section, "ports");
    struct closed_want *want = mem_zalloc(sizeof *want);
    char port[8];
    want->parallel = PARALLEL;
    want->mine = target->mine;
    want->prefix = target->prefix;
    target->closed = want;
    for (size_t i = 0; option && i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        const char *problem = port_set_add(&want->ports, option->values[i].text);
        if (problem)
            config_error(&draft->report, &at, "ports = \"%s\": %s", option->values[i].text,
                         problem);
    }
    snprintf(port, sizeof port, "%u", target->at.port);
    if (target->at.port != 0 && port_set_add(&want->ports, port) != NULL)
        config_error(&draft->report, config_where(section, "ports"), "there are too many ports");
    if (want->ports.range_count == 0 && !option)
        config_error(&draft->report, &section->at,
                     "a target of kind closed needs ports, or a port behind its host");
    target->at.port = port_set_count(&want->ports) == 1 ? port_set_at(&want->ports, 0) : 0;
}

/* A check that is not over when the next is due would never tell anything. */
static void check_longest(struct config_draft *draft, const struct config_section *section,
                          const struct config_target *target)
{
    char longest[DURATION_LEN];
    int64_t ms = closed_longest_ms(target->closed, target->timeout_ms);
    if (ms < target->every_ms)
        return;
    config_error(&draft->report, config_where(section, "ports"),
                 "so many ports may take %s when they are silent: every must be longer",
                 duration_format(ms, longest));
}

void config_check_target_kind(struct config_draft *draft, const struct config_section *section,
                              struct config_target *target)
{
    static const char *const keys[] = {"method",        "headers",     "host-header",
                                       "expect-status", "expect-text", "expect-regex",
                                       "max-body"};
    const struct kind *kind = kind_of(target->kind);
    check_fit(draft, section, kind);
    if (kind->takes & KIND_TAKES_PORTS) {
        set_ports(draft, section, target);
        set_given(draft, section, target->closed);
        check_prefix(draft, section, target);
        check_longest(draft, section, target);
    }
    if (!(kind->takes & KIND_TAKES_HTTP))
        return;
    set_path(draft, section, target);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct config_option *option = config_option_find(section, keys[i]);
        if (option)
            set_http(draft, option, target);
    }
}
