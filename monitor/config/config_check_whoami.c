/* SPDX-License-Identifier: ISC
 *
 * Checks of what an address section with source = dns asks.
 */
#include <string.h>

#include "ddns/dns_wire.h"
#include "lib/str.h"
#include "monitor/address/whoami.h"
#include "monitor/config/config_check.h"

static void check_services(struct config_draft *draft, const struct config_section *section,
                           const struct config_address *address)
{
    const struct config_option *option = config_option_find(section, "services");
    for (size_t i = 0; option && i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        char buf[256];
        const char *why =
            whoami_check_service(option->values[i].text, address->family, buf, sizeof buf);
        if (why)
            config_error(&draft->report, &at, "services = \"%s\": %s", option->values[i].text, why);
    }
}

static void check_servers(struct config_draft *draft, const struct config_section *section,
                          enum family family)
{
    const struct config_option *option = config_option_find(section, "servers");
    for (size_t i = 0; option && i < option->count; i++) {
        struct config_at at = {option->at.file, option->values[i].line};
        struct hostport server;
        /* What is no address at all was told before. */
        if (!hostport_parse(option->values[i].text, 53, &server) && addr_is_set(&server.literal) &&
            addr_family(&server.literal) != family)
            config_error(&draft->report, &at,
                         "servers = \"%s\" is no address of %s, over which it is asked",
                         option->values[i].text, family_text(family));
    }
}

static void check_type(struct config_draft *draft, const struct config_section *section,
                       const struct config_address *address)
{
    unsigned other = address->family == FAMILY_IPV4 ? DNS_TYPE_AAAA : DNS_TYPE_A;
    if (address->query_type == other)
        config_error(&draft->report, config_where(section, "type"),
                     "type = %s holds no address of %s", other == DNS_TYPE_A ? "a" : "aaaa",
                     family_text(address->family));
}

/* A question of one's own is whole or not there. */
static void check_query(struct config_draft *draft, const struct config_section *section,
                        const struct config_address *address)
{
    static const char *const parts[] = {"servers", "type", "class"};
    if (address->query && !config_given(section, "servers"))
        config_error(&draft->report, config_where(section, "query"),
                     "query needs servers = {\"an address\"}: a resolver of this machine would be "
                     "told its own address");
    for (size_t i = 0; !config_given(section, "query") && i < sizeof parts / sizeof *parts; i++)
        if (config_given(section, parts[i]))
            config_error(&draft->report, config_where(section, parts[i]),
                         "%s says nothing without query", parts[i]);
}

void config_check_whoami(struct config_draft *draft, const struct config_section *section,
                         const struct config_address *address)
{
    size_t asked = 0;
    if (!config_given(section, "family"))
        return; /* which was told */
    check_services(draft, section, address);
    check_query(draft, section, address);
    check_servers(draft, section, address->family);
    check_type(draft, section, address);
    for (char **service = address->services; service && *service; service++)
        asked++;
    for (const char *at = address->servers; at; at = strchr(at + 1, ','))
        asked++;
    if (asked > WHOAMI_MAX)
        config_error(&draft->report, &section->at, "address \"%s\" asks %zu servers; %d at most",
                     section->title, asked, WHOAMI_MAX);
}
