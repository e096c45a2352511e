/* SPDX-License-Identifier: ISC
 *
 * A growing byte buffer with an upper bound, and a bounded reader. Owns: the arithmetic of lengths.
 * Not its job: what the bytes mean.
 */
#include "lib/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_clear(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max);
}

/* One byte more than max can be allocated: the terminator of buf_text is not content. */
static void grow(struct buf *buf, size_t need)
{
    if (need <= buf->cap)
        return;
    size_t cap = buf->cap < 64 ? 64 : buf->cap;
    while (cap < need)
        cap = cap > SIZE_MAX / 2 ? need : cap * 2;
    buf->data = mem_regrow(buf->data, cap, 1);
    buf->cap = cap;
}

static bool fits(const struct buf *buf, size_t len)
{
    return buf->len <= buf->max && len <= buf->max - buf->len && buf->len + len < SIZE_MAX;
}

uint8_t *buf_room(struct buf *buf, size_t len)
{
    if (!fits(buf, len))
        return NULL;
    grow(buf, buf->len + len + 1);
    return buf->data + buf->len;
}

bool buf_append(struct buf *buf, const void *data, size_t len)
{
    uint8_t *room = buf_room(buf, len);
    if (!room)
        return false;
    if (len > 0)
        memcpy(room, data, len);
    buf->len += len;
    return true;
}

bool buf_printf(struct buf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    uint8_t *room = len < 0 ? NULL : buf_room(buf, (size_t)len);
    if (room) {
        vsnprintf((char *)room, (size_t)len + 1, fmt, again);
        buf->len += (size_t)len;
    }
    va_end(again);
    return room != NULL;
}

void buf_drop(struct buf *buf, size_t len)
{
    if (len >= buf->len) {
        buf->len = 0;
        return;
    }
    if (len == 0)
        return;
    memmove(buf->data, buf->data + len, buf->len - len);
    buf->len -= len;
}

const char *buf_text(struct buf *buf)
{
    grow(buf, buf->len + 1);
    buf->data[buf->len] = '\0';
    return (const char *)buf->data;
}

struct reader reader_of(const void *data, size_t len)
{
    return (struct reader){.pos = data, .left = len};
}

const uint8_t *reader_bytes(struct reader *r, size_t len)
{
    /* Static so that a read of nothing from an empty reader is not taken for a failure. */
    static const uint8_t nothing;
    if (r->bad || len > r->left) {
        r->bad = true;
        return NULL;
    }
    if (len == 0)
        return r->pos ? r->pos : &nothing;
    const uint8_t *bytes = r->pos;
    r->pos += len;
    r->left -= len;
    return bytes;
}

bool reader_skip(struct reader *r, size_t len)
{
    return reader_bytes(r, len) != NULL;
}

uint8_t reader_u8(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 1);
    return b ? b[0] : 0;
}

uint16_t reader_u16(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 2);
    return b ? (uint16_t)(b[0] << 8 | b[1]) : 0;
}

uint32_t reader_u32(struct reader *r)
{
    const uint8_t *b = reader_bytes(r, 4);
    return b ? (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3] : 0;
}
