/* SPDX-License-Identifier: ISC
 *
 * Counting voices (see addr_vote.h).
 */
#include "monitor/address/addr_vote.h"

static size_t voices_for(const struct addr_voice *voices, size_t count, const struct addr *addr)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        found += voices[i].spoke && addr_equal(&voices[i].said, addr);
    return found;
}

/* The most voices of an address other than `but` (which may be unset); *which is that address. */
static size_t most_voices(const struct addr_voice *voices, size_t count, const struct addr *but,
                          struct addr *which)
{
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        const struct addr *said = &voices[i].said;
        if (!voices[i].spoke || !addr_is_set(said) || addr_equal(said, but))
            continue;
        size_t found = voices_for(voices, count, said);
        if (found > most) {
            most = found;
            *which = *said;
        }
    }
    return most;
}

enum addr_vote addr_vote(const struct addr_voice *voices, size_t count, size_t needed,
                         struct addr *out)
{
    static const struct addr none;
    struct addr first = none, second = none;
    size_t waiting = 0;
    for (size_t i = 0; i < count; i++)
        waiting += !voices[i].spoke;
    size_t most = most_voices(voices, count, &none, &first);
    size_t next = most_voices(voices, count, &first, &second);
    if (most >= needed && most > next + waiting) {
        *out = first;
        return ADDR_VOTE_TAKEN;
    }
    if (waiting == 0 || most + waiting < needed)
        return ADDR_VOTE_SPLIT;
    return ADDR_VOTE_OPEN;
}
