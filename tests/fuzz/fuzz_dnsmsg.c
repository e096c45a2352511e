/* SPDX-License-Identifier: ISC
 *
 * A DNS reply as it arrives. The question asked is the one in the message, so that what follows it
 * is reached.
 */
#include "probes/dnsmsg.h"
#include "tests/fuzz/fuzz.h"

#define HEADER_LEN 12

/* The question's name, uncompressed; returns the offset behind it, 0 when there is none. */
static size_t question_name(const uint8_t *data, size_t size, char name[HOST_MAX])
{
    size_t pos = HEADER_LEN, used = 0;
    while (pos < size && data[pos] > 0 && data[pos] < 64) {
        size_t len = data[pos];
        if (size - pos <= len || used + len + 2 > HOST_MAX)
            return 0;
        if (used > 0)
            name[used++] = '.';
        memcpy(name + used, data + pos + 1, len);
        used += len;
        pos += len + 1;
    }
    name[used] = '\0';
    return pos + 3 <= size && data[pos] == 0 ? pos + 1 : 0;
}

static bool is_zero(const struct dnsmsg *msg)
{
    static const struct dnsmsg none;
    return memcmp(msg, &none, sizeof(none)) == 0;
}

static void check(const struct dnsmsg *msg, enum rrtype type)
{
    MUST(msg->addr_count <= DNSMSG_MAX_ADDRS && msg->glue_count <= DNSMSG_MAX_ADDRS);
    MUST(msg->name_count <= DNSMSG_MAX_NAMES);
    MUST(msg->addr_count == 0 || type == RR_A || type == RR_AAAA);
    MUST(msg->addr_count == 0 || !msg->cname_loop);
    MUST(!msg->addrs_cut || msg->addr_count == DNSMSG_MAX_ADDRS);
    for (size_t i = 0; i < msg->addr_count; i++)
        MUST(msg->addrs[i].af == (type == RR_A ? AF_INET : AF_INET6));
    for (size_t i = 0; i < msg->glue_count; i++)
        MUST(addr_is_set(&msg->glue[i]));
    for (size_t i = 0; i < msg->name_count; i++)
        MUST(fuzz_is_clean(msg->names[i], HOST_MAX));
    MUST(msg->ttl < 0x80000000u && msg->negative_ttl < 0x80000000u);
    MUST(msg->glue_count == 0 || msg->name_count > 0);
    MUST(fuzz_is_clean(msg->ns_owner, HOST_MAX) && fuzz_is_clean(msg->cname, HOST_MAX));
    MUST(fuzz_is_clean(msg->soa_owner, HOST_MAX) && fuzz_is_clean(msg->soa_mname, HOST_MAX));
}

static bool ask(const uint8_t *data, size_t size, const char *name, enum rrtype type)
{
    struct dnsmsg msg;
    memset(&msg, 0x5a, sizeof(msg));
    bool good = dnsmsg_parse(data, size, name, type, &msg);
    if (good)
        check(&msg, type);
    else
        MUST(is_zero(&msg));
    return good;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[HOST_MAX] = "";
    size_t end = question_name(data, size, name);
    unsigned type = end ? (unsigned)data[end] << 8 | data[end + 1] : 0;
    ask(data, size, name, (enum rrtype)type);
    for (enum rrtype other = RR_A; other <= RR_AAAA; other++)
        MUST(!ask(data, size, name, other) || other == type || end == 0);
    MUST(!ask(data, size, "never-asked-for.example", RR_A) || end == 0 ||
         strcmp(name, "never-asked-for.example") == 0);
    return 0;
}
