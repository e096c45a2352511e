/* SPDX-License-Identifier: ISC
 *
 * The set of neighbours: a small array, for few hosts are wanted. An entry that does not answer
 * loses its MAC address in the kernel's messages; here it is known by its address.
 */
#include "monitor/address/neighset.h"

#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"

#define TAG "address"

/* A host has a few; one that makes up more can't have us remember them all. */
#define MAX_ROWS 1024

#define NUD_ALIVE (NUD_REACHABLE | NUD_PERMANENT | NUD_NOARP)
#define NUD_QUIET (NUD_STALE | NUD_DELAY | NUD_PROBE)

struct neighset {
    struct neighset_row *rows;
    size_t count;
    size_t cap;
    uint8_t (*macs)[MAC_LEN];
    size_t mac_count;
    unsigned dump; /* counts dumps */
    bool full_told;
};

struct neighset *neighset_new(void)
{
    return mem_zalloc(sizeof(struct neighset));
}

void neighset_free(struct neighset *set)
{
    if (!set)
        return;
    free(set->rows);
    free(set->macs);
    free(set);
}

static bool is_wanted(const struct neighset *set, const uint8_t mac[MAC_LEN])
{
    for (size_t i = 0; i < set->mac_count; i++)
        if (memcmp(set->macs[i], mac, MAC_LEN) == 0)
            return true;
    return false;
}

bool neighset_want(struct neighset *set, const uint8_t (*macs)[MAC_LEN], size_t count)
{
    bool is_new = false;
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        is_new |= !is_wanted(set, macs[i]);
    free(set->macs);
    set->macs = count > 0 ? mem_array(count, MAC_LEN) : NULL;
    set->mac_count = count;
    if (count > 0)
        memcpy(set->macs, macs, count * MAC_LEN);
    for (size_t i = 0; i < set->count; i++)
        if (is_wanted(set, set->rows[i].mac))
            set->rows[kept++] = set->rows[i];
    set->count = kept;
    return is_new;
}

void neighset_sync_begin(struct neighset *set)
{
    set->dump++;
}

void neighset_synced(struct neighset *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].seen == set->dump)
            set->rows[kept++] = set->rows[i];
    set->count = kept;
}

static struct neighset_row *find(const struct neighset *set, const struct rtnl_neighbour *neighbour)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->rows[i].index == neighbour->index &&
            addr_equal(&set->rows[i].addr, &neighbour->addr))
            return &set->rows[i];
    return NULL;
}

static bool drop(struct neighset *set, struct neighset_row *row)
{
    if (row)
        *row = set->rows[--set->count];
    return row != NULL;
}

static struct neighset_row *add(struct neighset *set, const struct rtnl_neighbour *neighbour)
{
    if (set->count == MAX_ROWS) {
        if (!set->full_told)
            log_warn(TAG, "more than %d addresses of neighbours: the rest is not looked at",
                     MAX_ROWS);
        set->full_told = true;
        return NULL;
    }
    if (set->count == set->cap) {
        set->cap = set->cap ? set->cap * 2 : 8;
        set->rows = mem_regrow(set->rows, set->cap, sizeof(*set->rows));
    }
    struct neighset_row *row = &set->rows[set->count++];
    *row = (struct neighset_row){.index = neighbour->index, .addr = neighbour->addr};
    return row;
}

static enum neigh_life life_of(const struct rtnl_neighbour *neighbour)
{
    if (!neighbour->has_mac)
        return NEIGH_FAILED;
    if (neighbour->state & NUD_ALIVE)
        return NEIGH_ALIVE;
    return neighbour->state & NUD_QUIET ? NEIGH_QUIET : NEIGH_FAILED;
}

static bool feed(struct neighset *set, const struct rtnl_neighbour *neighbour, int64_t now_ms)
{
    struct neighset_row *row = find(set, neighbour);
    enum neigh_life life = life_of(neighbour);
    if (neighbour->has_mac && !is_wanted(set, neighbour->mac))
        return drop(set, row); /* another host has taken the address */
    if (!row && !neighbour->has_mac)
        return false;
    bool changed = !row || row->life != life ||
                   (neighbour->has_mac && memcmp(row->mac, neighbour->mac, MAC_LEN) != 0);
    if (!row)
        row = add(set, neighbour);
    if (!row)
        return false;
    if (neighbour->has_mac)
        memcpy(row->mac, neighbour->mac, MAC_LEN);
    row->life = life;
    row->confirmed_ms = now_ms - (int64_t)neighbour->confirmed_cs * 10;
    row->seen = set->dump;
    return changed;
}

bool neighset_feed(struct neighset *set, const struct rtnl_event *event, int64_t now_ms)
{
    bool gone = event->kind == RTNL_NEIGHBOUR_GONE;
    if ((!gone && event->kind != RTNL_NEIGHBOUR) || event->neighbour.addr.af != AF_INET6)
        return false;
    return gone ? drop(set, find(set, &event->neighbour)) : feed(set, &event->neighbour, now_ms);
}

const struct neighset_row *neighset_rows(const struct neighset *set, size_t *count)
{
    *count = set->count;
    return set->rows;
}
