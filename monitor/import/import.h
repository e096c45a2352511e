/* SPDX-License-Identifier: ISC
 *
 * The configuration of another DDNS updater (inadyn, ddclient, OpenWrt's ddns-scripts) as a
 * reachd.conf that `reachd check` takes. What has no counterpart is told in a comment with its
 * line, never dropped in silence; passwords go to files of their own, never into the text. Not its
 * job: files, terminal (cmd_import.c).
 */
#ifndef REACHD_MONITOR_IMPORT_IMPORT_H
#define REACHD_MONITOR_IMPORT_IMPORT_H

#include "lib/buf.h"
#include "monitor/config/catalog.h"

#define IMPORT_FILE_MAX (1u << 20)
#define IMPORT_OUT_MAX  (64u << 20)

enum import_format {
    IMPORT_UNKNOWN,
    IMPORT_INADYN,
    IMPORT_DDCLIENT,
    IMPORT_UCI
};

const char *import_format_word(enum import_format format);      /* "ddclient" */
enum import_format import_format_find(const char *word);        /* IMPORT_UNKNOWN: there is none */
enum import_format import_detect(const char *text, size_t len); /* by what stands in it */

struct import;

struct import_asked {
    const char *path;    /* of the file: for people, and files that it includes lie beside it */
    const char *secrets; /* the folder of the passwords' files, absolute */
    bool written;        /* they are written, so that nobody is told to */
    bool closed;         /* no other file is read, whatever this one includes */
    struct catalog *catalog;
};

/* Takes the file apart. What is asked is kept, not copied. */
struct import *import_new(const struct import_asked *asked, enum import_format format,
                          const char *text, size_t len);
void import_free(struct import *im); /* wipes all texts; NULL is fine */
/* NULL, or why the file can't be followed, with its line; then there is nothing to write. */
const char *import_error(const struct import *im, unsigned *line);
size_t import_name_count(const struct import *im);    /* names it holds */
size_t import_refused_count(const struct import *im); /* of these, such that are no record now */
size_t import_secret_count(const struct import *im);  /* files of passwords */
/* The configuration. False: it would be larger than out takes. */
bool import_write(const struct import *im, struct buf *out);
/* Writes the files of the passwords, mode 0600, and tells what it did; one that is there is left
 * alone. False: one is missing now. */
bool import_write_secrets(const struct import *im, void (*tell)(const char *line, void *arg),
                          void *arg);

#endif
