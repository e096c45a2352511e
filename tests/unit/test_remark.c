/* SPDX-License-Identifier: ISC
 *
 * When a remark on a zone is told, and when that it is over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "monitor/target/remark.h"

static void comes_and_goes_once(void **state)
{
    struct remark remark = {0};
    (void)state;
    assert_int_equal(remark_feed(&remark, false, 2, 3), REMARK_SAME);
    assert_int_equal(remark_feed(&remark, true, 2, 3), REMARK_SAME);
    assert_int_equal(remark_feed(&remark, true, 2, 3), REMARK_CAME);
    for (int i = 0; i < 300; i++)
        assert_int_equal(remark_feed(&remark, true, 2, 3), REMARK_SAME);
    assert_int_equal(remark_feed(&remark, false, 2, 3), REMARK_SAME);
    assert_int_equal(remark_feed(&remark, false, 2, 3), REMARK_SAME);
    assert_int_equal(remark_feed(&remark, false, 2, 3), REMARK_WENT);
    assert_int_equal(remark_feed(&remark, false, 2, 3), REMARK_SAME);
}

/* A lost packet now and then is no news. */
static void must_last(void **state)
{
    struct remark remark = {0};
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(remark_feed(&remark, i % 3 != 2, 3, 1), REMARK_SAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comes_and_goes_once),
        cmocka_unit_test(must_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
