/* SPDX-License-Identifier: ISC
 *
 * Kind quic: does a QUIC server answer on the UDP port, and which versions has it? Owns: the
 * socket, the pace of the packets. Not its job: their bytes (probes/quic_vn.h).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "probes/first_bytes.h"
#include "probes/icmp.h"
#include "probes/kind.h"
#include "probes/quic_vn.h"
#include "probes/tcp.h"

#define FIRST_WAIT_MS 300 /* doubled with each packet */
#define MAX_PACKETS   6
#define MAX_TAKEN     32 /* datagrams of others; more are a flood */

struct quic_facts {
    struct quic_versions versions;
    int64_t reply_us;
    unsigned packets; /* sent */
};

struct quic_look {
    int fd;
    struct loop_io *io;
    struct loop_timer *timer;
    struct quic_ids ids;
    int64_t started_ms;
    int64_t deadline_ms;
    int64_t sent_us; /* of the first packet */
    int64_t wait_ms;
    unsigned packets;
    unsigned taken;       /* datagrams that were no answer */
    enum outcome outcome; /* of a failure at the start, told by the timer */
    struct probe_result result;
    probe_fn *done;
    void *arg;
};

static void cancel(void *arg)
{
    struct quic_look *look = arg;
    loop_io_free(look->io);
    loop_timer_free(look->timer);
    if (look->fd >= 0)
        close(look->fd);
    free(look);
}

static void finish(struct quic_look *look, enum outcome outcome)
{
    struct probe_result result = look->result;
    probe_fn *done = look->done;
    void *arg = look->arg;
    result.outcome = outcome;
    cancel(look);
    done(&result, arg);
}

/* --- what comes back --- */

static void finish_answered(struct quic_look *look, const struct quic_versions *versions)
{
    struct quic_facts *facts = mem_zalloc(sizeof(*facts));
    facts->versions = *versions;
    facts->reply_us = clock_mono_us() - look->sent_us;
    facts->packets = look->packets;
    look->result.facts = facts;
    look->result.detail[0] = '\0';
    finish(look, OUTCOME_OK);
}

/* Kept for the case that nothing better comes: anybody may send a datagram. */
static void note_other(struct quic_look *look, const char *why, const char *data, size_t len)
{
    char said[2 * FIRST_BYTES_LEN];
    if (look->taken++ > 0)
        return;
    str_copy(look->result.detail, sizeof look->result.detail, why);
    if (len > 0 && str_starts(why, "not QUIC")) {
        first_bytes_describe(data, len < 32 ? len : 32, said, sizeof said);
        str_append(look->result.detail, sizeof look->result.detail, "; %s", said);
    }
}

static void finish_icmp(struct quic_look *look, int error)
{
    struct icmp_error icmp = icmp_next(look->fd);
    enum outcome outcome = icmp.error != 0 ? icmp.outcome : tcp_outcome(error);
    char text[ADDR_STRLEN];
    str_copy(look->result.detail, sizeof look->result.detail,
             icmp.error != 0 ? icmp.text : tcp_error_name(error));
    if (icmp.error != 0 && addr_is_set(&icmp.from))
        str_append(look->result.detail, sizeof look->result.detail, " from %s",
                   addr_format(&icmp.from, text));
    finish(look, outcome == OUTCOME_REFUSED ? OUTCOME_QUIC_REFUSED : outcome);
}

static void on_ready(unsigned ready, void *arg)
{
    struct quic_look *look = arg;
    char data[2048];
    struct quic_versions versions;
    (void)ready;
    while (look->taken < MAX_TAKEN) {
        ssize_t got = recv(look->fd, data, sizeof data, 0);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (got < 0) {
            finish_icmp(look, errno);
            return;
        }
        const char *wrong = quic_vn_read(&look->ids, data, (size_t)got, &versions);
        if (!wrong) {
            finish_answered(look, &versions);
            return;
        }
        note_other(look, wrong, data, (size_t)got);
    }
    finish(look, OUTCOME_QUIC_MALFORMED);
}

/* --- what leaves --- */

/* False when it has finished. A packet that the socket has no room for is like one lost. */
static bool send_one(struct quic_look *look)
{
    uint8_t packet[QUIC_HELLO_LEN];
    quic_hello_write(&look->ids, packet);
    look->packets++;
    if (send(look->fd, packet, sizeof packet, 0) >= 0 || errno == EAGAIN || errno == ENOBUFS)
        return true;
    finish_icmp(look, errno);
    return false;
}

static void finish_silent(struct quic_look *look)
{
    char took[DURATION_LEN];
    if (look->taken > 0) {
        finish(look, OUTCOME_QUIC_MALFORMED);
        return;
    }
    str_append(look->result.detail, sizeof look->result.detail,
               "no answer to %u packet%s within %s", look->packets, look->packets == 1 ? "" : "s",
               duration_format(clock_mono_ms() - look->started_ms, took));
    finish(look, OUTCOME_QUIC_SILENT);
}

/* The time for the next packet, or the end. What is no answer need not be waited out. */
static void on_timer(void *arg)
{
    struct quic_look *look = arg;
    int64_t left_ms = look->deadline_ms - clock_mono_ms();
    if (look->outcome != OUTCOME_OK) {
        finish(look, look->outcome);
        return;
    }
    if (left_ms <= 0 || look->taken > 0) {
        finish_silent(look);
        return;
    }
    if (look->packets == 0)
        look->sent_us = clock_mono_us();
    if (look->packets < MAX_PACKETS && !send_one(look))
        return;
    bool more = look->packets < MAX_PACKETS && look->wait_ms < left_ms;
    loop_timer_set(look->timer, more ? look->wait_ms : left_ms);
    look->wait_ms *= 2;
}

/* --- the start --- */

static enum outcome open_socket(struct quic_look *look, const struct probe_spec *spec)
{
    const struct addr *addr = &look->result.addr;
    char *detail = look->result.detail;
    struct sockaddr_storage ss;
    socklen_t len = addr_to_sockaddr(addr, spec->port, &ss);
    look->fd = socket(addr->af, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (look->fd < 0) {
        str_append(detail, sizeof look->result.detail, "socket: %s", tcp_error_name(errno));
        return tcp_outcome(errno);
    }
    enum outcome outcome =
        egress_apply(&spec->egress, look->fd, addr->af, detail, sizeof look->result.detail);
    if (outcome != OUTCOME_OK)
        return outcome;
    icmp_keep(look->fd, addr->af, true);
    if (connect(look->fd, (struct sockaddr *)&ss, len) == 0)
        return OUTCOME_OK;
    str_append(detail, sizeof look->result.detail, "connect: %s", tcp_error_name(errno));
    return tcp_connect_outcome(errno, addr->af, &spec->egress);
}

static void *start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg)
{
    struct quic_look *look = mem_zalloc(sizeof(*look));
    uint32_t random[5];
    for (size_t i = 0; i < sizeof random / sizeof *random; i++)
        random[i] = rng_u32();
    quic_ids_make(&look->ids, random);
    probe_result_init(&look->result, spec, addr);
    look->started_ms = clock_mono_ms();
    look->deadline_ms = spec->deadline_ms;
    look->wait_ms = FIRST_WAIT_MS;
    look->done = done;
    look->arg = arg;
    look->outcome = open_socket(look, spec);
    if (look->outcome == OUTCOME_OK) {
        look->io = loop_io_new(loop, look->fd, on_ready, look);
        loop_io_want(look->io, LOOP_READ);
    }
    look->timer = loop_timer_new(loop, on_timer, look);
    loop_timer_set(look->timer, 0);
    return look;
}

/* --- telling --- */

static void facts_json(const void *arg, json_t *out)
{
    const struct quic_facts *facts = arg;
    char name[QUIC_VERSION_LEN];
    json_t *quic = doc_object();
    json_t *versions = doc_array();
    for (size_t i = 0; i < facts->versions.count; i++)
        doc_push(versions, json_string(quic_version_name(facts->versions.list[i], name)));
    doc_value(quic, "versions", versions);
    doc_bool(quic, "versions_cut", facts->versions.cut);
    doc_int(quic, "reply_us", facts->reply_us);
    doc_int(quic, "packets", facts->packets);
    doc_value(out, "quic", quic);
}

static void facts_brief(const void *arg, char *text, size_t cap)
{
    const struct quic_facts *facts = arg;
    char name[QUIC_VERSION_LEN];
    str_append(text, cap, "udp %.1f ms  versions", (double)facts->reply_us / 1000);
    for (size_t i = 0; i < facts->versions.count; i++)
        str_append(text, cap, " %s", quic_version_name(facts->versions.list[i], name));
    if (facts->versions.count == 0)
        str_append(text, cap, " none");
}

static void facts_numbers(const void *arg, kind_number_fn *tell, void *to)
{
    const struct quic_facts *facts = arg;
    tell("quic_reply_seconds", "Until the server answered over UDP.", (double)facts->reply_us / 1e6,
         to);
}

const struct kind kind_quic = {
    .word = "quic",
    .about = "does a QUIC (HTTP/3) server answer over UDP?",
    .ok = "a QUIC server answers",
    .port = 443,
    .start = start,
    .cancel = cancel,
    .facts_free = free,
    .facts_json = facts_json,
    .facts_brief = facts_brief,
    .facts_numbers = facts_numbers,
};
