/* SPDX-License-Identifier: ISC
 *
 * The daemon: puts the modules together in the order of the flow, signals, reload, shutdown.
 */
#ifndef REACHD_MONITOR_DAEMON_H
#define REACHD_MONITOR_DAEMON_H

#include "monitor/config/config.h"
#include "monitor/spawner/spawner.h"

struct daemon_options {
    bool terminal; /* started by hand on hosts of the command line: a readable line for every check,
                      no reload, and no socket is no reason to give up */
    bool debug;    /* whatever the configuration says about the log's level */
};

/* Takes config and spawner. Returns the exit status. */
int daemon_run(struct config *config, struct spawner *spawner,
               const struct daemon_options *options);

#endif
