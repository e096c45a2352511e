/* SPDX-License-Identifier: ISC
 *
 * The outcome of one attempt: one enum ordered by layer, one const table. The word is the stable
 * name in log, hooks, JSON, metrics. A new cause is a new row here and one line where it is
 * detected. errno is translated in probes/tcp.c, resolver codes in probes/resolver.c, OpenSSL in
 * probes/tls_error.c and probes/cert_error.c, and nowhere else.
 */
#ifndef REACHD_PROBES_OUTCOME_H
#define REACHD_PROBES_OUTCOME_H

#include <stdbool.h>

enum outcome_layer {
    LAYER_NONE, /* success */
    LAYER_DNS,
    LAYER_PATH, /* routing, ICMP */
    LAYER_TCP,
    LAYER_QUIC,
    LAYER_TLS,
    LAYER_CERT,
    LAYER_HTTP,
    LAYER_LOCAL, /* our own machine: never counts against the target */
};

enum outcome_verdict {
    VERDICT_UP,
    VERDICT_DOWN,
    VERDICT_UNKNOWN, /* says nothing about the target */
};

/* Rows in probes/outcome_table.h, so that enum and table cannot differ. */
enum outcome {
#define OUTCOME(name, word, layer, verdict, text, how, advice) OUTCOME_##name,
#include "probes/outcome_table.h"
#undef OUTCOME
    OUTCOME_COUNT,
};

struct outcome_info {
    const char *word;
    enum outcome_layer layer;
    enum outcome_verdict verdict;
    const char *text;   /* what happened: a clause */
    const char *how;    /* it is detected */
    const char *advice; /* what to do next */
};

const struct outcome_info *outcome_info(enum outcome outcome);
const char *outcome_word(enum outcome outcome);
const char *outcome_layer_word(enum outcome_layer layer);       /* "dns", "path", … "" for none */
const char *outcome_verdict_word(enum outcome_verdict verdict); /* "up", "down", "unknown" */
bool outcome_from_word(const char *word, enum outcome *out);

#endif
