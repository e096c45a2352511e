/* SPDX-License-Identifier: ISC
 *
 * Reply patterns: what a provider's words mean, as rows. Pure, linear in the length of the reply;
 * no regular expressions. A reply that no row knows is not understood, which is never a success
 * (ddns/provider.h). Letters match in either case, everywhere.
 */
#ifndef REACHD_DDNS_REPLY_H
#define REACHD_DDNS_REPLY_H

#include "ddns/verdict.h"

enum reply_kind {
    REPLY_WORD,    /* the first words of the body are those of text */
    REPLY_LINE,    /* some line of it, without space around, is text */
    REPLY_START,   /* it begins with text, after white space */
    REPLY_HAS,     /* text is anywhere in it */
    REPLY_JSON,    /* it is JSON, and "a.b.0=value" holds: member, member, element */
    REPLY_ADDRESS, /* the whole body is the address that was sent, or one of them */
    REPLY_EMPTY,   /* there is none but white space */
    REPLY_HTTP,    /* the status: "204", "2xx" */
    REPLY_WAIT,    /* the first word is a wait code: w30m, w2h, w10s */
};

struct reply_rule {
    enum ddns_verdict verdict;
    enum reply_kind kind;
    const char *text;
    bool account;    /* concerns the whole account */
    bool this_value; /* permanent for this address only */
    int64_t wait_ms;
    const char *meaning; /* for people; NULL: none */
};

/* The reply as the rules see it. */
struct reply_facts {
    int status;
    const char *body; /* hostile, terminated */
    size_t len;
    const char *sent[2]; /* the addresses of the request as text; NULL: none */
};

#define REPLY_TEXT_MAX 200

/* Reads "[account] [value] [wait 30m] KIND TEXT [=> MEANING]" over `line`, which is cut into pieces
 * that *out points to. NULL, or what is wrong (static text). */
const char *reply_rule_parse(char *line, enum ddns_verdict verdict, struct reply_rule *out);
/* The first rule that knows the reply sets *out (zeroed before); false: none does. No rule of
 * success but those that name text matches a page of HTML. */
bool reply_judge(const struct reply_rule *rules, size_t count, const struct reply_facts *facts,
                 struct ddns_answer *out);
bool reply_is_html(const char *body, size_t len);

#endif
