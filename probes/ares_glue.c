/* SPDX-License-Identifier: ISC
 *
 * One c-ares channel on our loop. Owns: c-ares' headers, its options, the watch on its sockets, its
 * timer, the translation of ARES_* codes. Not its job: deadlines, queueing, what a reply means.
 */
#define CARES_NO_DEPRECATED /* raw replies come by ares_query only, in every version */

#include "probes/ares_glue.h"

#include <ares.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/mem.h"
#include "lib/rng.h"

#define CLASS_IN   1
#define HEADER_LEN 12
#define AD_BIT     0x20 /* of byte 3 (RFC 4035 section 3.2.3) */

/* With doubling, a lost packet costs 1.2 s and a dead server the next one's answer as much. */
#define TRY_MS 1200
#define TRIES  3

struct socket_watch {
    struct ares_glue *glue;
    struct socket_watch *next;
    struct loop_io *io;
    ares_socket_t fd;
};

struct ares_glue {
    struct loop *loop;
    ares_channel channel;
    struct loop_timer *timer;
    struct socket_watch *watches;
    struct dns_sockets sockets;
    enum ares_glue_mode mode;
};

struct question {
    ares_glue_fn *fn;
    void *arg;
};

/* --- sockets and the timer --- */

static void rearm(struct ares_glue *glue)
{
    struct timeval tv;
    struct timeval *next = ares_timeout(glue->channel, NULL, &tv);
    if (next)
        loop_timer_set_us(glue->timer, (int64_t)next->tv_sec * 1000000 + next->tv_usec);
    else
        loop_timer_clear(glue->timer);
}

static void on_timer(void *arg)
{
    struct ares_glue *glue = arg;
    ares_process_fd(glue->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    rearm(glue);
}

/* The watch may be gone when ares_process_fd returns: c-ares closes sockets in it. */
static void on_socket(unsigned ready, void *arg)
{
    struct socket_watch *watch = arg;
    struct ares_glue *glue = watch->glue;
    ares_socket_t fd = watch->fd;
    ares_process_fd(glue->channel, ready & LOOP_READ ? fd : ARES_SOCKET_BAD,
                    ready & LOOP_WRITE ? fd : ARES_SOCKET_BAD);
    rearm(glue);
}

static void unwatch(struct socket_watch **at)
{
    struct socket_watch *watch = *at;
    *at = watch->next;
    loop_io_free(watch->io);
    free(watch);
}

static void on_socket_state(void *arg, ares_socket_t fd, int readable, int writable)
{
    struct ares_glue *glue = arg;
    struct socket_watch **at = &glue->watches;
    while (*at && (*at)->fd != fd)
        at = &(*at)->next;
    if (!readable && !writable) {
        if (*at)
            unwatch(at);
        return;
    }
    if (!*at) {
        struct socket_watch *watch = mem_zalloc(sizeof(*watch));
        watch->glue = glue;
        watch->fd = fd;
        watch->io = loop_io_new(glue->loop, fd, on_socket, watch);
        *at = watch;
    }
    loop_io_want((*at)->io, (readable ? LOOP_READ : 0u) | (writable ? LOOP_WRITE : 0u));
}

/* --- the channel --- */

static int mode_flags(enum ares_glue_mode mode)
{
    int flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    if (mode != ARES_GLUE_RECURSIVE)
        flags |= ARES_FLAG_NOCHECKRESP;
    if (mode == ARES_GLUE_AUTHORITATIVE)
        flags |= ARES_FLAG_NORECURSE;
    return flags;
}

static int open_channel(struct ares_glue *glue, enum ares_glue_mode mode)
{
    static char lookups[] = "b"; /* never a hosts file */
    struct ares_options options = {
        .flags = mode_flags(mode),
        .timeout = TRY_MS,
        .tries = TRIES,
        .sock_state_cb = on_socket_state,
        .sock_state_cb_data = glue,
        .lookups = lookups,
    };
    int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB |
               ARES_OPT_LOOKUPS | ARES_OPT_NOROTATE;
#ifdef ARES_OPT_QUERY_CACHE
    mask |= ARES_OPT_QUERY_CACHE; /* on by default since 1.31; a watcher must see the wire */
    options.qcache_max_ttl = 0;
#endif
    return ares_init_options(&glue->channel, &options, mask);
}

static const struct ares_socket_functions socket_functions = {
    .asocket = dns_socket_open,
    .aclose = dns_socket_close,
    .aconnect = dns_socket_connect,
    .arecvfrom = dns_socket_receive,
    .asendv = dns_socket_send,
};

struct ares_glue *ares_glue_new(struct loop *loop, const struct ares_glue_conf *conf,
                                const char **error)
{
    struct ares_glue *glue = mem_zalloc(sizeof(*glue));
    glue->loop = loop;
    glue->mode = conf->mode;
    glue->sockets.egress = conf->egress;
    int status = open_channel(glue, conf->mode);
    if (status != ARES_SUCCESS) {
        *error = ares_strerror(status);
        free(glue);
        return NULL;
    }
    glue->timer = loop_timer_new(loop, on_timer, glue);
    ares_set_socket_functions(glue->channel, &socket_functions, &glue->sockets);
    if (conf->servers)
        status = ares_set_servers_ports_csv(glue->channel, conf->servers);
    if (status != ARES_SUCCESS) {
        *error = ares_strerror(status);
        ares_glue_free(glue);
        return NULL;
    }
    return glue;
}

void ares_glue_free(struct ares_glue *glue)
{
    if (!glue)
        return;
    ares_destroy(glue->channel);
    while (glue->watches)
        unwatch(&glue->watches);
    loop_timer_free(glue->timer);
    free(glue);
}

void ares_glue_drop_all(struct ares_glue *glue)
{
    ares_cancel(glue->channel);
    rearm(glue);
}

size_t ares_glue_servers(struct ares_glue *glue, struct addr *out, size_t max)
{
    struct ares_addr_port_node *list = NULL;
    size_t count = 0;
    if (ares_get_servers_ports(glue->channel, &list) != ARES_SUCCESS)
        return 0;
    for (struct ares_addr_port_node *node = list; node; node = node->next, count++)
        if (count < max)
            out[count] =
                node->family == AF_INET ? addr_v4(&node->addr.addr4) : addr_v6(&node->addr);
    ares_free_data(list);
    return count;
}

const struct dns_heard *ares_glue_heard(const struct ares_glue *glue)
{
    return &glue->sockets.heard;
}

const char *ares_glue_version(void)
{
    return ares_version(NULL);
}

/* --- questions --- */

static enum ares_glue_end status_end(int status)
{
    if (status == ARES_EDESTRUCTION || status == ARES_ECANCELLED)
        return ARES_GLUE_DROPPED;
    return status == ARES_ECONNREFUSED ? ARES_GLUE_ALL_FAILED : ARES_GLUE_NO_REPLY;
}

static enum outcome status_outcome(int status)
{
    switch (status) {
    case ARES_SUCCESS:
        return OUTCOME_OK;
    case ARES_ENODATA:
        return OUTCOME_DNS_NODATA;
    case ARES_ENOTFOUND:
        return OUTCOME_DNS_NXDOMAIN;
    case ARES_ESERVFAIL:
    case ARES_ENOTIMP:
    case ARES_EFORMERR:
        return OUTCOME_DNS_SERVFAIL;
    case ARES_EREFUSED:
        return OUTCOME_DNS_REFUSED;
    case ARES_ETIMEOUT:
        return OUTCOME_DNS_TIMEOUT;
    case ARES_ECONNREFUSED:
        return OUTCOME_DNS_UNREACHABLE;
    case ARES_EBADRESP:
        return OUTCOME_DNS_MALFORMED;
    case ARES_EBADNAME:
    case ARES_EBADQUERY:
        return OUTCOME_DNS_BAD_NAME;
    case ARES_ENOMEM:
        return OUTCOME_LOCAL_RESOURCES;
    default:
        return OUTCOME_LOCAL_ERROR;
    }
}

static void on_answer(void *arg, int status, int timeouts, unsigned char *reply, int len)
{
    struct question question = *(struct question *)arg;
    (void)timeouts;
    free(arg);
    enum ares_glue_end end = status_end(status);
    if (end != ARES_GLUE_DROPPED && reply && len > 0)
        question.fn(ARES_GLUE_REPLY, status_outcome(status), reply, (size_t)len, question.arg);
    else
        question.fn(end, status_outcome(status), NULL, 0, question.arg);
}

/* Nothing in c-ares sets that bit of a query. */
static void send_with_ad(struct ares_glue *glue, const char *name, enum rrtype type,
                         struct question *question)
{
    unsigned char *message = NULL;
    int len = 0;
    int status = ares_create_query(name, CLASS_IN, (int)type, (unsigned short)rng_u32(), 1,
                                   &message, &len, 0);
    if (status != ARES_SUCCESS || len < HEADER_LEN) {
        on_answer(question, status, 0, NULL, 0);
        return;
    }
    message[3] |= AD_BIT;
    ares_send(glue->channel, message, len, on_answer, question);
    ares_free_string(message);
}

void ares_glue_query(struct ares_glue *glue, const char *name, enum rrtype type, ares_glue_fn *fn,
                     void *arg)
{
    struct question *question = mem_zalloc(sizeof(*question));
    *question = (struct question){.fn = fn, .arg = arg};
    if (glue->mode == ARES_GLUE_AUTHORITATIVE)
        ares_query(glue->channel, name, CLASS_IN, (int)type, on_answer, question);
    else
        send_with_ad(glue, name, type, question);
    rearm(glue);
}
