/* SPDX-License-Identifier: ISC
 *
 * The checks of the own lines. Owns: one state per family and way out, the connections of a check,
 * who waits for it. Not its job: what the checks amount to (monitor/target/line.h).
 */
#include "monitor/target/uplink.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/doc.h"
#include "lib/duration.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "probes/server_list.h"
#include "probes/tcp.h"

#define TAG      "uplink"
#define MAX_REFS SERVER_LIST_MAX

struct reference {
    struct addr addr;
    uint16_t port;
};

struct uplink_wait {
    struct watched *watched;
    struct uplink_wait *next;
    struct loop_timer *timer; /* set: the answer is known */
    uplink_fn *done;
    void *arg;
};

struct attempt { /* one reference under way */
    struct watched *watched;
    struct tcp_connect *connect;
};

/* A family over one way out. */
struct watched {
    struct uplink *uplink;
    struct watched *next;
    enum family family;
    struct egress egress;
    struct line line;
    struct loop_timer *timer; /* of the next check while it is down */
    struct attempt attempts[MAX_REFS];
    size_t pending; /* attempts */
    bool undecided; /* this machine could not even try */
    bool kept;      /* while configuring */
    struct uplink_wait *waits;
};

struct uplink {
    struct uplink_env env;
    struct reference refs[FAMILY_COUNT][MAX_REFS];
    size_t ref_count[FAMILY_COUNT];
    int64_t every_ms, timeout_ms;
    struct watched *list;
};

static void check(struct watched *watched);

/* --- names ------------------------------------------------------------------------------------ */

const char *uplink_name(const struct egress *egress, char buf[UPLINK_NAME_LEN])
{
    char addr[ADDR_STRLEN];
    buf[0] = '\0';
    if (*egress->interface)
        str_append(buf, UPLINK_NAME_LEN, "%s", egress->interface);
    if (addr_is_set(&egress->source))
        str_append(buf, UPLINK_NAME_LEN, "%s%s", *buf ? " " : "",
                   addr_format(&egress->source, addr));
    if (egress->mark)
        str_append(buf, UPLINK_NAME_LEN, "%smark 0x%" PRIx32, *buf ? " " : "", egress->mark);
    if (!*buf)
        str_copy(buf, UPLINK_NAME_LEN, "default");
    return buf;
}

/* "IPv4", "IPv4 by way of pppoe-wanppp" */
static void append_line(char *text, size_t cap, const struct watched *watched)
{
    char name[UPLINK_NAME_LEN];
    str_append(text, cap, "%s", family_text(watched->family));
    if (egress_is_set(&watched->egress))
        str_append(text, cap, " by way of %s", uplink_name(&watched->egress, name));
}

static void init_notice(const struct watched *watched, enum notice_kind kind, int64_t wall_ms,
                        struct notice *out)
{
    char name[UPLINK_NAME_LEN];
    notice_init(out, kind, uplink_name(&watched->egress, name), wall_ms);
    out->has_family = true;
    out->family = watched->family;
}

static void tell(const struct watched *watched, bool down, int64_t since_ms, int64_t wall_ms)
{
    struct notice notice;
    char took[DURATION_LEN];
    init_notice(watched, down ? NOTICE_UPLINK_DOWN : NOTICE_UPLINK_UP, wall_ms, &notice);
    str_copy(notice.old_value, sizeof notice.old_value, down ? "up" : "down");
    str_copy(notice.new_value, sizeof notice.new_value, down ? "down" : "up");
    str_append(notice.text, sizeof notice.text, "the own line is %s over ",
               down ? "down" : "up again");
    append_line(notice.text, sizeof notice.text, watched);
    if (down)
        str_append(notice.text, sizeof notice.text,
                   ": none of %zu reference addresses answers; its targets are not judged",
                   watched->uplink->ref_count[watched->family]);
    else if (since_ms > 0 && wall_ms > since_ms)
        str_append(notice.text, sizeof notice.text, ", after %s",
                   duration_format(wall_ms - since_ms, took));
    if (down) {
        str_copy(notice.cause, sizeof notice.cause, outcome_word(OUTCOME_LOCAL_LINE_DOWN));
        str_copy(notice.advice, sizeof notice.advice,
                 outcome_info(OUTCOME_LOCAL_LINE_DOWN)->advice);
    }
    watched->uplink->env.notice(&notice, watched->uplink->env.arg);
}

/* --- a check ---------------------------------------------------------------------------------- */

static void stop_attempts(struct watched *watched)
{
    for (size_t i = 0; i < MAX_REFS; i++) {
        if (watched->attempts[i].connect)
            tcp_connect_cancel(watched->attempts[i].connect);
        watched->attempts[i].connect = NULL;
    }
    watched->pending = 0;
}

/* Each answer goes out on a timer of its own: whoever waits may do anything in it. */
static void release_waits(struct watched *watched)
{
    for (struct uplink_wait *wait = watched->waits; wait; wait = wait->next)
        loop_timer_set(wait->timer, 0);
}

static void conclude(struct watched *watched, bool answered)
{
    const struct uplink_env *env = &watched->uplink->env;
    int64_t wall_ms = clock_wall_ms(), since_ms = watched->line.since_ms;
    char text[128] = "";
    stop_attempts(watched);
    enum line_move move = line_feed(&watched->line, answered, clock_mono_ms(), wall_ms);
    int64_t next_ms = line_next_ms(&watched->line, watched->uplink->every_ms);
    if (next_ms >= 0)
        loop_timer_set(watched->timer, next_ms);
    release_waits(watched);
    append_line(text, sizeof text, watched);
    if (move == LINE_FELL)
        log_info(TAG, "nothing outside answers over %s: looking again", text);
    if (move == LINE_ROSE)
        log_info(TAG, "over %s the outside answers again", text);
    if (move == LINE_LOST || move == LINE_BACK)
        tell(watched, move == LINE_LOST, since_ms, wall_ms);
    if (move == LINE_ROSE || move == LINE_BACK)
        env->back(watched->family, &watched->egress, env->arg);
}

/* This machine's own want of descriptors is no news of the line. */
static void conclude_failed(struct watched *watched)
{
    if (!watched->undecided || watched->line.state == LINE_DOWN) {
        conclude(watched, false);
        return;
    }
    stop_attempts(watched);
    release_waits(watched);
}

/* A reset is an answer too; ICMP may be a router's. */
static void on_connect(const struct tcp_end *end, void *arg)
{
    struct attempt *attempt = arg;
    struct watched *watched = attempt->watched;
    attempt->connect = NULL;
    watched->pending--;
    if (end->fd >= 0)
        close(end->fd);
    if (end->outcome == OUTCOME_OK || (end->outcome == OUTCOME_REFUSED && !end->icmp)) {
        conclude(watched, true);
        return;
    }
    watched->undecided |=
        end->outcome == OUTCOME_LOCAL_RESOURCES || end->outcome == OUTCOME_LOCAL_PERMISSION;
    if (watched->pending == 0)
        conclude_failed(watched);
}

static void check(struct watched *watched)
{
    const struct uplink *uplink = watched->uplink;
    const struct reference *refs = uplink->refs[watched->family];
    int64_t deadline_ms = clock_mono_ms() + uplink->timeout_ms;
    if (watched->pending > 0)
        return;
    loop_timer_clear(watched->timer);
    watched->undecided = false;
    for (size_t i = 0; i < uplink->ref_count[watched->family]; i++) {
        struct attempt *attempt = &watched->attempts[i];
        attempt->watched = watched;
        watched->pending++;
        attempt->connect = tcp_connect_start(uplink->env.loop, &refs[i].addr, refs[i].port,
                                             &watched->egress, deadline_ms, on_connect, attempt);
    }
}

static void on_timer(void *arg)
{
    check(arg);
}

/* --- asking ----------------------------------------------------------------------------------- */

static struct watched *find(const struct uplink *uplink, enum family family,
                            const struct egress *egress)
{
    struct watched *watched = uplink->list;
    while (watched && (watched->family != family || !egress_equal(&watched->egress, egress)))
        watched = watched->next;
    return watched;
}

static struct watched *get(struct uplink *uplink, enum family family, const struct egress *egress)
{
    struct watched *watched = find(uplink, family, egress);
    if (watched)
        return watched;
    watched = mem_zalloc(sizeof *watched);
    watched->uplink = uplink;
    watched->family = family;
    watched->egress = *egress;
    watched->timer = loop_timer_new(uplink->env.loop, on_timer, watched);
    watched->next = uplink->list;
    uplink->list = watched;
    return watched;
}

bool uplink_watches(const struct uplink *uplink, enum family family)
{
    return uplink && uplink->ref_count[family] > 0;
}

bool uplink_is_down(const struct uplink *uplink, enum family family, const struct egress *egress)
{
    const struct watched *watched = uplink ? find(uplink, family, egress) : NULL;
    return watched && watched->line.state == LINE_DOWN;
}

static void on_wait(void *arg)
{
    struct uplink_wait *wait = arg;
    bool down = wait->watched->line.state == LINE_DOWN;
    uplink_fn *done = wait->done;
    void *done_arg = wait->arg;
    uplink_cancel(wait);
    done(down, done_arg);
}

struct uplink_wait *uplink_ask(struct uplink *uplink, enum family family,
                               const struct egress *egress, int64_t since_ms, uplink_fn *done,
                               void *arg)
{
    struct watched *watched = get(uplink, family, egress);
    struct uplink_wait *wait = mem_zalloc(sizeof *wait);
    *wait =
        (struct uplink_wait){.watched = watched, .next = watched->waits, .done = done, .arg = arg};
    wait->timer = loop_timer_new(uplink->env.loop, on_wait, wait);
    watched->waits = wait;
    if (line_is_known(&watched->line, since_ms))
        loop_timer_set(wait->timer, 0);
    else
        check(watched);
    return wait;
}

void uplink_cancel(struct uplink_wait *wait)
{
    if (!wait)
        return;
    struct uplink_wait **at = &wait->watched->waits;
    while (*at != wait)
        at = &(*at)->next;
    *at = wait->next;
    loop_timer_free(wait->timer);
    free(wait);
}

/* --- configuring ------------------------------------------------------------------------------ */

static void watched_free(struct watched *watched)
{
    stop_attempts(watched);
    while (watched->waits)
        uplink_cancel(watched->waits);
    loop_timer_free(watched->timer);
    free(watched);
}

/* "192.0.2.1:443,[2001:db8::1]:443", as the loader left it. */
static void read_refs(struct uplink *uplink, enum family family, const char *list)
{
    char item[SERVER_TEXT_LEN + 8];
    struct hostport at;
    uplink->ref_count[family] = 0;
    while (list && *list && uplink->ref_count[family] < MAX_REFS) {
        size_t len = strcspn(list, ",");
        if (str_ncopy(item, sizeof item, list, len) && !hostport_parse(item, 0, &at) &&
            addr_is_set(&at.literal))
            uplink->refs[family][uplink->ref_count[family]++] =
                (struct reference){at.literal, at.port};
        list += len + (list[len] == ',');
    }
}

static void keep_lines(struct uplink *uplink, const struct config *config)
{
    for (size_t i = 0; i < config->target_count; i++) {
        const struct config_target *target = &config->targets[i];
        for (int f = 0; f < FAMILY_COUNT; f++)
            if (target->families[f] && uplink->ref_count[f] > 0)
                get(uplink, (enum family)f, &target->egress)->kept = true;
    }
}

void uplink_configure(struct uplink *uplink, const struct config *config)
{
    uplink->every_ms = config->uplink_every_ms;
    uplink->timeout_ms = config->uplink_timeout_ms;
    for (int f = 0; f < FAMILY_COUNT; f++)
        read_refs(uplink, (enum family)f, config->uplink[f]);
    for (struct watched *watched = uplink->list; watched; watched = watched->next) {
        stop_attempts(watched);
        while (watched->waits)
            uplink_cancel(watched->waits);
        watched->kept = false;
    }
    keep_lines(uplink, config);
    for (struct watched **at = &uplink->list; *at;) {
        struct watched *watched = *at;
        if (watched->kept) {
            if (watched->line.state == LINE_DOWN)
                loop_timer_set(watched->timer, 0);
            at = &watched->next;
            continue;
        }
        *at = watched->next;
        if (watched->line.state == LINE_DOWN) /* its targets are judged again */
            uplink->env.back(watched->family, &watched->egress, uplink->env.arg);
        watched_free(watched);
    }
}

void uplink_say_gone(const struct notice *down, int64_t wall_ms, struct notice *out)
{
    notice_init(out, NOTICE_UPLINK_UP, down->subject, wall_ms);
    out->has_family = true;
    out->family = down->family;
    str_copy(out->old_value, sizeof out->old_value, line_word(LINE_DOWN));
    str_copy(out->new_value, sizeof out->new_value, line_word(LINE_UNKNOWN));
    str_append(out->text, sizeof out->text,
               "the own line (%s) is not looked at over %s any more: the configuration has no "
               "reference address or no target for it",
               out->subject, family_text(out->family));
}

void uplink_recall(struct uplink *uplink,
                   bool (*latest)(void *arg, const char *key, struct notice *out), void *arg)
{
    struct notice notice;
    char key[NOTICE_KEY_LEN];
    for (struct watched *watched = uplink->list; watched; watched = watched->next) {
        if (watched->line.state != LINE_UNKNOWN)
            continue;
        init_notice(watched, NOTICE_UPLINK_DOWN, 0, &notice);
        if (!latest(arg, notice_key(&notice, key), &notice) || notice.kind != NOTICE_UPLINK_DOWN)
            continue;
        line_recall(&watched->line);
        watched->line.since_ms = notice.wall_ms;
        loop_timer_set(watched->timer, 0);
    }
}

struct uplink *uplink_new(const struct uplink_env *env)
{
    struct uplink *uplink = mem_zalloc(sizeof *uplink);
    uplink->env = *env;
    return uplink;
}

void uplink_free(struct uplink *uplink)
{
    while (uplink && uplink->list) {
        struct watched *watched = uplink->list;
        uplink->list = watched->next;
        watched_free(watched);
    }
    free(uplink);
}

/* --- status ----------------------------------------------------------------------------------- */

json_t *uplink_json(const struct uplink *uplink)
{
    json_t *array = doc_array();
    for (const struct watched *watched = uplink ? uplink->list : NULL; watched;
         watched = watched->next) {
        char name[UPLINK_NAME_LEN];
        json_t *one = doc_object();
        doc_text(one, "name", uplink_name(&watched->egress, name));
        doc_text(one, "family", family_word(watched->family));
        doc_text(one, "state", line_word(watched->line.state));
        doc_time(one, "since", watched->line.since_ms);
        doc_int(one, "since_ms", watched->line.since_ms);
        doc_int(one, "references", (int64_t)watched->uplink->ref_count[watched->family]);
        doc_push(array, one);
    }
    return array;
}
