/* SPDX-License-Identifier: ISC
 *
 * The table of kinds (see kind.h); the rows are in kind_table.h.
 */
#include "probes/kind.h"

#include <string.h>

#include "lib/str.h"

static const struct kind *const table[PROBE_KIND_COUNT] = {
#define KIND(name, id) [PROBE_##name] = &kind_##id,
#include "probes/kind_table.h"
#undef KIND
};

const struct kind *kind_of(enum probe_kind kind)
{
    return table[kind < PROBE_KIND_COUNT ? kind : 0];
}

bool kind_from_word(const char *word, enum probe_kind *out)
{
    for (unsigned i = 0; i < PROBE_KIND_COUNT; i++) {
        if (strcmp(table[i]->word, word) == 0) {
            *out = (enum probe_kind)i;
            return true;
        }
    }
    return false;
}

const char *kind_names(char buf[KIND_NAMES_LEN])
{
    buf[0] = '\0';
    for (unsigned i = 0; i < PROBE_KIND_COUNT; i++)
        str_append(buf, KIND_NAMES_LEN, "%s%s", i > 0 ? ", " : "", table[i]->word);
    return buf;
}
