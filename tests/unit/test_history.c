/* SPDX-License-Identifier: ISC
 *
 * Lives, sums and the page of `reachd history`, from events.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/status.h"
#include "monitor/store/history_priv.h"

#define HOUR  INT64_C(3600000)
#define DAY   (24 * HOUR)
#define NOW   INT64_C(1795000000000)
#define SINCE (NOW - 7 * DAY)

static int64_t next_id;

static void feed(struct history *history, enum notice_kind kind, const char *subject,
                 int64_t wall_ms, const char *old_value, const char *new_value)
{
    struct notice notice;
    notice_init(&notice, kind, subject, wall_ms);
    notice.has_family = true;
    notice.family = strstr(subject, "6") ? FAMILY_IPV6 : FAMILY_IPV4;
    str_copy(notice.host, sizeof notice.host, "www.home.example:443");
    str_copy(notice.old_value, sizeof notice.old_value, old_value);
    str_copy(notice.new_value, sizeof notice.new_value, new_value);
    str_append(notice.text, sizeof notice.text, "from %s to %s", old_value, new_value);
    history_feed(history, ++next_id, &notice);
}

static struct history *start(const char *name)
{
    return history_new(&(struct history_scope){.name = name, .since_ms = SINCE, .now_ms = NOW});
}

static void lives_of_an_address(void **state)
{
    struct history *history = start(NULL);
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 20 * DAY, "", "203.0.113.1");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 6 * DAY, "203.0.113.1", "203.0.113.2");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 6 * DAY + HOUR, "203.0.113.2",
         "203.0.113.2");
    feed(history, NOTICE_ADDRESS_LOST, "wan", NOW - 4 * DAY, "203.0.113.2", "");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 3 * DAY, "", "203.0.113.3");
    const struct track *track = &history->tracks[0];
    struct lives_sum sum = track_sum(track, &history->scope);
    assert_int_equal(history->track_count, 1);
    assert_int_equal(track->count, 3);
    assert_int_equal(sum.changes, 2);
    assert_int_equal(sum.longest_ms, 14 * DAY);
    assert_int_equal(sum.shortest_ms, 2 * DAY);
    assert_int_equal(sum.mean_ms, 8 * DAY);
    assert_string_equal(track_now(track)->value, "203.0.113.3");
    assert_int_equal(track->bad, 1);           /* the loss */
    assert_int_equal(history->event_count, 4); /* the first one is before the scope */
    feed(history, NOTICE_ADDRESS_LOST, "wan", NOW - DAY, "203.0.113.3", "");
    assert_null(track_now(&history->tracks[0]));
    history_free(history);
}

/* Where the log begins with a change, the former value is known, its beginning is not. */
static void the_log_begins_in_the_middle(void **state)
{
    struct history *history = start(NULL);
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 2 * DAY, "203.0.113.1", "203.0.113.2");
    const struct track *track = &history->tracks[0];
    assert_int_equal(track->count, 2);
    assert_int_equal(track->lives[0].from_ms, 0);
    struct lives_sum sum = track_sum(track, &history->scope);
    assert_int_equal(sum.changes, 1);
    assert_int_equal(sum.longest_ms, 0); /* a life of unknown length is not counted */
    history_free(history);
}

static void a_clock_set_back_makes_no_negative_life(void **state)
{
    struct history *history = start(NULL);
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - DAY, "", "203.0.113.1");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 2 * DAY, "203.0.113.1", "203.0.113.2");
    struct lives_sum sum = track_sum(&history->tracks[0], &history->scope);
    assert_int_equal(sum.longest_ms, 0);
    assert_int_equal(sum.shortest_ms, 0);
    history_free(history);
}

static void time_down(void **state)
{
    struct history *history = start(NULL);
    unsigned times;
    (void)state;
    feed(history, NOTICE_TARGET_DOWN, "www", NOW - 9 * DAY, "", "");
    feed(history, NOTICE_TARGET_CAUSE, "www", NOW - 8 * DAY, "", "");
    feed(history, NOTICE_TARGET_UP, "www", NOW - 6 * DAY, "", "");
    feed(history, NOTICE_TARGET_DOWN, "www", NOW - HOUR, "", "");
    /* Of the first only what lies in the scope; the second lasts. */
    assert_int_equal(track_time_of(&history->tracks[0], "down", &history->scope, &times),
                     DAY + HOUR);
    assert_int_equal(times, 2);
    history_free(history);
}

static void only_what_was_asked_for(void **state)
{
    struct history *history = start("wan6");
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - DAY, "", "203.0.113.1");
    assert_false(history_knows_name(history));
    feed(history, NOTICE_ADDRESS_CHANGED, "wan6", NOW - DAY, "", "2001:db8::1");
    assert_true(history_knows_name(history));
    assert_int_equal(history->event_count, 1);
    history_free(history);
    history = start("www.home.example"); /* by host, whatever the port */
    feed(history, NOTICE_UPDATE_VERIFIED, "home", NOW - DAY, "", "203.0.113.1");
    assert_int_equal(history->event_count, 1);
    history_free(history);
    history = start("www.home"); /* but not by the start of one */
    feed(history, NOTICE_UPDATE_VERIFIED, "home", NOW - DAY, "", "203.0.113.1");
    assert_false(history_knows_name(history));
    history_free(history);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("'%s' is not in:\n%s", part, text);
}

static char *page_of(const struct history *history)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    history_print(out, history, false);
    fclose(out);
    return text;
}

static void page(void **state)
{
    struct history *history = start(NULL);
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan6", NOW - 63 * DAY, "", "2001:db8::1");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 5 * DAY, "203.0.113.1", "203.0.113.2");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 3 * DAY, "203.0.113.2", "203.0.113.3");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 2 * HOUR, "203.0.113.3", "203.0.113.4");
    feed(history, NOTICE_UPDATE_FAILED, "home", NOW - HOUR, "", "203.0.113.4");
    feed(history, NOTICE_ADDRESS_LOST, "nas", NOW - HOUR, "", "");
    feed(history, NOTICE_TARGET_DOWN, "www", NOW - 2 * HOUR, "up", "down");
    feed(history, NOTICE_TARGET_UP, "www", NOW - HOUR, "down", "up");
    char *text = page_of(history);
    assert_has(text, "wan: from 203.0.113.3 to 203.0.113.4\n");
    assert_has(text, "  wan6  IPv6    2001:db8::1  63d  unchanged\n");
    assert_has(text, "changed 3 times; lived 2d to 2d 22h, 2d 11h on average");
    assert_has(text, "never verified; 1 warning\n");
    assert_has(text, "never there; 1 warning\n");
    assert_has(text, "  www   IPv4    up   1h   down once, 1h in all\n");
    free(text);
    history_free(history);
    history = start(NULL);
    text = page_of(history);
    assert_has(text, "no event since ");
    free(text);
    history_free(history);
}

static void json(void **state)
{
    struct history *history = start(NULL);
    (void)state;
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - 20 * DAY, "203.0.113.0", "203.0.113.1");
    feed(history, NOTICE_ADDRESS_CHANGED, "wan", NOW - DAY, "203.0.113.1", "203.0.113.2");
    json_t *value = history_json(history);
    const json_t *address = json_array_get(json_object_get(value, "addresses"), 0);
    const json_t *lives = json_object_get(address, "lives");
    assert_string_equal(doc_get_text(address, "subject"), "wan");
    assert_string_equal(doc_get_text(address, "value"), "203.0.113.2");
    assert_int_equal(json_integer_value(json_object_get(address, "changes")), 1);
    assert_int_equal(json_array_size(lives), 2); /* one ended before the scope */
    assert_string_equal(doc_get_text(json_array_get(lives, 0), "value"), "203.0.113.1");
    assert_true(json_is_null(json_object_get(json_array_get(lives, 1), "until")));
    assert_int_equal(json_array_size(json_object_get(value, "events")), 1);
    json_decref(value);
    history_free(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_of_an_address),
        cmocka_unit_test(the_log_begins_in_the_middle),
        cmocka_unit_test(a_clock_set_back_makes_no_negative_life),
        cmocka_unit_test(time_down),
        cmocka_unit_test(only_what_was_asked_for),
        cmocka_unit_test(page),
        cmocka_unit_test(json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
