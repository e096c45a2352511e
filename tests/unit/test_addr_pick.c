/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "monitor/address/addr_pick.h"

/* One letter for each member: 'a' has an address, 'f' has one and fails, '-' has none, '?' is
 * pending, '!' is pending with an address of before. */
static int pick(const char *text)
{
    struct addr_member members[8] = {0};
    size_t count = strlen(text);
    for (size_t i = 0; i < count; i++)
        members[i] = (struct addr_member){.pending = text[i] == '?' || text[i] == '!',
                                          .has = text[i] == 'a' || text[i] == 'f' || text[i] == '!',
                                          .failing = text[i] == 'f'};
    return addr_pick(members, count);
}

static void test_pick(void **state)
{
    static const struct {
        const char *members;
        int want;
    } rows[] = {
        {"a", 0},
        {"aa", 0},
        {"-a", 1},
        {"--a", 2},
        {"--", ADDR_PICK_NONE},
        {"", ADDR_PICK_NONE},
        /* who may come first is waited for, who comes later is not */
        {"?a", ADDR_PICK_WAIT},
        {"!a", ADDR_PICK_WAIT},
        {"a?", 0},
        {"-?a", ADDR_PICK_WAIT},
        {"-a?", 1},
        {"--?", ADDR_PICK_WAIT},
        /* an old answer only when there is nothing better */
        {"fa", 1},
        {"f-", 0},
        {"-f", 1},
        {"ff", 0},
        {"f-a", 2},
        {"f?", ADDR_PICK_WAIT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (pick(rows[i].members) != rows[i].want)
            fail_msg("%s: %d instead of %d", rows[i].members, pick(rows[i].members), rows[i].want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pick)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
