/* SPDX-License-Identifier: ISC
 *
 * The system's calls, with an ear on what goes wrong (see dns_socket.h). Not its job: what it means
 * for a question (probes/resolver.c).
 */
#include "probes/dns_socket.h"

#include <errno.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "probes/icmp.h"
#include "probes/tcp.h"

#define QUEUE_MAX 16 /* ICMP messages taken off a socket at once */

static void note_refused(struct dns_heard *heard, int error, const struct icmp_error *icmp)
{
    char addr[ADDR_STRLEN];
    heard->refused_us = clock_mono_us();
    heard->refused[0] = '\0';
    str_append(heard->refused, sizeof heard->refused, "%s",
               icmp->error ? icmp->text : tcp_error_name(error));
    if (icmp->error && addr_is_set(&icmp->from))
        str_append(heard->refused, sizeof heard->refused, " from %s",
                   addr_format(&icmp->from, addr));
}

/* Notes the error of a call on a socket; true: to be told as if nothing had come. What is left in
 * the error queue would wake the loop again and again. */
static bool note_error(struct dns_heard *heard, int fd, int error)
{
    struct icmp_error first = icmp_next(fd), next = first;
    for (int i = 0; next.error != 0 && i < QUEUE_MAX; i++)
        next = icmp_next(fd);
    note_refused(heard, error, &first);
    return first.error != 0 && first.outcome != OUTCOME_REFUSED;
}

static bool is_wait(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR || error == EINPROGRESS;
}

/* As far as the header tells (RFC 1035 section 4.1.1): a response to one standard query. */
static bool is_answer(const uint8_t *data, size_t len)
{
    return len >= 12 && (data[2] & 0xf8) == 0x80 && data[4] == 0 && data[5] <= 1;
}

int dns_socket_open(int af, int type, int protocol, void *user)
{
    struct dns_sockets *sockets = user;
    struct icmp_error none = {0};
    char detail[160];
    int fd = socket(af, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
    if (fd < 0)
        return -1;
    if (egress_apply(&sockets->egress, fd, af, detail, sizeof detail) != OUTCOME_OK) {
        close(fd);
        errno = EACCES;
        note_refused(&sockets->heard, EACCES, &none);
        return -1;
    }
    if (type == SOCK_DGRAM)
        icmp_keep(fd, af, true);
    return fd;
}

int dns_socket_close(int fd, void *user)
{
    (void)user;
    return close(fd);
}

int dns_socket_connect(int fd, const struct sockaddr *to, socklen_t len, void *user)
{
    struct dns_sockets *sockets = user;
    struct icmp_error none = {0};
    int status = connect(fd, to, len), error = errno;
    if (status != 0 && !is_wait(error))
        note_refused(&sockets->heard, error, &none);
    errno = error;
    return status;
}

static void note_sender(struct dns_heard *heard, int fd)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    if (getpeername(fd, (struct sockaddr *)&ss, &len) == 0)
        addr_from_sockaddr((struct sockaddr *)&ss, &heard->from, NULL);
}

ssize_t dns_socket_receive(int fd, void *data, size_t len, int flags, struct sockaddr *from,
                           socklen_t *from_len, void *user)
{
    struct dns_heard *heard = &((struct dns_sockets *)user)->heard;
    ssize_t got = recvfrom(fd, data, len, flags, from, from_len);
    int error = errno;
    if (got < 0 && !is_wait(error) && note_error(heard, fd, error))
        error = EAGAIN;
    if (got > 0)
        note_sender(heard, fd);
    if (got >= 0 && from && !is_answer(data, (size_t)got)) {
        heard->noise_us = clock_mono_us();
        heard->noise_len = (size_t)got;
    }
    errno = error;
    return got;
}

/* Linux tells of ICMP by whatever call comes next; a packet that was not sent for it is sent
 * again with the next try. */
ssize_t dns_socket_send(int fd, const struct iovec *parts, int count, void *user)
{
    struct dns_heard *heard = &((struct dns_sockets *)user)->heard;
    struct msghdr message = {.msg_iov = (struct iovec *)(uintptr_t)parts,
                             .msg_iovlen = (size_t)count};
    ssize_t sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    if (sent < 0 && !is_wait(errno) && note_error(heard, fd, errno))
        sent = sendmsg(fd, &message, MSG_NOSIGNAL);
    return sent;
}
