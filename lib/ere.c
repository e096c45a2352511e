/* SPDX-License-Identifier: ISC
 *
 * Searching (see ere.h): all places of the program at which the machine may be, a character at a
 * time. Owns: nothing but two lists of places on the stack.
 */
#include "lib/ere.h"

#include <string.h>

#include "lib/ere_priv.h"
#include "lib/str.h"

/* Places, each once; `at` tells whether one is among them without being cleared before. */
struct places {
    size_t count;
    uint16_t list[ERE_MAX_STEPS];
    uint16_t at[ERE_MAX_STEPS];
};

uint32_t ere_char_at(const char *text, size_t left, size_t *len)
{
    unsigned char first = (unsigned char)*text;
    uint32_t c = first;
    *len = 1;
    if (first < 0x80)
        return c;
    size_t found = str_utf8_at(text, left, &c);
    *len = found > 0 ? found : 1;
    return found > 0 ? c : ERE_BAD_BYTE + first;
}

bool ere_is_word(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

static bool ends_line(uint32_t c)
{
    return c == '\n' || c == '\0' || c == ERE_NO_CHAR;
}

static bool in_set(const struct ere *ere, const struct ere_set *set, uint32_t c)
{
    bool found = false;
    for (size_t i = 0; i < set->count && !found; i++) {
        const struct ere_range *range = &ere->ranges[set->first + i];
        found = c >= range->low && c <= range->high;
    }
    return set->negated ? !found && !ends_line(c) : found;
}

static bool takes(const struct ere *ere, const struct ere_step *step, uint32_t c)
{
    switch (step->op) {
    case ERE_CHAR:
        return step->value == c;
    case ERE_ANY:
        return !ends_line(c);
    case ERE_SET:
        return in_set(ere, &ere->sets[step->value], c);
    default:
        return false;
    }
}

/* Whether a step that takes no character may be passed between these two. */
static bool holds(unsigned op, uint32_t before, uint32_t after)
{
    bool edge = ere_is_word(before) != ere_is_word(after);
    return (op == ERE_BEGIN && ends_line(before)) || (op == ERE_END && ends_line(after)) ||
           (op == ERE_EDGE && edge) || (op == ERE_NO_EDGE && !edge);
}

static void put(struct places *places, size_t step)
{
    uint16_t at = places->at[step];
    if (at < places->count && places->list[at] == step)
        return;
    places->at[step] = (uint16_t)places->count;
    places->list[places->count++] = (uint16_t)step;
}

/* Adds to the places what is reached from them without a character; true when the end is. The list
 * grows while it is walked through. */
static bool spread(const struct ere *ere, struct places *places, uint32_t before, uint32_t after)
{
    for (size_t i = 0; i < places->count; i++) {
        size_t place = places->list[i];
        const struct ere_step *step = &ere->steps[place];
        if (step->op == ERE_MATCH)
            return true;
        if (step->op == ERE_SPLIT) {
            put(places, (size_t)((int)place + step->to[0]));
            put(places, (size_t)((int)place + step->to[1]));
        } else if (holds(step->op, before, after)) {
            put(places, place + 1);
        }
    }
    return false;
}

bool ere_search(const struct ere *ere, const char *text, size_t len)
{
    struct places both[2], *now = &both[0], *next = &both[1];
    uint32_t before = ERE_NO_CHAR;
    memset(both, 0, sizeof both);
    for (size_t at = 0;;) {
        size_t step = 0;
        uint32_t c = at < len ? ere_char_at(text + at, len - at, &step) : ERE_NO_CHAR;
        put(now, 0); /* a match may begin here */
        if (spread(ere, now, before, c))
            return true;
        if (at == len)
            return false;
        next->count = 0;
        for (size_t i = 0; i < now->count; i++)
            if (takes(ere, &ere->steps[now->list[i]], c))
                put(next, now->list[i] + 1u);
        struct places *swap = now;
        now = next;
        next = swap;
        before = c;
        at += step;
    }
}
