/* SPDX-License-Identifier: ISC
 *
 * The state of a line (see line.h). Not its job: checks (monitor/target/uplink.h).
 */
#include "monitor/target/line.h"

const char *line_word(enum line_state state)
{
    switch (state) {
    case LINE_UNKNOWN:
        return "unknown";
    case LINE_UP:
        return "up";
    case LINE_DOWN:
        return "down";
    }
    return "unknown";
}

static void enter(struct line *line, enum line_state state, int64_t wall_ms)
{
    if (line->state != state)
        line->since_ms = wall_ms;
    line->state = state;
}

static enum line_move rise(struct line *line, int64_t wall_ms)
{
    bool was_down = line->state == LINE_DOWN, told = line->told;
    line->row = 0;
    line->told = false;
    enter(line, LINE_UP, wall_ms);
    if (told)
        return LINE_BACK;
    return was_down ? LINE_ROSE : LINE_SAME;
}

enum line_move line_feed(struct line *line, bool answered, int64_t mono_ms, int64_t wall_ms)
{
    bool was_down = line->state == LINE_DOWN;
    line->checked_ms = mono_ms;
    if (answered)
        return rise(line, wall_ms);
    line->row++;
    enter(line, LINE_DOWN, wall_ms);
    if (line->row >= LINE_CHECKS_TO_TELL && !line->told) {
        line->told = true;
        return LINE_LOST;
    }
    return was_down ? LINE_SAME : LINE_FELL;
}

void line_recall(struct line *line)
{
    line->told = true;
    line->state = LINE_DOWN;
    line->row = LINE_CHECKS_TO_TELL;
}

int64_t line_next_ms(const struct line *line, int64_t every_ms)
{
    if (line->state != LINE_DOWN)
        return -1;
    if (line->checked_ms == 0) /* recalled */
        return 0;
    return line->row < LINE_CHECKS_TO_TELL && every_ms > LINE_CONFIRM_MS ? LINE_CONFIRM_MS
                                                                         : every_ms;
}

bool line_is_known(const struct line *line, int64_t since_ms)
{
    return line->state == LINE_DOWN || (line->state == LINE_UP && line->checked_ms >= since_ms);
}

/* What the target itself, its zone or its certificate said does not come from a dead line. */
bool line_may_explain(enum outcome outcome)
{
    const struct outcome_info *info = outcome_info(outcome);
    switch (info->layer) {
    case LAYER_DNS:
        return outcome == OUTCOME_DNS_SERVFAIL || outcome == OUTCOME_DNS_TIMEOUT ||
               outcome == OUTCOME_DNS_UNREACHABLE || outcome == OUTCOME_DNS_REFUSED ||
               outcome == OUTCOME_DNS_LAME;
    case LAYER_PATH:
        return outcome != OUTCOME_MTU_BLACK_HOLE;
    case LAYER_TCP:
        return outcome != OUTCOME_PORT_OPEN;
    case LAYER_QUIC:
        return outcome != OUTCOME_QUIC_MALFORMED;
    case LAYER_TLS:
        return outcome == OUTCOME_TLS_TIMEOUT;
    case LAYER_HTTP:
        return outcome == OUTCOME_HTTP_TIMEOUT;
    case LAYER_LOCAL:
        return outcome == OUTCOME_LOCAL_SOURCE;
    case LAYER_NONE:
    case LAYER_CERT:
        break;
    }
    return false;
}
