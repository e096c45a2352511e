/* SPDX-License-Identifier: ISC
 *
 * The server side of the control socket. A client has CONTROL_READ_MS to say its line, then as long
 * as it goes on reading the reply; too many at once wait in the kernel's queue. Not its job: what
 * is asked and answered (monitor/daemon.c), the asking side (monitor/control/control_ask.c).
 */
#include "monitor/control/control.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/doc.h"
#include "lib/fsio.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"

#define TAG             "control"
#define CLIENTS_MAX     16
#define READ_SIZE       4096
#define CONTROL_READ_MS 5000 /* for the whole request */
#define CONTROL_SEND_MS 5000 /* without any progress */
#define CONTROL_REST_MS 500  /* after an accept that failed: who waits stays, so we'd spin */

struct client {
    struct control *control;
    int fd; /* -1: free */
    struct loop_io *io;
    struct loop_timer *timer;
    struct buf in;
    char *reply;
    size_t reply_len, sent;
};

struct control {
    struct loop *loop;
    int fd;
    struct loop_io *io;
    struct loop_timer *rest; /* ends a pause of accepting */
    bool resting;
    char *path;
    dev_t dev; /* of the socket file, to remove only our own */
    ino_t ino;
    control_fn *handle;
    void *arg;
    struct client clients[CLIENTS_MAX];
    size_t client_count;
};

static void want_clients(struct control *control)
{
    bool wanted = !control->resting && control->client_count < CLIENTS_MAX;
    loop_io_want(control->io, wanted ? LOOP_READ : 0);
}

/* --- one client ------------------------------------------------------------------------------ */

static void client_close(struct client *client)
{
    loop_io_free(client->io);
    loop_timer_free(client->timer);
    close(client->fd);
    buf_clear(&client->in);
    free(client->reply);
    client->reply = NULL;
    client->fd = -1;
    client->control->client_count--;
    want_clients(client->control);
}

static void client_send(struct client *client)
{
    while (client->sent < client->reply_len) {
        ssize_t n = send(client->fd, client->reply + client->sent, client->reply_len - client->sent,
                         MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN) {
            loop_io_want(client->io, LOOP_WRITE);
            return;
        }
        if (n < 0)
            break; /* it went away */
        client->sent += (size_t)n;
        loop_timer_set(client->timer, CONTROL_SEND_MS);
    }
    client_close(client);
}

static void client_reply(struct client *client, json_t *reply)
{
    char *text = doc_to_json(reply, false);
    json_decref(reply);
    client->reply = mem_printf("%s\n", text);
    client->reply_len = strlen(client->reply);
    free(text);
    client_send(client);
}

static void client_refuse(struct client *client, const char *why)
{
    json_t *reply = doc_object();
    doc_text(reply, "error", why);
    client_reply(client, reply);
}

static void client_request(struct client *client, size_t len)
{
    json_error_t error;
    json_t *request =
        json_loadb((const char *)client->in.data, len, JSON_REJECT_DUPLICATES, &error);
    if (!request || !json_is_object(request)) {
        json_decref(request);
        client_refuse(client, "the request is not one JSON object on one line");
        return;
    }
    json_t *reply = client->control->handle(request, client->control->arg);
    json_decref(request);
    if (reply)
        client_reply(client, reply);
    else
        client_refuse(client, "no such request");
}

static void client_read(struct client *client)
{
    char chunk[READ_SIZE];
    ssize_t n = recv(client->fd, chunk, sizeof(chunk), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        client_close(client);
        return;
    }
    const char *newline = memchr(chunk, '\n', (size_t)n);
    size_t take = newline ? (size_t)(newline - chunk) : (size_t)n;
    if (!buf_append(&client->in, chunk, take)) {
        client_refuse(client, "the request is too long");
        return;
    }
    if (newline)
        client_request(client, client->in.len);
}

static void on_client(unsigned ready, void *arg)
{
    struct client *client = arg;
    (void)ready;
    if (client->reply)
        client_send(client);
    else
        client_read(client);
}

static void on_client_limit(void *arg)
{
    struct client *client = arg;
    log_debug(TAG, "a client took too long %s", client->reply ? "to read" : "to ask");
    client_close(client);
}

static void log_peer(int fd)
{
    struct ucred peer;
    socklen_t len = sizeof(peer);
    if (log_enabled(LOG_LEVEL_DEBUG) && getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0)
        log_debug(TAG, "request from process %d of user %u", (int)peer.pid, (unsigned)peer.uid);
}

static void client_add(struct control *control, int fd)
{
    size_t i = 0;
    while (control->clients[i].fd >= 0)
        i++;
    struct client *client = &control->clients[i];
    *client = (struct client){.control = control, .fd = fd};
    buf_init(&client->in, CONTROL_MAX_REQUEST);
    client->io = loop_io_new(control->loop, fd, on_client, client);
    loop_io_want(client->io, LOOP_READ);
    client->timer = loop_timer_new(control->loop, on_client_limit, client);
    loop_timer_set(client->timer, CONTROL_READ_MS);
    control->client_count++;
    want_clients(control);
    log_peer(fd);
}

static void on_rested(void *arg)
{
    struct control *control = arg;
    control->resting = false;
    want_clients(control);
}

/* No descriptor or memory is left: nothing that the client did, and it is still there afterwards.
 */
static void rest(struct control *control, int error)
{
    log_warn(TAG, "cannot accept: %s", strerror(error));
    control->resting = true;
    want_clients(control);
    loop_timer_set(control->rest, CONTROL_REST_MS);
}

static void on_listen(unsigned ready, void *arg)
{
    struct control *control = arg;
    (void)ready;
    int fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        client_add(control, fd);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        rest(control, errno);
}

/* --- the socket file ------------------------------------------------------------------------- */

bool control_address(const char *path, struct sockaddr_un *out)
{
    memset(out, 0, sizeof(*out));
    out->sun_family = AF_UNIX;
    return path[0] != '\0' && str_copy(out->sun_path, sizeof(out->sun_path), path);
}

/* Somebody may listen there, or a crash may have left the file: only trying tells. */
static bool clear_stale(const struct sockaddr_un *address, char *error, size_t cap)
{
    struct stat st;
    const char *path = address->sun_path;
    if (lstat(path, &st) < 0)
        return true;
    if (!S_ISSOCK(st.st_mode)) {
        str_append(error, cap, "%s exists and is not a socket", path);
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    bool live = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
                            errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    if (live) {
        str_append(error, cap, "another reachd answers at %s already", path);
        return false;
    }
    if (unlink(path) < 0 && errno != ENOENT) {
        str_append(error, cap, "cannot remove the old socket %s: %s", path, strerror(errno));
        return false;
    }
    return true;
}

/* Made for its owner alone, opened to the group when that is the right one. */
static bool bind_closed(int fd, const struct sockaddr_un *address, gid_t gid, char *error,
                        size_t cap)
{
    mode_t mask = umask(0177);
    int failed = bind(fd, (const struct sockaddr *)address, sizeof(*address));
    umask(mask);
    const char *what = "make";
    if (!failed) {
        what = "set group and mode of";
        failed = (gid != (gid_t)-1 && chown(address->sun_path, (uid_t)-1, gid) < 0) ||
                 chmod(address->sun_path, 0660) < 0;
    }
    if (failed)
        str_append(error, cap, "cannot %s the control socket %s: %s", what, address->sun_path,
                   strerror(errno));
    return !failed;
}

static bool group_find(const char *name, gid_t *out, char *error, size_t cap)
{
    *out = (gid_t)-1;
    if (!name)
        return true;
    const struct group *group = getgrnam(name);
    if (group)
        *out = group->gr_gid;
    else
        str_append(error, cap, "there is no group %s for the control socket", name);
    return group != NULL;
}

static int listen_at(const char *path, const char *group, char *error, size_t cap)
{
    struct sockaddr_un address;
    char why[FSIO_ERROR_LEN] = "";
    gid_t gid;
    if (!control_address(path, &address)) {
        str_append(error, cap, "the path of the control socket is too long: %s", path);
        return -1;
    }
    if (!group_find(group, &gid, error, cap))
        return -1;
    if (!fsio_make_parent(path, why)) {
        str_append(error, cap, "%s", why);
        return -1;
    }
    if (!clear_stale(&address, error, cap))
        return -1;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        str_append(error, cap, "cannot make a socket: %s", strerror(errno));
        return -1;
    }
    if (bind_closed(fd, &address, gid, error, cap)) {
        if (listen(fd, CLIENTS_MAX) == 0)
            return fd;
        str_append(error, cap, "cannot listen at %s: %s", path, strerror(errno));
    }
    close(fd);
    return -1;
}

struct control *control_new(struct loop *loop, const char *path, const char *group,
                            control_fn *handle, void *arg, char *error, size_t cap)
{
    if (cap)
        error[0] = '\0';
    int fd = listen_at(path, group, error, cap);
    if (fd < 0)
        return NULL;
    struct control *control = mem_zalloc(sizeof(*control));
    struct stat st;
    if (stat(path, &st) == 0) {
        control->dev = st.st_dev;
        control->ino = st.st_ino;
    }
    control->loop = loop;
    control->fd = fd;
    control->path = mem_strdup(path);
    control->handle = handle;
    control->arg = arg;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        control->clients[i].fd = -1;
    control->io = loop_io_new(loop, fd, on_listen, control);
    control->rest = loop_timer_new(loop, on_rested, control);
    want_clients(control);
    return control;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    for (size_t i = 0; i < CLIENTS_MAX; i++)
        if (control->clients[i].fd >= 0)
            client_close(&control->clients[i]);
    loop_io_free(control->io);
    loop_timer_free(control->rest);
    close(control->fd);
    struct stat st;
    if (lstat(control->path, &st) == 0 && st.st_dev == control->dev && st.st_ino == control->ino)
        unlink(control->path);
    free(control->path);
    free(control);
}
