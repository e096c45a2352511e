/* SPDX-License-Identifier: ISC
 *
 * Reading lists of DNS servers. Owns: their form. Not its job: asking them (probes/resolver.h).
 */
#include "probes/server_list.h"

#include <string.h>

#include "lib/hostport.h"
#include "lib/str.h"

static const char *add(char *csv, const char *text, size_t len)
{
    char one[SERVER_TEXT_LEN];
    struct hostport hp;
    while (len > 0 && *text == ' ') {
        text++;
        len--;
    }
    while (len > 0 && text[len - 1] == ' ')
        len--;
    if (len == 0)
        return "a DNS server is missing between commas";
    if (!str_ncopy(one, sizeof(one), text, len) || hostport_parse(one, 53, &hp) ||
        !addr_is_set(&hp.literal))
        return "a DNS server must be an address: ADDRESS, ADDRESS:PORT or [IPv6]:PORT";
    bool v6 = addr_family(&hp.literal) == FAMILY_IPV6;
    if (!str_append(csv, SERVER_LIST_LEN, "%s%s%s%s:%u", csv[0] ? "," : "", v6 ? "[" : "", hp.host,
                    v6 ? "]" : "", hp.port))
        return "there are too many DNS servers";
    return NULL;
}

const char *server_list_normal(const char *servers, char csv[SERVER_LIST_LEN])
{
    csv[0] = '\0';
    for (size_t count = 0;; count++) {
        const char *comma = strchr(servers, ',');
        size_t len = comma ? (size_t)(comma - servers) : strlen(servers);
        if (count == SERVER_LIST_MAX)
            return "there are too many DNS servers";
        const char *error = add(csv, servers, len);
        if (error || !comma)
            return error;
        servers = comma + 1;
    }
}

bool server_list_has_loopback(const char *csv)
{
    bool here = false;
    for (const char *at = csv; at; at = strchr(at, ',')) {
        at += *at == ',';
        here |= str_starts(at, "127.") || str_starts(at, "[::1]");
    }
    return here;
}
