/* SPDX-License-Identifier: ISC
 *
 * A growing byte buffer with an upper bound, and a bounded reader for parsing. Every parser of ours
 * reads through `struct reader`, so that no parser indexes memory by itself.
 */
#ifndef REACHD_LIB_BUF_H
#define REACHD_LIB_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
    uint8_t *data;
    size_t len;
    size_t cap;
    size_t max; /* appending past this fails; set by buf_init */
};

void buf_init(struct buf *buf, size_t max);
void buf_clear(struct buf *buf); /* frees; the buffer is empty and usable again */
/* All or nothing: false when it would pass max. */
bool buf_append(struct buf *buf, const void *data, size_t len);
bool buf_printf(struct buf *buf, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_drop(struct buf *buf, size_t len); /* removes from the front */
/* Room for len more bytes at data + len, or NULL when that would pass max; then add to buf->len. */
uint8_t *buf_room(struct buf *buf, size_t len);
/* The contents as a terminated string, valid until the next change. */
const char *buf_text(struct buf *buf);

/* Reads never pass the end: the first that would sets `bad` and yields zeros from then on. */
struct reader {
    const uint8_t *pos;
    size_t left;
    bool bad;
};

struct reader reader_of(const void *data, size_t len);
uint8_t reader_u8(struct reader *r);
uint16_t reader_u16(struct reader *r); /* big endian */
uint32_t reader_u32(struct reader *r);
const uint8_t *reader_bytes(struct reader *r, size_t len); /* NULL when there are fewer */
bool reader_skip(struct reader *r, size_t len);

#endif
