/* SPDX-License-Identifier: ISC
 *
 * The first of several (see addr_pick.h).
 */
#include "monitor/address/addr_pick.h"

int addr_pick(const struct addr_member *members, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (members[i].pending)
            return ADDR_PICK_WAIT;
        if (members[i].has && !members[i].failing)
            return (int)i;
    }
    for (size_t i = 0; i < count; i++)
        if (members[i].has)
            return (int)i;
    return ADDR_PICK_NONE;
}
