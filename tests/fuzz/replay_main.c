/* SPDX-License-Identifier: ISC
 *
 * Feeds a fuzz target every file of a corpus folder, without a fuzzer: what `make check` runs.
 *
 *     fuzz_X [FOLDER|FILE]...      without arguments: $srcdir/tests/fuzz/corpus/X
 *
 * A folder that is missing, empty or holds what is not a file fails: a corpus that nobody feeds
 * proves nothing. Not its job: finding new inputs (./configure --enable-fuzzers; make fuzz).
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/fuzz/fuzz.h"

#define MAX_BYTES (1 << 20)

static bool feed_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *all = malloc(MAX_BYTES);
    size_t len = file && all ? fread(all, 1, MAX_BYTES, file) : 0;
    bool good = file && all && !ferror(file) && fgetc(file) == EOF;
    /* an allocation of just this length, so that the address sanitizer sees the first byte too far
     */
    uint8_t *exact = good ? malloc(len > 0 ? len : 1) : NULL;
    if (file)
        fclose(file);
    if (exact) {
        memcpy(exact, all, len);
        printf("%s: %zu bytes\n", path, len);
        fflush(stdout); /* so that the last line names the file that crashes */
        LLVMFuzzerTestOneInput(exact, len);
    } else {
        fprintf(stderr, "%s: cannot be read, or has more than %d bytes\n", path, MAX_BYTES);
    }
    free(exact);
    free(all);
    return exact != NULL;
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool feed_folder(const char *folder)
{
    struct dirent **names;
    int count = scandir(folder, &names, visible, alphasort);
    bool good = count > 0;
    if (!good)
        fprintf(stderr, "%s: %s\n", folder, count == 0 ? "the corpus is empty" : "no such folder");
    for (int i = 0; i < count; i++) {
        char path[4096];
        int len = snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        good = len > 0 && (size_t)len < sizeof(path) && feed_file(path) && good;
        free(names[i]);
    }
    if (count >= 0)
        free(names);
    return good;
}

static bool feed(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) ? feed_file(path) : feed_folder(path);
}

static bool feed_own_corpus(const char *program)
{
    const char *srcdir = getenv("srcdir");
    const char *name = strstr(program, "fuzz_");
    char folder[4096];
    for (const char *next = name; next; next = strstr(next + 1, "fuzz_"))
        name = next;
    int len = snprintf(folder, sizeof(folder), "%s/tests/fuzz/corpus/%s", srcdir ? srcdir : ".",
                       name ? name + strlen("fuzz_") : "");
    return name && len > 0 && (size_t)len < sizeof(folder) && feed_folder(folder);
}

int main(int argc, char **argv)
{
    bool good = argc > 1 || feed_own_corpus(argv[0]);
    for (int i = 1; i < argc; i++)
        good = feed(argv[i]) && good;
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
