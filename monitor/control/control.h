/* SPDX-License-Identifier: ISC
 *
 * The control socket: one JSON request line in, one JSON reply line out, close. Owns: the listening
 * socket (mode 0660), bounds, time limits of clients, the client side for the commands.
 */
#ifndef REACHD_MONITOR_CONTROL_CONTROL_H
#define REACHD_MONITOR_CONTROL_CONTROL_H

#include <jansson.h>
#include <sys/un.h>

#include "lib/loop.h"

struct control;

#define CONTROL_MAX_REQUEST 65536
#define CONTROL_MAX_REPLY   (16 << 20)

/* Returns the reply object (stolen), built from the request object; NULL for one it doesn't know.
 * May not free the control. */
typedef json_t *control_fn(const json_t *request, void *arg);

/* A stale socket file is replaced; a live one (another daemon) is an error. group: NULL or a name.
 */
struct control *control_new(struct loop *loop, const char *path, const char *group,
                            control_fn *handle, void *arg, char *error, size_t cap);
void control_free(struct control *control); /* removes the socket file */

/* Client, synchronous with a time limit: the reply, or NULL with a sentence in error that says what
 * to do ("is reachd running? …"). */
json_t *control_ask(const char *path, const json_t *request, int64_t timeout_ms, char *error,
                    size_t cap);

/* False when path is empty or too long. */
bool control_address(const char *path, struct sockaddr_un *out);

#endif
