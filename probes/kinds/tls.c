/* SPDX-License-Identifier: ISC
 *
 * Kind tls: TCP, the TLS handshake, the certificate. Nothing is said over it.
 */
#include "probes/kind.h"
#include "probes/kinds/connect.h"

static void *start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg)
{
    return connect_look_start(loop, spec, addr, spec->servername, done, arg);
}

const struct kind kind_tls = {
    .word = "tls",
    .about = "TCP, TLS and the certificate",
    .ok = "reached and verified",
    .port = 443,
    .takes = KIND_TAKES_SERVERNAME,
    .start = start,
    .cancel = connect_look_cancel,
    .path = connect_look_path,
};
