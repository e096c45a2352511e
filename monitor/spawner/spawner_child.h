/* SPDX-License-Identifier: ISC
 *
 * The spawner process itself: takes jobs from a socket, runs them, answers. Lives until the socket
 * ends. Not its job: what is run and why (the daemon says it).
 */
#ifndef REACHD_MONITOR_SPAWNER_SPAWNER_CHILD_H
#define REACHD_MONITOR_SPAWNER_SPAWNER_CHILD_H

/* Never returns; everything that still runs is killed when the other end of fd closes. */
void spawner_child_main(int fd) __attribute__((noreturn));

#endif
