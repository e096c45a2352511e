/* SPDX-License-Identifier: ISC
 *
 * The comparison (see expect.h). Not its job: where the expected addresses come from.
 */
#include "probes/expect.h"

#include "lib/duration.h"
#include "lib/str.h"

#define SHOWN 2 /* addresses in a sentence */

bool expect_add(struct expect *expect, const struct addr *addr)
{
    for (size_t i = 0; i < expect->count; i++)
        if (addr_equal(&expect->addrs[i], addr))
            return true;
    if (expect->count == EXPECT_MAX)
        return false;
    expect->addrs[expect->count++] = *addr;
    return true;
}

bool expect_family(const struct expect *expect, enum family family)
{
    for (size_t i = 0; i < expect->count; i++)
        if (addr_family(&expect->addrs[i]) == family)
            return true;
    return false;
}

static bool holds(const struct dnsmsg *msg, const struct addr *addr)
{
    for (size_t i = 0; i < msg->addr_count; i++)
        if (addr_equal(&msg->addrs[i], addr))
            return true;
    return false;
}

static const struct addr *missing(const struct expect *expect, enum family family,
                                  const struct dnsmsg *msg)
{
    for (size_t i = 0; i < expect->count; i++)
        if (addr_family(&expect->addrs[i]) == family && !holds(msg, &expect->addrs[i]))
            return &expect->addrs[i];
    return NULL;
}

static void describe(const struct addr *wanted, enum family family, bool from_cache,
                     struct resolver_reply *reply)
{
    const struct dnsmsg *msg = &reply->msg;
    char *text = reply->detail, addr[ADDR_STRLEN], left[DURATION_LEN];
    const size_t cap = sizeof reply->detail;
    uint32_t ttl = msg->addr_count > 0 ? msg->ttl : msg->negative_ttl;
    text[0] = '\0';
    str_append(text, cap, "DNS has ");
    if (msg->addr_count == 0)
        str_append(text, cap, "no %s record", family == FAMILY_IPV4 ? "A" : "AAAA");
    for (size_t i = 0; i < msg->addr_count && i < SHOWN; i++)
        str_append(text, cap, "%s%s", i ? ", " : "", addr_format(&msg->addrs[i], addr));
    if (msg->addr_count > SHOWN)
        str_append(text, cap, " and %zu more", msg->addr_count - SHOWN);
    str_append(text, cap, ", it should have %s", addr_format(wanted, addr));
    duration_format((int64_t)ttl * 1000, left);
    if (ttl > 0)
        str_append(text, cap,
                   from_cache ? "; the resolver keeps its answer for %s more, at most"
                              : "; caches may keep this for %s",
                   left);
}

void expect_judge(const struct expect *expect, enum family family, bool from_cache,
                  struct resolver_reply *reply)
{
    const struct addr *wanted = missing(expect, family, &reply->msg);
    bool judged = reply->outcome == OUTCOME_OK || reply->outcome == OUTCOME_DNS_NODATA;
    if (!judged || !wanted || reply->msg.addrs_cut)
        return;
    reply->outcome = OUTCOME_DNS_STALE;
    describe(wanted, family, from_cache, reply);
}
