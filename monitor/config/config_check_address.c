/* SPDX-License-Identifier: ISC
 *
 * Checks of address and hook sections.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_policy.h"
#include "monitor/address/addr_suffix.h"
#include "monitor/address/sources/upnp_ssdp.h"
#include "monitor/address/whoami.h"
#include "monitor/config/config_check.h"
#include "probes/url.h"

#define ROUTERS (1u << SOURCE_NAT_PMP | 1u << SOURCE_PCP | 1u << SOURCE_UPNP)
#define ASKING                                                                                     \
    (1u << SOURCE_WEB | 1u << SOURCE_COMMAND | 1u << SOURCE_DNS | 1u << SOURCE_UBUS | ROUTERS)
#define OURS (1u << SOURCE_INTERFACE | 1u << SOURCE_UBUS) /* addresses of this machine */

/* Options that say something for some sources only. */
static void check_fit(struct config_draft *draft, const struct config_section *section,
                      enum address_source source)
{
    static const struct {
        const char *key;
        unsigned sources; /* bit 1 << source */
    } rules[] = {
        {"urls", 1u << SOURCE_WEB},
        {"command", 1u << SOURCE_COMMAND | 1u << SOURCE_UBUS},
        {"value", 1u << SOURCE_STATIC},
        {"suffix", OURS},
        {"neighbour", 1u << SOURCE_INTERFACE},
        {"prefix-length", OURS},
        {"prefer", 1u << SOURCE_INTERFACE},
        {"settle", 1u << SOURCE_INTERFACE},
        {"of", 1u << SOURCE_FIRST},
        {"accept", ~(1u << SOURCE_FIRST)},
        {"agree", 1u << SOURCE_WEB | 1u << SOURCE_DNS},
        {"services", 1u << SOURCE_DNS},
        {"query", 1u << SOURCE_DNS},
        {"servers", 1u << SOURCE_DNS},
        {"type", 1u << SOURCE_DNS},
        {"class", 1u << SOURCE_DNS},
        {"server", ROUTERS},
        {"url", 1u << SOURCE_UPNP},
        {"network", 1u << SOURCE_UBUS},
        {"interface", 1u << SOURCE_INTERFACE | 1u << SOURCE_WEB | 1u << SOURCE_DNS | ROUTERS},
        {"every", ASKING},
        {"timeout", ASKING},
    };
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (!(rules[i].sources & 1u << source) && config_given(section, rules[i].key))
            config_error(&draft->report, config_where(section, rules[i].key),
                         "\"%s\" says nothing for an address with source = %s", rules[i].key,
                         address_source_word(source));
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

/* How many the section asks. */
static size_t voices(const struct config_address *address)
{
    struct whoami list[WHOAMI_MAX];
    size_t count = 0;
    if (address->source == SOURCE_DNS)
        return whoami_list(address, list);
    while (address->urls && address->urls[count])
        count++;
    return count;
}

/* One who is asked twice would have two voices. */
static bool has_two_voices(const struct config_address *address)
{
    struct whoami list[WHOAMI_MAX];
    size_t count = address->source == SOURCE_DNS ? whoami_list(address, list) : voices(address);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            if (address->source == SOURCE_DNS ? addr_equal(&list[i].server, &list[k].server)
                                              : strcmp(address->urls[i], address->urls[k]) == 0)
                return true;
    return false;
}

static void set_agree(struct config_draft *draft, const struct config_section *section,
                      struct config_address *address)
{
    const char *text = config_option_text(section, "agree");
    size_t count = voices(address);
    uint64_t number = 0;
    if (!text || strcmp(text, "first") == 0)
        return;
    if (strcmp(text, "majority") == 0)
        number = count / 2 + 1;
    else if (!str_to_uint(text, 1000, &number) || number == 0)
        config_error(&draft->report, config_where(section, "agree"),
                     "agree = \"%s\": allowed: first, majority or a number", text);
    address->agree = (unsigned)number;
    if (number > 1 && has_two_voices(address))
        config_error(&draft->report, config_where(section, "agree"),
                     "agree = \"%s\": one of them is named twice, and would have two voices", text);
    if (number > count && count > 0)
        config_error(&draft->report, config_where(section, "agree"),
                     "agree = \"%s\": only %zu %s asked, so that is never reached", text, count,
                     count == 1 ? "is" : "are");
}

static void set_suffix(struct config_draft *draft, const struct config_section *section,
                       struct config_address *address)
{
    const char *text = config_option_text(section, "suffix");
    const struct config_at *at = config_where(section, "suffix");
    if (!text) {
        if (config_given(section, "prefix-length"))
            config_error(&draft->report, config_where(section, "prefix-length"),
                         "prefix-length says nothing without suffix");
        return;
    }
    if (address->family != FAMILY_IPV6)
        config_error(&draft->report, at, "suffix is for IPv6: behind IPv4's NAT hosts share one");
    else if (!addr_suffix_parse(text, &address->suffix))
        config_error(&draft->report, at,
                     "suffix = \"%s\": the host's part of an IPv6 address (\"::5\") or its MAC "
                     "address (\"02:00:5e:10:00:05\") is needed",
                     text);
    else if (!addr_suffix_fits(&address->suffix, address->prefix_length))
        config_error(&draft->report, at,
                     "suffix = \"%s\" has bits set among the first %u, which are the network's "
                     "(prefix-length)",
                     text, address->prefix_length);
}

static void set_neighbour(struct config_draft *draft, const struct config_section *section,
                          struct config_address *address)
{
    const char *text = config_option_text(section, "neighbour");
    const struct config_at *at = config_where(section, "neighbour");
    if (!text || address->source != SOURCE_INTERFACE)
        return;
    if (address->family != FAMILY_IPV6)
        config_error(&draft->report, at,
                     "neighbour is for IPv6: behind IPv4's NAT hosts share one address");
    else if (config_given(section, "suffix"))
        config_error(&draft->report, at, "either suffix or neighbour tells of another host");
    else if (!addr_suffix_mac(text, address->neighbour) || address->neighbour[0] & 1)
        config_error(&draft->report, at,
                     "neighbour = \"%s\": the MAC address of a host like \"02:00:5e:10:00:05\" is "
                     "needed",
                     text);
    else if (!address->interface)
        config_error(&draft->report, at, "neighbour needs interface = that of the host's network");
    else
        address->by_neighbour = true;
}

static void check_static(struct config_draft *draft, const struct config_section *section,
                         const struct config_address *address)
{
    char buf[128];
    const struct config_at *at = config_where(section, "value");
    if (!addr_is_set(&address->value)) {
        config_error(&draft->report, &section->at,
                     "address \"%s\": source = static needs value = \"an address\"",
                     section->title);
        return;
    }
    if (addr_family(&address->value) != address->family) {
        config_error(&draft->report, at, "value is no address of %s", family_text(address->family));
        return;
    }
    const char *why = addr_reject_reason(&address->value, address->accept, address->accept_count,
                                         buf, sizeof buf);
    if (why)
        config_error(&draft->report, at, "value is not reachable for the world: %s; see accept",
                     why);
}

static void check_description(struct config_draft *draft, const struct config_section *section,
                              const struct config_address *address)
{
    const struct config_at *at = config_where(section, "url");
    struct url url;
    const char *wrong = url_parse(address->url, &url);
    if (wrong)
        config_error(&draft->report, at, "url = \"%s\": %s", address->url, wrong);
    else if (strlen(address->url) >= UPNP_URL_LEN)
        config_error(&draft->report, at, "url is too long: %d characters at most",
                     UPNP_URL_LEN - 1);
    else if (addr_is_set(&address->server))
        config_error(&draft->report, config_where(section, "server"),
                     "server says nothing where url is given");
}

/* Behind a router that does NAT there is IPv4; an IPv6 address is a host's own. */
static void check_router(struct config_draft *draft, const struct config_section *section,
                         const struct config_address *address)
{
    const struct config_at *at = config_where(section, "server");
    if (address->family != FAMILY_IPV4)
        config_error(&draft->report, config_where(section, "family"),
                     "source = %s tells the IPv4 address of a router that does NAT; an IPv6 "
                     "address is the interface's (source = interface)",
                     address_source_word(address->source));
    else if (addr_is_set(&address->server) && addr_family(&address->server) != FAMILY_IPV4)
        config_error(&draft->report, at, "server is no address of IPv4");
    if (address->url)
        check_description(draft, section, address);
}

/* Of source = ubus the program is known. */
static void check_program(struct config_draft *draft, const struct config_section *section,
                          const struct config_address *address)
{
    if (address->command && address->command[0])
        config_check_command(draft, section, address->command);
    else if (address->source == SOURCE_COMMAND || address->command)
        config_error(&draft->report, &section->at,
                     "address \"%s\": source = %s needs command = {\"/path/program\"}",
                     section->title, address_source_word(address->source));
    else if (address->source == SOURCE_UBUS && address->network && access(CONFIG_UBUS, X_OK) != 0)
        config_warn(&draft->report, &section->at,
                    "address \"%s\": there is no " CONFIG_UBUS ", which OpenWrt has; command "
                    "names another program, like {\"/usr/bin/ssh\", \"router\", \"ubus\"}",
                    section->title);
    if (address->timeout_ms >= address->every_ms && config_given(section, "timeout"))
        config_error(&draft->report, config_where(section, "timeout"),
                     "timeout must be shorter than every");
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
    set_suffix(draft, section, address);
    set_neighbour(draft, section, address);
    if (address->source == SOURCE_STATIC)
        check_static(draft, section, address);
    if (address->source == SOURCE_WEB)
        check_urls(draft, section, address);
    if (address->source == SOURCE_DNS)
        config_check_whoami(draft, section, address);
    if (address->source == SOURCE_WEB || address->source == SOURCE_DNS)
        set_agree(draft, section, address);
    if (1u << address->source & ROUTERS && config_given(section, "family"))
        check_router(draft, section, address);
    if (address->source == SOURCE_UBUS && !address->network)
        config_error(&draft->report, &section->at,
                     "address \"%s\": source = ubus needs network = the name of an interface of "
                     "/etc/config/network",
                     section->title);
    if (address->source == SOURCE_COMMAND || address->source == SOURCE_UBUS)
        check_program(draft, section, address);
}
