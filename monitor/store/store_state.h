/* SPDX-License-Identifier: ISC
 *
 * The persisted DDNS state as JSON text: pure, and careful, since the text comes from a file.
 * Internal to store*.c.
 */
#ifndef REACHD_MONITOR_STORE_STORE_STATE_H
#define REACHD_MONITOR_STORE_STORE_STATE_H

#include "ddns/plan.h"

/* malloc'd text. */
char *store_account_text(const struct ddns_account_state *state);
char *store_record_text(const struct ddns_record_state *state);
/* False when the text is not what the functions above write: no member of *out is to be used. */
bool store_account_parse(const char *text, struct ddns_account_state *out);
bool store_record_parse(const char *text, struct ddns_record_state *out);

#endif
