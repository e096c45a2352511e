/* SPDX-License-Identifier: ISC
 *
 * Allocation that does not fail: out of memory ends the process (every size is bounded before).
 */
#ifndef REACHD_LIB_MEM_H
#define REACHD_LIB_MEM_H

#include <stddef.h>

void *mem_zalloc(size_t size); /* zeroed; free() it */
void *mem_array(size_t count, size_t size);
/* Grows `old` (NULL: new) to hold count elements of size; the contents stay, new bytes are not set.
 */
void *mem_regrow(void *old, size_t count, size_t size);
char *mem_strdup(const char *text); /* NULL stays NULL */
char *mem_strndup(const char *text, size_t len);
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Overwrites before freeing: for secrets. NULL is fine. */
void mem_free_secret(char *text);
/* Gives what is free back to the system: after a peak, when idle. Milliseconds for a large heap. */
void mem_trim(void);

#endif
