/* SPDX-License-Identifier: ISC
 *
 * The budget's arithmetic (see budget.h): a bucket that holds `row` updates and gets one back every
 * `cost`. In a window there are at most row + window / cost of them; the cost is just longer than
 * window / (count - row + 1), which makes that the count at the most.
 */
#include "ddns/budget.h"

static int64_t row_of(const struct ddns_budget *budget)
{
    return ((int64_t)budget->count + 1) / 2;
}

int64_t ddns_budget_cost_ms(const struct ddns_budget *budget)
{
    if (budget->count == 0)
        return 0;
    return budget->window_ms / (budget->count - row_of(budget) + 1) + 1;
}

/* Never more than a full bucket, whatever another configuration left behind. */
int64_t ddns_budget_spend_ms(const struct ddns_budget *budget, int64_t spent_ms)
{
    int64_t cost = ddns_budget_cost_ms(budget), most = row_of(budget) * cost;
    return spent_ms + cost < most ? spent_ms + cost : most;
}

int64_t ddns_budget_wait_ms(const struct ddns_budget *budget, int64_t spent_ms)
{
    int64_t cost = ddns_budget_cost_ms(budget), most = row_of(budget) * cost;
    int64_t spent = spent_ms < most ? spent_ms : most;
    return spent + cost > most ? spent + cost - most : 0;
}
