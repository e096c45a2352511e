/* SPDX-License-Identifier: ISC
 *
 * Text for people on a terminal. Owns: widths, colours, wrapping. Not its job: what is said.
 */
#include "lib/table.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"

struct cell {
    char *text;
    enum term_colour colour;
    size_t width; /* columns on the terminal */
};

struct row {
    struct cell *cells;
    size_t count;
};

struct table {
    struct row *rows;
    size_t count;
    size_t columns; /* cells in the longest row */
    bool colour;
};

bool term_can_draw(void)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0;
}

bool term_wants_colour(int fd)
{
    const char *no_color = getenv("NO_COLOR");
    if (no_color && *no_color) /* no-color.org: empty counts as unset */
        return false;
    return isatty(fd) && term_can_draw();
}

int term_width(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

int term_height(int fd)
{
    struct winsize size;
    if (!isatty(fd) || ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_row == 0)
        return 24;
    return size.ws_row;
}

const char *term_start(enum term_colour colour, bool enabled)
{
    static const char *const codes[] = {
        [TERM_PLAIN] = "\033[0m",   [TERM_GREEN] = "\033[32m", [TERM_RED] = "\033[31m",
        [TERM_YELLOW] = "\033[33m", [TERM_DIM] = "\033[2m",    [TERM_BOLD] = "\033[1m",
    };
    return enabled ? codes[colour] : "";
}

const char *term_end(bool enabled)
{
    return enabled ? "\033[0m" : "";
}

/* --- width --- */

struct range {
    uint32_t first, last;
};

static bool in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    return false;
}

/* Not wcwidth: it depends on a locale, and musl and glibc disagree. The blocks that a name or a
 * message can hold are enough. */
static size_t code_width(uint32_t code)
{
    static const struct range zero[] = {{0x300, 0x36f},   {0x200b, 0x200d}, {0x20d0, 0x20ff},
                                        {0x3099, 0x309a}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}};
    static const struct range wide[] = {{0x1100, 0x115f},   {0x2e80, 0x303e},   {0x3041, 0xa4cf},
                                        {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
                                        {0xfe30, 0xfe6f},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
                                        {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
                                        {0x20000, 0x3fffd}};
    if (code < 0x300)
        return 1;
    if (in_ranges(code, zero, sizeof(zero) / sizeof(zero[0])))
        return 0;
    return in_ranges(code, wide, sizeof(wide) / sizeof(wide[0])) ? 2 : 1;
}

/* Of valid UTF-8, which str_printable made sure of. */
static size_t text_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len;) {
        unsigned char lead = (unsigned char)text[i++];
        uint32_t code = lead < 0x80   ? lead
                        : lead < 0xe0 ? lead & 0x1fu
                        : lead < 0xf0 ? lead & 0x0fu
                                      : lead & 0x07u;
        while (i < len && ((unsigned char)text[i] & 0xc0) == 0x80)
            code = code << 6 | ((unsigned char)text[i++] & 0x3fu);
        width += code_width(code);
    }
    return width;
}

/* A copy that is safe to print; every replacement is at most as long as what it replaces. */
static char *printable_copy(const char *text, size_t len)
{
    return str_printable(mem_array(len + 1, 1), len + 1, text, len);
}

static void put_spaces(FILE *out, size_t count)
{
    while (count-- > 0)
        putc(' ', out);
}

/* --- table --- */

struct table *table_new(bool colour)
{
    struct table *table = mem_zalloc(sizeof(*table));
    table->colour = colour;
    return table;
}

void table_free(struct table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++) {
        for (size_t j = 0; j < table->rows[i].count; j++)
            free(table->rows[i].cells[j].text);
        free(table->rows[i].cells);
    }
    free(table->rows);
    free(table);
}

void table_row(struct table *table)
{
    table->rows = mem_regrow(table->rows, table->count + 1, sizeof(*table->rows));
    table->rows[table->count++] = (struct row){0};
}

static void add_cell(struct table *table, struct cell cell)
{
    if (table->count == 0)
        table_row(table);
    struct row *row = &table->rows[table->count - 1];
    row->cells = mem_regrow(row->cells, row->count + 1, sizeof(*row->cells));
    row->cells[row->count++] = cell;
    if (row->count > table->columns)
        table->columns = row->count;
}

void table_cell(struct table *table, enum term_colour colour, const char *fmt, ...)
{
    char *raw = NULL;
    va_list args;
    va_start(args, fmt);
    int len = vasprintf(&raw, fmt, args);
    va_end(args);
    char *text = len < 0 ? mem_strdup("") : printable_copy(raw, (size_t)len);
    if (len >= 0)
        free(raw);
    add_cell(table, (struct cell){text, colour, text_width(text, strlen(text))});
}

static void measure(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->count; i++) {
        const struct row *row = &table->rows[i];
        for (size_t j = 0; j < row->count; j++)
            if (row->cells[j].width > widths[j])
                widths[j] = row->cells[j].width;
    }
}

static void print_cell(const struct cell *cell, FILE *out, bool colour)
{
    bool coloured = colour && cell->colour != TERM_PLAIN;
    fprintf(out, "%s%s%s", term_start(cell->colour, coloured), cell->text, term_end(coloured));
}

/* Spaces are owed and paid before the next text, so none are left at the end. */
static void print_row(const struct table *table, const struct row *row, const size_t *widths,
                      FILE *out, size_t indent)
{
    size_t owed = indent;
    for (size_t j = 0; j < row->count; j++) {
        const struct cell *cell = &row->cells[j];
        if (cell->text[0]) {
            put_spaces(out, owed);
            owed = 0;
            print_cell(cell, out, table->colour);
        }
        owed += widths[j] - cell->width + 2;
    }
    putc('\n', out);
}

void table_print(const struct table *table, FILE *out, int indent)
{
    size_t *widths = mem_array(table->columns, sizeof(*widths));
    measure(table, widths);
    for (size_t i = 0; i < table->count; i++)
        print_row(table, &table->rows[i], widths, out, indent > 0 ? (size_t)indent : 0);
    free(widths);
}

/* --- wrapping --- */

struct wrap {
    FILE *out;
    size_t indent;
    size_t width;
    size_t column;
    bool line_empty;
    bool owes_indent;
};

static void wrap_newline(struct wrap *wrap)
{
    putc('\n', wrap->out);
    wrap->column = wrap->indent;
    wrap->line_empty = true;
    wrap->owes_indent = true;
}

/* A word wider than the line is not cut: a long name must stay copyable. */
static void wrap_word(struct wrap *wrap, const char *word, size_t len)
{
    char *text = printable_copy(word, len);
    size_t width = text_width(text, strlen(text));
    if (!wrap->line_empty && wrap->column + 1 + width > wrap->width)
        wrap_newline(wrap);
    if (wrap->owes_indent)
        put_spaces(wrap->out, wrap->indent);
    wrap->owes_indent = false;
    if (!wrap->line_empty)
        putc(' ', wrap->out);
    wrap->column += width + (wrap->line_empty ? 0 : 1);
    wrap->line_empty = false;
    fputs(text, wrap->out);
    free(text);
}

void term_wrap(FILE *out, const char *text, int indent, int width)
{
    struct wrap wrap = {.out = out, .line_empty = true};
    wrap.indent = indent > 0 ? (size_t)indent : 0;
    wrap.width = width > 0 ? (size_t)width : 80;
    wrap.column = wrap.indent;
    while (*text) {
        size_t len = strcspn(text, " \n");
        if (len > 0)
            wrap_word(&wrap, text, len);
        text += len;
        if (*text == '\n' && text[1])
            wrap_newline(&wrap);
        if (*text)
            text++;
    }
    putc('\n', out);
}
