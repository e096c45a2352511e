/* SPDX-License-Identifier: ISC
 *
 * --format prometheus: the text exposition format 0.0.4, for the textfile collector of
 * node_exporter. All samples of a metric stand together, so they are held until the end. Owns: the
 * names of the metrics that every kind has (those of one kind: struct kind).
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/probe/probe_format.h"
#include "monitor/probe/probe_verdict.h"
#include "probes/kind.h"

#define PREFIX      "reachd_probe_"
#define METRICS_MAX 64
#define LABELS_LEN  5200 /* a host and the longest path, each byte escaped, and the rest */

struct metric {
    const char *name; /* without the prefix; static */
    const char *help;
    FILE *samples;
    char *text;
    size_t len;
};

struct report {
    const struct probe_view *view;
    size_t count;
    struct metric metrics[METRICS_MAX]; /* in the order of their first sample */
    json_t *seen; /* target: a series may be there only once, or the whole file is refused */
};

/* --- samples --- */

static struct metric *metric_of(struct report *report, const char *name, const char *help)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->metrics[i].name, name) == 0)
            return &report->metrics[i];
    }
    if (report->count == METRICS_MAX)
        log_fatal("probe", "there are more than %d metrics", METRICS_MAX);
    struct metric *metric = &report->metrics[report->count++];
    metric->name = name;
    metric->help = help;
    metric->samples = open_memstream(&metric->text, &metric->len);
    if (!metric->samples)
        log_fatal("probe", "out of memory");
    return metric;
}

static void add_sample(struct report *report, const char *name, const char *help,
                       const char *labels, double value)
{
    const struct metric *metric = metric_of(report, name, help);
    fprintf(metric->samples, PREFIX "%s{%s} %.12g\n", name, labels, value);
}

static void add_seconds(struct report *report, const char *name, const char *help,
                        const char *labels, int64_t us)
{
    if (us >= 0)
        add_sample(report, name, help, labels, (double)us / 1e6);
}

/* Backslash, quote and line feed are the three that need it. */
static void add_label(char *labels, const char *name, const char *value)
{
    str_append(labels, LABELS_LEN, "%s%s=\"", *labels ? "," : "", name);
    for (const char *c = value; *c; c++) {
        if (*c == '\n')
            str_append(labels, LABELS_LEN, "\\n");
        else
            str_append(labels, LABELS_LEN, "%s%c", *c == '\\' || *c == '"' ? "\\" : "", *c);
    }
    str_append(labels, LABELS_LEN, "\"");
}

/* --- what is told --- */

/* Of what is unknown from here there is no reachd_probe_up: neither 0 nor 1 would be true. */
static void add_outcome(struct report *report, const char *labels, enum outcome outcome,
                        bool absent)
{
    const struct outcome_info *info = outcome_info(outcome);
    char more[LABELS_LEN];
    if (!absent && info->verdict != VERDICT_UNKNOWN)
        add_sample(report, "up", "1: reached and good, 0: down; not there when nothing is known.",
                   labels, info->verdict == VERDICT_UP);
    str_copy(more, sizeof more, labels);
    add_label(more, "outcome", info->word);
    add_label(more, "layer", outcome_layer_word(info->layer));
    add_label(more, "verdict", absent ? "absent" : outcome_verdict_word(info->verdict));
    add_sample(report, "outcome", "Always 1; its labels say what came of it.", more, 1);
}

static void add_cert(struct report *report, const char *labels, const struct cert_facts *cert)
{
    if (!cert)
        return;
    add_sample(report, "certificate_not_after_timestamp_seconds",
               "End of the server's certificate, seconds since 1970.", labels,
               (double)(cert->chain[0].not_after_ms / 1000));
    add_sample(report, "certificate_chain_not_after_timestamp_seconds",
               "First end of a certificate that the chain needs, seconds since 1970.", labels,
               (double)(cert_facts_ends_ms(cert) / 1000));
}

static void add_path(struct report *report, const char *labels, const struct tcp_facts *path)
{
    if (!path->known)
        return;
    add_seconds(report, "path_rtt_seconds", "Smoothed round trip of the connection.", labels,
                path->rtt_us);
    add_sample(report, "path_mtu_bytes", "MTU of the path as the kernel knows it.", labels,
               path->mtu);
    add_sample(report, "path_retransmitted_segments", "Segments that were sent again.", labels,
               path->retransmits);
}

struct kind_target {
    struct report *report;
    const char *labels;
};

static void on_number(const char *name, const char *help, double value, void *arg)
{
    const struct kind_target *target = arg;
    add_sample(target->report, name, help, target->labels, value);
}

static void add_address(struct report *report, const char *labels,
                        const struct probe_result *result)
{
    struct kind_target target = {report, labels};
    add_outcome(report, labels, result->outcome, false);
    add_seconds(report, "tcp_connect_seconds", "Until TCP was connected.", labels, result->tcp_us);
    add_seconds(report, "tls_handshake_seconds", "From there to the end of the TLS handshake.",
                labels, result->tls_us);
    add_seconds(report, "duration_seconds", "All that was done at this address, without DNS.",
                labels, result->took_us);
    add_cert(report, labels, result->cert);
    add_path(report, labels, &result->path);
    probe_result_numbers(result, on_number, &target);
}

static void add_family(struct report *report, const char *labels, enum family f,
                       const struct round_family *family)
{
    char of_family[LABELS_LEN], of_address[LABELS_LEN], text[ADDR_STRLEN];
    str_copy(of_family, sizeof of_family, labels);
    add_label(of_family, "family", family_word(f));
    add_seconds(report, "dns_lookup_seconds", "Until DNS answered for the family.", of_family,
                family->dns_us);
    if ((family->dns == OUTCOME_OK || family->dns == OUTCOME_DNS_STALE) && family->dns_us >= 0)
        add_sample(report, "dns_ttl_seconds", "TTL of the answer as it was received.", of_family,
                   family->ttl);
    bool wanted = report->view->style.families_wanted[f];
    if (family->count == 0 || probe_dns_failed(family, wanted)) {
        str_copy(of_address, sizeof of_address, of_family);
        add_label(of_address, "address", "");
        add_outcome(report, of_address, round_family_outcome(family),
                    probe_is_absent(family, wanted));
    }
    for (size_t i = 0; i < family->count; i++) {
        str_copy(of_address, sizeof of_address, of_family);
        add_label(of_address, "address", addr_format(&family->results[i].addr, text));
        add_address(report, of_address, &family->results[i]);
    }
}

/* --- a run --- */

static void add_host(void *arg, const struct round_spec *spec, const struct round_result *result,
                     int64_t now_ms)
{
    struct report *report = arg;
    const struct kind *kind = kind_of(spec->kind);
    char labels[LABELS_LEN] = "", port[8];
    (void)now_ms;
    snprintf(port, sizeof port, "%u", spec->target.port);
    add_label(labels, "host", spec->target.host);
    add_label(labels, "port", port);
    add_label(labels, "kind", kind->word);
    if ((kind->takes & KIND_TAKES_HTTP) && spec->path)
        add_label(labels, "path", spec->path);
    if (json_object_get(report->seen, labels))
        return;
    doc_bool(report->seen, labels, true);
    for (int f = 0; f < FAMILY_COUNT; f++) {
        if (result->families[f].asked)
            add_family(report, labels, (enum family)f, &result->families[f]);
    }
    add_seconds(report, "round_duration_seconds", "All of the host: DNS and every address.", labels,
                result->took_us);
}

static void *begin(const struct probe_view *view)
{
    struct report *report = mem_zalloc(sizeof *report);
    report->view = view;
    report->seen = doc_object();
    return report;
}

static int end(void *arg, int status)
{
    struct report *report = arg;
    FILE *out = report->view->out;
    for (size_t i = 0; i < report->count; i++) {
        struct metric *metric = &report->metrics[i];
        if (fclose(metric->samples) != 0)
            log_fatal("probe", "out of memory");
        fprintf(out, "# HELP " PREFIX "%s %s\n# TYPE " PREFIX "%s gauge\n%s", metric->name,
                metric->help, metric->name, metric->text);
        free(metric->text);
    }
    json_decref(report->seen);
    free(report);
    return status;
}

const struct probe_format probe_format_prometheus = {
    .word = "prometheus", .begin = begin, .host = add_host, .end = end};
