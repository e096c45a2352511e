/* SPDX-License-Identifier: ISC
 *
 * systemd's readiness and watchdog protocol (sd_notify(3)) in its few lines, no library. Does
 * nothing when NOTIFY_SOCKET is not set.
 */
#ifndef REACHD_MONITOR_SDNOTIFY_H
#define REACHD_MONITOR_SDNOTIFY_H

#include "lib/loop.h"

struct sdnotify;

struct sdnotify *
sdnotify_new(struct loop *loop); /* starts the watchdog timer when WATCHDOG_USEC asks */
void sdnotify_free(struct sdnotify *notify);
void sdnotify_ready(struct sdnotify *notify, const char *status); /* also after a reload */
void sdnotify_status(struct sdnotify *notify, const char *status);
void sdnotify_reloading(struct sdnotify *notify);
void sdnotify_stopping(struct sdnotify *notify);

#endif
