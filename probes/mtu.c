/* SPDX-License-Identifier: ISC
 *
 * The search for the largest segment that passes. Owns: its order, and what counts as a proof. Not
 * its job: making attempts and their time (probes/ladder.c), words for people
 * (probes/mtu_report.c).
 *
 * The order: first the smallest size beside the full one again, because a peer that is silent at
 * every size, or was only once, is no black hole. Then the sizes of well-known lines, because one
 * of them it mostly is. Then the size just above the largest that passed, to show that it is the
 * limit, beside an even spread over what is left.
 */
#include "probes/mtu.h"

/* A lost packet is forgiven; a peer that is silent as it likes is not taken for a black hole. */
#define MAX_LOST 1

/* What every path must take: RFC 791 with the usual headers, RFC 8200. */
static const uint16_t floors[FAMILY_COUNT] = {[FAMILY_IPV4] = 536, [FAMILY_IPV6] = 1220};

static const struct {
    uint32_t mtu;
    bool frequent; /* worth an attempt of its own */
    const char *line;
} lines[] = {
    {1492, true, "PPPoE"},
    {1480, false, "a tunnel of IPv6 in IPv4 or IPv4 in IPv4"},
    {1476, false, "a GRE tunnel"},
    {1460, true, "MAP-E or DS-Lite, IPv4 in IPv6"},
    {1454, true, "PPPoE on NTT Flets"},
    {1438, false, "PPPoE on the old B-Flets"},
    {1420, true, "WireGuard"},
    {1400, true, "an IPsec or mobile line, as a rule"},
    {1280, false, "the least that IPv6 allows"},
};

uint32_t mtu_of_mss(enum family family, uint16_t mss)
{
    return mss + (family == FAMILY_IPV4 ? 40u : 60u);
}

const char *mtu_line(uint32_t mtu)
{
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].mtu == mtu)
            return lines[i].line;
    return NULL;
}

void mtu_note(struct mtu_trial *trial, uint16_t mss, enum mtu_end end)
{
    if (trial->count < MTU_MAX_ATTEMPTS)
        trial->attempts[trial->count++] = (struct mtu_attempt){mss, end};
}

/* What the attempts amount to. */
struct tally {
    unsigned floor_passed, floor_hung, full_hung, between;
    unsigned lost;         /* hung, though a larger one passed */
    uint16_t passed, hung; /* the largest, and the smallest above it */
};

static struct tally tally(const struct mtu_trial *trial)
{
    uint16_t floor = floors[trial->family];
    struct tally t = {.hung = UINT16_MAX};
    for (size_t i = 0; i < trial->count; i++) {
        const struct mtu_attempt *a = &trial->attempts[i];
        t.floor_passed += a->mss == floor && a->end == MTU_PASSED;
        t.floor_hung += a->mss == floor && a->end == MTU_HUNG;
        t.full_hung += a->mss == trial->full && a->end == MTU_HUNG;
        t.between += a->mss > floor && a->mss < trial->full;
        if (a->end == MTU_PASSED && a->mss > t.passed)
            t.passed = a->mss;
    }
    /* Nothing passes by mistake; a smaller one that hung met a lost packet. */
    for (size_t i = 0; i < trial->count; i++) {
        const struct mtu_attempt *a = &trial->attempts[i];
        t.lost += a->end == MTU_HUNG && a->mss < t.passed;
        if (a->end == MTU_HUNG && a->mss > t.passed && a->mss < t.hung)
            t.hung = a->mss;
    }
    return t;
}

static void add(struct mtu_step *step, uint32_t mss)
{
    if (step->count < MTU_WIDTH && mss > step->passed && mss < step->hung)
        step->mss[step->count++] = (uint16_t)mss;
}

static void add_known(struct mtu_step *step, enum family family)
{
    uint32_t header = mtu_of_mss(family, 0);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (lines[i].frequent)
            add(step, lines[i].mtu - header);
}

/* passed + 1, and evenly what lies between it and hung. */
static void add_spread(struct mtu_step *step)
{
    uint32_t low = step->passed + 1u, width = step->hung - low, last = low;
    add(step, low);
    for (uint32_t i = 1; i < MTU_WIDTH; i++) {
        uint32_t mss = low + width * i / MTU_WIDTH;
        if (mss > last)
            add(step, mss);
        last = mss;
    }
}

static void choose(struct mtu_step *step, const struct mtu_trial *trial, const struct tally *t)
{
    if (t->between == 0)
        add_known(step, trial->family);
    if (step->count == 0)
        add_spread(step);
}

struct mtu_step mtu_next(const struct mtu_trial *trial)
{
    uint16_t floor = floors[trial->family];
    struct tally t = tally(trial);
    struct mtu_step step = {.verdict = MTU_NOT_SIZE};
    if (trial->full <= floor || t.full_hung == 0)
        return step;
    if (trial->count == 1) {
        step.verdict = MTU_GO_ON;
        step.mss[step.count++] = floor;
        step.mss[step.count++] = trial->full;
        return step;
    }
    if (t.floor_passed == 0 && t.floor_hung > 0)
        return step;
    step.verdict = MTU_UNSTEADY;
    if (t.floor_passed == 0 || t.full_hung < 2 || t.passed >= trial->full || t.lost > MAX_LOST)
        return step;
    step.verdict = MTU_GO_ON;
    step.proven = true;
    step.passed = t.passed;
    step.hung = t.hung;
    if (t.hung > t.passed + 1 && trial->count + MTU_WIDTH <= MTU_MAX_ATTEMPTS)
        choose(&step, trial, &t);
    else
        step.verdict = MTU_BLACK_HOLE;
    return step;
}
