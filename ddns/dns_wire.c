/* SPDX-License-Identifier: ISC
 *
 * Names and numbers on the DNS wire (see dns_wire.h).
 */
#include "ddns/dns_wire.h"

#include <string.h>

#include "lib/hostport.h"

#define MAX_HOPS 16 /* of compression in one name */

static uint8_t lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool dns_put_u16(struct buf *buf, unsigned value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    return buf_append(buf, bytes, sizeof bytes);
}

bool dns_put_u32(struct buf *buf, uint32_t value)
{
    return dns_put_u16(buf, value >> 16) && dns_put_u16(buf, value & 0xffff);
}

void dns_set_u16(struct buf *buf, size_t at, unsigned value)
{
    buf->data[at] = (uint8_t)(value >> 8);
    buf->data[at + 1] = (uint8_t)value;
}

static bool put_label(struct buf *buf, const char *label, size_t len)
{
    uint8_t bytes[64];
    if (len == 0 || len > 63)
        return false;
    bytes[0] = (uint8_t)len;
    for (size_t i = 0; i < len; i++)
        bytes[i + 1] = lower((uint8_t)label[i]);
    return buf_append(buf, bytes, len + 1);
}

bool dns_put_name(struct buf *buf, const char *name)
{
    size_t before = buf->len;
    bool good = host_is_valid(name);
    for (const char *label = name; good && *label;) {
        size_t len = strcspn(label, ".");
        good = put_label(buf, label, len);
        label += len + (label[len] == '.');
    }
    good = good && buf_append(buf, "", 1);
    if (!good)
        buf->len = before;
    return good;
}

bool dns_skip_name(struct reader *r)
{
    for (;;) {
        uint8_t len = reader_u8(r);
        if (r->bad || (len & 0xc0) == 0x40 || (len & 0xc0) == 0x80)
            return false;
        if ((len & 0xc0) == 0xc0) /* a pointer ends the name */
            return reader_skip(r, 1);
        if (len == 0)
            return true;
        if (!reader_skip(r, len))
            return false;
    }
}

/* One label of the wire against the head of a name; moves on in both. */
static bool takes_label(const uint8_t *label, size_t len, const char **name)
{
    size_t have = strcspn(*name, ".");
    if (len != have)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(label[i]) != lower((uint8_t)(*name)[i]))
            return false;
    *name += have + ((*name)[have] == '.');
    return true;
}

bool dns_take_name(struct reader *r, const uint8_t *message, const char *name)
{
    const uint8_t *start = r->pos;
    struct reader at = *r;
    unsigned hops = 0;
    if (!dns_skip_name(r))
        return false;
    for (;;) {
        uint8_t len = reader_u8(&at);
        if (at.bad)
            return false;
        if (len == 0)
            return *name == '\0';
        if (len >= 0xc0) {
            size_t target = (size_t)(len & 0x3f) << 8 | reader_u8(&at);
            /* backwards only, so that it ends; the hops bound what it costs */
            if (at.bad || message + target >= start || ++hops > MAX_HOPS)
                return false;
            start = message + target;
            at = reader_of(start, (size_t)(at.pos - start) + at.left);
            continue;
        }
        const uint8_t *label = reader_bytes(&at, len);
        if (!label || !takes_label(label, len, &name))
            return false;
    }
}

bool dns_skip_record(struct reader *r, uint16_t *type)
{
    if (!dns_skip_name(r))
        return false;
    *type = reader_u16(r);
    reader_skip(r, 6); /* class, TTL */
    uint16_t len = reader_u16(r);
    return reader_skip(r, len) && !r->bad;
}
