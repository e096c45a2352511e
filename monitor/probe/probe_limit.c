/* SPDX-License-Identifier: ISC
 *
 * Reading thresholds. Owns: the syntax. Not its job: holding results against them
 * (probe_nagios.h).
 */
#include "monitor/probe/probe_limit.h"

#include <string.h>

#include "lib/duration.h"
#include "lib/str.h"

#define DAYS_MAX     3650
#define SECONDS_MAX  600
#define ITEM_LEN     24
#define FRACTION_LEN 6

static const char wrong[] = "write days of the certificate as 14d, seconds as 1s, 0.5 or 500ms, or "
                            "both as 14d,1s";

/* "0.25" or "0.25s" in microseconds; what plugins write since ever. */
static bool parse_fraction(const char *text, int64_t *out_us)
{
    char whole[ITEM_LEN], fraction[FRACTION_LEN + 1] = "000000";
    uint64_t seconds, us;
    size_t len = strcspn(text, "."), after = strspn(text + len + 1, "0123456789");
    const char *unit = text + len + 1 + after;
    str_ncopy(whole, sizeof whole, text, len);
    if (after == 0 || after > FRACTION_LEN || (*unit && strcmp(unit, "s") != 0))
        return false;
    memcpy(fraction, text + len + 1, after);
    if (!str_to_uint(whole, SECONDS_MAX, &seconds) || !str_to_uint(fraction, 999999, &us))
        return false;
    *out_us = (int64_t)(seconds * 1000000 + us);
    return true;
}

static const char *take_time(const char *item, struct probe_limit *out)
{
    int64_t ms;
    if (out->has_time)
        return "there are two times";
    if (!strchr(item, '.') && duration_parse(item, &ms))
        out->time_us = ms * 1000;
    else if (!strchr(item, '.') || !parse_fraction(item, &out->time_us))
        return wrong;
    if (out->time_us <= 0 || out->time_us > INT64_C(1000000) * SECONDS_MAX)
        return "a time is more than 0 and at most 600s";
    out->has_time = true;
    return NULL;
}

static const char *take_days(const char *item, size_t len, struct probe_limit *out)
{
    char digits[ITEM_LEN];
    uint64_t days;
    if (out->has_days)
        return "there are two numbers of days";
    str_ncopy(digits, sizeof digits, item, len - 1);
    if (!str_to_uint(digits, DAYS_MAX, &days))
        return "days are a whole number up to 3650d";
    out->days = (int64_t)days;
    out->has_days = true;
    return NULL;
}

const char *probe_limit_parse(const char *text, struct probe_limit *out)
{
    struct probe_limit read = {0};
    const char *problem = NULL;
    do {
        char item[ITEM_LEN];
        size_t len = strcspn(text, ",");
        if (len == 0 || !str_ncopy(item, sizeof item, text, len))
            return wrong;
        problem = item[len - 1] == 'd' ? take_days(item, len, &read) : take_time(item, &read);
        text += len;
    } while (!problem && *text++ == ',');
    if (!problem)
        *out = read;
    return problem;
}
