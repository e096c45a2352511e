/* SPDX-License-Identifier: ISC
 *
 * Reading TCP_INFO. Owns: linux/tcp.h, what its fields mean. Not its job: judging them
 * (probes/mtu.c), when to look (probes/conn.c).
 */
#include "probes/tcp_facts.h"

#include <linux/tcp.h> /* has the newer members; glibc's netinet/tcp.h ends at tcpi_total_retrans */
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/doc.h"

#define TIMESTAMP_LEN 12 /* the option as padded: RFC 7323, appendix A */
#define NO_RTT        UINT32_MAX

enum { /* tcpi_state: the kernel has no header for it */
    STATE_SYN_SENT = 2,
};

void tcp_facts_read(int fd, struct tcp_facts *out)
{
    struct tcp_info info;
    socklen_t len = sizeof(info);
    *out = (struct tcp_facts){0};
    memset(&info, 0, sizeof(info)); /* an older kernel fills less */
    if (fd < 0 || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) != 0)
        return;
    if (info.tcpi_state == STATE_SYN_SENT || info.tcpi_rtt == 0)
        return; /* after a reset the state is CLOSE, but what was measured stays */
    uint32_t option = info.tcpi_options & TCPI_OPT_TIMESTAMPS ? TIMESTAMP_LEN : 0;
    *out = (struct tcp_facts){
        .known = true,
        .rtt_us = info.tcpi_rtt,
        .rtt_min_us = info.tcpi_min_rtt == NO_RTT ? 0 : info.tcpi_min_rtt,
        .mss_in = info.tcpi_advmss + option,
        .mss_out = info.tcpi_snd_mss + option,
        .mtu = info.tcpi_pmtu,
        .retransmits = info.tcpi_total_retrans,
        .unacked = info.tcpi_unacked,
        .bytes_in = info.tcpi_bytes_received,
        .bytes_acked = info.tcpi_bytes_acked,
    };
}

json_t *tcp_facts_json(const struct tcp_facts *facts)
{
    if (!facts->known)
        return json_null();
    json_t *out = doc_object();
    doc_int(out, "rtt_us", facts->rtt_us);
    doc_count(out, "rtt_min_us", facts->rtt_min_us ? (int64_t)facts->rtt_min_us : -1);
    doc_int(out, "mss_in", facts->mss_in);
    doc_int(out, "mss_out", facts->mss_out);
    doc_int(out, "mtu", facts->mtu);
    doc_int(out, "retransmits", facts->retransmits);
    doc_int(out, "unacked", facts->unacked);
    doc_int(out, "bytes_in", (int64_t)facts->bytes_in);
    doc_int(out, "bytes_acked", (int64_t)facts->bytes_acked);
    return out;
}
