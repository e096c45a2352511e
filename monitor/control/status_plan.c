/* SPDX-License-Identifier: ISC
 *
 * `reachd update --dry-run` and `--force` for people: of each family of a record what is known,
 * what would be sent and why, and what holds it back until when. And the exit status of both. Not
 * its job: the records of `reachd status` (status_records.c).
 */
#include <string.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/status_priv.h"

#define LABEL_WIDTH 12

static void print_line(const struct page *page, const char *label, const char *text)
{
    fprintf(page->out, "  %-*s", LABEL_WIDTH - 2, label);
    term_wrap(page->out, text, LABEL_WIDTH, STATUS_WIDTH);
}

static void print_address(const struct page *page, const json_t *record)
{
    char text[256] = "";
    const char *wanted = doc_get_text(record, "wanted");
    const char *section = doc_get_text(record, "address");
    str_append(text, sizeof text, "%s", *wanted ? wanted : "none");
    if (*section)
        str_append(text, sizeof text, ", of address \"%s\"", section);
    print_line(page, "address", text);
}

static void print_known(const struct page *page, const json_t *record)
{
    char text[512] = "", ago[DURATION_LEN];
    const char *shown = doc_get_text(record, "published");
    int64_t looked_ms = status_int(record, "looked_at_ms", 0);
    if (!status_true(record, "published_known"))
        str_append(text, sizeof text, "not known yet");
    else
        str_append(text, sizeof text, "%s", *shown ? shown : status_no_value(record));
    if (status_true(record, "published_known") && looked_ms > 0)
        str_append(text, sizeof text, ", looked at %s ago", status_ago(page, looked_ms, ago));
    print_line(page, "in DNS", text);
    const char *sent = doc_get_text(record, "sent");
    int64_t sent_ms = status_int(record, "sent_at_ms", 0);
    if (!*sent || sent_ms <= 0)
        return;
    text[0] = '\0';
    str_append(text, sizeof text, "%s, %s ago", sent, status_ago(page, sent_ms, ago));
    print_line(page, "accepted", text);
}

static bool is_held(const json_t *plan)
{
    return json_array_size(json_object_get(plan, "holds")) > 0;
}

static void print_due(const struct page *page, const json_t *plan)
{
    char text[512] = "";
    if (!status_true(plan, "due"))
        str_append(text, sizeof text, "nothing: %s", doc_get_text(plan, "why"));
    else
        str_append(text, sizeof text, "%s%s%s: %s",
                   *doc_get_text(plan, "withdraw") ? "withdrawal of " : "",
                   *doc_get_text(plan, "withdraw") ? doc_get_text(plan, "withdraw")
                                                   : doc_get_text(plan, "value"),
                   is_held(plan) ? "" : " now", doc_get_text(plan, "why"));
    print_line(page, "to send", text);
}

/* What holds back nothing is not worth a line, but a halt. */
static bool is_told(const json_t *plan, const json_t *hold)
{
    const char *by = doc_get_text(hold, "by");
    return status_true(plan, "due") || strcmp(by, "halted") == 0 || strcmp(by, "refused") == 0;
}

/* "provider's gap, until 2026-11-24 17:15:30 (42s)" */
static void print_hold(const struct page *page, const json_t *hold)
{
    char text[512] = "", when[CLOCK_TEXT_LEN], wait[DURATION_LEN];
    int64_t until_ms = status_int(hold, "until_ms", 0);
    str_append(text, sizeof text, "%s", doc_get_text(hold, "reason"));
    if (until_ms > 0)
        str_append(text, sizeof text, ", until %s (%s)", clock_format_local(until_ms, when),
                   duration_format(status_int(hold, "left_ms", 0), wait));
    print_line(page, "held back", text);
}

static void print_plan(const struct page *page, const json_t *record)
{
    size_t i;
    const json_t *hold, *plan = json_object_get(record, "plan");
    bool due = status_true(plan, "due"), halted = status_true(record, "halted");
    enum term_colour colour = halted                                    ? TERM_RED
                              : due || !*doc_get_text(record, "wanted") ? TERM_YELLOW
                                                                        : TERM_GREEN;
    fprintf(page->out, "%s%s  %s%s  %s, by %s\n", term_start(colour, page->colour),
            doc_get_text(record, "fqdn"), status_family(record), term_end(page->colour),
            doc_get_text(record, "name"), doc_get_text(record, "provider"));
    print_address(page, record);
    print_known(page, record);
    print_due(page, plan);
    json_array_foreach(json_object_get(plan, "holds"), i, hold)
    {
        if (is_told(plan, hold))
            print_hold(page, hold);
    }
    if (*doc_get_text(record, "advice"))
        print_line(page, "", doc_get_text(record, "advice"));
}

void status_print_plans(FILE *out, const json_t *reply, bool colour, int64_t now_wall_ms)
{
    struct page page = {.out = out, .colour = colour, .now_ms = now_wall_ms};
    size_t i;
    const json_t *record;
    json_array_foreach(json_object_get(reply, "records"), i, record) print_plan(&page, record);
}

/* Only an event ends it, and that is no other request. */
static bool is_stopped(const json_t *record, bool forced)
{
    size_t i;
    const json_t *hold;
    json_array_foreach(json_object_get(json_object_get(record, "plan"), "holds"), i, hold)
    {
        const char *by = doc_get_text(hold, "by");
        bool no_address = strcmp(by, "no-address") == 0;
        if (strcmp(by, "halted") == 0 || strcmp(by, "refused") == 0 || (forced && no_address))
            return true;
    }
    return false;
}

int status_plans_exit(const json_t *reply, bool forced, bool dry_run)
{
    size_t i;
    const json_t *record;
    bool held = false, due = false;
    json_array_foreach(json_object_get(reply, "records"), i, record)
    {
        const json_t *plan = json_object_get(record, "plan");
        if (is_stopped(record, forced))
            return 1;
        due = due || status_true(plan, "due");
        held = held || (status_true(plan, "due") && is_held(plan));
    }
    if (held)
        return STATUS_PLAN_HELD;
    return due && dry_run ? STATUS_PLAN_DUE : 0;
}
