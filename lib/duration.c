/* SPDX-License-Identifier: ISC
 *
 * Durations as people write them. Owns: the units. Not its job: clocks.
 */
#include "lib/duration.h"

#include <inttypes.h>
#include <string.h>

#include "lib/str.h"

struct unit {
    const char *name;
    int64_t ms;
};

/* Largest first: the order in which they may appear. */
static const struct unit units[] = {
    {"w", INT64_C(7) * 86400 * 1000},
    {"d", INT64_C(86400) * 1000},
    {"h", INT64_C(3600) * 1000},
    {"m", INT64_C(60) * 1000},
    {"s", 1000},
    {"ms", 1},
};

enum {
    UNIT_COUNT = sizeof(units) / sizeof(units[0]),
    UNIT_DAY = 1,
    UNIT_SECOND = 4,
};

#define DURATION_MAX_MS (INT64_C(10) * 366 * 86400 * 1000)

/* Reads the digits at *text; false when there are none or they pass the maximum in any unit. */
static bool parse_digits(const char **text, int64_t *out)
{
    size_t len = strspn(*text, "0123456789");
    int64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + ((*text)[i] - '0');
        if (value > DURATION_MAX_MS)
            return false;
    }
    *text += len;
    *out = value;
    return len > 0;
}

/* Index of the unit at *text among those after `above`, or -1. */
static int parse_unit(const char **text, int above)
{
    size_t len = strspn(*text, "abcdefghijklmnopqrstuvwxyz");
    for (int i = above + 1; i < UNIT_COUNT; i++) {
        if (strlen(units[i].name) == len && strncmp(*text, units[i].name, len) == 0) {
            *text += len;
            return i;
        }
    }
    return -1;
}

bool duration_parse(const char *text, int64_t *out_ms)
{
    int64_t total = 0;
    int unit = -1;
    bool first = true;
    do {
        int64_t value;
        if (!parse_digits(&text, &value))
            return false;
        bool bare = first && !*text;
        unit = bare ? UNIT_SECOND : parse_unit(&text, unit);
        if (unit < 0 || value > (DURATION_MAX_MS - total) / units[unit].ms)
            return false;
        total += value * units[unit].ms;
        first = false;
    } while (*text);
    *out_ms = total;
    return true;
}

/* As people say it: milliseconds below a second, a tenth below ten seconds, then whole seconds.
 * Cuts, does not round: 59.9 seconds never become a minute, and "0s" is said of nothing only. */
const char *duration_format(int64_t ms, char buf[DURATION_LEN])
{
    int i = UNIT_DAY;
    buf[0] = '\0';
    if (ms < 0)
        ms = 0;
    while (i < UNIT_COUNT - 1 && ms < units[i].ms)
        i++;
    if (ms == 0)
        str_copy(buf, DURATION_LEN, "0s");
    else if (i == UNIT_SECOND && ms < 10 * units[i].ms && ms % 1000 >= 100)
        str_append(buf, DURATION_LEN, "%" PRId64 ".%" PRId64 "s", ms / 1000, ms % 1000 / 100);
    else
        str_append(buf, DURATION_LEN, "%" PRId64 "%s", ms / units[i].ms, units[i].name);
    int64_t rest = i < UNIT_SECOND ? ms % units[i].ms / units[i + 1].ms : 0;
    if (rest > 0)
        str_append(buf, DURATION_LEN, " %" PRId64 "%s", rest, units[i + 1].name);
    return buf;
}
