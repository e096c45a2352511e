/* SPDX-License-Identifier: ISC
 *
 * A table of sets, as the cache of a processor has them: a key may stand in a few places only, so
 * nothing is ever moved or searched for.
 */
#include "probes/verified.h"

#include <string.h>
#include <sys/mman.h>

#include "lib/log.h"

struct entry {
    struct verified_key key;
    struct verified_dates dates;
    int64_t ends_ms; /* boot clock; 0: free */
};

struct verified {
    struct entry sets[VERIFIED_SETS][VERIFIED_WAYS];
};

/* Straight from the kernel: a page that no chain falls on costs nothing, and calloc would not
 * promise that. */
struct verified *verified_new(void)
{
    void *memory = mmap(NULL, sizeof(struct verified), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        log_fatal("tls", "out of memory");
    return memory;
}

void verified_free(struct verified *verified)
{
    if (verified)
        munmap(verified, sizeof(*verified));
}

static size_t set_of(const struct verified_key *key)
{
    return (key->digest[0] | (size_t)key->digest[1] << 8) % VERIFIED_SETS;
}

static bool is_same(const struct entry *entry, const struct verified_key *key)
{
    return entry->ends_ms != 0 && memcmp(&entry->key, key, sizeof(*key)) == 0;
}

bool verified_holds(const struct verified *verified, const struct verified_key *key,
                    const struct verified_now *now)
{
    const struct entry *set = verified->sets[set_of(key)];
    for (size_t i = 0; i < VERIFIED_WAYS; i++) {
        if (is_same(&set[i], key))
            return now->boot_ms < set[i].ends_ms && now->wall_ms >= set[i].dates.from_ms &&
                   now->wall_ms <= set[i].dates.until_ms;
    }
    return false;
}

/* Its own former place, else the one that ends first; a free one has ended long ago. */
static struct entry *place(struct entry *set, const struct verified_key *key)
{
    struct entry *best = &set[0];
    for (size_t i = 0; i < VERIFIED_WAYS; i++) {
        if (is_same(&set[i], key))
            return &set[i];
        if (set[i].ends_ms < best->ends_ms)
            best = &set[i];
    }
    return best;
}

void verified_note(struct verified *verified, const struct verified_key *key,
                   const struct verified_dates *dates, const struct verified_now *now)
{
    struct entry *entry = place(verified->sets[set_of(key)], key);
    entry->key = *key;
    entry->dates = *dates;
    entry->ends_ms = now->boot_ms + VERIFIED_MAX_AGE_MS;
}
