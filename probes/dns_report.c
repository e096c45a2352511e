/* SPDX-License-Identifier: ISC
 *
 * What the answers of a resolver and of a zone's own servers amount to. Pure. Not its job: asking
 * (probes/dns_check.c).
 */
#include <inttypes.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/str.h"
#include "probes/dns_check.h"

#define SHOWN      2   /* addresses of a set in a sentence */
#define SAID_LEN   160 /* what somebody says of a name */
#define SERVER_LEN (HOST_MAX + 4 * ADDR_STRLEN)

static const char *const rr_words[FAMILY_COUNT] = {"A", "AAAA"};

/* --- words --- */

/* Two addresses of one server that answer the same. */
static bool is_same(const struct verify_server *a, const struct verify_server *b)
{
    return strcmp(a->name, b->name) == 0 && a->outcome == b->outcome &&
           a->authoritative == b->authoritative && a->serial == b->serial && verify_same_set(a, b);
}

static bool was_told(const struct verify_look *look, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (is_same(&look->servers[i], &look->servers[index]))
            return true;
    return false;
}

/* "ns1.example.com (192.0.2.1, 2001:db8::1)" */
static const char *server_text(const struct verify_look *look, const struct verify_server *server,
                               char text[SERVER_LEN])
{
    char addr[ADDR_STRLEN];
    text[0] = '\0';
    str_append(text, SERVER_LEN, "%s (%s", server->name, addr_format(&server->addr, addr));
    for (const struct verify_server *other = server + 1; other < look->servers + look->count;
         other++)
        if (is_same(other, server))
            str_append(text, SERVER_LEN, ", %s", addr_format(&other->addr, addr));
    str_append(text, SERVER_LEN, ")");
    return text;
}

/* "203.0.113.7", "203.0.113.7, 203.0.113.8 and 3 more" */
static void append_set(char *text, size_t cap, const struct addr *addrs, size_t count)
{
    char addr[ADDR_STRLEN];
    for (size_t i = 0; i < count && i < SHOWN; i++)
        str_append(text, cap, "%s%s", i ? ", " : "", addr_format(&addrs[i], addr));
    if (count > SHOWN)
        str_append(text, cap, " and %zu more", count - SHOWN);
}

/* "has 203.0.113.7", "has no AAAA record", "says that the name does not exist" */
static const char *said_text(enum outcome outcome, const struct addr *addrs, size_t count,
                             enum family family, char text[SAID_LEN])
{
    text[0] = '\0';
    if (count > 0) {
        str_append(text, SAID_LEN, "has ");
        append_set(text, SAID_LEN, addrs, count);
    } else if (outcome == OUTCOME_DNS_NODATA) {
        str_append(text, SAID_LEN, "has no %s record", rr_words[family]);
    } else {
        str_append(text, SAID_LEN, "says: %s", outcome_info(outcome)->text);
    }
    return text;
}

static const char *server_said(const struct verify_server *server, enum family family,
                               char text[SAID_LEN])
{
    said_text(server->outcome, server->values, server->count, family, text);
    if (server->has_serial)
        str_append(text, SAID_LEN, " (zone serial %" PRIu32 ")", server->serial);
    return text;
}

/* --- servers against each other --- */

static bool answered_over(const struct verify_look *look, uint8_t af)
{
    for (size_t i = 0; i < look->count; i++)
        if (look->servers[i].addr.af == af && verify_has_answered(&look->servers[i]))
            return true;
    return false;
}

/* This machine may have no way to the servers of one family: that is no fault of theirs. */
static bool is_silent(const struct verify_look *look, const struct verify_server *server)
{
    return server->outcome == OUTCOME_DNS_TIMEOUT ||
           (server->outcome == OUTCOME_DNS_UNREACHABLE && answered_over(look, server->addr.af));
}

/* Without the address: it stands before. */
static const char *lame_text(const struct verify_server *server)
{
    return server->outcome == OUTCOME_DNS_REFUSED    ? "REFUSED"
           : server->outcome == OUTCOME_DNS_SERVFAIL ? "SERVFAIL"
                                                     : verify_state_text(server);
}

static void judge_presence(struct dns_report *report, const struct verify_look *look)
{
    char text[SERVER_LEN];
    for (size_t i = 0; i < look->count && look->answered; i++) {
        const struct verify_server *server = &look->servers[i];
        if (was_told(look, i))
            continue;
        if (verify_is_lame(server))
            cert_findings_add(&report->findings, OUTCOME_DNS_SERVER_LAME, "%s: %s",
                              server_text(look, server, text), lame_text(server));
        else if (!verify_has_answered(server) && is_silent(look, server))
            cert_findings_add(&report->findings, OUTCOME_DNS_SERVER_SILENT, "%s",
                              server_text(look, server, text));
    }
}

/* The one that the others are held against: the first that has addresses. */
static const struct verify_server *reference(const struct verify_look *look)
{
    for (size_t i = 0; i < look->count; i++)
        if (verify_has_answered(&look->servers[i]) && look->servers[i].count > 0)
            return &look->servers[i];
    return NULL;
}

static void judge_servers(struct dns_report *report, enum family family)
{
    const struct verify_look *look = &report->views[family].look;
    const struct verify_server *first = reference(look);
    char text[SERVER_LEN], other[SERVER_LEN], said[SAID_LEN], other_said[SAID_LEN];
    for (size_t i = 0; i < look->count && first; i++) {
        const struct verify_server *server = &look->servers[i];
        if (!verify_has_answered(server) || verify_same_set(first, server) || was_told(look, i))
            continue;
        bool lacks = server->count == 0;
        cert_findings_add(
            &report->findings, lacks ? OUTCOME_DNS_SERVER_LACKS : OUTCOME_DNS_SERVERS_DIFFER,
            "%s %s, %s %s", server_text(look, server, text), server_said(server, family, said),
            server_text(look, first, other), server_said(first, family, other_said));
    }
}

/* --- the resolver against the servers --- */

/* Of a set cut at DNSMSG_MAX_ADDRS nothing can be said. */
static bool resolver_agrees(const struct dns_view *view, const struct verify_server *server)
{
    struct verify_server seen = {.count = 0};
    verify_note_values(&seen, &view->resolver.msg);
    return verify_same_set(&seen, server) || view->resolver.msg.addrs_cut;
}

static bool any_agrees(const struct dns_view *view)
{
    for (size_t i = 0; i < view->look.count; i++)
        if (verify_has_answered(&view->look.servers[i]) &&
            resolver_agrees(view, &view->look.servers[i]))
            return true;
    return false;
}

/* It could not find out. */
static bool is_failure(enum outcome outcome)
{
    return outcome == OUTCOME_DNS_SERVFAIL || outcome == OUTCOME_DNS_TIMEOUT;
}

/* What the resolver says is a statement about the name. */
static bool has_said(enum outcome outcome)
{
    return outcome == OUTCOME_OK || outcome == OUTCOME_DNS_NODATA ||
           outcome == OUTCOME_DNS_NXDOMAIN || is_failure(outcome) ||
           outcome == OUTCOME_DNS_CNAME_DANGLING || outcome == OUTCOME_DNS_CNAME_LOOP;
}

static void judge_resolver(struct dns_report *report, enum family family)
{
    const struct dns_view *view = &report->views[family];
    const struct resolver_reply *resolver = &view->resolver, *zone = &view->zone;
    char said[SAID_LEN], zone_said[SAID_LEN], left[DURATION_LEN], keep[DURATION_LEN + 32] = "";
    bool has = resolver->msg.addr_count > 0 && resolver->outcome == OUTCOME_OK;
    uint32_t ttl = has ? resolver->msg.ttl : resolver->msg.negative_ttl;
    bool failed = is_failure(resolver->outcome);
    if (!view->look.answered || !has_said(resolver->outcome) || (!failed && any_agrees(view)) ||
        (failed && zone->outcome != OUTCOME_OK && zone->outcome != OUTCOME_DNS_NODATA))
        return;
    if (ttl > 0 && !failed)
        str_append(keep, sizeof keep, ", for %s more", duration_format((int64_t)ttl * 1000, left));
    cert_findings_add(
        &report->findings, OUTCOME_DNS_RESOLVER_DIFFERS, "%s: the resolver %s%s; the zone %s",
        rr_words[family],
        said_text(resolver->outcome, resolver->msg.addrs, has ? resolver->msg.addr_count : 0,
                  family, said),
        keep, said_text(zone->outcome, zone->msg.addrs, zone->msg.addr_count, family, zone_said));
}

void dns_report_judge(struct dns_report *report)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (!report->views[f].asked)
            continue;
        judge_presence(report, &report->views[f].look);
        judge_servers(report, (enum family)f);
        judge_resolver(report, (enum family)f);
    }
}

enum outcome dns_report_cause(const struct dns_view *view, enum outcome dns,
                              char detail[RESOLVER_DETAIL_LEN])
{
    const struct verify_look *look = &view->look;
    enum outcome zone = view->zone.outcome;
    bool better = zone == OUTCOME_DNS_LAME || zone == OUTCOME_DNS_CNAME_LOOP ||
                  zone == OUTCOME_DNS_CNAME_DANGLING;
    bool nobody = look->count > 0 && !look->answered;
    if (!view->asked || !is_failure(dns) || (!better && !nobody))
        return dns;
    str_copy(detail, RESOLVER_DETAIL_LEN, view->zone.detail);
    return better ? zone : OUTCOME_DNS_LAME;
}

/* --- JSON --- */

static json_t *set_json(const struct addr *addrs, size_t count, size_t max)
{
    json_t *array = doc_array();
    char text[ADDR_STRLEN];
    for (size_t i = 0; i < count && i < max; i++)
        json_array_append_new(array, json_string(addr_format(&addrs[i], text)));
    return array;
}

static json_t *server_json(const struct verify_server *server)
{
    bool has = server->outcome == OUTCOME_OK;
    json_t *out = doc_object();
    doc_text(out, "name", server->name);
    doc_addr(out, "address", &server->addr);
    doc_bool(out, "authoritative", server->authoritative);
    doc_text(out, "outcome", outcome_word(server->outcome));
    doc_value(out, "values", set_json(server->values, server->count, VERIFY_MAX_VALUES));
    doc_count(out, "ttl", has ? (int64_t)server->ttl : -1);
    doc_count(out, "serial", server->has_serial ? (int64_t)server->serial : -1);
    return out;
}

json_t *dns_view_json(const struct dns_view *view)
{
    const struct resolver_reply *resolver = &view->resolver;
    bool has = resolver->outcome == OUTCOME_OK;
    json_t *out = doc_object(), *said = doc_object(), *servers = doc_array();
    doc_addr(said, "server", &resolver->server);
    doc_bool(said, "authenticated", resolver->msg.ad);
    doc_text(said, "outcome", outcome_word(resolver->outcome));
    doc_value(said, "values",
              set_json(resolver->msg.addrs, resolver->msg.addr_count, DNSMSG_MAX_ADDRS));
    doc_count(said, "ttl", has ? (int64_t)resolver->msg.ttl : -1);
    for (size_t i = 0; i < view->look.count; i++)
        doc_push(servers, server_json(&view->look.servers[i]));
    doc_value(out, "resolver", said);
    doc_value(out, "servers", servers);
    return out;
}
