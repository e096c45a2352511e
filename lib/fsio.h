/* SPDX-License-Identifier: ISC
 *
 * Whole small files, read with a bound and, for secrets, with a look at who else can read them.
 */
#ifndef REACHD_LIB_FSIO_H
#define REACHD_LIB_FSIO_H

#include <stdbool.h>
#include <stddef.h>

#define FSIO_ERROR_LEN 256

/* Reads at most max bytes of a regular file; returns malloc'd, terminated text (*len without the
 * terminator; len may be NULL), or NULL with a sentence in error. */
char *fsio_read(const char *path, size_t max, size_t *len, char error[FSIO_ERROR_LEN]);
/* The same of what is open already, a pipe too, up to its end; path is what it is called. */
char *fsio_read_fd(int fd, const char *path, size_t max, size_t *len, char error[FSIO_ERROR_LEN]);
/* The first line of a file that only its owner (or root, or our group read-only) may read; refused
 * with the reason when others can read it or it is not a regular file. Free with mem_free_secret.
 */
char *fsio_read_secret(const char *path, char error[FSIO_ERROR_LEN]);
/* The same with all of its lines. */
char *fsio_read_secret_text(const char *path, char error[FSIO_ERROR_LEN]);
/* mkdir -p of the folder that path lies in, mode 0750. */
bool fsio_make_parent(const char *path, char error[FSIO_ERROR_LEN]);

#endif
