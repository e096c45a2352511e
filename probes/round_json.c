/* SPDX-License-Identifier: ISC
 *
 * A round as JSON: see doc/reachd.8 for the members. Pure.
 */
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "probes/client.h"
#include "probes/kind.h"
#include "probes/round.h"

static void push_findings(json_t *out, const struct cert_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        doc_push(out, cert_finding_json(findings->list[i].outcome, findings->list[i].detail));
}

static json_t *remarks_json(const struct round_result *result)
{
    char detail[320], clean[320];
    json_t *out = doc_array();
    enum outcome remark = round_remark(result, detail, sizeof detail);
    str_printable(clean, sizeof clean, detail, strlen(detail)); /* cut inside a character */
    if (remark != OUTCOME_OK)
        doc_push(out, cert_finding_json(remark, clean));
    if (result->dns)
        push_findings(out, &result->dns->findings);
    return out;
}

static json_t *family_json(const struct round_family *family, int64_t now_ms)
{
    bool has_ttl =
        family->dns_us >= 0 && (family->dns == OUTCOME_OK || family->dns == OUTCOME_DNS_STALE);
    json_t *out = doc_object();
    json_t *addresses = doc_array();
    doc_text(out, "outcome", outcome_word(round_family_outcome(family)));
    doc_text(out, "dns", outcome_word(family->dns));
    doc_text(out, "dns_detail", *family->dns_detail ? family->dns_detail : NULL);
    doc_text(out, "dns_advice",
             family->dns != OUTCOME_OK ? outcome_info(family->dns)->advice : NULL);
    doc_count(out, "dns_us", family->dns_us);
    doc_count(out, "ttl", has_ttl ? (int64_t)family->ttl : -1);
    doc_text(out, "cname", *family->cname ? family->cname : NULL);
    for (size_t i = 0; i < family->count; i++)
        doc_push(addresses, probe_result_json(&family->results[i], now_ms));
    doc_value(out, "addresses", addresses);
    doc_bool(out, "addresses_cut", family->addrs_cut);
    return out;
}

static json_t *compared_json(const struct dns_report *report)
{
    if (!report)
        return json_null();
    json_t *out = doc_object();
    for (int f = 0; f < FAMILY_COUNT; f++)
        doc_value(out, family_word((enum family)f),
                  report->views[f].asked ? dns_view_json(&report->views[f]) : json_null());
    return out;
}

static const char *servername_of(const struct round_spec *spec)
{
    if (!(kind_of(spec->kind)->takes & KIND_TAKES_SERVERNAME))
        return NULL;
    return spec->servername ? spec->servername : spec->target.host;
}

static const char *path_of(const struct round_spec *spec)
{
    if (!(kind_of(spec->kind)->takes & KIND_TAKES_HTTP))
        return NULL;
    return spec->path ? spec->path : "/";
}

json_t *round_result_json(const struct round_spec *spec, const struct round_result *result,
                          int64_t now_ms)
{
    struct client_view view;
    json_t *out = doc_object();
    doc_text(out, "kind", kind_of(spec->kind)->word);
    doc_text(out, "host", spec->target.host);
    doc_int(out, "port", spec->target.port);
    doc_text(out, "path", path_of(spec));
    doc_text(out, "servername", servername_of(spec));
    doc_time(out, "at", now_ms);
    doc_count(out, "took_us", result->took_us);
    doc_value(out, "remarks", remarks_json(result));
    client_judge(result, &view);
    doc_value(out, "client", client_json(&view));
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *family = &result->families[f];
        doc_value(out, family_word((enum family)f),
                  family->asked ? family_json(family, now_ms) : json_null());
    }
    doc_value(out, "compared", compared_json(result->dns));
    return out;
}
