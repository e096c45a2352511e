/* SPDX-License-Identifier: ISC
 *
 * One HTTP exchange from URL to reply: resolve, connect (each address of the wanted family in
 * turn), TLS with full verification, request, reply; one deadline. No redirect is followed: the
 * caller sees the 3xx. No retry once request bytes may have left. Used by DDNS providers and web
 * address sources.
 */
#ifndef REACHD_PROBES_SESSION_H
#define REACHD_PROBES_SESSION_H

#include "probes/egress.h"
#include "probes/outcome.h"
#include "probes/resolver.h"
#include "probes/trust.h"

struct session;

enum session_family {
    SESSION_IPV4,
    SESSION_IPV6,
    SESSION_ANY, /* IPv6 addresses first, then IPv4 */
};

struct session_request {
    const char *method;     /* "GET" */
    const char *url;        /* the target may hold secrets: never logged */
    const char *basic_user; /* HTTP Basic when not NULL */
    const char *basic_password;
    const char *headers; /* further header lines, each with CRLF; NULL for none */
    const char *body;    /* NULL for none */
    size_t max_body;     /* of the reply */
    enum session_family family;
    struct egress egress;
    int64_t timeout_ms;
};

struct session_reply {
    enum outcome outcome; /* OK: a complete HTTP reply arrived, whatever its status */
    bool request_left;    /* the server may have seen the request */
    int status;
    int64_t retry_after_s; /* -1 none */
    const char *location;
    const char *body; /* as received, NOT printable */
    size_t body_len;
    struct addr peer;
    char detail[160]; /* printable, without secrets */
};

typedef void session_fn(const struct session_reply *reply, void *arg);

/* The strings of the request are copied. `done` once, never before the return, never after cancel.
 */
struct session *session_start(struct loop *loop, struct resolver *resolver, struct trust *trust,
                              const struct session_request *request, session_fn *done, void *arg);
void session_cancel(struct session *session);

#endif
