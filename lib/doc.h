/* SPDX-License-Identifier: ISC
 *
 * Structured output: what a command or a hook says is built once as a JSON value (jansson) and then
 * rendered. Owns: safe setters for text from outside, the JSON and key=value renderings.
 * Not its job: text layout for people (lib/table.h).
 */
#ifndef REACHD_LIB_DOC_H
#define REACHD_LIB_DOC_H

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>

#include "lib/addr.h"

/* Setters on an object. Text goes through str_printable, so a hostile name can't break the output;
 * NULL text, an unset address, a wall time of 0 and a negative count become JSON null. */
void doc_text(json_t *object, const char *key, const char *text);
void doc_int(json_t *object, const char *key, int64_t value);
void doc_count(json_t *object, const char *key, int64_t value);
void doc_bool(json_t *object, const char *key, bool value);
void doc_addr(json_t *object, const char *key, const struct addr *addr);
void doc_time(json_t *object, const char *key, int64_t wall_ms); /* RFC 3339 UTC */
void doc_value(json_t *object, const char *key, json_t *value);  /* steals value */
json_t *doc_object(void);
json_t *doc_array(void);
void doc_push(json_t *array, json_t *value); /* steals value */

/* Text of a member, or "" when missing or of another type. */
const char *doc_get_text(const json_t *object, const char *key);

/* malloc'd rendering: compact in one line, or indented. */
char *doc_to_json(const json_t *value, bool indent);
/* On standard output: indented for a person at a terminal, one line for a program. */
void doc_print(const json_t *value);
/* Flattened "a.b=value" lines, quoted where a shell needs it. */
char *doc_to_kv(const json_t *value);

const char *doc_version(void); /* of jansson, at run time */

#endif
