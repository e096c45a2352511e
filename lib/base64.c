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
