/* SPDX-License-Identifier: ISC
 *
 * The outcome table for people: what a word means, how it is detected, what to do.
 */
#ifndef REACHD_MONITOR_PROBE_EXPLAIN_H
#define REACHD_MONITOR_PROBE_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* `word`: an outcome's, or a layer's for all of that layer. False when it is neither. */
bool explain_word(FILE *out, const char *word, bool colour, int width);
void explain_list(FILE *out, bool colour, int width); /* every word, by layer */
/* Known words like this one, "tls-closed, tls-error"; "" when there is none. */
const char *explain_similar(const char *word, char *text, size_t cap);

#endif
