/* SPDX-License-Identifier: ISC
 *
 * POSIX extended regular expressions for text from outside: a search takes time in proportion to
 * the text and to the expression, whatever they are, and a fixed amount of memory. The C library's
 * may take hours for a page of one letter. Pure.
 *
 * Characters are those of UTF-8; a byte that is part of none is one of its own, matched by "." and
 * by what is negated. Lines are apart, and NUL ends one as a newline does: "^" and "$" match at
 * their ends, and neither "." nor "[^a]" matches what ends them. Also \w \W \s \S \b \B. Not there:
 * counted repetitions, back-references, [=a=] and [.a.].
 */
#ifndef REACHD_LIB_ERE_H
#define REACHD_LIB_ERE_H

#include <stdbool.h>
#include <stddef.h>

#define ERE_MAX 256 /* bytes of an expression */

struct ere;

/* NULL with a clause in problem (static) when the expression can't be read. */
struct ere *ere_new(const char *expression, const char **problem);
void ere_free(struct ere *ere); /* NULL is fine */
/* Whether it matches anywhere in the text. */
bool ere_search(const struct ere *ere, const char *text, size_t len);

#endif
