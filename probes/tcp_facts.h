/* SPDX-License-Identifier: ISC
 *
 * What the kernel knows of a TCP connection (TCP_INFO), as a value: round trip, losses, segment
 * sizes, path MTU. The only owner of linux/tcp.h, which does not go together with netinet/tcp.h.
 */
#ifndef REACHD_PROBES_TCP_FACTS_H
#define REACHD_PROBES_TCP_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Segment sizes are as announced in the handshake, so the timestamp option, which the kernel takes
 * off them, is added again: 1460 is a full Ethernet frame over IPv4. */
struct tcp_facts {
    bool known;          /* else there is no connection, and all is zero */
    uint32_t rtt_us;     /* smoothed */
    uint32_t rtt_min_us; /* 0: not measured */
    uint32_t mss_in;     /* the largest segment that we told the peer to send */
    uint32_t mss_out; /* the largest that we may send: what the peer said, or what the MTU allows */
    uint32_t mtu;     /* of the path, as far as the kernel has learnt it */
    uint32_t retransmits;
    uint32_t unacked; /* segments that the peer has not confirmed */
    uint64_t bytes_in;
    uint64_t bytes_acked; /* of what we sent */
};

/* Of a socket; all zero when it is not, or was never, connected. */
void tcp_facts_read(int fd, struct tcp_facts *out);
json_t *tcp_facts_json(const struct tcp_facts *facts); /* null when not known */

#endif
