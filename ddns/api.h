/* SPDX-License-Identifier: ISC
 *
 * Providers with an API: several HTTP requests, mostly JSON, for one update. This is the machinery
 * that all of them share: requests one after another within one deadline, ids that are kept, errors
 * as verdicts. Not its job: what a provider wants in which order (ddns/providers/).
 *
 * How to add a provider, in one file ddns/providers/NAME.c (powerdns.c is the shortest to copy,
 * cloudflare.c one that has to find ids first):
 *
 * 1. A struct api_spec: `headers` puts the credentials into each request, `begin` starts an update.
 * 2. What is to be published is a list of record sets: api_set(api, i), i from 0 until NULL. Where
 *    the API takes several in one request, put all of them into it (.form = PROVIDER_DUE); else
 *    there is only the first one (PROVIDER_EACH), so that each has an answer of its own.
 * 3. Each step ends in one of
 *      api_call()  the next request; its function gets the reply, and runs for a status of 2xx
 *                  only: everything else has become the answer (see below)
 *      api_end()   the answer
 *      return      the reply was not as documented: temporary, and the log shows how it began
 *    So a step may walk through the JSON with json_object_get() and return when something is not
 *    there: never a success by mistake.
 * 4. Success only when the reply shows the address (or the API documents that its status alone says
 *    so): verification comes after, but a lie is told earlier.
 * 5. A struct provider with .protocol = &api_protocol, .api = &spec, the gap between updates that
 *    their documentation asks for (the requests of one follow each other without one), and .secret
 *    (what kind of token).
 * 6. A row in ddns/provider.c, `extern` in ddns/provider.h, a paragraph in doc/reachd.conf.5
 *    (PROVIDERS), a line in tests/net/lab/api.py that plays the service, and what it says to
 *    everything that can go wrong in tests/net/test_api.py.
 *
 * What is no 2xx: 401 and 403 are auth; 404 and 410 config (but when an id that was kept led there,
 * all are forgotten and the update begins again, once); 400, 409 and 422 config; 429 and 5xx
 * temporary for the whole account, Retry-After is heeded. The API's own sentence is quoted, where
 * it gives one ("message", "error", "detail", "errors") and does not repeat a secret; `refine` may
 * know better.
 */
#ifndef REACHD_DDNS_API_H
#define REACHD_DDNS_API_H

#include <jansson.h>

#include "ddns/exchange.h"

#define API_BODY_MAX (1u << 18) /* of a reply */
#define API_ID_LEN   128

struct api; /* one update */

struct api_reply {
    int status;       /* 2xx; or 404, see struct api_spec */
    json_t *json;     /* borrowed, lives until the step returns; NULL: no body, or spec->raw */
    const char *body; /* as received, terminated, hostile */
    size_t len;
};

/* One record set to be replaced by one address. */
struct api_set {
    const char *type; /* "A" or "AAAA" */
    const char *fqdn;
    const char *label; /* below the zone, "" at the apex */
    char address[ADDR_STRLEN];
    uint32_t ttl;   /* as configured, or as DNS shows it; 0: not known */
    bool ttl_given; /* by the configuration */
    bool no_create;
    bool withdraw; /* it shall go, if it still shows the address; then it is the only one */
};

/* What is sent, for headers that sign it. */
struct api_request {
    const char *method;
    const char *url;
    const char *body; /* "" when there is none */
};

struct api_spec {
    /* Adds header lines with api_header; false: they can't be made. */
    bool (*headers)(const struct provider_input *input, const struct api_request *request,
                    struct buf *out);
    void (*begin)(struct api *api);
    /* May change the verdict, wait and text of a reply that is no 2xx; NULL: nothing to add. */
    void (*refine)(const struct session_reply *reply, const struct provider_input *input,
                   const json_t *json, struct ddns_answer *out);
    int64_t busy_wait_ms; /* after 429 without Retry-After; 0: as after any failure */
    bool raw;             /* replies are no JSON */
    bool later_is_400;    /* 400 may mean "not now": it does not make the update begin again */
    bool sees_404;        /* the first step gets a 404, too: there is no such record yet */
};

typedef void api_fn(struct api *api, const struct api_reply *reply);

/* A path: literal, value, literal, …; values are percent-encoded, all of it is appended to the
 * record's url. */
#define API_PATH(...) ((const char *const[]){__VA_ARGS__, NULL})
/* The next request: api_call(api, "GET", NULL, on_zone, API_PATH("/zones?name=", domain)). body is
 * stolen. */
void api_call(struct api *api, const char *method, json_t *body, api_fn *then,
              const char *const *path);
/* The same with a text that is no JSON. */
void api_call_text(struct api *api, const char *method, const char *type, const char *body,
                   api_fn *then, const char *const *path);
void api_end(struct api *api, enum ddns_verdict verdict, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* After api_end: the answer is not about these records alone, but about all of the account. */
void api_end_concerns_all(struct api *api);
/* Then a success is not looked for in DNS: the name stands behind a proxy of theirs. */
void api_unseen(struct api *api);

const struct provider_input *api_input(const struct api *api);
const struct api_set *api_set(const struct api *api, size_t i); /* NULL after the last */
/* Its label as most services write it: "@" at the apex. */
const char *api_label(const struct api_set *set);
/* Kept for the account until it leads nowhere; kind: "zone", "record A". */
const char *api_cached(struct api *api, const char *kind, const char *name);
void api_keep(struct api *api, const char *kind, const char *name, const char *value);
/* The same for what is no id: that it is there does not make the update begin again. */
const char *api_noted(const struct api *api, const char *kind, const char *name);
/* For a set that is withdrawn: false, and it has ended, where there is none any more, or it shows
 * something else, which stays. */
bool api_may_delete(struct api *api, bool there, bool same);
void api_end_foreign(struct api *api); /* it shows something else */
/* There is no such record: false, and the update has ended, where create = no (.asks_first). */
bool api_may_create(struct api *api, const struct api_set *set);

/* Header line; false when the value has a control byte in it. */
bool api_header(struct buf *out, const char *name, const char *prefix, const char *value);
/* An id as text, from a string or an integer; false: it is neither, or it can't be one. */
bool api_id(const json_t *value, char out[API_ID_LEN]);
/* A string of the JSON, "" when it is none. */
const char *api_text(const json_t *object, const char *key);

extern const struct provider_protocol api_protocol;

#endif
