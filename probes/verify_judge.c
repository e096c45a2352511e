/* SPDX-License-Identifier: ISC
 *
 * What the answers of several authoritative servers amount to. Pure. Not its job: asking
 * (probes/verify.c).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/str.h"
#include "probes/verify.h"

static int by_address(const void *a, const void *b)
{
    return addr_cmp(a, b);
}

void verify_note_values(struct verify_server *server, const struct dnsmsg *msg)
{
    struct addr sorted[DNSMSG_MAX_ADDRS];
    size_t kept = msg->addr_count < DNSMSG_MAX_ADDRS ? msg->addr_count : DNSMSG_MAX_ADDRS;
    memcpy(sorted, msg->addrs, kept * sizeof(sorted[0]));
    qsort(sorted, kept, sizeof(sorted[0]), by_address);
    server->count = kept + (msg->addrs_cut ? 1 : 0);
    if (kept > VERIFY_MAX_VALUES)
        kept = VERIFY_MAX_VALUES;
    memcpy(server->values, sorted, kept * sizeof(sorted[0]));
    server->ttl = msg->ttl;
}

/* "There is none" is an answer too. */
static bool is_answer(enum outcome outcome)
{
    return outcome == OUTCOME_OK || outcome == OUTCOME_DNS_NODATA ||
           outcome == OUTCOME_DNS_NXDOMAIN || outcome == OUTCOME_DNS_CNAME_DANGLING ||
           outcome == OUTCOME_DNS_CNAME_LOOP;
}

bool verify_has_answered(const struct verify_server *server)
{
    return server->authoritative && is_answer(server->outcome);
}

bool verify_is_lame(const struct verify_server *server)
{
    return (!server->authoritative && is_answer(server->outcome)) ||
           server->outcome == OUTCOME_DNS_REFUSED || server->outcome == OUTCOME_DNS_SERVFAIL;
}

const char *verify_state_text(const struct verify_server *server)
{
    if (verify_has_answered(server))
        return "answers with authority";
    if (is_answer(server->outcome))
        return "answers without authority";
    if (server->outcome == OUTCOME_DNS_TIMEOUT)
        return "no answer";
    return *server->detail ? server->detail : outcome_info(server->outcome)->text;
}

bool verify_same_set(const struct verify_server *a, const struct verify_server *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count && i < VERIFY_MAX_VALUES; i++)
        if (!addr_equal(&a->values[i], &b->values[i]))
            return false;
    return true;
}

void verify_judge(struct verify_look *look)
{
    const struct verify_server *first = NULL;
    look->silent = 0;
    look->ttl = 0;
    look->agree = true;
    look->value = (struct addr){0};
    for (size_t i = 0; i < look->count; i++) {
        const struct verify_server *server = &look->servers[i];
        if (!verify_has_answered(server)) {
            look->silent++;
            continue;
        }
        if (!first)
            first = server;
        else if (!verify_same_set(first, server))
            look->agree = false;
        if (server->count > 0 && server->ttl > look->ttl)
            look->ttl = server->ttl;
    }
    look->wildcard = first && look->beside.authoritative && look->beside.outcome == OUTCOME_OK &&
                     first->count > 0 && verify_same_set(first, &look->beside);
    look->answered = first != NULL;
    look->agree = look->agree && first;
    look->value_count = first ? first->count : 0;
    if (look->agree && first->count == 1)
        look->value = first->values[0];
}

bool verify_servers_text(const struct verify_look *look, char *out, size_t cap)
{
    char text[ADDR_STRLEN];
    bool fits = true;
    out[0] = '\0';
    for (size_t i = 0; i < look->count && fits; i++) {
        const struct verify_server *server = &look->servers[i];
        if (!verify_has_answered(server))
            continue;
        bool six = server->addr.af == AF_INET6;
        addr_format(&server->addr, text);
        bool named = server->name[0] && strcmp(server->name, text) != 0;
        fits = str_append(out, cap, "%s%s%s%s%s%s:%u", out[0] ? "," : "", named ? server->name : "",
                          named ? "=" : "", six ? "[" : "", text, six ? "]" : "", server->port);
    }
    return fits && out[0];
}
