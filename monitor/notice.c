/* SPDX-License-Identifier: ISC
 *
 * Words, keys and the JSON form of notices. Pure. The member names are documented for hooks and
 * are those of the REACHD_* environment in lower case. Not its job: who is told.
 */
#include "monitor/notice.h"

#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"

enum notice_about {
    ABOUT_TARGET,
    ABOUT_ADDRESS,
    ABOUT_RECORD,
    ABOUT_UPLINK,
    ABOUT_DAEMON,
};

static const char *const about_words[] = {"target", "address", "record", "uplink", "daemon"};

static const struct {
    const char *word;
    enum notice_about about;
    bool bad;
} kinds[NOTICE_KIND_COUNT] = {
    [NOTICE_TARGET_UP] = {"target-up", ABOUT_TARGET, false},
    [NOTICE_TARGET_DOWN] = {"target-down", ABOUT_TARGET, true},
    [NOTICE_TARGET_CAUSE] = {"target-cause", ABOUT_TARGET, true},
    [NOTICE_TARGET_FLAPPING] = {"target-flapping", ABOUT_TARGET, true},
    [NOTICE_CERT_EXPIRING] = {"cert-expiring", ABOUT_TARGET, true},
    [NOTICE_CERT_REMARK] = {"cert-remark", ABOUT_TARGET, true},
    [NOTICE_CERT_SETTLED] = {"cert-settled", ABOUT_TARGET, false},
    [NOTICE_DNS_REMARK] = {"dns-remark", ABOUT_TARGET, true},
    [NOTICE_DNS_SETTLED] = {"dns-settled", ABOUT_TARGET, false},
    [NOTICE_ADDRESS_CHANGED] = {"address-changed", ABOUT_ADDRESS, false},
    [NOTICE_ADDRESS_LOST] = {"address-lost", ABOUT_ADDRESS, true},
    [NOTICE_ADDRESS_DIFFERS] = {"address-differs", ABOUT_ADDRESS, true},
    [NOTICE_ADDRESS_AGREES] = {"address-agrees", ABOUT_ADDRESS, false},
    [NOTICE_UPDATE_SENT] = {"update-sent", ABOUT_RECORD, false},
    [NOTICE_UPDATE_FAILED] = {"update-failed", ABOUT_RECORD, true},
    [NOTICE_UPDATE_HALTED] = {"update-halted", ABOUT_RECORD, true},
    [NOTICE_UPDATE_VERIFIED] = {"update-verified", ABOUT_RECORD, false},
    [NOTICE_UPDATE_MISMATCH] = {"update-mismatch", ABOUT_RECORD, true},
    [NOTICE_UPDATE_TTL] = {"update-ttl", ABOUT_RECORD, true},
    [NOTICE_UPDATE_WITHDRAWN] = {"update-withdrawn", ABOUT_RECORD, false},
    [NOTICE_UPLINK_DOWN] = {"uplink-down", ABOUT_UPLINK, true},
    [NOTICE_UPLINK_UP] = {"uplink-up", ABOUT_UPLINK, false},
    [NOTICE_STARTED] = {"started", ABOUT_DAEMON, false},
    [NOTICE_STOPPED] = {"stopped", ABOUT_DAEMON, false},
};

const char *notice_word(enum notice_kind kind)
{
    return (unsigned)kind < NOTICE_KIND_COUNT ? kinds[kind].word : "unknown";
}

bool notice_from_word(const char *word, enum notice_kind *out)
{
    for (int i = 0; i < NOTICE_KIND_COUNT; i++) {
        if (strcmp(kinds[i].word, word) == 0) {
            *out = (enum notice_kind)i;
            return true;
        }
    }
    return false;
}

bool notice_is_bad(enum notice_kind kind)
{
    return (unsigned)kind < NOTICE_KIND_COUNT && kinds[kind].bad;
}

bool notice_is_remark(enum notice_kind kind)
{
    return kind == NOTICE_ADDRESS_DIFFERS || kind == NOTICE_ADDRESS_AGREES ||
           kind == NOTICE_DNS_REMARK || kind == NOTICE_DNS_SETTLED || kind == NOTICE_CERT_REMARK ||
           kind == NOTICE_CERT_SETTLED;
}

const char *notice_about(enum notice_kind kind)
{
    return (unsigned)kind < NOTICE_KIND_COUNT ? about_words[kinds[kind].about] : "unknown";
}

void notice_init(struct notice *notice, enum notice_kind kind, const char *subject, int64_t wall_ms)
{
    memset(notice, 0, sizeof *notice);
    notice->kind = kind;
    notice->wall_ms = wall_ms;
    str_copy(notice->subject, sizeof notice->subject, subject);
}

/* The cross-check of an address, the certificate of a target, each remark on it or the zone, and
 * the TTL of a record are matters of their own: news about them must not replace "down" or
 * "verified". */
static const char *key_aspect(const struct notice *notice)
{
    if (notice->kind == NOTICE_CERT_EXPIRING)
        return "cert";
    if (notice->kind == NOTICE_ADDRESS_DIFFERS || notice->kind == NOTICE_ADDRESS_AGREES)
        return "cross-check";
    if (notice_is_remark(notice->kind))
        return notice->cause;
    return notice->kind == NOTICE_UPDATE_TTL ? "ttl" : "";
}

const char *notice_key(const struct notice *notice, char buf[NOTICE_KEY_LEN])
{
    buf[0] = '\0';
    str_append(buf, NOTICE_KEY_LEN, "%s/%s", notice_about(notice->kind), notice->subject);
    if (notice->has_family)
        str_append(buf, NOTICE_KEY_LEN, "/%s", family_word(notice->family));
    const char *aspect = key_aspect(notice);
    str_append(buf, NOTICE_KEY_LEN, "%s%s", *aspect ? "/" : "", aspect);
    return buf;
}

json_t *notice_json(const struct notice *notice)
{
    json_t *object = doc_object();
    doc_text(object, "event", notice_word(notice->kind));
    doc_time(object, "time", notice->wall_ms);
    doc_int(object, "time_ms", notice->wall_ms);
    doc_text(object, "about", notice_about(notice->kind));
    doc_text(object, "subject", notice->subject);
    doc_text(object, "family", notice->has_family ? family_word(notice->family) : NULL);
    doc_text(object, "host", notice->host);
    doc_text(object, "old", notice->old_value);
    doc_text(object, "new", notice->new_value);
    doc_text(object, "cause", notice->cause);
    doc_text(object, "text", notice->text);
    doc_text(object, "advice", notice->advice);
    return object;
}

/* Copies a text member, made printable again: the value comes from a file. */
static void get_text(const json_t *object, const char *key, char *out, size_t cap)
{
    const char *text = doc_get_text(object, key);
    str_printable(out, cap, text, strlen(text));
}

bool notice_from_json(const json_t *value, struct notice *out)
{
    enum notice_kind kind;
    const json_t *time_ms = json_object_get(value, "time_ms");
    if (!notice_from_word(doc_get_text(value, "event"), &kind) || !json_is_integer(time_ms))
        return false;
    notice_init(out, kind, "", json_integer_value(time_ms));
    out->has_family = family_from_word(doc_get_text(value, "family"), &out->family);
    get_text(value, "subject", out->subject, sizeof out->subject);
    get_text(value, "host", out->host, sizeof out->host);
    get_text(value, "old", out->old_value, sizeof out->old_value);
    get_text(value, "new", out->new_value, sizeof out->new_value);
    get_text(value, "cause", out->cause, sizeof out->cause);
    get_text(value, "text", out->text, sizeof out->text);
    get_text(value, "advice", out->advice, sizeof out->advice);
    return true;
}
