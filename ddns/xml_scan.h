/* SPDX-License-Identifier: ISC
 *
 * Looks elements up in a small XML text from outside: no document is built, nothing is resolved,
 * and a DOCTYPE is refused. Pure, bounded, each look-up linear. Not its job: to validate.
 */
#ifndef REACHD_DDNS_XML_SCAN_H
#define REACHD_DDNS_XML_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct xml_span {
    const char *at; /* not terminated */
    size_t len;
};

/* The content of the first element `name` in *in, at any depth, which moves behind it; false: there
 * is none, or it does not end. */
bool xml_next(struct xml_span *in, const char *name, struct xml_span *content);
/* The same without moving. */
bool xml_find(struct xml_span in, const char *name, struct xml_span *content);
/* Its text, with the five entities of XML decoded; false: it holds elements, anything else that
 * is no plain text, or more than fits. */
bool xml_text(struct xml_span content, char *out, size_t cap);

#endif
