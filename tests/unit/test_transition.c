/* SPDX-License-Identifier: ISC
 *
 * ddns/transition.h and the judgement of looks, rule by rule, as changes of the state itself. What
 * the plan makes of it is tests/unit/test_plan.c's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ddns/transition.h"
#include "lib/str.h"

#define EVENT(kind) (1u << DDNS_EVENT_##kind)
#define A           "203.0.113.1"
#define B           "203.0.113.2"
#define OLD         "198.51.100.7"
#define MINUTE_MS   INT64_C(60000)

struct rig {
    struct ddns_record_state record;
    struct ddns_account_state account;
    struct ddns_plan_conf conf;
    struct stamp now;
    struct verify_look look;
    uint32_t rnd;
};

static int setup(void **state)
{
    static struct rig rig;
    memset(&rig, 0, sizeof(rig));
    rig.conf = (struct ddns_plan_conf){.gap_ms = 65000, .error_gap_ms = 300000};
    rig.conf.backoff = (struct backoff_conf){.base_ms = 1000, .max_ms = 64000};
    rig.now = (struct stamp){.boot_id = "b", .boot_ms = 10000000, .wall_ms = 1764000000000};
    rig.rnd = UINT32_MAX; /* the longest of every backoff, so that none is 0 by chance */
    *state = &rig;
    return 0;
}

static struct addr ip(const char *text)
{
    struct addr addr = {.af = AF_UNSPEC};
    if (text)
        assert_true(addr_parse(text, &addr));
    return addr;
}

static void assert_ip(const struct addr *addr, const char *text)
{
    char buf[ADDR_STRLEN];
    assert_string_equal(addr_format(addr, buf), text);
}

static void pass(struct rig *rig, int64_t ms)
{
    rig->now.boot_ms += ms;
    rig->now.wall_ms += ms;
}

static bool want(struct rig *rig, const char *text)
{
    struct addr addr = ip(text);
    return ddns_apply_wanted(&rig->record, &addr);
}

static ddns_events reply(struct rig *rig, const char *value, const struct ddns_answer *answer)
{
    struct addr addr = ip(value);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    return ddns_apply_answer(&rig->record, &rig->account, &rig->conf, answer, &addr, &rig->now,
                             rig->rnd);
}

static ddns_events accepted(struct rig *rig, const char *value)
{
    return reply(rig, value, &(struct ddns_answer){.verdict = DDNS_OK, .replied = true});
}

/* A server of the next look. */
static struct verify_server *add(struct rig *rig, const char *value, uint32_t ttl)
{
    struct verify_server *server = &rig->look.servers[rig->look.count++];
    *server = (struct verify_server){.authoritative = true,
                                     .outcome = value ? OUTCOME_OK : OUTCOME_DNS_NODATA,
                                     .count = value ? 1 : 0,
                                     .ttl = ttl};
    server->values[0] = ip(value);
    return server;
}

static ddns_events look(struct rig *rig)
{
    verify_judge(&rig->look);
    ddns_events events = ddns_apply_look(&rig->record, &rig->conf, &rig->look, &rig->now, rig->rnd);
    memset(&rig->look, 0, sizeof(rig->look));
    return events;
}

static ddns_events see(struct rig *rig, const char *value)
{
    add(rig, value, 300);
    return look(rig);
}

static int64_t look_left(const struct rig *rig)
{
    return ddns_wait_left(&rig->record.look, &rig->now);
}

/* --- wanted, leaving, answer ----------------------------------------------------------------- */

/* One record failed by the clock, another one was told to wait: that is the provider's word. */
static void a_clock_that_is_set_ends_no_wait_of_the_provider(void **state)
{
    struct rig *rig = *state;
    struct ddns_answer busy = {
        .verdict = DDNS_TEMPORARY, .account = true, .replied = true, .wait_ms = 900000};
    struct ddns_answer clock = {.verdict = DDNS_TEMPORARY, .cause = OUTCOME_LOCAL_CLOCK};
    struct ddns_record_state other = {0};
    want(rig, A);
    other.wanted = rig->record.wanted;
    ddns_apply_answer(&other, &rig->account, &rig->conf, &busy, &other.wanted, &rig->now, 0);
    reply(rig, A, &clock);
    ddns_apply_clock_set(&rig->record, &rig->account);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
    assert_true(ddns_wait_left(&rig->account.penalty, &rig->now) >= 900000);
    /* BADTIME of a key that all records share: the whole account waited for the clock. */
    clock.account = true;
    reply(rig, A, &clock);
    assert_true(ddns_wait_left(&rig->account.penalty, &rig->now) > 0);
    ddns_apply_clock_set(&other, &rig->account);
    assert_int_equal(ddns_wait_left(&rig->account.penalty, &rig->now), 0);
}

static void a_wrong_clock_is_to_be_set_and_then_nothing_is_waited_for(void **state)
{
    struct rig *rig = *state;
    struct ddns_answer answer = {.verdict = DDNS_TEMPORARY, .cause = OUTCOME_LOCAL_CLOCK};
    want(rig, A);
    assert_int_equal(reply(rig, A, &answer), EVENT(FAILED));
    assert_non_null(strstr(ddns_failure_advice(&rig->record), "as soon as it is set"));
    assert_true(ddns_wait_left(&rig->record.retry, &rig->now) > 0);
    ddns_apply_clock_set(&rig->record, &rig->account);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
    assert_int_equal(ddns_wait_left(&rig->account.gap, &rig->now), rig->conf.gap_ms);
    /* Of another failure the wait stands. */
    answer.cause = OUTCOME_TIMEOUT;
    reply(rig, A, &answer);
    assert_non_null(strstr(ddns_failure_advice(&rig->record), "Nothing to do"));
    ddns_apply_clock_set(&rig->record, &rig->account);
    assert_true(ddns_wait_left(&rig->record.retry, &rig->now) > 0);
    answer.cause = OUTCOME_LOCAL_RESOURCES;
    reply(rig, A, &answer);
    assert_null(strstr(ddns_failure_advice(&rig->record), "Nothing to do"));
    answer.cause = OUTCOME_CERT_UNKNOWN_ISSUER;
    reply(rig, A, &answer);
    assert_non_null(strstr(ddns_failure_advice(&rig->record), "ca-certificates"));
}

static void wanted_forgets_what_was_the_old_value_s(void **state)
{
    struct rig *rig = *state;
    assert_true(want(rig, A));
    rig->record.partial = true;
    rig->record.mismatches = 5;
    rig->record.failures = 3;
    assert_false(want(rig, A));
    assert_true(rig->record.partial && rig->record.mismatches == 5);
    assert_true(want(rig, B));
    assert_false(rig->record.partial);
    assert_int_equal(rig->record.mismatches, 0);
    assert_int_equal(rig->record.failures, 3); /* protects the provider, whatever the value */
}

static void success_forgives(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    rig->record.refused = ip(B);
    rig->record.failures = 4;
    rig->record.retry = (struct ddns_wait){rig->now, MINUTE_MS};
    rig->account.failures = 7;
    rig->account.penalty = (struct ddns_wait){rig->now, MINUTE_MS};
    assert_int_equal(accepted(rig, A), EVENT(SENT));
    assert_false(addr_is_set(&rig->record.refused)); /* it may be tried again */
    assert_int_equal(rig->record.failures + rig->account.failures, 0);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
    assert_int_equal(ddns_wait_left(&rig->account.penalty, &rig->now), 0);
    assert_true(rig->record.verifying && look_left(rig) > 0);
}

static void failures_of_an_account_count_for_all_its_records(void **state)
{
    struct rig *rig = *state;
    static const struct ddns_answer overload = {
        .verdict = DDNS_TEMPORARY, .account = true, .replied = true};
    want(rig, A);
    rig->account.failures = 4; /* of other records */
    assert_int_equal(reply(rig, A, &overload), EVENT(FAILED));
    assert_int_equal(rig->account.failures, 5);
    assert_int_equal(rig->record.failures, 1);
    /* the floor of an error, and the window of the fifth failure */
    assert_int_equal(ddns_wait_left(&rig->account.penalty, &rig->now), 300000 + 16000);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
}

/* The least wait after an error is the provider's; one that was never reached asks for none but the
 * gap, and the random part comes on top of it. */
static void error_gap_needs_an_error(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_TEMPORARY});
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 65000 + 1000);
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true});
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 300000 + 2000);
    reply(rig, A,
          &(struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true, .wait_ms = 600000});
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 600000 + 4000);
}

/* A line that flaps between two addresses: that A was accepted once is no reason to wait with it.
 */
static void an_old_acceptance_is_over(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    accepted(rig, A);
    see(rig, A);
    want(rig, B);
    see(rig, B); /* somebody else wrote it */
    want(rig, A);
    see(rig, B);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
    assert_int_equal(rig->record.mismatches, 0);
}

static void an_abandoned_request_starts_the_gap_anew(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    pass(rig, 60000);
    ddns_apply_abandoned(&rig->record, &rig->account, &rig->now);
    assert_false(rig->record.busy || rig->account.busy);
    assert_int_equal(ddns_wait_left(&rig->account.gap, &rig->now), 65000);
}

/* A failure of one host says nothing about the account. */
static void failures_of_a_record_are_its_own(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    rig->record.failures = 4;
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_TEMPORARY});
    assert_int_equal(rig->record.failures, 5);
    assert_int_equal(rig->account.failures, 0);
    assert_int_equal(ddns_wait_left(&rig->account.penalty, &rig->now), 0);
}

/* The look before the next try is no reason to put off one that is due sooner. */
static void a_failure_puts_no_look_off(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    rig->conf.look_every_ms = MINUTE_MS;
    see(rig, OLD);
    int64_t left = look_left(rig);
    assert_in_range(left, 1, MINUTE_MS);
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true});
    assert_int_equal(look_left(rig), left);
    rig->conf.look_every_ms = 100 * MINUTE_MS;
    see(rig, OLD);
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_TEMPORARY, .replied = true});
    assert_int_equal(look_left(rig), ddns_wait_left(&rig->record.retry, &rig->now));
}

static void leaving_marks_both_and_success_its_time(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    ddns_apply_leaving(&rig->record, &rig->account, &rig->conf, &rig->now);
    assert_true(rig->record.busy && rig->account.busy);
    pass(rig, 500);
    rig->record.verify_looks = 9; /* of the value before */
    accepted(rig, A);
    assert_int_equal(rig->record.sent_at.boot_ms, rig->now.boot_ms);
    assert_int_equal(rig->record.verify_looks, 0);
}

/* It failed for another reason than what DNS shows, which is as it was. */
static void looks_do_not_end_the_backoff_of_a_forced_update(void **state)
{
    struct rig *rig = *state;
    struct ddns_answer answer = {.verdict = DDNS_TEMPORARY};
    want(rig, A);
    see(rig, A);
    assert_true(ddns_apply_force(&rig->record));
    assert_int_equal(reply(rig, A, &answer), EVENT(FAILED));
    const int64_t left = ddns_wait_left(&rig->record.retry, &rig->now);
    assert_true(left > 0);
    assert_int_equal(see(rig, A), 0);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), left);
    assert_int_equal(rig->record.failures, 1);
}

static void a_new_run_begins_with_a_look(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    see(rig, OLD);
    rig->record.look_failures = 7;
    rig->record.busy = true;
    assert_true(look_left(rig) > 0);
    ddns_record_loaded(&rig->record);
    assert_false(addr_is_set(&rig->record.wanted)); /* the address watch knows it, not the disk */
    assert_false(rig->record.busy);
    assert_int_equal(rig->record.look_failures, 0); /* the network of then is not that of now */
    assert_int_equal(look_left(rig), 0);
}

static void asked_to_it_looks(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    see(rig, A);
    assert_true(look_left(rig) > 0);
    ddns_apply_check(&rig->record);
    assert_int_equal(look_left(rig), 0);
}

static void a_halt_is_told_once(void **state)
{
    struct rig *rig = *state;
    struct ddns_answer answer = {.verdict = DDNS_AUTH, .account = true};
    str_copy(answer.text, sizeof(answer.text), "badauth");
    assert_true(ddns_apply_account_halt(&rig->record, &answer));
    assert_string_equal(rig->record.last_text, "badauth");
    answer.verdict = DDNS_ABUSE;
    assert_false(ddns_apply_account_halt(&rig->record, &answer));
    assert_int_equal(rig->record.halt_verdict, DDNS_AUTH);
}

/* --- looks ----------------------------------------------------------------------------------- */

static void a_dropped_look_comes_again(void **state)
{
    struct rig *rig = *state;
    rig->record.busy = true;
    ddns_apply_look_dropped(&rig->record, &rig->now);
    assert_false(rig->record.busy);
    assert_int_equal(look_left(rig), 30000);
}

/* Twice as long with each, up to a bound. */
static void looks_grow_apart(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    for (int64_t wait = 2000; wait < 300000; wait *= 2) {
        look(rig); /* nobody answers */
        assert_int_equal(look_left(rig), wait);
    }
    look(rig);
    assert_int_equal(look_left(rig), 300000);
    accepted(rig, A);
    for (int64_t wait = 1000; wait < 30000; wait *= 2) {
        see(rig, OLD);
        assert_int_equal(look_left(rig), wait);
    }
    see(rig, OLD);
    assert_int_equal(look_left(rig), 30000);
}

/* "Unchanged", but DNS shows something else: who repeats that is blocked by some providers. */
static void unchanged_is_not_repeated_soon(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    see(rig, OLD);
    reply(rig, A, &(struct ddns_answer){.verdict = DDNS_NOCHANGE, .replied = true});
    pass(rig, DDNS_VERIFY_FOR_MS);
    assert_int_equal(see(rig, OLD), EVENT(MISMATCH));
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 30 * MINUTE_MS + 1000);
}

/* Accepted, but nobody can tell until the bound: what was verified before is no longer so. */
static void silence_to_the_bound_verifies_nothing(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    accepted(rig, A);
    rig->record.verified = ip(B);
    pass(rig, DDNS_VERIFY_FOR_MS - 1);
    assert_int_equal(look(rig), 0);
    assert_true(rig->record.verifying && addr_is_set(&rig->record.verified));
    pass(rig, 1);
    assert_int_equal(look(rig), EVENT(MISMATCH));
    assert_false(rig->record.verifying || addr_is_set(&rig->record.verified));
    assert_ip(&rig->record.sent, A); /* and it is not sent again for that */
}

static void no_record_has_no_ttl(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    add(rig, A, 300);
    look(rig);
    add(rig, NULL, 0);
    look(rig);
    assert_int_equal(rig->record.ttl, 300);
    assert_int_equal(rig->record.usual_ttl, 300);
    add(rig, A, 0); /* a TTL of 0 is lower, not a jump */
    assert_int_equal(look(rig) & EVENT(TTL), 0);
}

static void a_match_ends_the_row_of_mismatches(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    rig->record.mismatches = 5;
    see(rig, A);
    assert_int_equal(rig->record.mismatches, 0);
}

static void only_authority_counts_as_partial(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    add(rig, OLD, 300);
    add(rig, A, 300)->authoritative = false; /* a resolver's cache */
    look(rig);
    assert_false(rig->record.partial);
    assert_ip(&rig->record.published, OLD);
    add(rig, OLD, 300);
    struct verify_server *two = add(rig, A, 300); /* the wanted value, and another beside it */
    two->count = 2;
    two->values[1] = ip(B);
    look(rig);
    assert_false(rig->record.partial);
    assert_false(addr_is_set(&rig->record.published));
    add(rig, OLD, 300);
    add(rig, A, 300);
    look(rig);
    assert_true(rig->record.partial);
    assert_false(addr_is_set(&rig->record.published));
}

/* Accepted, the bound is over, and a secondary still lags: told, but what was sent stays sent, and
 * the next look is not far. */
static void a_lagging_secondary_at_the_bound(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    accepted(rig, A);
    pass(rig, DDNS_VERIFY_FOR_MS);
    add(rig, OLD, 300);
    add(rig, A, 300);
    assert_int_equal(look(rig), EVENT(MISMATCH));
    assert_ip(&rig->record.sent, A);
    assert_int_equal(rig->record.mismatches, 0);
    assert_int_equal(look_left(rig), 30000);
}

static void a_change_behind_our_back_is_repaired_without_a_penalty(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    accepted(rig, A);
    assert_int_equal(see(rig, A), EVENT(VERIFIED));
    assert_int_equal(see(rig, OLD), EVENT(MISMATCH));
    assert_false(addr_is_set(&rig->record.sent));
    assert_int_equal(rig->record.mismatches, 0);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
    assert_int_equal(see(rig, OLD), 0); /* told once */
}

static void what_never_showed_is_sent_again_after_a_wait(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    for (unsigned i = 1; i <= 3; i++) {
        accepted(rig, A);
        assert_int_equal(see(rig, OLD), 0);
        pass(rig, DDNS_VERIFY_FOR_MS);
        assert_int_equal(see(rig, OLD), EVENT(MISMATCH));
        assert_int_equal(rig->record.mismatches, i);
        assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 1000 << (i - 1));
        assert_false(addr_is_set(&rig->record.sent));
    }
}

/* A was accepted and never showed, but B is wanted by now: no news about A. */
static void a_replaced_value_is_not_mourned(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    accepted(rig, A);
    want(rig, B);
    pass(rig, DDNS_VERIFY_FOR_MS);
    assert_int_equal(see(rig, OLD), 0);
    assert_int_equal(see(rig, NULL), 0);
    add(rig, OLD, 300)->authoritative = false;
    assert_int_equal(look(rig), 0);
    assert_ip(&rig->record.sent, A);
}

/* There and back again: DNS still shows what is wanted, but an accepted other value is on its way
 * to replace it. */
static void what_is_about_to_be_overwritten_is_not_verified(void **state)
{
    struct rig *rig = *state;
    want(rig, OLD);
    assert_int_equal(see(rig, OLD), EVENT(VERIFIED));
    want(rig, A);
    accepted(rig, A);
    rig->record.verified = ip(A);
    want(rig, OLD);
    assert_int_equal(see(rig, OLD), 0);
    assert_false(ddns_is_current(&rig->record));
    assert_int_equal(see(rig, A), 0); /* now it did */
    assert_false(rig->record.verifying);
    assert_int_equal(see(rig, OLD), EVENT(VERIFIED));
}

static void verified_ends_backoff(void **state)
{
    struct rig *rig = *state;
    want(rig, A);
    rig->record.failures = 6;
    rig->record.retry = (struct ddns_wait){rig->now, MINUTE_MS};
    assert_int_equal(see(rig, A), EVENT(VERIFIED)); /* the lost answer was a success */
    assert_int_equal(rig->record.failures, 0);
    assert_int_equal(ddns_wait_left(&rig->record.retry, &rig->now), 0);
}

/* --- the judgement of several servers -------------------------------------------------------- */

static void the_longest_ttl_is_the_record_s(void **state)
{
    struct rig *rig = *state;
    for (int first = 0; first < 2; first++) {
        add(rig, A, first ? 60 : 3600);
        add(rig, A, first ? 3600 : 60);
        add(rig, A, 9000)->outcome = OUTCOME_DNS_REFUSED;
        verify_judge(&rig->look);
        assert_true(rig->look.answered && rig->look.agree);
        assert_int_equal(rig->look.ttl, 3600);
        assert_int_equal(rig->look.silent, 1);
        memset(&rig->look, 0, sizeof(rig->look));
    }
}

static void two_addresses_are_no_single_value(void **state)
{
    struct rig *rig = *state;
    for (int i = 0; i < 2; i++) {
        struct verify_server *server = add(rig, A, 300);
        server->count = 2;
        server->values[1] = ip(B);
    }
    verify_judge(&rig->look);
    assert_true(rig->look.agree);
    assert_int_equal(rig->look.value_count, 2);
    assert_false(addr_is_set(&rig->look.value));
}

static void values_are_sorted_and_counted(void **state)
{
    struct dnsmsg msg = {.addr_count = 6, .ttl = 60};
    struct verify_server server = {.count = 0};
    char text[ADDR_STRLEN] = "";
    (void)state;
    for (int i = 0; i < 6; i++) {
        text[0] = '\0';
        str_append(text, sizeof(text), "192.0.2.%d", 6 - i);
        msg.addrs[i] = ip(text);
    }
    verify_note_values(&server, &msg);
    assert_int_equal(server.count, 6);
    assert_ip(&server.values[0], "192.0.2.1");
    assert_ip(&server.values[5], "192.0.2.6");
    assert_int_equal(server.ttl, 60);
    /* more than the message's struct holds are more still */
    msg.addr_count = DNSMSG_MAX_ADDRS;
    msg.addrs_cut = true;
    verify_note_values(&server, &msg);
    assert_int_equal(server.count, DNSMSG_MAX_ADDRS + 1);
}

#define RIG(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RIG(a_clock_that_is_set_ends_no_wait_of_the_provider),
        RIG(a_wrong_clock_is_to_be_set_and_then_nothing_is_waited_for),
        RIG(wanted_forgets_what_was_the_old_value_s),
        RIG(success_forgives),
        RIG(failures_of_an_account_count_for_all_its_records),
        RIG(error_gap_needs_an_error),
        RIG(an_abandoned_request_starts_the_gap_anew),
        RIG(failures_of_a_record_are_its_own),
        RIG(an_old_acceptance_is_over),
        RIG(a_failure_puts_no_look_off),
        RIG(leaving_marks_both_and_success_its_time),
        RIG(looks_do_not_end_the_backoff_of_a_forced_update),
        RIG(a_new_run_begins_with_a_look),
        RIG(asked_to_it_looks),
        RIG(a_halt_is_told_once),
        RIG(a_dropped_look_comes_again),
        RIG(looks_grow_apart),
        RIG(unchanged_is_not_repeated_soon),
        RIG(silence_to_the_bound_verifies_nothing),
        RIG(no_record_has_no_ttl),
        RIG(a_match_ends_the_row_of_mismatches),
        RIG(only_authority_counts_as_partial),
        RIG(a_lagging_secondary_at_the_bound),
        RIG(a_change_behind_our_back_is_repaired_without_a_penalty),
        RIG(what_never_showed_is_sent_again_after_a_wait),
        RIG(a_replaced_value_is_not_mourned),
        RIG(what_is_about_to_be_overwritten_is_not_verified),
        RIG(verified_ends_backoff),
        RIG(the_longest_ttl_is_the_record_s),
        RIG(two_addresses_are_no_single_value),
        RIG(values_are_sorted_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
