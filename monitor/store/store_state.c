/* SPDX-License-Identifier: ISC
 *
 * The persisted DDNS state as JSON. A member that is kept is a row of a table here; one that an
 * older version did not write is zero. Owns: the look at values before they are trusted. Not its
 * job: the database.
 */
#include "monitor/store/store_state.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"

/* A wait of more than a year is no wait that a provider asked for. */
#define WAIT_MAX_MS (INT64_C(366) * 24 * 3600 * 1000)
#define TIME_MAX_MS (INT64_C(1) << 52)

enum field_type {
    FIELD_BOOL,
    FIELD_UNSIGNED, /* unsigned and uint32_t */
    FIELD_ADDR,
    FIELD_STAMP,
    FIELD_WAIT,
    FIELD_VERDICT,
    FIELD_TEXT, /* char[DDNS_TEXT_LEN] */
};

struct field {
    const char *name;
    enum field_type type;
    size_t offset;
    bool required;
};

_Static_assert(sizeof(unsigned) == sizeof(uint32_t), "FIELD_UNSIGNED serves both");

#define ACCOUNT(type, member)                                                                      \
    {                                                                                              \
#member, type, offsetof(struct ddns_account_state, member), true                           \
    }
#define RECORD(type, member)                                                                       \
    {                                                                                              \
#member, type, offsetof(struct ddns_record_state, member), false                           \
    }

static const struct field account_fields[] = {
    {"spent", FIELD_WAIT, offsetof(struct ddns_account_state, spent), false},
    ACCOUNT(FIELD_WAIT, gap),
    ACCOUNT(FIELD_WAIT, penalty),
    ACCOUNT(FIELD_UNSIGNED, failures),
    ACCOUNT(FIELD_BOOL, busy),
    {NULL, FIELD_BOOL, 0, false},
};

static const struct field record_fields[] = {
    RECORD(FIELD_ADDR, own),
    RECORD(FIELD_STAMP, gone),
    RECORD(FIELD_ADDR, sent),
    RECORD(FIELD_STAMP, sent_at),
    RECORD(FIELD_BOOL, verifying),
    RECORD(FIELD_STAMP, verify_since),
    RECORD(FIELD_UNSIGNED, verify_looks),
    RECORD(FIELD_UNSIGNED, mismatches),
    RECORD(FIELD_ADDR, published),
    RECORD(FIELD_BOOL, published_known),
    RECORD(FIELD_BOOL, absent),
    RECORD(FIELD_BOOL, partial),
    RECORD(FIELD_ADDR, verified),
    RECORD(FIELD_STAMP, looked_at),
    RECORD(FIELD_WAIT, look),
    RECORD(FIELD_UNSIGNED, look_failures),
    RECORD(FIELD_UNSIGNED, ttl),
    RECORD(FIELD_UNSIGNED, usual_ttl),
    RECORD(FIELD_UNSIGNED, failures),
    RECORD(FIELD_WAIT, retry),
    RECORD(FIELD_BOOL, halted),
    RECORD(FIELD_VERDICT, halt_verdict),
    RECORD(FIELD_ADDR, refused),
    RECORD(FIELD_BOOL, withdraw_refused),
    RECORD(FIELD_ADDR, withdrawn),
    RECORD(FIELD_TEXT, last_text),
    RECORD(FIELD_VERDICT, last_verdict),
    {NULL, FIELD_BOOL, 0, false},
};

static json_t *stamp_json(const struct stamp *stamp)
{
    json_t *object = doc_object();
    doc_text(object, "boot", stamp->boot_id);
    doc_int(object, "boot_ms", stamp->boot_ms);
    doc_int(object, "wall_ms", stamp->wall_ms);
    return object;
}

static json_t *wait_json(const struct ddns_wait *wait)
{
    json_t *object = stamp_json(&wait->since);
    doc_int(object, "length_ms", wait->length_ms);
    return object;
}

static void put_field(json_t *object, const struct field *field, const void *state)
{
    const void *at = (const char *)state + field->offset;
    switch (field->type) {
    case FIELD_BOOL:
        doc_bool(object, field->name, *(const bool *)at);
        break;
    case FIELD_UNSIGNED:
        doc_int(object, field->name, *(const unsigned *)at);
        break;
    case FIELD_ADDR:
        doc_addr(object, field->name, at);
        break;
    case FIELD_STAMP:
        doc_value(object, field->name, stamp_json(at));
        break;
    case FIELD_WAIT:
        doc_value(object, field->name, wait_json(at));
        break;
    case FIELD_VERDICT:
        doc_text(object, field->name, ddns_verdict_word(*(const enum ddns_verdict *)at));
        break;
    case FIELD_TEXT:
        doc_text(object, field->name, at);
        break;
    }
}

static bool get_number(const json_t *value, int64_t min, int64_t max, int64_t *out)
{
    *out = json_integer_value(value);
    return json_is_integer(value) && *out >= min && *out <= max;
}

static bool get_stamp(const json_t *value, struct stamp *out)
{
    const char *boot = doc_get_text(value, "boot");
    return json_is_object(value) && strspn(boot, "0123456789abcdef-") == strlen(boot) &&
           str_copy(out->boot_id, sizeof out->boot_id, boot) &&
           get_number(json_object_get(value, "boot_ms"), 0, TIME_MAX_MS, &out->boot_ms) &&
           get_number(json_object_get(value, "wall_ms"), 0, TIME_MAX_MS, &out->wall_ms);
}

static bool get_wait(const json_t *value, struct ddns_wait *out)
{
    return get_stamp(value, &out->since) &&
           get_number(json_object_get(value, "length_ms"), 0, WAIT_MAX_MS, &out->length_ms);
}

static bool get_unsigned(const json_t *value, unsigned *out)
{
    int64_t number;
    if (!get_number(value, 0, UINT32_MAX, &number))
        return false;
    *out = (unsigned)number;
    return true;
}

static bool get_text(const json_t *value, char out[DDNS_TEXT_LEN])
{
    const char *text = json_string_value(value);
    if (!text || json_string_length(value) >= DDNS_TEXT_LEN)
        return false;
    str_printable(out, DDNS_TEXT_LEN, text, strlen(text));
    return true;
}

static bool get_field(const json_t *object, const struct field *field, void *state)
{
    void *at = (char *)state + field->offset;
    const json_t *value = json_object_get(object, field->name);
    if (!value)
        return !field->required;
    switch (field->type) {
    case FIELD_BOOL:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    case FIELD_UNSIGNED:
        return get_unsigned(value, at);
    case FIELD_ADDR:
        return json_is_null(value) ||
               (json_is_string(value) && addr_parse(json_string_value(value), at));
    case FIELD_STAMP:
        return get_stamp(value, at);
    case FIELD_WAIT:
        return get_wait(value, at);
    case FIELD_VERDICT:
        return json_is_string(value) && ddns_verdict_from_word(json_string_value(value), at);
    case FIELD_TEXT:
        return get_text(value, at);
    }
    return false;
}

static char *make_text(const struct field *fields, const void *state)
{
    json_t *object = doc_object();
    for (; fields->name; fields++)
        put_field(object, fields, state);
    char *text = doc_to_json(object, false);
    json_decref(object);
    return text;
}

static bool parse_text(const char *text, const struct field *fields, void *state)
{
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    bool good = json_is_object(object);
    for (; good && fields->name; fields++)
        good = get_field(object, fields, state);
    json_decref(object);
    return good;
}

char *store_account_text(const struct ddns_account_state *state)
{
    return make_text(account_fields, state);
}

char *store_record_text(const struct ddns_record_state *state)
{
    return make_text(record_fields, state);
}

bool store_account_parse(const char *text, struct ddns_account_state *out)
{
    memset(out, 0, sizeof *out);
    return parse_text(text, account_fields, out);
}

bool store_record_parse(const char *text, struct ddns_record_state *out)
{
    memset(out, 0, sizeof *out);
    return parse_text(text, record_fields, out);
}
