/* SPDX-License-Identifier: ISC
 *
 * Templates of requests: "https://ddns.example/update?host={fqdn}<&ip={ipv4}>". "{name}" stands for
 * a value, "<…>" for a part that is left out when one of its values is not there. Values are
 * encoded for the place they go to, so no value can add a parameter, a header or a member. Pure.
 * Not its job: which values there are (ddns/provider_data.h).
 */
#ifndef REACHD_DDNS_TEMPLATE_H
#define REACHD_DDNS_TEMPLATE_H

#include "lib/buf.h"

enum template_place {
    TEMPLATE_URL,    /* percent-encoded; also for form bodies */
    TEMPLATE_JSON,   /* inside a JSON string */
    TEMPLATE_HEADER, /* as it is; printable ASCII only, anything else fails */
};

struct template_value {
    const char *name;
    const char *text; /* NULL: not there */
    bool list;        /* its commas stand between values, and stay */
};

/* NULL, or what is wrong with the template (static text). names: the values that may be used, as
 * rows that end with a NULL name; their texts don't matter. */
const char *template_problem(const char *text, const struct template_value *names);
bool template_uses(const char *text, const char *name);
/* Appends the expansion. False, with out as it was, when it does not fit, when a value outside of
 * "<…>" is not there, when a value can't be written in this place, or when the template is wrong.
 * Inside "<…>" an empty value counts as not there. */
bool template_expand(const char *text, enum template_place place,
                     const struct template_value *values, struct buf *out);

#endif
