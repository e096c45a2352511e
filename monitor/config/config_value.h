/* SPDX-License-Identifier: ISC
 *
 * From written values to members of structs, by the rows of the schema. Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_VALUE_H
#define REACHD_MONITOR_CONFIG_CONFIG_VALUE_H

#include "monitor/config/config_tree.h"

/* Sets the defaults of a kind in the struct that its rows are offsets in. */
void config_values_default(const struct config_kind *kind, void *object);
/* Sets what the section gives; every value that does not fit is reported. */
void config_values_set(const struct config_section *section, void *object,
                       struct config_report *report);
/* Frees the members that the rows own. */
void config_values_free(const struct config_kind *kind, void *object);

/* A list of addresses with ports as struct verify_conf and the resolver want it: joined by commas.
 * NULL (reported) when one does not fit. */
char *config_servers(const struct config_option *option, struct config_report *report);

#endif
