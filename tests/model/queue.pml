/* SPDX-License-Identifier: ISC
 *
 * One provider account of reachd as a model for SPIN: its queue, its gap, what is on disk, and a
 * world that crashes, cuts the power, loses requests and replies, and changes addresses. What it
 * stands for, line by line: doc/SCHEDULER.md. tests/model/run.sh searches all of its states.
 *
 * Time is counted in ticks, as ages that stop growing at GAP: more can't be told apart by any rule.
 * MUTANT breaks one rule; then the search must find an error.
 */
#ifndef GAP
#define GAP 2 /* ticks between two requests */
#endif
#ifndef RECORDS
#define RECORDS 2
#endif
#ifndef CHANGES
#define CHANGES 2 /* new addresses, of all records */
#endif
#ifndef FAULTS
#define FAULTS 2 /* lost requests, lost replies, crashes, power cuts, a database that is gone */
#endif
#ifndef MUTANT
#define MUTANT 0
#endif

#define NO_RESERVE      1 /* the request leaves before its gap is stored */
#define BUSY_FORGOTTEN  2 /* a request under way at the crash is not thought of */
#define GAP_FROM_START  3 /* the gap counts from the leaving only, not from the answer as well */
#define NOT_FORCED      4 /* the first gap is not forced onto the disk */
#define OLD_VALUE       5 /* what was wanted when the update fell due is sent, not what is now */
#define HALT_FORGOTTEN  6 /* a permanent failure is tried again after a restart */
#define NOT_CAREFUL     7 /* a lost database is taken for a new account */
#define CLOCK_TRUSTED   8 /* after a reboot the wall clock says how old the gap is */
#define BUSY_FOR_EVER   9 /* a request under way at the crash is waited for */
#define TWO_AT_ONCE    10 /* a record does not look whether another one's request is under way */
#define SENT_TRUSTED   11 /* what was accepted is never looked at again */

/* --- the truth outside --- */
byte wanted[RECORDS];          /* the address: a number that only grows */
byte zone[RECORDS];            /* what DNS shows */
bool bad_password[RECORDS];
byte arrival_age = GAP;        /* since a request last reached the provider */
byte changes = CHANGES, faults = FAULTS;

/* --- the request under way --- */
bool out, arrived;
byte who, carries;

/* --- memory of the daemon --- */
byte gap_age = GAP;
bool busy;
bool other_boot;               /* the gap was stored before this boot: its age is not known */
byte boot_age = GAP;
bool dirty;                    /* an answer is noted, but not stored yet: the same call does both */
bool answer_ok, answer_bad;
bool look_due[RECORDS], known[RECORDS], verifying[RECORDS], halted[RECORDS];
byte shown[RECORDS], sent[RECORDS], due_value[RECORDS];

/* --- its disk: what a crash of the process leaves --- */
bool stored, stored_busy, stored_other;
byte stored_age;
bool stored_halted[RECORDS];
byte stored_sent[RECORDS];
bool stored_verifying[RECORDS];
/* --- and what a power cut leaves at least --- */
bool forced;

inline arrive() {
    assert(arrival_age >= GAP);              /* never two requests inside a gap */
    assert(carries >= zone[who]);            /* never a stale address after a newer one */
    arrival_age = 0;
    arrived = true;
    if
    :: !bad_password[who] -> zone[who] = carries
    :: else
    fi
}

#define GAP_OVER (other_boot -> boot_age >= GAP : gap_age >= GAP)
#define NEEDS_UPDATE(r) (known[r] && !look_due[r] && shown[r] != wanted[r] && \
                         !(verifying[r] && sent[r] == wanted[r]))

inline store_account() {
    stored = true;
    stored_busy = busy;
    stored_age = gap_age;
    stored_other = other_boot
}

/* ddns_apply_leaving, account_reserve */
inline send(r) {
    assert(!stored_halted[r]);               /* never a retry of a permanent failure */
    busy = true;
    gap_age = 0;
    other_boot = false;
    if
    :: MUTANT == NO_RESERVE
    :: else ->
        store_account();
        forced = (MUTANT != NOT_FORCED)
    fi;
    who = r;
    carries = (MUTANT == OLD_VALUE -> due_value[r] : wanted[r]);
    assert(carries == wanted[r]);            /* only the newest is ever sent */
    due_value[r] = 0;
    out = true;
    arrived = false
}

/* ddns_apply_answer: in memory */
inline note_answer() {
    out = false;
    busy = false;
    if
    :: MUTANT != GAP_FROM_START -> gap_age = 0
    :: else
    fi;
    if
    :: answer_bad -> halted[who] = true
    :: answer_ok ->
        sent[who] = carries;
        verifying[who] = true;
        look_due[who] = true
    :: else -> look_due[who] = true
    fi;
    dirty = true
}

/* job_save, account_save: both or none */
inline store_answer() {
    store_account();
    stored_halted[who] = halted[who];
    stored_sent[who] = sent[who];
    stored_verifying[who] = verifying[who];
    dirty = false
}

/* ddns_apply_look */
inline look(r) {
    look_due[r] = false;
    known[r] = true;
    if
    :: MUTANT == SENT_TRUSTED && sent[r] -> shown[r] = sent[r]
    :: else -> shown[r] = zone[r]
    fi;
    if
    :: shown[r] == wanted[r] -> verifying[r] = false
    :: shown[r] != wanted[r] && verifying[r] -> /* the bound of the verification is over */
        verifying[r] = false;
        sent[r] = 0
    :: else
    fi;
    due_value[r] = (shown[r] != wanted[r] && !due_value[r] -> wanted[r] : due_value[r])
}

/* ddns_record_loaded for each record */
inline load_records() {
    for (i : 0 .. RECORDS - 1) {
        known[i] = false;
        look_due[i] = true;
        shown[i] = 0;
        due_value[i] = 0;
        halted[i] = (MUTANT == HALT_FORGOTTEN -> false : stored_halted[i]);
        sent[i] = stored_sent[i];
        verifying[i] = stored_verifying[i];
    }
    i = 0
}

/* ddns_account_loaded */
inline load_account() {
    gap_age = (stored -> stored_age : GAP);
    other_boot = stored && stored_other;
    busy = false;
    if
    :: stored && stored_busy && MUTANT == BUSY_FOR_EVER -> busy = true
    :: stored && stored_busy && MUTANT != BUSY_FOR_EVER && MUTANT != BUSY_FORGOTTEN ->
        gap_age = 0;
        other_boot = false;
        store_account()
    :: else
    fi
}

/* The process is gone; the bytes of its request may have left just before. */
inline process_ends() {
    if
    :: out && !arrived -> arrive()
    :: true
    fi;
    out = false;
    dirty = false
}

active proctype daemon() {
    byte i;
    atomic { load_account(); load_records() }
    do
    :: atomic { dirty -> store_answer() }
    :: atomic { !dirty && !(out && who == 0) && look_due[0] && !halted[0] -> look(0) }
    :: atomic { !dirty && !(out && who == 1) && look_due[1] && !halted[1] -> look(1) }
    :: atomic { !dirty && (!busy || (MUTANT == TWO_AT_ONCE && who != 0)) && !halted[0] &&
                NEEDS_UPDATE(0) && GAP_OVER -> send(0) }
    :: atomic { !dirty && (!busy || (MUTANT == TWO_AT_ONCE && who != 1)) && !halted[1] &&
                NEEDS_UPDATE(1) && GAP_OVER -> send(1) }
    od
}

active proctype network() {
    do
    :: atomic { out && !arrived && !dirty -> arrive() }
    :: atomic { out && arrived && !dirty ->
           answer_bad = bad_password[who];
           answer_ok = !answer_bad;
           note_answer() }
    :: atomic { out && !dirty && faults -> /* the request or its reply is lost */
           faults--;
           answer_bad = false;
           answer_ok = false;
           note_answer() }
    od
}

active proctype clock() {
    do
    :: atomic {
           gap_age = (gap_age < GAP -> gap_age + 1 : GAP);
           stored_age = (stored_age < GAP -> stored_age + 1 : GAP);
           arrival_age = (arrival_age < GAP -> arrival_age + 1 : GAP);
           boot_age = (boot_age < GAP -> boot_age + 1 : GAP) }
    od
}

active proctype world() {
    byte i;
    do
    :: atomic { changes -> /* a new address; the daemon hears of it at once */
           changes--;
           select(i : 0 .. RECORDS - 1);
           wanted[i]++;
           i = 0 }
    :: atomic { faults && changes && !bad_password[0] -> /* somebody changes a password */
           faults--;
           bad_password[0] = true }
    :: atomic { faults -> /* somebody else writes the record; the periodic look will come */
           faults--;
           select(i : 0 .. RECORDS - 1);
           zone[i] = 0;
           look_due[i] = true;
           i = 0 }
    :: atomic { faults -> /* kill -9 */
           faults--;
           process_ends();
           load_account();
           load_records() }
    :: atomic { faults -> /* a power cut: of what was not forced, the latest is gone */
           faults--;
           process_ends();
           boot_age = 0;
           stored = forced;
           stored_busy = false;
           if
           :: MUTANT == CLOCK_TRUSTED -> stored_other = false; stored_age = GAP
           :: else -> stored_other = true
           fi;
           for (i : 0 .. RECORDS - 1) {
               stored_halted[i] = false;
               stored_sent[i] = 0;
               stored_verifying[i] = false
           }
           i = 0;
           load_account();
           load_records() }
    :: atomic { faults -> /* the database is gone: every gap is waited once */
           faults--;
           process_ends();
           for (i : 0 .. RECORDS - 1) {
               stored_halted[i] = false;
               stored_sent[i] = 0;
               stored_verifying[i] = false
           }
           i = 0;
           load_account();
           load_records();
           if
           :: MUTANT == NOT_CAREFUL -> stored = false; gap_age = GAP; busy = false
           :: else ->
               gap_age = 0;
               busy = false;
               other_boot = false;
               store_account()
           fi }
    od
}

#define DONE(r) (zone[r] == wanted[r] || halted[r])
/* All budgets are finite, so the world comes to rest; then the newest address goes out. */
ltl settles { <>[] (DONE(0) && DONE(1)) }
