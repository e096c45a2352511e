/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_cross.h"
#include "monitor/notice.h"

#define SETTLE INT64_C(1000)
#define AGAIN  INT64_C(5000)

/* A link that is watched, and an echo that is asked when the step says so. */
struct scene {
    struct addr_cross cross;
    struct addr_cross_side link, echo;
    const char *sees; /* what the echo would say */
    int64_t now_ms;
    int asked;
    int came, went;
};

static struct addr addr_of(const char *text)
{
    struct addr addr = {0};
    if (text)
        assert_true(addr_parse(text, &addr));
    return addr;
}

static void set(struct scene *s, struct addr_cross_side *side, const char *text)
{
    struct addr addr = addr_of(text);
    if (!addr_equal(&addr, &side->now)) {
        side->now = addr;
        side->changed_ms = s->now_ms;
    }
}

static struct scene start(const char *link, const char *sees)
{
    struct scene s = {.now_ms = 100000, .sees = sees};
    set(&s, &s.link, link);
    set(&s, &s.echo, sees);
    s.echo.said_ms = s.now_ms;
    return s;
}

static struct addr_cross_step look(struct scene *s)
{
    s->link.said_ms = s->now_ms;
    struct addr_cross_step step = addr_cross_feed(&s->cross, &s->link, &s->echo, SETTLE, s->now_ms);
    assert_false(step.ask_ours);
    s->came += step.move == REMARK_CAME;
    s->went += step.move == REMARK_WENT;
    return step;
}

/* Until nothing is to be done any more; the echo answers 100 ms after it was asked. */
static void settle(struct scene *s)
{
    for (int i = 0; i < 50; i++) {
        struct addr_cross_step step = look(s);
        if (step.ask_theirs) {
            int64_t asked_ms = s->now_ms;
            s->asked++;
            s->now_ms += 100;
            set(s, &s->echo, s->sees);
            s->echo.said_ms = asked_ms;
        } else if (step.wait_ms < INT64_MAX) {
            assert_true(step.wait_ms > 0);
            s->now_ms += step.wait_ms;
        } else {
            return;
        }
    }
    fail_msg("it never comes to rest");
}

static void test_the_same_is_not_asked_for(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.1");
    (void)state;
    settle(&s);
    assert_int_equal(s.asked + s.came + s.went, 0);
}

static void test_a_difference_is_told_once(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    int64_t began_ms = s.now_ms;
    (void)state;
    settle(&s);
    assert_int_equal(s.came, 1);
    assert_int_equal(s.asked, 2);
    assert_true(s.now_ms - began_ms >= SETTLE + AGAIN);
    for (int i = 0; i < 10; i++) {
        s.now_ms += 300000;
        s.echo.said_ms = s.now_ms; /* as it is asked anyhow */
        settle(&s);
    }
    assert_int_equal(s.came, 1);
    assert_int_equal(s.asked, 2);
    s.sees = "192.0.2.8"; /* still another one */
    s.now_ms += 300000;
    set(&s, &s.echo, s.sees);
    s.echo.said_ms = s.now_ms;
    settle(&s);
    assert_int_equal(s.came, 1);
    s.sees = "192.0.2.1";
    s.now_ms += 300000;
    set(&s, &s.echo, s.sees);
    s.echo.said_ms = s.now_ms;
    settle(&s);
    assert_int_equal(s.went, 1);
}

/* A new address of the line ends it as soon as the echo, asked for that, says the same. */
static void test_its_end_is_not_waited_for(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    (void)state;
    settle(&s);
    assert_int_equal(s.came, 1);
    s.now_ms += 60000;
    set(&s, &s.link, "192.0.2.5");
    s.sees = "192.0.2.5";
    settle(&s);
    assert_int_equal(s.went, 1);
}

/* The line comes back with another address: the echo's answer of before is no finding. */
static void test_an_old_answer_is_no_difference(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.1");
    (void)state;
    settle(&s);
    for (int i = 2; i < 20; i++) {
        char text[32];
        snprintf(text, sizeof text, "192.0.2.%d", i);
        s.now_ms += 60000;
        set(&s, &s.link, text);
        s.sees = text;
        settle(&s);
        assert_int_equal(s.asked, i - 1); /* once, to be sure */
    }
    assert_int_equal(s.came + s.went, 0);
}

/* One that was seen once, and is gone at the second look. */
static void test_a_short_one_is_not_told(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    (void)state;
    s.now_ms += SETTLE;
    assert_true(look(&s).ask_theirs);
    s.echo.said_ms = s.now_ms;
    struct addr_cross_step step = look(&s);
    assert_false(step.ask_theirs);
    assert_int_equal(step.wait_ms, AGAIN);
    s.sees = "192.0.2.1";
    s.now_ms += step.wait_ms;
    settle(&s);
    assert_int_equal(s.came + s.went, 0);
}

/* What was seen of other addresses does not count for these. */
static void test_a_row_is_of_one_pair(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    (void)state;
    s.now_ms += SETTLE;
    assert_true(look(&s).ask_theirs);
    s.echo.said_ms = s.now_ms;
    assert_int_equal(look(&s).wait_ms, AGAIN); /* seen once */
    s.now_ms += AGAIN;
    set(&s, &s.link, "192.0.2.2");
    s.now_ms += SETTLE;
    assert_true(look(&s).ask_theirs);
    s.echo.said_ms = s.now_ms;
    assert_int_equal(look(&s).wait_ms, AGAIN); /* once more, not twice */
    assert_int_equal(s.came, 0);
    settle(&s);
    assert_int_equal(s.came, 1);
}

/* It changes all the time: never settled, never told. */
static void test_flapping(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    (void)state;
    for (int i = 0; i < 100; i++) {
        struct addr_cross_step step = look(&s);
        s.now_ms += SETTLE + 500;
        if (step.ask_theirs)
            s.echo.said_ms = s.now_ms;
        look(&s);
        set(&s, &s.link, i % 2 ? "192.0.2.1" : "192.0.2.2");
    }
    assert_int_equal(s.came + s.went, 0);
}

/* With no address on one side there is nothing to compare, and what was told stays told. */
static void test_lost(void **state)
{
    struct scene s = start(NULL, "192.0.2.9");
    (void)state;
    settle(&s);
    assert_int_equal(s.asked + s.came, 0);
    set(&s, &s.link, "192.0.2.1");
    settle(&s);
    assert_int_equal(s.came, 1);
    s.now_ms += 60000;
    set(&s, &s.link, NULL);
    settle(&s);
    assert_int_equal(s.went, 0);
    s.now_ms += 60000;
    set(&s, &s.link, "192.0.2.9");
    settle(&s);
    assert_int_equal(s.went, 1);
}

/* Two links: nobody is asked, time alone tells. */
static void test_both_are_watched(void **state)
{
    struct scene s = start("192.0.2.1", "192.0.2.9");
    (void)state;
    for (int i = 0; i < 10 && s.came == 0; i++) {
        s.echo.said_ms = s.now_ms;
        struct addr_cross_step step = look(&s);
        assert_false(step.ask_theirs);
        s.now_ms += step.wait_ms < INT64_MAX ? step.wait_ms : 0;
    }
    assert_int_equal(s.came, 1);
}

static void test_advice(void **state)
{
    struct notice notice;
    (void)state;
    for (int i = 0; i < ADDR_LINE_COUNT; i++) {
        assert_true(strlen(addr_cross_advice((enum addr_line)i)) < sizeof notice.advice);
        assert_true(*addr_cross_advice((enum addr_line)i) && *addr_cross_word((enum addr_line)i));
    }
    assert_string_equal(addr_cross_word(ADDR_LINE_PLAIN), "other-way-out");
    assert_string_equal(addr_cross_word(ADDR_LINE_CGNAT), "cgnat");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_is_not_asked_for),
        cmocka_unit_test(test_a_difference_is_told_once),
        cmocka_unit_test(test_its_end_is_not_waited_for),
        cmocka_unit_test(test_an_old_answer_is_no_difference),
        cmocka_unit_test(test_a_short_one_is_not_told),
        cmocka_unit_test(test_a_row_is_of_one_pair),
        cmocka_unit_test(test_flapping),
        cmocka_unit_test(test_lost),
        cmocka_unit_test(test_both_are_watched),
        cmocka_unit_test(test_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
