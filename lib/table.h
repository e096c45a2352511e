/* SPDX-License-Identifier: ISC
 *
 * Text for people on a terminal: aligned columns, colour only where asked for, UTF-8 width.
 */
#ifndef REACHD_LIB_TABLE_H
#define REACHD_LIB_TABLE_H

#include <stdbool.h>
#include <stdio.h>

enum term_colour {
    TERM_PLAIN,
    TERM_GREEN,
    TERM_RED,
    TERM_YELLOW,
    TERM_DIM,
    TERM_BOLD,
};

/* True for a terminal when NO_COLOR is unset and TERM is not "dumb". */
bool term_wants_colour(int fd);
bool term_can_draw(void); /* TERM is set and not "dumb" */
int term_width(int fd);   /* columns; 80 when not a terminal */
int term_height(int fd);  /* rows; 24 when not a terminal */

struct table;

struct table *table_new(bool colour);
void table_free(struct table *table);
/* Starts a new row; cells are appended to the last row. Text is copied. */
void table_row(struct table *table);
void table_cell(struct table *table, enum term_colour colour, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Two spaces between columns, no trailing space; `indent` spaces before each row. */
void table_print(const struct table *table, FILE *out, int indent);

/* Prints text wrapped at words to `width` columns, continuation lines indented by `indent`; the
 * first line is taken to start at column `indent`. */
void term_wrap(FILE *out, const char *text, int indent, int width);
/* Escape sequence to start a colour ("" when !enabled), and the one that ends it. */
const char *term_start(enum term_colour colour, bool enabled);
const char *term_end(bool enabled);

#endif
