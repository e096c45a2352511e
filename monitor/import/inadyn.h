/* SPDX-License-Identifier: ISC
 *
 * The syntax of inadyn.conf, which is libconfuse's, read without its schema: options that nobody
 * knows are wanted, too, and their lines. Internal to this folder.
 */
#ifndef REACHD_MONITOR_IMPORT_INADYN_H
#define REACHD_MONITOR_IMPORT_INADYN_H

#include "monitor/import/model.h"

/* Options go into global, sections into blocks of their own behind it; files that are included are
 * read in place. What can't be followed fails the import. A value that is "${NAME}" and whose key
 * is password becomes option password-env. */
void import_inadyn_file(struct import *im, struct import_block *global, const char *text,
                        size_t len);

#endif
