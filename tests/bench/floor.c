/* SPDX-License-Identifier: ISC
 *
 * The floor that probes are measured against: the least that OpenSSL under epoll can do for a
 * verified TLS connection. One SSL_CTX, no timers, no results, nothing told; connects, handshakes,
 * verifies chain and name, closes.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/bench/meter.h"

struct client {
    int fd;
    SSL *ssl;
};

static struct bench_args args;
static SSL_CTX *ctx;
static int epoll_fd;
static long started, ended, failed;

static void start(void)
{
    struct client *client = calloc(1, sizeof(*client));
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(args.port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = client};
    started++;
    client->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    client->ssl = SSL_new(ctx);
    SSL_set_fd(client->ssl, client->fd);
    SSL_set_tlsext_host_name(client->ssl, args.servername);
    SSL_set1_host(client->ssl, args.servername);
    SSL_set_connect_state(client->ssl);
    if (connect(client->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)
        perror("connect");
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, client->fd, &event);
}

static void end(struct client *client, int ret)
{
    ended++;
    if (ret == 1 && SSL_get_verify_result(client->ssl) == X509_V_OK)
        SSL_shutdown(client->ssl);
    else
        failed++;
    SSL_free(client->ssl);
    close(client->fd);
    free(client);
    if (started == args.count)
        return;
    if (args.pause_ms)
        nanosleep(&(struct timespec){.tv_nsec = args.pause_ms * 1000000}, NULL);
    start();
}

static void step(struct client *client)
{
    int ret = SSL_do_handshake(client->ssl);
    int what = ret == 1 ? SSL_ERROR_NONE : SSL_get_error(client->ssl, ret);
    if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE) {
        end(client, ret);
        return;
    }
    struct epoll_event event = {.events = what == SSL_ERROR_WANT_READ ? EPOLLIN : EPOLLOUT,
                                .data.ptr = client};
    epoll_ctl(epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

int main(int argc, char **argv)
{
    args = bench_take(argc, argv);
    ctx = SSL_CTX_new(TLS_client_method());
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (SSL_CTX_load_verify_file(ctx, args.ca) != 1)
        return 1;
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    int64_t before = bench_cpu_us();
    while (started < args.count && started < args.at_once)
        start();
    while (ended < args.count) {
        struct epoll_event events[64];
        int ready = epoll_wait(epoll_fd, events, 64, -1);
        for (int i = 0; i < ready; i++)
            step(events[i].data.ptr);
    }
    int64_t used = bench_cpu_us() - before;
    SSL_CTX_free(ctx);
    return bench_tell(used, args.count, failed);
}
