/* SPDX-License-Identifier: ISC
 *
 * The providers: one const struct each, one file each under providers/, one row in the table of
 * provider.c. A provider builds a request and reads a reply; both are pure. Not its job: when, how
 * often, verification (ddns/updater.h).
 */
#ifndef REACHD_DDNS_PROVIDER_H
#define REACHD_DDNS_PROVIDER_H

#include "ddns/verdict.h"
#include "lib/addr.h"
#include "lib/buf.h"
#include "probes/session.h"

/* What a request is built from; strings are never NULL ("" when absent). */
struct provider_input {
    const char *url;    /* base: the provider's own or the configured one */
    const char *host;   /* labels below the zone, "" at the apex, "*" wildcard */
    const char *domain; /* the zone */
    const char *fqdn;   /* the full name */
    const char *user;
    const char *password;
    const char *apex; /* how the apex is written in `host` parameters: "@", "*" or "" to omit it */
    struct addr addrs[FAMILY_COUNT]; /* set: to be published by this request */
};

/* The built request; all strings owned, freed by provider_request_clear (which wipes them). */
struct provider_request {
    const char *method;
    char *url;
    char *headers;
    char *body;
    bool basic; /* send user and password by HTTP Basic */
};

struct provider {
    const char *id;    /* "value-domain" */
    const char *title; /* "Value Domain (dyn.fcg)" */
    const char *url;   /* default base URL */
    const char *link;  /* documentation */
    bool families[FAMILY_COUNT];
    bool needs_user;
    bool needs_password;
    bool
        source_decides; /* the server looks at the source address: bind to the family's interface */
    bool account_is_url;  /* one queue for the whole service, not one per user */
    int64_t gap_ms;       /* least distance of two requests of an account */
    int64_t error_gap_ms; /* least distance after an answer that was an error */
    void (*build)(const struct provider_input *input, struct provider_request *out);
    /* status: HTTP status; body: hostile bytes, terminated. */
    void (*classify)(int status, const char *body, size_t len, struct ddns_answer *out);
};

const struct provider *provider_find(const char *id); /* NULL when unknown */
const struct provider *const *provider_list(size_t *count);
void provider_request_clear(struct provider_request *request);

/* The whole judgement of one exchange: transport failures (always temporary, except failed TLS
 * verification, which is a configuration matter only after it lasts), redirects, HTTP statuses that
 * speak for themselves (429, 5xx: temporary with Retry-After), then the provider's own patterns. */
void provider_judge(const struct provider *provider, const struct session_reply *reply,
                    struct ddns_answer *out);

#endif
