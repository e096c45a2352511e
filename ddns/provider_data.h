/* SPDX-License-Identifier: ISC
 *
 * A provider as data: templates for the request, rows for the reply. Pure. Not its job: how it is
 * written in a file (monitor/config/config_provider.h).
 */
#ifndef REACHD_DDNS_PROVIDER_DATA_H
#define REACHD_DDNS_PROVIDER_DATA_H

#include "ddns/provider.h"
#include "ddns/reply.h"

#define PROVIDER_DATA_HEADERS 8

/* All templates know these names:
 * fqdn, domain, host (the labels below the domain, or the apex sign), label (the same, empty at the
 * apex), user, password, id, ip and type (the address of a request for one family; "A" or "AAAA"),
 * ipv4, ipv6 (each family's address, or `keep`). */
struct provider_data {
    const char *method;                             /* NULL: GET */
    const char *url[FAMILY_COUNT];                  /* of a request for one family */
    const char *url_both;                           /* of one for both; NULL: url of IPv4 */
    const char *body;                               /* NULL: none */
    const char *content_type;                       /* of the body; NULL: a form */
    const char *headers[PROVIDER_DATA_HEADERS + 1]; /* "Name: value", NULL at the end */
    const char *keep; /* stands for the address of a family that is not to change; NULL: nothing */
    bool basic;       /* HTTP Basic */
    const struct reply_rule *rules;
    size_t rule_count;
    const struct reply_rule *base; /* looked at after the rules */
    size_t base_count;
};

/* The configured URL of the input stands for the template's part before "?" (or its path and host
 * only, when it has no path): see reachd.conf(5). */
void provider_data_build(const struct provider *provider, const struct provider_input *input,
                         struct provider_request *out);
bool provider_data_classify(const struct provider_data *data, const struct session_reply *reply,
                            const struct provider_input *input, struct ddns_answer *out);

/* NULL, or why a template can't be right: it is tried with example values for every set of families
 * that a request may carry. *what: which one. */
const char *provider_data_problem(const struct provider *provider, const char **what);
bool provider_data_uses(const struct provider_data *data, const char *name);
/* What all requests of the provider have in common: for its account, and messages. No template
 * values are in it. */
void provider_data_base(const struct provider_data *data, char *out, size_t cap);

/* The return codes of dyndns2. */
extern const struct reply_rule dyndns2_rules[];
extern const size_t dyndns2_rule_count;

#endif
