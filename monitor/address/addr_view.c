/* SPDX-License-Identifier: ISC
 *
 * Renderings of a choice. An IPv6 address with its prefix takes up to 43 columns, so the reason
 * goes beside it only where that leaves room, else below.
 */
#include "monitor/address/addr_view.h"

#include <string.h>

#include "lib/doc.h"
#include "lib/str.h"
#include "lib/table.h"

#define INDENT     4
#define GAP        2
#define REASON_MIN 24 /* columns; with less it goes to a line of its own */

struct line {
    char address[ADDR_STRLEN + 4]; /* with /len */
    char link[IF_NAMESIZE];
};

const char *addr_view_verdict(const struct addr_choice *choice, size_t i)
{
    if (i == 0 && choice->chosen)
        return "chosen";
    switch (choice->candidates[i].fitness) {
    case ADDR_FIT:
        return "fit";
    case ADDR_NOT_SETTLED:
        return "settling";
    case ADDR_UNFIT:
        break;
    }
    return "unfit";
}

static json_t *candidate_json(const struct addr_choice *choice, size_t i)
{
    const struct addr_candidate *candidate = &choice->candidates[i];
    json_t *object = doc_object();
    doc_addr(object, "address", &candidate->addr.addr);
    doc_int(object, "prefix_len", candidate->addr.prefix_len);
    doc_addr(object, "peer", &candidate->addr.peer);
    doc_text(object, "interface", candidate->link);
    doc_text(object, "verdict", addr_view_verdict(choice, i));
    doc_text(object, "reason", candidate->reason);
    doc_text(object, "line", addr_line_word(candidate->line));
    uint32_t preferred_s = candidate->addr.preferred_s;
    doc_count(object, "preferred_s", preferred_s == UINT32_MAX ? -1 : (int64_t)preferred_s);
    return object;
}

json_t *addr_view_json(const struct addr_choice *choice)
{
    static const struct addr none;
    json_t *object = doc_object();
    json_t *candidates = doc_array();
    for (size_t i = 0; i < choice->count; i++)
        doc_push(candidates, candidate_json(choice, i));
    doc_addr(object, "chosen", choice->chosen ? &choice->candidates[0].addr.addr : &none);
    doc_text(object, "reason", choice->reason);
    doc_text(object, "advice", addr_line_advice(choice->line));
    doc_value(object, "candidates", candidates);
    doc_bool(object, "cut", choice->cut);
    return object;
}

static void make_line(const struct addr_candidate *candidate, struct line *line)
{
    char text[ADDR_STRLEN];
    line->address[0] = '\0';
    str_append(line->address, sizeof(line->address), "%s/%u",
               addr_format(&candidate->addr.addr, text), candidate->addr.prefix_len);
    /* The kernel lets escape sequences pass in a link's name. */
    str_printable(line->link, sizeof(line->link), candidate->link, strlen(candidate->link));
}

static enum term_colour colour_of(const struct addr_choice *choice, size_t i)
{
    if (i == 0 && choice->chosen)
        return TERM_GREEN;
    if (choice->candidates[i].fitness == ADDR_NOT_SETTLED)
        return TERM_YELLOW;
    return choice->candidates[i].fitness == ADDR_FIT ? TERM_PLAIN : TERM_DIM;
}

static void print_reason(FILE *out, const char *reason, int column, int width)
{
    if (column + REASON_MIN > width) {
        column = INDENT + GAP;
        fprintf(out, "\n%*s", column, "");
    } else {
        fprintf(out, "%*s", GAP, "");
    }
    term_wrap(out, reason, column, width);
}

static void widths(const struct addr_choice *choice, int *address, int *link)
{
    *address = 0;
    *link = 0;
    for (size_t i = 0; i < choice->count; i++) {
        struct line line;
        make_line(&choice->candidates[i], &line);
        int a = (int)strlen(line.address);
        int l = (int)strlen(line.link);
        *address = a > *address ? a : *address;
        *link = l > *link ? l : *link;
    }
}

void addr_view_print(FILE *out, enum family family, const struct addr_choice *choice, int width,
                     bool colour)
{
    int address_width;
    int link_width;
    widths(choice, &address_width, &link_width);
    int column = INDENT + address_width + GAP + link_width + GAP;
    fprintf(out, "%s%s%s  ", term_start(TERM_BOLD, colour), family_text(family), term_end(colour));
    term_wrap(out, choice->reason, 6, width);
    for (size_t i = 0; i < choice->count; i++) {
        struct line line;
        make_line(&choice->candidates[i], &line);
        enum term_colour shade = colour_of(choice, i);
        fprintf(out, "  %s%s %-*s  %-*s%s", term_start(shade, colour),
                i == 0 && choice->chosen ? "*" : " ", address_width, line.address, link_width,
                line.link, term_end(colour));
        print_reason(out, choice->candidates[i].reason, column, width);
    }
    if (choice->cut)
        fprintf(out, "    and more, not shown\n");
    if (*addr_line_advice(choice->line)) {
        fprintf(out, "%*s", INDENT, "");
        term_wrap(out, addr_line_advice(choice->line), INDENT, width);
    }
}
