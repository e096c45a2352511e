/* SPDX-License-Identifier: ISC
 *
 * The text of a zone (see zone_text.h). Owns: what a line is. Both kinds of line ending are met; a
 * line is split at spaces and tabs, and one that is no record of ours is never looked at again.
 */
#include "ddns/zone_text.h"

#include <string.h>

#include "lib/addr.h"
#include "lib/str.h"

#define BLANK " \t"

struct piece {
    const char *at;
    size_t len;
};

struct line {
    struct piece whole; /* with its ending */
    struct piece type, host, value;
};

static struct piece next_word(const char **at, const char *end)
{
    const char *from = *at;
    while (from < end && strchr(BLANK, *from))
        from++;
    const char *to = from;
    while (to < end && !strchr(BLANK, *to))
        to++;
    *at = to;
    return (struct piece){from, (size_t)(to - from)};
}

/* The line at *text, which moves behind it; false at the end. */
static bool next_line(const char **text, struct line *line)
{
    const char *at = *text;
    if (!*at)
        return false;
    size_t len = strcspn(at, "\r\n");
    const char *end = at + len, *behind = end;
    behind += *behind == '\r';
    behind += *behind == '\n';
    *line = (struct line){.whole = {at, (size_t)(behind - at)}};
    line->type = next_word(&at, end);
    line->host = next_word(&at, end);
    line->value = next_word(&at, end);
    *text = behind;
    return true;
}

static bool is_word(struct piece piece, const char *word)
{
    char text[256];
    return piece.len == strlen(word) && str_ncopy(text, sizeof text, piece.at, piece.len) &&
           str_equal_nocase(text, word);
}

static bool is_record(const struct line *line, const char *type, const char *host)
{
    return is_word(line->type, type) && is_word(line->host, host);
}

static bool shows(const struct line *line, const char *address)
{
    char text[ADDR_STRLEN];
    struct addr shown, wanted;
    return str_ncopy(text, sizeof text, line->value.at, line->value.len) &&
           addr_parse(text, &shown) && addr_parse(address, &wanted) && addr_equal(&shown, &wanted);
}

size_t zone_text_count(const char *text)
{
    struct line line;
    size_t count = 0;
    while (next_line(&text, &line))
        count += line.type.len > 0 && !strchr("#;", line.type.at[0]);
    return count;
}

enum zone_text_found zone_text_find(const char *text, const char *type, const char *host,
                                    const char *address)
{
    enum zone_text_found found = ZONE_TEXT_ABSENT;
    struct line line;
    while (next_line(&text, &line)) {
        if (is_record(&line, "CNAME", host))
            return ZONE_TEXT_ALIAS;
        if (!is_record(&line, type, host))
            continue;
        if (found != ZONE_TEXT_ABSENT)
            found = ZONE_TEXT_SEVERAL;
        else
            found = shows(&line, address) ? ZONE_TEXT_SAME : ZONE_TEXT_OTHER;
    }
    return found;
}

/* All of the line but its value, in whose place the address comes. */
static bool put_replaced(struct buf *out, const struct line *line, const char *address)
{
    const char *end = line->whole.at + line->whole.len;
    const char *tail = line->value.at + line->value.len;
    return buf_append(out, line->whole.at, (size_t)(line->value.at - line->whole.at)) &&
           (line->value.len > 0 || buf_append(out, " ", 1)) &&
           buf_append(out, address, strlen(address)) && buf_append(out, tail, (size_t)(end - tail));
}

static bool put_new(struct buf *out, const char *text, const char *type, const char *host,
                    const char *address)
{
    size_t first = strcspn(text, "\r\n"), len = strlen(text);
    const char *ending = strncmp(text + first, "\r\n", 2) == 0 ? "\r\n" : "\n";
    bool ended = len == 0 || text[len - 1] == '\n' || text[len - 1] == '\r';
    const char *lower = str_equal_nocase(type, "AAAA") ? "aaaa" : "a";
    return (ended || buf_append(out, ending, strlen(ending))) &&
           buf_printf(out, "%s %s %s", lower, host, address) &&
           (!ended || buf_append(out, ending, strlen(ending)));
}

bool zone_text_set(const char *text, const char *type, const char *host, const char *address,
                   struct buf *out)
{
    const char *at = text;
    struct line line;
    bool good = true, replaced = false;
    while (good && next_line(&at, &line)) {
        bool ours = !replaced && is_record(&line, type, host);
        good = ours ? put_replaced(out, &line, address)
                    : buf_append(out, line.whole.at, line.whole.len);
        replaced = replaced || ours;
    }
    return good && (replaced || put_new(out, text, type, host, address));
}

bool zone_text_remove(const char *text, const char *type, const char *host, struct buf *out)
{
    const char *at = text;
    struct line line;
    bool good = true, removed = false;
    while (good && next_line(&at, &line)) {
        bool ours = !removed && is_record(&line, type, host);
        good = ours || buf_append(out, line.whole.at, line.whole.len);
        removed = removed || ours;
    }
    return good;
}
