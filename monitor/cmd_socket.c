/* SPDX-License-Identifier: ISC
 *
 * Places of the control socket.
 */
#include "monitor/cmd_socket.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/str.h"
#include "monitor/cmd.h"

static const char *of_session(char *buf, size_t cap)
{
    const char *folder = getenv("XDG_RUNTIME_DIR");
    buf[0] = '\0';
    if (folder && folder[0] == '/' && !str_append(buf, cap, "%s/reachd.sock", folder))
        buf[0] = '\0';
    return buf;
}

const char *cmd_socket_own(char *buf, size_t cap)
{
    if (geteuid() != 0)
        return of_session(buf, cap);
    str_copy(buf, cap, DEFAULT_CONTROL_PATH);
    return buf;
}

const char *cmd_socket_find(char *buf, size_t cap)
{
    if (access(DEFAULT_CONTROL_PATH, R_OK | W_OK) != 0 && *of_session(buf, cap) &&
        access(buf, F_OK) == 0)
        return buf;
    str_copy(buf, cap, DEFAULT_CONTROL_PATH);
    return buf;
}
