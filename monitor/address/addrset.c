/* SPDX-License-Identifier: ISC
 *
 * The set of links and addresses. Two sorted arrays: links by ifindex, addresses by ifindex and
 * address. A link is looked up by the name it has now, so a recreated link (same name, another
 * ifindex) and a rename need no bookkeeping beyond the link's own row. An address may come before
 * its link is known; it is shown from then on.
 */
#include "monitor/address/addrset.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"

#define TAG "address"

/* More than any machine we are for has; what is beyond is refused aloud. */
#define MAX_ROWS 65536

struct link_row {
    struct rtnl_link link; /* name "" when another link has taken its name */
    int64_t changed_ms;
    unsigned seen; /* the dump that named it last */
};

struct addr_row {
    struct rtnl_addr addr;
    int64_t changed_ms;
    unsigned seen;
};

struct addrset {
    struct link_row *links;
    size_t link_count;
    size_t link_cap;
    struct addr_row *addrs;
    size_t addr_count;
    size_t addr_cap;
    unsigned dump; /* counts dumps */
    bool syncing;
    bool synced_once;
    bool full_told;
};

struct addrset *addrset_new(void)
{
    return mem_zalloc(sizeof(struct addrset));
}

void addrset_free(struct addrset *set)
{
    if (!set)
        return;
    free(set->links);
    free(set->addrs);
    free(set);
}

void addrset_sync_begin(struct addrset *set)
{
    set->dump++;
    set->syncing = true;
}

void addrset_synced(struct addrset *set)
{
    size_t kept = 0;
    for (size_t i = 0; i < set->link_count; i++)
        if (set->links[i].seen == set->dump)
            set->links[kept++] = set->links[i];
    set->link_count = kept;
    kept = 0;
    for (size_t i = 0; i < set->addr_count; i++)
        if (set->addrs[i].seen == set->dump)
            set->addrs[kept++] = set->addrs[i];
    set->addr_count = kept;
    set->syncing = false;
    set->synced_once = true;
}

/* Makes room for one row in a full array; false at the bound. */
static bool grow(struct addrset *set, void **rows, size_t count, size_t *cap, size_t size)
{
    if (count < *cap)
        return true;
    if (count >= MAX_ROWS) {
        if (!set->full_told)
            log_warn(TAG, "more than %d links or addresses: the rest is not looked at", MAX_ROWS);
        set->full_told = true;
        return false;
    }
    *cap = *cap ? *cap * 2 : 8;
    *rows = mem_regrow(*rows, *cap, size);
    return true;
}

/* --- links -------------------------------------------------------------------------------- */

/* Where the link is, or belongs. */
static size_t link_place(const struct addrset *set, int index)
{
    size_t low = 0;
    size_t high = set->link_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (set->links[mid].link.index < index)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct link_row *link_find(const struct addrset *set, int index)
{
    size_t at = link_place(set, index);
    bool found = at < set->link_count && set->links[at].link.index == index;
    return found ? &set->links[at] : NULL;
}

static struct link_row *link_insert(struct addrset *set, int index)
{
    void *rows = set->links;
    if (!grow(set, &rows, set->link_count, &set->link_cap, sizeof(*set->links)))
        return NULL;
    set->links = rows;
    size_t at = link_place(set, index);
    struct link_row *row = &set->links[at];
    memmove(row + 1, row, (set->link_count - at) * sizeof(*row));
    set->link_count++;
    memset(row, 0, sizeof(*row));
    row->link.index = index;
    return row;
}

/* Names are unique in the kernel: who else holds this one was renamed or is gone, and the message
 * that says so is on its way. */
static void take_name(struct addrset *set, const struct rtnl_link *link)
{
    for (size_t i = 0; i < set->link_count; i++)
        if (set->links[i].link.index != link->index &&
            strcmp(set->links[i].link.name, link->name) == 0)
            set->links[i].link.name[0] = '\0';
}

static bool feed_link(struct addrset *set, const struct rtnl_link *link, int64_t now_ms)
{
    struct link_row *row = link_find(set, link->index);
    bool known = row != NULL;
    if (!known)
        row = link_insert(set, link->index);
    if (!row)
        return false;
    bool changed = !known || row->link.up != link->up || strcmp(row->link.name, link->name) != 0;
    if (changed) {
        /* What the first dump finds was there before us: nothing says that it changed lately. */
        bool old = !known && set->syncing && !set->synced_once;
        row->changed_ms = old ? INT64_MIN : now_ms;
    }
    row->link = *link;
    row->seen = set->dump;
    if (changed)
        take_name(set, link);
    return changed;
}

static bool drop_link(struct addrset *set, int index)
{
    struct link_row *row = link_find(set, index);
    size_t kept = 0;
    for (size_t i = 0; i < set->addr_count; i++)
        if (set->addrs[i].addr.index != index)
            set->addrs[kept++] = set->addrs[i];
    bool changed = row || kept != set->addr_count;
    set->addr_count = kept;
    if (row) {
        size_t at = (size_t)(row - set->links);
        memmove(row, row + 1, (set->link_count - at - 1) * sizeof(*row));
        set->link_count--;
    }
    return changed;
}

static const struct link_row *link_by_name(const struct addrset *set, const char *name)
{
    for (size_t i = 0; i < set->link_count; i++)
        if (strcmp(set->links[i].link.name, name) == 0)
            return &set->links[i];
    return NULL;
}

bool addrset_link(const struct addrset *set, const char *link, bool *up)
{
    const struct link_row *row = link_by_name(set, link);
    *up = row && row->link.up;
    return row != NULL;
}

/* --- addresses ---------------------------------------------------------------------------- */

/* The kernel's own key: IPv4 may hold one address twice, with another prefix or peer (a PPP link
 * in the making does). */
static int addr_row_cmp(const struct rtnl_addr *a, const struct rtnl_addr *b)
{
    if (a->index != b->index)
        return a->index < b->index ? -1 : 1;
    int order = addr_cmp(&a->addr, &b->addr);
    if (order || a->addr.af == AF_INET6)
        return order;
    if (a->prefix_len != b->prefix_len)
        return a->prefix_len < b->prefix_len ? -1 : 1;
    return addr_cmp(&a->peer, &b->peer);
}

static size_t addr_place(const struct addrset *set, const struct rtnl_addr *addr)
{
    size_t low = 0;
    size_t high = set->addr_count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (addr_row_cmp(&set->addrs[mid].addr, addr) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct addr_row *addr_find(const struct addrset *set, const struct rtnl_addr *addr)
{
    size_t at = addr_place(set, addr);
    bool found = at < set->addr_count && addr_row_cmp(&set->addrs[at].addr, addr) == 0;
    return found ? &set->addrs[at] : NULL;
}

static struct addr_row *addr_insert(struct addrset *set, const struct rtnl_addr *addr)
{
    void *rows = set->addrs;
    if (!grow(set, &rows, set->addr_count, &set->addr_cap, sizeof(*set->addrs)))
        return NULL;
    set->addrs = rows;
    size_t at = addr_place(set, addr);
    struct addr_row *row = &set->addrs[at];
    memmove(row + 1, row, (set->addr_count - at) * sizeof(*row));
    set->addr_count++;
    return row;
}

/* A router advertisement only moves the lifetimes: no change, unless one of them runs out. */
static bool addr_differs(const struct rtnl_addr *a, const struct rtnl_addr *b)
{
    return a->flags != b->flags || a->scope != b->scope || a->prefix_len != b->prefix_len ||
           !addr_equal(&a->peer, &b->peer) || (a->preferred_s == 0) != (b->preferred_s == 0) ||
           (a->valid_s == 0) != (b->valid_s == 0);
}

/* When an address came into being by the kernel's own stamp, so that one found by a dump is not
 * taken for new. The stamp wraps after 497 days; an age that can't be is none. */
static int64_t born_ms(const struct rtnl_addr *addr, int64_t now_ms)
{
    if (addr->created_cs == 0)
        return now_ms;
    uint32_t age_cs = (uint32_t)(now_ms / 10) - addr->created_cs;
    return age_cs > INT32_MAX ? now_ms : now_ms - (int64_t)age_cs * 10;
}

static bool feed_addr(struct addrset *set, const struct rtnl_addr *addr, int64_t now_ms)
{
    struct addr_row *row = addr_find(set, addr);
    bool changed = !row || addr_differs(&row->addr, addr);
    int64_t changed_ms = !row ? born_ms(addr, now_ms) : changed ? now_ms : row->changed_ms;
    if (!row)
        row = addr_insert(set, addr);
    if (!row)
        return false;
    *row = (struct addr_row){.addr = *addr, .changed_ms = changed_ms, .seen = set->dump};
    return changed;
}

static bool drop_addr(struct addrset *set, const struct rtnl_addr *addr)
{
    struct addr_row *row = addr_find(set, addr);
    if (!row)
        return false;
    size_t at = (size_t)(row - set->addrs);
    memmove(row, row + 1, (set->addr_count - at - 1) * sizeof(*row));
    set->addr_count--;
    return true;
}

bool addrset_feed(struct addrset *set, const struct rtnl_event *event, int64_t now_ms)
{
    switch (event->kind) {
    case RTNL_LINK:
        return feed_link(set, &event->link, now_ms);
    case RTNL_LINK_GONE:
        return drop_link(set, event->link.index);
    case RTNL_ADDR:
        return feed_addr(set, &event->addr, now_ms);
    case RTNL_ADDR_GONE:
        return drop_addr(set, &event->addr);
    case RTNL_NEIGHBOUR:
    case RTNL_NEIGHBOUR_GONE:
        break;
    }
    return false;
}

void addrset_each(const struct addrset *set, const char *link,
                  void (*fn)(const struct addrset_entry *entry, void *arg), void *arg)
{
    const struct link_row *only = link ? link_by_name(set, link) : NULL;
    const struct link_row *row = only;
    if (link && !only)
        return;
    for (size_t i = 0; i < set->addr_count; i++) {
        const struct addr_row *addr = &set->addrs[i];
        if (!row || row->link.index != addr->addr.index)
            row = only ? only : link_find(set, addr->addr.index);
        if (!row || row->link.index != addr->addr.index || row->link.name[0] == '\0')
            continue;
        struct addrset_entry entry = {
            .addr = &addr->addr,
            .link = row->link.name,
            .link_kind = row->link.kind,
            .link_up = row->link.up,
            .loopback = row->link.loopback,
            .changed_ms = addr->changed_ms > row->changed_ms ? addr->changed_ms : row->changed_ms,
        };
        fn(&entry, arg);
    }
}

struct holder {
    const struct addr *addr;
    struct addrset_entry *out;
    bool found;
};

static void take_holder(const struct addrset_entry *entry, void *arg)
{
    struct holder *holder = arg;
    if (holder->found || !addr_equal(&entry->addr->addr, holder->addr))
        return;
    *holder->out = *entry;
    holder->found = true;
}

bool addrset_holder(const struct addrset *set, const struct addr *addr, struct addrset_entry *out)
{
    struct holder holder = {.addr = addr, .out = out};
    addrset_each(set, NULL, take_holder, &holder);
    return holder.found;
}
