/* SPDX-License-Identifier: ISC
 *
 * Base64 (RFC 4648 section 4).
 */
#ifndef REACHD_LIB_BASE64_H
#define REACHD_LIB_BASE64_H

#include "lib/buf.h"

/* Appends the text for len bytes, with padding; all or nothing, false when it would pass buf->max.
 */
bool base64_encode(struct buf *buf, const void *data, size_t len);

/* Appends the bytes that len characters of text stand for. All or nothing: false for anything but
 * whole groups with their padding and no white space, or when it would pass buf->max. */
bool base64_decode(struct buf *buf, const char *text, size_t len);

#endif
