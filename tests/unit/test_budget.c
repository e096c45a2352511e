/* SPDX-License-Identifier: ISC
 *
 * ddns/budget.h: whoever sends as soon as he may never has more than the count in any window, and
 * gets at least half of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/plan.h"
#include "ddns/transition.h"

#define DAY    INT64_C(86400000)
#define ROUNDS 2000

static struct stamp at(int64_t ms, const char *boot, int64_t boot_ms)
{
    struct stamp stamp = {.boot_ms = boot_ms, .wall_ms = INT64_C(1764000000000) + ms};
    memcpy(stamp.boot_id, boot, strlen(boot) + 1);
    return stamp;
}

/* Sends at once, after an idle time now and then, which fills the bucket again. */
static void greedy(unsigned count, int64_t window_ms, int64_t idle_ms)
{
    static int64_t sent[ROUNDS];
    const struct ddns_budget budget = {count, window_ms};
    int64_t now = 0, spent = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        int64_t wait = ddns_budget_wait_ms(&budget, spent);
        wait += i % (count + 3) == 0 ? idle_ms : 0;
        now += wait;
        spent = spent > wait ? spent - wait : 0;
        assert_int_equal(ddns_budget_wait_ms(&budget, spent), 0);
        spent = ddns_budget_spend_ms(&budget, spent);
        sent[i] = now;
        if (i >= count)
            assert_true(sent[i] - sent[i - count] > window_ms); /* never count + 1 in one */
    }
    if (idle_ms == 0) /* and no less than half of the count, over the years */
        assert_true(now <= window_ms * (2 * ROUNDS / (int64_t)count + 2) + 2 * ROUNDS);
}

static void no_window_has_more(void **state)
{
    (void)state;
    static const unsigned counts[] = {1, 2, 3, 5, 15, 100, 300};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        for (int64_t idle = 0; idle <= 4; idle++)
            greedy(counts[i], DAY, idle * DAY / 3);
    greedy(60, 60000, 0);
    greedy(7, 7, 0);
}

static void none_is_no_limit(void **state)
{
    (void)state;
    const struct ddns_budget none = {0};
    assert_int_equal(ddns_budget_wait_ms(&none, DAY), 0);
    assert_int_equal(ddns_budget_spend_ms(&none, DAY), 0);
    assert_int_equal(ddns_budget_cost_ms(&none), 0);
}

static void another_configuration_leaves_no_endless_wait(void **state)
{
    (void)state;
    const struct ddns_budget budget = {10, 1000};
    int64_t cost = ddns_budget_cost_ms(&budget);
    assert_int_equal(ddns_budget_wait_ms(&budget, 300 * DAY), cost);
    assert_int_equal(ddns_budget_spend_ms(&budget, 300 * DAY), 5 * cost);
}

/* Through the plan: it waits with its own reason, a crash does not shorten it, nor does a boot. */
static void the_plan_keeps_it(void **state)
{
    (void)state;
    struct ddns_record_state record = {.published_known = true};
    struct ddns_account_state account = {0};
    const struct ddns_plan_conf conf = {.budget = {2, DAY}};
    const struct ddns_answer good = {.verdict = DDNS_OK};
    struct stamp now = at(0, "one", 5000);
    assert_int_equal(ddns_limits(&record, &account, &conf, &now).action, DDNS_SEND);
    ddns_apply_leaving(&record, &account, &conf, &now);
    now = at(20000, "one", 25000); /* a slow answer: it may have been counted just now */
    ddns_apply_answer(&record, &account, &conf, &good, &record.wanted, &now, 0);
    struct ddns_step step = ddns_limits(&record, &account, &conf, &now);
    assert_int_equal(step.action, DDNS_WAIT);
    assert_string_equal(step.reason, "provider's budget");
    assert_int_equal(step.send_ms, DAY / 2 + 1);
    now = at(20000 + DAY / 2, "one", 25000 + DAY / 2);
    assert_int_equal(ddns_limits(&record, &account, &conf, &now).send_ms, 1);

    /* Killed with a request out: it counts from now. */
    account.busy = true;
    ddns_account_loaded(&account, false, &now);
    assert_int_equal(ddns_limits(&record, &account, &conf, &now).send_ms, DAY / 2 + 1);
    /* Another boot, with a clock that says whatever it likes. */
    now = at(900 * DAY, "two", 7000);
    assert_int_equal(ddns_limits(&record, &account, &conf, &now).send_ms, DAY / 2 + 1 - 7000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_window_has_more),
        cmocka_unit_test(none_is_no_limit),
        cmocka_unit_test(another_configuration_leaves_no_endless_wait),
        cmocka_unit_test(the_plan_keeps_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
