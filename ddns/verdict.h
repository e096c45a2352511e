/* SPDX-License-Identifier: ISC
 *
 * What a provider's reply means for us, and the classification of replies. Pure: HTTP outcome,
 * status and body in, verdict out. A reply that nothing recognises is never a success.
 */
#ifndef REACHD_DDNS_VERDICT_H
#define REACHD_DDNS_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "probes/outcome.h"

enum ddns_verdict {
    DDNS_OK,        /* accepted, changed */
    DDNS_NOCHANGE,  /* accepted, was so already */
    DDNS_AUTH,      /* credentials refused: stop until the configuration changes */
    DDNS_CONFIG,    /* the request can't work as configured: stop likewise */
    DDNS_ABUSE,     /* blocked by the provider: stop likewise */
    DDNS_TEMPORARY, /* try again later */
};

const char *ddns_verdict_word(enum ddns_verdict verdict); /* "ok" "nochange" "auth" … */
bool ddns_verdict_from_word(const char *word, enum ddns_verdict *out);
bool ddns_verdict_is_success(enum ddns_verdict verdict);
bool ddns_verdict_is_permanent(enum ddns_verdict verdict);
const char *ddns_verdict_advice(enum ddns_verdict verdict); /* a sentence, "" for success */

#define DDNS_TEXT_LEN 160

/* The classified reply of one request for one host. */
struct ddns_answer {
    enum ddns_verdict verdict;
    int64_t wait_ms;    /* the provider asks for at least this (Retry-After, wait codes); 0 none */
    bool account;       /* the verdict concerns the whole account, not only this host */
    bool this_value;    /* permanent only for the address that was sent; another may work */
    bool unseen;        /* of a success: DNS will not show it */
    bool replied;       /* an HTTP reply arrived; false: the transport failed */
    enum outcome cause; /* of a transport that failed, or LOCAL_CLOCK said by a server; else OK */
    char text[DDNS_TEXT_LEN]; /* printable: "status=503 (too many requests)" */
    /* Of the names that went along, in their order, until the callback returns; NULL: it is one for
     * all. */
    const struct ddns_answer *more;
    size_t more_count;
};

#endif
