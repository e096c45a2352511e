/* SPDX-License-Identifier: ISC
 *
 * One DNS message to one server and the answer to it: over UDP, repeated while nothing comes, then
 * over TCP, also when the answer was cut or the message is too large for UDP. For messages that the
 * resolver does not make (updates). Not its job: what is in them, beyond the header that tells an
 * answer from anything else.
 */
#ifndef REACHD_PROBES_DNS_EXCHANGE_H
#define REACHD_PROBES_DNS_EXCHANGE_H

#include "lib/loop.h"
#include "probes/egress.h"
#include "probes/outcome.h"

#define DNS_UDP_MAX     512 /* of a message without EDNS (RFC 1035 section 4.2.1) */
#define DNS_MESSAGE_MAX 65535

struct dns_exchange;

struct dns_exchange_spec {
    struct addr addr;
    uint16_t port;
    const void *message; /* copied; at least a header, whose ID nobody can guess */
    size_t len;
    bool tcp; /* not over UDP */
    struct egress egress;
    int64_t deadline_ms; /* clock_mono_ms() */
};

struct dns_reply {
    enum outcome outcome; /* OK: an answer came, whatever it says */
    bool tcp;             /* over TCP: nobody off the path can have made it */
    const uint8_t *data;  /* hostile; its ID, QR bit and opcode fit what was sent */
    size_t len;
    char detail[160]; /* printable */
};

/* Exactly once, not before dns_exchange_start returns, never after a cancel. The reply is valid
 * during the call. */
typedef void dns_exchange_fn(const struct dns_reply *reply, void *arg);

struct dns_exchange *dns_exchange_start(struct loop *loop, const struct dns_exchange_spec *spec,
                                        dns_exchange_fn *done, void *arg);
void dns_exchange_cancel(struct dns_exchange *exchange); /* NULL is fine */

/* Whether the bytes are an answer to what was sent, as far as the header tells. Pure. */
bool dns_answers(const void *sent, const void *reply, size_t len);

#endif
