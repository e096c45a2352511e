/* SPDX-License-Identifier: ISC
 *
 * Kind closed: ports that must not answer. One that accepts is the failure; refused and filtered
 * are told apart. Owns: the pace, the attempts under way. Not its job: one attempt (probes/tcp.h).
 */
#include <ifaddrs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/addr_special.h"
#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/closed_want.h"
#include "probes/kind.h"
#include "probes/tcp.h"

#define OPEN_KEPT 32

struct closed_facts {
    uint32_t ports;    /* looked at */
    uint32_t refused;  /* the host says no */
    uint32_t rejected; /* a firewall says no (ICMP) */
    uint32_t filtered; /* silence */
    uint32_t open;
    uint16_t open_list[OPEN_KEPT];
};

struct attempt {
    struct closed_look *look;
    struct tcp_connect *tcp;
    uint16_t port;
};

struct closed_look {
    struct loop *loop;
    struct probe_spec spec;
    struct loop_timer *timer;
    size_t count;
    size_t next; /* port to try */
    size_t running;
    struct attempt *attempts; /* want.parallel of them */
    enum outcome local;       /* says nothing about the ports; OK: none */
    struct closed_facts *facts;
    struct probe_result result;
    probe_fn *done;
    void *arg;
};

/* --- whose is it? --- */

static struct addr masked(const struct addr *addr, const struct addr *mask)
{
    struct addr out = *addr;
    for (size_t i = 0; i < sizeof out.bytes; i++)
        out.bytes[i] &= mask->bytes[i];
    return out;
}

static bool is_on_link(const struct ifaddrs *list, const struct addr *addr)
{
    for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
        struct addr own, mask;
        if (!i->ifa_addr || !i->ifa_netmask || !addr_from_sockaddr(i->ifa_addr, &own, NULL) ||
            !addr_from_sockaddr(i->ifa_netmask, &mask, NULL) || own.af != addr->af)
            continue;
        struct addr a = masked(addr, &mask), b = masked(&own, &mask);
        if (addr_equal(&a, &b))
            return true;
    }
    return false;
}

bool closed_is_ours(const struct addr *addr)
{
    struct ifaddrs *list;
    if (addr_special_find(addr))
        return true;
    if (getifaddrs(&list) != 0)
        return false;
    bool found = is_on_link(list, addr);
    freeifaddrs(list);
    return found;
}

/* --- time --- */

static int64_t wait_ms(int64_t timeout_ms)
{
    return timeout_ms > 0 && timeout_ms < CLOSED_WAIT_MS ? timeout_ms : CLOSED_WAIT_MS;
}

int64_t closed_longest_ms(const struct closed_want *want, int64_t timeout_ms)
{
    int64_t count = (int64_t)port_set_count(&want->ports), parallel = want->parallel;
    return (count + parallel - 1) / parallel * wait_ms(timeout_ms) + count * CLOSED_PACE_MS;
}

bool closed_want_equal(const struct closed_want *a, const struct closed_want *b)
{
    if (!a || !b)
        return a == b;
    return a->mine == b->mine && a->parallel == b->parallel && port_set_equal(&a->ports, &b->ports);
}

/* --- the end --- */

static void cancel(void *arg)
{
    struct closed_look *look = arg;
    for (size_t i = 0; i < look->spec.closed->parallel; i++)
        tcp_connect_cancel(look->attempts[i].tcp);
    loop_timer_free(look->timer);
    free(look->attempts);
    free(look->facts);
    free(look);
}

static int compare_ports(const void *a, const void *b)
{
    return (int)*(const uint16_t *)a - (int)*(const uint16_t *)b;
}

static void tell_open(struct closed_look *look)
{
    struct closed_facts *facts = look->facts;
    char *detail = look->result.detail;
    size_t kept = facts->open < OPEN_KEPT ? facts->open : OPEN_KEPT;
    qsort(facts->open_list, kept, sizeof facts->open_list[0], compare_ports);
    for (size_t i = 0; i < kept && i < 10; i++)
        str_append(detail, sizeof look->result.detail, "%s%u", i ? ", " : "port ",
                   facts->open_list[i]);
    if (facts->open > 10)
        str_append(detail, sizeof look->result.detail, " and %u more", facts->open - 10);
}

static void finish(struct closed_look *look, enum outcome outcome)
{
    struct probe_result result = look->result;
    probe_fn *done = look->done;
    void *arg = look->arg;
    result.outcome = outcome;
    result.facts = look->facts;
    look->facts = NULL;
    cancel(look);
    done(&result, arg);
}

/* An open port is certain; without one, what kept us from looking is. */
static void finish_looked(struct closed_look *look)
{
    if (look->facts->open == 0) {
        finish(look, look->local);
        return;
    }
    look->result.detail[0] = '\0';
    tell_open(look);
    finish(look, OUTCOME_PORT_OPEN);
}

/* --- attempts --- */

static void count_attempt(struct closed_look *look, uint16_t port, enum outcome outcome,
                          const char *detail)
{
    struct closed_facts *facts = look->facts;
    facts->ports++;
    if (outcome == OUTCOME_OK && facts->open < OPEN_KEPT)
        facts->open_list[facts->open] = port;
    if (outcome == OUTCOME_OK)
        facts->open++;
    else if (outcome == OUTCOME_REFUSED || outcome == OUTCOME_RESET)
        facts->refused++;
    else if (outcome == OUTCOME_TIMEOUT)
        facts->filtered++;
    else if (outcome == OUTCOME_PROHIBITED || outcome == OUTCOME_UNREACHABLE)
        facts->rejected++;
    else
        facts->ports--;
    if (outcome_info(outcome)->verdict == VERDICT_UNKNOWN && look->local == OUTCOME_OK) {
        look->local = outcome;
        str_copy(look->result.detail, sizeof look->result.detail, detail);
    }
}

/* The next one leaves with the timer, or with the end of another when all are under way. What says
 * nothing about this port says nothing about the others. */
static void go_on(struct closed_look *look)
{
    bool more = look->next < look->count && look->local == OUTCOME_OK;
    if (look->running == 0 && !more)
        finish_looked(look);
    else if (more && look->running < look->spec.closed->parallel &&
             !loop_timer_pending(look->timer))
        loop_timer_set(look->timer, CLOSED_PACE_MS);
}

static void on_attempt(const struct tcp_end *end, void *arg)
{
    struct attempt *attempt = arg;
    struct closed_look *look = attempt->look;
    attempt->tcp = NULL;
    look->running--;
    if (end->fd >= 0)
        close(end->fd);
    count_attempt(look, attempt->port, end->outcome, end->detail);
    if (look->spec.progress)
        look->spec.progress(0, 1, look->spec.progress_arg);
    go_on(look);
}

static void start_one(struct closed_look *look)
{
    struct attempt *free_one = look->attempts;
    while (free_one->tcp)
        free_one++;
    free_one->look = look;
    free_one->port = port_set_at(&look->spec.closed->ports, look->next++);
    free_one->tcp =
        tcp_connect_start(look->loop, &look->result.addr, free_one->port, &look->spec.egress,
                          clock_mono_ms() + wait_ms(look->spec.timeout_ms), on_attempt, free_one);
    look->running++;
}

static void on_timer(void *arg)
{
    struct closed_look *look = arg;
    const struct closed_want *want = look->spec.closed;
    if (look->next == 0 && !want->mine && look->count > CLOSED_FOREIGN_PORTS &&
        !closed_is_ours(&look->result.addr)) {
        finish(look, OUTCOME_LOCAL_SCAN);
        return;
    }
    if (look->next < look->count && look->local == OUTCOME_OK)
        start_one(look);
    go_on(look);
}

static void *start(struct loop *loop, const struct probe_spec *spec, const struct addr *addr,
                   probe_fn *done, void *arg)
{
    struct closed_look *look = mem_zalloc(sizeof(*look));
    look->loop = loop;
    look->spec = *spec;
    look->count = port_set_count(&spec->closed->ports);
    look->attempts = mem_array(spec->closed->parallel, sizeof *look->attempts);
    look->facts = mem_zalloc(sizeof *look->facts);
    look->done = done;
    look->arg = arg;
    probe_result_init(&look->result, spec, addr);
    look->timer = loop_timer_new(loop, on_timer, look);
    loop_timer_set(look->timer, 0);
    if (spec->progress)
        spec->progress(look->count, 0, spec->progress_arg);
    return look;
}

/* --- telling --- */

static void facts_json(const void *arg, json_t *out)
{
    const struct closed_facts *facts = arg;
    json_t *closed = doc_object();
    json_t *open = doc_array();
    for (size_t i = 0; i < facts->open && i < OPEN_KEPT; i++)
        doc_push(open, json_integer(facts->open_list[i]));
    doc_int(closed, "ports", facts->ports);
    doc_int(closed, "open_count", facts->open);
    doc_value(closed, "open", open);
    doc_int(closed, "refused", facts->refused);
    doc_int(closed, "rejected", facts->rejected);
    doc_int(closed, "filtered", facts->filtered);
    doc_value(out, "closed", closed);
}

static void facts_brief(const void *arg, char *text, size_t cap)
{
    const struct closed_facts *facts = arg;
    str_append(text, cap, "%u port%s: %u open, %u refused, ", facts->ports,
               facts->ports == 1 ? "" : "s", facts->open, facts->refused);
    if (facts->rejected > 0)
        str_append(text, cap, "%u rejected, ", facts->rejected);
    str_append(text, cap, "%u filtered", facts->filtered);
}

static void facts_numbers(const void *arg, kind_number_fn *tell, void *to)
{
    const struct closed_facts *facts = arg;
    tell("closed_ports", "Ports that were looked at.", facts->ports, to);
    tell("closed_open_ports", "Ports that accept connections and should not.", facts->open, to);
    tell("closed_refused_ports", "Ports that the host refuses.", facts->refused, to);
    tell("closed_rejected_ports", "Ports that a firewall rejects.", facts->rejected, to);
    tell("closed_filtered_ports", "Ports that keep silent.", facts->filtered, to);
}

const struct kind kind_closed = {
    .word = "closed",
    .about = "do these ports refuse or ignore connections, as they should?",
    .ok = "none of the ports is open",
    .takes = KIND_TAKES_PORTS,
    .start = start,
    .cancel = cancel,
    .facts_free = free,
    .facts_json = facts_json,
    .facts_brief = facts_brief,
    .facts_numbers = facts_numbers,
};
