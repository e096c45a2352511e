/* SPDX-License-Identifier: ISC
 *
 * Signing and checking (RFC 8945 sections 4 and 5). Owns: what a MAC covers. Not its
 * job: how a key is written (ddns/tsig_key.h).
 */
#include "ddns/tsig.h"

#include <string.h>

#include "ddns/dns_wire.h"

#define FUDGE_S 300

/* --- the MAC ---------------------------------------------------------------------------------- */

static bool put_u48(struct buf *buf, int64_t value)
{
    return dns_put_u16(buf, (unsigned)(value >> 32 & 0xffff)) &&
           dns_put_u32(buf, (uint32_t)(value & 0xffffffff));
}

struct tsig_fields {
    int64_t time_s;
    unsigned fudge;
    unsigned error;
    const uint8_t *other;
    unsigned other_len;
};

/* RFC 8945 section 4.3.3 */
static bool put_variables(struct buf *buf, const struct tsig_key *key, const struct tsig_fields *f)
{
    return dns_put_name(buf, key->name) && dns_put_u16(buf, DNS_CLASS_ANY) && dns_put_u32(buf, 0) &&
           dns_put_name(buf, key->algorithm) && put_u48(buf, f->time_s) &&
           dns_put_u16(buf, f->fudge) && dns_put_u16(buf, f->error) &&
           dns_put_u16(buf, f->other_len) && buf_append(buf, f->other, f->other_len);
}

static bool compute(struct buf *signed_data, const struct tsig_key *key, struct tsig_mac *mac)
{
    mac->len = digest_hmac(key->hash, key->secret, key->secret_len, signed_data->data,
                           signed_data->len, mac->bytes);
    return mac->len > 0;
}

static bool put_record(struct buf *message, const struct tsig_key *key, const struct tsig_fields *f,
                       const struct tsig_mac *mac)
{
    unsigned id = (unsigned)message->data[0] << 8 | message->data[1];
    bool good = dns_put_name(message, key->name) && dns_put_u16(message, DNS_TYPE_TSIG) &&
                dns_put_u16(message, DNS_CLASS_ANY) && dns_put_u32(message, 0);
    size_t length_at = message->len;
    good = good && dns_put_u16(message, 0) && dns_put_name(message, key->algorithm) &&
           put_u48(message, f->time_s) && dns_put_u16(message, f->fudge) &&
           dns_put_u16(message, (unsigned)mac->len) && buf_append(message, mac->bytes, mac->len) &&
           dns_put_u16(message, id) && dns_put_u16(message, f->error) && dns_put_u16(message, 0);
    if (good)
        dns_set_u16(message, length_at, (unsigned)(message->len - length_at - 2));
    return good;
}

bool tsig_sign(struct buf *message, const struct tsig_key *key, int64_t now_s, struct tsig_mac *mac)
{
    const struct tsig_fields fields = {.time_s = now_s, .fudge = FUDGE_S};
    struct buf covered;
    buf_init(&covered, 2 * (size_t)DNS_WIRE_MAX);
    bool good = buf_append(&covered, message->data, message->len) &&
                put_variables(&covered, key, &fields) && compute(&covered, key, mac) &&
                put_record(message, key, &fields, mac);
    buf_clear(&covered);
    if (good)
        dns_set_u16(message, 10, (unsigned)(message->data[10] << 8 | message->data[11]) + 1);
    return good;
}

/* --- checking --------------------------------------------------------------------------------- */

struct found {
    size_t at; /* of the TSIG record */
    const uint8_t *mac;
    unsigned mac_len;
    unsigned original_id;
    struct tsig_fields fields;
};

/* Servers compress the owner's name when another in the message ends alike. */
static bool read_record(struct reader *r, const uint8_t *reply, const struct tsig_key *key,
                        struct found *out)
{
    if (!dns_take_name(r, reply, key->name) || reader_u16(r) != DNS_TYPE_TSIG ||
        reader_u16(r) != DNS_CLASS_ANY || reader_u32(r) != 0)
        return false;
    reader_u16(r); /* its length: what is inside must reach to the end of the message */
    if (!dns_take_name(r, reply, key->algorithm))
        return false;
    out->fields.time_s = (int64_t)reader_u16(r) << 32;
    out->fields.time_s |= reader_u32(r);
    out->fields.fudge = reader_u16(r);
    out->mac_len = reader_u16(r);
    out->mac = reader_bytes(r, out->mac_len);
    out->original_id = reader_u16(r);
    out->fields.error = reader_u16(r);
    out->fields.other_len = reader_u16(r);
    out->fields.other = reader_bytes(r, out->fields.other_len);
    return !r->bad && r->left == 0;
}

/* Where the last record of the message begins, if it is a TSIG; 0: it is not. SIZE_MAX: the message
 * is not well-formed. */
static size_t find_record(const uint8_t *reply, size_t len)
{
    struct reader r = reader_of(reply, len);
    unsigned counts[4];
    uint16_t type = 0;
    size_t at = 0;
    reader_skip(&r, 4);
    for (size_t i = 0; i < 4; i++)
        counts[i] = reader_u16(&r);
    for (unsigned i = 0; i < counts[0]; i++)
        if (!dns_skip_name(&r) || !reader_skip(&r, 4))
            return SIZE_MAX;
    for (unsigned i = 0; i < counts[1] + counts[2] + counts[3]; i++) {
        at = (size_t)(r.pos - reply);
        if (!dns_skip_record(&r, &type))
            return SIZE_MAX;
    }
    if (r.bad || r.left > 0)
        return SIZE_MAX;
    return counts[3] > 0 && type == DNS_TYPE_TSIG ? at : 0;
}

/* RFC 8945 section 5.3.1: the sent MAC, the reply as it was before the record was added, variables.
 */
static bool mac_is_right(const uint8_t *reply, const struct found *found,
                         const struct tsig_key *key, const struct tsig_mac *sent)
{
    struct tsig_mac mac;
    struct buf covered;
    buf_init(&covered, (size_t)2 * 65536);
    bool good =
        dns_put_u16(&covered, (unsigned)sent->len) && buf_append(&covered, sent->bytes, sent->len);
    size_t header = covered.len;
    good = good && buf_append(&covered, reply, found->at);
    if (good) {
        dns_set_u16(&covered, header, found->original_id);
        dns_set_u16(&covered, header + 10, (unsigned)(reply[10] << 8 | reply[11]) - 1);
    }
    good = good && put_variables(&covered, key, &found->fields) && compute(&covered, key, &mac) &&
           mac.len == found->mac_len && digest_equal(mac.bytes, found->mac, mac.len);
    buf_clear(&covered);
    return good;
}

/* With BADTIME the server's own time is in the other data (section 5.2.3). */
static int64_t server_time(const struct tsig_fields *fields)
{
    struct reader r = reader_of(fields->other, fields->other_len);
    int64_t time_s = (int64_t)reader_u16(&r) << 32;
    time_s |= reader_u32(&r);
    return r.bad ? 0 : time_s;
}

struct tsig_check tsig_verify(const void *reply, size_t len, const struct tsig_key *key,
                              const struct tsig_mac *sent, int64_t now_s)
{
    struct found found = {.at = find_record(reply, len)};
    struct tsig_check check = {.result = TSIG_FORGED};
    if (found.at == SIZE_MAX)
        return check;
    if (found.at == 0) {
        check.result = TSIG_UNSIGNED;
        return check;
    }
    struct reader r = reader_of((const uint8_t *)reply + found.at, len - found.at);
    if (!read_record(&r, reply, key, &found))
        return check;
    check.error = found.fields.error;
    if (check.error == TSIG_BADTIME && server_time(&found.fields) > 0)
        check.server_off_s = server_time(&found.fields) - now_s;
    if (found.mac_len == 0) { /* BADKEY and BADSIG come unsigned (section 5.2) */
        check.result = check.error != TSIG_NOERROR ? TSIG_REFUSED : TSIG_FORGED;
        return check;
    }
    int64_t off_s = found.fields.time_s - now_s;
    bool in_time = check.error == TSIG_BADTIME ||
                   (off_s <= found.fields.fudge && -off_s <= found.fields.fudge);
    check.proven = in_time && mac_is_right(reply, &found, key, sent);
    if (check.proven)
        check.result = check.error == TSIG_NOERROR ? TSIG_GOOD : TSIG_REFUSED;
    return check;
}
