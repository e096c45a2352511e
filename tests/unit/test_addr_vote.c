/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_vote.h"

/* One letter for each voice: a, b, c an address, '-' no answer, '.' has not spoken. */
static char vote(const char *voices, size_t needed)
{
    struct addr_voice list[16] = {0};
    struct addr taken;
    size_t count = strlen(voices);
    for (size_t i = 0; i < count; i++) {
        const uint8_t bytes[4] = {192, 0, 2, (uint8_t)voices[i]};
        list[i].spoke = voices[i] != '.';
        if (voices[i] >= 'a')
            list[i].said = addr_v4(bytes);
    }
    switch (addr_vote(list, count, needed, &taken)) {
    case ADDR_VOTE_OPEN:
        return '?';
    case ADDR_VOTE_SPLIT:
        return '-';
    case ADDR_VOTE_TAKEN:
        break;
    }
    return (char)taken.bytes[3];
}

static void test_votes(void **state)
{
    static const struct {
        const char *voices;
        size_t needed;
        char want;
    } rows[] = {
        {"a", 1, 'a'},
        {"-", 1, '-'},
        {".", 1, '?'},
        /* a majority of three needs no third */
        {"a..", 2, '?'},
        {"aa.", 2, 'a'},
        {"ab.", 2, '?'},
        {"abb", 2, 'b'},
        {"abc", 2, '-'},
        {"a-.", 2, '?'},
        {"a--", 2, '-'},
        {"--.", 2, '-'}, /* known before the last speaks */
        {"-aa", 2, 'a'},
        {"---", 2, '-'},
        /* with fewer than half, another could have as many yet */
        {"aa..", 2, '?'},
        {"aab.", 2, '?'},
        {"aa-.", 2, 'a'},
        {"aabb", 2, '-'},
        {"aab-", 2, 'a'},
        {"ab..", 1, '?'},
        {"a...", 1, '?'},
        {"a---", 1, 'a'},
        {"ab--", 1, '-'},
        {"aaa", 3, 'a'},
        {"aab", 3, '-'},
        {"ab.", 3, '-'},
        {"", 1, '-'},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char got = vote(rows[i].voices, rows[i].needed);
        if (got != rows[i].want)
            fail_msg("%s, %zu needed: %c instead of %c", rows[i].voices, rows[i].needed, got,
                     rows[i].want);
    }
}

/* Whoever speaks first and last, the end is the same: all orders of some polls. */
static void test_order_does_not_matter(void **state)
{
    static const char *const whole[] = {"aab", "abb", "abc", "a-b", "aa-", "aabb", "aabc"};
    (void)state;
    for (size_t w = 0; w < sizeof whole / sizeof *whole; w++) {
        size_t count = strlen(whole[w]);
        for (size_t needed = 1; needed <= count; needed++) {
            char end = vote(whole[w], needed);
            for (unsigned silent = 0; silent < 1u << count; silent++) {
                char voices[16];
                strcpy(voices, whole[w]);
                for (size_t i = 0; i < count; i++)
                    if (silent & 1u << i)
                        voices[i] = '.';
                char early = vote(voices, needed);
                if (early != '?' && early != end)
                    fail_msg("%s ends with %c, %s with %c", voices, early, whole[w], end);
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_votes),
                                       cmocka_unit_test(test_order_does_not_matter)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
