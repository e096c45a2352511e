/* SPDX-License-Identifier: ISC
 *
 * Kind tcp: does the port accept a connection? What it speaks is not looked at.
 */
#include "probes/kind.h"
#include "probes/kinds/connect.h"

static void *start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg)
{
    return connect_look_start(loop, spec, addr, NULL, done, arg);
}

const struct kind kind_tcp = {
    .word = "tcp",
    .about = "only that the port accepts connections",
    .ok = "the port accepts connections",
    .port = 443,
    .start = start,
    .cancel = connect_look_cancel,
};
