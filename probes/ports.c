/* SPDX-License-Identifier: ISC
 *
 * Sets of ports as ascending ranges.
 */
#include "probes/ports.h"

#include <string.h>

#include "lib/str.h"

static const char *parse_port(const char *text, size_t len, uint16_t *out)
{
    char one[8];
    uint64_t value;
    if (!str_ncopy(one, sizeof one, text, len) || !str_to_uint(one, UINT16_MAX, &value) ||
        value == 0)
        return "ports are written as 80 or 8000:8999, from 1 to 65535";
    *out = (uint16_t)value;
    return NULL;
}

/* Ranges that overlap or touch become one, so that no port is looked at twice. */
static const char *insert(struct port_set *set, struct port_range range)
{
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < set->range_count; i++) {
        struct port_range *other = &set->ranges[i];
        if (other->high + 1 < range.low) {
            set->ranges[kept++] = *other;
            at = kept;
        } else if (other->low > range.high + 1) {
            set->ranges[kept++] = *other;
        } else {
            range.low = other->low < range.low ? other->low : range.low;
            range.high = other->high > range.high ? other->high : range.high;
        }
    }
    set->range_count = kept;
    if (kept == PORT_RANGES_MAX)
        return "there are too many separate ports: write ranges";
    memmove(&set->ranges[at + 1], &set->ranges[at], (kept - at) * sizeof set->ranges[0]);
    set->ranges[at] = range;
    set->range_count++;
    return NULL;
}

static const char *add_one(struct port_set *set, const char *text, size_t len)
{
    struct port_range range;
    const char *colon = memchr(text, ':', len);
    const char *problem = parse_port(text, colon ? (size_t)(colon - text) : len, &range.low);
    range.high = range.low;
    if (!problem && colon)
        problem = parse_port(colon + 1, (size_t)(text + len - colon - 1), &range.high);
    if (!problem && range.high < range.low)
        problem = "a range of ports begins with the smaller one";
    return problem ? problem : insert(set, range);
}

const char *port_set_add(struct port_set *set, const char *text)
{
    const char *problem = NULL;
    bool any = false;
    while (!problem && *text) {
        size_t len = strcspn(text, ", ");
        if (len > 0) {
            problem = add_one(set, text, len);
            any = true;
        }
        text += len + (text[len] != '\0');
    }
    return problem || any ? problem : "no port is named";
}

size_t port_set_count(const struct port_set *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->range_count; i++)
        count += (size_t)set->ranges[i].high - set->ranges[i].low + 1;
    return count;
}

uint16_t port_set_at(const struct port_set *set, size_t index)
{
    for (size_t i = 0; i < set->range_count; i++) {
        size_t here = (size_t)set->ranges[i].high - set->ranges[i].low + 1;
        if (index < here)
            return (uint16_t)(set->ranges[i].low + index);
        index -= here;
    }
    return 0;
}

bool port_set_equal(const struct port_set *a, const struct port_set *b)
{
    return a->range_count == b->range_count &&
           memcmp(a->ranges, b->ranges, a->range_count * sizeof a->ranges[0]) == 0;
}

const char *port_set_text(const struct port_set *set, char buf[PORTS_TEXT_LEN])
{
    buf[0] = '\0';
    for (size_t i = 0; i < set->range_count; i++) {
        const struct port_range *range = &set->ranges[i];
        if (strlen(buf) + 16 > PORTS_TEXT_LEN) {
            str_append(buf, PORTS_TEXT_LEN, " ...");
            break;
        }
        str_append(buf, PORTS_TEXT_LEN, "%s%u", i ? " " : "", range->low);
        if (range->high != range->low)
            str_append(buf, PORTS_TEXT_LEN, ":%u", range->high);
    }
    return buf;
}
