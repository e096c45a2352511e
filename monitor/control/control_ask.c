/* SPDX-License-Identifier: ISC
 *
 * The asking side of the control socket, for the commands: synchronous, one deadline for the whole,
 * errors as sentences that say what to do.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/str.h"
#include "monitor/control/control.h"

#define READ_SIZE 65536

struct ask {
    const char *path;
    int fd;
    int64_t until_ms;
    char *error;
    size_t cap;
};

static bool fail(struct ask *ask, const char *what, const char *detail)
{
    str_append(ask->error, ask->cap, "%s%s", what, detail);
    return false;
}

static void explain_access(struct ask *ask)
{
    struct stat st;
    const struct group *group = stat(ask->path, &st) == 0 ? getgrgid(st.st_gid) : NULL;
    if (group)
        str_append(ask->error, ask->cap,
                   "no access to %s: you are not in its group %s (become a member, or use sudo)",
                   ask->path, group->gr_name);
    else
        str_append(ask->error, ask->cap, "no access to %s: try sudo", ask->path);
}

static bool explain_connect(struct ask *ask, int code)
{
    if (code == ENOENT || code == ECONNREFUSED || code == ENOTDIR)
        str_append(ask->error, ask->cap,
                   "reachd does not seem to run (%s: %s): start it, or name its socket with "
                   "--socket",
                   ask->path, strerror(code));
    else if (code == EACCES || code == EPERM)
        explain_access(ask);
    else if (code == EAGAIN)
        str_append(ask->error, ask->cap, "reachd is too busy to answer at %s", ask->path);
    else
        str_append(ask->error, ask->cap, "cannot connect to %s: %s", ask->path, strerror(code));
    return false;
}

static int64_t left_ms(const struct ask *ask)
{
    int64_t left = ask->until_ms - clock_mono_ms();
    return left > 0 ? left : 0;
}

/* A full queue makes connect wait; only the send time-out bounds that. */
static bool ask_connect(struct ask *ask)
{
    struct sockaddr_un address;
    if (!control_address(ask->path, &address))
        return fail(ask, "not a path for a socket: ", ask->path);
    ask->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (ask->fd < 0)
        return fail(ask, "cannot make a socket: ", strerror(errno));
    int64_t ms = left_ms(ask);
    struct timeval tv = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 + 1};
    setsockopt(ask->fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
    if (connect(ask->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return explain_connect(ask, errno);
    fcntl(ask->fd, F_SETFL, O_NONBLOCK);
    return true;
}

static bool wait_for(struct ask *ask, short what)
{
    for (;;) {
        struct pollfd fds = {.fd = ask->fd, .events = what};
        int64_t left = left_ms(ask);
        if (left == 0)
            return fail(ask, "reachd did not answer in time at ", ask->path);
        int n = poll(&fds, 1, left > INT32_MAX ? INT32_MAX : (int)left);
        if (n > 0)
            return true;
        if (n < 0 && errno != EINTR)
            return fail(ask, "cannot wait for the answer: ", strerror(errno));
    }
}

static bool ask_send(struct ask *ask, const char *text, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(ask->fd, text + sent, len - sent, MSG_NOSIGNAL);
        if (n >= 0)
            sent += (size_t)n;
        else if (errno == EAGAIN && !wait_for(ask, POLLOUT))
            return false;
        else if (errno != EAGAIN && errno != EINTR)
            return fail(ask, "reachd closed the connection: ", strerror(errno));
    }
    return true;
}

/* True once the end was seen. */
static bool ask_receive(struct ask *ask, struct buf *in)
{
    for (;;) {
        uint8_t *room = buf_room(in, READ_SIZE);
        if (!room)
            return fail(ask, "the answer is longer than expected", "");
        ssize_t n = recv(ask->fd, room, READ_SIZE, 0);
        if (n == 0)
            return true;
        if (n > 0)
            in->len += (size_t)n;
        else if (errno == EAGAIN && !wait_for(ask, POLLIN))
            return false;
        else if (errno != EAGAIN && errno != EINTR)
            return fail(ask, "reachd closed the connection: ", strerror(errno));
    }
}

static json_t *ask_parse(struct ask *ask, const struct buf *in)
{
    json_error_t error;
    json_t *reply = NULL;
    if (in->len && in->data[in->len - 1] == '\n')
        reply = json_loadb((const char *)in->data, in->len - 1, 0, &error);
    if (json_is_object(reply))
        return reply;
    json_decref(reply);
    fail(ask,
         in->len ? "the answer was cut or is not reachd's, at "
                 : "reachd closed the connection without an answer, at ",
         ask->path);
    return NULL;
}

json_t *control_ask(const char *path, const json_t *request, int64_t timeout_ms, char *error,
                    size_t cap)
{
    struct ask ask = {.path = path,
                      .fd = -1,
                      .until_ms = clock_mono_ms() + timeout_ms,
                      .error = error,
                      .cap = cap};
    if (cap)
        error[0] = '\0';
    struct buf out, in;
    buf_init(&out, CONTROL_MAX_REQUEST + 1);
    buf_init(&in, CONTROL_MAX_REPLY + READ_SIZE);
    char *text = doc_to_json(request, false);
    json_t *reply = NULL;
    if (!buf_printf(&out, "%s\n", text))
        fail(&ask, "the request is too long", "");
    else if (ask_connect(&ask) && ask_send(&ask, (const char *)out.data, out.len) &&
             ask_receive(&ask, &in))
        reply = ask_parse(&ask, &in);
    if (ask.fd >= 0)
        close(ask.fd);
    free(text);
    buf_clear(&out);
    buf_clear(&in);
    return reply;
}
