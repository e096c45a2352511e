/* SPDX-License-Identifier: ISC
 *
 * So many updates of an account in any window of time, and no more. Pure. What was spent is kept as
 * one wait (ddns/plan.h), which runs down as time passes: no list of moments is needed, and it
 * holds across restarts as all waits do. Half of the count may leave in a row (rounded up), the
 * rest is spread evenly, so that no window, wherever it begins, has more than the count.
 */
#ifndef REACHD_DDNS_BUDGET_H
#define REACHD_DDNS_BUDGET_H

#include <stdint.h>

struct ddns_budget {
    unsigned count; /* 0: no limit */
    int64_t window_ms;
};

/* What one update costs; 0 without a limit. The larger, the stricter the budget. */
int64_t ddns_budget_cost_ms(const struct ddns_budget *budget);
/* What is spent after one more, from what is left of what was. */
int64_t ddns_budget_spend_ms(const struct ddns_budget *budget, int64_t spent_ms);
/* How long until the next one may leave; 0: now. */
int64_t ddns_budget_wait_ms(const struct ddns_budget *budget, int64_t spent_ms);

#endif
