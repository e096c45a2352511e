/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/fsio.h"
#include "lib/mem.h"

static char folder[64];

static char *path_of(const char *name)
{
    return mem_printf("%s/%s", folder, name);
}

static char *file_with(const char *name, const char *data, size_t len, mode_t mode)
{
    char *path = path_of(name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, len, f), len);
    fclose(f);
    assert_int_equal(chmod(path, mode), 0);
    return path;
}

static void pipe_is_read_to_its_end(void **arg)
{
    char error[FSIO_ERROR_LEN];
    size_t len = 0;
    int ends[2];
    (void)arg;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "12", 2), 2);
    assert_int_equal(write(ends[1], "345", 3), 3);
    close(ends[1]);
    char *text = fsio_read_fd(ends[0], "the pipe", 5, &len, error);
    assert_string_equal(text, "12345");
    assert_int_equal(len, 5);
    free(text);
    assert_null(fsio_read_fd(-1, "the pipe", 5, &len, error));
    assert_non_null(strstr(error, "the pipe: Bad file descriptor"));
    close(ends[0]);
}

static void read_has_a_bound(void **arg)
{
    char error[FSIO_ERROR_LEN];
    size_t len = 0;
    (void)arg;
    char *path = file_with("plain", "12345", 5, 0644);
    char *text = fsio_read(path, 5, &len, error);
    assert_string_equal(text, "12345");
    assert_int_equal(len, 5);
    free(text);
    assert_null(fsio_read(path, 4, &len, error));
    assert_non_null(strstr(error, "larger than 4 bytes"));
    free(path);
    text = fsio_read("/proc/self/status", 100000, NULL, error); /* says size 0 */
    assert_non_null(text);
    assert_non_null(strstr(text, "Name:"));
    free(text);
    assert_null(fsio_read("/proc/self/status", 10, NULL, error));
    path = file_with("empty", "", 0, 0644);
    text = fsio_read(path, 0, &len, error);
    assert_string_equal(text, "");
    free(text);
    free(path);
}

static void only_regular_files(void **arg)
{
    char error[FSIO_ERROR_LEN];
    (void)arg;
    assert_null(fsio_read(folder, 10, NULL, error));
    assert_non_null(strstr(error, "not a regular file"));
    assert_null(fsio_read("/dev/zero", 10, NULL, error));
    assert_null(fsio_read_secret("/dev/null", error));
    char *path = path_of("fifo");
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_null(fsio_read(path, 10, NULL, error)); /* and does not hang */
    unlink(path);
    free(path);
    path = path_of("missing");
    assert_null(fsio_read_secret(path, error));
    assert_non_null(strstr(error, "No such file"));
    free(path);
}

static void secret_permissions(void **arg)
{
    static const struct {
        mode_t mode;
        bool good;
    } cases[] = {{0600, true},  {0400, true},  {0640, true},  {0440, true},  {0644, false},
                 {0604, false}, {0660, false}, {0602, false}, {0620, false}, {0777, false}};
    (void)arg;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char error[FSIO_ERROR_LEN] = "";
        char *path = file_with("secret", "s3cret\r\nrest\n", 13, 0600);
        assert_int_equal(chmod(path, cases[i].mode), 0);
        char *secret = fsio_read_secret(path, error);
        assert_int_equal(secret != NULL, cases[i].good);
        if (secret)
            assert_string_equal(secret, "s3cret");
        else
            assert_true(strstr(error, "chmod") && !strstr(error, "s3cret"));
        mem_free_secret(secret);
        unlink(path);
        free(path);
    }
}

static void secret_content(void **arg)
{
    static char huge[5000];
    static const struct {
        const char *data;
        size_t len;
        const char *want;
    } cases[] = {{"x", 1, "x"}, {" a b \n", 6, " a b "}, {"\nx", 2, NULL},
                 {"", 0, NULL}, {"a\0b\n", 4, NULL},     {huge, sizeof(huge), NULL}};
    (void)arg;
    memset(huge, 'x', sizeof(huge));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char error[FSIO_ERROR_LEN];
        char *path = file_with("secret", cases[i].data, cases[i].len, 0600);
        char *secret = fsio_read_secret(path, error);
        if (cases[i].want)
            assert_string_equal(secret, cases[i].want);
        else
            assert_null(secret);
        mem_free_secret(secret);
        unlink(path);
        free(path);
    }
}

static void parents(void **arg)
{
    char error[FSIO_ERROR_LEN];
    struct stat st;
    (void)arg;
    char *path = path_of("a//b/c.db");
    assert_true(fsio_make_parent(path, error));
    assert_true(fsio_make_parent(path, error));
    free(path);
    path = path_of("a/b");
    assert_int_equal(stat(path, &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(st.st_mode & 027, 0);
    free(path);
    path = path_of("plain/x");
    assert_false(fsio_make_parent(path, error));
    assert_non_null(strstr(error, "not a folder"));
    free(path);
    assert_true(fsio_make_parent("file", error));
    assert_true(fsio_make_parent("/file", error));
}

static int make_folder(void **arg)
{
    (void)arg;
    umask(022);
    strcpy(folder, "/tmp/reachd-fsio-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **arg)
{
    static const char *const names[] = {"plain", "empty", "a/b", "a"};
    (void)arg;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char *path = path_of(names[i]);
        remove(path);
        free(path);
    }
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_has_a_bound),   cmocka_unit_test(pipe_is_read_to_its_end),
        cmocka_unit_test(only_regular_files), cmocka_unit_test(secret_permissions),
        cmocka_unit_test(secret_content),     cmocka_unit_test(parents),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
