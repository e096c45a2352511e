/* SPDX-License-Identifier: ISC
 *
 * DNS questions. Owns: the queue, deadlines, and what a reply (or the lack of one) means. Not its
 * job: the wire (probes/ares_glue.h), the format (probes/dnsmsg.h).
 *
 * A question goes to the first channel, which passes over servers that answer SERVFAIL or REFUSED.
 * Older c-ares then cannot tell these from a server that is not there; so when all failed, a second
 * channel that takes the first reply as it is asks once more, within the same deadline.
 *
 * c-ares' callbacks only note the result; `done` is called from the query's own timer. So no user
 * code ever runs inside c-ares, and channels may be freed whenever user code runs. A question
 * cannot be taken back from c-ares: a cancelled one is cut off from its flight, which ends by
 * itself.
 */
#include "probes/resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/duration.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/ares_glue.h"
#include "probes/server_list.h"

#define MAX_ACTIVE    256 /* questions on the wire; the rest waits in line */
#define SERVERS_SHOWN 2   /* in a sentence */
#define SERVERS_LEN   (SERVERS_SHOWN * (ADDR_STRLEN + 5) + 32)

enum query_state {
    QUERY_WAITING, /* for its turn */
    QUERY_ACTIVE,  /* with c-ares */
    QUERY_READY,   /* the reply waits for the timer */
    QUERY_STATE_COUNT,
};

struct list {
    struct resolver_query *head;
    struct resolver_query *tail;
    size_t count;
};

/* What c-ares holds on to; outlives a cancelled query. */
struct flight {
    struct resolver *resolver;
    struct resolver_query *query;
};

struct resolver_query {
    struct resolver *resolver;
    struct resolver_query *prev;
    struct resolver_query *next;
    enum query_state state;
    bool diagnose;
    char *name;
    enum rrtype type;
    int64_t start_us;
    int64_t deadline_ms;
    struct loop_timer *timer;
    struct flight *flight;
    struct resolver_reply *reply;
    resolver_fn *done;
    void *arg;
};

struct resolver {
    struct loop *loop;
    char *servers; /* NULL: the system's */
    bool authoritative;
    struct egress egress; /* zeroed unless it is to be followed */
    struct ares_glue *glue;
    struct ares_glue *diagnosis; /* NULL when authoritative: glue is one itself */
    struct loop_timer *kick;
    struct list lists[QUERY_STATE_COUNT];
    size_t flights;
    size_t server_count;
    struct addr servers_shown[SERVERS_SHOWN]; /* the first of them */
};

/* --- lists --- */

static void list_remove(struct resolver_query *query)
{
    struct list *list = &query->resolver->lists[query->state];
    *(query->prev ? &query->prev->next : &list->head) = query->next;
    *(query->next ? &query->next->prev : &list->tail) = query->prev;
    query->prev = query->next = NULL;
    list->count--;
}

static void list_add(struct resolver_query *query, enum query_state state, bool in_front)
{
    struct list *list = &query->resolver->lists[state];
    query->state = state;
    query->prev = in_front ? NULL : list->tail;
    query->next = in_front ? list->head : NULL;
    *(query->prev ? &query->prev->next : &list->head) = query;
    *(query->next ? &query->next->prev : &list->tail) = query;
    list->count++;
}

static void move(struct resolver_query *query, enum query_state state, bool in_front)
{
    list_remove(query);
    list_add(query, state, in_front);
}

/* --- what a result means --- */

/* "192.0.2.53", "192.0.2.53 and 2001:db8::53", "…, … and 1 more" */
static const char *server_text(const struct resolver *resolver, char text[SERVERS_LEN])
{
    char addr[ADDR_STRLEN];
    size_t count = resolver->server_count;
    text[0] = '\0';
    for (size_t i = 0; i < count && i < SERVERS_SHOWN; i++)
        str_append(text, SERVERS_LEN, "%s%s",
                   i == 0       ? ""
                   : count == 2 ? " and "
                                : ", ",
                   addr_format(&resolver->servers_shown[i], addr));
    if (count > SERVERS_SHOWN)
        str_append(text, SERVERS_LEN, " and %zu more", count - SERVERS_SHOWN);
    return *text ? text : "the server";
}

static const char *rcode_word(uint8_t rcode, char number[16])
{
    static const char *const words[] = {"NOERROR",  "FORMERR", "SERVFAIL",
                                        "NXDOMAIN", "NOTIMP",  "REFUSED"};
    if (rcode < sizeof(words) / sizeof(words[0]))
        return words[rcode];
    number[0] = '\0';
    str_append(number, 16, "rcode %u", rcode);
    return number;
}

static bool holds_answer(const struct resolver_query *query, const struct dnsmsg *msg)
{
    switch (query->type) {
    case RR_A:
    case RR_AAAA:
        return msg->addr_count > 0;
    case RR_NS:
        return msg->name_count > 0;
    case RR_CNAME:
        return msg->cname[0] != '\0';
    case RR_SOA: /* a SOA above the name says that the name has none */
        return msg->soa_owner[0] != '\0' &&
               str_equal_nocase(msg->soa_owner, msg->cname[0] ? msg->cname : query->name);
    }
    return false;
}

static enum outcome reply_outcome(const struct resolver_query *query, const struct dnsmsg *msg)
{
    if (msg->cname_loop)
        return OUTCOME_DNS_CNAME_LOOP;
    switch (msg->rcode) {
    case RCODE_NOERROR:
        return holds_answer(query, msg) ? OUTCOME_OK : OUTCOME_DNS_NODATA;
    case RCODE_NXDOMAIN: /* of the name where the aliases end (RFC 6604) */
        return msg->cname[0] ? OUTCOME_DNS_CNAME_DANGLING : OUTCOME_DNS_NXDOMAIN;
    case RCODE_REFUSED:
        return OUTCOME_DNS_REFUSED;
    default:
        return OUTCOME_DNS_SERVFAIL;
    }
}

static void describe_reply(const struct resolver_query *query, struct resolver_reply *reply)
{
    const struct resolver *resolver = query->resolver;
    char text[SERVERS_LEN], number[16];
    if (reply->outcome == OUTCOME_DNS_SERVFAIL || reply->outcome == OUTCOME_DNS_REFUSED)
        str_append(reply->detail, sizeof(reply->detail), "%s%s%s",
                   rcode_word(reply->msg.rcode, number),
                   resolver->server_count == 1 ? " from " : "",
                   resolver->server_count == 1 ? server_text(resolver, text) : "");
    else if (reply->outcome == OUTCOME_DNS_CNAME_DANGLING)
        resolver_say_dangling(query->name, reply->msg.cname, reply->detail);
    else if (reply->outcome == OUTCOME_DNS_CNAME_LOOP)
        resolver_say_loop(reply->msg.cname, reply->detail);
}

void resolver_say_dangling(const char *name, const char *target, char detail[RESOLVER_DETAIL_LEN])
{
    snprintf(detail, RESOLVER_DETAIL_LEN, "%.120s is an alias of %.120s, which does not exist",
             name, target);
}

void resolver_say_loop(const char *target, char detail[RESOLVER_DETAIL_LEN])
{
    snprintf(detail, RESOLVER_DETAIL_LEN, "in a circle by way of %.120s", target);
}

/* What a channel heard since the question was asked; NULL: nothing of that kind. */
static const struct dns_heard *heard_by(const struct resolver_query *query,
                                        const struct ares_glue *glue, bool noise)
{
    const struct dns_heard *heard = glue ? ares_glue_heard(glue) : NULL;
    return heard && (noise ? heard->noise_us : heard->refused_us) >= query->start_us ? heard : NULL;
}

static const struct dns_heard *heard_since(const struct resolver_query *query, bool noise)
{
    const struct dns_heard *heard = heard_by(query, query->resolver->glue, noise);
    return heard ? heard : heard_by(query, query->resolver->diagnosis, noise);
}

static void describe_silence(const struct resolver_query *query, struct resolver_reply *reply)
{
    char text[SERVERS_LEN], took[DURATION_LEN];
    const size_t cap = sizeof reply->detail;
    const char *who = server_text(query->resolver, text);
    const struct dns_heard *noise = heard_since(query, true), *refused = heard_since(query, false);
    duration_format((clock_mono_us() - query->start_us + 500) / 1000, took);
    if (reply->outcome == OUTCOME_DNS_TIMEOUT)
        str_append(reply->detail, cap, "no answer from %s within %s", who, took);
    else if (reply->outcome == OUTCOME_DNS_UNREACHABLE)
        str_append(reply->detail, cap, "%s cannot be reached%s%s%s", who, refused ? " (" : "",
                   refused ? refused->refused : "", refused ? ")" : "");
    else if (reply->outcome == OUTCOME_DNS_MALFORMED && noise)
        str_append(reply->detail, cap, "%zu bytes that are no DNS answer from %s", noise->noise_len,
                   who);
    else if (reply->outcome == OUTCOME_DNS_MALFORMED)
        str_append(reply->detail, cap, "broken reply from %s", who);
}

/* Silence that was none: somebody sends what is no answer, or says that nobody is there. */
static enum outcome silence_outcome(const struct resolver_query *query, enum outcome outcome)
{
    if (outcome != OUTCOME_DNS_TIMEOUT)
        return outcome;
    if (heard_since(query, true))
        return OUTCOME_DNS_MALFORMED;
    return heard_since(query, false) ? OUTCOME_DNS_UNREACHABLE : outcome;
}

/* The reply is complete but for the time; the timer will deliver it. */
static void finish(struct resolver_query *query)
{
    query->reply->took_us = clock_mono_us() - query->start_us;
    move(query, QUERY_READY, false);
    loop_timer_set(query->timer, 0);
}

static struct resolver_reply *reply_of(struct resolver_query *query, enum outcome outcome)
{
    if (!query->reply)
        query->reply = mem_zalloc(sizeof(*query->reply));
    query->reply->outcome = outcome;
    return query->reply;
}

/* --- with c-ares --- */

/* c-ares reports our own lack of descriptors, and a way out that is refused, as a server that
 * cannot be reached. */
static void end_all_failed(struct resolver_query *query)
{
    const struct resolver *resolver = query->resolver;
    int af = resolver->server_count > 0 ? resolver->servers_shown[0].af : AF_INET;
    struct resolver_reply *reply = reply_of(query, OUTCOME_DNS_UNREACHABLE);
    enum outcome own = egress_try(&resolver->egress, af, reply->detail, sizeof(reply->detail));
    if (own != OUTCOME_OK)
        reply->outcome = own;
    else
        describe_silence(query, reply);
}

static void on_reply(struct resolver_query *query, const void *data, size_t len)
{
    const struct resolver *resolver = query->resolver;
    struct resolver_reply *reply = reply_of(query, OUTCOME_DNS_MALFORMED);
    reply->server = ares_glue_heard(query->diagnose ? resolver->diagnosis : resolver->glue)->from;
    if (dnsmsg_parse(data, len, query->name, query->type, &reply->msg)) {
        reply->outcome = reply_outcome(query, &reply->msg);
        describe_reply(query, reply);
    } else {
        describe_silence(query, reply);
    }
    finish(query);
}

/* Runs inside c-ares: notes only. */
static void on_end(enum ares_glue_end end, enum outcome outcome, const void *data, size_t len,
                   void *arg)
{
    struct flight flight = *(struct flight *)arg;
    struct resolver_query *query = flight.query;
    free(arg);
    flight.resolver->flights--;
    if (!query)
        return;
    query->flight = NULL;
    loop_timer_set(flight.resolver->kick, 0);
    if (end == ARES_GLUE_REPLY) {
        on_reply(query, data, len);
    } else if (end == ARES_GLUE_DROPPED) {
        move(query, QUERY_WAITING, true);
    } else if (end == ARES_GLUE_ALL_FAILED && !query->diagnose && flight.resolver->diagnosis) {
        query->diagnose = true;
        move(query, QUERY_WAITING, true);
    } else {
        if (end == ARES_GLUE_ALL_FAILED)
            end_all_failed(query);
        else
            describe_silence(query, reply_of(query, silence_outcome(query, outcome)));
        finish(query);
    }
}

static void take_off(struct resolver_query *query)
{
    struct resolver *resolver = query->resolver;
    struct flight *flight = mem_zalloc(sizeof(*flight));
    *flight = (struct flight){.resolver = resolver, .query = query};
    move(query, QUERY_ACTIVE, false);
    query->flight = flight;
    resolver->flights++;
    ares_glue_query(query->diagnose ? resolver->diagnosis : resolver->glue, query->name,
                    query->type, on_end, flight);
}

static void pump(struct resolver *resolver)
{
    const struct list *waiting = &resolver->lists[QUERY_WAITING];
    const struct list *active = &resolver->lists[QUERY_ACTIVE];
    while (waiting->head && active->count < MAX_ACTIVE)
        take_off(waiting->head);
    if (active->count > 0 || resolver->flights == 0)
        return;
    /* Only cancelled ones are left: nobody wants their retries. */
    ares_glue_drop_all(resolver->glue);
    if (resolver->diagnosis)
        ares_glue_drop_all(resolver->diagnosis);
}

static void on_kick(void *arg)
{
    pump(arg);
}

/* --- the query's end --- */

static void release(struct resolver_query *query)
{
    struct resolver *resolver = query->resolver;
    if (query->flight)
        query->flight->query = NULL;
    list_remove(query);
    if (resolver->lists[QUERY_WAITING].count > 0 || resolver->flights > 0)
        loop_timer_set(resolver->kick, 0);
    loop_timer_free(query->timer);
    free(query->name);
    free(query->reply);
    free(query);
}

static void on_query_timer(void *arg)
{
    struct resolver_query *query = arg;
    if (query->state != QUERY_READY) {
        /* In the second question we know at least that every server failed in some way. */
        enum outcome outcome = query->diagnose ? OUTCOME_DNS_UNREACHABLE : OUTCOME_DNS_TIMEOUT;
        struct resolver_reply *late = reply_of(query, silence_outcome(query, outcome));
        late->took_us = clock_mono_us() - query->start_us;
        describe_silence(query, late);
    }
    struct resolver_reply *reply = query->reply;
    resolver_fn *done = query->done;
    void *done_arg = query->arg;
    query->reply = NULL;
    release(query);
    done(reply, done_arg);
    free(reply);
}

static bool is_localhost(const char *name)
{
    size_t len = strlen(name), tail = strlen("localhost");
    return len >= tail && str_equal_nocase(name + len - tail, "localhost") &&
           (len == tail || name[len - tail - 1] == '.');
}

static void answer_localhost(struct resolver_query *query)
{
    bool has = query->type == RR_A || query->type == RR_AAAA;
    struct resolver_reply *reply = reply_of(query, has ? OUTCOME_OK : OUTCOME_DNS_NODATA);
    if (has) {
        reply->msg.addrs[0] = addr_loopback(query->type == RR_A ? FAMILY_IPV4 : FAMILY_IPV6);
        reply->msg.addr_count = 1;
    }
    finish(query);
}

struct resolver_query *resolver_query_start(struct resolver *resolver, const char *name,
                                            enum rrtype type, int64_t deadline_ms,
                                            resolver_fn *done, void *arg)
{
    struct resolver_query *query = mem_zalloc(sizeof(*query));
    *query = (struct resolver_query){.resolver = resolver,
                                     .name = mem_strndup(name, HOST_MAX),
                                     .type = type,
                                     .start_us = clock_mono_us(),
                                     .deadline_ms = deadline_ms,
                                     .done = done,
                                     .arg = arg};
    query->timer = loop_timer_new(resolver->loop, on_query_timer, query);
    loop_timer_set(query->timer, deadline_ms - clock_mono_ms());
    list_add(query, QUERY_WAITING, false);
    size_t len = strlen(query->name);
    if (!host_is_valid(name)) {
        reply_of(query, OUTCOME_DNS_BAD_NAME);
        finish(query);
        return query;
    }
    if (query->name[len - 1] == '.')
        query->name[len - 1] = '\0';
    if (is_localhost(query->name) && !resolver->authoritative)
        answer_localhost(query);
    else
        pump(resolver);
    return query;
}

void resolver_query_cancel(struct resolver_query *query)
{
    if (query)
        release(query);
}

/* --- the resolver --- */

const char *resolver_check_servers(const char *servers)
{
    char csv[SERVER_LIST_LEN];
    return servers && *servers ? server_list_normal(servers, csv) : NULL;
}

/* Opens both channels anew; on failure the old ones stay. */
static bool open_channels(struct resolver *resolver, const char **error)
{
    bool single = resolver->authoritative;
    struct ares_glue *old = resolver->glue, *old_diagnosis = resolver->diagnosis;
    struct ares_glue_conf conf = {.servers = resolver->servers,
                                  .mode = single ? ARES_GLUE_AUTHORITATIVE : ARES_GLUE_RECURSIVE,
                                  .egress = resolver->egress};
    struct ares_glue *glue = ares_glue_new(resolver->loop, &conf, error), *diagnosis = NULL;
    conf.mode = ARES_GLUE_DIAGNOSIS;
    if (glue && !single)
        diagnosis = ares_glue_new(resolver->loop, &conf, error);
    if (!glue || (!single && !diagnosis)) {
        ares_glue_free(glue);
        return false;
    }
    resolver->glue = glue;
    resolver->diagnosis = diagnosis;
    resolver->server_count = ares_glue_servers(glue, resolver->servers_shown, SERVERS_SHOWN);
    ares_glue_free(old);
    ares_glue_free(old_diagnosis);
    return true;
}

struct resolver *resolver_new(struct loop *loop, const struct resolver_conf *conf, char *error,
                              size_t cap)
{
    char csv[SERVER_LIST_LEN] = "";
    bool given = conf->servers && *conf->servers;
    const char *why = given ? server_list_normal(conf->servers, csv) : NULL;
    if (why) {
        str_copy(error, cap, why);
        return NULL;
    }
    struct resolver *resolver = mem_zalloc(sizeof(*resolver));
    resolver->loop = loop;
    resolver->servers = given ? mem_strdup(csv) : NULL;
    resolver->authoritative = conf->authoritative;
    if (given && !server_list_has_loopback(csv))
        resolver->egress = conf->egress;
    resolver->kick = loop_timer_new(loop, on_kick, resolver);
    if (!open_channels(resolver, &why)) {
        str_copy(error, cap, "cannot set up DNS: ");
        str_append(error, cap, "%s", why);
        resolver_free(resolver);
        return NULL;
    }
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (!resolver)
        return;
    for (size_t i = 0; i < QUERY_STATE_COUNT; i++)
        while (resolver->lists[i].head)
            release(resolver->lists[i].head);
    ares_glue_free(resolver->glue);
    ares_glue_free(resolver->diagnosis);
    loop_timer_free(resolver->kick);
    free(resolver->servers);
    free(resolver);
}

void resolver_reload(struct resolver *resolver)
{
    const char *error;
    if (!open_channels(resolver, &error))
        log_warn("resolver", "cannot read the system's DNS configuration again: %s", error);
}

const char *resolver_version(void)
{
    return ares_glue_version();
}
