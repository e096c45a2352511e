/* SPDX-License-Identifier: ISC
 *
 * What a look at DNS shows of a record, in a sentence: why it is not what was accepted, or what is
 * odd though it is. Pure. Not its job: what follows from it (ddns/transition_look.c).
 */
#ifndef REACHD_DDNS_EVIDENCE_H
#define REACHD_DDNS_EVIDENCE_H

#include "probes/verify.h"

enum evidence {
    EVIDENCE_FINE,     /* every server that answered has the address and no other; text: what is odd
                          all the same, mostly "" */
    EVIDENCE_SILENT,   /* no server answers with authority */
    EVIDENCE_ALIAS,    /* a CNAME stands at the name */
    EVIDENCE_DIFFERS,  /* the servers do not agree */
    EVIDENCE_ABSENT,   /* there is no such name, or no address of the family */
    EVIDENCE_WILDCARD, /* what answers is a wildcard record */
    EVIDENCE_SEVERAL,  /* more than the one */
    EVIDENCE_OTHER,    /* another address */
};

#define EVIDENCE_LEN 224

/* text: printable, why it is so. */
enum evidence evidence_judge(const struct verify_look *look, const struct addr *wanted,
                             enum family family, char text[EVIDENCE_LEN]);
const char *evidence_advice(enum evidence evidence); /* static, "" for FINE */

#endif
