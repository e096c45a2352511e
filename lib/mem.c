/* SPDX-License-Identifier: ISC
 *
 * Allocation that does not fail. Owns: the one place that notices out of memory and overflowing
 * sizes. Not its job: bounding what comes from outside; callers do that before they ask.
 */
#include "lib/mem.h"

#include <malloc.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

static void *checked(void *memory)
{
    if (!memory)
        log_fatal("mem", "out of memory");
    return memory;
}

/* Zero bytes are asked for as one: NULL from malloc(0) is no failure, but looks like one. */
static size_t total_size(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        log_fatal("mem", "allocation of %zu x %zu bytes overflows", count, size);
    return count * size == 0 ? 1 : count * size;
}

void *mem_zalloc(size_t size)
{
    return checked(calloc(1, total_size(1, size)));
}

void *mem_array(size_t count, size_t size)
{
    return checked(calloc(1, total_size(count, size)));
}

void *mem_regrow(void *old, size_t count, size_t size)
{
    return checked(realloc(old, total_size(count, size)));
}

char *mem_strdup(const char *text)
{
    return text ? mem_strndup(text, strlen(text)) : NULL;
}

char *mem_strndup(const char *text, size_t len)
{
    if (!text)
        return NULL;
    len = strnlen(text, len);
    char *copy = checked(malloc(len + 1));
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *mem_printf(const char *fmt, ...)
{
    va_list args;
    char *text = NULL;
    va_start(args, fmt);
    int len = vasprintf(&text, fmt, args);
    va_end(args);
    return checked(len < 0 ? NULL : text);
}

void mem_free_secret(char *text)
{
    if (text)
        explicit_bzero(text, strlen(text));
    free(text);
}

void mem_trim(void)
{
#ifdef __GLIBC__
    malloc_trim(0); /* musl does so by itself */
#endif
}
