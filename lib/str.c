/* SPDX-License-Identifier: ISC
 *
 * Small string helpers with bounds. Owns: copying, comparing and cleaning text. Not its job:
 * parsing of protocols.
 */
#include "lib/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool str_copy(char *dst, size_t cap, const char *src)
{
    return str_ncopy(dst, cap, src, strlen(src));
}

bool str_ncopy(char *dst, size_t cap, const char *src, size_t len)
{
    len = strnlen(src, len);
    if (cap == 0)
        return false;
    size_t take = len < cap ? len : cap - 1;
    memmove(dst, src, take);
    dst[take] = '\0';
    return take == len;
}

bool str_append(char *dst, size_t cap, const char *fmt, ...)
{
    size_t used = strnlen(dst, cap);
    if (used == cap)
        return false;
    va_list args;
    va_start(args, fmt);
    int len = vsnprintf(dst + used, cap - used, fmt, args);
    va_end(args);
    if (len < 0) {
        dst[used] = '\0';
        return false;
    }
    return (size_t)len < cap - used;
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

bool str_equal_nocase(const char *a, const char *b)
{
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}

bool str_starts(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool str_to_uint(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (!*text)
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (digit > max || value > (max - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static bool is_continuation(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Length that a leading byte announces, and the range of the second byte, which is where RFC 3629
 * shuts out overlong forms, surrogates and what lies past U+10FFFF. */
static size_t utf8_shape(unsigned char lead, unsigned char *low, unsigned char *high)
{
    *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (lead < 0x80)
        return 1;
    if (lead >= 0xc2 && lead <= 0xdf)
        return 2;
    if ((lead & 0xf0) == 0xe0)
        return 3;
    if (lead >= 0xf0 && lead <= 0xf4)
        return 4;
    return 0;
}

/* Length of the valid character at text, 0 when there is none. */
static size_t utf8_length(const unsigned char *text, size_t left)
{
    unsigned char low, high;
    size_t len = utf8_shape(text[0], &low, &high);
    if (len == 0 || len > left)
        return 0;
    if (len > 1 && (text[1] < low || text[1] > high))
        return 0;
    for (size_t i = 2; i < len; i++)
        if (!is_continuation(text[i]))
            return 0;
    return len;
}

size_t str_utf8_at(const char *text, size_t left, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t len = left > 0 ? utf8_length(bytes, left) : 0;
    if (len == 0)
        return 0;
    *code = len == 1 ? bytes[0] : bytes[0] & (0xffu >> (len + 1));
    for (size_t i = 1; i < len; i++)
        *code = *code << 6 | (bytes[i] & 0x3fu);
    return len;
}

/* C0, DEL and the C1 controls (U+0080..9F), which some terminals obey too; also the marks that
 * reorder text (U+200E/F, U+202A..E, U+2066..9) and the line separators U+2028/9. */
static bool is_control(const unsigned char *c, size_t len)
{
    if (len == 1)
        return c[0] < 0x20 || c[0] == 0x7f;
    if (len == 2)
        return c[0] == 0xc2 && c[1] < 0xa0;
    if (len == 3 && c[0] == 0xe2 && c[1] == 0x80)
        return c[2] == 0x8e || c[2] == 0x8f || (c[2] >= 0xa8 && c[2] <= 0xae);
    return len == 3 && c[0] == 0xe2 && c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9;
}

char *str_printable(char *dst, size_t cap, const char *src, size_t len)
{
    const unsigned char *in = (const unsigned char *)src;
    size_t used = 0;
    if (cap == 0)
        return dst;
    for (size_t i = 0; i < len;) {
        size_t step = utf8_length(in + i, len - i);
        bool good = step > 0 && !is_control(in + i, step);
        size_t width = good ? step : 1;
        if (used + width >= cap)
            break;
        if (good)
            memcpy(dst + used, in + i, step);
        else
            dst[used] = '?';
        used += width;
        i += step > 0 ? step : 1;
    }
    dst[used] = '\0';
    return dst;
}
