/* SPDX-License-Identifier: ISC
 *
 * The vocabulary of the configuration: one row per option, with type, bounds, default and what is
 * allowed. Syntax, conversion, messages and a test of the man page read the same rows. Internal to
 * config*.c.
 */
#ifndef REACHD_MONITOR_CONFIG_CONFIG_SCHEMA_H
#define REACHD_MONITOR_CONFIG_CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_type {
    CONFIG_TEXT,      /* char * */
    CONFIG_PATH,      /* char *, absolute or "" where min is 0 */
    CONFIG_WORD,      /* an enum: one of `words` */
    CONFIG_FLAG,      /* bool: yes or no */
    CONFIG_DURATION,  /* int64_t, milliseconds */
    CONFIG_COUNT,     /* unsigned */
    CONFIG_SECONDS,   /* uint32_t, seconds */
    CONFIG_ADDR,      /* struct addr */
    CONFIG_INTERFACE, /* char *: name of a network interface */
    CONFIG_EGRESS,    /* char[IF_NAMESIZE]: the same in place */
    CONFIG_MARK,      /* uint32_t: SO_MARK, decimal or 0x hexadecimal */
    CONFIG_HOST,      /* char *: a host name */
    CONFIG_FAMILIES,  /* list; bool[FAMILY_COUNT] */
    CONFIG_STRINGS,   /* list; char **, NULL-terminated */
    CONFIG_SERVERS,   /* list of addresses with ports; char *, joined by commas */
    CONFIG_LATER,     /* looked at by config_check.c: the raw text is kept, nothing is set */
    CONFIG_LATER_LIST,
};

struct config_word {
    const char *word;
    int value;
};

struct config_key {
    const char *name;
    enum config_type type;
    size_t offset; /* in the struct of the section */
    int64_t min, max;
    const char *fallback; /* default, as it would be written; NULL: none */
    const struct config_word *words;
    const char *allowed; /* for messages; NULL: follows from the type */
};

enum config_kind_id {
    KIND_TARGET,
    KIND_RECORD,
    KIND_ADDRESS,
    KIND_HOOK,
    KIND_PROVIDER,
    KIND_RESOLVER,
    KIND_UPLINK,
    KIND_TRUST,
    KIND_STATE,
    KIND_CONTROL,
    KIND_LOG,
    KIND_DAEMON,
    KIND_COUNT,
};

struct config_kind {
    enum config_kind_id id;
    const char *name;
    bool titled; /* may be given many times, each with a title of its own */
    const struct config_key *keys;
    size_t key_count;
};

const struct config_kind *config_kind(enum config_kind_id id);
const struct config_kind *config_kind_find(const char *name);
const struct config_key *config_key_find(const struct config_kind *kind, const char *name);
bool config_key_is_list(const struct config_key *key);

/* "target, record, …", or the keys of a kind, for messages. Returns buf. */
#define CONFIG_NAMES_LEN 512
const char *config_kind_names(char buf[CONFIG_NAMES_LEN]);
const char *config_key_names(const struct config_kind *kind, char buf[CONFIG_NAMES_LEN]);
const char *config_word_names(const struct config_word *words, char buf[CONFIG_NAMES_LEN]);

/* The nearest of the names by a small edit distance, or NULL: "did you mean …?" */
const char *config_kind_nearest(const char *name);
const char *config_key_nearest(const struct config_kind *kind, const char *name);
/* One step of such a search: keeps the nearer of *best (with *distance, UINT_MAX at first) and
 * name. */
void config_nearest(const char *word, const char *name, const char **best, unsigned *distance);
/* Edit distance of two short words (insert, delete, replace, swap of neighbours), at most `limit` +
 * 1. */
unsigned config_distance(const char *a, const char *b, unsigned limit);

#endif
