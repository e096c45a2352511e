/* SPDX-License-Identifier: ISC
 *
 * The syntax of ddclient.conf as ddclient reads it: continued lines, quotes, passwords that end at
 * a space, hosts behind the options. Internal to this folder.
 */
#ifndef REACHD_MONITOR_IMPORT_DDCLIENT_H
#define REACHD_MONITOR_IMPORT_DDCLIENT_H

#include "monitor/import/model.h"

/* A line without a host goes into global; one with hosts is a block "host" behind it, whose title
 * is the list with commas, with global as its outer one. "password_env=NAME" is option
 * password-env. */
void import_ddclient_file(struct import *im, struct import_block *global, const char *text,
                          size_t len);

#endif
