/* SPDX-License-Identifier: ISC
 *
 * Layout of a check in one line. Details were made printable where they were received.
 */
#include "monitor/target/check_line.h"

#include <inttypes.h>

#include "lib/str.h"
#include "lib/table.h"
#include "monitor/probe/probe_text.h"
#include "monitor/target/target_notice.h"

#define DAY_MS INT64_C(86400000)

struct painter {
    const struct config_target *target;
    bool colour;
    int64_t now_ms;
    void (*fn)(const char *line, void *arg);
    void *arg;
};

/* Not published, and nobody asked for it. */
static bool is_absent(const struct painter *p, enum family f, enum outcome outcome)
{
    return outcome == OUTCOME_DNS_NODATA && !p->target->require[f];
}

static void begin(const struct painter *p, enum family f, char line[CHECK_LINE_LEN])
{
    char who[TARGET_LABEL_LEN];
    line[0] = '\0';
    str_append(line, CHECK_LINE_LEN, "%s  %s", target_label(p->target, who), family_text(f));
}

static void append_word(const struct painter *p, char *line, const char *word,
                        enum term_colour colour)
{
    str_append(line, CHECK_LINE_LEN, "  %s%s%s", term_start(colour, p->colour), word,
               term_end(p->colour));
}

static void append_ms(char *line, const char *label, int64_t us)
{
    if (us >= 0)
        str_append(line, CHECK_LINE_LEN, "  %s %.*f ms", label, us < 9950 ? 1 : 0,
                   (double)us / 1000);
}

static void append_cert(const struct painter *p, char *line, const struct cert_facts *cert)
{
    if (!cert || cert->chain_count == 0)
        return;
    int64_t left_ms = cert_facts_ends_ms(cert) - p->now_ms;
    bool soon = left_ms < p->target->cert_warn_ms;
    int64_t days = left_ms / DAY_MS;
    str_append(line, CHECK_LINE_LEN, "  %scert %" PRId64 " day%s%s",
               term_start(soon ? TERM_YELLOW : TERM_PLAIN, p->colour), days, days == 1 ? "" : "s",
               term_end(p->colour && soon));
}

static void append_cause(char *line, enum outcome outcome, const char *detail)
{
    if (outcome == OUTCOME_OK)
        return;
    str_append(line, CHECK_LINE_LEN, "  %s", outcome_info(outcome)->text);
    if (*detail)
        str_append(line, CHECK_LINE_LEN, " (%s)", detail);
}

static void paint_address(const struct painter *p, enum family f, int64_t dns_us,
                          const struct probe_result *result)
{
    char line[CHECK_LINE_LEN], addr[ADDR_STRLEN];
    begin(p, f, line);
    str_append(line, sizeof line, " %s", addr_format(&result->addr, addr));
    append_word(p, line, outcome_word(result->outcome), probe_text_colour(result->outcome));
    append_ms(line, "dns", dns_us);
    append_ms(line, "tcp", result->tcp_us);
    append_ms(line, "tls", result->tls_us);
    probe_result_brief(result, line, sizeof line);
    append_cert(p, line, result->cert);
    append_cause(line, result->outcome, result->detail);
    p->fn(line, p->arg);
}

static void paint_family(const struct painter *p, enum family f, const struct round_family *family)
{
    char line[CHECK_LINE_LEN];
    for (size_t i = 0; i < family->count; i++)
        paint_address(p, f, family->dns_us, &family->results[i]);
    if (family->count > 0)
        return;
    enum outcome outcome = round_family_outcome(family);
    begin(p, f, line);
    if (is_absent(p, f, outcome)) {
        append_word(p, line, "not published", TERM_DIM);
        append_ms(line, "dns", family->dns_us);
    } else {
        append_word(p, line, outcome_word(outcome), probe_text_colour(outcome));
        append_ms(line, "dns", family->dns_us);
        append_cause(line, outcome, family->dns_detail);
    }
    p->fn(line, p->arg);
}

void check_lines(const struct config_target *target, const struct round_result *result, bool colour,
                 int64_t now_wall_ms, void (*fn)(const char *line, void *arg), void *arg)
{
    struct painter p = {
        .target = target, .colour = colour, .now_ms = now_wall_ms, .fn = fn, .arg = arg};
    for (int f = 0; f < FAMILY_COUNT; f++)
        if (result->families[f].asked)
            paint_family(&p, (enum family)f, &result->families[f]);
}
