/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "probes/mtu.h"
#include "probes/mtu_report.h"

/* Plays the search against a path that loses what is larger; returns the attempts it took. */
static size_t search(enum family family, uint16_t full, uint16_t limit, struct mtu_step *last,
                     unsigned *rounds)
{
    struct mtu_trial trial = {.family = family, .full = full};
    mtu_note(&trial, full, MTU_HUNG);
    for (*rounds = 0;; (*rounds)++) {
        *last = mtu_next(&trial);
        if (last->verdict != MTU_GO_ON)
            return trial.count;
        assert_true(last->count > 0 && last->count <= MTU_WIDTH);
        for (size_t i = 0; i < last->count; i++) {
            for (size_t j = 0; j < i; j++)
                assert_int_not_equal(last->mss[i], last->mss[j]);
            mtu_note(&trial, last->mss[i], last->mss[i] <= limit ? MTU_PASSED : MTU_HUNG);
        }
    }
}

static void every_limit_is_found(void **arg)
{
    struct mtu_step last;
    unsigned rounds, most = 0;
    size_t attempts_most = 0;
    (void)arg;
    for (uint16_t limit = 536; limit < 1460; limit++) {
        size_t attempts = search(FAMILY_IPV4, 1460, limit, &last, &rounds);
        assert_int_equal(last.verdict, MTU_BLACK_HOLE);
        assert_true(last.proven);
        assert_int_equal(last.passed, limit);
        assert_int_equal(last.hung, limit + 1);
        most = rounds > most ? rounds : most;
        attempts_most = attempts > attempts_most ? attempts : attempts_most;
    }
    print_message("at most %u rounds, %zu attempts\n", most, attempts_most);
    assert_true(most <= 7 && attempts_most < MTU_MAX_ATTEMPTS);
    for (uint16_t limit = 1220; limit < 1440; limit++) {
        search(FAMILY_IPV6, 1440, limit, &last, &rounds);
        assert_int_equal(last.passed, limit);
    }
}

/* The lines that there are take three rounds. */
static void known_lines_are_found_soon(void **arg)
{
    static const uint16_t mtus[] = {1492, 1460, 1454, 1420, 1400};
    struct mtu_step last;
    unsigned rounds;
    (void)arg;
    for (size_t i = 0; i < sizeof mtus / sizeof *mtus; i++)
        for (int f = 0; f < FAMILY_COUNT; f++) {
            uint16_t header = f == FAMILY_IPV4 ? 40 : 60;
            uint16_t limit = (uint16_t)(mtus[i] - header);
            size_t attempts =
                search((enum family)f, (uint16_t)(1500 - header), limit, &last, &rounds);
            assert_int_equal(last.passed, limit);
            assert_int_equal(last.hung, limit + 1);
            assert_int_equal(rounds, 3);
            assert_true(attempts <= 3 + 2 * MTU_WIDTH);
            assert_non_null(mtu_line(mtu_of_mss((enum family)f, last.passed)));
        }
}

static void a_jumbo_frame_finds_its_way(void **arg)
{
    struct mtu_step last;
    unsigned rounds;
    (void)arg;
    search(FAMILY_IPV4, 8960, 1460, &last, &rounds);
    assert_int_equal(last.passed, 1460);
    search(FAMILY_IPV4, 65483, 3000, &last, &rounds);
    assert_true(last.proven); /* too wide to be exact */
    assert_true(last.passed <= 3000 && last.passed > 2900 && last.hung > 3000);
}

static struct mtu_step after(const struct mtu_attempt *attempts, size_t count)
{
    struct mtu_trial trial = {.family = FAMILY_IPV4, .full = 1460};
    for (size_t i = 0; i < count; i++)
        mtu_note(&trial, attempts[i].mss, attempts[i].end);
    return mtu_next(&trial);
}
#define AFTER(...)                                                                                 \
    after((const struct mtu_attempt[]){__VA_ARGS__},                                               \
          sizeof((const struct mtu_attempt[]){__VA_ARGS__}) / sizeof(struct mtu_attempt))

static void silence_at_every_size_is_no_black_hole(void **arg)
{
    (void)arg;
    struct mtu_step step = AFTER({1460, MTU_HUNG});
    assert_int_equal(step.verdict, MTU_GO_ON);
    assert_false(step.proven);
    assert_int_equal(step.count, 2);
    assert_int_equal(step.mss[0], 536);
    assert_int_equal(step.mss[1], 1460);
    step = AFTER({1460, MTU_HUNG}, {536, MTU_HUNG}, {1460, MTU_HUNG});
    assert_int_equal(step.verdict, MTU_NOT_SIZE);
    assert_false(step.proven);
}

static void a_full_one_that_passes_is_no_black_hole(void **arg)
{
    (void)arg;
    struct mtu_step step = AFTER({1460, MTU_HUNG}, {536, MTU_PASSED}, {1460, MTU_PASSED});
    assert_int_equal(step.verdict, MTU_UNSTEADY);
    assert_false(step.proven);
    /* One hung alone proves nothing either. */
    step = AFTER({1460, MTU_HUNG}, {536, MTU_PASSED}, {1460, MTU_OTHER});
    assert_int_equal(step.verdict, MTU_UNSTEADY);
    step = AFTER({1460, MTU_HUNG}, {536, MTU_OTHER}, {1460, MTU_HUNG});
    assert_int_equal(step.verdict, MTU_UNSTEADY);
}

static void it_is_proven_before_it_is_measured(void **arg)
{
    (void)arg;
    struct mtu_step step = AFTER({1460, MTU_HUNG}, {536, MTU_PASSED}, {1460, MTU_HUNG});
    assert_int_equal(step.verdict, MTU_GO_ON);
    assert_true(step.proven);
    assert_int_equal(step.passed, 536);
    assert_int_equal(step.hung, 1460);
}

static void a_lost_packet_below_the_limit_does_no_harm(void **arg)
{
    (void)arg;
    struct mtu_step step = AFTER({1460, MTU_HUNG}, {536, MTU_PASSED}, {1460, MTU_HUNG},
                                 {1360, MTU_HUNG}, {1414, MTU_PASSED}, {1415, MTU_HUNG});
    assert_int_equal(step.verdict, MTU_BLACK_HOLE);
    assert_int_equal(step.passed, 1414);
    assert_int_equal(step.hung, 1415);
}

static void a_peer_that_is_silent_as_it_likes_is_no_black_hole(void **arg)
{
    (void)arg;
    struct mtu_step step = AFTER({1460, MTU_HUNG}, {536, MTU_PASSED}, {1460, MTU_HUNG},
                                 {1360, MTU_HUNG}, {1380, MTU_HUNG}, {1452, MTU_PASSED});
    assert_int_equal(step.verdict, MTU_UNSTEADY);
    assert_false(step.proven);
}

static void the_search_ends_when_nothing_can_be_learnt(void **arg)
{
    struct mtu_trial trial = {.family = FAMILY_IPV4, .full = 1460};
    struct mtu_step step;
    (void)arg;
    mtu_note(&trial, 1460, MTU_HUNG);
    mtu_note(&trial, 536, MTU_PASSED);
    mtu_note(&trial, 1460, MTU_HUNG);
    for (int i = 0; (step = mtu_next(&trial)).verdict == MTU_GO_ON; i++) {
        assert_true(i < MTU_MAX_ATTEMPTS);
        for (size_t k = 0; k < step.count; k++)
            mtu_note(&trial, step.mss[k], MTU_OTHER);
    }
    assert_int_equal(step.verdict, MTU_BLACK_HOLE);
    assert_int_equal(step.passed, 536);
    /* A path that is narrow by itself has no room for a smaller attempt. */
    trial = (struct mtu_trial){.family = FAMILY_IPV6, .full = 1220};
    mtu_note(&trial, 1220, MTU_HUNG);
    assert_int_equal(mtu_next(&trial).verdict, MTU_NOT_SIZE);
}

static void the_report_names_line_and_mending(void **arg)
{
    struct mtu_report report = {.proven = true,
                                .family = FAMILY_IPV6,
                                .passed = 1394,
                                .hung = 1395,
                                .announced = 1440,
                                .peer_announced = 1440};
    char text[MTU_FIX_LEN];
    (void)arg;
    mtu_report_detail(&report, text, sizeof text);
    assert_string_equal(text,
                        "what the server sends is lost in packets over 1454 bytes (PPPoE on "
                        "NTT Flets): segments of 1394 pass, of 1395 hang; announced 1440 by us, "
                        "1440 by the server");
    assert_non_null(strstr(mtu_fix(&report, MTU_OPENWRT, text), "mtu_fix"));
    assert_string_equal(mtu_fix(&report, MTU_NFTABLES, text),
                        "nft add rule inet filter forward meta nfproto ipv6 tcp flags syn tcp "
                        "option maxseg size set 1394");
    assert_string_equal(mtu_fix(&report, MTU_YAMAHA, text), "ipv6 pp tcp mss limit auto");
    json_t *json = mtu_report_json(&report);
    assert_int_equal(json_integer_value(json_object_get(json, "mtu")), 1454);
    assert_true(json_is_true(json_object_get(json, "exact")));
    json_decref(json);
    report.proven = false;
    assert_true(json_is_null(mtu_report_json(&report)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_limit_is_found),
        cmocka_unit_test(known_lines_are_found_soon),
        cmocka_unit_test(a_jumbo_frame_finds_its_way),
        cmocka_unit_test(silence_at_every_size_is_no_black_hole),
        cmocka_unit_test(a_full_one_that_passes_is_no_black_hole),
        cmocka_unit_test(it_is_proven_before_it_is_measured),
        cmocka_unit_test(a_lost_packet_below_the_limit_does_no_harm),
        cmocka_unit_test(a_peer_that_is_silent_as_it_likes_is_no_black_hole),
        cmocka_unit_test(the_search_ends_when_nothing_can_be_learnt),
        cmocka_unit_test(the_report_names_line_and_mending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
