/* SPDX-License-Identifier: ISC
 *
 * A notice: something that a person would want to know, once, with the cause. The value that flows
 * from targets, address watch and updater to log, store and hooks.
 */
#ifndef REACHD_MONITOR_NOTICE_H
#define REACHD_MONITOR_NOTICE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/addr.h"
#include "lib/hostport.h"

enum notice_kind {
    NOTICE_TARGET_UP,
    NOTICE_TARGET_DOWN,
    NOTICE_TARGET_CAUSE,    /* still down, for another cause */
    NOTICE_TARGET_FLAPPING, /* said once; up and down are silent until it is steady */
    NOTICE_CERT_EXPIRING,
    NOTICE_CERT_REMARK,  /* the certificates are fine, but something is odd about them */
    NOTICE_CERT_SETTLED, /* not any more */
    NOTICE_DNS_REMARK,   /* the name is found, but something is odd about its zone */
    NOTICE_DNS_SETTLED,  /* not any more */
    NOTICE_ADDRESS_CHANGED,
    NOTICE_ADDRESS_LOST,
    NOTICE_ADDRESS_DIFFERS, /* another source has another one */
    NOTICE_ADDRESS_AGREES,  /* not any more */
    NOTICE_UPDATE_SENT,
    NOTICE_UPDATE_FAILED,
    NOTICE_UPDATE_HALTED,
    NOTICE_UPDATE_VERIFIED,
    NOTICE_UPDATE_MISMATCH,
    NOTICE_UPDATE_TTL,
    NOTICE_UPDATE_WITHDRAWN,
    NOTICE_UPLINK_DOWN,
    NOTICE_UPLINK_UP,
    NOTICE_STARTED,
    NOTICE_STOPPED,
    NOTICE_KIND_COUNT,
};

/* "target-up", "update-verified", …: REACHD_EVENT and the words of hook "events". */
const char *notice_word(enum notice_kind kind);
bool notice_from_word(const char *word, enum notice_kind *out);
bool notice_is_bad(enum notice_kind kind); /* worth a warning */
/* A remark on what is up all the same, or its end; the cause is its word. */
bool notice_is_remark(enum notice_kind kind);
/* What the subject is: "target", "address", "record", "uplink" or "daemon". */
const char *notice_about(enum notice_kind kind);

struct notice {
    enum notice_kind kind;
    int64_t wall_ms;
    char subject[128]; /* name of the target, address, record or line; "reachd" for the daemon's own
                        */
    bool has_family;
    enum family family;
    char host[HOST_MAX + 8]; /* host:port or fqdn it is about, "" when none */
    char old_value[64];      /* former state or address, "" when none */
    char new_value[64];
    char cause[64]; /* outcome or verdict word, "" when none */
    char text[384]; /* one sentence */
    char advice[256];
};

/* Fills kind, time, subject and family; the rest is "". */
void notice_init(struct notice *notice, enum notice_kind kind, const char *subject,
                 int64_t wall_ms);
/* What a reminder or a successor replaces: notices with the same key are about the same thing
 * ("target/www/ipv4"). Returns buf. */
#define NOTICE_KEY_LEN 160
const char *notice_key(const struct notice *notice, char buf[NOTICE_KEY_LEN]);
/* Members: event, time (RFC 3339), time_ms, about, subject, family (null when none), host, old,
 * new, cause, text, advice. */
json_t *notice_json(const struct notice *notice);
bool notice_from_json(const json_t *value, struct notice *out);

#endif
