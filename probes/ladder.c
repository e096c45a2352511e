/* SPDX-License-Identifier: ISC
 *
 * The driver of the search for an MTU black hole. Owns: the probe itself, the smaller ones, their
 * time. Not its job: which sizes, what is proven (probes/mtu.h).
 *
 * All happens within the deadline of the probe, T from its start:
 *   - Every T/8 the connection is looked at. Connected, and in T/8 not a byte went either way: that
 *     is silence. With the usual 10 s it is noticed 2.5 s after a start that connects at once.
 *   - The first round, the smallest size and the full one again, may take T/4, as a server that
 *     is merely slow should not be taken for a silent one.
 *   - Once the smallest has passed, we know how long an answer takes here. Who has not answered
 *     in eight times that, and not in 400 ms (a lost packet is sent again in 200 to 300), hangs.
 *     Three rounds find a line that is known, seven any.
 *   - When the next round would not end before the deadline, what is proven by then is told,
 *     with the sizes between which the limit lies.
 * The first connection stays open meanwhile: should it answer after all, its result counts.
 */
#include "probes/ladder.h"

#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/str.h"

#define LOOKS_WITHIN   8 /* T/8 between two looks */
#define FIRST_WITHIN   4 /* T/4 for the first round */
#define HANG_FACTOR    8
#define HANG_MIN_MS    400
#define ENDS_BEFORE_MS 20 /* the deadline: so that the probe's own end does not come first */

struct rung {
    struct ladder *ladder;
    struct probe *probe;
    uint16_t mss;
};

struct ladder {
    struct loop *loop;
    struct probe_spec spec;
    struct addr addr;
    struct probe *first;
    struct loop_timer *timer; /* the next look, or the end of a round; NULL: nothing to find out */
    int64_t total_ms;
    struct tcp_facts seen; /* at the last look */
    struct mtu_trial trial;
    struct mtu_step step; /* the round under way */
    struct rung rungs[MTU_WIDTH];
    size_t pending;
    int64_t round_us; /* when it began */
    int64_t hang_ms;  /* 0 while no answer was seen */
    uint16_t best_mss;
    struct probe_result best; /* of the largest that passed */
    probe_fn *done;
    void *arg;
};

/* --- the end --- */

static void end_round(struct ladder *ladder)
{
    for (size_t i = 0; i < MTU_WIDTH; i++) {
        probe_cancel(ladder->rungs[i].probe);
        ladder->rungs[i].probe = NULL;
    }
    ladder->pending = 0;
}

static void release(struct ladder *ladder)
{
    end_round(ladder);
    probe_cancel(ladder->first);
    loop_timer_free(ladder->timer);
    probe_result_clear(&ladder->best);
    free(ladder);
}

static void finish(struct ladder *ladder, struct probe_result *result)
{
    probe_fn *done = ladder->done;
    void *arg = ladder->arg;
    release(ladder);
    done(result, arg);
    probe_result_clear(result);
}

/* What a small one saw, with the path of the large one that raised the suspicion. */
static void finish_proven(struct ladder *ladder)
{
    struct probe_result result = ladder->best;
    struct mtu_report *report = &result.mtu;
    ladder->best = (struct probe_result){0}; /* moved */
    *report = (struct mtu_report){.proven = true,
                                  .outward = ladder->seen.unacked > 0,
                                  .family = ladder->trial.family,
                                  .passed = ladder->step.passed,
                                  .hung = ladder->step.hung,
                                  .announced = (uint16_t)ladder->seen.mss_in,
                                  .peer_announced = (uint16_t)ladder->seen.mss_out};
    result.outcome = OUTCOME_MTU_BLACK_HOLE;
    result.path = ladder->seen;
    mtu_report_detail(report, result.detail, sizeof result.detail);
    finish(ladder, &result);
}

/* The probe goes on alone. */
static void give_up(struct ladder *ladder)
{
    end_round(ladder);
    loop_timer_free(ladder->timer);
    ladder->timer = NULL;
}

/* --- rounds --- */

static bool is_silence(enum outcome outcome)
{
    return outcome == OUTCOME_TLS_TIMEOUT || outcome == OUTCOME_HTTP_TIMEOUT;
}

static bool is_answer(enum outcome outcome)
{
    enum outcome_layer layer = outcome_info(outcome)->layer;
    return layer == LAYER_NONE || layer == LAYER_CERT || layer == LAYER_HTTP ||
           (layer == LAYER_TLS && outcome != OUTCOME_TLS_CLOSED);
}

static enum mtu_end end_of(const struct probe_result *result)
{
    if (result->tcp_us < 0)
        return MTU_OTHER;
    if (is_silence(result->outcome))
        return MTU_HUNG;
    return is_answer(result->outcome) ? MTU_PASSED : MTU_OTHER;
}

static void next_round(struct ladder *ladder);

static void keep_best(struct ladder *ladder, uint16_t mss, struct probe_result *result)
{
    if (mss <= ladder->best_mss)
        return;
    probe_result_clear(&ladder->best);
    ladder->best = *result;
    ladder->best_mss = mss;
    *result = (struct probe_result){0}; /* moved */
}

static int64_t left_ms(const struct ladder *ladder)
{
    return ladder->spec.deadline_ms - ENDS_BEFORE_MS - clock_mono_ms();
}

/* An answer says how long the others of this round, and all later ones, are waited for. */
static void note_pace(struct ladder *ladder)
{
    int64_t took_ms = (clock_mono_us() - ladder->round_us) / 1000;
    if (ladder->hang_ms > 0)
        return;
    ladder->hang_ms = took_ms * HANG_FACTOR > HANG_MIN_MS ? took_ms * HANG_FACTOR : HANG_MIN_MS;
    int64_t wait_ms = left_ms(ladder) < ladder->hang_ms ? left_ms(ladder) : ladder->hang_ms;
    loop_timer_set(ladder->timer, wait_ms);
}

static void on_rung(struct probe_result *result, void *arg)
{
    struct rung *rung = arg;
    struct ladder *ladder = rung->ladder;
    enum mtu_end end = end_of(result);
    rung->probe = NULL;
    mtu_note(&ladder->trial, rung->mss, end);
    if (end == MTU_PASSED) {
        keep_best(ladder, rung->mss, result);
        note_pace(ladder);
    }
    if (--ladder->pending == 0)
        next_round(ladder);
}

/* Who has not answered by now: connected, it hangs; not connected, it says nothing. */
static void on_round_over(struct ladder *ladder)
{
    for (size_t i = 0; i < MTU_WIDTH; i++) {
        struct rung *rung = &ladder->rungs[i];
        struct tcp_facts facts;
        if (!rung->probe)
            continue;
        probe_path(rung->probe, &facts);
        mtu_note(&ladder->trial, rung->mss, facts.known ? MTU_HUNG : MTU_OTHER);
    }
    end_round(ladder);
    next_round(ladder);
}

static void start_round(struct ladder *ladder, int64_t wait_ms)
{
    struct probe_spec spec = ladder->spec;
    ladder->round_us = clock_mono_us();
    loop_timer_set(ladder->timer, wait_ms);
    for (size_t i = 0; i < ladder->step.count; i++) {
        struct rung *rung = &ladder->rungs[i];
        *rung = (struct rung){.ladder = ladder, .mss = ladder->step.mss[i]};
        spec.egress.max_seg = rung->mss;
        rung->probe = probe_start(ladder->loop, &spec, &ladder->addr, on_rung, rung);
        ladder->pending++;
    }
}

static void next_round(struct ladder *ladder)
{
    int64_t left = left_ms(ladder);
    int64_t wait_ms = ladder->hang_ms ? ladder->hang_ms : ladder->total_ms / FIRST_WITHIN;
    ladder->step = mtu_next(&ladder->trial);
    if (ladder->step.verdict == MTU_GO_ON && wait_ms < left)
        start_round(ladder, wait_ms);
    else if (ladder->step.proven)
        finish_proven(ladder);
    else
        give_up(ladder);
}

/* --- the suspicion --- */

static void look(struct ladder *ladder)
{
    struct tcp_facts now, before = ladder->seen;
    probe_path(ladder->first, &now);
    ladder->seen = now;
    loop_timer_set(ladder->timer, ladder->total_ms / LOOKS_WITHIN);
    if (!now.known || !before.known || now.bytes_in != before.bytes_in ||
        now.bytes_acked != before.bytes_acked)
        return;
    ladder->trial.family = addr_family(&ladder->addr);
    ladder->trial.full = (uint16_t)(now.unacked > 0 ? now.mss_out : now.mss_in);
    mtu_note(&ladder->trial, ladder->trial.full, MTU_HUNG);
    next_round(ladder);
}

static void on_timer(void *arg)
{
    struct ladder *ladder = arg;
    if (ladder->pending > 0)
        on_round_over(ladder);
    else
        look(ladder);
}

/* --- the probe itself --- */

/* Whatever became of it: that of the smaller ones is told with it. */
static void on_first(struct probe_result *result, void *arg)
{
    struct ladder *ladder = arg;
    ladder->first = NULL;
    finish(ladder, result);
}

struct ladder *ladder_start(struct loop *loop, const struct probe_spec *spec,
                            const struct addr *addr, probe_fn *done, void *arg)
{
    struct ladder *ladder = mem_zalloc(sizeof(*ladder));
    ladder->loop = loop;
    ladder->spec = *spec;
    ladder->addr = *addr;
    ladder->done = done;
    ladder->arg = arg;
    ladder->total_ms = spec->deadline_ms - clock_mono_ms();
    ladder->timer = loop_timer_new(loop, on_timer, ladder);
    loop_timer_set(ladder->timer, ladder->total_ms / LOOKS_WITHIN);
    ladder->first = probe_start(loop, spec, addr, on_first, ladder);
    return ladder;
}

void ladder_cancel(struct ladder *ladder)
{
    if (ladder)
        release(ladder);
}
