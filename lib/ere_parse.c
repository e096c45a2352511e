/* SPDX-License-Identifier: ISC
 *
 * Reading an expression (see ere.h) into steps. Jumps are relative, so that a piece can be moved to
 * make room for what repeats it.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/ere_priv.h"
#include "lib/mem.h"
#include "lib/str.h"

struct parse {
    struct ere *ere;
    const char *at, *end;
    const char *problem; /* the first */
};

static void parse_alternatives(struct parse *p);

static void refuse(struct parse *p, const char *problem)
{
    if (!p->problem)
        p->problem = problem;
    p->at = p->end; /* nothing more is read */
}

static bool take(struct parse *p, char c)
{
    if (p->at == p->end || *p->at != c)
        return false;
    p->at++;
    return true;
}

static uint32_t take_char(struct parse *p)
{
    size_t len;
    uint32_t c = ere_char_at(p->at, (size_t)(p->end - p->at), &len);
    p->at += len;
    return c;
}

/* --- steps --- */

static struct ere_step *add_step(struct parse *p, enum ere_op op, uint32_t value)
{
    static struct ere_step spare;
    if (p->ere->step_count == ERE_MAX_STEPS) {
        refuse(p, "the expression is too long");
        return &spare;
    }
    struct ere_step *step = &p->ere->steps[p->ere->step_count++];
    *step = (struct ere_step){.op = (uint8_t)op, .value = value};
    return step;
}

/* Room for a split in front of the steps from `start` on. */
static void insert_split(struct parse *p, size_t start, int first, int second)
{
    struct ere_step *steps = p->ere->steps;
    size_t count = p->ere->step_count - start;
    add_step(p, ERE_SPLIT, 0);
    if (p->problem)
        return;
    memmove(&steps[start + 1], &steps[start], count * sizeof *steps);
    steps[start] = (struct ere_step){.op = ERE_SPLIT, .to = {(int16_t)first, (int16_t)second}};
}

/* A split both of whose ways are the same is a jump. */
static void add_jump(struct parse *p, int to, int or_to)
{
    struct ere_step *step = add_step(p, ERE_SPLIT, 0);
    step->to[0] = (int16_t)to;
    step->to[1] = (int16_t)or_to;
}

/* --- sets --- */

static void add_range(struct parse *p, struct ere_set *set, uint32_t low, uint32_t high)
{
    struct ere *ere = p->ere;
    if (ere->range_count == ERE_MAX_RANGES) {
        refuse(p, "there are too many characters in brackets");
        return;
    }
    ere->ranges[ere->range_count++] = (struct ere_range){low, high};
    set->count++;
}

static const struct {
    const char *name;
    const char *ranges; /* pairs */
} classes[] = {
    {"alpha", "AZaz"},    {"digit", "09"},
    {"alnum", "09AZaz"},  {"upper", "AZ"},
    {"lower", "az"},      {"blank", "  \t\t"},
    {"space", "  \t\r"},  {"punct", "!/:@[`{~"},
    {"xdigit", "09AFaf"}, {"cntrl", "\1\037\177\177"},
    {"print", " ~"},      {"graph", "!~"},
    {"word", "09AZaz__"},
};

static bool add_class(struct parse *p, struct ere_set *set, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        if (strlen(classes[i].name) != len || memcmp(classes[i].name, name, len) != 0)
            continue;
        for (const char *r = classes[i].ranges; *r; r += 2)
            add_range(p, set, (unsigned char)r[0], (unsigned char)r[1]);
        return true;
    }
    return false;
}

static struct ere_set *add_set(struct parse *p, bool negated)
{
    static struct ere_set spare;
    struct ere *ere = p->ere;
    if (ere->set_count == ERE_MAX_SETS) {
        refuse(p, "there are too many brackets");
        return &spare;
    }
    add_step(p, ERE_SET, (uint32_t)ere->set_count);
    struct ere_set *set = &ere->sets[ere->set_count++];
    *set = (struct ere_set){.negated = negated, .first = (uint16_t)ere->range_count};
    return set;
}

/* "[:alpha:]" within brackets; p->at stands at its "[". False: it is an ordinary character. */
static bool parse_class(struct parse *p, struct ere_set *set)
{
    size_t left = (size_t)(p->end - p->at);
    const char *name = p->at + 2;
    if (left < 2 || !strchr(":=.", p->at[1]) || p->at[1] == '\0')
        return false;
    const char *close = left > 4 ? memmem(name, left - 2, ":]", 2) : NULL;
    if (p->at[1] != ':' || !close || !add_class(p, set, name, (size_t)(close - name))) {
        refuse(p, "in brackets there is no such class; there are [:alpha:], [:digit:], [:space:] "
                  "and the like");
        return true;
    }
    p->at = close + 2;
    return true;
}

/* One character, or a range of them. */
static void parse_members(struct parse *p, struct ere_set *set)
{
    if (*p->at == '[' && parse_class(p, set))
        return;
    uint32_t low = take_char(p), high = low;
    if (p->end - p->at >= 2 && p->at[0] == '-' && p->at[1] != ']') {
        p->at++;
        high = take_char(p);
    }
    if (high < low)
        refuse(p, "a range in brackets begins with the smaller character");
    else
        add_range(p, set, low, high);
}

static void parse_set(struct parse *p)
{
    struct ere_set *set = add_set(p, take(p, '^'));
    bool first = true;
    while (p->at < p->end && (first || *p->at != ']')) {
        parse_members(p, set);
        first = false;
    }
    if (!take(p, ']'))
        refuse(p, "the closing ']' is missing");
}

/* --- pieces --- */

static void parse_escape(struct parse *p)
{
    if (p->at == p->end) {
        refuse(p, "there is nothing behind the last '\\'");
        return;
    }
    char c = *p->at;
    bool word = c == 'w' || c == 'W';
    if (word || c == 's' || c == 'S')
        add_class(p, add_set(p, c == 'W' || c == 'S'), word ? "word" : "space", word ? 4 : 5);
    else if (c == 'b' || c == 'B')
        add_step(p, c == 'b' ? ERE_EDGE : ERE_NO_EDGE, 0);
    else if (ere_is_word((unsigned char)c) || strchr("<>`'", c))
        refuse(p, "behind '\\' stands a character to be taken as it is, or one of w W s S b B");
    else {
        add_step(p, ERE_CHAR, take_char(p));
        return;
    }
    if (p->at < p->end)
        p->at++;
}

static void parse_group(struct parse *p)
{
    parse_alternatives(p);
    if (!take(p, ')'))
        refuse(p, "the closing ')' is missing");
}

static void parse_atom(struct parse *p)
{
    if (take(p, '('))
        parse_group(p);
    else if (take(p, '['))
        parse_set(p);
    else if (take(p, '.'))
        add_step(p, ERE_ANY, 0);
    else if (take(p, '^'))
        add_step(p, ERE_BEGIN, 0);
    else if (take(p, '$'))
        add_step(p, ERE_END, 0);
    else if (take(p, '\\'))
        parse_escape(p);
    else if (strchr("*+?", *p->at))
        refuse(p, "there is nothing in front of a '*', '+' or '?' to be repeated");
    else if (*p->at == '{')
        refuse(p, "repetitions with numbers ({2,5}) are not supported; a plain one is \\{");
    else
        add_step(p, ERE_CHAR, take_char(p));
}

/* An atom and what repeats it. */
static void parse_piece(struct parse *p)
{
    size_t start = p->ere->step_count;
    parse_atom(p);
    while (p->at < p->end && strchr("*+?", *p->at)) {
        char how = *p->at++;
        int len = (int)(p->ere->step_count - start);
        if (how == '+') {
            add_jump(p, -len, 1);
            continue;
        }
        insert_split(p, start, 1, how == '*' ? len + 2 : len + 1);
        if (how == '*')
            add_jump(p, -len - 1, -len - 1);
    }
}

static void parse_sequence(struct parse *p)
{
    while (p->at < p->end && *p->at != '|' && *p->at != ')')
        parse_piece(p);
}

/* "a|b|c": each split in front of one leads behind it, to the next. */
static void parse_alternatives(struct parse *p)
{
    size_t start = p->ere->step_count;
    parse_sequence(p);
    if (!take(p, '|'))
        return;
    insert_split(p, start, 1, (int)(p->ere->step_count - start) + 2);
    size_t jump = p->ere->step_count;
    add_jump(p, 0, 0);
    parse_alternatives(p);
    int len = (int)(p->ere->step_count - jump);
    if (!p->problem)
        p->ere->steps[jump].to[0] = p->ere->steps[jump].to[1] = (int16_t)len;
}

struct ere *ere_new(const char *expression, const char **problem)
{
    struct parse p = {.at = expression, .end = expression + strlen(expression)};
    p.ere = mem_zalloc(sizeof *p.ere);
    if (p.at == p.end || p.end - p.at > ERE_MAX)
        refuse(&p, "a regular expression has 1 to 256 bytes");
    parse_alternatives(&p);
    if (p.at < p.end)
        refuse(&p, "there is a ')' without its '('; a plain one is \\)");
    add_step(&p, ERE_MATCH, 0);
    *problem = p.problem;
    if (!p.problem)
        return p.ere;
    ere_free(p.ere);
    return NULL;
}

void ere_free(struct ere *ere)
{
    free(ere);
}
