/* SPDX-License-Identifier: ISC
 *
 * What a configuration means as a whole: options that need or exclude each other, references,
 * secrets. Internal to config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_CHECK_H
#define REACHD_MONITOR_CONFIG_CONFIG_CHECK_H

#include "monitor/config/config_value.h"

/* A configuration on its way. sections[KIND][i] is where the i-th target (record, …) was written.
 */
struct config_draft {
    struct config *config;
    struct config_tree tree;
    struct config_report report;
    const struct config_section **sections[KIND_COUNT];
    size_t counts[KIND_COUNT];
    bool complete;      /* all that was written is in the tree */
    bool secrets_later; /* credentials and environment of the service are not here: only a warning
                         */
};

void config_check_titles(struct config_draft *draft);
void config_check_target(struct config_draft *draft, size_t index);
void config_check_targets(struct config_draft *draft); /* beside each other */
void config_check_target_kind(struct config_draft *draft, const struct config_section *section,
                              struct config_target *target);
void config_check_address(struct config_draft *draft, size_t index);
void config_check_links(struct config_draft *draft); /* addresses that name others */
void config_check_whoami(struct config_draft *draft, const struct config_section *section,
                         const struct config_address *address);
void config_check_record(struct config_draft *draft, size_t index);
void config_check_records(struct config_draft *draft);  /* against each other */
void config_check_withdraw(struct config_draft *draft); /* of all records */
void config_check_hook(struct config_draft *draft, size_t index);
void config_check_uplink(struct config_draft *draft);
void config_check_paths(struct config_draft *draft);

/* Says that there is no address section of that name, and which there are. */
void config_no_address(struct config_draft *draft, const struct config_at *at, const char *key,
                       const char *name);
/* Common to several. at: of the option when it is given, else of the section. */
const struct config_at *config_where(const struct config_section *section, const char *key);
bool config_given(const struct config_section *section, const char *key);
void config_check_command(struct config_draft *draft, const struct config_section *section,
                          char **command);
/* "http://…" is let through with a warning that names the risk. No URL is shown: it may hold
 * secrets. */
bool config_check_url(struct config_draft *draft, const struct config_at *at, const char *text,
                      const char *risk);

/* The password of a record from where it says; NULL when there is none (reported when wrong).
 * whole: all lines of a file instead of the first. */
char *config_secret(struct config_draft *draft, const struct config_section *section, bool whole);

#endif
