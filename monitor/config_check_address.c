/* SPDX-License-Identifier: ISC
 *
 * Checks of address and hook sections.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "monitor/config_check.h"

static const char *source_word(enum address_source source)
{
    return source == SOURCE_INTERFACE ? "interface" : source == SOURCE_WEB ? "web" : "command";
}

/* Options that say something for some sources only. */
static void check_fit(struct config_draft *draft, const struct config_section *section,
                      enum address_source source)
{
    static const struct {
        const char *key;
        unsigned sources; /* bit 1 << source */
    } rules[] = {
        {"urls", 1u << SOURCE_WEB},
        {"command", 1u << SOURCE_COMMAND},
        {"prefer", 1u << SOURCE_INTERFACE},
        {"settle", 1u << SOURCE_INTERFACE},
        {"interface", 1u << SOURCE_INTERFACE | 1u << SOURCE_WEB},
        {"every", 1u << SOURCE_WEB | 1u << SOURCE_COMMAND},
        {"timeout", 1u << SOURCE_WEB | 1u << SOURCE_COMMAND},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!(rules[i].sources & 1u << source) && config_given(section, rules[i].key))
            config_error(&draft->report, config_where(section, rules[i].key),
                         "\"%s\" says nothing for an address with source = %s", rules[i].key,
                         source_word(source));
}

static void set_accept(struct config_draft *draft, const struct config_section *section,
                       struct config_address *address)
{
    const struct config_option *option = config_option_find(section, "accept");
    if (!option)
        return;
    address->accept = mem_array(option->count + 1, sizeof *address->accept);
    for (size_t i = 0; i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        const char *text = option->values[i].text;
        struct prefix prefix;
        if (!prefix_parse(text, &prefix))
            config_error(&draft->report, &at,
                         "accept = \"%s\": a range like \"203.0.113.0/24\" is needed, with no bits "
                         "set after the mask",
                         text);
        else if (addr_family(&prefix.addr) != address->family)
            config_error(&draft->report, &at, "accept = \"%s\" is no range of %s", text,
                         family_text(address->family));
        else
            address->accept[address->accept_count++] = prefix;
    }
}

static void check_urls(struct config_draft *draft, const struct config_section *section,
                       const struct config_address *address)
{
    const struct config_option *option = config_option_find(section, "urls");
    if (!address->urls || !address->urls[0]) {
        config_error(&draft->report, &section->at,
                     "address \"%s\": source = web needs urls = {\"https://…\"}", section->title);
        return;
    }
    for (size_t i = 0; i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        config_check_url(draft, &at, address->urls[i],
                         "anyone on the way can say what our address is");
    }
}

void config_check_address(struct config_draft *draft, size_t index)
{
    const struct config_section *section = draft->sections[KIND_ADDRESS][index];
    struct config_address *address = &draft->config->addresses[index];
    if (!config_given(section, "family"))
        config_error(&draft->report, &section->at,
                     "address \"%s\": family is missing; allowed: ipv4, ipv6", section->title);
    else
        set_accept(draft, section, address);
    check_fit(draft, section, address->source);
    if (!config_given(section, "settle"))
        address->settle_ms = draft->config->rtnl_settle_ms;
    if (address->source == SOURCE_WEB)
        check_urls(draft, section, address);
    if (address->source != SOURCE_COMMAND)
        return;
    if (!address->command || !address->command[0])
        config_error(&draft->report, &section->at,
                     "address \"%s\": source = command needs command = {\"/path/program\"}",
                     section->title);
    else
        config_check_command(draft, section, address->command);
    if (address->timeout_ms >= address->every_ms && config_given(section, "timeout"))
        config_error(&draft->report, config_where(section, "timeout"),
                     "timeout must be shorter than every");
}
