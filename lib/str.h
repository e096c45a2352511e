/* SPDX-License-Identifier: ISC
 *
 * Small string helpers with bounds. Not its job: parsing of protocols (lib/buf.h and the parsers).
 */
#ifndef REACHD_LIB_STR_H
#define REACHD_LIB_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copies with truncation, always terminated when cap > 0; false when it did not fit. */
bool str_copy(char *dst, size_t cap, const char *src);
bool str_ncopy(char *dst, size_t cap, const char *src, size_t len);
/* Formats at the end of what dst holds already; false when it did not fit. */
bool str_append(char *dst, size_t cap, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool str_equal_nocase(const char *a, const char *b); /* ASCII only, whatever the locale */
bool str_starts(const char *text, const char *start);
/* A whole decimal number without sign or space, 0..max. */
bool str_to_uint(const char *text, uint64_t max, uint64_t *out);
/* The length of the character of UTF-8 at text, and which it is; 0: there is none within `left`
 * bytes. */
size_t str_utf8_at(const char *text, size_t left, uint32_t *code);
/* Makes text from outside safe for terminals, logs and JSON: every control byte and every byte that
 * is not part of valid UTF-8 becomes '?'. Bounded by cap, cut at a character. Returns dst. */
char *str_printable(char *dst, size_t cap, const char *src, size_t len);

#endif
