/* SPDX-License-Identifier: ISC
 *
 * The course of a remark (see remark.h). Not its job: sentences (monitor/target/target_remark.c).
 */
#include "monitor/target/remark.h"

enum remark_move remark_feed(struct remark *remark, bool seen, unsigned fall, unsigned rise)
{
    if (seen == remark->told) {
        remark->row = 0;
        return REMARK_SAME;
    }
    if (++remark->row < (seen ? fall : rise))
        return REMARK_SAME;
    remark->row = 0;
    remark->told = seen;
    return seen ? REMARK_CAME : REMARK_WENT;
}
