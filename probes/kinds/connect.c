/* SPDX-License-Identifier: ISC
 *
 * Connect to one address, look at what answers, close. Owns: the connection until it is told of.
 */
#include "probes/kinds/connect.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "lib/str.h"

struct connect_look {
    struct conn *conn;
    struct probe_result result;
    probe_fn *done;
    void *arg;
};

void connect_look_read(const struct conn *conn, struct probe_result *out)
{
    const struct tls *tls = conn_tls(conn);
    out->tcp_us = conn_tcp_us(conn);
    out->tls_us = conn_tls_us(conn);
    out->cert = conn_cert(conn);
    conn_tcp_facts(conn, &out->path);
    str_copy(out->detail, sizeof out->detail, conn_detail(conn));
    if (tls) {
        str_copy(out->protocol, sizeof out->protocol, tls_protocol(tls));
        str_copy(out->cipher, sizeof out->cipher, tls_cipher(tls));
    }
}

static void on_conn(struct conn *conn, enum outcome outcome, void *arg)
{
    struct connect_look *look = arg;
    struct probe_result result = look->result;
    probe_fn *done = look->done;
    void *done_arg = look->arg;
    result.outcome = outcome;
    connect_look_read(conn, &result);
    connect_look_cancel(look);
    done(&result, done_arg);
}

struct connect_look *connect_look_start(struct loop *loop, const struct probe_spec *spec,
                                        const struct addr *addr, const char *servername,
                                        probe_fn *done, void *arg)
{
    struct conn_spec conn = {.addr = *addr,
                             .port = spec->port,
                             .servername = servername,
                             .trust = spec->trust,
                             .full_size = spec->full_size,
                             .cert_soon_ms = spec->cert_soon_ms,
                             .egress = spec->egress,
                             .deadline_ms = spec->deadline_ms};
    struct connect_look *look = mem_zalloc(sizeof(*look));
    look->done = done;
    look->arg = arg;
    probe_result_init(&look->result, spec, addr);
    look->conn = conn_start(loop, &conn, on_conn, look);
    return look;
}

void connect_look_path(const void *arg, struct tcp_facts *out)
{
    const struct connect_look *look = arg;
    conn_tcp_facts(look->conn, out);
}

void connect_look_cancel(void *arg)
{
    struct connect_look *look = arg;
    conn_free(look->conn);
    free(look);
}
