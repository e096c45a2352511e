/* SPDX-License-Identifier: ISC
 *
 * The configuration as written: sections, options, values, each with its file and line. Made by
 * config_syntax.c, read by config_value.c and config_check.c, gone after the load. Internal to
 * config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_TREE_H
#define REACHD_MONITOR_CONFIG_CONFIG_TREE_H

#include "monitor/config/config_report.h"
#include "monitor/config/config_schema.h"

struct config_value {
    char *text;
    unsigned line;
};

struct config_option {
    const struct config_key *key;
    struct config_at at; /* of the first value */
    struct config_value *values;
    size_t count;
};

struct config_section {
    const struct config_kind *kind;
    char *title; /* NULL for kinds without */
    struct config_at at;
    struct config_option *options;
    size_t option_count;
};

struct config_tree {
    struct config_section *sections; /* in the order of the files */
    size_t count;
    size_t capacity;
    char **files; /* names that every struct config_at points to */
    size_t file_count;
};

void config_tree_clear(struct config_tree *tree); /* overwrites the values: there are secrets */
/* Keeps a copy of a file's name for as long as the tree lives. */
const char *config_tree_file(struct config_tree *tree, const char *name);
struct config_section *config_tree_add(struct config_tree *tree, const struct config_kind *kind,
                                       const char *title, const struct config_at *at);
void config_section_add(struct config_section *section, const struct config_key *key,
                        const struct config_at *at);
void config_option_add(struct config_option *option, const char *text, unsigned line);
const struct config_option *config_option_find(const struct config_section *section,
                                               const char *key);
/* The only value of an option that is no list, or NULL when it is not given. */
const char *config_option_text(const struct config_section *section, const char *key);

#endif
