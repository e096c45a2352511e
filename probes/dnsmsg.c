/* SPDX-License-Identifier: ISC
 *
 * DNS replies, parsed. Owns: the wire format of RFC 1035 and what a reply says about one question.
 * Not its job: ids, sending, retries.
 *
 * The sections are walked as often as needed instead of being copied first: the number of walks is
 * bounded by the length of the CNAME chain that we accept, and nothing is allocated.
 */
#include "probes/dnsmsg.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/str.h"

#define CHAIN_MAX   16 /* CNAMEs followed; resolvers give up at about as many */
#define WIRE_MAX    255
#define JUMPS_MAX   (WIRE_MAX / 2)     /* a name has no more labels */
#define TEXT_MAX    (WIRE_MAX * 4 + 1) /* every byte may need \DDD */
#define HEADER_LEN  12
#define CLASS_IN    1
#define OPCODE_MASK 0x7800

struct message {
    const uint8_t *data;
    size_t len;
    size_t answer; /* where the answer section begins */
    unsigned counts[3];
    bool truncated;
};

enum section {
    SECTION_ANSWER,
    SECTION_AUTHORITY,
    SECTION_ADDITIONAL,
};

struct record {
    enum section section;
    char owner[TEXT_MAX];
    uint16_t type;
    uint32_t ttl;
    size_t rdata; /* offset */
    size_t rdlen;
};

/* --- names --- */

static bool is_plain(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '*' ||
           c == '/';
}

/* By hand: a hostile reply of 64 KiB has millions of these to write. */
static size_t put_escaped(char *out, uint8_t c)
{
    out[0] = '\\';
    out[1] = (char)('0' + c / 100);
    out[2] = (char)('0' + c / 10 % 10);
    out[3] = (char)('0' + c % 10);
    return 4;
}

static size_t put_label(char *out, size_t used, const uint8_t *label, size_t len)
{
    if (used > 0)
        out[used++] = '.';
    for (size_t i = 0; i < len; i++) {
        uint8_t c = label[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        if (is_plain(c))
            out[used++] = (char)c;
        else
            used += put_escaped(out + used, c);
    }
    return used;
}

/* Reads the name at *pos into out; *pos moves past it. A pointer must lead to before the place
 * where the piece that holds it began, so following them ends; pointers to pointers without a label
 * between them would still take seconds in a large message, so they are counted too. */
static bool read_name(const struct message *msg, size_t *pos, char out[TEXT_MAX])
{
    size_t at = *pos, piece = *pos, wire = 1, used = 0;
    unsigned jumps = 0;
    while (at < msg->len) {
        uint8_t len = msg->data[at];
        if (len == 0) {
            out[used] = '\0';
            if (jumps == 0)
                *pos = at + 1;
            return true;
        }
        if ((len & 0xc0) == 0xc0) {
            if (msg->len - at < 2)
                return false;
            size_t to = (size_t)(len & 0x3f) << 8 | msg->data[at + 1];
            if (to >= piece || jumps == JUMPS_MAX)
                return false;
            if (jumps++ == 0)
                *pos = at + 2;
            at = piece = to;
            continue;
        }
        wire += (size_t)len + 1;
        if (len > 63 || msg->len - at <= len || wire > WIRE_MAX)
            return false;
        used = put_label(out, used, msg->data + at + 1, len);
        at += (size_t)len + 1;
    }
    return false;
}

/* The name at the start of a record's data; it must end where (or, in a SOA, before) the data does.
 */
static bool read_rdata_name(const struct message *msg, const struct record *rr, size_t *pos,
                            char out[TEXT_MAX])
{
    *pos = rr->rdata;
    return read_name(msg, pos, out) && *pos <= rr->rdata + rr->rdlen;
}

/* name is zone itself or below it. */
static bool is_within(const char *name, const char *zone)
{
    size_t n = strlen(name), z = strlen(zone);
    if (z == 0)
        return true;
    return n >= z && strcmp(name + n - z, zone) == 0 && (n == z || name[n - z - 1] == '.');
}

static bool normal_name(const char *name, char out[TEXT_MAX])
{
    if (!str_copy(out, HOST_MAX + 1, name))
        return false;
    size_t len = strlen(out);
    if (len > 0 && out[len - 1] == '.')
        out[len - 1] = '\0';
    for (char *c = out; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    return true;
}

/* --- records --- */

struct walk {
    const struct message *msg;
    size_t pos;
    unsigned section;
    unsigned left;
    bool bad;
};

static struct walk walk_start(const struct message *msg)
{
    return (struct walk){.msg = msg, .pos = msg->answer, .left = msg->counts[0]};
}

static bool read_record(struct walk *walk, struct record *rr, uint16_t *class)
{
    const struct message *msg = walk->msg;
    if (!read_name(msg, &walk->pos, rr->owner))
        return false;
    struct reader r = reader_of(msg->data + walk->pos, msg->len - walk->pos);
    rr->type = reader_u16(&r);
    *class = reader_u16(&r);
    rr->ttl = reader_u32(&r);
    rr->rdlen = reader_u16(&r);
    if (r.bad || r.left < rr->rdlen)
        return false;
    if (rr->ttl & 0x80000000u) /* RFC 2181 section 8 */
        rr->ttl = 0;
    rr->rdata = msg->len - r.left;
    walk->pos = rr->rdata + rr->rdlen;
    return true;
}

/* The next record of class IN; false at the end or, with walk->bad, where the message breaks. */
static bool walk_next(struct walk *walk, struct record *rr)
{
    uint16_t class;
    for (;;) {
        while (walk->left == 0) {
            if (walk->section == SECTION_ADDITIONAL)
                return false;
            walk->left = walk->msg->counts[++walk->section];
        }
        walk->left--;
        if (!read_record(walk, rr, &class)) {
            walk->bad = true;
            return false;
        }
        rr->section = (enum section)walk->section;
        if (class == CLASS_IN)
            return true;
    }
}

/* The next record of this type (0: any) and owner (NULL: any) in one section. */
static bool find(struct walk *walk, enum section section, uint16_t type, const char *owner,
                 struct record *rr)
{
    while (walk_next(walk, rr))
        if (rr->section == section && (type == 0 || rr->type == type) &&
            (!owner || strcmp(rr->owner, owner) == 0))
            return true;
    return false;
}

static bool rdata_addr(const struct message *msg, const struct record *rr, struct addr *out)
{
    if (rr->type == RR_A && rr->rdlen == 4)
        *out = addr_v4(msg->data + rr->rdata);
    else if (rr->type == RR_AAAA && rr->rdlen == 16)
        *out = addr_v6(msg->data + rr->rdata);
    else
        return false;
    return true;
}

static void note_ttl(struct dnsmsg *out, uint32_t ttl, bool *have)
{
    if (!*have || ttl < out->ttl)
        out->ttl = ttl;
    *have = true;
}

/* --- what the sections say --- */

/* Every record must be readable before any is believed; a truncated message ends where it ends. */
static bool check_records(struct message *msg)
{
    struct walk walk = walk_start(msg);
    struct record rr;
    char name[TEXT_MAX];
    struct addr addr;
    size_t pos;
    while (walk_next(&walk, &rr)) {
        bool good = true;
        if (rr.type == RR_A || rr.type == RR_AAAA)
            good = rdata_addr(msg, &rr, &addr);
        else if (rr.type == RR_NS || rr.type == RR_CNAME)
            good = read_rdata_name(msg, &rr, &pos, name) && pos == rr.rdata + rr.rdlen;
        if (!good)
            return false;
    }
    return !walk.bad || msg->truncated;
}

/* Follows the chain from *name, which becomes its end. */
static void follow_chain(const struct message *msg, enum rrtype type, char name[TEXT_MAX],
                         struct dnsmsg *out, bool *have_ttl)
{
    char target[TEXT_MAX];
    struct record rr;
    size_t pos;
    if (type == RR_CNAME)
        return;
    for (int hop = 0;; hop++) {
        struct walk walk = walk_start(msg);
        if (find(&walk, SECTION_ANSWER, (uint16_t)type, name, &rr))
            return;
        walk = walk_start(msg);
        if (!find(&walk, SECTION_ANSWER, RR_CNAME, name, &rr))
            return;
        if (hop == CHAIN_MAX || !read_rdata_name(msg, &rr, &pos, target)) {
            out->cname_loop = true;
            return;
        }
        note_ttl(out, rr.ttl, have_ttl);
        memcpy(name, target, sizeof(target));
        str_copy(out->cname, sizeof(out->cname), name);
    }
}

static void add_name(struct dnsmsg *out, const char *name)
{
    if (out->name_count < DNSMSG_MAX_NAMES && strlen(name) < HOST_MAX)
        str_copy(out->names[out->name_count++], HOST_MAX, name);
}

/* The records of the asked type at the end of the chain. */
static void collect_answer(const struct message *msg, enum rrtype type, const char *name,
                           struct dnsmsg *out, bool *have_ttl)
{
    struct walk walk = walk_start(msg);
    struct record rr;
    char target[TEXT_MAX];
    size_t pos;
    while (find(&walk, SECTION_ANSWER, (uint16_t)type, name, &rr)) {
        note_ttl(out, rr.ttl, have_ttl);
        if (type == RR_A || type == RR_AAAA) {
            if (out->addr_count == DNSMSG_MAX_ADDRS)
                out->addrs_cut = true;
            else if (rdata_addr(msg, &rr, &out->addrs[out->addr_count]))
                out->addr_count++;
        } else if ((type == RR_NS || type == RR_CNAME) && read_rdata_name(msg, &rr, &pos, target)) {
            if (type == RR_CNAME)
                str_copy(out->cname, sizeof(out->cname), target);
            else
                add_name(out, target);
        }
    }
    if (out->name_count > 0)
        str_copy(out->ns_owner, sizeof(out->ns_owner), name);
}

static bool read_soa(const struct message *msg, const struct record *rr, struct dnsmsg *out)
{
    char mname[TEXT_MAX], rname[TEXT_MAX];
    size_t pos;
    if (!read_rdata_name(msg, rr, &pos, mname) || !read_name(msg, &pos, rname) ||
        pos > rr->rdata + rr->rdlen)
        return false;
    struct reader r = reader_of(msg->data + pos, rr->rdata + rr->rdlen - pos);
    uint32_t serial = reader_u32(&r);
    reader_skip(&r, 12);
    uint32_t minimum = reader_u32(&r);
    if (r.bad)
        return false;
    str_copy(out->soa_owner, sizeof(out->soa_owner), rr->owner);
    str_copy(out->soa_mname, sizeof(out->soa_mname), mname);
    out->soa_serial = serial;
    out->negative_ttl = rr->ttl < minimum ? rr->ttl : minimum;
    return true;
}

/* The SOA of the zone that `name` lies in; what other zones say here is not theirs to say. */
static void collect_soa(const struct message *msg, const char *name, struct dnsmsg *out)
{
    struct record rr;
    for (enum section s = SECTION_ANSWER; s <= SECTION_AUTHORITY; s++) {
        struct walk walk = walk_start(msg);
        while (find(&walk, s, RR_SOA, NULL, &rr))
            if (is_within(name, rr.owner) && read_soa(msg, &rr, out))
                return;
    }
}

/* A referral: nothing in the answer, no SOA, NS records of a zone that the name lies in. */
static void collect_referral(const struct message *msg, const char *name, struct dnsmsg *out)
{
    struct walk walk = walk_start(msg);
    struct record rr;
    char zone[TEXT_MAX], target[TEXT_MAX];
    size_t pos;
    while (find(&walk, SECTION_AUTHORITY, RR_NS, NULL, &rr)) {
        if (out->name_count == 0) {
            if (!is_within(name, rr.owner))
                continue;
            memcpy(zone, rr.owner, sizeof(zone));
        } else if (strcmp(zone, rr.owner) != 0) {
            continue;
        }
        if (read_rdata_name(msg, &rr, &pos, target))
            add_name(out, target);
        if (out->name_count > 0)
            str_copy(out->ns_owner, sizeof(out->ns_owner), zone);
    }
}

/* name_count: it is none of them */
static size_t ns_index(const struct dnsmsg *out, const char *name)
{
    size_t i = 0;
    while (i < out->name_count && strcmp(out->names[i], name) != 0)
        i++;
    return i;
}

static void collect_glue(const struct message *msg, struct dnsmsg *out)
{
    struct walk walk = walk_start(msg);
    struct record rr;
    while (out->glue_count < DNSMSG_MAX_ADDRS && find(&walk, SECTION_ADDITIONAL, 0, NULL, &rr)) {
        size_t index = ns_index(out, rr.owner);
        if (index == out->name_count || !rdata_addr(msg, &rr, &out->glue[out->glue_count]))
            continue;
        out->glue_of[out->glue_count++] = (uint8_t)index;
    }
}

/* --- the whole --- */

static bool read_head(struct message *msg, const char *name, enum rrtype type, struct dnsmsg *out)
{
    char asked[TEXT_MAX];
    struct reader r = reader_of(msg->data, msg->len);
    reader_skip(&r, 2); /* the id is the sender's to compare */
    uint16_t flags = reader_u16(&r);
    uint16_t questions = reader_u16(&r);
    for (size_t i = 0; i < 3; i++)
        msg->counts[i] = reader_u16(&r);
    if (r.bad || !(flags & 0x8000) || (flags & OPCODE_MASK) || questions != 1)
        return false;
    size_t pos = HEADER_LEN;
    if (!read_name(msg, &pos, asked) || strcmp(asked, name) != 0)
        return false;
    r = reader_of(msg->data + pos, msg->len - pos);
    if (reader_u16(&r) != type || reader_u16(&r) != CLASS_IN || r.bad)
        return false;
    msg->answer = pos + 4;
    msg->truncated = flags & 0x0200;
    out->aa = flags & 0x0400;
    out->tc = msg->truncated;
    out->ad = flags & 0x0020;
    out->rcode = flags & 0x0f;
    return true;
}

bool dnsmsg_parse(const void *data, size_t len, const char *name, enum rrtype type,
                  struct dnsmsg *out)
{
    struct message msg = {.data = data, .len = len};
    char end[TEXT_MAX];
    bool have_ttl = false;
    memset(out, 0, sizeof(*out));
    if (len > UINT16_MAX || !normal_name(name, end) || !read_head(&msg, end, type, out) ||
        !check_records(&msg)) {
        memset(out, 0, sizeof(*out));
        return false;
    }
    follow_chain(&msg, type, end, out, &have_ttl);
    if (out->cname_loop)
        return true;
    collect_answer(&msg, type, end, out, &have_ttl);
    collect_soa(&msg, end, out);
    bool empty = out->addr_count == 0 && out->name_count == 0 && out->soa_owner[0] == '\0';
    if (empty && out->rcode == RCODE_NOERROR)
        collect_referral(&msg, end, out);
    collect_glue(&msg, out);
    return true;
}
