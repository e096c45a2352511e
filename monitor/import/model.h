/* SPDX-License-Identifier: ISC
 *
 * The model of an import. A reader (inadyn.c, ddclient.c, uci.c) takes a file
 * apart into blocks of options and fills in names; plan.c settles what they mean together;
 * write.c writes. An option that nobody took is told with its line. Internal to this folder.
 */
#ifndef REACHD_MONITOR_IMPORT_MODEL_H
#define REACHD_MONITOR_IMPORT_MODEL_H

#include "lib/addr.h"
#include "monitor/import/import.h"

#define IMPORT_NAMES_MAX   1000
#define IMPORT_NOTES_MAX   5000
#define IMPORT_OPTIONS_MAX 1000 /* of one block */
#define IMPORT_BLOCKS_MAX  2000
#define IMPORT_VALUE_MAX   900 /* a longer value is told and not taken */

/* --- what a file says, before its meaning ----------------------------------------------------- */

struct import_at {
    const char *file; /* NULL: the one that is imported */
    unsigned line;
};

struct import_option {
    const char *key;
    const char *value;
    struct import_at at;
    bool used;
};

/* A section, or all that is said for several. A list is several options of one key. */
struct import_block {
    const char *type;  /* "provider"; "" for the whole file */
    const char *title; /* NULL: none */
    struct import_at at;
    struct import_option *options;
    size_t count;
    size_t capacity;
    struct import_block *outer; /* asked after this one; NULL: none */
    unsigned outer_line;        /* of outer's options those before this line come first */
    struct import_block *next;
};

/* --- what it means ---------------------------------------------------------------------------- */

enum import_from {
    IMPORT_NOWHERE,
    IMPORT_INTERFACE, /* value "": any */
    IMPORT_UBUS,      /* value: netifd's name, "wan" */
    IMPORT_WEB,       /* value "": the usual services */
    IMPORT_COMMAND,   /* value: as a shell takes it */
    IMPORT_STATIC,
};

struct import_source {
    enum import_from from;
    const char *value;
    int64_t every_ms; /* 0: as usual */
    bool loose;       /* of a command: the address may stand anywhere in what it prints */
};

struct import_note {
    struct import_at at; /* line 0: of no line */
    const char *text;
    struct import_note *next;
};

struct import_notes {
    struct import_note *first;
    struct import_note **last; /* NULL: empty */
};

/* One name at one service. */
struct import_name {
    struct import_at at;
    const char *service; /* what the other program calls the provider */
    const struct provider *provider;
    const char *written; /* its name, or what else stands there, as it stands there */
    const char *fqdn;    /* lower case */
    const char *zone;    /* NULL: not told there */
    bool zone_guessed;
    const char *user, *id, *url;          /* NULL: none */
    const char *param, *lookup;           /* more that the service may need */
    const char *secret;                   /* the password itself */
    const char *secret_env, *secret_file; /* or where it is */
    const char *secret_path;              /* set by the plan: the file to make */
    const char *ok[8];                    /* reply patterns of a service of its own */
    const char *egress;                   /* an interface for the requests; NULL: none */
    int64_t ttl;                          /* seconds; 0: not told */
    struct import_source source[FAMILY_COUNT];
    const char *address[FAMILY_COUNT]; /* set by the plan: titles of address sections */
    const char *title;                 /* set by the plan */
    const char *off;     /* why its record is written as a comment; NULL: it is live */
    const char *problem; /* why there is no record of it; NULL: there is */
    bool merged;         /* into an earlier one */
    struct import_notes notes;
    struct import_name *next;
};

struct import_secret {
    const char *path, *text;
    const struct import_name *name; /* the first that has it */
    struct import_secret *next;
};

struct import_address {
    const char *title;
    enum family family;
    const struct import_source *source;
    bool live; /* of a record that is; else it is written as a comment, too */
    struct import_address *next;
};

struct import {
    const struct import_asked *asked;
    enum import_format format;
    const char *ca;    /* trusted authorities; NULL: the usual */
    const char *error; /* the file can't be followed */
    unsigned error_line;
    struct import_notes notes; /* of the file as a whole */
    unsigned note_count;
    struct import_name *names, **names_end;
    size_t name_count;
    struct import_block *blocks, **blocks_end;
    struct import_secret *secrets;
    struct import_address *addresses;
    struct import_text *texts;
    unsigned block_count, included; /* included: files */
};

/* --- the readers: they note what they don't follow, or fail ------------------------------------
 */

void import_inadyn(struct import *im, const char *text, size_t len);
void import_ddclient(struct import *im, const char *text, size_t len);
void import_uci(struct import *im, const char *text, size_t len);
void import_plan(struct import *im);

struct import *import_empty(const struct import_asked *asked); /* nothing is read yet */

/* --- for the readers -------------------------------------------------------------------------- */

/* Copies that live as long as the model. */
const char *import_text(struct import *im, const char *text, size_t len);
const char *import_printf(struct import *im, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void import_note(struct import *im, struct import_notes *notes, const struct import_at *at,
                 const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void import_fail(struct import *im, const struct import_at *at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

struct import_block *import_block_add(struct import *im, const char *type, const char *title,
                                      const struct import_at *at);
/* May go to a terminal as it is; of at most IMPORT_VALUE_MAX bytes. */
bool import_is_printable(const char *value);
/* value may hold anything: one that can't be written in a configuration is noted, not added. */
void import_option_add(struct import *im, struct import_block *block, const char *key,
                       const char *value, const struct import_at *at);
/* The option that counts: the last one given, of the block, else of the outer one; marks it as
 * used. NULL: there is none. */
struct import_option *import_option(struct import_block *block, const char *key);
const char *import_value(struct import_block *block, const char *key); /* NULL: there is none */
/* The same, without marking it as used. */
const char *import_peek(struct import_block *block, const char *key);
void import_take_all(struct import_block *block, const char *key); /* all of a key are used */
bool import_is_yes(const char *value);                             /* NULL is no */
bool import_flag(struct import_block *block, const char *key, bool fallback);
/* Whole seconds times unit_ms; 0: it is not there, or no number. */
int64_t import_number(struct import_block *block, const char *key, int64_t unit_ms);

/* Why an option has no counterpart, rows that end with a NULL key. */
struct import_reason {
    const char *key;
    const char *text;
};
/* Notes each option of the block that nobody took. */
void import_leftovers(struct import *im, struct import_block *block, struct import_notes *notes,
                      const struct import_reason *reasons);

/* NULL past IMPORT_NAMES_MAX, which is noted. */
struct import_name *import_name_add(struct import *im, const char *fqdn,
                                    const struct import_at *at);

/* --- service.c: whose service is it ------------------------------------------------------
 */

/* What the other program's options are for one service, where they are not what they say. */
struct import_shape {
    bool user_is_secret, user_is_zone, user_is_label, user_is_nothing;
    bool host_is_id;    /* with `under` for a name that is never looked up */
    bool host_is_label; /* below `under` */
    bool domain_is_id, domain_is_label;
    bool param_is_url, param_is_ttl, server_is_url;
    const char *under;
    const char *url, *ok; /* a template and its reply: provider generic instead */
    const char *note;     /* for people; NULL: none */
};
/* Never NULL. */
const struct import_shape *import_shape_of(const struct import *im,
                                           const struct provider *provider);

/* Sets name->provider by what the other program calls it (name->service), else name->problem. */
void import_find_provider(struct import *im, struct import_name *name);
/* The id of the provider whose requests go to this server (a host name or a URL); NULL: none. */
const char *import_service_of_server(struct import *im, const char *server);

/* --- plan.c -----------------------------------------------------------------------------
 */

/* The zone of a name that nobody told: for people to look at. */
const char *import_guess_zone(const char *fqdn);

/* --- notes.c ----------------------------------------------------------------------------
 */

/* What is said of an option that counts for several names, elsewhere than where they stand, is said
 * once, for all of the file. */
void import_share_notes(struct import *im);

/* --- write.c ----------------------------------------------------------------------------
 */

/* Whether the program has a way to take it: NULL, or what `reachd check` says of the record. */
const char *import_trial(struct import *im, const struct import_name *name);

/* --- source.c: where addresses come from -------------------------------------------------
 */

/* url: as the other program has it, also without "https://"; NULL: its default. One that is known
 * to answer with more than the address is replaced, and noted. */
void import_set_web(struct import *im, struct import_name *name, enum family family,
                    const char *url, const struct import_at *at);
void import_set_interface(struct import *im, struct import_name *name, enum family family,
                          const char *interface, const struct import_at *at);
/* What netifd calls a network: "wan". */
void import_set_network(struct import *im, struct import_name *name, enum family family,
                        const char *network, const struct import_at *at);
bool import_is_asked(const struct import_source *source); /* again and again, so every counts */
/* line: as a shell takes it. loose: the address may stand anywhere in what it prints. */
void import_set_command(struct import *im, struct import_name *name, enum family family,
                        const char *line, bool loose, const struct import_at *at);
/* The section of the configuration. */
void import_put_address(const struct import_address *address, struct buf *out);

/* --- template.c: URLs of services of one's own -------------------------------------------
 */

struct import_mark {
    const char *mark; /* "[DOMAIN]" */
    const char *text; /* NULL: left out. What takes its place: "{fqdn}", or encoded text */
};
/* Takes a URL with marks (rows that end with a NULL mark) apart: credentials before "@" and
 * parameters that look like secrets go into the name, the rest becomes its url. */
void import_set_template(struct import *im, struct import_name *name, const char *url,
                         const struct import_mark *marks, const struct import_at *at);

/* A parameter whose value nobody should see stands in it. */
bool import_url_has_secret(const char *url);

/* As a value of a configuration, in quotes. */
void import_put_quoted(struct buf *out, const char *text);

#endif
