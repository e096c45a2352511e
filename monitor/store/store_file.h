/* SPDX-License-Identifier: ISC
 *
 * The files of the database: folder, mode, lock, moving aside. Internal to store*.c.
 */
#ifndef REACHD_MONITOR_STORE_STORE_FILE_H
#define REACHD_MONITOR_STORE_STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* Makes the folder, and the file with mode 0600 when there is none. */
bool store_file_make(const char *path, char *error, size_t cap);
/* Held until close(): one daemon per database. -1 with a sentence in error. */
int store_file_lock(const char *path, char *error, size_t cap);
/* Renames the database and its companions; the new name in aside. */
bool store_file_move_aside(const char *path, char *aside, size_t aside_cap, char *error,
                           size_t cap);

#endif
