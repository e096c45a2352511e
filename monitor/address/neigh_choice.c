/* SPDX-License-Identifier: ISC
 *
 * The choice among the addresses of a neighbour: one order over them, and what becomes of the
 * present one when it is not among them.
 */
#include "monitor/address/neigh_choice.h"

#include <stdio.h>
#include <string.h>

#include "lib/str.h"
#include "monitor/address/addr_suffix.h"

#define NO_PREFIX     SIZE_MAX
#define STABLE_EUI64  "formed of its MAC address (EUI-64)"
#define STABLE_NUMBER "numbered by hand or by DHCPv6"
#define OPAQUE        "stable or temporary: it can't be told"

struct choosing {
    const uint8_t *mac;
    const struct addr_choice *own;
    const struct addr *present;
    const struct neighset_row *best; /* of those that may be chosen */
    const struct neighset_row *now;  /* the present one's */
};

/* --- prefixes ----------------------------------------------------------------------------- */

static bool is_fit(const struct addr_choice *own, size_t i)
{
    const struct addr_candidate *candidate = &own->candidates[i];
    return (candidate->fitness == ADDR_FIT || (i == 0 && own->chosen)) &&
           candidate->addr.prefix_len > 0 && candidate->addr.prefix_len < 128;
}

/* The place of the first fit address of ours whose prefix holds addr; index 0: on any link. */
static size_t prefix_of(const struct addr_choice *own, const struct addr *addr, int index)
{
    for (size_t i = 0; i < own->count; i++) {
        const struct rtnl_addr *ours = &own->candidates[i].addr;
        struct prefix prefix = {.addr = ours->addr, .len = ours->prefix_len};
        if (is_fit(own, i) && (index == 0 || ours->index == index) &&
            prefix_contains(&prefix, addr))
            return i;
    }
    return NO_PREFIX;
}

/* --- the order ---------------------------------------------------------------------------- */

/* NULL: it looks random. */
static const char *stable_text(const struct addr *addr, const uint8_t mac[MAC_LEN])
{
    static const uint8_t zeros[4];
    struct addr eui64 = addr_suffix_eui64(mac);
    if (memcmp(addr->bytes + 8, eui64.bytes + 8, 8) == 0)
        return STABLE_EUI64;
    return memcmp(addr->bytes + 8, zeros, sizeof zeros) == 0 ? STABLE_NUMBER : NULL;
}

static bool is_present(const struct choosing *c, const struct neighset_row *row)
{
    return addr_equal(&row->addr, c->present);
}

/* Negative: a comes first. */
static int order(const struct choosing *c, const struct neighset_row *a,
                 const struct neighset_row *b)
{
    bool a_stable = stable_text(&a->addr, c->mac), b_stable = stable_text(&b->addr, c->mac);
    size_t a_prefix = prefix_of(c->own, &a->addr, a->index);
    size_t b_prefix = prefix_of(c->own, &b->addr, b->index);
    if (a_stable != b_stable)
        return a_stable ? -1 : 1;
    if (is_present(c, a) != is_present(c, b))
        return is_present(c, a) ? -1 : 1;
    if (a_prefix != b_prefix)
        return a_prefix < b_prefix ? -1 : 1;
    if (a->life != b->life)
        return a->life > b->life ? -1 : 1;
    if (a->confirmed_ms != b->confirmed_ms)
        return a->confirmed_ms > b->confirmed_ms ? -1 : 1;
    return addr_cmp(&a->addr, &b->addr);
}

static void look_through(const struct neighset *set, struct choosing *c)
{
    size_t count;
    const struct neighset_row *rows = neighset_rows(set, &count);
    for (size_t i = 0; i < count; i++) {
        const struct neighset_row *row = &rows[i];
        if (memcmp(row->mac, c->mac, MAC_LEN) != 0 || row->life == NEIGH_FAILED ||
            prefix_of(c->own, &row->addr, row->index) == NO_PREFIX)
            continue;
        if (is_present(c, row))
            c->now = row;
        if (!c->best || order(c, row, c->best) < 0)
            c->best = row;
    }
}

/* --- the answer --------------------------------------------------------------------------- */

const char *neigh_mac_format(const uint8_t mac[MAC_LEN], char text[MAC_TEXT_LEN])
{
    snprintf(text, MAC_TEXT_LEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
             mac[4], mac[5]);
    return text;
}

static void take(const struct choosing *c, const struct addr *addr, const char *why,
                 struct neigh_choice *out)
{
    char mac[MAC_TEXT_LEN];
    const char *stable = stable_text(addr, c->mac);
    out->chosen = true;
    out->addr = *addr;
    snprintf(out->reason, sizeof out->reason, "of the neighbour %s, %s%s",
             neigh_mac_format(c->mac, mac), stable ? stable : OPAQUE, why);
}

static void say_none(const struct choosing *c, struct neigh_choice *out)
{
    char mac[MAC_TEXT_LEN], text[ADDR_STRLEN];
    const struct addr_candidate *first = &c->own->candidates[0];
    for (size_t i = 0; i < c->own->count; i++)
        if (is_fit(c->own, i)) {
            snprintf(out->reason, sizeof out->reason,
                     "the neighbour %s is not known under an address of the network of %s/%u: "
                     "it will be when it speaks through this machine (ip -6 neigh)",
                     neigh_mac_format(c->mac, mac),
                     addr_format(&c->own->candidates[i].addr.addr, text),
                     c->own->candidates[i].addr.prefix_len);
            return;
        }
    if (c->own->chosen)
        snprintf(out->reason, sizeof out->reason, "%s/%u names no network for neighbours",
                 addr_format(&first->addr.addr, text), first->addr.prefix_len);
    else
        str_copy(out->reason, sizeof out->reason, c->own->reason);
}

void neigh_choose(const struct neighset *set, const uint8_t mac[MAC_LEN],
                  const struct addr_choice *own, const struct addr *present,
                  struct neigh_choice *out)
{
    static const struct addr none;
    struct choosing c = {.mac = mac, .own = own, .present = present ? present : &none};
    *out = (struct neigh_choice){.chosen = false};
    look_through(set, &c);
    bool lives = addr_is_set(c.present) && prefix_of(own, c.present, 0) != NO_PREFIX;
    if (lives && !c.now && (!c.best || c.best->life != NEIGH_ALIVE))
        take(&c, c.present, "; kept: it is not heard of now", out);
    else if (c.best)
        take(&c, &c.best->addr, c.best->life == NEIGH_ALIVE ? "" : "; not heard lately", out);
    else
        say_none(&c, out);
    out->alive = c.best && c.best->life == NEIGH_ALIVE && addr_equal(&c.best->addr, &out->addr);
}

/* --- guesses ------------------------------------------------------------------------------ */

static size_t add_guess(struct addr *out, size_t count, const struct rtnl_addr *ours,
                        const struct addr *host_part)
{
    struct addr made = addr_suffix_apply(&ours->addr, ours->prefix_len, host_part);
    for (size_t i = 0; i < count; i++)
        if (addr_equal(&out[i], &made))
            return count;
    if (count < NEIGH_MAX_GUESSES && !addr_equal(&made, &ours->addr))
        out[count++] = made;
    return count;
}

size_t neigh_guess(const uint8_t mac[MAC_LEN], const struct addr_choice *own,
                   const struct addr *present, struct addr out[NEIGH_MAX_GUESSES])
{
    struct addr eui64 = addr_suffix_eui64(mac);
    size_t count = 0;
    for (size_t i = 0; i < own->count; i++) {
        if (!is_fit(own, i))
            continue;
        if (addr_is_set(present))
            count = add_guess(out, count, &own->candidates[i].addr, present);
        count = add_guess(out, count, &own->candidates[i].addr, &eui64);
    }
    return count;
}
