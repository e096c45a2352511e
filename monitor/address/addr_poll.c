/* SPDX-License-Identifier: ISC
 *
 * Several who are asked (see addr_poll.h). With `agree` all are asked at once, else one is after
 * the other failed: the same list of questions, begun differently.
 */
#include "monitor/address/addr_poll.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/str.h"
#include "monitor/address/addr_vote.h"

#define TAG "address"

#define WHY_LEN 160

struct addr_poll {
    struct addr_fetch *fetch;
    const struct addr_poll_ops *ops;
    void *list;
    size_t count;
    size_t asked;
    void **questions; /* of those that are under way */
    struct addr_voice *voices;
    char (*whys)[WHY_LEN]; /* of those without an answer */
};

struct addr_fetch *addr_poll_fetch(const struct addr_poll *poll)
{
    return poll->fetch;
}

const void *addr_poll_list(const struct addr_poll *poll)
{
    return poll->list;
}

static void drop(struct addr_poll *poll, size_t i)
{
    if (poll->questions[i])
        poll->ops->cancel(poll->questions[i]);
    poll->questions[i] = NULL;
}

void addr_poll_free(struct addr_poll *poll)
{
    for (size_t i = 0; i < poll->count; i++)
        drop(poll, i);
    free(poll->questions);
    free(poll->voices);
    free(poll->whys);
    free(poll->list);
    free(poll);
}

/* 0: the first answer counts. */
static size_t needed(const struct addr_poll *poll)
{
    return addr_fetch_section(poll->fetch)->agree;
}

static void ask_next(struct addr_poll *poll)
{
    size_t i = poll->asked++;
    poll->questions[i] = poll->ops->ask(poll, i);
}

struct addr_poll *addr_poll_start(struct addr_fetch *fetch, const struct addr_poll_ops *ops,
                                  void *list, size_t count)
{
    struct addr_poll *poll = mem_zalloc(sizeof *poll);
    *poll = (struct addr_poll){.fetch = fetch, .ops = ops, .list = list, .count = count};
    poll->questions = mem_array(count, sizeof *poll->questions);
    poll->voices = mem_array(count, sizeof *poll->voices);
    poll->whys = mem_array(count, sizeof *poll->whys);
    do
        ask_next(poll);
    while (needed(poll) > 0 && poll->asked < count);
    return poll;
}

/* --- the first that answers ------------------------------------------------------------------- */

static void go_on(struct addr_poll *poll, size_t i)
{
    char name[ADDR_POLL_NAME_LEN], text[ADDR_FETCH_TEXT_LEN];
    poll->ops->name(poll, i, name);
    if (addr_is_set(&poll->voices[i].said)) {
        addr_fetch_end(poll->fetch, &poll->voices[i].said, name);
    } else if (poll->asked < poll->count) {
        ask_next(poll);
    } else {
        snprintf(text, sizeof text, "%.79s: %s", name, poll->whys[i]);
        addr_fetch_end(poll->fetch, NULL, text);
    }
}

/* --- enough that say the same ----------------------------------------------------------------- */

static void say_voice(const struct addr_poll *poll, size_t i, char *text, size_t cap)
{
    char name[ADDR_POLL_NAME_LEN], said[ADDR_STRLEN];
    const struct addr_voice *voice = &poll->voices[i];
    poll->ops->name(poll, i, name);
    if (addr_is_set(&voice->said))
        str_append(text, cap, "%s says %s", name, addr_format(&voice->said, said));
    else
        str_append(text, cap, "%s: %s", name, voice->spoke ? poll->whys[i] : "no answer yet");
}

/* "2 of 3: A, B; C says 203.0.113.9" */
static void end_taken(struct addr_poll *poll, const struct addr *taken)
{
    char text[ADDR_FETCH_TEXT_LEN] = "", others[ADDR_FETCH_TEXT_LEN] = "";
    char name[ADDR_POLL_NAME_LEN];
    size_t said = 0;
    for (size_t i = 0; i < poll->count; i++) {
        if (addr_equal(&poll->voices[i].said, taken)) {
            str_append(text, sizeof text, "%s%s", said++ ? ", " : "",
                       poll->ops->name(poll, i, name));
        } else if (poll->voices[i].spoke) {
            str_append(others, sizeof others, "; ");
            say_voice(poll, i, others, sizeof others);
        }
    }
    char whole[ADDR_FETCH_TEXT_LEN] = "";
    str_append(whole, sizeof whole, "%zu of %zu: %s%s", said, poll->count, text, others);
    addr_fetch_end(poll->fetch, taken, whole);
}

static void end_split(struct addr_poll *poll)
{
    char text[ADDR_FETCH_TEXT_LEN] = "";
    str_append(text, sizeof text, "no %zu of %zu say the same", needed(poll), poll->count);
    for (size_t i = 0; i < poll->count; i++) {
        str_append(text, sizeof text, "%s", i ? "; " : ": ");
        say_voice(poll, i, text, sizeof text);
    }
    addr_fetch_end(poll->fetch, NULL, text);
}

static void count_voices(struct addr_poll *poll)
{
    struct addr taken;
    switch (addr_vote(poll->voices, poll->count, needed(poll), &taken)) {
    case ADDR_VOTE_OPEN:
        return;
    case ADDR_VOTE_TAKEN:
        end_taken(poll, &taken);
        return;
    case ADDR_VOTE_SPLIT:
        end_split(poll);
        return;
    }
}

/* ---------------------------------------------------------------------------------------------- */

void addr_poll_answer(struct addr_poll *poll, size_t i, const struct addr *found, const char *why)
{
    char name[ADDR_POLL_NAME_LEN];
    poll->voices[i].spoke = true;
    if (found) {
        poll->voices[i].said = *found;
    } else {
        str_copy(poll->whys[i], WHY_LEN, why);
        log_debug(TAG, "%s: %s: %s", addr_fetch_section(poll->fetch)->name,
                  poll->ops->name(poll, i, name), poll->whys[i]);
    }
    drop(poll, i);
    if (needed(poll) > 0)
        count_voices(poll);
    else
        go_on(poll, i);
}
