/* SPDX-License-Identifier: ISC
 *
 * Records and addresses for people: a block each, because three IPv6 addresses do not fit beside
 * each other on 80 columns.
 */
#include <inttypes.h>
#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/status_priv.h"

#define CANDIDATES_SHOWN 8

/* --- records ---------------------------------------------------------------------------------- */

static bool action_is(const json_t *record, const char *word)
{
    return strcmp(doc_get_text(record, "action"), word) == 0;
}

/* The state of a record in one or two words. */
static const char *record_word(const json_t *record, enum term_colour *colour)
{
    *colour = TERM_YELLOW;
    if (action_is(record, "halted")) {
        *colour = TERM_RED;
        return "halted";
    }
    if (!*doc_get_text(record, "wanted"))
        return *doc_get_text(record, "withdrawn") ? "no address, withdrawn" : "no address";
    if (status_true(record, "current")) {
        *colour = TERM_GREEN;
        return "in DNS";
    }
    if (status_true(record, "verifying"))
        return "accepted, not in DNS yet";
    if (action_is(record, "wait"))
        return status_int(record, "failures", 0) > 0 ? "failing" : "waiting";
    return action_is(record, "busy") ? "under way" : "pending";
}

const char *status_no_value(const json_t *record)
{
    return status_true(record, "absent") ? "none" : "not one address";
}

static void print_value(const struct page *page, const char *label, const char *value,
                        const char *note)
{
    fprintf(page->out, "    %-9s %s%s%s\n", label, *value ? value : "-", *note ? "  " : "", note);
}

/* "5m ago", or nothing when it is not known. */
static void append_ago(const struct page *page, char *note, size_t cap, const json_t *record,
                       const char *key)
{
    char ago[DURATION_LEN];
    int64_t wall_ms = status_int(record, key, 0);
    if (wall_ms > 0)
        str_append(note, cap, "%s%s ago", *note ? ", " : "", status_ago(page, wall_ms, ago));
}

static void print_sent(const struct page *page, const json_t *record)
{
    char note[64] = "";
    const char *text = doc_get_text(record, "last_text");
    const char *sent = doc_get_text(record, "sent");
    if (*sent)
        append_ago(page, note, sizeof note, record, "sent_at_ms");
    print_value(page, "sent", sent, note);
    if (*text) {
        char line[512] = "";
        str_append(line, sizeof line, "%s: %s", doc_get_text(record, "last_verdict"), text);
        fprintf(page->out, "    %-9s ", "answer");
        term_wrap(page->out, line, 14, STATUS_WIDTH);
    }
}

static void print_dns(const struct page *page, const json_t *record)
{
    char note[64] = "";
    int64_t ttl = status_int(record, "ttl", -1);
    bool known = status_true(record, "published_known");
    const char *shown = doc_get_text(record, "published");
    if (known && ttl >= 0)
        str_append(note, sizeof note, "TTL %" PRId64, ttl);
    if (known)
        append_ago(page, note, sizeof note, record, "looked_at_ms");
    if (known && status_int(record, "looks_failed", 0) > 0)
        str_append(note, sizeof note, "%sits servers do not answer now", *note ? "; " : "");
    print_value(page, "in DNS", known && !*shown ? status_no_value(record) : shown,
                known ? note : "not known yet");
    print_value(page, "verified", doc_get_text(record, "verified"),
                status_true(record, "authenticated") ? "DNSSEC verified by the resolver (AD)" : "");
    if (*doc_get_text(record, "evidence")) {
        fprintf(page->out, "    %-9s ", "evidence");
        term_wrap(page->out, doc_get_text(record, "evidence"), 14, STATUS_WIDTH);
    }
}

static void print_next(const struct page *page, const json_t *record)
{
    char line[512] = "", wait[DURATION_LEN];
    int64_t next_ms = status_int(record, "next_ms", -1);
    int64_t wait_ms = status_int(record, "wait_ms", -1);
    int64_t failures = status_int(record, "failures", 0);
    if (next_ms >= 0)
        str_append(line, sizeof line, "update in %s: ", duration_format(next_ms, wait));
    else if (wait_ms > 0)
        str_append(line, sizeof line, "look in %s: ", duration_format(wait_ms, wait));
    str_append(line, sizeof line, "%s", doc_get_text(record, "reason"));
    if (failures > 0)
        str_append(line, sizeof line, "; %" PRId64 " failed in a row", failures);
    fprintf(page->out, "    %-9s ", "next");
    term_wrap(page->out, line, 14, STATUS_WIDTH);
    if (*doc_get_text(record, "advice"))
        status_wrap(page, 4, doc_get_text(record, "advice"));
}

/* When the limits would let an update through, unless `next` says it already. */
static void print_allowed(const struct page *page, const json_t *record)
{
    char wait[DURATION_LEN];
    int64_t allowed_ms = status_int(record, "allowed_ms", 0);
    if (allowed_ms > 0 && status_int(record, "next_ms", -1) < 0)
        fprintf(page->out, "    %-9s an update in %s: %s\n", "allowed",
                duration_format(allowed_ms, wait), doc_get_text(record, "held_by"));
}

void status_records(const struct page *page, const json_t *records)
{
    size_t i;
    const json_t *record;
    if (json_array_size(records) == 0)
        return;
    status_heading(page, "Records");
    json_array_foreach(records, i, record)
    {
        enum term_colour colour;
        const char *word = record_word(record, &colour);
        fprintf(page->out, "  %s  %s  %s%s%s  by %s\n", doc_get_text(record, "fqdn"),
                status_family(record), term_start(colour, page->colour), word,
                term_end(page->colour), doc_get_text(record, "provider"));
        print_value(page, "wanted", doc_get_text(record, "wanted"), "");
        print_sent(page, record);
        print_dns(page, record);
        print_next(page, record);
        print_allowed(page, record);
    }
}

/* --- after `reachd update` -------------------------------------------------------------------- */

bool status_updates_settled(const json_t *reply)
{
    size_t i;
    const json_t *record;
    json_array_foreach(json_object_get(reply, "records"), i, record)
    {
        if (action_is(record, "look") || action_is(record, "busy") || action_is(record, "send") ||
            action_is(record, "verify"))
            return false;
    }
    return true;
}

static void say_update(char *text, size_t cap, const json_t *record)
{
    char wait[DURATION_LEN];
    const char *wanted = doc_get_text(record, "wanted");
    const char *shown = doc_get_text(record, "published");
    int64_t next_ms = status_int(record, "next_ms", -1);
    bool silent = status_int(record, "looks_failed", 0) > 0;
    if (action_is(record, "halted"))
        str_append(text, cap, "nothing is sent: %s", doc_get_text(record, "reason"));
    else if (next_ms > 0)
        str_append(text, cap, "%s goes out in %s: %s", wanted, duration_format(next_ms, wait),
                   doc_get_text(record, "reason"));
    else if (next_ms == 0)
        str_append(text, cap, "%s goes out now", wanted);
    else if (status_true(record, "current"))
        str_append(text, cap, "nothing to do, DNS %s %s%s", silent ? "showed" : "shows", wanted,
                   silent ? " when its servers answered last" : "");
    else
        str_append(text, cap, "%s", doc_get_text(record, "reason"));
    if (*shown && !status_true(record, "current"))
        str_append(text, cap, " (DNS shows %s)", shown);
    if (*doc_get_text(record, "last_text") && !status_true(record, "current"))
        str_append(text, cap, "; the last answer was %s: %s", doc_get_text(record, "last_verdict"),
                   doc_get_text(record, "last_text"));
}

void status_print_updates(FILE *out, const json_t *reply, bool colour)
{
    struct page page = {.out = out, .colour = colour};
    size_t i;
    const json_t *record;
    json_array_foreach(json_object_get(reply, "records"), i, record)
    {
        enum term_colour shade;
        char text[1024] = "";
        record_word(record, &shade);
        str_append(text, sizeof text, "%s %s: ", doc_get_text(record, "fqdn"),
                   status_family(record));
        say_update(text, sizeof text, record);
        fputs(term_start(shade, colour), out);
        status_wrap(&page, 0, text);
        fputs(term_end(colour), out);
        if (*doc_get_text(record, "advice"))
            status_wrap(&page, 4, doc_get_text(record, "advice"));
    }
}

/* --- addresses -------------------------------------------------------------------------------- */

/* That another section has another address is a finding; that it has the same is worth a word. */
static void print_cross(const struct page *page, const json_t *cross)
{
    char text[512] = "";
    bool differs = status_true(cross, "differs");
    const char *says = doc_get_text(cross, "says");
    if (!json_is_object(cross))
        return;
    str_append(text, sizeof text, "cross-check: '%s' %s%s%s", doc_get_text(cross, "with"),
               *says ? "says " : "has no address", says, differs ? ": " : "");
    if (differs)
        str_append(text, sizeof text, "%s", doc_get_text(cross, "cause"));
    fputs(term_start(differs ? TERM_YELLOW : TERM_PLAIN, page->colour), page->out);
    status_wrap(page, 4, text);
    fputs(term_end(page->colour), page->out);
    if (differs)
        status_wrap(page, 6, doc_get_text(cross, "advice"));
}

static void print_candidates(const struct page *page, const json_t *candidates)
{
    size_t i;
    const json_t *candidate;
    json_array_foreach(candidates, i, candidate)
    {
        char text[512] = "";
        const char *verdict = doc_get_text(candidate, "verdict");
        bool chosen = strcmp(verdict, "chosen") == 0;
        if (i == CANDIDATES_SHOWN) {
            fprintf(page->out, "    and %zu more\n", json_array_size(candidates) - i);
            return;
        }
        str_append(text, sizeof text, "%s/%" PRId64 " on %s: %s: %s",
                   doc_get_text(candidate, "address"), status_int(candidate, "prefix_len", 0),
                   doc_get_text(candidate, "interface"), verdict,
                   doc_get_text(candidate, "reason"));
        fputs(term_start(chosen ? TERM_GREEN : TERM_DIM, page->colour), page->out);
        fprintf(page->out, "    ");
        term_wrap(page->out, text, 6, STATUS_WIDTH);
        fputs(term_end(page->colour), page->out);
    }
}

void status_addresses(const struct page *page, const json_t *addresses)
{
    size_t i;
    const json_t *address;
    if (json_array_size(addresses) == 0)
        return;
    status_heading(page, "Addresses");
    json_array_foreach(addresses, i, address)
    {
        const char *chosen = doc_get_text(address, "chosen");
        const char *interface = doc_get_text(address, "interface");
        fprintf(page->out, "  %s  %s  %s%s%s  from %s%s%s\n", doc_get_text(address, "name"),
                status_family(address), term_start(*chosen ? TERM_GREEN : TERM_RED, page->colour),
                *chosen ? chosen : "none", term_end(page->colour), doc_get_text(address, "source"),
                *interface ? " " : "", interface);
        if (*doc_get_text(address, "reason"))
            status_wrap(page, 4, doc_get_text(address, "reason"));
        if (*doc_get_text(address, "advice"))
            status_wrap(page, 4, doc_get_text(address, "advice"));
        print_cross(page, json_object_get(address, "cross_check"));
        print_candidates(page, json_object_get(address, "candidates"));
    }
}
