/* SPDX-License-Identifier: ISC
 *
 * A zone as Value Domain's API writes it: one record a line, "a www 203.0.113.10". Pure: single
 * addresses are replaced in it, added at its end, or taken out, and every other byte stays as it
 * was, known or not. Not its job: whether the result may be sent
 * (ddns/providers/value_domain_api.c).
 */
#ifndef REACHD_DDNS_ZONE_TEXT_H
#define REACHD_DDNS_ZONE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

enum zone_text_found {
    ZONE_TEXT_ABSENT,  /* no such record */
    ZONE_TEXT_SAME,    /* it shows the address already */
    ZONE_TEXT_OTHER,   /* it shows another one */
    ZONE_TEXT_SEVERAL, /* several records of the type: not ours to choose */
    ZONE_TEXT_ALIAS,   /* a CNAME stands at the name: no address may */
};

/* Records of the text: lines that are neither empty nor comments. */
size_t zone_text_count(const char *text);
/* What it says of a name; type "A" or "AAAA", host as in the text ("@" at the apex), either case.
 * Addresses are compared as such, not as text. */
enum zone_text_found zone_text_find(const char *text, const char *type, const char *host,
                                    const char *address);
/* Puts the text with the one record replaced, or added with the text's own line ending, into out,
 * which must be empty; after ZONE_TEXT_ABSENT and ZONE_TEXT_OTHER only. False: it would pass
 * out->max. */
bool zone_text_set(const char *text, const char *type, const char *host, const char *address,
                   struct buf *out);

/* The same without the one record; after ZONE_TEXT_SAME only. */
bool zone_text_remove(const char *text, const char *type, const char *host, struct buf *out);

#endif
