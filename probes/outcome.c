/* SPDX-License-Identifier: ISC
 *
 * The outcome table (see outcome.h); the rows are in outcome_table.h.
 */
#include "probes/outcome.h"

#include <stddef.h>
#include <string.h>

static const struct outcome_info table[OUTCOME_COUNT] = {
#define OUTCOME(name, word, layer, verdict, text, how, advice)                                     \
    [OUTCOME_##name] = {word, layer, verdict, text, how, advice},
#include "probes/outcome_table.h"
#undef OUTCOME
};

const struct outcome_info *outcome_info(enum outcome outcome)
{
    return &table[(size_t)outcome < OUTCOME_COUNT ? outcome : OUTCOME_LOCAL_ERROR];
}

const char *outcome_word(enum outcome outcome)
{
    return outcome_info(outcome)->word;
}

const char *outcome_layer_word(enum outcome_layer layer)
{
    switch (layer) {
    case LAYER_NONE:
        return "";
    case LAYER_DNS:
        return "dns";
    case LAYER_PATH:
        return "path";
    case LAYER_TCP:
        return "tcp";
    case LAYER_QUIC:
        return "quic";
    case LAYER_TLS:
        return "tls";
    case LAYER_CERT:
        return "cert";
    case LAYER_HTTP:
        return "http";
    case LAYER_LOCAL:
        return "local";
    }
    return "";
}

const char *outcome_verdict_word(enum outcome_verdict verdict)
{
    return verdict == VERDICT_UP ? "up" : verdict == VERDICT_DOWN ? "down" : "unknown";
}

bool outcome_from_word(const char *word, enum outcome *out)
{
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        if (strcmp(table[i].word, word) == 0) {
            *out = (enum outcome)i;
            return true;
        }
    }
    return false;
}
