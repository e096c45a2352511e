/* SPDX-License-Identifier: ISC
 *
 * What a kind of probe has to supply. A new kind is a file in probes/kinds and a row in
 * probes/kind_table.h; nothing else knows how many there are.
 */
#ifndef REACHD_PROBES_KIND_H
#define REACHD_PROBES_KIND_H

#include "probes/probe.h"

/* What a kind takes beside host, port and egress: options of others are refused. */
enum kind_option {
    KIND_TAKES_SERVERNAME = 1 << 0, /* and a trust store */
    KIND_TAKES_HTTP = 1 << 1,       /* a path, and a struct http_want */
    KIND_TAKES_PORTS = 1 << 2,      /* a struct closed_want, which must be there */
};

struct kind {
    const char *word;
    const char *about; /* for help: a clause */
    const char *ok;    /* what an OUTCOME_OK means, a clause as in the outcome table */
    uint16_t port;     /* when none is given; 0: none then */
    unsigned takes;    /* enum kind_option */
    /* The contract of probe_start; the operation frees itself before it calls done. */
    void *(*start)(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg);
    void (*cancel)(void *op);
    /* What its connection is like now, so that a silent one is noticed (probes/ladder.h). NULL for
     * a kind to which segment sizes mean nothing. */
    void (*path)(const void *op, struct tcp_facts *out);
    /* Of probe_result.facts; all NULL for a kind without any. */
    void (*facts_free)(void *facts);
    void (*facts_json)(const void *facts, json_t *out);
    void (*facts_brief)(const void *facts, char *text, size_t cap); /* adds a few words */
    void (*facts_numbers)(const void *facts, kind_number_fn *tell, void *arg);
};

#define KIND(name, id) extern const struct kind kind_##id;
#include "probes/kind_table.h"
#undef KIND

const struct kind *kind_of(enum probe_kind kind);
bool kind_from_word(const char *word, enum probe_kind *out);
/* "tls, tcp, …" for messages. Returns buf. */
#define KIND_NAMES_LEN 128
const char *kind_names(char buf[KIND_NAMES_LEN]);

#endif
