/* SPDX-License-Identifier: ISC
 *
 * The catalog of providers of one configuration: those of the program (ddns/provider.h), those of
 * its provider sections, and the files NAME.conf of the folders of providers, which are read when a
 * record names them. Not its job: what is in a file (monitor/config/config_provider.h).
 */
#ifndef REACHD_MONITOR_CONFIG_CATALOG_H
#define REACHD_MONITOR_CONFIG_CATALOG_H

#include "monitor/config/config_provider.h"

/* Where the files are, the first that has a name wins; the environment variable of this name, a
 * list with ":", stands for both. */
#define CATALOG_ENV    "REACHD_PROVIDERS"
#define CATALOG_FOLDER "providers.d"

struct catalog;

struct catalog *catalog_new(void);
void catalog_free(struct catalog *catalog); /* NULL is fine */
/* A provider section of the configuration: it comes before a file of the same name. */
void catalog_add(struct catalog *catalog, const struct config_section *section,
                 struct config_report *report);
/* By name or alias. NULL is told in the report, at `at` or where the file is wrong. */
const struct provider *catalog_find(struct catalog *catalog, const char *id,
                                    const struct config_at *at, struct config_report *report);
/* A provider of one record only, made of what it says: the record's URL is the template, its `ok`
 * the replies of success. at: of the record. */
const struct provider *catalog_generic(struct catalog *catalog, const struct config_section *record,
                                       struct config_report *report);
/* Reads all files. Sections and files sorted by name, without the program's own; an array that the
 * catalog keeps. */
struct config_provider *const *catalog_all(struct catalog *catalog, struct config_report *report,
                                           size_t *count);
/* NULL, or why none but the program's own are known: there is no file in any of the folders. A
 * sentence for people, malloc'd. */
char *catalog_why_bare(void);
/* The report was told: places in files are not needed any more. */
void catalog_forget_places(struct catalog *catalog);

#endif
