/* SPDX-License-Identifier: ISC
 *
 * ddns/updater.h on the real loop: a provider stand-in (HTTP) and an authoritative server (DNS),
 * both on loopback and inside this process, and a store in memory that can be "killed" and
 * reloaded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ddns/plan_withdraw.h"
#include "ddns/provider_data.h"
#include "ddns/updater.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/loop.h"
#include "lib/mem.h"
#include "lib/str.h"

#define GAP_MS   300
#define LIMIT_MS 10000

struct client {
    struct rig *rig;
    int fd;
    struct loop_io *io;
    char text[4096];
    size_t len;
};

struct stored {
    char key[128];
    struct ddns_record_state record;
    struct ddns_account_state account;
    char fingerprint[65];
};

struct rig {
    struct loop *loop;
    struct resolver *resolver;
    struct trust *trust;
    struct updater *updater;
    /* the provider */
    int http_fd;
    struct loop_io *http;
    struct client clients[4];
    char url[64];
    const char *replies[8]; /* in turn; the last is repeated */
    size_t reply_count;
    bool hold; /* answer nothing until released */
    size_t requests;
    int64_t times[32];
    char targets[32][512];
    /* the zone */
    int dns_fd;
    struct loop_io *dns;
    char servers[64];
    struct addr zone;
    size_t dns_questions;
    /* the store */
    struct stored accounts[4], records[8];
    bool store_fails;
    size_t forced;  /* account saves that had to be on disk */
    unsigned depth; /* of begin */
    bool durable;   /* what the outer one asked for */
    size_t loose;   /* events that were not told between begin and end */
    struct ddns_persist persist;
    /* events */
    unsigned events[DDNS_EVENT_TTL + 1];
    char text[512];
    /* awaiting */
    struct loop_timer *poll;
    bool (*until)(const struct rig *);
    int64_t limit_ms;
};

static struct addr ip(const char *text)
{
    struct addr addr;
    assert_true(addr_parse(text, &addr));
    return addr;
}

/* --- the provider stand-in --- */

static void client_close(struct client *client)
{
    loop_io_free(client->io);
    close(client->fd);
    *client = (struct client){.rig = client->rig, .fd = -1};
}

/* A success writes the zone, as the real thing does. */
static void client_answer(struct client *client)
{
    struct rig *rig = client->rig;
    size_t turn = rig->requests - 1;
    const char *body = rig->replies[turn < rig->reply_count ? turn : rig->reply_count - 1];
    int status = 200;
    char reply[512] = "", value[64] = "";
    if (body[0] >= '1' && body[0] <= '9' && body[1] && body[2] && body[3] == ' ') {
        status = (int)strtol(body, NULL, 10);
        body += 4;
    }
    const char *i = strstr(client->text, "i=");
    if (i && str_starts(body, "status=0")) {
        str_ncopy(value, sizeof(value), i + 2, strcspn(i + 2, " &"));
        rig->zone = ip(value);
    }
    str_append(reply, sizeof(reply),
               "HTTP/1.1 %d X\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s", status,
               strlen(body), body);
    if (body[0] != '-') /* "-": hang up without a word */
        assert_true(write(client->fd, reply, strlen(reply)) == (ssize_t)strlen(reply));
    client_close(client);
}

static void on_client(unsigned ready, void *arg)
{
    struct client *client = arg;
    struct rig *rig = client->rig;
    (void)ready;
    ssize_t got =
        read(client->fd, client->text + client->len, sizeof(client->text) - 1 - client->len);
    if (got <= 0) {
        client_close(client);
        return;
    }
    client->len += (size_t)got;
    client->text[client->len] = '\0';
    if (!strstr(client->text, "\r\n\r\n"))
        return;
    assert_true(rig->requests < 32);
    str_ncopy(rig->targets[rig->requests], 512, client->text, strcspn(client->text, "\r"));
    rig->times[rig->requests++] = clock_mono_ms();
    if (rig->hold)
        loop_io_want(client->io, 0);
    else
        client_answer(client);
}

static void release_held(struct rig *rig)
{
    rig->hold = false;
    for (size_t i = 0; i < 4; i++)
        if (rig->clients[i].fd >= 0)
            client_answer(&rig->clients[i]);
}

static void on_accept(unsigned ready, void *arg)
{
    struct rig *rig = arg;
    (void)ready;
    int fd = accept4(rig->http_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    for (size_t i = 0; i < 4; i++)
        if (rig->clients[i].fd < 0) {
            rig->clients[i] = (struct client){.rig = rig, .fd = fd};
            rig->clients[i].io = loop_io_new(rig->loop, fd, on_client, &rig->clients[i]);
            loop_io_want(rig->clients[i].io, LOOP_READ);
            return;
        }
    fail_msg("more than four connections at once");
}

/* --- the authoritative server --- */

static void on_question(unsigned ready, void *arg)
{
    static const uint8_t answer_head[] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4};
    struct rig *rig = arg;
    struct sockaddr_in from;
    socklen_t from_len = sizeof(from);
    uint8_t packet[600];
    (void)ready;
    ssize_t got = recvfrom(rig->dns_fd, packet, 512, 0, (struct sockaddr *)&from, &from_len);
    if (got < 17)
        return;
    rig->dns_questions++;
    size_t len = 12;
    while (len < (size_t)got && packet[len])
        len += packet[len] + 1u;
    bool four = packet[len + 2] == 1;
    len += 5;
    packet[2] = 0x84; /* QR AA */
    packet[3] = 0;
    memset(packet + 6, 0, 6);
    if (addr_is_set(&rig->zone) && four) {
        packet[7] = 1;
        memcpy(packet + len, answer_head, sizeof(answer_head));
        memcpy(packet + len + sizeof(answer_head), rig->zone.bytes, 4);
        len += sizeof(answer_head) + 4;
    }
    sendto(rig->dns_fd, packet, len, 0, (struct sockaddr *)&from, from_len);
}

static int bind_loopback(int type, uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* --- the store --- */

static struct stored *slot(struct stored *list, size_t count, const char *key, bool make)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].key, key) == 0)
            return &list[i];
    for (size_t i = 0; i < count && make; i++)
        if (!list[i].key[0]) {
            str_copy(list[i].key, sizeof(list[i].key), key);
            return &list[i];
        }
    return NULL;
}

static const char *record_key(const char *name, enum family family, char buf[128])
{
    buf[0] = '\0';
    str_append(buf, 128, "%s/%s", name, family_word(family));
    return buf;
}

static bool load_account(void *arg, const char *key, struct ddns_account_state *out)
{
    struct rig *rig = arg;
    struct stored *found = slot(rig->accounts, 4, key, false);
    if (found)
        *out = found->account;
    return found != NULL;
}

static bool save_account(void *arg, const char *key, const struct ddns_account_state *state,
                         bool durable)
{
    struct rig *rig = arg;
    rig->forced += rig->depth > 0 ? rig->durable : durable;
    if (!rig->store_fails)
        slot(rig->accounts, 4, key, true)->account = *state;
    return !rig->store_fails;
}

static bool load_record(void *arg, const char *name, enum family family,
                        struct ddns_record_state *out, char fingerprint[65])
{
    struct rig *rig = arg;
    char key[128];
    struct stored *found = slot(rig->records, 8, record_key(name, family, key), false);
    if (!found)
        return false;
    *out = found->record;
    memcpy(fingerprint, found->fingerprint, 65);
    return true;
}

static bool save_record(void *arg, const char *name, enum family family,
                        const struct ddns_record_state *state, const char *fingerprint)
{
    struct rig *rig = arg;
    char key[128];
    struct stored *found = slot(rig->records, 8, record_key(name, family, key), true);
    found->record = *state;
    str_copy(found->fingerprint, sizeof(found->fingerprint), fingerprint);
    return true;
}

static void begin(void *arg, bool durable)
{
    struct rig *rig = arg;
    if (rig->depth++ == 0)
        rig->durable = durable;
}

static bool end(void *arg)
{
    struct rig *rig = arg;
    assert_true(rig->depth > 0);
    rig->depth--;
    return true;
}

/* --- the rig --- */

static void on_event(const struct ddns_event *event, void *arg)
{
    struct rig *rig = arg;
    rig->events[event->kind]++;
    rig->loose += rig->depth == 0;
    str_copy(rig->text, sizeof(rig->text), event->text);
    assert_true(event->text[0] && event->advice);
    assert_true(!strstr(event->text, "secret") || strstr(event->text, "our secret is in it"));
}

static void start_updater(struct rig *rig)
{
    struct updater_env env = {.loop = rig->loop,
                              .resolver = rig->resolver,
                              .trust = rig->trust,
                              .persist = &rig->persist,
                              .on_event = on_event,
                              .arg = rig};
    rig->updater = updater_new(&env);
}

static int setup(void **state)
{
    struct rig *rig = mem_zalloc(sizeof(*rig));
    char error[128];
    uint16_t port;
    log_open(LOG_SINK_STDERR, LOG_LEVEL_ERROR);
    rig->loop = loop_new();
    for (size_t i = 0; i < 4; i++)
        rig->clients[i] = (struct client){.rig = rig, .fd = -1};
    rig->http_fd = bind_loopback(SOCK_STREAM, &port);
    assert_int_equal(listen(rig->http_fd, 8), 0);
    rig->http = loop_io_new(rig->loop, rig->http_fd, on_accept, rig);
    loop_io_want(rig->http, LOOP_READ);
    str_append(rig->url, sizeof(rig->url), "http://127.0.0.1:%u/dyn", port);
    rig->dns_fd = bind_loopback(SOCK_DGRAM, &port);
    rig->dns = loop_io_new(rig->loop, rig->dns_fd, on_question, rig);
    loop_io_want(rig->dns, LOOP_READ);
    str_append(rig->servers, sizeof(rig->servers), "127.0.0.1:%u", port);
    rig->zone = ip("198.51.100.7");
    struct resolver_conf conf = {.servers = rig->servers};
    rig->resolver = resolver_new(rig->loop, &conf, error, sizeof(error));
    assert_non_null(rig->resolver);
    rig->persist = (struct ddns_persist){.arg = rig,
                                         .load_account = load_account,
                                         .load_record = load_record,
                                         .save_account = save_account,
                                         .save_record = save_record,
                                         .begin = begin,
                                         .end = end};
    rig->replies[0] = "status=0\nOK\n";
    rig->reply_count = 1;
    start_updater(rig);
    *state = rig;
    return 0;
}

static int teardown(void **state)
{
    struct rig *rig = *state;
    updater_free(rig->updater);
    assert_int_equal(rig->depth, 0);
    assert_int_equal(rig->loose, 0);
    resolver_free(rig->resolver);
    for (size_t i = 0; i < 4; i++)
        if (rig->clients[i].fd >= 0)
            client_close(&rig->clients[i]);
    loop_io_free(rig->http);
    loop_io_free(rig->dns);
    close(rig->http_fd);
    close(rig->dns_fd);
    loop_free(rig->loop);
    free(rig);
    return 0;
}

static struct ddns_record_conf conf_of(struct rig *rig, const char *name, const char *host,
                                       const char *password)
{
    return (struct ddns_record_conf){.name = name,
                                     .host = host,
                                     .domain = "example.test",
                                     .fqdn = "www.example.test",
                                     .apex = "@",
                                     .provider = provider_find("value-domain"),
                                     .url = rig->url,
                                     .password = password,
                                     .families = {true, false},
                                     .via = SESSION_IPV4,
                                     .gap_ms = GAP_MS,
                                     .look_every_ms = 60000,
                                     .verify_for_ms = 60000,
                                     .backoff = {.base_ms = 50, .max_ms = 400},
                                     .authoritative = rig->servers,
                                     .timeout_ms = 5000};
}

static void configure(struct rig *rig, const char *password)
{
    struct ddns_record_conf conf = conf_of(rig, "www", "www", password);
    updater_configure(rig->updater, &conf, 1);
}

static void want(struct rig *rig, const char *name, const char *text)
{
    struct addr addr = ip(text);
    updater_want(rig->updater, name, FAMILY_IPV4, &addr);
}

static void on_poll(void *arg)
{
    struct rig *rig = arg;
    if (rig->until(rig) || clock_mono_ms() >= rig->limit_ms)
        loop_stop(rig->loop);
    else
        loop_timer_set(rig->poll, 1);
}

static bool await_for(struct rig *rig, bool (*until)(const struct rig *), int64_t limit_ms)
{
    rig->until = until;
    rig->limit_ms = clock_mono_ms() + limit_ms;
    rig->poll = loop_timer_new(rig->loop, on_poll, rig);
    loop_timer_set(rig->poll, 0);
    loop_run(rig->loop);
    loop_timer_free(rig->poll);
    return until(rig);
}

static void await(struct rig *rig, bool (*until)(const struct rig *))
{
    assert_true(await_for(rig, until, LIMIT_MS));
}

static bool one_request(const struct rig *rig)
{
    return rig->requests >= 1;
}

static bool two_requests(const struct rig *rig)
{
    return rig->requests >= 2;
}

static bool is_verified(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_VERIFIED] >= 1;
}

static bool two_verified(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_VERIFIED] >= 2;
}

static bool is_halted(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_HALTED] >= 1;
}

static bool both_halted(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_HALTED] >= 2;
}

static bool has_looked(const struct rig *rig)
{
    return rig->dns_questions >= 1;
}

static bool never(const struct rig *rig)
{
    (void)rig;
    return false;
}

static bool three_requests(const struct rig *rig)
{
    return rig->requests >= 3;
}

static void check_gaps(const struct rig *rig)
{
    for (size_t i = 1; i < rig->requests; i++)
        assert_true(rig->times[i] - rig->times[i - 1] >= GAP_MS);
}

static void test_publish_and_verify(void **state)
{
    struct rig *rig = *state;
    configure(rig, "secret&1");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    assert_int_equal(rig->requests, 1);
    assert_string_equal(rig->targets[0],
                        "GET /dyn?d=example.test&p=secret%261&h=www&i=203.0.113.1 HTTP/1.1");
    assert_int_equal(rig->events[DDNS_EVENT_SENT], 1);
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

static void test_dns_has_it_already(void **state)
{
    struct rig *rig = *state;
    rig->zone = ip("203.0.113.1");
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    assert_false(await_for(rig, one_request, 200));
}

static void test_a_change_leaves_at_once(void **state)
{
    struct rig *rig = *state;
    rig->zone = ip("203.0.113.1");
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    size_t questions = rig->dns_questions;
    rig->hold = true;
    int64_t start = clock_mono_ms();
    want(rig, "www", "203.0.113.2");
    await(rig, one_request);
    assert_int_equal(rig->dns_questions, questions);
    assert_in_range(rig->times[0] - start, 0, 100); /* a loaded machine; else about 1 ms */
    print_message("from the address to the request: %d ms\n", (int)(rig->times[0] - start));
}

static void test_change_during_an_update(void **state)
{
    struct rig *rig = *state;
    rig->hold = true;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, one_request);
    want(rig, "www", "203.0.113.2");
    want(rig, "www", "203.0.113.3");
    release_held(rig);
    await(rig, is_verified);
    assert_int_equal(rig->requests, 2);
    assert_non_null(strstr(rig->targets[1], "i=203.0.113.3"));
    check_gaps(rig);
}

static bool has_failed(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_FAILED] >= 1;
}

/* A configuration that is overwritten before it is freed: who still looks at it sees nonsense. */
struct owned {
    struct ddns_record_conf conf;
    struct provider provider;
    char password[16], host[16], url[64];
};

static struct owned *own_conf(struct rig *rig)
{
    struct owned *owned = mem_zalloc(sizeof *owned);
    owned->conf = conf_of(rig, "www", owned->host, owned->password);
    owned->provider = *owned->conf.provider;
    owned->conf.provider = &owned->provider;
    owned->conf.url = owned->url;
    str_copy(owned->password, sizeof owned->password, "secret");
    str_copy(owned->host, sizeof owned->host, "www");
    str_copy(owned->url, sizeof owned->url, rig->url);
    return owned;
}

static void disown(struct owned *owned)
{
    explicit_bzero(owned, sizeof *owned); /* memset before free would be left out */
    free(owned);
}

static void reload_meanwhile(struct rig *rig, const char *reply, const char *told)
{
    struct owned *before = own_conf(rig), *after = own_conf(rig);
    rig->hold = true;
    rig->replies[0] = reply;
    rig->replies[1] = "status=0\n";
    rig->reply_count = 2;
    updater_configure(rig->updater, &before->conf, 1);
    want(rig, "www", "203.0.113.5");
    await(rig, one_request);
    updater_configure(rig->updater, &after->conf, 1);
    disown(before);
    release_held(rig);
    await(rig, has_failed);
    assert_non_null(strstr(rig->text, told));
    await(rig, is_verified);
    assert_int_equal(rig->requests, 2);
    updater_configure(rig->updater, NULL, 0);
    disown(after);
}

static void test_a_reload_keeps_what_replies_mean(void **state)
{
    reload_meanwhile(*state, "status=9\n", "status=9 (unexpected error)");
}

static void test_a_reload_keeps_what_is_not_quoted(void **state)
{
    reload_meanwhile(*state, "secret=wrong\n", "our secret is in it");
}

/* A power cut: the disk has the first gap only, and that is enough to wait from the boot on
 * (test_plan.c). Later gaps need no disk, so a change need not wait for it. */
static void test_only_the_first_gap_is_forced(void **state)
{
    struct rig *rig = *state;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    assert_int_equal(rig->forced, 1);
    want(rig, "www", "203.0.113.2");
    await(rig, two_verified);
    updater_free(rig->updater);
    start_updater(rig);
    configure(rig, "secret");
    want(rig, "www", "203.0.113.3");
    await(rig, three_requests);
    assert_int_equal(rig->forced, 1);
    check_gaps(rig);
}

static void test_overload_then_ok(void **state)
{
    static const char *const replies[] = {"status=503\n", "503 busy", "-", "status=0 OK"};
    struct rig *rig = *state;
    memcpy(rig->replies, replies, sizeof(replies));
    rig->reply_count = 4;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    assert_int_equal(rig->requests, 4);
    assert_in_range(rig->events[DDNS_EVENT_FAILED], 2, 3);
    /* The first gap, and after each failure the wait: a power cut does not shorten it. */
    assert_int_equal(rig->forced, 1 + 3);
    check_gaps(rig);
}

static void test_halt_ends_with_another_password(void **state)
{
    struct rig *rig = *state;
    rig->replies[0] = "status=4\n";
    rig->replies[1] = "status=0\nOK";
    rig->reply_count = 2;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_halted);
    configure(rig, "secret"); /* nothing that matters changed */
    assert_int_equal(updater_check(rig->updater, NULL), 1);
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
    configure(rig, "secret2");
    await(rig, is_verified);
    assert_int_equal(rig->requests, 2);
    assert_int_equal(rig->events[DDNS_EVENT_HALTED], 1);
}

/* Killed with the request out: the store is what it was at that instant. */
static void test_kill_keeps_the_gap(void **state)
{
    struct rig *rig = *state;
    struct stored accounts[4], records[8];
    rig->hold = true;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, one_request);
    memcpy(accounts, rig->accounts, sizeof(accounts));
    memcpy(records, rig->records, sizeof(records));
    updater_free(rig->updater);
    memcpy(rig->accounts, accounts, sizeof(accounts));
    memcpy(rig->records, records, sizeof(records));
    rig->hold = false;
    start_updater(rig);
    configure(rig, "secret");
    want(rig, "www", "203.0.113.2");
    await(rig, is_verified);
    assert_int_equal(rig->requests, 2);
    check_gaps(rig);
}

static void test_a_halt_outlives_a_restart(void **state)
{
    struct rig *rig = *state;
    rig->replies[0] = "status=8\n";
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_halted);
    assert_non_null(strstr(rig->text, "must exist beforehand"));
    updater_free(rig->updater);
    start_updater(rig);
    configure(rig, "secret");
    want(rig, "www", "203.0.113.2");
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

static void test_two_records_share_the_gap(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf confs[] = {conf_of(rig, "one", "one", "p"),
                                       conf_of(rig, "two", "", "p")};
    confs[0].fqdn = "one.example.test";
    confs[1].fqdn = "example.test";
    updater_configure(rig->updater, confs, 2);
    want(rig, "one", "203.0.113.1");
    want(rig, "two", "203.0.113.1");
    rig->hold = true;
    await(rig, one_request);
    rig->zone = ip("198.51.100.9");
    release_held(rig);
    rig->zone = ip("198.51.100.9"); /* else the one zone of this rig shows it for both */
    await(rig, two_requests);
    check_gaps(rig);
    assert_non_null(strstr(rig->targets[1], "h=%40"));
}

static void test_badauth_stops_the_account(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf confs[] = {conf_of(rig, "one", "one", "p"),
                                       conf_of(rig, "two", "two", "p")};
    for (size_t i = 0; i < 2; i++) {
        confs[i].provider = provider_find("dyndns2");
        confs[i].user = "u";
    }
    rig->replies[0] = "401 badauth";
    updater_configure(rig->updater, confs, 2);
    want(rig, "one", "203.0.113.1");
    want(rig, "two", "203.0.113.1");
    await(rig, both_halted);
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

static void test_badauth_is_of_one_password(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf confs[] = {conf_of(rig, "one", "one", "p"),
                                       conf_of(rig, "two", "two", "q")};
    for (size_t i = 0; i < 2; i++) {
        confs[i].provider = provider_find("dyndns2");
        confs[i].user = "u";
    }
    rig->replies[0] = "401 badauth";
    updater_configure(rig->updater, confs, 2);
    want(rig, "one", "203.0.113.1");
    want(rig, "two", "203.0.113.1");
    await(rig, two_requests);
    check_gaps(rig);
}

/* Two records of a provider that takes all that is due at once; returns after both are verified. */
static void publish_two(struct rig *rig, const char *password, const char *other)
{
    struct provider provider = *provider_find("value-domain");
    struct ddns_record_conf confs[] = {conf_of(rig, "one", "one", password),
                                       conf_of(rig, "two", "two", other)};
    provider.form = PROVIDER_DUE;
    confs[0].provider = confs[1].provider = &provider;
    updater_configure(rig->updater, confs, 2);
    want(rig, "one", "203.0.113.1");
    want(rig, "two", "203.0.113.1");
    await(rig, two_verified);
    assert_int_equal(rig->events[DDNS_EVENT_SENT], 2);
    updater_configure(rig->updater, NULL, 0);
}

static void test_what_is_due_goes_along(void **state)
{
    struct rig *rig = *state;
    publish_two(rig, "p", "p");
    assert_int_equal(rig->requests, 1);
}

static void test_another_key_goes_by_itself(void **state)
{
    struct rig *rig = *state;
    publish_two(rig, "p", "q");
    assert_int_equal(rig->requests, 2);
    check_gaps(rig);
}

static bool both_sent(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_SENT] >= 2;
}

static const struct reply_rule good_rules[] = {
    {.verdict = DDNS_OK, .kind = REPLY_WORD, .text = "good"}};
static const struct provider_data both_data = {
    .url = {"https://x.test/?k={password}<&i={ipv4}><&six={ipv6}>",
            "https://x.test/?k={password}<&i={ipv4}><&six={ipv6}>"},
    .url_both = "https://x.test/?k={password}<&i={ipv4}><&six={ipv6}>",
    .rules = good_rules,
    .rule_count = 1,
};
static struct provider both_provider = {.id = "both",
                                        .url = "https://x.test/",
                                        .families = {true, true},
                                        .form = PROVIDER_BOTH,
                                        .data = &both_data};

static void want_both(struct rig *rig, const char *v4, const char *v6)
{
    struct addr addr = ip(v6);
    want(rig, "www", v4);
    updater_want(rig->updater, "www", FAMILY_IPV6, &addr);
}

/* One request for both families, where the provider can; what it carried is not sent again. */
static void test_both_families_in_one_request(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf conf = conf_of(rig, "www", "www", "p");
    conf.provider = &both_provider;
    conf.families[FAMILY_IPV6] = true;
    rig->replies[0] = "good\n";
    updater_configure(rig->updater, &conf, 1);
    want_both(rig, "203.0.113.1", "2001:db8::1");
    await(rig, both_sent);
    assert_int_equal(rig->requests, 1);
    assert_non_null(strstr(rig->targets[0], "k=p&i=203.0.113.1&six=2001%3Adb8%3A%3A1"));
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

/* A refusal is told to the family that asked; the other one makes its own try, a gap later. */
static void test_a_refusal_is_of_one_family(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf conf = conf_of(rig, "www", "www", "p");
    conf.provider = &both_provider;
    conf.families[FAMILY_IPV6] = true;
    rig->replies[0] = "what?\n";
    rig->replies[1] = "good\n";
    rig->reply_count = 2;
    updater_configure(rig->updater, &conf, 1);
    want_both(rig, "203.0.113.1", "2001:db8::1");
    await(rig, two_requests);
    check_gaps(rig);
    assert_non_null(strstr(rig->targets[1], "i=203.0.113.1&six=2001%3Adb8%3A%3A1"));
}

static const struct provider_data names_data = {
    .url = {"https://x.test/?hostname={fqdn}&myip={ip}",
            "https://x.test/?hostname={fqdn}&myip={ip}"},
    .base = dyndns2_rules,
};
static struct provider_data names_data_whole;
static struct provider names_provider = {.id = "names",
                                         .url = "https://x.test/",
                                         .families = {true, true},
                                         .names = 3,
                                         .data = &names_data_whole};

#define NAMES 4

/* Records a, b, c, d of one account, for these names. */
static void configure_fqdns(struct rig *rig, size_t count, const char *const *fqdns)
{
    static const char *const names[NAMES] = {"a", "b", "c", "d"};
    struct ddns_record_conf confs[NAMES] = {0};
    names_data_whole = names_data;
    names_data_whole.base_count = dyndns2_rule_count;
    for (size_t i = 0; i < count; i++) {
        confs[i] = conf_of(rig, names[i], names[i], "p");
        confs[i].fqdn = fqdns[i];
        confs[i].user = "u";
        confs[i].provider = &names_provider;
    }
    updater_configure(rig->updater, confs, count);
}

/* Records a, b, c, d of one account, which shall have these addresses. */
static void configure_names(struct rig *rig, size_t count, const char *const *addrs)
{
    static const char *const names[NAMES] = {"a", "b", "c", "d"};
    static const char *const fqdns[NAMES] = {"a.example.test", "b.example.test", "c.other.test",
                                             "d.example.test"};
    configure_fqdns(rig, count, fqdns);
    for (size_t i = 0; i < count; i++)
        want(rig, names[i], addrs[i]);
}

static bool has_target(const struct rig *rig, const char *text)
{
    for (size_t i = 0; i < rig->requests; i++)
        if (strstr(rig->targets[i], text))
            return true;
    return false;
}

static bool all_told(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_SENT] >= 2 && rig->events[DDNS_EVENT_HALTED] >= 1;
}

/* dyndns2: a list of names, a line for each, in that order, each with a verdict of its own. */
static void test_names_in_one_request(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "good 203.0.113.1\r\nnohost\r\n\r\nnochg 203.0.113.1\r\n";
    configure_names(rig, 3, same);
    await(rig, all_told);
    assert_int_equal(rig->requests, 1);
    assert_int_equal(rig->events[DDNS_EVENT_HALTED], 1);
    assert_int_equal(rig->events[DDNS_EVENT_SENT], 2);
    assert_non_null(strstr(rig->targets[0], "&myip=203.0.113.1 "));
    const char *list = strstr(rig->targets[0], "hostname=");
    static const enum ddns_verdict verdicts[] = {DDNS_OK, DDNS_CONFIG, DDNS_NOCHANGE};
    for (size_t i = 0; i < 3; i++) { /* whichever was due first */
        char key[] = "?/ipv4";
        assert_non_null(list);
        key[0] = list[i == 0 ? 9 : 1];
        list = strchr(list + 1, ',');
        const struct stored *stored = slot(rig->records, 8, key, false);
        assert_non_null(stored);
        assert_int_equal(stored->record.last_verdict, verdicts[i]);
        assert_int_equal(stored->record.halted, i == 1);
    }
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

static bool four_sent(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_SENT] >= 4;
}

static bool three_sent(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_SENT] >= 3;
}

/* No more than the provider takes. */
static void test_names_that_do_not_fit(void **state)
{
    static const char *const addrs[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "good\ngood\ngood\n";
    rig->replies[1] = "good\n";
    rig->reply_count = 2;
    configure_names(rig, 4, addrs);
    await(rig, four_sent);
    assert_int_equal(rig->requests, 2);
    check_gaps(rig);
}

/* None that shall have another address. */
static void test_names_of_other_addresses(void **state)
{
    static const char *const mixed[] = {"203.0.113.1", "203.0.113.2", "203.0.113.1"};
    struct rig *rig = *state;
    rig->hold = true;
    configure_names(rig, 3, mixed);
    for (size_t turn = 0; turn < 2; turn++) {
        await(rig, turn == 0 ? one_request : two_requests);
        rig->replies[0] = strchr(rig->targets[turn], ',') ? "good\ngood\n" : "good\n";
        release_held(rig);
        rig->hold = turn == 0;
    }
    await(rig, three_sent);
    assert_int_equal(rig->requests, 2);
    assert_true(has_target(rig, "hostname=b.example.test&myip=203.0.113.2 "));
    assert_true(has_target(rig, "a.example.test,c.other.test&myip=203.0.113.1 ") ||
                has_target(rig, "c.other.test,a.example.test&myip=203.0.113.1 "));
}

static bool one_failed(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_SENT] >= 2 && rig->events[DDNS_EVENT_FAILED] >= 1;
}

/* An outage of one name, between two that are fine: the wait that the provider asks for holds. */
static void test_names_of_which_one_must_wait(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "good\n911\ngood\n";
    configure_names(rig, 3, same);
    await(rig, one_failed);
    assert_false(await_for(rig, two_requests, 3 * GAP_MS));
}

/* Nor does what is said of one name halt those that were updated with it. */
static void test_names_of_which_one_is_refused(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "!donator\ngood\ngood\n";
    configure_names(rig, 3, same);
    await(rig, all_told);
    assert_int_equal(rig->events[DDNS_EVENT_HALTED], 1);
    assert_int_equal(rig->events[DDNS_EVENT_SENT], 2);
}

static bool any_failed(const struct rig *rig)
{
    return rig->events[DDNS_EVENT_FAILED] >= 1;
}

static void read_failures(const struct updater_status *status, void *arg)
{
    *(unsigned *)arg = status->account->failures;
}

/* An outage that each line tells of is one failure of the account. */
static void test_names_of_an_outage(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "911\n911\n911\n";
    configure_names(rig, 3, same);
    await(rig, any_failed);
    assert_false(await_for(rig, two_requests, 3 * GAP_MS));
    unsigned failures = 0;
    updater_each(rig->updater, read_failures, &failures);
    assert_int_equal(failures, 1);
}

/* A wrong password is said once, for all. */
static void test_names_of_a_wrong_password(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "badauth\n";
    configure_names(rig, 2, same);
    await(rig, both_halted);
    assert_false(await_for(rig, two_requests, 2 * GAP_MS));
}

/* One line for three names is of nobody: no success, and they go one by one. */
static void test_names_without_a_line_each(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->replies[0] = "good 203.0.113.1\n";
    configure_names(rig, 3, same);
    await(rig, three_sent);
    assert_int_equal(rig->requests, 4);
    assert_int_equal(rig->events[DDNS_EVENT_FAILED], 3);
    assert_non_null(strstr(rig->targets[0], ","));
    for (size_t i = 1; i < 4; i++)
        assert_null(strstr(rig->targets[i], ","));
    check_gaps(rig);
}

/* The request is under way when a new configuration has another name for a record that went along:
 * what is answered is not of that name. */
static void test_names_that_change_meanwhile(void **state)
{
    static const char *const same[] = {"203.0.113.1", "203.0.113.1"};
    struct rig *rig = *state;
    rig->hold = true;
    rig->replies[0] = "good\ngood\n";
    rig->replies[1] = "good\n";
    rig->reply_count = 2;
    configure_names(rig, 2, same);
    await(rig, one_request);
    bool a_sends = strstr(rig->targets[0], "=a.example.test,") != NULL;
    const char *const other[] = {a_sends ? "a.example.test" : "new.example.test",
                                 a_sends ? "new.example.test" : "b.example.test"};
    configure_fqdns(rig, 2, other);
    release_held(rig);
    await(rig, two_requests);
    assert_non_null(strstr(rig->targets[1], "=new.example.test&"));
    await(rig, both_sent);
    check_gaps(rig);
}

static void read_left(const struct updater_status *status, void *arg)
{
    struct stamp now = clock_stamp();
    *(int64_t *)arg = ddns_withdraw_left(status->state, status->conf, &now);
}

static int64_t left_after(struct rig *rig, const struct ddns_record_conf *conf)
{
    int64_t left_ms = 0;
    updater_configure(rig->updater, conf, 1);
    updater_each(rig->updater, read_left, &left_ms);
    return left_ms;
}

/* An address is gone only when the source that is asked now has said so. */
static void test_gone_by_another_source(void **state)
{
    struct rig *rig = *state;
    struct ddns_record_conf conf = conf_of(rig, "www", "www", "p");
    struct addr none = {0};
    conf.withdraw_ms = 3600000;
    conf.home[FAMILY_IPV4] = "eth0";
    conf.loss_known[FAMILY_IPV4] = true;
    updater_configure(rig->updater, &conf, 1);
    updater_want(rig->updater, "www", FAMILY_IPV4, &none);
    assert_true(left_after(rig, &conf) <= conf.withdraw_ms);
    conf.home[FAMILY_IPV4] = "pppoe-wan";
    assert_true(left_after(rig, &conf) == INT64_MAX);
    updater_want(rig->updater, "www", FAMILY_IPV4, &none);
    assert_true(left_after(rig, &conf) <= conf.withdraw_ms);
    conf.loss_known[FAMILY_IPV4] = false;
    left_after(rig, &conf);
    conf.loss_known[FAMILY_IPV4] = true;
    assert_true(left_after(rig, &conf) == INT64_MAX);
}

static void test_no_request_without_a_store(void **state)
{
    struct rig *rig = *state;
    log_capture(NULL, NULL);
    rig->store_fails = true;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, has_looked);
    assert_false(await_for(rig, one_request, 300));
}

static void test_conservative_start(void **state)
{
    struct rig *rig = *state;
    updater_free(rig->updater);
    rig->persist.conservative = true;
    start_updater(rig);
    int64_t start = clock_mono_ms();
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, one_request);
    assert_true(rig->times[0] - start >= GAP_MS - 1);
}

static void test_changed_behind_our_back(void **state)
{
    struct rig *rig = *state;
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1");
    await(rig, is_verified);
    rig->zone = ip("198.51.100.66");
    assert_int_equal(updater_check(rig->updater, "www"), 1);
    await(rig, two_verified);
    assert_int_equal(rig->events[DDNS_EVENT_MISMATCH], 1);
    check_gaps(rig);
}

static void count_status(const struct updater_status *status, void *arg)
{
    unsigned *count = arg;
    assert_string_equal(status->record->name, "www");
    assert_true(status->step.reason[0] != '\0');
    (*count)++;
}

static void test_end_in_any_state(void **state)
{
    struct rig *rig = *state;
    unsigned count = 0;
    rig->hold = true;
    configure(rig, "secret");
    updater_each(rig->updater, count_status, &count);
    assert_int_equal(count, 1);
    want(rig, "www", "203.0.113.1");
    await(rig, one_request);
    updater_configure(rig->updater, NULL, 0); /* the record is gone with its request out */
    assert_int_equal(updater_check(rig->updater, NULL), 0);
    assert_false(await_for(rig, never, 50));
    configure(rig, "secret");
    want(rig, "www", "203.0.113.1"); /* freed by the teardown with a look under way */
}

int main(void)
{
#define RIG(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        RIG(test_publish_and_verify),
        RIG(test_dns_has_it_already),
        RIG(test_a_change_leaves_at_once),
        RIG(test_change_during_an_update),
        RIG(test_a_reload_keeps_what_replies_mean),
        RIG(test_a_reload_keeps_what_is_not_quoted),
        RIG(test_only_the_first_gap_is_forced),
        RIG(test_overload_then_ok),
        RIG(test_halt_ends_with_another_password),
        RIG(test_kill_keeps_the_gap),
        RIG(test_a_halt_outlives_a_restart),
        RIG(test_two_records_share_the_gap),
        RIG(test_badauth_stops_the_account),
        RIG(test_badauth_is_of_one_password),
        RIG(test_what_is_due_goes_along),
        RIG(test_another_key_goes_by_itself),
        RIG(test_both_families_in_one_request),
        RIG(test_a_refusal_is_of_one_family),
        RIG(test_names_in_one_request),
        RIG(test_names_that_do_not_fit),
        RIG(test_names_of_other_addresses),
        RIG(test_names_of_a_wrong_password),
        RIG(test_gone_by_another_source),
        RIG(test_names_without_a_line_each),
        RIG(test_names_of_which_one_must_wait),
        RIG(test_names_of_which_one_is_refused),
        RIG(test_names_of_an_outage),
        RIG(test_names_that_change_meanwhile),
        RIG(test_no_request_without_a_store),
        RIG(test_conservative_start),
        RIG(test_changed_behind_our_back),
        RIG(test_end_in_any_state),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
