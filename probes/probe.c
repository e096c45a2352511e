/* SPDX-License-Identifier: ISC
 *
 * One probe: hands one address to its kind. Owns: what all kinds have in common. Not its job: how
 * to look (probes/kinds), which addresses (probes/round.h), when, what follows.
 */
#include "probes/probe.h"

#include <stdlib.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/kind.h"

struct probe {
    const struct kind *kind;
    void *op;
    probe_fn *done;
    void *arg;
};

static void on_done(struct probe_result *result, void *arg)
{
    struct probe *probe = arg;
    probe_fn *done = probe->done;
    void *done_arg = probe->arg;
    free(probe);
    done(result, done_arg);
    probe_result_clear(result);
}

struct probe *probe_start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                          probe_fn *done, void *arg)
{
    struct probe *probe = mem_zalloc(sizeof(*probe));
    probe->kind = kind_of(spec->kind);
    probe->done = done;
    probe->arg = arg;
    probe->op = probe->kind->start(loop, spec, addr, on_done, probe);
    return probe;
}

void probe_cancel(struct probe *probe)
{
    if (!probe)
        return;
    probe->kind->cancel(probe->op);
    free(probe);
}

void probe_result_init(struct probe_result *result, const struct probe_spec *spec,
                       const struct addr *addr)
{
    *result = (struct probe_result){
        .kind = spec->kind, .addr = *addr, .port = spec->port, .tcp_us = -1, .tls_us = -1};
}

void probe_path(const struct probe *probe, struct tcp_facts *out)
{
    *out = (struct tcp_facts){0};
    if (probe->kind->path)
        probe->kind->path(probe->op, out);
}

void probe_result_clear(struct probe_result *result)
{
    cert_facts_free(result->cert);
    result->cert = NULL;
    if (result->facts)
        kind_of(result->kind)->facts_free(result->facts);
    result->facts = NULL;
}

void probe_result_brief(const struct probe_result *result, char *text, size_t cap)
{
    if (!result->facts)
        return;
    str_append(text, cap, "  ");
    kind_of(result->kind)->facts_brief(result->facts, text, cap);
}

void probe_result_numbers(const struct probe_result *result, kind_number_fn *tell, void *arg)
{
    if (result->facts)
        kind_of(result->kind)->facts_numbers(result->facts, tell, arg);
}

json_t *probe_result_json(const struct probe_result *result, int64_t now_ms)
{
    const struct outcome_info *info = outcome_info(result->outcome);
    const struct kind *kind = kind_of(result->kind);
    bool ok = result->outcome == OUTCOME_OK;
    json_t *out = doc_object();
    doc_addr(out, "address", &result->addr);
    doc_int(out, "port", result->port);
    doc_text(out, "outcome", info->word);
    doc_text(out, "layer", ok ? NULL : outcome_layer_word(info->layer));
    doc_text(out, "text", ok ? kind->ok : info->text);
    doc_text(out, "detail", *result->detail ? result->detail : NULL);
    doc_text(out, "advice", ok ? NULL : info->advice);
    doc_count(out, "tcp_us", result->tcp_us);
    doc_count(out, "tls_us", result->tls_us);
    doc_count(out, "took_us", result->took_us);
    doc_text(out, "vantage", *vantage_word(result->vantage) ? vantage_word(result->vantage) : NULL);
    doc_value(out, "path", tcp_facts_json(&result->path));
    doc_value(out, "black_hole", mtu_report_json(&result->mtu));
    doc_text(out, "protocol", *result->protocol ? result->protocol : NULL);
    doc_text(out, "cipher", *result->cipher ? result->cipher : NULL);
    doc_value(out, "certificate", cert_facts_json(result->cert, now_ms));
    if (result->facts)
        kind->facts_json(result->facts, out);
    return out;
}
