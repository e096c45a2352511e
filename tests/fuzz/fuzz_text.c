/* SPDX-License-Identifier: ISC
 *
 * The small parsers of text that people and servers write: addresses, prefixes, host:port, URLs,
 * durations, dates. What parses must format to something that parses to the same.
 */
#include "lib/addr.h"
#include "lib/addr_special.h"
#include "lib/duration.h"
#include "lib/hostport.h"
#include "lib/str.h"
#include "monitor/address/addr_answer.h"
#include "probes/first_bytes.h"
#include "probes/http_date.h"
#include "probes/url.h"
#include "tests/fuzz/fuzz.h"

static void check_addr(const char *text)
{
    struct addr addr, again;
    struct prefix prefix;
    char buf[ADDR_STRLEN];
    if (addr_parse(text, &addr)) {
        MUST(addr_is_set(&addr));
        MUST(addr_parse(addr_format(&addr, buf), &again) && addr_equal(&addr, &again));
    }
    if (prefix_parse(text, &prefix)) {
        MUST(prefix.len <= 8 * addr_len(&prefix.addr));
        MUST(prefix_contains(&prefix, &prefix.addr));
    }
}

static void check_hostport(const char *text)
{
    struct hostport hp, again;
    if (hostport_parse(text, 443, &hp) != NULL)
        return;
    MUST(hp.host[0] && hp.port > 0 && fuzz_is_clean(hp.host, sizeof(hp.host)));
    MUST(addr_is_set(&hp.literal) || host_is_valid(hp.host));
    MUST(hostport_parse(hp.host, hp.port, &again) == NULL);
    MUST(strcmp(hp.host, again.host) == 0 && addr_equal(&hp.literal, &again.literal));
    MUST(again.port == hp.port);
}

static void check_url(const char *text)
{
    struct url url;
    if (url_parse(text, &url) != NULL)
        return;
    MUST(url.host[0] && url.port > 0 && url.target[0] == '/');
    MUST(fuzz_is_clean(url.host, sizeof(url.host)) &&
         fuzz_is_clean(url.target, sizeof(url.target)));
    MUST(!strpbrk(url.target, " #")); /* would end the request line's target */
    MUST(addr_is_set(&url.literal) || host_is_valid(url.host));
}

static void check_encoding(const char *text)
{
    struct buf buf;
    buf_init(&buf, 1 << 20);
    if (url_encode(&buf, text))
        MUST(!strpbrk(buf_text(&buf), "&=?#/ \r\n\"<>+"));
    buf_clear(&buf);
}

static void check_times(const char *text)
{
    int64_t ms = -7;
    char buf[DURATION_LEN];
    if (duration_parse(text, &ms)) {
        MUST(ms >= 0 && ms <= INT64_C(10) * 366 * 24 * 3600 * 1000);
        MUST(fuzz_is_clean(duration_format(ms, buf), sizeof(buf)));
    } else {
        MUST(ms == -7);
    }
    ms = -7;
    if (!http_date_parse(text, &ms))
        MUST(ms == -7);
}

static void check_printable(const char *text, size_t size)
{
    char out[64];
    for (size_t cap = 1; cap <= sizeof(out); cap += 9) {
        memset(out, 1, sizeof(out));
        MUST(fuzz_is_clean(str_printable(out, cap, text, size), cap));
    }
}

/* An address echo's answer, and a greeting where TLS was expected. */
static void check_answers(const char *text, size_t size)
{
    char why[160];
    for (unsigned family = 0; family < FAMILY_COUNT; family++) {
        const struct config_address section = {.family = (enum family)family};
        struct addr addr = {.af = AF_UNSPEC};
        if (addr_answer_read(text, size, &section, &addr, why, sizeof(why)))
            MUST(addr_family(&addr) == family && !addr_special_find(&addr));
        else
            MUST(!addr_is_set(&addr) && why[0] && fuzz_is_clean(why, sizeof(why)));
    }
    if (size > 0 && size <= FIRST_BYTES_LEN) {
        first_bytes_are_tls(text, size);
        first_bytes_describe(text, size, why, sizeof(why));
        MUST(why[0] && fuzz_is_clean(why, sizeof(why)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    check_addr(text);
    check_hostport(text);
    check_url(text);
    check_encoding(text);
    check_times(text);
    check_printable(text, size);
    check_answers(text, size);
    free(text);
    return 0;
}
