/* SPDX-License-Identifier: ISC
 *
 * Sends the datagram.
 */
#include "monitor/address/neigh_poke.h"

#include <sys/socket.h>
#include <unistd.h>

#define DISCARD_PORT 9

void neigh_poke(const struct addr *addr)
{
    struct sockaddr_storage to;
    socklen_t len = addr_to_sockaddr(addr, DISCARD_PORT, &to);
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)!sendto(fd, "", 0, 0, (struct sockaddr *)&to, len);
    close(fd);
}
