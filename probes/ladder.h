/* SPDX-License-Identifier: ISC
 *
 * A probe that does not take silence for an answer: when its connection falls silent, further ones
 * with smaller segments find out, within the same deadline, whether large packets are lost on the
 * way. The result is then MTU_BLACK_HOLE with what a small one saw; else the probe's own.
 */
#ifndef REACHD_PROBES_LADDER_H
#define REACHD_PROBES_LADDER_H

#include "probes/probe.h"

struct ladder;

/* The contract of probe_start. */
struct ladder *ladder_start(struct loop *loop, const struct probe_spec *spec,
                            const struct addr *addr, probe_fn *done, void *arg);
void ladder_cancel(struct ladder *ladder);

#endif
