/* SPDX-License-Identifier: ISC
 *
 * The providers. A provider builds a request and reads a reply; both are pure. Most are data
 * (ddns/provider_data.h, written in ddns/providers.d); those that are code have one file each under
 * providers/ and one row in the table of provider.c. Not its job: when, how often, verification
 * (ddns/updater.h).
 */
#ifndef REACHD_DDNS_PROVIDER_H
#define REACHD_DDNS_PROVIDER_H

#include "ddns/budget.h"
#include "ddns/verdict.h"
#include "lib/addr.h"
#include "lib/buf.h"
#include "probes/session.h"

#define PROVIDER_URL_MAX  4096
#define PROVIDER_BODY_MAX 16384 /* of a reply */

#define PROVIDER_MORE_MAX  31   /* addresses that go along in one request */
#define PROVIDER_NAMES_LEN 1200 /* of names with commas between them */

/* Another name that goes along: of the same zone (PROVIDER_DUE), or of the same addresses (names).
 */
struct provider_more {
    const char *host;
    const char *fqdn;
    struct addr addrs[FAMILY_COUNT];
    uint32_t ttl[FAMILY_COUNT];
    bool ttl_given;
    bool no_create;
};

/* What a request is built from; strings are never NULL ("" when absent). */
struct provider_input {
    const char *url;    /* base: the provider's own or the configured one */
    const char *host;   /* labels below the zone, "" at the apex, "*" wildcard */
    const char *domain; /* the zone */
    const char *fqdn;   /* the full name */
    const char *user;
    const char *password;
    const char *apex; /* how the apex is written in `host` parameters: "@", "*" or "" to omit it */
    const char *id;   /* the provider's own name of the record, "" when it needs none */
    const char *const *command;      /* of a provider that is a program: its argv */
    struct addr addrs[FAMILY_COUNT]; /* set: to be published by this request */
    /* Set: the record goes, if it still shows this one; such a request does nothing else. For
     * providers that can (`withdraws`). */
    struct addr withdraw[FAMILY_COUNT];
    uint32_t ttl[FAMILY_COUNT]; /* as configured, or as DNS shows it; 0: not known.
                                        Of what is withdrawn: as DNS shows it */
    bool ttl_given;             /* it is as configured */
    bool no_create;             /* a record that is missing stays so */
    const struct provider_more *more;
    size_t more_count;
};

/* How many families a request carries. */
enum provider_form {
    PROVIDER_EACH,  /* one; the other one's record stays as it is */
    PROVIDER_BOTH,  /* both where both are known; one that is left out stays as it is */
    PROVIDER_WHOLE, /* all: a family that is left out loses its record */
    PROVIDER_DUE,   /* what is due of both families, and of other names of the zone (`more`) */
};

/* The built request; all strings owned, freed by provider_request_clear (which wipes them). */
struct provider_request {
    const char *method;
    char *url; /* NULL: it would have been too long */
    char *headers;
    char *body;
    bool basic; /* send user and password by HTTP Basic */
};

struct provider {
    const char *id;             /* "value-domain" */
    const char *title;          /* "Value Domain (dyn.fcg)" */
    const char *url;            /* default base URL */
    const char *link;           /* documentation */
    const char *const *aliases; /* other names, as other programs have; NULL: none */
    bool families[FAMILY_COUNT];
    bool needs_user;
    bool needs_password;
    /* The server looks at the source address: bind to the family's interface. */
    bool source_decides;
    bool account_is_url;       /* one queue for the whole service, not one per user */
    int64_t gap_ms;            /* least distance of two requests of an account */
    struct ddns_budget budget; /* of updates of an account; zeroed: none is known */
    int64_t error_gap_ms;      /* least distance after a reply that was an error */
    bool unseen;               /* what is told is no name in DNS: it can't be verified */
    int64_t refresh_ms; /* an update at least so often, changed or not; 0: never without need */
    enum provider_form form;
    /* So many names of one address may go in one request of data, in {fqdn}, each with a line of
     * the reply, in that order (ddns/reply_lines.h). 0 and 1: one. */
    unsigned names;
    const char *apex;    /* the usual one; NULL: "@" */
    const char *secret;  /* what the password is, for people; NULL: a password */
    const char *note;    /* a sentence for people; NULL: none */
    const char *zone;    /* where all its names are; NULL: a zone of one's own, or several */
    bool takes_password; /* though it does not need one */
    bool secret_is_file; /* the password may be all of a file instead of its first line */
    bool needs_id;
    bool needs_command;
    bool withdraws;  /* can take a record away */
    bool asks_first; /* sees what is missing before it writes, so that create = no can be kept */
    bool own_url;    /* url is none of http: check looks at it */
    /* NULL, or what is wrong with what is configured (static). NULL: nothing to check. */
    const char *(*check)(const struct provider_input *input);
    bool in_clear;                    /* by http: whoever is on the way reads the password */
    const struct provider_data *data; /* requests and replies as data; else build and classify */
    const char *fingerprint;    /* of all that a file says; a change ends a halt. NULL: no file */
    const struct api_spec *api; /* of protocol api_protocol (ddns/api.h) */
    const struct provider_protocol *protocol; /* NULL: one HTTP request, built and judged by: */
    void (*build)(const struct provider_input *input, struct provider_request *out);
    /* status: HTTP status; body: hostile bytes, terminated. *out is zeroed before. True when it
     * recognised the reply; then verdict and text are set. */
    bool (*classify)(int status, const char *body, size_t len, struct ddns_answer *out);
};

const struct provider *provider_find(const char *id); /* NULL when unknown; not by alias */
bool provider_has_alias(const struct provider *provider, const char *name);
const struct provider *const *provider_list(size_t *count);
void provider_build(const struct provider *provider, const struct provider_input *input,
                    struct provider_request *out);
void provider_request_clear(struct provider_request *request);

/* The whole judgement of one exchange:
 * - the transport failed: temporary (loud when the server's certificate does not verify);
 * - 3xx: temporary with a long wait, and the text says where it points: it is either a wrong url,
 *   which a person must mend, or a captive portal, which goes away; it is never followed, because
 *   the request carries secrets;
 * - a body that the provider's patterns recognise counts with any other status, except that success
 *   needs a 2xx;
 * - else 401, 403, 407: auth; 404, 410: config; everything else: temporary, never success.
 * Retry-After is a floor of the wait whatever the failure. A reply that repeats a secret of the
 * input (NULL: there is none) is not quoted. */
void provider_judge(const struct provider *provider, const struct session_reply *reply,
                    const struct provider_input *input, struct ddns_answer *out);

/* For providers/: '?', or '&' when url has a query already. */
char provider_separator(const char *url);
/* Moves the text of query to out->url (NULL when !fits), wipes and frees query, sets GET. */
void provider_take_url(struct buf *query, bool fits, struct provider_request *out);

extern const struct provider provider_cloudflare;
extern const struct provider provider_command;
extern const struct provider provider_desec_api;
extern const struct provider provider_digitalocean;
extern const struct provider provider_gandi;
extern const struct provider provider_godaddy;
extern const struct provider provider_hetzner;
extern const struct provider provider_dyndns2;
extern const struct provider provider_generic; /* data of which a record gives the parts */
extern const struct provider provider_ionos;
extern const struct provider provider_linode;
extern const struct provider provider_name_com;
extern const struct provider provider_netlify;
extern const struct provider provider_porkbun;
extern const struct provider provider_powerdns;
extern const struct provider provider_rfc2136;
extern const struct provider provider_route53;
extern const struct provider provider_scaleway;
extern const struct provider provider_value_domain;
extern const struct provider provider_value_domain_api;
extern const struct provider provider_vultr;

#endif
