/* SPDX-License-Identifier: ISC
 *
 * Whole small files. Owns: bounds and the permission rule for secrets. Not its job: what is in
 * them.
 */
#include "lib/fsio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/mem.h"
#include "lib/str.h"

#define SECRET_MAX 4096

static void __attribute__((format(printf, 3, 4)))
say(char error[FSIO_ERROR_LEN], const char *path, const char *fmt, ...)
{
    char reason[FSIO_ERROR_LEN];
    va_list args;
    va_start(args, fmt);
    vsnprintf(reason, sizeof(reason), fmt, args);
    va_end(args);
    error[0] = '\0';
    str_append(error, FSIO_ERROR_LEN, "%s: %s", path, reason);
}

/* Opens a regular file and nothing else; O_NONBLOCK so that a FIFO is refused rather than waited
 * on. The caller looks at the open file (st), not at the path, which could change in between. */
static int open_regular(const char *path, struct stat *st, char error[FSIO_ERROR_LEN])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        say(error, path, "%s", strerror(errno));
        return -1;
    }
    if (fstat(fd, st) != 0)
        say(error, path, "%s", strerror(errno));
    else if (!S_ISREG(st->st_mode))
        say(error, path, "not a regular file");
    else
        return fd;
    close(fd);
    return -1;
}

/* Reads up to cap bytes; false with errno on failure. *len < cap means the end was reached. */
static bool read_up_to(int fd, char *to, size_t cap, size_t *len)
{
    *len = 0;
    while (*len < cap) {
        ssize_t got = read(fd, to + *len, cap - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *len += (size_t)got;
    }
    return true;
}

/* The size of the file is only a hint: files in /proc say 0, and files grow. */
static char *read_whole(int fd, off_t hint, size_t max, size_t *len)
{
    char *text = NULL;
    size_t cap = hint > 0 && (uintmax_t)hint < max ? (size_t)hint + 1 : hint > 0 ? max + 1 : 4096;
    *len = 0;
    for (;;) {
        size_t got;
        cap = cap > max ? max + 1 : cap; /* one byte past max shows that there is more */
        text = mem_regrow(text, cap + 1, 1);
        if (!read_up_to(fd, text + *len, cap - *len, &got)) {
            free(text);
            return NULL;
        }
        *len += got;
        if (*len < cap || *len > max)
            break;
        cap *= 2;
    }
    text[*len] = '\0';
    return text;
}

static char *read_bounded(int fd, off_t hint, const char *path, size_t max, size_t *len,
                          char error[FSIO_ERROR_LEN])
{
    size_t got;
    char *text = read_whole(fd, hint, max, &got);
    if (!text) {
        say(error, path, "%s", strerror(errno));
        return NULL;
    }
    if (got > max) {
        say(error, path, "larger than %zu bytes", max);
        free(text);
        return NULL;
    }
    if (len)
        *len = got;
    return text;
}

char *fsio_read_fd(int fd, const char *path, size_t max, size_t *len, char error[FSIO_ERROR_LEN])
{
    return read_bounded(fd, 0, path, max, len, error);
}

char *fsio_read(const char *path, size_t max, size_t *len, char error[FSIO_ERROR_LEN])
{
    struct stat st;
    int fd = open_regular(path, &st, error);
    if (fd < 0)
        return NULL;
    char *text = read_bounded(fd, st.st_size, path, max, len, error);
    close(fd);
    return text;
}

static bool is_our_group(gid_t gid)
{
    gid_t groups[256];
    if (gid == getegid())
        return true;
    int count = getgroups((int)(sizeof(groups) / sizeof(groups[0])), groups);
    for (int i = 0; i < count; i++)
        if (groups[i] == gid)
            return true;
    return false;
}

/* Group root is accepted because systemd's LoadCredential= shows its ACL mask as r-- for it. When
 * we are root (a check before the daemon drops to its user), our group says nothing. */
static const char *secret_objection(const struct stat *st)
{
    if (st->st_mode & S_IRWXO)
        return "others may access it; run chmod o= on it";
    if (st->st_mode & (S_IWGRP | S_IXGRP))
        return "its group may change it; run chmod g=r or g= on it";
    bool trusted = st->st_gid == 0 || geteuid() == 0 || is_our_group(st->st_gid);
    if ((st->st_mode & S_IRGRP) && !trusted)
        return "a group that is not ours may read it; run chmod g= on it";
    return NULL;
}

/* The first line of text as a copy of its own, or NULL with the reason. */
static char *first_line(const char *text, size_t len, const char **objection)
{
    const char *end = memchr(text, '\n', len);
    size_t line = end ? (size_t)(end - text) : len;
    if (line > 0 && text[line - 1] == '\r')
        line--;
    if (line == 0)
        *objection = "the first line is empty";
    else if (memchr(text, '\0', line))
        *objection = "the first line holds a NUL byte";
    else
        return mem_strndup(text, line);
    return NULL;
}

static char *all_lines(const char *text, size_t len, const char **objection)
{
    if (len == 0)
        *objection = "the file is empty";
    else if (memchr(text, '\0', len))
        *objection = "the file holds a NUL byte";
    else
        return mem_strndup(text, len);
    return NULL;
}

typedef char *take_fn(const char *text, size_t len, const char **objection);

/* Into a buffer of fixed size: one that grew would leave copies behind in freed memory. */
static char *read_secret_of(int fd, take_fn *take, const char **objection)
{
    char text[SECRET_MAX + 1];
    size_t len;
    char *line = NULL;
    if (!read_up_to(fd, text, sizeof(text), &len))
        *objection = strerror(errno);
    else if (len > SECRET_MAX)
        *objection = "too large for a secret";
    else
        line = take(text, len, objection);
    explicit_bzero(text, sizeof(text));
    return line;
}

static char *read_secret(const char *path, take_fn *take, char error[FSIO_ERROR_LEN])
{
    struct stat st;
    int fd = open_regular(path, &st, error);
    if (fd < 0)
        return NULL;
    const char *objection = secret_objection(&st);
    char *line = objection ? NULL : read_secret_of(fd, take, &objection);
    if (!line)
        say(error, path, "%s", objection);
    close(fd);
    return line;
}

char *fsio_read_secret(const char *path, char error[FSIO_ERROR_LEN])
{
    return read_secret(path, first_line, error);
}

char *fsio_read_secret_text(const char *path, char error[FSIO_ERROR_LEN])
{
    return read_secret(path, all_lines, error);
}

/* Whatever mkdir says (EEXIST, EROFS, EACCES differ by file system): what counts is the folder. */
static bool make_folder(const char *path, char error[FSIO_ERROR_LEN])
{
    struct stat st;
    if (mkdir(path, 0750) == 0)
        return true;
    int failure = errno;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    say(error, path, "%s", failure == EEXIST ? "not a folder" : strerror(failure));
    return false;
}

bool fsio_make_parent(const char *path, char error[FSIO_ERROR_LEN])
{
    char *copy = mem_strdup(path);
    bool good = true;
    for (char *c = copy; good && *c; c++) {
        if (*c != '/' || c == copy || c[-1] == '/')
            continue;
        *c = '\0';
        good = make_folder(copy, error);
        *c = '/';
    }
    free(copy);
    return good;
}
