/* SPDX-License-Identifier: ISC
 *
 * "Did you mean …?": the nearest known name. Pure.
 */
#include <limits.h>
#include <string.h>

#include "monitor/config/config_schema.h"

#define WORD_MAX 32

static unsigned smallest(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned config_distance(const char *a, const char *b, unsigned limit)
{
    /* Three rows of the table of "optimal string alignment": the current one and two before. */
    unsigned rows[3][WORD_MAX + 1];
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    if (a_len > WORD_MAX || b_len > WORD_MAX)
        return limit + 1;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = (unsigned)j;
    for (size_t i = 1; i <= a_len; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *up = rows[(i + 2) % 3];
        const unsigned *up2 = rows[(i + 1) % 3];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_len; j++) {
            unsigned replace = up[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smallest(replace, smallest(up[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smallest(row[j], up2[j - 2] + 1);
        }
    }
    unsigned distance = rows[a_len % 3][b_len];
    return distance > limit ? limit + 1 : distance;
}

void config_nearest(const char *word, const char *name, const char **best, unsigned *best_distance)
{
    unsigned limit = strlen(word) < 4 ? 1 : 2; /* more would be a guess */
    unsigned distance = config_distance(word, name, limit);
    if (distance <= limit && distance < *best_distance) {
        *best = name;
        *best_distance = distance;
    }
}

const char *config_kind_nearest(const char *name)
{
    const char *best = NULL;
    unsigned distance = UINT_MAX;
    for (unsigned i = 0; i < KIND_COUNT; i++)
        config_nearest(name, config_kind((enum config_kind_id)i)->name, &best, &distance);
    return best;
}

const char *config_key_nearest(const struct config_kind *kind, const char *name)
{
    const char *best = NULL;
    unsigned distance = UINT_MAX;
    for (size_t i = 0; i < kind->key_count; i++)
        config_nearest(name, kind->keys[i].name, &best, &distance);
    return best;
}
