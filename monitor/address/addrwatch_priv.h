/* SPDX-License-Identifier: ISC
 *
 * The sections of the address watch, shared by addrwatch*.c. Internal to them.
 */
#ifndef REACHD_MONITOR_ADDRESS_ADDRWATCH_PRIV_H
#define REACHD_MONITOR_ADDRESS_ADDRWATCH_PRIV_H

#include "lib/loop.h"
#include "monitor/address/addr_cross.h"
#include "monitor/address/addr_fetch.h"
#include "monitor/address/addrset.h"
#include "monitor/address/addrwatch.h"
#include "monitor/address/neighset.h"
#include "monitor/address/rtnl.h"

struct section_watch {
    struct addrwatch *owner;
    const struct config_address *conf;
    bool kept;  /* while configuring: named by the new sections */
    bool known; /* told at least once */
    struct addr now;
    struct addr base; /* what the interface has: with a suffix `now` is another host's */
    struct addr host; /* chosen of a neighbour's */
    int64_t poked_ms; /* when it was last looked for by a packet; 0: never */
    int64_t since_wall_ms;
    int64_t changed_ms; /* since when `now` is what it is, clock_mono_ms() */
    char reason[240];
    enum addr_line line;      /* of the link that it is on, or whose addresses are looked at */
    char holder[IF_NAMESIZE]; /* of what was asked: our link that has the address, printable; "" */
    struct addr behind;       /* there is none to publish, but this one, behind NAT */
    int64_t behind_ms;        /* since when it is that */
    int64_t behind_said_ms;   /* of what is asked: when the question left that brought it */
    struct addr told_behind;  /* by what is asked now */
    int64_t unfit_ms;         /* since when `now` is not fit any more; 0: it is */
    struct addr_fetch *fetch;
    int64_t asked_ms; /* when the last question left */
    int64_t said_ms;  /* the same of the last that brought an address */
    bool hurried;     /* the kernel told of a change: to be asked soon, once more */
    unsigned failures;
    int picked; /* source = first: which of them, or addr_pick's word */
    struct addr_cross cross;
    int64_t cross_since_wall_ms;
    struct loop_timer *crossing; /* NULL: no cross-check */
    struct loop_timer *timer;
    struct loop_timer *missing; /* runs until the first address */
    bool had_one;
};

struct addrwatch {
    struct addrwatch_env env;
    struct rtnl *rtnl;
    struct addrset *set;
    struct neighset *neighbours;
    struct pcp_news *news; /* NULL: no section asks a router */
    bool synced;
    bool lost;
    bool armed; /* every interface section will look */
    struct section_watch **watches;
    size_t count;
};

/* --- addrwatch.c --- */
/* The last act of its caller: the callback may free everything. */
void section_tell(struct section_watch *w, const struct addr *now, const char *reason);
bool section_asks(const struct section_watch *w); /* its source is a question to somebody */
struct section_watch *addrwatch_find(const struct addrwatch *watch,
                                     const struct config_address *conf);

/* --- addrwatch_news.c: sections that ask somebody who has news --- */
/* An address or a link of the kernel has changed. */
void addrwatch_heed_kernel(struct addrwatch *watch);
/* How long a section that asks waits before it asks again, usually ms. */
int64_t section_ask_after(const struct section_watch *w, int64_t ms);
/* After the sections have changed: listens to routers, or does not. */
void addrwatch_heed_news(struct addrwatch *watch);

/* --- addrwatch_look.c: sections that look at interfaces --- */
/* What the interface has, judged. */
void section_choose(const struct section_watch *w, struct addr_choice *choice);
void section_look(struct section_watch *w); /* the last act of its caller */

/* --- addrwatch_links.c: sections that look at others --- */
/* Something about w is new: those that look at it will look. Nothing is called from here. */
void section_stir(struct section_watch *w);
void section_look_first(struct section_watch *w); /* source = first; the last act of its caller */
/* Why it is this address that a source told of: who said so, and whether a link of ours has it. */
void section_say_found(struct section_watch *w, const struct addr *found, const char *who,
                       char *reason, size_t cap);
/* There is none to publish, but this one, behind NAT; unset: not even that. */
void section_set_behind(struct section_watch *w, const struct addr *behind);
/* The timer of a cross-check. */
void section_on_crossing(void *arg);
/* The other section of a cross-check; NULL: there is none. */
struct section_watch *section_crossed(const struct section_watch *w);
/* What a section has for a cross-check: its address, or the one that is behind NAT. */
struct addr_cross_side section_side(struct section_watch *w, int64_t now_ms);
/* Which line our address of a cross-check tells of, also when it was accepted. */
enum addr_line section_cross_line(const struct section_watch *w, const struct addr *ours);

#endif
