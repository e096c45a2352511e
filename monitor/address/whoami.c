/* SPDX-License-Identifier: ISC
 *
 * Questions whose answer is our address (see whoami.h).
 */
#include "monitor/address/whoami.h"

#include <stdio.h>
#include <string.h>

#include "ddns/dns_wire.h"
#include "lib/str.h"
#include "monitor/address/addr_answer.h"

#define DNS_PORT    53
#define FLAGS_QUERY 0x0100 /* recursion desired: resolvers want it, others don't mind */

/* Asked at their own servers: a resolver in between would be told its own address. The servers'
 * addresses are as old as the services, so the way to them needs no resolver. */
static const struct service {
    const char *word;
    const char *servers[FAMILY_COUNT]; /* NULL: none over this family */
    const char *name;
    unsigned type; /* 0: A or AAAA, by the family */
    unsigned class;
} services[] = {
    {"opendns", {"208.67.222.222", "2620:119:35::35"}, "myip.opendns.com", 0, DNS_CLASS_IN},
    {"google",
     {"216.239.32.10", "2001:4860:4802:32::a"},
     "o-o.myaddr.l.google.com",
     DNS_TYPE_TXT,
     DNS_CLASS_IN},
    {"cloudflare",
     {"1.1.1.1", "2606:4700:4700::1111"},
     "whoami.cloudflare",
     DNS_TYPE_TXT,
     DNS_CLASS_CH},
    {"akamai", {"193.108.88.1", NULL}, "whoami.akamai.net", 0, DNS_CLASS_IN},
};

#define SERVICE_COUNT (sizeof services / sizeof *services)

static unsigned type_of(unsigned given, enum family family)
{
    if (given)
        return given;
    return family == FAMILY_IPV4 ? DNS_TYPE_A : DNS_TYPE_AAAA;
}

/* --- who is asked ----------------------------------------------------------------------------- */

static const struct service *find_service(const char *word)
{
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (strcmp(services[i].word, word) == 0)
            return &services[i];
    return NULL;
}

const char *whoami_services(enum family family, char *buf, size_t cap)
{
    buf[0] = '\0';
    for (size_t i = 0; i < SERVICE_COUNT; i++)
        if (services[i].servers[family])
            str_append(buf, cap, "%s%s", *buf ? ", " : "", services[i].word);
    return buf;
}

const char *whoami_check_service(const char *word, enum family family, char *buf, size_t cap)
{
    const struct service *service = find_service(word);
    char names[128];
    if (service && service->servers[family])
        return NULL;
    whoami_services(family, names, sizeof names);
    if (service)
        snprintf(buf, cap, "it does not answer over %s; allowed: %s", family_text(family), names);
    else
        snprintf(buf, cap, "allowed: %s", names);
    return buf;
}

static void add_service(const struct service *service, enum family family,
                        struct whoami out[WHOAMI_MAX], size_t *count)
{
    struct addr server;
    if (*count == WHOAMI_MAX || !service || !service->servers[family] ||
        !addr_parse(service->servers[family], &server))
        return;
    out[(*count)++] = (struct whoami){.service = service->word,
                                      .server = server,
                                      .port = DNS_PORT,
                                      .name = service->name,
                                      .type = type_of(service->type, family),
                                      .class = service->class};
}

/* The question of the configuration, at each of its servers. */
static void add_servers(const struct config_address *section, struct whoami out[WHOAMI_MAX],
                        size_t *count)
{
    for (const char *at = section->servers; at && *count < WHOAMI_MAX;) {
        char text[80];
        struct hostport server;
        size_t len = strcspn(at, ",");
        if (str_ncopy(text, sizeof text, at, len) && !hostport_parse(text, DNS_PORT, &server))
            out[(*count)++] = (struct whoami){.server = server.literal,
                                              .port = server.port,
                                              .name = section->query,
                                              .type = type_of(section->query_type, section->family),
                                              .class = section->query_class};
        at = at[len] ? at + len + 1 : NULL;
    }
}

size_t whoami_list(const struct config_address *section, struct whoami out[WHOAMI_MAX])
{
    size_t count = 0;
    for (char **word = section->services; word && *word; word++)
        add_service(find_service(*word), section->family, out, &count);
    if (section->query)
        add_servers(section, out, &count);
    else if (!section->services)
        for (size_t i = 0; i < SERVICE_COUNT; i++)
            add_service(&services[i], section->family, out, &count);
    return count;
}

const char *whoami_label(const struct whoami *whoami, char *buf, size_t cap)
{
    char server[ADDR_STRLEN];
    addr_format(&whoami->server, server);
    if (whoami->service)
        snprintf(buf, cap, "%s (%s)", whoami->service, server);
    else
        snprintf(buf, cap, "%.120s at %s", whoami->name, server);
    return buf;
}

/* --- the question ----------------------------------------------------------------------------- */

bool whoami_write(const struct whoami *whoami, unsigned id, struct buf *out)
{
    return dns_put_u16(out, id) && dns_put_u16(out, FLAGS_QUERY) && dns_put_u16(out, 1) &&
           dns_put_u16(out, 0) && dns_put_u16(out, 0) && dns_put_u16(out, 0) &&
           dns_put_name(out, whoami->name) && dns_put_u16(out, whoami->type) &&
           dns_put_u16(out, whoami->class);
}

/* --- the answer ------------------------------------------------------------------------------- */

struct reading {
    const struct whoami *whoami;
    const uint8_t *data; /* the whole message, for compressed names */
    struct addr found;
    bool several; /* two that differ */
    struct addr other;
    char text[48]; /* the first that is no address, printable */
};

static void take_addr(struct reading *reading, const struct addr *addr)
{
    if (!addr_is_set(&reading->found)) {
        reading->found = *addr;
    } else if (!addr_equal(&reading->found, addr)) {
        reading->several = true;
        reading->other = *addr;
    }
}

static void take_text(struct reading *reading, const uint8_t *bytes, size_t len)
{
    const char *text = (const char *)bytes;
    char word[ADDR_STRLEN];
    struct addr addr;
    if (len < sizeof word && !memchr(text, '\0', len) && str_ncopy(word, sizeof word, text, len) &&
        addr_parse(word, &addr))
        take_addr(reading, &addr);
    else if (!reading->text[0])
        str_printable(reading->text, sizeof reading->text, text, len < 40 ? len : 40);
}

/* The strings of a TXT record (RFC 1035 section 3.3.14); one that says something else beside the
 * address, as Akamai's and Google's do, is passed over. */
static bool take_strings(struct reading *reading, const uint8_t *rdata, size_t len)
{
    struct reader r = reader_of(rdata, len);
    while (r.left > 0) {
        size_t size = reader_u8(&r);
        const uint8_t *bytes = reader_bytes(&r, size);
        if (!bytes)
            return false;
        take_text(reading, bytes, size);
    }
    return true;
}

static bool take_rdata(struct reading *reading, const uint8_t *rdata, size_t len)
{
    struct addr addr;
    if (reading->whoami->type == DNS_TYPE_TXT)
        return take_strings(reading, rdata, len);
    if (len != (reading->whoami->type == DNS_TYPE_A ? 4 : 16))
        return false;
    addr = len == 4 ? addr_v4(rdata) : addr_v6(rdata);
    take_addr(reading, &addr);
    return true;
}

static bool take_record(struct reading *reading, struct reader *r)
{
    struct reader owner = *r;
    const struct whoami *whoami = reading->whoami;
    if (!dns_skip_name(r))
        return false;
    bool ours = dns_take_name(&owner, reading->data, whoami->name);
    ours &= reader_u16(r) == whoami->type;
    ours &= reader_u16(r) == whoami->class;
    reader_skip(r, 4); /* TTL */
    size_t len = reader_u16(r);
    const uint8_t *rdata = reader_bytes(r, len);
    return rdata && (!ours || take_rdata(reading, rdata, len));
}

static bool take_question(const struct reading *reading, struct reader *r)
{
    const struct whoami *whoami = reading->whoami;
    bool same = dns_take_name(r, reading->data, whoami->name);
    same &= reader_u16(r) == whoami->type;
    same &= reader_u16(r) == whoami->class;
    return same && !r->bad;
}

static const char *rcode_text(unsigned rcode, char buf[32])
{
    static const char *const words[] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                        "NXDOMAIN", "NOTIMP",  "REFUSED"};
    if (rcode < sizeof words / sizeof *words)
        return words[rcode];
    snprintf(buf, 32, "rcode %u", rcode);
    return buf;
}

/* NULL, or what is wrong with the message. */
static const char *take_message(struct reading *reading, size_t len, char buf[32])
{
    struct reader r = reader_of(reading->data, len);
    reader_skip(&r, 2);
    unsigned flags = reader_u16(&r);
    unsigned questions = reader_u16(&r), answers = reader_u16(&r);
    unsigned rcode = flags & 0x0f;
    reader_skip(&r, 4);
    if (r.bad || !(flags & 0x8000))
        return "no answer";
    if (rcode > 0)
        return rcode_text(rcode, buf);
    if (questions != 1 || !take_question(reading, &r))
        return "an answer to another question";
    for (unsigned i = 0; i < answers; i++)
        if (!take_record(reading, &r))
            return "a malformed answer";
    return NULL;
}

bool whoami_read(const struct whoami *whoami, const void *data, size_t len,
                 const struct config_address *section, struct addr *out, char *why, size_t cap)
{
    struct reading reading = {.whoami = whoami, .data = data};
    char buf[32], one[ADDR_STRLEN], two[ADDR_STRLEN];
    const char *wrong = take_message(&reading, len, buf);
    if (wrong) {
        snprintf(why, cap, "%s", wrong);
    } else if (reading.several) {
        snprintf(why, cap, "more than one address: %s and %s", addr_format(&reading.found, one),
                 addr_format(&reading.other, two));
    } else if (!addr_is_set(&reading.found)) {
        snprintf(why, cap, "no address in the answer%s%s", *reading.text ? ": " : "", reading.text);
    } else if (addr_answer_fits(&reading.found, section, why, cap)) {
        *out = reading.found;
        return true;
    }
    return false;
}
