/* SPDX-License-Identifier: ISC
 *
 * The page of `reachd status`: head, targets, hooks, events. Records and addresses:
 * status_records.c. Every value passes as it came: the daemon made it printable.
 */
#include "monitor/control/status.h"

#include <inttypes.h>
#include <string.h>

#include "lib/addr.h"
#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/status_priv.h"

#define DAY_MS INT64_C(86400000)

/* --- helpers ---------------------------------------------------------------------------------- */

int64_t status_int(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool status_true(const json_t *object, const char *key)
{
    return json_is_true(json_object_get(object, key));
}

const char *status_ago(const struct page *page, int64_t wall_ms, char buf[DURATION_LEN])
{
    int64_t ago_ms = page->now_ms - wall_ms;
    if (wall_ms <= 0)
        return "-";
    /* Parts of a second are no news here. */
    return duration_format(ago_ms < 1000 ? 0 : ago_ms / 1000 * 1000, buf);
}

const char *status_family(const json_t *object)
{
    enum family family;
    return family_from_word(doc_get_text(object, "family"), &family) ? family_text(family) : "-";
}

void status_wrap(const struct page *page, int indent, const char *text)
{
    fprintf(page->out, "%*s", indent, "");
    term_wrap(page->out, text, indent, STATUS_WIDTH);
}

void status_heading(const struct page *page, const char *text)
{
    fprintf(page->out, "\n%s%s%s\n", term_start(TERM_BOLD, page->colour), text,
            term_end(page->colour));
}

/* --- head ------------------------------------------------------------------------------------- */

static void print_head(const struct page *page, const json_t *status)
{
    char up[DURATION_LEN];
    const char *config = doc_get_text(status, "config");
    const char *error = doc_get_text(status, "reload_error");
    int64_t uptime_ms = status_int(status, "uptime_ms", 0) / 1000 * 1000;
    fprintf(page->out, "reachd %s, up %s, pid %" PRId64 "%s%s\n", doc_get_text(status, "version"),
            duration_format(uptime_ms, up), status_int(status, "pid", 0), *config ? ", " : "",
            config);
    if (*error) {
        char text[512] = "";
        str_append(text, sizeof text,
                   "The last reload was refused, the former configuration is in "
                   "effect: %s",
                   error);
        fputs(term_start(TERM_RED, page->colour), page->out);
        status_wrap(page, 0, text);
        fputs(term_end(page->colour), page->out);
    }
}

/* --- targets ---------------------------------------------------------------------------------- */

static enum term_colour state_colour(const json_t *side)
{
    const char *state = doc_get_text(side, "state");
    if (status_true(side, "flapping"))
        return TERM_YELLOW;
    if (strcmp(state, "up") == 0)
        return TERM_GREEN;
    if (strcmp(state, "down") == 0)
        return TERM_RED;
    return strcmp(state, "unknown") == 0 ? TERM_YELLOW : TERM_DIM;
}

static void append_ms(char *text, size_t cap, const json_t *side, const char *key)
{
    int64_t us = status_int(side, key, -1);
    str_append(text, cap, "%s", *text ? " / " : "");
    if (us < 0)
        str_append(text, cap, "-");
    else
        str_append(text, cap, "%.*f", us < 9950 ? 1 : 0, (double)us / 1000);
}

static void cell_cert(struct table *table, const struct page *page, const json_t *side)
{
    int64_t ends_ms = status_int(side, "cert_ends_ms", 0);
    if (ends_ms == 0)
        table_cell(table, TERM_PLAIN, "-");
    else
        table_cell(table, ends_ms - page->now_ms < 14 * DAY_MS ? TERM_YELLOW : TERM_PLAIN,
                   "%" PRId64 " d", (ends_ms - page->now_ms) / DAY_MS);
}

struct target_table {
    const struct page *page;
    struct table *table;
};

static void add_side(const char *who, enum family family, const json_t *side, void *arg)
{
    struct table *table = ((struct target_table *)arg)->table;
    const struct page *page = ((struct target_table *)arg)->page;
    char since[DURATION_LEN], times[64] = "";
    bool flapping = status_true(side, "flapping");
    append_ms(times, sizeof times, side, "dns_us");
    append_ms(times, sizeof times, side, "tcp_us");
    append_ms(times, sizeof times, side, "tls_us");
    table_row(table);
    table_cell(table, TERM_PLAIN, "%s", who);
    table_cell(table, TERM_PLAIN, "%s", family_text(family));
    table_cell(table, state_colour(side), "%s%s", doc_get_text(side, "state"),
               flapping                         ? ", flaps"
               : status_true(side, "unsettled") ? " ?"
                                                : "");
    table_cell(table, TERM_PLAIN, "%s", status_ago(page, status_int(side, "since_ms", 0), since));
    table_cell(table, TERM_DIM, "%s", times);
    cell_cert(table, page, side);
}

static void add_titles(struct table *table, const char *const *titles)
{
    table_row(table);
    for (; *titles; titles++)
        table_cell(table, TERM_DIM, "%s", *titles);
}

/* Something is amiss, or the last check failed and it is not yet known whether it lasts. */
static bool has_cause(const json_t *side)
{
    const char *cause = doc_get_text(side, "cause");
    return *cause && strcmp(doc_get_text(side, "state"), "not-published") != 0;
}

static void print_cause(const struct page *page, const char *who, enum family family,
                        const json_t *side)
{
    char text[1024] = "";
    const char *detail = doc_get_text(side, "detail"), *address = doc_get_text(side, "address");
    str_append(text, sizeof text, "%s over %s%s%s%s: %s: %s", who, family_text(family),
               *address ? " (" : "", address, *address ? ")" : "", doc_get_text(side, "cause"),
               doc_get_text(side, "text"));
    if (*detail)
        str_append(text, sizeof text, " (%s)", detail);
    status_wrap(page, 2, text);
}

typedef void side_fn(const char *who, enum family family, const json_t *side, void *arg);

static void each_side(const json_t *targets, side_fn *fn, void *arg)
{
    size_t i;
    const json_t *target;
    json_array_foreach(targets, i, target)
    {
        for (int f = 0; f < FAMILY_COUNT; f++) {
            const json_t *side = json_object_get(target, family_word((enum family)f));
            if (json_is_object(side))
                fn(doc_get_text(target, "label"), (enum family)f, side, arg);
        }
    }
}

struct causes {
    const struct page *page;
    const json_t *targets;
    const char *word; /* the cause that is told now */
    json_t *told;
};

static void print_if_cause(const char *who, enum family family, const json_t *side, void *arg)
{
    const struct causes *causes = arg;
    if (has_cause(side) && strcmp(doc_get_text(side, "cause"), causes->word) == 0)
        print_cause(causes->page, who, family, side);
}

/* A paragraph for each cause: all that it concerns, then the advice, once. */
static void print_causes_of(const char *who, enum family family, const json_t *side, void *arg)
{
    struct causes *causes = arg;
    (void)who;
    (void)family;
    causes->word = doc_get_text(side, "cause");
    if (!has_cause(side) || json_object_get(causes->told, causes->word))
        return;
    doc_bool(causes->told, causes->word, true);
    fputs("\n", causes->page->out);
    each_side(causes->targets, print_if_cause, causes);
    status_wrap(causes->page, 4, doc_get_text(side, "advice"));
}

static void print_causes(const struct page *page, const json_t *targets)
{
    struct causes causes = {.page = page, .targets = targets, .told = doc_object()};
    each_side(targets, print_causes_of, &causes);
    json_decref(causes.told);
}

/* What is odd about a target's zone, though it is found. */
static void print_remarks(const struct page *page, const json_t *targets)
{
    size_t i, k;
    const json_t *target, *remark;
    json_array_foreach(targets, i, target)
    {
        json_array_foreach(json_object_get(target, "remarks"), k, remark)
        {
            char text[1024] = "";
            const char *detail = doc_get_text(remark, "detail");
            str_append(text, sizeof text, "%s: %s: %s", doc_get_text(target, "label"),
                       doc_get_text(remark, "outcome"), doc_get_text(remark, "text"));
            if (*detail)
                str_append(text, sizeof text, " (%s)", detail);
            fputs("\n", page->out);
            status_wrap(page, 2, text);
            status_wrap(page, 4, doc_get_text(remark, "advice"));
        }
    }
}

static void print_targets(const struct page *page, const json_t *targets)
{
    static const char *const titles[] = {"target", "family", "state", "since", "dns / tcp / tls ms",
                                         "cert",   NULL};
    if (json_array_size(targets) == 0)
        return;
    status_heading(page, "Targets");
    struct table *table = table_new(page->colour);
    add_titles(table, titles);
    each_side(targets, add_side, &(struct target_table){.page = page, .table = table});
    table_print(table, page->out, 2);
    table_free(table);
    print_causes(page, targets);
    print_remarks(page, targets);
}

/* --- the own line --- */

/* Lines nobody had to look at yet are no news. */
static void print_uplinks(const struct page *page, const json_t *uplinks)
{
    size_t i;
    const json_t *line;
    bool any = false;
    json_array_foreach(uplinks, i, line)
    {
        char since[DURATION_LEN];
        const char *state = doc_get_text(line, "state"), *name = doc_get_text(line, "name");
        bool down = strcmp(state, "down") == 0, way = strcmp(name, "default") != 0;
        if (strcmp(state, "unknown") == 0)
            continue;
        if (!any)
            status_heading(page, "Own line");
        any = true;
        fprintf(page->out, "  %s%s%s  %s%s%s, since %s\n", status_family(line),
                way ? " by way of " : "", way ? name : "",
                term_start(down ? TERM_RED : TERM_GREEN, page->colour), state,
                term_end(page->colour), status_ago(page, status_int(line, "since_ms", 0), since));
    }
}

/* --- hooks and events ------------------------------------------------------------------------- */

static void print_hooks(const struct page *page, const json_t *hooks)
{
    static const char *const titles[] = {"hook",   "waiting", "running", "told",
                                         "failed", "last",    NULL};
    size_t i;
    const json_t *hook;
    if (json_array_size(hooks) == 0)
        return;
    status_heading(page, "Hooks");
    struct table *table = table_new(page->colour);
    add_titles(table, titles);
    json_array_foreach(hooks, i, hook)
    {
        const char *event = doc_get_text(hook, "last_event"), *end = doc_get_text(hook, "last_end");
        int64_t failed = status_int(hook, "failed", 0);
        table_row(table);
        table_cell(table, TERM_PLAIN, "%s", doc_get_text(hook, "name"));
        table_cell(table, TERM_PLAIN, "%" PRId64, status_int(hook, "waiting", 0));
        table_cell(table, TERM_PLAIN, "%" PRId64, status_int(hook, "running", 0));
        table_cell(table, TERM_PLAIN, "%" PRId64, status_int(hook, "told", 0));
        table_cell(table, failed ? TERM_YELLOW : TERM_PLAIN, "%" PRId64, failed);
        table_cell(table, TERM_PLAIN, "%s%s%s", *event ? event : "-", *end ? ": " : "", end);
    }
    table_print(table, page->out, 2);
    table_free(table);
}

static void print_events(const struct page *page, const json_t *events)
{
    size_t i;
    const json_t *event;
    if (json_array_size(events) == 0)
        return;
    status_heading(page, "Events, the newest first");
    json_array_foreach(events, i, event)
    {
        char when[CLOCK_TEXT_LEN];
        fprintf(page->out, "  %s  ", clock_format_local(status_int(event, "time_ms", 0), when));
        term_wrap(page->out, doc_get_text(event, "text"), 23, STATUS_WIDTH);
    }
}

void status_print(FILE *out, const json_t *status, bool colour, int64_t now_wall_ms)
{
    struct page page = {.out = out, .colour = colour, .now_ms = now_wall_ms};
    print_head(&page, status);
    print_targets(&page, json_object_get(status, "targets"));
    status_records(&page, json_object_get(status, "records"));
    status_addresses(&page, json_object_get(status, "addresses"));
    print_uplinks(&page, json_object_get(status, "uplinks"));
    print_hooks(&page, json_object_get(status, "hooks"));
    print_events(&page, json_object_get(status, "events"));
}

bool status_is_well(const json_t *status)
{
    size_t i;
    const json_t *item;
    json_array_foreach(json_object_get(status, "targets"), i, item)
    {
        for (int f = 0; f < FAMILY_COUNT; f++) {
            const json_t *side = json_object_get(item, family_word((enum family)f));
            if (strcmp(doc_get_text(side, "state"), "down") == 0 || status_true(side, "flapping"))
                return false;
        }
    }
    json_array_foreach(json_object_get(status, "uplinks"), i, item)
    {
        if (strcmp(doc_get_text(item, "state"), "down") == 0)
            return false;
    }
    json_array_foreach(json_object_get(status, "records"), i, item)
    {
        if (strcmp(doc_get_text(item, "action"), "halted") == 0)
            return false;
    }
    return true;
}
