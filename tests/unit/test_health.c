/* SPDX-License-Identifier: ISC
 *
 * Health: rise and fall, causes, blindness, withdrawal, flapping. And the spreading of checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/target/health.h"
#include "monitor/target/schedule.h"

static const struct health_conf usual = {.rise = 2, .fall = 3, .required = false};
static const struct health_conf required = {.rise = 2, .fall = 3, .required = true};

struct step {
    enum outcome outcome;
    enum health_move move;
    enum health_state state;
};

/* One round a minute. */
static void play(struct health *h, const struct health_conf *conf, const struct step *steps,
                 size_t n)
{
    for (size_t i = 0; i < n; i++) {
        enum health_move move =
            health_feed(h, conf, steps[i].outcome, (int64_t)(i + 1) * 60000, 1000 + (int64_t)i);
        if (move != steps[i].move || h->state != steps[i].state)
            fail_msg("step %zu: move %d state %s", i, (int)move, health_word(h->state));
    }
}
#define PLAY(h, conf, ...)                                                                         \
    do {                                                                                           \
        static const struct step steps[] = {__VA_ARGS__};                                          \
        play(h, conf, steps, sizeof steps / sizeof *steps);                                        \
    } while (0)

static void test_first_good_round_is_enough(void **state)
{
    (void)state;
    struct health h = {0};
    assert_int_equal(h.state, HEALTH_UNKNOWN);
    PLAY(&h, &usual, {OUTCOME_OK, HEALTH_FIRST_UP, HEALTH_UP},
         {OUTCOME_OK, HEALTH_SAME, HEALTH_UP});
    assert_int_equal(h.since_ms, 1000);
}

static void test_unknown_is_not_down_until_confirmed(void **state)
{
    (void)state;
    struct health h = {0};
    PLAY(&h, &usual, {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN});
    assert_true(health_is_unsettled(&h));
    PLAY(&h, &usual, {OUTCOME_REFUSED, HEALTH_WENT_DOWN, HEALTH_DOWN});
    assert_false(health_is_unsettled(&h));
    assert_int_equal(h.told, OUTCOME_REFUSED);
}

static void test_down_and_up_need_their_rounds(void **state)
{
    (void)state;
    struct health h = {0};
    PLAY(&h, &usual, {OUTCOME_OK, HEALTH_FIRST_UP, HEALTH_UP},
         {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_UP}, {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_OK, HEALTH_SAME, HEALTH_UP}, /* the row is broken */
         {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_UP}, {OUTCOME_RESET, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_TIMEOUT, HEALTH_WENT_DOWN, HEALTH_DOWN}, /* any failures in a row count */
         {OUTCOME_OK, HEALTH_SAME, HEALTH_DOWN}, {OUTCOME_OK, HEALTH_WENT_UP, HEALTH_UP});
}

static void test_changed_cause_is_told_once_when_it_lasts(void **state)
{
    (void)state;
    struct health h = {0};
    PLAY(&h, &usual, {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_REFUSED, HEALTH_WENT_DOWN, HEALTH_DOWN},
         {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_DOWN}, {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_DOWN},
         {OUTCOME_CERT_EXPIRED, HEALTH_SAME, HEALTH_DOWN},
         {OUTCOME_CERT_EXPIRED, HEALTH_CAUSE_CHANGED, HEALTH_DOWN},
         {OUTCOME_CERT_EXPIRED, HEALTH_SAME, HEALTH_DOWN});
}

static void test_own_trouble_is_not_the_target_s(void **state)
{
    (void)state;
    struct health h = {0};
    PLAY(&h, &usual, {OUTCOME_NO_ROUTE, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_NO_ROUTE, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_NO_ROUTE, HEALTH_SAME, HEALTH_UNKNOWN}, {OUTCOME_OK, HEALTH_FIRST_UP, HEALTH_UP},
         {OUTCOME_LOCAL_RESOURCES, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_DNS_TIMEOUT, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_DNS_TIMEOUT, HEALTH_WENT_BLIND, HEALTH_UNKNOWN},
         {OUTCOME_DNS_TIMEOUT, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_OK, HEALTH_WENT_UP, HEALTH_UP});
}

static void test_family_not_published(void **state)
{
    (void)state;
    struct health h = {0};
    PLAY(&h, &usual, {OUTCOME_DNS_NODATA, HEALTH_SAME, HEALTH_NOT_PUBLISHED},
         {OUTCOME_OK, HEALTH_FIRST_UP, HEALTH_UP}, {OUTCOME_DNS_NODATA, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_DNS_NODATA, HEALTH_SAME, HEALTH_UP},
         {OUTCOME_DNS_NODATA, HEALTH_WITHDRAWN, HEALTH_NOT_PUBLISHED},
         {OUTCOME_OK, HEALTH_WENT_UP, HEALTH_UP});
    struct health r = {0};
    PLAY(&r, &required, {OUTCOME_DNS_NODATA, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_DNS_NODATA, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_DNS_NODATA, HEALTH_WENT_DOWN, HEALTH_DOWN});
}

/* Moves between up and down once a minute: told until the sixth, then once, then silence. */
static void test_flapping_is_said_once(void **state)
{
    (void)state;
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    struct health h = {0};
    int64_t now = 0;
    unsigned flapping = 0, told = 0;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_OK, now, 1), HEALTH_FIRST_UP);
    for (unsigned i = 0; i < 40; i++) {
        now += 60000;
        enum health_move move =
            health_feed(&h, &quick, i % 2 ? OUTCOME_OK : OUTCOME_TIMEOUT, now, now);
        flapping += move == HEALTH_BECAME_FLAPPING;
        told += move == HEALTH_WENT_UP || move == HEALTH_WENT_DOWN;
    }
    assert_int_equal(flapping, 1);
    assert_int_equal(told, HEALTH_FLAP_MOVES - 1);
    assert_int_equal(h.state, HEALTH_UP);

    now += HEALTH_FLAP_CALM_MS - 60000;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_OK, now, now), HEALTH_SAME);
    now += 60000;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_OK, now, now), HEALTH_STEADY_AGAIN);
    assert_false(h.flapping);
    now += 60000;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_TIMEOUT, now, now), HEALTH_WENT_DOWN);
}

static void test_slow_moves_are_not_flapping(void **state)
{
    (void)state;
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    struct health h = {0};
    int64_t now = 0;
    health_feed(&h, &quick, OUTCOME_OK, now, 1);
    for (unsigned i = 0; i < 50; i++) {
        now += HEALTH_FLAP_WINDOW_MS / (HEALTH_FLAP_MOVES - 1) + 1;
        assert_int_not_equal(
            health_feed(&h, &quick, i % 2 ? OUTCOME_OK : OUTCOME_TIMEOUT, now, now),
            HEALTH_BECAME_FLAPPING);
    }
}

/* As many moves as the ring holds, the first just inside the window and just outside of it. */
static void test_flapping_window(void **state)
{
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    (void)state;
    for (int64_t late = 0; late <= 1; late++) {
        struct health h = {0};
        enum health_move move = HEALTH_SAME;
        health_feed(&h, &quick, OUTCOME_OK, 0, 1);
        for (unsigned i = 0; i < HEALTH_FLAP_MOVES; i++) {
            bool last = i + 1 == HEALTH_FLAP_MOVES;
            int64_t now = 1000 + (last ? HEALTH_FLAP_WINDOW_MS + late : i);
            move = health_feed(&h, &quick, i % 2 ? OUTCOME_OK : OUTCOME_TIMEOUT, now, now);
        }
        assert_int_equal(move, late ? HEALTH_WENT_UP : HEALTH_BECAME_FLAPPING);
    }
}

/* What we could not judge is no move of the target's. */
static void test_blindness_is_no_flapping(void **state)
{
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    struct health h = {0};
    (void)state;
    for (int64_t i = 0; i < 40; i++) {
        enum health_move move =
            health_feed(&h, &quick, i % 2 ? OUTCOME_DNS_TIMEOUT : OUTCOME_REFUSED, i * 1000, i);
        assert_int_equal(move, i % 2 ? HEALTH_WENT_BLIND : HEALTH_WENT_DOWN);
    }
}

/* Flapping that ends down: the recovery after it is news, and flapping starts to count anew. */
static void test_flapping_that_ends_down(void **state)
{
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    struct health h = {0};
    int64_t now = 0;
    (void)state;
    health_feed(&h, &quick, OUTCOME_OK, now, 1);
    for (unsigned i = 0; i < HEALTH_FLAP_MOVES + 1; i++)
        health_feed(&h, &quick, i % 2 ? OUTCOME_OK : OUTCOME_TIMEOUT, ++now, 1);
    assert_true(h.flapping && h.state == HEALTH_DOWN);
    now += HEALTH_FLAP_CALM_MS;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_REFUSED, now, 1), HEALTH_STEADY_AGAIN);
    assert_int_equal(h.told, OUTCOME_REFUSED);
    assert_int_equal(health_feed(&h, &quick, OUTCOME_REFUSED, ++now, 1), HEALTH_SAME);
    assert_int_equal(health_feed(&h, &quick, OUTCOME_OK, ++now, 1), HEALTH_WENT_UP);
}

/* A new run, after one that told of a trouble. */
static void test_what_was_told_before_is_not_told_again(void **state)
{
    (void)state;
    struct health h = {0};
    health_recall(&h, HEALTH_DOWN, OUTCOME_REFUSED, false, 0);
    assert_int_equal(h.state, HEALTH_UNKNOWN);
    PLAY(&h, &usual, {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_REFUSED, HEALTH_AS_TOLD, HEALTH_DOWN},
         {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_DOWN}, {OUTCOME_OK, HEALTH_SAME, HEALTH_DOWN},
         {OUTCOME_OK, HEALTH_WENT_UP, HEALTH_UP});
}

static void test_good_news_after_a_restart_is_news(void **state)
{
    (void)state;
    static const enum health_state told[] = {HEALTH_DOWN, HEALTH_NOT_PUBLISHED, HEALTH_UNKNOWN};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        struct health h = {0};
        health_recall(&h, told[i], OUTCOME_REFUSED, false, 0);
        PLAY(&h, &usual, {OUTCOME_OK, HEALTH_WENT_UP, HEALTH_UP});
        PLAY(&h, &usual, {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UP},
             {OUTCOME_REFUSED, HEALTH_SAME, HEALTH_UP},
             {OUTCOME_REFUSED, HEALTH_WENT_DOWN, HEALTH_DOWN});
    }
}

static void test_another_trouble_than_before_the_restart(void **state)
{
    (void)state;
    struct health h = {0};
    health_recall(&h, HEALTH_DOWN, OUTCOME_REFUSED, false, 0);
    PLAY(&h, &usual, {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_UNKNOWN},
         {OUTCOME_TIMEOUT, HEALTH_CAUSE_CHANGED, HEALTH_DOWN},
         {OUTCOME_TIMEOUT, HEALTH_SAME, HEALTH_DOWN});
    h = (struct health){0};
    health_recall(&h, HEALTH_NOT_PUBLISHED, OUTCOME_DNS_NODATA, false, 0);
    PLAY(&h, &usual, {OUTCOME_DNS_NODATA, HEALTH_AS_TOLD, HEALTH_NOT_PUBLISHED});
    h = (struct health){0};
    health_recall(&h, HEALTH_DOWN, OUTCOME_REFUSED, false, 0);
    PLAY(&h, &usual, {OUTCOME_DNS_NODATA, HEALTH_WITHDRAWN, HEALTH_NOT_PUBLISHED});
}

/* Said once, whatever the restarts; its end is said when it was steady in this run. */
static void test_flapping_before_a_restart(void **state)
{
    (void)state;
    static const struct health_conf quick = {.rise = 1, .fall = 1};
    struct health h = {0};
    int64_t now = 500;
    health_recall(&h, HEALTH_DOWN, OUTCOME_REFUSED, true, now);
    assert_true(h.flapping);
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(
            health_feed(&h, &quick, i % 2 ? OUTCOME_OK : OUTCOME_REFUSED, now += 60000, 1),
            HEALTH_SAME);
    now += HEALTH_FLAP_CALM_MS;
    assert_int_equal(health_feed(&h, &quick, OUTCOME_OK, now, 1), HEALTH_STEADY_AGAIN);
}

static void test_checks_are_spread(void **state)
{
    (void)state;
    static const uint32_t rnds[] = {0, 1, 0x7fffffff, 0xffffffff};
    for (size_t r = 0; r < 4; r++) {
        int64_t last = 0;
        for (size_t i = 0; i < 10000; i++) {
            int64_t at = schedule_first_ms(i, 10000, 60000, rnds[r]);
            assert_true(at >= last && at <= 60000);
            last = at;
        }
        assert_int_equal(schedule_first_ms(0, 1, 60000, rnds[r]), 0);
        assert_in_range(schedule_next_ms(60000, rnds[r]), 54000, 66000);
    }
    /* No ten-thousand on one tick: at most a handful in any 10 ms. */
    assert_true(
        schedule_first_ms(5000, 10000, 60000, 0) - schedule_first_ms(4990, 10000, 60000, 0) > 50);
    /* A first verdict comes soon, however seldom the later ones. */
    assert_true(schedule_first_ms(9999, 10000, 3600000, 0xffffffff) <= SCHEDULE_FIRST_MS);
    assert_true(schedule_first_ms(9999, 10000, 5000, 0xffffffff) <= 5000);
    assert_int_equal(schedule_burst_ms(0), 0);
    assert_int_equal(schedule_burst_ms(SCHEDULE_AT_ONCE + 1), 10);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_good_round_is_enough),
        cmocka_unit_test(test_unknown_is_not_down_until_confirmed),
        cmocka_unit_test(test_down_and_up_need_their_rounds),
        cmocka_unit_test(test_changed_cause_is_told_once_when_it_lasts),
        cmocka_unit_test(test_own_trouble_is_not_the_target_s),
        cmocka_unit_test(test_family_not_published),
        cmocka_unit_test(test_flapping_is_said_once),
        cmocka_unit_test(test_slow_moves_are_not_flapping),
        cmocka_unit_test(test_flapping_window),
        cmocka_unit_test(test_blindness_is_no_flapping),
        cmocka_unit_test(test_flapping_that_ends_down),
        cmocka_unit_test(test_what_was_told_before_is_not_told_again),
        cmocka_unit_test(test_good_news_after_a_restart_is_news),
        cmocka_unit_test(test_another_trouble_than_before_the_restart),
        cmocka_unit_test(test_flapping_before_a_restart),
        cmocka_unit_test(test_checks_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
