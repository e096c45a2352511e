/* SPDX-License-Identifier: ISC
 *
 * A list of DNS servers as people write it, "192.0.2.53, [2001:db8::53]:5353". Pure.
 */
#ifndef REACHD_PROBES_SERVER_LIST_H
#define REACHD_PROBES_SERVER_LIST_H

#include "lib/addr.h"

#define SERVER_LIST_MAX 8
#define SERVER_TEXT_LEN (ADDR_STRLEN + 8) /* "[address]:port" */
#define SERVER_LIST_LEN (SERVER_LIST_MAX * SERVER_TEXT_LEN)

/* Writes it with every port and without spaces. NULL, or what is wrong with it (static). */
const char *server_list_normal(const char *servers, char csv[SERVER_LIST_LEN]);
/* One of them (in the form above) is a stub on loopback, which the way to the world does not reach.
 */
bool server_list_has_loopback(const char *csv);

#endif
