/* SPDX-License-Identifier: ISC
 *
 * One probe: connect to one address, look at what answers, close. Owns: the result until it is
 * told. Not its job: which addresses (probes/round.h), when, what follows.
 */
#include "probes/probe.h"

#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/conn.h"

struct probe {
    struct conn *conn;
    struct addr addr;
    uint16_t port;
    probe_fn *done;
    void *arg;
};

static void read_result(const struct probe *probe, enum outcome outcome, struct probe_result *out)
{
    const struct tls *tls = conn_tls(probe->conn);
    *out = (struct probe_result){.addr = probe->addr,
                                 .port = probe->port,
                                 .outcome = outcome,
                                 .tcp_us = conn_tcp_us(probe->conn),
                                 .tls_us = conn_tls_us(probe->conn),
                                 .cert = conn_cert(probe->conn)};
    str_copy(out->detail, sizeof out->detail, conn_detail(probe->conn));
    conn_tcp_facts(probe->conn, &out->path);
    if (tls) {
        str_copy(out->protocol, sizeof out->protocol, tls_protocol(tls));
        str_copy(out->cipher, sizeof out->cipher, tls_cipher(tls));
    }
}

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct probe *probe = arg;
    struct probe_result result;
    probe_fn *done = probe->done;
    void *done_arg = probe->arg;
    (void)conn;
    read_result(probe, outcome, &result);
    probe_cancel(probe);
    done(&result, done_arg);
    probe_result_clear(&result);
}

struct probe *probe_start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                          probe_fn *done, void *arg)
{
    struct conn_spec conn = {.addr = *addr,
                             .port = spec->port,
                             .servername = spec->servername,
                             .trust = spec->trust,
                             .egress = spec->egress,
                             .deadline_ms = spec->deadline_ms};
    struct probe *probe = mem_zalloc(sizeof(*probe));
    probe->addr = *addr;
    probe->port = spec->port;
    probe->done = done;
    probe->arg = arg;
    probe->conn = conn_start(loop, &conn, on_conn, probe);
    return probe;
}

void probe_cancel(struct probe *probe)
{
    if (!probe)
        return;
    conn_free(probe->conn);
    free(probe);
}

void probe_result_clear(struct probe_result *result)
{
    cert_facts_free(result->cert);
    result->cert = NULL;
}

json_t *probe_result_json(const struct probe_result *result, int64_t now_ms)
{
    const struct outcome_info *info = outcome_info(result->outcome);
    bool ok = result->outcome == OUTCOME_OK;
    json_t *out = doc_object();
    doc_addr(out, "address", &result->addr);
    doc_int(out, "port", result->port);
    doc_text(out, "outcome", info->word);
    doc_text(out, "layer", ok ? NULL : outcome_layer_word(info->layer));
    doc_text(out, "text", info->text);
    doc_text(out, "detail", *result->detail ? result->detail : NULL);
    doc_text(out, "advice", ok ? NULL : info->advice);
    doc_count(out, "tcp_us", result->tcp_us);
    doc_count(out, "tls_us", result->tls_us);
    doc_value(out, "path", tcp_facts_json(&result->path));
    doc_text(out, "protocol", *result->protocol ? result->protocol : NULL);
    doc_text(out, "cipher", *result->cipher ? result->cipher : NULL);
    doc_value(out, "certificate", cert_facts_json(result->cert, now_ms));
    return out;
}
