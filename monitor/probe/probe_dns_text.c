/* SPDX-License-Identifier: ISC
 *
 * The lines about DNS of a verbose probe. Not its job: what is odd about them
 * (probes/dns_report.c).
 */
#include "monitor/probe/probe_dns_text.h"

#include <inttypes.h>

#include "lib/duration.h"
#include "lib/str.h"
#include "lib/table.h"

#define SHOWN 3 /* addresses of a set */

static void cell_set(struct table *table, enum outcome outcome, const struct addr *addrs,
                     size_t count)
{
    char text[SHOWN * (ADDR_STRLEN + 2) + 16] = "", addr[ADDR_STRLEN];
    for (size_t i = 0; i < count && i < SHOWN; i++)
        str_append(text, sizeof text, "%s%s", i ? ", " : "", addr_format(&addrs[i], addr));
    if (count > SHOWN)
        str_append(text, sizeof text, ", …");
    bool bad = outcome != OUTCOME_OK;
    table_cell(table, bad ? TERM_YELLOW : TERM_PLAIN, "%s", bad ? outcome_word(outcome) : text);
}

static void cell_ttl(struct table *table, enum outcome outcome, uint32_t ttl)
{
    char text[DURATION_LEN];
    if (outcome == OUTCOME_OK)
        table_cell(table, TERM_DIM, "ttl %s", duration_format((int64_t)ttl * 1000, text));
    else
        table_cell(table, TERM_DIM, "%s", "");
}

static void add_resolver(struct table *table, enum family family, const struct resolver_reply *said)
{
    char addr[ADDR_STRLEN];
    table_row(table);
    table_cell(table, TERM_PLAIN, "%s", family_text(family));
    bool answered = addr_is_set(&said->server);
    table_cell(table, TERM_PLAIN, "resolver%s%s%s", answered ? " (" : "",
               answered ? addr_format(&said->server, addr) : "", answered ? ")" : "");
    cell_set(table, said->outcome, said->msg.addrs, said->msg.addr_count);
    cell_ttl(table, said->outcome, said->msg.ttl);
    table_cell(table, TERM_DIM, "%s", said->msg.ad ? "DNSSEC verified (AD)" : "");
}

static void add_server(struct table *table, enum family family, const struct verify_server *server)
{
    char addr[ADDR_STRLEN];
    bool lame = verify_is_lame(server);
    enum outcome outcome = lame ? OUTCOME_DNS_SERVER_LAME : server->outcome;
    table_row(table);
    table_cell(table, TERM_PLAIN, "%s", family_text(family));
    table_cell(table, TERM_PLAIN, "%s (%s)", server->name, addr_format(&server->addr, addr));
    cell_set(table, outcome, server->values, server->count);
    cell_ttl(table, outcome, server->ttl);
    if (server->has_serial)
        table_cell(table, TERM_DIM, "serial %" PRIu32, server->serial);
}

void probe_dns_text_print(FILE *out, const struct probe_text_style *style,
                          const struct dns_report *report)
{
    struct table *table = table_new(style->colour);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct dns_view *view = &report->views[f];
        if (!view->asked)
            continue;
        add_resolver(table, (enum family)f, &view->resolver);
        for (size_t i = 0; i < view->look.count; i++)
            add_server(table, (enum family)f, &view->look.servers[i]);
    }
    table_print(table, out, 2);
    table_free(table);
}
