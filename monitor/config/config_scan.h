/* SPDX-License-Identifier: ISC
 *
 * A first pass over the text of a configuration, before libconfuse sees it. Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_SCAN_H
#define REACHD_MONITOR_CONFIG_CONFIG_SCAN_H

#include "monitor/config/config_report.h"

/* Reports stray characters, strings and comments without an end, and unknown sections and options
 * with what is allowed. Overwrites comments and unknown statements in text with spaces. False when
 * the text must not be handed on. */
bool config_scan(char *text, size_t len, const char *file, struct config_report *report);

#endif
