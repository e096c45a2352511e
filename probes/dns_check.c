/* SPDX-License-Identifier: ISC
 *
 * Asking. Owns: the questions under way. Not its job: what the answers amount to
 * (probes/dns_report.c).
 */
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "probes/dns_check.h"

struct check_side {
    struct dns_check *check;
    struct dns_view *view;
    struct resolver_query *query;
    struct authority *authority;
};

struct dns_check {
    struct check_side sides[FAMILY_COUNT];
    size_t pending;
    struct loop_timer *timer; /* when there is nothing to ask */
    struct dns_report *report;
    dns_check_zone_fn *zone;
    dns_check_fn *done;
    void *arg;
};

static void release(struct dns_check *check)
{
    for (int f = 0; f < FAMILY_COUNT; f++) {
        resolver_query_cancel(check->sides[f].query);
        authority_cancel(check->sides[f].authority);
    }
    loop_timer_free(check->timer);
    free(check);
}

void dns_check_cancel(struct dns_check *check)
{
    if (!check)
        return;
    dns_report_free(check->report);
    release(check);
}

void dns_report_free(struct dns_report *report)
{
    if (!report)
        return;
    cert_findings_clear(&report->findings);
    free(report);
}

static void finish(void *arg)
{
    struct dns_check *check = arg;
    struct dns_report *report = check->report;
    dns_check_fn *done = check->done;
    void *done_arg = check->arg;
    release(check);
    dns_report_judge(report);
    done(report, done_arg);
}

static void settle(struct dns_check *check)
{
    if (--check->pending == 0)
        finish(check);
}

static void on_resolver(const struct resolver_reply *reply, void *arg)
{
    struct check_side *side = arg;
    side->query = NULL;
    side->view->resolver = *reply;
    settle(side->check);
}

static int compare(const void *a, const void *b)
{
    const struct verify_server *x = a, *y = b;
    int names = strcmp(x->name, y->name);
    return names ? names : addr_cmp(&x->addr, &y->addr);
}

static void on_zone(const struct resolver_reply *reply, const struct verify_look *look, void *arg)
{
    struct check_side *side = arg;
    side->authority = NULL;
    side->view->zone = *reply;
    side->view->look = *look;
    qsort(side->view->look.servers, look->count, sizeof *look->servers, compare);
    if (side->check->zone)
        side->check->zone((enum family)(side - side->check->sides), reply, side->check->arg);
    settle(side->check);
}

struct dns_check *dns_check_start(struct loop *loop, struct resolver *resolver,
                                  const struct egress *egress, const char *name,
                                  const bool families[FAMILY_COUNT], int64_t deadline_ms,
                                  dns_check_zone_fn *zone, dns_check_fn *done, void *arg)
{
    struct dns_check *check = mem_zalloc(sizeof(*check));
    check->report = mem_zalloc(sizeof(*check->report));
    check->zone = zone;
    check->done = done;
    check->arg = arg;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct check_side *side = &check->sides[f];
        side->check = check;
        side->view = &check->report->views[f];
        side->view->asked = families[f];
        if (!families[f])
            continue;
        check->pending += 2;
        side->query = resolver_query_start(resolver, name, f == FAMILY_IPV4 ? RR_A : RR_AAAA,
                                           deadline_ms, on_resolver, side);
        side->authority = authority_start(loop, resolver, egress, name, (enum family)f, true,
                                          deadline_ms, on_zone, side);
    }
    if (check->pending == 0) {
        check->timer = loop_timer_new(loop, finish, check);
        loop_timer_set(check->timer, 0);
    }
    return check;
}
