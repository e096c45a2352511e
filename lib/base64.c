/* SPDX-License-Identifier: ISC
 *
 * Base64. Owns: the alphabet and the padding.
 */
#include "lib/base64.h"

static uint8_t letter(uint32_t group, unsigned shift)
{
    static const uint8_t alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    return alphabet[group >> shift & 63];
}

bool base64_encode(struct buf *buf, const void *data, size_t len)
{
    const uint8_t *in = data;
    if (len > SIZE_MAX / 4)
        return false;
    size_t need = (len + 2) / 3 * 4;
    uint8_t *out = buf_room(buf, need);
    if (!out)
        return false;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)in[i] << 16;
        group |= i + 1 < len ? (uint32_t)in[i + 1] << 8 : 0;
        group |= i + 2 < len ? in[i + 2] : 0;
        *out++ = letter(group, 18);
        *out++ = letter(group, 12);
        *out++ = i + 1 < len ? letter(group, 6) : '=';
        *out++ = i + 2 < len ? letter(group, 0) : '=';
    }
    buf->len += need;
    return true;
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The bytes of one group of four characters; 0: it is none. Padding stands in the last one only. */
static size_t decode_group(const char *text, bool last, uint8_t out[3])
{
    size_t pads = last && text[3] == '=' ? text[2] == '=' ? 2 : 1 : 0;
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int value = i < 4 - pads ? value_of(text[i]) : 0;
        if (value < 0)
            return 0;
        group = group << 6 | (uint32_t)value;
    }
    out[0] = (uint8_t)(group >> 16);
    out[1] = (uint8_t)(group >> 8);
    out[2] = (uint8_t)group;
    return 3 - pads;
}

bool base64_decode(struct buf *buf, const char *text, size_t len)
{
    size_t before = buf->len;
    bool good = len % 4 == 0;
    for (size_t i = 0; good && i < len; i += 4) {
        uint8_t bytes[3];
        size_t count = decode_group(text + i, i + 4 == len, bytes);
        good = count > 0 && buf_append(buf, bytes, count);
    }
    if (!good)
        buf->len = before;
    return good;
}
