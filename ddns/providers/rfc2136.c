/* SPDX-License-Identifier: ISC
 *
 * Dynamic updates (RFC 2136), signed with TSIG (RFC 8945): a server of one's own, or of a provider
 * that speaks the standard. One message replaces the records of as many names of a zone as are due,
 * all or none of them.
 */
#include "ddns/providers/rfc2136.h"

#include <stdlib.h>
#include <string.h>

#include "ddns/dns_update.h"
#include "ddns/dns_wire.h"
#include "ddns/exchange.h"
#include "ddns/primary.h"
#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/rng.h"
#include "lib/str.h"
#include "probes/dns_exchange.h"

#define USUAL_TTL 300

struct rfc2136 {
    struct exchange_env env;
    int64_t deadline_ms;
    struct primary *primary;
    struct primary_result server;
    size_t next; /* of its addresses */
    struct dns_exchange *exchange;
    struct loop_timer *timer; /* tells what failed at the start */
    struct buf message;       /* as it is sent */
    bool tcp;                 /* what came over UDP is asked again, to be sure */
    bool is_signed;
    struct tsig_key key;
    struct tsig_mac mac;
    struct ddns_answer answer;
    exchange_fn *done;
    void *arg;
};

static void cancel(void *op)
{
    struct rfc2136 *update = op;
    primary_cancel(update->primary);
    dns_exchange_cancel(update->exchange);
    loop_timer_free(update->timer);
    buf_clear(&update->message);
    tsig_key_wipe(&update->key);
    free(update);
}

static void finish(struct rfc2136 *update)
{
    struct ddns_answer answer = update->answer;
    exchange_fn *done = update->done;
    void *arg = update->arg;
    cancel(update);
    done(&answer, arg);
}

static void on_timer(void *arg)
{
    finish(arg);
}

/* --- sending --- */

static void send_to_next(struct rfc2136 *update);

/* Of several addresses the last one's failure is told: it had the most time. */
static void note_failure(struct rfc2136 *update, const struct dns_reply *reply)
{
    char addr[ADDR_STRLEN];
    update->answer = (struct ddns_answer){.verdict = DDNS_TEMPORARY, .cause = reply->outcome};
    str_append(update->answer.text, sizeof update->answer.text, "%s (%s): %s%s%s",
               update->server.name, addr_format(&update->server.addrs[update->next], addr),
               outcome_word(reply->outcome), reply->detail[0] ? ": " : "", reply->detail);
}

static void on_reply(const struct dns_reply *reply, void *arg)
{
    struct rfc2136 *update = arg;
    update->exchange = NULL;
    if (reply->outcome != OUTCOME_OK) {
        note_failure(update, reply);
        update->next++;
        send_to_next(update);
        return;
    }
    const struct rfc2136_reply facts = {.data = reply->data,
                                        .len = reply->len,
                                        .key = update->is_signed ? &update->key : NULL,
                                        .mac = &update->mac,
                                        .now_s = clock_wall_ms() / 1000};
    if (rfc2136_judge(&facts, &update->answer) || reply->tcp) {
        finish(update);
        return;
    }
    /* Anybody could have sent that datagram, and a "no" may stop the record for good. */
    update->tcp = true;
    send_to_next(update);
}

/* Each address gets its share of the time that is left. */
static void send_to_next(struct rfc2136 *update)
{
    size_t left = update->server.count - update->next;
    int64_t now_ms = clock_mono_ms();
    if (left == 0 || now_ms >= update->deadline_ms) {
        finish(update);
        return;
    }
    struct dns_exchange_spec spec = {
        .addr = update->server.addrs[update->next],
        .port = update->server.port,
        .message = update->message.data,
        .len = update->message.len,
        .tcp = update->tcp,
        .egress = update->env.egress,
        .deadline_ms = now_ms + (update->deadline_ms - now_ms) / (int64_t)left,
    };
    update->exchange = dns_exchange_start(update->env.loop, &spec, on_reply, update);
}

static void on_primary(const struct primary_result *result, void *arg)
{
    struct rfc2136 *update = arg;
    update->primary = NULL;
    update->server = *result;
    if (result->outcome != OUTCOME_OK) {
        str_copy(update->answer.text, sizeof update->answer.text, result->detail);
        finish(update);
        return;
    }
    /* The time that is signed is that of sending, not of when the server was looked for. */
    if (update->is_signed &&
        !tsig_sign(&update->message, &update->key, clock_wall_ms() / 1000, &update->mac)) {
        update->answer.verdict = DDNS_CONFIG;
        str_append(update->answer.text, sizeof update->answer.text,
                   "this machine's OpenSSL does not allow %s", update->key.algorithm);
        finish(update);
        return;
    }
    send_to_next(update);
}

/* --- the message --- */

static bool is_keyed(const struct provider_input *input)
{
    return input->user[0] || input->password[0];
}

static struct dns_update update_of(const char *fqdn, const struct addr addrs[FAMILY_COUNT],
                                   const uint32_t ttl[FAMILY_COUNT])
{
    struct dns_update update = {.fqdn = fqdn};
    for (int f = 0; f < FAMILY_COUNT; f++) {
        update.addrs[f] = addrs[f];
        update.ttl[f] = ttl[f] > 0 ? ttl[f] : USUAL_TTL;
    }
    return update;
}

static bool build(struct rfc2136 *update, const struct provider_input *input)
{
    struct dns_update *updates = mem_array(1 + input->more_count, sizeof *updates);
    updates[0] = update_of(input->fqdn, input->addrs, input->ttl);
    memcpy(updates[0].withdraw, input->withdraw, sizeof updates[0].withdraw);
    for (size_t i = 0; i < input->more_count; i++)
        updates[i + 1] = update_of(input->more[i].fqdn, input->more[i].addrs, input->more[i].ttl);
    buf_init(&update->message, DNS_WIRE_MAX);
    bool good = dns_update_build(&update->message, rng_u32() & 0xffff, input->domain, updates,
                                 1 + input->more_count);
    free(updates);
    return good;
}

static const char *prepare(struct rfc2136 *update, const struct provider_input *input)
{
    const char *problem = NULL;
    update->is_signed = is_keyed(input);
    if (update->is_signed)
        problem = tsig_key_parse(input->user, input->password, &update->key);
    if (!problem && !build(update, input))
        problem = "the message can't be made of these names";
    return problem;
}

static void *start(const struct exchange_env *env, const struct provider *provider,
                   const struct provider_input *input, exchange_fn *done, void *arg)
{
    struct rfc2136 *update = mem_zalloc(sizeof *update);
    (void)provider;
    update->env = *env;
    update->deadline_ms = clock_mono_ms() + env->timeout_ms;
    update->answer = (struct ddns_answer){.verdict = DDNS_TEMPORARY};
    update->done = done;
    update->arg = arg;
    const char *problem = prepare(update, input);
    update->tcp = !update->is_signed; /* without a key the connection has to prove who answers */
    if (!problem) {
        update->primary = primary_start(env->loop, env->resolver, input->url, input->domain,
                                        env->via, update->deadline_ms, on_primary, update);
        return update;
    }
    update->answer.verdict = DDNS_CONFIG;
    str_copy(update->answer.text, sizeof update->answer.text, problem);
    update->timer = loop_timer_new(env->loop, on_timer, update);
    loop_timer_set(update->timer, 0);
    return update;
}

static const char *check(const struct provider_input *input)
{
    struct tsig_key key = {0};
    const char *problem = input->url[0] ? primary_url_problem(input->url) : NULL;
    if (!problem && is_keyed(input))
        problem = tsig_key_parse(input->user, input->password, &key);
    tsig_key_wipe(&key);
    return problem;
}

static const struct provider_protocol protocol = {start, cancel};

static const char *const aliases[] = {"nsupdate", "bind-nsupdate", NULL};

const struct provider provider_rfc2136 = {
    .id = "rfc2136",
    .aliases = aliases,
    .title = "dynamic updates with TSIG (BIND, Knot, PowerDNS, …)",
    .url = "",
    .link = "https://www.rfc-editor.org/rfc/rfc2136",
    .families = {true, true},
    .gap_ms = 1000,
    .error_gap_ms = 30000,
    .form = PROVIDER_DUE,
    .withdraws = true,
    .secret = "as 'tsig-keygen NAME' prints it",
    .note =
        "url = \"dns://ns1.example.com\"; without it updates go to the server that the zone's SOA "
        "record names. password-file may hold the base64 secret alone, with user = "
        "\"NAME\" or \"hmac-sha512:NAME\".",
    .takes_password = true,
    .secret_is_file = true,
    .own_url = true,
    .check = check,
    .protocol = &protocol,
};
