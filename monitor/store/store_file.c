/* SPDX-License-Identifier: ISC
 *
 * The files of the database: folder, mode, lock, moving aside. Not its job: what is in them.
 */
#include "monitor/store/store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/fsio.h"
#include "lib/mem.h"
#include "lib/str.h"

static const char *const companions[] = {"-wal", "-shm", "-journal"};

/* The database says which names change when: nobody else's business. SQLite gives its companions
 * the mode of the file itself. */
static bool make_private(int fd)
{
    struct stat st;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    return !(st.st_mode & (S_IRWXG | S_IRWXO)) || fchmod(fd, 0600) == 0;
}

bool store_file_make(const char *path, char *error, size_t cap)
{
    char reason[FSIO_ERROR_LEN];
    error[0] = '\0';
    if (!fsio_make_parent(path, reason)) {
        str_append(error, cap, "%s", reason);
        return false;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW, 0600);
    if (fd < 0) {
        str_append(error, cap, "%s: %s", path, strerror(errno));
        return false;
    }
    bool good = make_private(fd);
    if (!good)
        str_append(error, cap, "%s: not a regular file of ours", path);
    close(fd);
    return good;
}

/* A lock of the process, not of the descriptor: a child that was forked does not keep it. */
int store_file_lock(const char *path, char *error, size_t cap)
{
    char *name = mem_printf("%s.lock", path);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    error[0] = '\0';
    if (fd < 0) {
        str_append(error, cap, "%s: %s", name, strerror(errno));
    } else if (fcntl(fd, F_SETLK, &lock) != 0) {
        bool held = fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
        str_append(error, cap, "%s: another reachd uses this database", path);
        if (held && lock.l_pid > 0)
            str_append(error, cap, " (process %d)", (int)lock.l_pid);
        close(fd);
        fd = -1;
    }
    free(name);
    return fd;
}

/* A name that is not taken: "reachd.db.corrupt-20261124T081530", with ".2" and so on. */
static void aside_name(const char *path, char *aside, size_t cap)
{
    char stamp[CLOCK_TEXT_LEN];
    char compact[CLOCK_TEXT_LEN] = "";
    clock_format_utc(clock_wall_ms(), stamp);
    for (const char *c = stamp; *c; c++)
        if (*c != '-' && *c != ':')
            str_append(compact, sizeof compact, "%c", *c);
    for (unsigned i = 1; i < 1000; i++) {
        aside[0] = '\0';
        str_append(aside, cap, "%s.corrupt-%s", path, compact);
        if (i > 1)
            str_append(aside, cap, ".%u", i);
        if (access(aside, F_OK) != 0)
            return;
    }
}

bool store_file_move_aside(const char *path, char *aside, size_t aside_cap, char *error, size_t cap)
{
    error[0] = '\0';
    aside_name(path, aside, aside_cap);
    if (rename(path, aside) != 0) {
        str_append(error, cap, "%s: can't be moved aside: %s", path, strerror(errno));
        return false;
    }
    for (size_t i = 0; i < sizeof companions / sizeof *companions; i++) {
        char *from = mem_printf("%s%s", path, companions[i]);
        char *to = mem_printf("%s%s", aside, companions[i]);
        if (rename(from, to) != 0)
            unlink(from); /* must not be taken for part of the new one */
        free(from);
        free(to);
    }
    return true;
}
