/* SPDX-License-Identifier: ISC
 *
 * --watch: what is remembered and how it looks, from rounds that are made up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/probe/watch_frame.h"
#include "tests/unit/make_round.h"

struct text {
    FILE *out;
    char *data;
    size_t len;
};

static FILE *text_open(struct text *text)
{
    text->out = open_memstream(&text->data, &text->len);
    assert_non_null(text->out);
    return text->out;
}

static void expect(struct text *text, const char *wanted)
{
    fclose(text->out);
    assert_string_equal(text->data, wanted);
    free(text->data);
}

static void feed(struct watch_track *track, const enum outcome *outcomes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        watch_track_add(track, outcomes[i], 1000 + (int64_t)i * 5000);
}

#define FEED(track, ...)                                                                           \
    feed(track, (const enum outcome[]){__VA_ARGS__},                                               \
         sizeof((const enum outcome[]){__VA_ARGS__}) / sizeof(enum outcome))

static void a_strip_shows_changes_of_cause(void **arg)
{
    struct watch_track track = {0};
    struct watch_style style = {.utf8 = true};
    struct text text;
    (void)arg;
    FEED(&track, OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_REFUSED, OUTCOME_TIMEOUT, OUTCOME_TIMEOUT,
         OUTCOME_LOCAL_ERROR, OUTCOME_REFUSED, OUTCOME_DNS_NODATA, OUTCOME_REFUSED, OUTCOME_OK);
    watch_track_strip(text_open(&text), &track, &style, 60);
    expect(&text, "\u2581\u25cf\u25cf\u25c6\u25cf?\u25cf\u00b7\u25cf\u2581");
    style.utf8 = false;
    style.wanted = true;
    watch_track_strip(text_open(&text), &track, &style, 60);
    expect(&text, "_xxXx?xXX_");
    watch_track_strip(text_open(&text), &track, &style, 3);
    expect(&text, "XX_");
    style.colour = true;
    watch_track_strip(text_open(&text), &track, &style, 3);
    expect(&text, "\033[31mXX\033[32m_\033[0m");
}

static void a_strip_holds_the_last_sixty(void **arg)
{
    struct watch_track track = {0};
    struct watch_style style = {0};
    struct text text;
    char wanted[WATCH_CELLS + 1];
    (void)arg;
    for (int i = 0; i < 200; i++)
        watch_track_add(&track,
                        i < 150    ? OUTCOME_OK
                        : i == 170 ? OUTCOME_TIMEOUT
                                   : OUTCOME_REFUSED,
                        i);
    memset(wanted, '_', 10);
    memset(wanted + 10, 'x', 50);
    wanted[30] = wanted[31] = 'X';
    wanted[WATCH_CELLS] = '\0';
    watch_track_strip(text_open(&text), &track, &style, 100);
    expect(&text, wanted);
    for (int i = 0; i < WATCH_CELLS - 1; i++) /* the first cell's cause can't be compared */
        watch_track_add(&track, OUTCOME_RESET, 300 + i);
    memset(wanted, 'x', WATCH_CELLS);
    wanted[1] = 'X';
    watch_track_strip(text_open(&text), &track, &style, 100);
    expect(&text, wanted);
}

static void a_summary_counts(void **arg)
{
    struct watch_track track = {0};
    char buf[WATCH_SUMMARY_LEN];
    (void)arg;
    FEED(&track, OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_TIMEOUT, OUTCOME_OK, OUTCOME_REFUSED);
    assert_int_equal(track.changes, 4);
    assert_int_equal(track.before, OUTCOME_OK);
    assert_int_equal(track.since_ms, 21000);
    assert_string_equal(watch_track_summary(&track, false, 21000, buf),
                        "ok 2 (40.0%), refused 2, timeout 1; failing for 5s at most");
    assert_string_equal(watch_track_summary(&track, false, 81000, buf),
                        "ok 2 (40.0%), refused 2, timeout 1; failing for 1m at most");
    track = (struct watch_track){0};
    FEED(&track, OUTCOME_DNS_NODATA, OUTCOME_DNS_NODATA);
    assert_string_equal(watch_track_summary(&track, false, 9000, buf), "not published 2");
    assert_string_equal(watch_track_summary(&track, true, 11000, buf),
                        "dns-nodata 2; failing for 10s at most");
}

/* --- the picture --- */

struct pair { /* of hosts */
    struct watch_state watch;
    struct watch_host hosts[2];
    struct probe_text_style style;
};

static void pair_init(struct pair *pair, size_t count)
{
    *pair = (struct pair){.style = {.width = 80}};
    pair->watch = (struct watch_state){.count = count, .hosts = pair->hosts, .every_ms = 5000};
    str_copy(pair->hosts[0].target, sizeof pair->hosts[0].target, "a.example:443");
    str_copy(pair->hosts[1].target, sizeof pair->hosts[1].target, "b.example:443");
}

static bool look(struct pair *pair, size_t host, enum outcome outcome, int64_t now_ms)
{
    struct made made;
    made_init(&made, "a.example", 443);
    made_add(&made, "192.0.2.1", outcome, outcome == OUTCOME_OK ? "" : "the evidence");
    made_fail(&made, FAMILY_IPV6, OUTCOME_DNS_NODATA);
    bool changed = watch_add(&pair->watch, host, &made.result, now_ms, MADE_NOW_MS + now_ms);
    made_clear(&made);
    return changed;
}

static void the_picture_tells_cause_and_change(void **arg)
{
    struct pair pair;
    struct text text;
    (void)arg;
    pair_init(&pair, 2);
    watch_draw(text_open(&text), &pair.watch, &pair.style, 0, MADE_NOW_MS);
    expect(&text, "00:00:00  every 5s; Ctrl-C ends\n\na.example:443\n\nb.example:443\n");
    assert_false(look(&pair, 0, OUTCOME_OK, 1000));
    assert_false(look(&pair, 0, OUTCOME_OK, 6000));
    assert_true(look(&pair, 0, OUTCOME_REFUSED, 11000));
    assert_false(look(&pair, 1, OUTCOME_OK, 11500));
    watch_draw(text_open(&text), &pair.watch, &pair.style, 74000, MADE_NOW_MS + 74000);
    expect(&text, "00:01:14  every 5s; Ctrl-C ends\n"
                  "\n"
                  "a.example:443\n"
                  "  IPv4  refused  for 1m 3s, was ok\n"
                  "      __x\n"
                  "      connection refused (the evidence)\n"
                  "      The host answers but nothing listens on the port, or a firewall rejects:\n"
                  "      check the service's listen lines, then ufw, then the port forward.\n"
                  "  IPv6  not published  for 1m 13s\n"
                  "      ...\n"
                  "\n"
                  "b.example:443\n"
                  "  IPv4  ok  for 1m 2s  tcp 0.4 ms\n"
                  "      _\n"
                  "  IPv6  not published  for 1m 2s\n"
                  "      .\n"
                  "\n"
                  "  00:00:11  a.example:443  IPv4 ok -> refused\n");
    watch_tell_changes(text_open(&text), &pair.watch, 0, &pair.style, MADE_NOW_MS + 11000);
    expect(&text, "  IPv4 ok -> refused");
    watch_tell_changes(text_open(&text), &pair.watch, 0, &pair.style, MADE_NOW_MS + 16000);
    expect(&text, "");
    watch_summary(text_open(&text), &pair.watch, &pair.style, true, 74000);
    expect(&text, "\na.example:443\n"
                  "  IPv4  ok 2 (66.7%), refused 1; failing for 1m 3s at most\n"
                  "  IPv6  not published 3\n"
                  "b.example:443\n"
                  "  IPv4  ok 1 (100.0%)\n"
                  "  IPv6  not published 1\n");
}

static void the_status_is_that_of_the_last_looks(void **arg)
{
    struct pair pair;
    (void)arg;
    pair_init(&pair, 2);
    assert_int_equal(watch_status(&pair.watch, &pair.style), 3);
    look(&pair, 0, OUTCOME_REFUSED, 1000);
    assert_int_equal(watch_status(&pair.watch, &pair.style), 3);
    look(&pair, 1, OUTCOME_OK, 1000);
    assert_int_equal(watch_status(&pair.watch, &pair.style), 1);
    look(&pair, 0, OUTCOME_OK, 2000);
    assert_int_equal(watch_status(&pair.watch, &pair.style), 0);
    pair.style.families_wanted[FAMILY_IPV6] = true;
    assert_int_equal(watch_status(&pair.watch, &pair.style), 1);
}

static void old_changes_are_forgotten(void **arg)
{
    struct pair pair;
    struct text text;
    size_t lines = 0;
    (void)arg;
    pair_init(&pair, 1);
    for (int i = 0; i < 100; i++)
        look(&pair, 0, i % 2 ? OUTCOME_OK : OUTCOME_RESET, i * 1000);
    watch_draw(text_open(&text), &pair.watch, &pair.style, 100000, MADE_NOW_MS);
    fclose(text.out);
    for (const char *at = strstr(text.data, " -> "); at; at = strstr(at + 1, " -> "))
        lines++;
    assert_int_equal(lines, WATCH_CHANGES);
    free(text.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_strip_shows_changes_of_cause),
        cmocka_unit_test(a_strip_holds_the_last_sixty),
        cmocka_unit_test(a_summary_counts),
        cmocka_unit_test(the_picture_tells_cause_and_change),
        cmocka_unit_test(the_status_is_that_of_the_last_looks),
        cmocka_unit_test(old_changes_are_forgotten),
    };
    setenv("TZ", "UTC0", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
