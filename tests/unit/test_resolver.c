/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <sys/resource.h>

#include "lib/clock.h"
#include "lib/str.h"
#include "probes/resolver.h"
#include "tests/unit/fake_dns.h"

#define LIMIT_MS 20000 /* of a test; never reached */

struct bench {
    struct loop *loop;
    struct fake_dns dns, second;
    struct resolver *resolver;
    struct resolver_query *other; /* cancelled by a callback */
    struct resolver_reply reply;
    unsigned calls;
    unsigned expected;
    bool saw_rd;
    bool free_all;
};

/* What the name asks for is what it gets. */
static bool scripted(const struct fake_question *q, struct made_dns *m, void *arg)
{
    struct bench *b = arg;
    b->saw_rd |= q->rd;
    if (str_starts(q->name, "silent"))
        return false;
    unsigned rcode = str_starts(q->name, "servfail")   ? RCODE_SERVFAIL
                     : str_starts(q->name, "refused")  ? RCODE_REFUSED
                     : str_starts(q->name, "nxdomain") ? RCODE_NXDOMAIN
                     : str_starts(q->name, "notimp")   ? RCODE_NOTIMP
                                                       : RCODE_NOERROR;
    *m = make_reply(q->id, MAKE_QR | MAKE_AA | MAKE_RA | rcode, q->name, q->type);
    if (str_starts(q->name, "loop")) {
        make_target(m, 0, q->name, RR_CNAME, 60, "loop2.test");
        make_target(m, 0, "loop2.test", RR_CNAME, 60, q->name);
    } else if (str_starts(q->name, "garbage")) {
        make_record(m, 0, "@12", q->type, 60, "\1\2", 2);
    } else if (str_starts(q->name, "cut") && !q->tcp) {
        m->data[2] |= 0x02;
    } else if (rcode == RCODE_NOERROR && !str_starts(q->name, "nodata")) {
        make_addr(m, 0, "@12", 300, q->type == RR_A ? "192.0.2.1" : "2001:db8::1");
    }
    return true;
}

static bool servfail(const struct fake_question *q, struct made_dns *m, void *arg)
{
    (void)arg;
    *m = make_reply(q->id, MAKE_QR | MAKE_RA | RCODE_SERVFAIL, q->name, q->type);
    return true;
}

static void on_limit(void *arg)
{
    (void)arg;
    fail_msg("nothing happened within %d ms", LIMIT_MS);
}

static void run(struct bench *b, unsigned expected)
{
    struct loop_timer *limit = loop_timer_new(b->loop, on_limit, NULL);
    loop_timer_set(limit, LIMIT_MS);
    b->expected = expected;
    loop_run(b->loop);
    loop_timer_free(limit);
    assert_int_equal(b->calls, expected);
}

static void on_done(const struct resolver_reply *reply, void *arg)
{
    struct bench *b = arg;
    b->reply = *reply;
    b->calls++;
    if (b->other) {
        resolver_query_cancel(b->other);
        b->other = NULL;
    }
    if (b->free_all) {
        resolver_free(b->resolver);
        b->resolver = NULL;
    }
    if (b->calls >= b->expected)
        loop_stop(b->loop);
}

static void use_servers(struct bench *b, const char *servers, bool authoritative)
{
    char error[200];
    struct resolver_conf conf = {.servers = servers, .authoritative = authoritative};
    resolver_free(b->resolver);
    b->resolver = resolver_new(b->loop, &conf, error, sizeof(error));
    assert_non_null(b->resolver);
}

static struct resolver_query *ask_within(struct bench *b, const char *name, enum rrtype type,
                                         int64_t ms)
{
    unsigned before = b->calls;
    struct resolver_query *query =
        resolver_query_start(b->resolver, name, type, clock_mono_ms() + ms, on_done, b);
    assert_int_equal(b->calls, before); /* never before it returns */
    return query;
}

static struct resolver_query *ask(struct bench *b, const char *name, enum rrtype type)
{
    return ask_within(b, name, type, 10000);
}

static enum outcome ask_and_run(struct bench *b, const char *name, enum rrtype type)
{
    b->calls = 0;
    ask(b, name, type);
    run(b, 1);
    return b->reply.outcome;
}

static int setup(void **state)
{
    struct bench *b = calloc(1, sizeof(*b));
    char servers[64];
    b->loop = loop_new();
    fake_dns_start(&b->dns, b->loop, "127.0.0.1", 0, scripted, b);
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", b->dns.port);
    use_servers(b, servers, false);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    struct bench *b = *state;
    resolver_free(b->resolver);
    fake_dns_stop(&b->dns);
    if (b->second.loop)
        fake_dns_stop(&b->second);
    loop_free(b->loop);
    free(b);
    return 0;
}

static void answers(void **state)
{
    struct bench *b = *state;
    char text[ADDR_STRLEN];
    assert_int_equal(ask_and_run(b, "Good.Test.", RR_A), OUTCOME_OK);
    assert_int_equal(b->reply.msg.addr_count, 1);
    assert_string_equal(addr_format(&b->reply.msg.addrs[0], text), "192.0.2.1");
    assert_int_equal(b->reply.msg.ttl, 300);
    assert_true(b->reply.took_us > 0);
    assert_true(b->saw_rd);
    assert_string_equal(b->reply.detail, "");
    assert_int_equal(ask_and_run(b, "good.test", RR_AAAA), OUTCOME_OK);
    assert_int_equal(b->dns.udp_count, 2); /* no cache, no search list */
    assert_int_equal(ask_and_run(b, "good.test", RR_A), OUTCOME_OK);
    assert_int_equal(b->dns.udp_count, 3);
}

static void negative(void **state)
{
    struct bench *b = *state;
    assert_int_equal(ask_and_run(b, "nxdomain.test", RR_A), OUTCOME_DNS_NXDOMAIN);
    assert_int_equal(b->reply.msg.rcode, RCODE_NXDOMAIN);
    assert_int_equal(ask_and_run(b, "nodata.test", RR_AAAA), OUTCOME_DNS_NODATA);
    assert_int_equal(ask_and_run(b, "loop.test", RR_A), OUTCOME_DNS_CNAME_LOOP);
}

static void failures_keep_their_code(void **state)
{
    struct bench *b = *state;
    assert_int_equal(ask_and_run(b, "servfail.test", RR_A), OUTCOME_DNS_SERVFAIL);
    assert_string_equal(b->reply.detail, "SERVFAIL from 127.0.0.1");
    assert_int_equal(ask_and_run(b, "refused.test", RR_A), OUTCOME_DNS_REFUSED);
    assert_string_equal(b->reply.detail, "REFUSED from 127.0.0.1");
    assert_int_equal(ask_and_run(b, "notimp.test", RR_A), OUTCOME_DNS_SERVFAIL);
    assert_string_equal(b->reply.detail, "NOTIMP from 127.0.0.1");
}

static void garbage(void **state)
{
    struct bench *b = *state;
    ask_within(*state, "garbage.test", RR_A, 1500);
    run(b, 1);
    assert_int_equal(b->reply.outcome, OUTCOME_DNS_MALFORMED);
    assert_string_equal(b->reply.detail, "broken reply from 127.0.0.1");
}

static void silence_ends_at_the_deadline(void **state)
{
    struct bench *b = *state;
    int64_t start = clock_mono_ms();
    ask_within(b, "silent.test", RR_A, 300);
    run(b, 1);
    assert_int_equal(b->reply.outcome, OUTCOME_DNS_TIMEOUT);
    assert_in_range(clock_mono_ms() - start, 300, 1000);
    assert_in_range(b->reply.took_us, 300000, 1000000);
    assert_non_null(strstr(b->reply.detail, "no answer from 127.0.0.1 within 3"));
    b->calls = 0;
    ask_within(b, "good.test", RR_A, -5); /* a deadline that is over */
    run(b, 1);
    assert_int_equal(b->reply.outcome, OUTCOME_DNS_TIMEOUT);
}

static void truncated_goes_to_tcp(void **state)
{
    struct bench *b = *state;
    assert_int_equal(ask_and_run(b, "cut.test", RR_A), OUTCOME_OK);
    assert_int_equal(b->dns.udp_count, 1);
    assert_int_equal(b->dns.tcp_count, 1);
}

static void nobody_there(void **state)
{
    struct bench *b = *state;
    char servers[64];
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", b->dns.port);
    fake_dns_stop(&b->dns);
    use_servers(b, servers, false);
    assert_int_equal(ask_and_run(b, "good.test", RR_A), OUTCOME_DNS_UNREACHABLE);
    assert_string_equal(b->reply.detail,
                        "127.0.0.1 cannot be reached (ICMP port unreachable from 127.0.0.1)");
    fake_dns_start(&b->dns, b->loop, "127.0.0.1", 0, scripted, b);
}

static void second_server_helps(void **state)
{
    struct bench *b = *state;
    char servers[128];
    fake_dns_start(&b->second, b->loop, "127.0.0.2", 0, servfail, b);
    snprintf(servers, sizeof(servers), "127.0.0.2:%u, 127.0.0.1:%u", b->second.port, b->dns.port);
    use_servers(b, servers, false);
    assert_int_equal(ask_and_run(b, "good.test", RR_A), OUTCOME_OK);
    assert_int_equal(b->second.udp_count, 1);
    assert_int_equal(ask_and_run(b, "servfail.test", RR_A), OUTCOME_DNS_SERVFAIL);
    assert_string_equal(b->reply.detail, "SERVFAIL");
}

static void dead_first_server_leaves_time(void **state)
{
    struct bench *b = *state;
    char servers[128];
    int64_t start = clock_mono_ms();
    fake_dns_start(&b->second, b->loop, "127.0.0.2", 0, scripted, b);
    b->second.answer = NULL;
    loop_io_want(b->second.udp_io, 0); /* takes packets, never reads */
    snprintf(servers, sizeof(servers), "127.0.0.2:%u,127.0.0.1:%u", b->second.port, b->dns.port);
    use_servers(b, servers, false);
    assert_int_equal(ask_and_run(b, "good.test", RR_A), OUTCOME_OK);
    assert_in_range(clock_mono_ms() - start, 0, 3000);
}

static void authoritative(void **state)
{
    struct bench *b = *state;
    char servers[64];
    snprintf(servers, sizeof(servers), "127.0.0.1:%u", b->dns.port);
    use_servers(b, servers, true);
    assert_int_equal(ask_and_run(b, "good.test", RR_A), OUTCOME_OK);
    assert_true(b->reply.msg.aa);
    assert_false(b->saw_rd);
    assert_int_equal(ask_and_run(b, "refused.test", RR_A), OUTCOME_DNS_REFUSED);
    assert_int_equal(b->dns.udp_count, 2);
}

static void local_names(void **state)
{
    struct bench *b = *state;
    assert_int_equal(ask_and_run(b, "localhost", RR_A), OUTCOME_OK);
    assert_int_equal(b->reply.msg.addrs[0].af, AF_INET);
    assert_int_equal(ask_and_run(b, "a.LocalHost.", RR_AAAA), OUTCOME_OK);
    assert_int_equal(b->reply.msg.addrs[0].af, AF_INET6);
    assert_int_equal(ask_and_run(b, "localhost", RR_NS), OUTCOME_DNS_NODATA);
    assert_int_equal(b->dns.udp_count, 0);
    assert_int_equal(ask_and_run(b, "notlocalhost", RR_A), OUTCOME_OK);
    assert_int_equal(b->dns.udp_count, 1);
}

static void bad_names(void **state)
{
    static const char *const names[] = {"", ".", "a..b", "a b.test", "-\x01", "caf\xc3\xa9.test"};
    char longest[400];
    struct bench *b = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(ask_and_run(b, names[i], RR_A), OUTCOME_DNS_BAD_NAME);
    memset(longest, 'a', sizeof(longest));
    for (size_t i = 50; i < sizeof(longest); i += 51)
        longest[i] = '.';
    longest[399] = '\0';
    assert_int_equal(ask_and_run(b, longest, RR_A), OUTCOME_DNS_BAD_NAME);
    assert_int_equal(b->dns.udp_count, 0);
}

static void cancel_in_every_state(void **state)
{
    struct bench *b = *state;
    b->other = ask(b, "servfail.test", RR_A); /* cancelled by the callback of the next */
    ask(b, "good.test", RR_A);
    resolver_query_cancel(ask(b, "never.test", RR_A)); /* on the wire */
    resolver_query_cancel(ask(b, "localhost", RR_A));  /* ready */
    resolver_query_cancel(NULL);
    run(b, 1);
    assert_int_equal(b->reply.outcome, OUTCOME_OK);
    /* What was cancelled comes back to nobody. */
    assert_int_equal(ask_and_run(b, "good.test", RR_AAAA), OUTCOME_OK);
}

static void free_in_callback(void **state)
{
    struct bench *b = *state;
    ask(b, "silent.test", RR_A);
    ask(b, "good.test", RR_A);
    ask(b, "localhost", RR_A);
    b->free_all = true;
    run(b, 1);
    assert_null(b->resolver);
}

static void reload_keeps_questions(void **state)
{
    struct bench *b = *state;
    ask(b, "good.test", RR_A);
    ask(b, "servfail.test", RR_A);
    resolver_reload(b->resolver);
    run(b, 2);
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    while (dir && readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void watch_descriptors(const struct resolver_reply *reply, void *arg)
{
    struct bench *b = arg;
    size_t count = b->calls % 64 == 0 ? open_descriptors() : 0;
    assert_true(count < 600);
    assert_int_equal(reply->outcome, OUTCOME_OK);
    if (++b->calls >= b->expected)
        loop_stop(b->loop);
}

static void many_at_once(void **state)
{
    struct bench *b = *state;
    size_t before = open_descriptors();
    char name[64];
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof(name), "n%d.test", i);
        resolver_query_start(b->resolver, name, i % 2 ? RR_A : RR_AAAA, clock_mono_ms() + LIMIT_MS,
                             watch_descriptors, b);
    }
    run(b, 10000);
    resolver_free(b->resolver);
    b->resolver = NULL;
    assert_true(open_descriptors() <= before);
}

static void server_lists(void **state)
{
    (void)state;
    assert_null(resolver_check_servers(NULL));
    assert_null(resolver_check_servers(""));
    assert_null(resolver_check_servers("192.0.2.53"));
    assert_null(resolver_check_servers("192.0.2.53:5353, [2001:db8::53]:5353,2001:db8::1"));
    assert_non_null(resolver_check_servers("ns.example"));
    assert_non_null(resolver_check_servers("192.0.2.53,"));
    assert_non_null(resolver_check_servers(",192.0.2.53"));
    assert_non_null(resolver_check_servers("192.0.2.53:0"));
    assert_non_null(resolver_check_servers("192.0.2.53:99999"));
    assert_non_null(resolver_check_servers("[2001:db8::53"));
    assert_non_null(resolver_check_servers("fe80::1%eth0"));
    assert_non_null(resolver_check_servers("1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,1.1.1.1,"
                                           "1.1.1.1,1.1.1.1,1.1.1.1"));
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_SERVER(answers),
        WITH_SERVER(negative),
        WITH_SERVER(failures_keep_their_code),
        WITH_SERVER(garbage),
        WITH_SERVER(silence_ends_at_the_deadline),
        WITH_SERVER(truncated_goes_to_tcp),
        WITH_SERVER(nobody_there),
        WITH_SERVER(second_server_helps),
        WITH_SERVER(dead_first_server_leaves_time),
        WITH_SERVER(authoritative),
        WITH_SERVER(local_names),
        WITH_SERVER(bad_names),
        WITH_SERVER(cancel_in_every_state),
        WITH_SERVER(free_in_callback),
        WITH_SERVER(reload_keeps_questions),
        WITH_SERVER(many_at_once),
        cmocka_unit_test(server_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
