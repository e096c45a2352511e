/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/str.h"
#include "monitor/hooks/hook_slot.h"

#define DEBOUNCE 2000
#define REMIND   60000

static struct notice make(enum notice_kind kind, const char *old_value, const char *new_value)
{
    struct notice notice;
    notice_init(&notice, kind, "www", 1700000000000);
    str_copy(notice.old_value, sizeof(notice.old_value), old_value);
    str_copy(notice.new_value, sizeof(notice.new_value), new_value);
    return notice;
}

static void post(struct hook_slot *slot, enum notice_kind kind, const char *old_value,
                 const char *new_value, int64_t id, int64_t now_ms)
{
    struct notice notice = make(kind, old_value, new_value);
    hook_slot_post(slot, &notice, id, 0, now_ms, DEBOUNCE);
}

static void one_notice_one_run(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    assert_true(hook_slot_is_empty(&slot));
    assert_true(hook_slot_due(&slot) == INT64_MAX);
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 1, 1000);
    assert_int_equal(hook_slot_due(&slot), 3000);
    assert_false(hook_slot_take(&slot, 2999));
    assert_true(hook_slot_take(&slot, 3000));
    assert_int_equal(slot.current_id, 1);
    assert_int_equal(slot.current_superseded, 0);
    assert_false(slot.current_reminder);
    assert_false(hook_slot_take(&slot, 9000)); /* it runs already */
    assert_int_equal(hook_slot_ended(&slot, true, 3100, 0), HOOK_TOLD);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
}

static void a_storm_becomes_one_run_with_the_first_old_value(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    for (int i = 0; i < 100; i++)
        post(&slot, i % 2 ? NOTICE_TARGET_UP : NOTICE_TARGET_DOWN, i ? "down" : "unknown", "x",
             i + 1, 1000 + i * 10);
    assert_int_equal(hook_slot_due(&slot), 3000); /* the first one's: a storm can't put it off */
    assert_true(hook_slot_take(&slot, 3000));
    assert_int_equal(slot.current_id, 100);
    assert_int_equal(slot.current->kind, NOTICE_TARGET_UP);
    assert_int_equal(slot.current_superseded, 99);
    assert_string_equal(slot.current->old_value, "unknown");
    hook_slot_clear(&slot);
}

static void an_unknown_old_value_hides_no_known_one(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    post(&slot, NOTICE_ADDRESS_CHANGED, "", "a", 1, 0);
    post(&slot, NOTICE_ADDRESS_CHANGED, "a", "b", 2, 1);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    assert_string_equal(slot.current->old_value, "a");
    hook_slot_clear(&slot);
}

static void news_during_a_run_wait_for_its_end(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    post(&slot, NOTICE_ADDRESS_CHANGED, "a", "b", 1, 0);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    post(&slot, NOTICE_ADDRESS_CHANGED, "b", "c", 2, 3000);
    post(&slot, NOTICE_ADDRESS_CHANGED, "c", "d", 3, 3001);
    assert_true(hook_slot_due(&slot) == INT64_MAX);
    assert_int_equal(hook_slot_ended(&slot, true, 9000, 0), HOOK_TOLD);
    assert_false(hook_slot_is_empty(&slot));
    assert_true(hook_slot_take(&slot, 9000));
    assert_int_equal(slot.current_id, 3);
    assert_int_equal(slot.current_superseded, 1);
    assert_string_equal(slot.current->old_value, "b");
    assert_string_equal(slot.current->new_value, "d");
    hook_slot_clear(&slot);
}

static void a_failed_run_is_tried_again_then_given_up(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 1, 0);
    int64_t now = DEBOUNCE, last_wait = 0;
    for (int i = 1; i < HOOK_TRIES; i++) {
        assert_true(hook_slot_take(&slot, now));
        assert_int_equal(hook_slot_ended(&slot, false, now, 0), HOOK_RETRIES);
        hook_slot_hurry(&slot, now); /* leaves a retry alone */
        int64_t wait = hook_slot_due(&slot) - now;
        assert_true(wait > last_wait);
        last_wait = wait;
        now += wait;
    }
    assert_true(hook_slot_take(&slot, now));
    assert_int_equal(slot.current_id, 1);
    assert_int_equal(hook_slot_ended(&slot, false, now, 0), HOOK_GIVEN_UP);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
}

static void a_newer_notice_takes_the_place_of_a_failed_one(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 1, 0);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    post(&slot, NOTICE_TARGET_UP, "down", "up", 2, 2500);
    assert_int_equal(hook_slot_ended(&slot, false, 3000, 0), HOOK_REPLACED);
    assert_true(hook_slot_take(&slot, 2500 + DEBOUNCE));
    assert_int_equal(slot.current_id, 2);
    assert_int_equal(slot.current_superseded, 1);
    assert_string_equal(slot.current->old_value, "up");
    /* and during the wait for a retry: not later than its own debounce, with new tries */
    assert_int_equal(hook_slot_ended(&slot, false, 5000, 0), HOOK_RETRIES);
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 3, 5100);
    assert_int_equal(hook_slot_due(&slot), 5100 + DEBOUNCE);
    assert_int_equal(slot.superseded, 2);
    assert_int_equal(slot.tries, 0);
    hook_slot_clear(&slot);
}

static void told_down(struct hook_slot *slot, enum notice_kind kind)
{
    post(slot, kind, "up", "down", 1, 0);
    assert_true(hook_slot_take(slot, DEBOUNCE));
    assert_int_equal(hook_slot_ended(slot, true, 3000, REMIND), HOOK_TOLD);
}

static void reminders_while_it_lasts(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    told_down(&slot, NOTICE_TARGET_DOWN);
    int64_t now = 3000;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(hook_slot_due(&slot), now + REMIND);
        now += REMIND;
        assert_true(hook_slot_take(&slot, now));
        assert_true(slot.current_reminder);
        assert_int_equal(slot.current_id, 1);
        assert_int_equal(hook_slot_ended(&slot, i != 1, now, REMIND), HOOK_REMINDED);
    }
    post(&slot, NOTICE_TARGET_UP, "down", "up", 2, now);
    assert_true(hook_slot_take(&slot, now + DEBOUNCE));
    assert_false(slot.current_reminder);
    assert_int_equal(hook_slot_ended(&slot, true, now, REMIND), HOOK_TOLD);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
}

static void good_news_end_reminders(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    told_down(&slot, NOTICE_TARGET_DOWN);
    hook_slot_calm(&slot);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
    /* also when they come while it is being told, or while a reminder runs */
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 1, 0);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    hook_slot_calm(&slot);
    assert_int_equal(hook_slot_ended(&slot, true, 3000, REMIND), HOOK_TOLD);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
    told_down(&slot, NOTICE_ADDRESS_LOST);
    assert_true(hook_slot_take(&slot, 3000 + REMIND));
    hook_slot_calm(&slot);
    assert_int_equal(hook_slot_ended(&slot, true, 99000, REMIND), HOOK_REMINDED);
    assert_true(hook_slot_is_empty(&slot));
    hook_slot_clear(&slot);
}

static void what_no_good_news_can_end_is_not_repeated(void **state)
{
    (void)state;
    static const enum notice_kind kinds[] = {NOTICE_CERT_EXPIRING, NOTICE_UPDATE_TTL,
                                             NOTICE_TARGET_UP, NOTICE_STARTED};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct hook_slot slot = {0};
        told_down(&slot, kinds[i]);
        assert_true(hook_slot_is_empty(&slot));
        hook_slot_clear(&slot);
    }
}

/* What was replaced twice over is still counted. */
static void what_a_failed_run_stood_for_is_counted(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    for (int i = 0; i < 3; i++)
        post(&slot, NOTICE_TARGET_DOWN, "up", "down", 1 + i, 0);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    assert_int_equal(slot.current_superseded, 2);
    post(&slot, NOTICE_TARGET_UP, "down", "up", 9, 2500);
    assert_int_equal(hook_slot_ended(&slot, false, 3000, 0), HOOK_REPLACED);
    assert_true(hook_slot_take(&slot, 2500 + DEBOUNCE));
    assert_int_equal(slot.current_superseded, 3);
    hook_slot_clear(&slot);
}

/* Good news ended the reminders of the last trouble, not those of the next. */
static void the_next_trouble_is_reminded_of(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    post(&slot, NOTICE_TARGET_UP, "down", "up", 1, 0);
    post(&slot, NOTICE_TARGET_DOWN, "up", "down", 2, 10);
    assert_true(hook_slot_take(&slot, DEBOUNCE));
    assert_int_equal(hook_slot_ended(&slot, true, 3000, REMIND), HOOK_TOLD);
    assert_int_equal(hook_slot_due(&slot), 3000 + REMIND);
    hook_slot_clear(&slot);
}

static void hurry_at_the_end(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    hook_slot_hurry(&slot, 5);
    assert_true(hook_slot_is_empty(&slot));
    post(&slot, NOTICE_STOPPED, "", "", 1, 100);
    hook_slot_hurry(&slot, 150);
    assert_true(hook_slot_take(&slot, 150));
    hook_slot_clear(&slot);
}

static void reminders_go_on_after_a_restart(void **state)
{
    (void)state;
    struct hook_slot slot = {0};
    struct notice down = make(NOTICE_TARGET_DOWN, "up", "down");
    assert_true(hook_slot_resume(&slot, &down, 7, 5000));
    assert_int_equal(hook_slot_due(&slot), 5000);
    assert_true(hook_slot_take(&slot, 5000));
    assert_true(slot.current_reminder);
    assert_int_equal(slot.current_id, 7);
    assert_int_equal(hook_slot_ended(&slot, true, 5100, REMIND), HOOK_REMINDED);
    assert_int_equal(hook_slot_due(&slot), 5100 + REMIND);
    hook_slot_clear(&slot);
    static const enum notice_kind no_state[] = {NOTICE_TARGET_UP, NOTICE_CERT_EXPIRING,
                                                NOTICE_UPDATE_TTL, NOTICE_STARTED};
    for (size_t i = 0; i < sizeof no_state / sizeof *no_state; i++) {
        struct notice notice = make(no_state[i], "", "");
        assert_false(hook_slot_resume(&slot, &notice, 7, 5000));
        assert_true(hook_slot_is_empty(&slot));
    }
}

static void reminders_keep_their_pace(void **state)
{
    (void)state;
    assert_int_equal(hook_remind_left(1000, 1000, REMIND), REMIND);
    assert_int_equal(hook_remind_left(1000, 1001, REMIND), REMIND - 1);
    assert_int_equal(hook_remind_left(1000, 1000 + 7 * REMIND + 5, REMIND), REMIND - 5);
    assert_int_equal(hook_remind_left(1000000, 5, REMIND), REMIND); /* a clock set back */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_notice_one_run),
        cmocka_unit_test(a_storm_becomes_one_run_with_the_first_old_value),
        cmocka_unit_test(an_unknown_old_value_hides_no_known_one),
        cmocka_unit_test(news_during_a_run_wait_for_its_end),
        cmocka_unit_test(a_failed_run_is_tried_again_then_given_up),
        cmocka_unit_test(a_newer_notice_takes_the_place_of_a_failed_one),
        cmocka_unit_test(reminders_while_it_lasts),
        cmocka_unit_test(good_news_end_reminders),
        cmocka_unit_test(what_no_good_news_can_end_is_not_repeated),
        cmocka_unit_test(what_a_failed_run_stood_for_is_counted),
        cmocka_unit_test(the_next_trouble_is_reminded_of),
        cmocka_unit_test(hurry_at_the_end),
        cmocka_unit_test(reminders_go_on_after_a_restart),
        cmocka_unit_test(reminders_keep_their_pace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
