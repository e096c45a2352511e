/* SPDX-License-Identifier: ISC
 *
 * What holds for an import of whatever file: it is refused with a reason, or what is written is a
 * configuration that the program takes, but for passwords that nobody has put there yet.
 */
#ifndef REACHD_TESTS_FUZZ_IMPORT_H
#define REACHD_TESTS_FUZZ_IMPORT_H

#include "lib/str.h"
#include "monitor/config/config.h"
#include "monitor/import/import.h"
#include "tests/fuzz/fuzz.h"

static inline void fuzz_import_message(const char *line, bool is_error, void *arg)
{
    (void)arg;
    if (is_error && !strstr(line, "password-")) {
        fprintf(stderr, "%s\n", line);
        MUST(false);
    }
}

static inline void fuzz_import_check(struct buf *out)
{
    const char *text = buf_text(out);
    char *flat = fuzz_text((const uint8_t *)text, out->len), *clean = malloc(out->len + 1);
    for (size_t i = 0; i < out->len; i++)
        flat[i] = flat[i] == '\n' ? ' ' : flat[i];
    MUST(clean && strcmp(str_printable(clean, out->len + 1, flat, out->len), flat) == 0);
    free(clean);
    free(flat);
    config_free(
        config_from_text(text, out->len, "/nowhere/reachd.conf", fuzz_import_message, NULL));
}

static inline int fuzz_import(enum import_format format, const uint8_t *data, size_t size)
{
    static struct catalog *catalog;
    struct import_asked asked = {.path = "/nowhere/ddns", .secrets = "/nowhere", .closed = true};
    struct buf out;
    unsigned line;
    char *text = fuzz_text(data, size);
    if (!catalog)
        catalog = catalog_new();
    asked.catalog = catalog;
    import_detect(text, size);
    struct import *im = import_new(&asked, format, text, size);
    const char *error = import_error(im, &line);
    buf_init(&out, IMPORT_OUT_MAX);
    if (error) {
        MUST(error[0] && fuzz_is_clean(error, 1024));
    } else {
        MUST(import_name_count(im) > 0 && import_refused_count(im) <= import_name_count(im));
        MUST(import_write(im, &out));
        fuzz_import_check(&out);
    }
    buf_clear(&out);
    import_free(im);
    free(text);
    return 0;
}

#endif
