/* SPDX-License-Identifier: ISC
 *
 * The policy. Every candidate gets a fitness, a rank and a reason; one total order over them puts
 * the answer first. Lifetimes count by order of magnitude only: a router refreshes them all the
 * time, and the choice must not move with that.
 */
#include "monitor/address/addr_policy.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "lib/addr_special.h"
#include "lib/str.h"

/* The order in which candidates stand; what is before TIER_SETTLING can be chosen. */
enum tier {
    TIER_PRESENT_PREFERRED, /* prefer = temporary: the present one is temporary */
    TIER_PREFERRED,         /* prefer = temporary: temporary */
    TIER_PRESENT,
    TIER_FIT,
    TIER_SETTLING,
    TIER_PASSING, /* unfit for a reason that may pass: link down, tentative, … */
    TIER_UNFIT,
};

enum kind {
    KIND_STATIC,
    KIND_STABLE,
    KIND_DHCP,
    KIND_OTHER,
    KIND_SECONDARY, /* IPv4 */
};

/* Behind every address that is wholly ours. */
#define RANK_SHARED 64

struct choosing {
    const struct addr_policy *policy;
    const struct addr *present;
    int64_t now_ms;
    struct addr_choice *out;
    enum tier tiers[ADDR_MAX_CANDIDATES]; /* of out->candidates */
    size_t fit;
};

/* --- fitness ------------------------------------------------------------------------------ */

static bool accepted(const struct addr *addr, const struct prefix *accept, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (prefix_contains(&accept[i], addr))
            return true;
    return false;
}

const char *addr_reject_reason(const struct addr *addr, const struct prefix *accept,
                               size_t accept_count, char *buf, size_t cap)
{
    const struct addr_special *special = addr_special_find(addr);
    if (!special || accepted(addr, accept, accept_count))
        return NULL;
    snprintf(buf, cap, "%s, %s", special->name, special->prefix);
    return buf;
}

static bool is_temporary(const struct rtnl_addr *addr)
{
    return addr->addr.af == AF_INET6 && (addr->flags & IFA_F_TEMPORARY);
}

/* What the address is, and stays. NULL: nothing against it. */
static const char *lasting_reason(const struct rtnl_addr *addr, const struct addr_policy *policy,
                                  char *buf, size_t cap)
{
    const char *range =
        addr_reject_reason(&addr->addr, policy->accept, policy->accept_count, buf, cap);
    if (range)
        return range;
    if (addr->scope != RT_SCOPE_UNIVERSE)
        return addr->scope == RT_SCOPE_HOST ? "scope host" : "scope link, not global";
    if (is_temporary(addr) && policy->prefer != PREFER_TEMPORARY)
        return "temporary (privacy extensions)";
    return NULL;
}

static bool is_tentative(const struct addrset_entry *entry)
{
    return entry->link_up && (entry->addr->flags & IFA_F_TENTATIVE) &&
           !(entry->addr->flags & IFA_F_DADFAILED);
}

static const char *passing_reason(const struct addrset_entry *entry)
{
    const struct rtnl_addr *addr = entry->addr;
    if (addr->flags & IFA_F_DADFAILED)
        return "duplicate: another host has it (DAD failed)";
    if (!entry->link_up)
        return "link is down";
    if (is_tentative(entry))
        return "tentative (duplicate address detection runs)";
    if ((addr->flags & IFA_F_DEPRECATED) || addr->preferred_s == 0)
        return "deprecated (preferred lifetime is over)";
    return NULL;
}

/* --- rank --------------------------------------------------------------------------------- */

static bool is_eui64(const struct addr *addr)
{
    return addr->bytes[11] == 0xff && addr->bytes[12] == 0xfe;
}

static enum kind kind_of(const struct rtnl_addr *addr)
{
    if (addr->addr.af == AF_INET)
        return addr->flags & IFA_F_SECONDARY ? KIND_SECONDARY : KIND_STATIC;
    if (is_temporary(addr))
        return KIND_OTHER;
    if (addr->flags & IFA_F_PERMANENT)
        return KIND_STATIC;
    if ((addr->flags & (IFA_F_MANAGETEMPADDR | IFA_F_STABLE_PRIVACY)) || is_eui64(&addr->addr))
        return KIND_STABLE;
    return addr->prefix_len == 128 ? KIND_DHCP : KIND_OTHER;
}

static const char *kind_text(const struct rtnl_addr *addr)
{
    bool permanent = addr->flags & IFA_F_PERMANENT;
    if (addr->addr.af == AF_INET) {
        if (addr->flags & IFA_F_SECONDARY)
            return permanent ? "secondary, static" : "secondary, dynamic";
        return addr_is_set(&addr->peer) ? "point-to-point" : permanent ? "static" : "dynamic";
    }
    if (is_temporary(addr))
        return "temporary (privacy extensions)";
    switch (kind_of(addr)) {
    case KIND_STATIC:
        return "static";
    case KIND_STABLE:
        if (addr->flags & IFA_F_STABLE_PRIVACY)
            return "stable, stable-privacy (RFC 7217)";
        return is_eui64(&addr->addr) ? "stable, EUI-64" : "stable, parent of temporary ones";
    case KIND_DHCP:
        return "DHCPv6 (/128)";
    case KIND_OTHER:
    case KIND_SECONDARY:
        break;
    }
    return "dynamic";
}

/* 0 the longest. A lifetime that a router keeps refreshing stays within its class or moves by one;
 * hysteresis takes the rest. */
static int lifetime_class(uint32_t preferred_s)
{
    if (preferred_s == UINT32_MAX)
        return 0;
    if (preferred_s >= 7 * 86400)
        return 1;
    if (preferred_s >= 86400)
        return 2;
    return preferred_s >= 3600 ? 3 : 4;
}

static enum tier fit_tier(const struct choosing *c, const struct addr_candidate *candidate)
{
    bool present = addr_equal(&candidate->addr.addr, c->present);
    /* The present one needn't settle again: nothing would be gained by taking it away. */
    if (candidate->fitness == ADDR_NOT_SETTLED && !present)
        return TIER_SETTLING;
    if (c->policy->prefer == PREFER_TEMPORARY && is_temporary(&candidate->addr))
        return present ? TIER_PRESENT_PREFERRED : TIER_PREFERRED;
    return present ? TIER_PRESENT : TIER_FIT;
}

static int scored_cmp(const struct addr_candidate *a, enum tier at, const struct addr_candidate *b,
                      enum tier bt)
{
    if (at != bt)
        return at < bt ? -1 : 1;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    int order = addr_cmp(&a->addr.addr, &b->addr.addr);
    return order ? order : strcmp(a->link, b->link);
}

/* --- the list ----------------------------------------------------------------------------- */

static void insert(struct choosing *c, const struct addr_candidate *candidate, enum tier tier)
{
    struct addr_choice *out = c->out;
    size_t at = out->count;
    while (at > 0 && scored_cmp(candidate, tier, &out->candidates[at - 1], c->tiers[at - 1]) < 0)
        at--;
    if (out->count == ADDR_MAX_CANDIDATES) {
        out->cut = true;
        if (at == out->count)
            return;
        out->count--;
    }
    memmove(&out->candidates[at + 1], &out->candidates[at],
            (out->count - at) * sizeof(out->candidates[0]));
    memmove(&c->tiers[at + 1], &c->tiers[at], (out->count - at) * sizeof(c->tiers[0]));
    out->candidates[at] = *candidate;
    c->tiers[at] = tier;
    out->count++;
}

/* Time until the address has been left alone for settle_ms; 0 when it has. */
static int64_t settle_left(const struct choosing *c, int64_t changed_ms)
{
    if (changed_ms == INT64_MIN || c->now_ms - changed_ms >= c->policy->settle_ms)
        return 0;
    return changed_ms + c->policy->settle_ms - c->now_ms;
}

static void say_fit(struct addr_candidate *candidate, int64_t wait_ms)
{
    const struct addr_special *special = addr_special_find(&candidate->addr.addr);
    str_copy(candidate->reason, sizeof(candidate->reason), kind_text(&candidate->addr));
    if (special)
        str_append(candidate->reason, sizeof(candidate->reason), "; %s, accepted", special->name);
    if (*addr_line_text(candidate->line))
        str_append(candidate->reason, sizeof(candidate->reason), "; %s",
                   addr_line_text(candidate->line));
    if (wait_ms > 0)
        str_append(candidate->reason, sizeof(candidate->reason), "; settles in %lld ms",
                   (long long)wait_ms);
}

static void judge(const struct addrset_entry *entry, void *arg)
{
    struct choosing *c = arg;
    if (entry->addr->addr.af != family_af(c->policy->family) ||
        (entry->loopback && !c->policy->interface))
        return;
    struct addr_candidate candidate = {.addr = *entry->addr};
    str_copy(candidate.link, sizeof(candidate.link), entry->link);
    candidate.line = addr_line_of(&entry->addr->addr, entry->link, entry->link_kind);
    candidate.rank = kind_of(entry->addr) * 8 + lifetime_class(entry->addr->preferred_s) +
                     (addr_line_is_shared(candidate.line) ? RANK_SHARED : 0);

    char buf[sizeof(candidate.reason)];
    const char *lasting = lasting_reason(entry->addr, c->policy, buf, sizeof(buf));
    const char *unfit = lasting ? lasting : passing_reason(entry);
    if (unfit) {
        candidate.fitness = ADDR_UNFIT;
        str_copy(candidate.reason, sizeof(candidate.reason), unfit);
        c->out->coming |= !lasting && is_tentative(entry);
        insert(c, &candidate, lasting ? TIER_UNFIT : TIER_PASSING);
        return;
    }
    int64_t wait_ms = settle_left(c, entry->changed_ms);
    candidate.fitness = wait_ms > 0 ? ADDR_NOT_SETTLED : ADDR_FIT;
    say_fit(&candidate, wait_ms);
    enum tier tier = fit_tier(c, &candidate);
    c->out->coming |= tier == TIER_SETTLING;
    if (tier == TIER_SETTLING && wait_ms < c->out->wait_ms)
        c->out->wait_ms = wait_ms;
    c->fit += tier < TIER_SETTLING;
    insert(c, &candidate, tier);
}

/* --- why ---------------------------------------------------------------------------------- */

static bool same_prefix(const struct rtnl_addr *a, const struct rtnl_addr *b)
{
    struct prefix prefix = {.addr = a->addr, .len = a->addr.af == AF_INET6 ? 64 : a->prefix_len};
    return prefix_contains(&prefix, &b->addr);
}

static void say_kept(struct choosing *c)
{
    struct addr_choice *out = c->out;
    for (size_t i = 1; i < out->count && c->tiers[i] < TIER_SETTLING; i++) {
        char text[ADDR_STRLEN];
        if (same_prefix(&out->candidates[0].addr, &out->candidates[i].addr))
            continue;
        snprintf(out->reason, sizeof(out->reason), "kept: still fit (beside it %s, another prefix)",
                 addr_format(&out->candidates[i].addr.addr, text));
        return;
    }
    snprintf(out->reason, sizeof(out->reason), "kept: still fit, %s", out->candidates[0].reason);
}

static void say_chosen(struct choosing *c)
{
    struct addr_choice *out = c->out;
    if (c->tiers[0] == TIER_PRESENT || c->tiers[0] == TIER_PRESENT_PREFERRED)
        say_kept(c);
    else if (c->fit == 1)
        snprintf(out->reason, sizeof(out->reason), "the only fit one: %s",
                 out->candidates[0].reason);
    else
        snprintf(out->reason, sizeof(out->reason), "first of %zu fit ones: %s", c->fit,
                 out->candidates[0].reason);
}

static void say_none(struct choosing *c, const struct addrset *set)
{
    struct addr_choice *out = c->out;
    const char *interface = c->policy->interface;
    const char *family = family_text(c->policy->family);
    bool up = true;
    bool exists = !interface || addrset_link(set, interface, &up);
    char text[ADDR_STRLEN];
    if (!exists)
        snprintf(out->reason, sizeof(out->reason), "there is no interface %s", interface);
    else if (!up)
        snprintf(out->reason, sizeof(out->reason), "interface %s is down", interface);
    else if (out->count == 0)
        snprintf(out->reason, sizeof(out->reason), "no %s address on %s", family,
                 interface ? interface : "any interface");
    else
        snprintf(out->reason, sizeof(out->reason), "%s%s: %s",
                 c->tiers[0] == TIER_SETTLING || out->count == 1 ? "" : "none is fit; ",
                 addr_format(&out->candidates[0].addr.addr, text), out->candidates[0].reason);
}

/* An address of a special range that was chosen was accepted by somebody who knows. */
static void find_line(struct addr_choice *choice)
{
    const struct addr_candidate *first = &choice->candidates[0];
    if (choice->chosen) {
        choice->line = addr_line_is_shared(first->line) ? first->line : ADDR_LINE_PLAIN;
        return;
    }
    for (size_t i = 0; i < choice->count && choice->line == ADDR_LINE_PLAIN; i++) {
        choice->line = choice->candidates[i].line;
        if (choice->line != ADDR_LINE_PLAIN)
            choice->behind = choice->candidates[i].addr.addr;
    }
}

void addr_choose(const struct addrset *set, const struct addr_policy *policy,
                 const struct addr *present, int64_t now_ms, struct addr_choice *out)
{
    static const struct addr none;
    struct choosing c = {
        .policy = policy, .present = present ? present : &none, .now_ms = now_ms, .out = out};
    memset(out, 0, sizeof(*out));
    out->wait_ms = INT64_MAX;
    addrset_each(set, policy->interface, judge, &c);
    out->chosen = out->count > 0 && c.tiers[0] < TIER_SETTLING;
    find_line(out);
    if (out->chosen)
        say_chosen(&c);
    else
        say_none(&c, set);
}
