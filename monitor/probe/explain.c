/* SPDX-License-Identifier: ISC
 *
 * Layout of --explain. Pure but for the output.
 */
#include "monitor/probe/explain.h"

#include <limits.h>
#include <string.h>

#include "lib/str.h"
#include "lib/table.h"
#include "monitor/config/config_schema.h"
#include "probes/outcome.h"

#define LABEL_COL 12

static const char *layer_text(enum outcome_layer layer)
{
    switch (layer) {
    case LAYER_NONE:
        return "success";
    case LAYER_DNS:
        return "dns: the question to DNS";
    case LAYER_PATH:
        return "path: routing and firewalls on the way";
    case LAYER_TCP:
        return "tcp: the connection";
    case LAYER_QUIC:
        return "quic: HTTP/3 over UDP";
    case LAYER_TLS:
        return "tls: the handshake";
    case LAYER_CERT:
        return "cert: the certificates, gravest first";
    case LAYER_HTTP:
        return "http: the reply";
    case LAYER_LOCAL:
        return "local: this machine; says nothing about the target";
    }
    return "";
}

static void print_part(FILE *out, const char *label, const char *text, bool colour, int width)
{
    fprintf(out, "  %s%-*s%s", term_start(TERM_DIM, colour), LABEL_COL - 2, label,
            term_end(colour));
    term_wrap(out, text, LABEL_COL, width);
}

static void explain_one(FILE *out, const struct outcome_info *info, bool colour, int width)
{
    const char *layer = outcome_layer_word(info->layer);
    fprintf(out, "%s%s%s  (%s%s%s)\n", term_start(TERM_BOLD, colour), info->word, term_end(colour),
            layer, *layer ? ", " : "", outcome_verdict_word(info->verdict));
    print_part(out, "means", info->text, colour, width);
    print_part(out, "detected", info->how, colour, width);
    print_part(out, "advice", info->advice, colour, width);
}

bool explain_word(FILE *out, const char *word, bool colour, int width)
{
    enum outcome outcome;
    bool found = outcome_from_word(word, &outcome);
    if (found)
        explain_one(out, outcome_info(outcome), colour, width);
    for (int i = 0; !found && *word && i < OUTCOME_COUNT; i++) {
        const struct outcome_info *info = outcome_info((enum outcome)i);
        if (strcmp(outcome_layer_word(info->layer), word) != 0)
            continue;
        for (; i < OUTCOME_COUNT && outcome_info((enum outcome)i)->layer == info->layer; i++) {
            fputs(found ? "\n" : "", out);
            explain_one(out, outcome_info((enum outcome)i), colour, width);
            found = true;
        }
    }
    return found;
}

void explain_list(FILE *out, bool colour, int width)
{
    int column = 0;
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        int len = (int)strlen(outcome_info((enum outcome)i)->word);
        column = len > column ? len : column;
    }
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const struct outcome_info *info = outcome_info((enum outcome)i);
        if (i == 0 || info->layer != outcome_info((enum outcome)(i - 1))->layer)
            fprintf(out, "%s%s%s%s\n", i ? "\n" : "", term_start(TERM_BOLD, colour),
                    layer_text(info->layer), term_end(colour));
        fprintf(out, "  %-*s  ", column, info->word);
        term_wrap(out, info->text, column + 4, width);
    }
}

const char *explain_similar(const char *word, char *text, size_t cap)
{
    const char *nearest = NULL;
    unsigned distance = UINT_MAX;
    *text = '\0';
    for (int i = 0; i < OUTCOME_COUNT; i++) {
        const char *known = outcome_word((enum outcome)i);
        if (strlen(word) > 2 && strstr(known, word))
            str_append(text, cap, "%s%s", *text ? ", " : "", known);
        config_nearest(word, known, &nearest, &distance);
    }
    if (!*text && nearest)
        str_copy(text, cap, nearest);
    return text;
}
