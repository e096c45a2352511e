/* SPDX-License-Identifier: ISC
 *
 * From text to struct config_tree, through libconfuse (whose only owner is config_syntax.c).
 * Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_SYNTAX_H
#define REACHD_MONITOR_CONFIG_CONFIG_SYNTAX_H

#include "monitor/config/config_tree.h"

#define CONFIG_FILE_MAX (4u << 20) /* bytes of one file */

/* What could be read is in tree even after errors. False when something may be missing there, so
 * that a reference to nothing means nothing. */
bool config_syntax_file(const char *path, struct config_tree *tree, struct config_report *report);
/* The same for text in memory (overwritten), as if it were a file of that name. */
bool config_syntax_text(char *text, size_t len, const char *name, struct config_tree *tree,
                        struct config_report *report);

#endif
