/* SPDX-License-Identifier: ISC
 *
 * The end of a program in words (see spawn_text.h).
 */
#include "monitor/spawner/spawn_text.h"

#include <string.h>

#include "lib/str.h"

const char *spawn_text(const struct spawn_result *result, char buf[SPAWN_TEXT_LEN])
{
    buf[0] = '\0';
    switch (result->end) {
    case SPAWN_EXITED:
        str_append(buf, SPAWN_TEXT_LEN, "exit status %d", result->code);
        break;
    case SPAWN_SIGNALLED:
        str_append(buf, SPAWN_TEXT_LEN, "signal %d (%s)", result->code, strsignal(result->code));
        break;
    case SPAWN_TIMED_OUT:
        str_append(buf, SPAWN_TEXT_LEN, "killed at its time limit");
        break;
    case SPAWN_NOT_RUN:
        str_append(buf, SPAWN_TEXT_LEN, "could not be run: %s", strerror(result->code));
        break;
    case SPAWN_LOST:
        str_append(buf, SPAWN_TEXT_LEN, "the spawner process is gone");
        break;
    }
    return buf;
}
