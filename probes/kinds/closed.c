/* SPDX-License-Identifier: ISC
 *
 * Kind closed: ports that must not answer. One that accepts is the failure; refused and filtered
 * are told apart. Owns: the pace, the attempts under way. Not its job: one attempt (probes/tcp.h),
 * what may be looked at (probes/closed_want.h).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    size_t parallel;
    struct attempt *attempts; /* parallel of them */
    enum outcome local;       /* says nothing about the ports; OK: none */
    struct closed_facts *facts;
    struct probe_result result;
    probe_fn *done;
    void *arg;
};

/* --- the end --- */

static void cancel(void *arg)
{
    struct closed_look *look = arg;
    for (size_t i = 0; i < look->parallel; i++)
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

/* Addresses of a prefix that are looked at beside each other share the pace of one. */
static int64_t pace_ms(const struct closed_look *look)
{
    return CLOSED_PACE_MS * (look->spec.at_once > 0 ? look->spec.at_once : 1);
}

/* The next one leaves with the timer, or with the end of another when all are under way. What says
 * nothing about this port says nothing about the others. */
static void go_on(struct closed_look *look)
{
    bool more = look->next < look->count && look->local == OUTCOME_OK;
    if (look->running == 0 && !more)
        finish_looked(look);
    else if (more && look->running < look->parallel && !loop_timer_pending(look->timer))
        loop_timer_set(look->timer, pace_ms(look));
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
    free_one->tcp = tcp_connect_start(
        look->loop, &look->result.addr, free_one->port, &look->spec.egress,
        clock_mono_ms() + closed_wait_ms(look->spec.timeout_ms), on_attempt, free_one);
    look->running++;
}

static bool is_a_scan(const struct closed_look *look)
{
    size_t addrs = look->spec.addrs > 0 ? look->spec.addrs : 1;
    return !look->spec.closed->mine && look->count * addrs > CLOSED_FOREIGN_PORTS &&
           !closed_is_ours(&look->result.addr);
}

static void on_timer(void *arg)
{
    struct closed_look *look = arg;
    if (look->next == 0 && is_a_scan(look)) {
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
    look->parallel = spec->closed->parallel / (spec->at_once > 0 ? spec->at_once : 1);
    look->parallel = look->parallel > 0 ? look->parallel : 1;
    look->attempts = mem_array(look->parallel, sizeof *look->attempts);
    look->facts = mem_zalloc(sizeof *look->facts);
    look->done = done;
    look->arg = arg;
    probe_result_init(&look->result, spec, addr);
    look->timer = loop_timer_new(loop, on_timer, look);
    /* The next address of a prefix keeps the pace of the one before. */
    loop_timer_set(look->timer, spec->at_once > 0 ? pace_ms(look) : 0);
    if (spec->progress && spec->at_once == 0) /* of a prefix all were announced at once */
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
