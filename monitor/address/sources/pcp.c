/* SPDX-License-Identifier: ISC
 *
 * source = nat-pmp and source = pcp: the router is asked for its external address. Owns: the
 * socket, the pace of the requests, which of the two protocols is spoken. Not its job: the bytes
 * (monitor/address/sources/pcp_wire.h).
 *
 * NAT-PMP has a request for the address alone. PCP has none: RFC 6887, 11.6 has the client map a
 * port for a short time. It is the port of our own socket, so no service of this host is opened,
 * and the mapping is taken back as soon as it has told the address.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "monitor/address/addr_answer.h"
#include "monitor/address/addr_source.h"
#include "monitor/address/sources/pcp_wire.h"
#include "monitor/address/sources/router.h"
#include "probes/tcp.h"

#define NAT_PMP_WAIT_MS 250  /* doubled with each request (RFC 6886, 3.1) */
#define PCP_WAIT_MS     3000 /* the same (RFC 6887, 8.1.1) */
#define MAP_LIFETIME_S  120  /* in case that it can't be taken back */
#define MAX_TAKEN       32   /* datagrams that are no answer; more are a flood */

struct pcp {
    struct addr_fetch *fetch;
    const struct config_address *section;
    struct router router;
    int fd;
    struct loop_io *io;
    struct loop_timer *timer;
    enum pcp_version version;
    struct pcp_mapping mapping;
    int64_t deadline_ms;
    int64_t wait_ms;
    unsigned sent;
    unsigned taken;
    char wrong[160]; /* what failed at the start, told by the timer */
};

static const char *protocol_of(const struct pcp *pcp)
{
    return pcp->version == PCP_VERSION ? "PCP" : "NAT-PMP";
}

static void stop(void *state)
{
    struct pcp *pcp = state;
    loop_io_free(pcp->io);
    loop_timer_free(pcp->timer);
    if (pcp->fd >= 0)
        close(pcp->fd);
    free(pcp);
}

/* --- the end ------------------------------------------------------------------------------ */

static void fail(struct pcp *pcp, const char *why)
{
    char router[ADDR_STRLEN], text[ADDR_FETCH_TEXT_LEN];
    if (addr_is_set(&pcp->router.addr))
        snprintf(text, sizeof text, "%s (%s): %s", addr_format(&pcp->router.addr, router),
                 protocol_of(pcp), why);
    else
        str_copy(text, sizeof text, why);
    addr_fetch_end(pcp->fetch, NULL, text);
}

/* A low epoch after a high one is a router that was restarted: whoever reads the status sees it. */
static void tell(struct pcp *pcp, const struct pcp_answer *answer)
{
    char router[ADDR_STRLEN], age[DURATION_LEN], text[ADDR_FETCH_TEXT_LEN], why[160];
    if (!addr_answer_fits(&answer->addr, pcp->section, why, sizeof why)) {
        addr_fetch_behind(pcp->fetch, &answer->addr);
        fail(pcp, why);
        return;
    }
    snprintf(text, sizeof text, "%s (%s, running for %s)", addr_format(&pcp->router.addr, router),
             protocol_of(pcp), duration_format((int64_t)answer->epoch_s * 1000, age));
    addr_fetch_end(pcp->fetch, &answer->addr, text);
}

static void fail_silent(struct pcp *pcp)
{
    char why[96], took[DURATION_LEN];
    snprintf(why, sizeof why, "no answer to %u request%s within %s%s", pcp->sent,
             pcp->sent == 1 ? "" : "s", duration_format(pcp->section->timeout_ms, took),
             pcp->taken > 0 ? ", only datagrams that are none" : "");
    fail(pcp, why);
}

/* --- what leaves -------------------------------------------------------------------------- */

static bool send_bytes(struct pcp *pcp, const uint8_t *data, size_t len)
{
    char why[96];
    if (send(pcp->fd, data, len, 0) >= 0 || errno == EAGAIN || errno == ENOBUFS)
        return true; /* one that there is no room for is like one lost */
    snprintf(why, sizeof why, "%s", outcome_word(tcp_outcome(errno)));
    fail(pcp, why);
    return false;
}

/* False when that was the end. */
static bool send_request(struct pcp *pcp)
{
    uint8_t map[PCP_MAP_LEN], ask[NAT_PMP_ASK_LEN];
    pcp->sent++;
    if (pcp->version == PCP_VERSION)
        return send_bytes(pcp, map, pcp_map_ask(&pcp->mapping, MAP_LIFETIME_S, map));
    nat_pmp_ask(ask);
    return send_bytes(pcp, ask, sizeof ask);
}

/* Nobody waits for the answer: a mapping whose end is lost has a short life anyway. */
static void take_back(struct pcp *pcp)
{
    uint8_t map[PCP_MAP_LEN];
    size_t len = pcp_map_ask(&pcp->mapping, 0, map);
    (void)!send(pcp->fd, map, len, 0);
}

static void on_timer(void *arg)
{
    struct pcp *pcp = arg;
    int64_t left_ms = pcp->deadline_ms - clock_mono_ms();
    if (pcp->wrong[0]) {
        fail(pcp, pcp->wrong);
        return;
    }
    if (left_ms <= 0) {
        fail_silent(pcp);
        return;
    }
    if (!send_request(pcp))
        return;
    loop_timer_set(pcp->timer, pcp->wait_ms < left_ms ? pcp->wait_ms : left_ms);
    pcp->wait_ms *= 2;
}

/* --- what comes back ---------------------------------------------------------------------- */

static void speak(struct pcp *pcp, enum pcp_version version)
{
    pcp->version = version;
    pcp->wait_ms = version == PCP_VERSION ? PCP_WAIT_MS : NAT_PMP_WAIT_MS;
    loop_timer_set(pcp->timer, 0);
}

static void take_unknown(struct pcp *pcp, const struct pcp_answer *answer)
{
    char why[96];
    if (pcp->version == PCP_VERSION && answer->version == PCP_VERSION_NAT_PMP) {
        speak(pcp, PCP_VERSION_NAT_PMP);
        return;
    }
    if (answer->version == PCP_VERSION)
        str_copy(why, sizeof why, "the router speaks PCP only: source = pcp asks it");
    else
        snprintf(why, sizeof why, "the router speaks another version only: %u", answer->version);
    fail(pcp, why);
}

static void take_no_option(struct pcp *pcp, const struct pcp_answer *answer)
{
    if (pcp->mapping.plain) {
        fail(pcp, answer->error);
        return;
    }
    pcp->mapping.plain = true;
    speak(pcp, pcp->version);
}

/* False when it is the end, or the next request is due. */
static bool take(struct pcp *pcp, const uint8_t *data, size_t len)
{
    struct pcp_answer answer;
    if (pcp->version == PCP_VERSION)
        pcp_map_read(data, len, &pcp->mapping, &answer);
    else
        nat_pmp_read(data, len, &answer);
    switch (answer.meaning) {
    case PCP_NO_ANSWER:
        pcp->taken++;
        return true;
    case PCP_ADDRESS:
        if (pcp->version == PCP_VERSION)
            take_back(pcp);
        tell(pcp, &answer);
        break;
    case PCP_REFUSAL:
        fail(pcp, answer.error);
        break;
    case PCP_NO_OPTION:
        take_no_option(pcp, &answer);
        break;
    case PCP_UNKNOWN:
        take_unknown(pcp, &answer);
        break;
    }
    return false;
}

/* The socket is connected: what comes is from the router's address and port. */
static void on_ready(unsigned ready, void *arg)
{
    struct pcp *pcp = arg;
    uint8_t data[PCP_MAX_LEN + 1];
    (void)ready;
    while (pcp->taken < MAX_TAKEN) {
        ssize_t got = recv(pcp->fd, data, sizeof data, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) {
            fail(pcp, errno == ECONNREFUSED ? "refused: nobody listens on UDP port 5351"
                                            : outcome_word(tcp_outcome(errno)));
            return;
        }
        if (!take(pcp, data, (size_t)got))
            return;
    }
    fail(pcp, "a flood of datagrams that are no answer");
}

/* --- the start ---------------------------------------------------------------------------- */

static bool know_ourselves(struct pcp *pcp)
{
    struct sockaddr_storage ours;
    socklen_t len = sizeof ours;
    for (size_t i = 0; i < PCP_NONCE_LEN; i += 4) {
        uint32_t random = rng_u32();
        memcpy(pcp->mapping.nonce + i, &random, sizeof random);
    }
    return getsockname(pcp->fd, (struct sockaddr *)&ours, &len) == 0 &&
           addr_from_sockaddr((struct sockaddr *)&ours, &pcp->mapping.client, &pcp->mapping.port);
}

static bool open_socket(struct pcp *pcp)
{
    struct sockaddr_storage to;
    socklen_t len = addr_to_sockaddr(&pcp->router.addr, PCP_PORT, &to);
    int af = pcp->router.addr.af;
    pcp->fd = socket(af, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (pcp->fd >= 0 &&
        egress_apply(&pcp->router.egress, pcp->fd, af, pcp->wrong, sizeof pcp->wrong) != OUTCOME_OK)
        return false;
    if (pcp->fd >= 0 && connect(pcp->fd, (struct sockaddr *)&to, len) == 0 && know_ourselves(pcp))
        return true;
    snprintf(pcp->wrong, sizeof pcp->wrong, "%s", outcome_word(tcp_outcome(errno)));
    return false;
}

static void *start(struct addr_fetch *fetch, enum pcp_version version)
{
    struct pcp *pcp = mem_zalloc(sizeof(*pcp));
    struct loop *loop = addr_fetch_env(fetch)->loop;
    pcp->fetch = fetch;
    pcp->section = addr_fetch_section(fetch);
    pcp->fd = -1;
    pcp->deadline_ms = clock_mono_ms() + pcp->section->timeout_ms;
    pcp->timer = loop_timer_new(loop, on_timer, pcp);
    if (router_find(pcp->section, &pcp->router, pcp->wrong, sizeof pcp->wrong) &&
        open_socket(pcp)) {
        pcp->io = loop_io_new(loop, pcp->fd, on_ready, pcp);
        loop_io_want(pcp->io, LOOP_READ);
    }
    speak(pcp, version);
    return pcp;
}

static void *start_nat_pmp(struct addr_fetch *fetch)
{
    return start(fetch, PCP_VERSION_NAT_PMP);
}

static void *start_pcp(struct addr_fetch *fetch)
{
    return start(fetch, PCP_VERSION);
}

const struct addr_source addr_source_nat_pmp = {start_nat_pmp, stop};
const struct addr_source addr_source_pcp = {start_pcp, stop};
