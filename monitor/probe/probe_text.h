/* SPDX-License-Identifier: ISC
 *
 * A finished round as text for people: the verdict first, a block per address, the certificate
 * once. Not its job: JSON (probes/round.h), probing.
 */
#ifndef REACHD_MONITOR_PROBE_PROBE_TEXT_H
#define REACHD_MONITOR_PROBE_PROBE_TEXT_H

#include <stdio.h>

#include "lib/table.h"
#include "probes/round.h"

struct probe_text_style {
    bool colour;
    bool verbose;                       /* what the connection was like, too */
    bool utf8;                          /* marks beyond ASCII */
    int width;                          /* columns */
    bool families_wanted[FAMILY_COUNT]; /* its absence is worth advice: asked for by -4 or -6 */
};

void probe_text_print(FILE *out, const struct probe_text_style *style,
                      const struct round_spec *spec, const struct round_result *result,
                      int64_t now_ms);
enum term_colour probe_text_colour(enum outcome outcome); /* by its verdict */
/* One line without its end: the verdict and the word of each family. */
void probe_text_line(FILE *out, const struct probe_text_style *style, const struct round_spec *spec,
                     const struct round_result *result);

#endif
