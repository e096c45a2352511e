/* SPDX-License-Identifier: ISC
 *
 * The own line: what checks of references amount to, what it may explain, and that nothing of this
 * machine ever counts as a target being down.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/target/health.h"
#include "monitor/target/line.h"

static const struct health_conf conf = {.rise = 2, .fall = 3};

static void told_once_after_a_second_look(void **state)
{
    struct line line = {0};
    (void)state;
    assert_int_equal(line_next_ms(&line, 10000), -1);
    assert_int_equal(line_feed(&line, false, 1, 100), LINE_FELL);
    assert_true(line_is_known(&line, 1));
    assert_int_equal(line_next_ms(&line, 10000), LINE_CONFIRM_MS);
    assert_int_equal(line_feed(&line, false, 2001, 2100), LINE_LOST);
    assert_int_equal(line_next_ms(&line, 10000), 10000);
    assert_int_equal(line_feed(&line, false, 12001, 12100), LINE_SAME);
    assert_int_equal(line.since_ms, 100);
    assert_int_equal(line_feed(&line, true, 22001, 22100), LINE_BACK);
    assert_int_equal(line_next_ms(&line, 10000), -1);
    assert_true(line_is_known(&line, 22001));
    assert_false(line_is_known(&line, 22002));
}

static void a_short_loss_is_no_news(void **state)
{
    struct line line = {0};
    (void)state;
    assert_int_equal(line_feed(&line, true, 1, 1), LINE_SAME);
    assert_int_equal(line_feed(&line, false, 2, 2), LINE_FELL);
    assert_int_equal(line_feed(&line, true, 3, 3), LINE_ROSE);
}

static void what_an_earlier_run_told_is_not_told_again(void **state)
{
    struct line line = {0};
    (void)state;
    line_recall(&line);
    assert_int_equal(line_next_ms(&line, 10000), 0);
    assert_int_equal(line_feed(&line, false, 5, 5), LINE_SAME);
    assert_int_equal(line_feed(&line, true, 6, 6), LINE_BACK);
}

static void what_a_target_itself_said_is_not_the_line(void **state)
{
    static const enum outcome its_own[] = {
        OUTCOME_OK,           OUTCOME_DNS_NXDOMAIN, OUTCOME_DNS_NODATA,    OUTCOME_DNS_STALE,
        OUTCOME_CERT_EXPIRED, OUTCOME_HTTP_STATUS,  OUTCOME_TLS_NOT_TLS,   OUTCOME_PORT_OPEN,
        OUTCOME_LOCAL_CLOCK,  OUTCOME_LOCAL_SCAN,   OUTCOME_MTU_BLACK_HOLE};
    static const enum outcome perhaps[] = {
        OUTCOME_TIMEOUT,     OUTCOME_UNREACHABLE, OUTCOME_NO_ROUTE,     OUTCOME_DNS_TIMEOUT,
        OUTCOME_TLS_TIMEOUT, OUTCOME_QUIC_SILENT, OUTCOME_DNS_SERVFAIL, OUTCOME_LOCAL_SOURCE};
    (void)state;
    for (size_t i = 0; i < sizeof its_own / sizeof *its_own; i++)
        assert_false(line_may_explain(its_own[i]));
    for (size_t i = 0; i < sizeof perhaps / sizeof *perhaps; i++)
        assert_true(line_may_explain(perhaps[i]));
}

static void a_line_that_fell_is_no_news_of_a_target(void **state)
{
    struct health health = {0};
    (void)state;
    assert_int_equal(health_feed(&health, &conf, OUTCOME_OK, 1, 1), HEALTH_FIRST_UP);
    health_suspend(&health, OUTCOME_LOCAL_LINE_DOWN, 2);
    assert_int_equal(health.state, HEALTH_UNKNOWN);
    assert_int_equal(health.cause, OUTCOME_LOCAL_LINE_DOWN);
    assert_false(health_is_unsettled(&health));
    assert_int_equal(health_feed(&health, &conf, OUTCOME_OK, 3, 3), HEALTH_FIRST_UP);
}

static void a_target_told_down_before_is_still_as_told(void **state)
{
    struct health health = {0};
    (void)state;
    for (int i = 0; i < 3; i++)
        health_feed(&health, &conf, OUTCOME_TIMEOUT, i, i);
    assert_int_equal(health.state, HEALTH_DOWN);
    health_suspend(&health, OUTCOME_LOCAL_LINE_DOWN, 9);
    health_suspend(&health, OUTCOME_LOCAL_LINE_DOWN, 10);
    assert_int_equal(health.since_ms, 9);
    struct health up = health;
    for (int i = 0; i < 2; i++)
        assert_int_equal(health_feed(&health, &conf, OUTCOME_TIMEOUT, 20, 20), HEALTH_SAME);
    assert_int_equal(health_feed(&health, &conf, OUTCOME_TIMEOUT, 20, 20), HEALTH_AS_TOLD);
    assert_int_equal(health_feed(&up, &conf, OUTCOME_OK, 20, 20), HEALTH_WENT_UP);
}

static void nothing_local_counts_as_down(void **state)
{
    size_t local = 0;
    (void)state;
    for (int o = 0; o < OUTCOME_COUNT; o++) {
        struct health health = {0};
        if (outcome_info((enum outcome)o)->layer != LAYER_LOCAL)
            continue;
        local++;
        health_feed(&health, &conf, OUTCOME_OK, 1, 1);
        for (int i = 0; i < 10; i++) {
            enum health_move move = health_feed(&health, &conf, (enum outcome)o, 2, 2);
            assert_int_not_equal(move, HEALTH_WENT_DOWN);
            assert_int_not_equal(health.state, HEALTH_DOWN);
        }
    }
    assert_true(local >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told_once_after_a_second_look),
        cmocka_unit_test(a_short_loss_is_no_news),
        cmocka_unit_test(what_an_earlier_run_told_is_not_told_again),
        cmocka_unit_test(what_a_target_itself_said_is_not_the_line),
        cmocka_unit_test(a_line_that_fell_is_no_news_of_a_target),
        cmocka_unit_test(a_target_told_down_before_is_still_as_told),
        cmocka_unit_test(nothing_local_counts_as_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
