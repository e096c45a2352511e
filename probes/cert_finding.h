/* SPDX-License-Identifier: ISC
 *
 * All that was found about a chain of certificates, each with its evidence. Problems (down), then
 * what says nothing about the target (unknown), then remarks (up); within these in the order of the
 * outcome table, which is that of gravity.
 */
#ifndef REACHD_PROBES_CERT_FINDING_H
#define REACHD_PROBES_CERT_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"

#define CERT_MAX_FINDINGS 16

struct cert_finding {
    enum outcome outcome;
    char *detail; /* printable; "" when there is none */
};

struct cert_findings {
    int64_t ends_ms; /* the first end of the certificates on the way to the root, wall clock; 0: not
                        judged */
    size_t count;
    struct cert_finding list[CERT_MAX_FINDINGS]; /* each word once */
};

/* A word that is there already gets the further detail behind a semicolon, unless it is the same.
 * A remark makes room for a problem when the list is full. */
void cert_findings_add(struct cert_findings *findings, enum outcome outcome, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void cert_findings_copy(struct cert_findings *to, const struct cert_findings *from);
void cert_findings_clear(struct cert_findings *findings);
/* The one that stands for all: OK when there are only remarks. Its detail goes with it. */
enum outcome cert_findings_outcome(const struct cert_findings *findings);
bool cert_finding_is_remark(const struct cert_finding *finding);
/* Array of objects: those that are remarks, or those that are not. */
json_t *cert_findings_json(const struct cert_findings *findings, bool remarks);
json_t *cert_finding_json(enum outcome outcome, const char *detail);

#endif
