/* SPDX-License-Identifier: ISC
 *
 * Where the control socket is when nobody says: the system's, or one of the user's session.
 */
#ifndef REACHD_MONITOR_CMD_SOCKET_H
#define REACHD_MONITOR_CMD_SOCKET_H

#include <stddef.h>

/* For a daemon started by hand: the system's for root, one in XDG_RUNTIME_DIR for others, "" where
 * there is none. Returns buf. */
const char *cmd_socket_own(char *buf, size_t cap);
/* For a command that asks: the system's where there is one that may be asked, else the user's. */
const char *cmd_socket_find(char *buf, size_t cap);

#endif
