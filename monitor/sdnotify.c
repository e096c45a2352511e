/* SPDX-License-Identifier: ISC
 *
 * Datagrams to the service manager. A lost one is no error: the manager may be gone or busy.
 */
#include "monitor/sdnotify.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"

#define TAG "sdnotify"

struct sdnotify {
    int fd; /* -1: nobody listens */
    struct sockaddr_un to;
    socklen_t to_len;
    struct loop_timer *watchdog;
    int64_t watchdog_us; /* between two signs of life; 0: none asked for */
};

/* "/path" or "@abstract"; other kinds (vsock) are for virtual machines, not for us. */
static bool address_from_env(struct sdnotify *notify)
{
    const char *path = getenv("NOTIFY_SOCKET");
    if (!path || (path[0] != '/' && path[0] != '@') || path[1] == '\0')
        return false;
    size_t len = strlen(path);
    if (len >= sizeof(notify->to.sun_path)) {
        log_warn(TAG, "NOTIFY_SOCKET is too long, not used");
        return false;
    }
    notify->to.sun_family = AF_UNIX;
    memcpy(notify->to.sun_path, path, len);
    if (path[0] == '@')
        notify->to.sun_path[0] = '\0';
    size_t terminator = path[0] == '/';
    notify->to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len + terminator);
    return true;
}

static void send_text(struct sdnotify *notify, const char *text)
{
    if (notify->fd < 0)
        return;
    ssize_t n = sendto(notify->fd, text, strlen(text), MSG_DONTWAIT | MSG_NOSIGNAL,
                       (const struct sockaddr *)&notify->to, notify->to_len);
    if (n < 0)
        log_debug(TAG, "not delivered: %s", strerror(errno));
}

static void on_watchdog(void *arg)
{
    struct sdnotify *notify = arg;
    send_text(notify, "WATCHDOG=1");
    loop_timer_set_us(notify->watchdog, notify->watchdog_us);
}

/* WATCHDOG_PID names the process that is meant: not us when we were started by a wrapper. */
static void watchdog_from_env(struct sdnotify *notify)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    uint64_t limit, meant;
    if (!usec || !str_to_uint(usec, INT64_MAX, &limit) || limit < 2)
        return;
    if (pid && (!str_to_uint(pid, INT32_MAX, &meant) || meant != (uint64_t)getpid()))
        return;
    notify->watchdog_us = (int64_t)(limit / 2);
}

struct sdnotify *sdnotify_new(struct loop *loop)
{
    struct sdnotify *notify = mem_zalloc(sizeof(*notify));
    notify->fd = -1;
    if (!address_from_env(notify))
        return notify;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (notify->fd < 0) {
        log_warn(TAG, "no socket: %s", strerror(errno));
        return notify;
    }
    watchdog_from_env(notify);
    if (notify->watchdog_us) {
        notify->watchdog = loop_timer_new(loop, on_watchdog, notify);
        loop_timer_set_us(notify->watchdog, notify->watchdog_us);
    }
    return notify;
}

void sdnotify_free(struct sdnotify *notify)
{
    if (!notify)
        return;
    loop_timer_free(notify->watchdog);
    if (notify->fd >= 0)
        close(notify->fd);
    free(notify);
}

static void send_with_status(struct sdnotify *notify, const char *first, const char *status)
{
    char clean[256], text[320] = "";
    str_printable(clean, sizeof(clean), status, strlen(status));
    str_append(text, sizeof(text), "%sSTATUS=%s", first, clean);
    send_text(notify, text);
}

void sdnotify_ready(struct sdnotify *notify, const char *status)
{
    send_with_status(notify, "READY=1\n", status ? status : "");
}

void sdnotify_status(struct sdnotify *notify, const char *status)
{
    send_with_status(notify, "", status);
}

/* The time lets the manager tell this reload from an earlier one (Type=notify-reload). */
void sdnotify_reloading(struct sdnotify *notify)
{
    char text[80] = "";
    str_append(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_mono_us());
    send_text(notify, text);
}

void sdnotify_stopping(struct sdnotify *notify)
{
    send_text(notify, "STOPPING=1\nSTATUS=stopping");
}
