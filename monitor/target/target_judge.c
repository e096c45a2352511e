/* SPDX-License-Identifier: ISC
 *
 * What a finished check changes in a watched target, and who is told; what was told before this
 * run. Not its job: when health changes (monitor/target/health.h), sentences
 * (monitor/target/target_notice.h).
 */
#include "lib/clock.h"
#include "lib/log.h"
#include "monitor/target/target_notice.h"
#include "monitor/target/target_watch.h"

#define TAG "target"

/* Not told of by a notice, but worth a line. */
static void log_first(const struct watch *watch, enum family family)
{
    char who[TARGET_LABEL_LEN], addr[ADDR_STRLEN];
    const struct watch_side *side = &watch->sides[family];
    log_info(TAG, "%s is %s over %s (%s)", target_label(watch->conf, who),
             watch->conf->kind == PROBE_CLOSED ? "closed" : "up", family_text(family),
             addr_format(&side->addr, addr));
}

/* The same, of a trouble that lasts over a restart: nobody needs to hear of it twice. */
static void log_as_told(const struct watch *watch, enum family family)
{
    char who[TARGET_LABEL_LEN];
    const struct health *health = &watch->sides[family].health;
    log_warn(TAG, "%s is still %s over %s, as told before: %s", target_label(watch->conf, who),
             health_word(health->state), family_text(family), outcome_word(health->cause));
}

static void judge(struct watch *watch, enum family family, const struct round_family *seen,
                  int64_t wall_ms)
{
    const struct config_target *conf = watch->conf;
    struct watch_side *side = &watch->sides[family];
    struct health_conf health_conf = {
        .rise = conf->rise, .fall = conf->fall, .required = conf->require[family]};
    struct health before = side->health;
    struct notice notice;
    enum health_move move = health_feed(&side->health, &health_conf, round_family_outcome(seen),
                                        clock_mono_ms(), wall_ms);
    struct target_change change = {.target = conf,
                                   .family = family,
                                   .move = move,
                                   .before = &before,
                                   .after = &side->health,
                                   .seen = seen,
                                   .wall_ms = wall_ms};
    watch_side_note(side, seen);
    if (move == HEALTH_FIRST_UP)
        log_first(watch, family);
    if (move == HEALTH_AS_TOLD)
        log_as_told(watch, family);
    if (target_notice(&change, &notice))
        watch->owner->env.notice(&notice, watch->owner->env.arg);
}

/* The own line is down: nothing can be said of the target, and nothing is. */
static void spare(struct watch *watch, enum family family, const struct round_family *seen,
                  int64_t wall_ms)
{
    struct watch_side *side = &watch->sides[family];
    watch_side_note(side, seen);
    health_suspend(&side->health, OUTCOME_LOCAL_LINE_DOWN, wall_ms);
}

/* The certificate of a family that ends first. Both families mostly serve the same one: it is told
 * of once. */
static void judge_cert(struct watch *watch, enum family family, const struct round_family *seen,
                       int64_t wall_ms)
{
    const struct cert_facts *soonest = NULL;
    for (size_t i = 0; i < seen->count; i++) {
        const struct cert_facts *cert = seen->results[i].cert;
        if (seen->results[i].outcome == OUTCOME_OK && cert && cert->chain_count > 0 &&
            (!soonest || cert_facts_ends_ms(cert) < cert_facts_ends_ms(soonest)))
            soonest = cert;
    }
    if (!soonest)
        return;
    int64_t ends_ms = cert_facts_ends_ms(soonest);
    unsigned stage = cert_stage(ends_ms - wall_ms, watch->conf->cert_warn_ms);
    struct watch_side *other = &watch->sides[!family];
    if (!cert_told_is_news(&watch->sides[family].cert, ends_ms, stage) ||
        (other->cert.ends_ms == ends_ms && other->cert.stage >= stage))
        return;
    struct notice notice;
    target_notice_cert(watch->conf, family, ends_ms, wall_ms, &notice);
    watch->owner->env.notice(&notice, watch->owner->env.arg);
}

void watch_judge(struct watch *watch, const struct round_result *result,
                 const bool line_down[FAMILY_COUNT])
{
    int64_t wall_ms = clock_wall_ms();
    watch->checked_wall_ms = wall_ms;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        const struct round_family *seen = &result->families[f];
        if (!seen->asked)
            continue;
        if (line_down[f]) {
            spare(watch, (enum family)f, seen, wall_ms);
            continue;
        }
        judge(watch, (enum family)f, seen, wall_ms);
        judge_cert(watch, (enum family)f, seen, wall_ms);
    }
    if (!line_down[FAMILY_IPV4] && !line_down[FAMILY_IPV6])
        watch_remarks_note(watch, result, wall_ms);
}

/* --- what was told before this run ------------------------------------------------------------ */

static bool latest_of(const struct watch *watch, enum notice_kind kind, enum family family,
                      target_latest_fn *latest, void *arg, struct notice *out)
{
    char key[NOTICE_KEY_LEN];
    notice_init(out, kind, watch->conf->name, 0);
    out->has_family = true;
    out->family = family;
    return latest(arg, notice_key(out, key), out);
}

static void recall(struct watch *watch, target_latest_fn *latest, void *arg)
{
    struct notice notice;
    for (int f = 0; f < FAMILY_COUNT; f++) {
        struct watch_side *side = &watch->sides[f];
        if (latest_of(watch, NOTICE_TARGET_UP, (enum family)f, latest, arg, &notice))
            target_recall_health(&notice, clock_mono_ms(), &side->health);
        if (latest_of(watch, NOTICE_CERT_EXPIRING, (enum family)f, latest, arg, &notice))
            target_recall_cert(&notice, watch->conf->cert_warn_ms, &side->cert);
    }
    watch_remarks_recall(watch, latest, arg);
    watch->recalled = true;
}

void targets_recall(struct targets *targets, target_latest_fn *latest, void *arg)
{
    for (size_t i = 0; i < targets->count; i++)
        if (!targets->watches[i]->recalled)
            recall(targets->watches[i], latest, arg);
}
