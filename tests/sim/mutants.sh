#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Breaks one rule after another in a copy of the sources: the simulation must find each of them, or it
# would prove nothing. A rule that is not where it is looked for is a failure too.
# usage: mutants.sh SOURCES FOLDER      the compiler is $CC, the years of each run $RD_SIM_YEARS
set -eu

top=$(CDPATH='' cd -- "$1" && pwd)
work=$2
RD_SIM_YEARS=${RD_SIM_YEARS:-200} # of many homes: most rules are found in a dense one
RD_SIM_HOME=${RD_SIM_HOME:-4}
RD_SEED=${RD_SEED:-1}
export RD_SIM_YEARS RD_SIM_HOME RD_SEED
rm -rf "$work"
mkdir -p "$work"

# simulation FOLDER: of the sources in it
simulation() {
    ${CC:-gcc} -O1 -std=gnu11 -D_GNU_SOURCE -I"$1" -I"$top" -o "$1/sim" "$top"/tests/sim/sim.c "$top"/tests/sim/home*.c \
        "$top"/tests/sim/fleet.c "$1"/ddns/plan.c "$1"/ddns/plan_withdraw.c "$1"/ddns/transition.c "$1"/ddns/transition_look.c \
        "$1"/ddns/backoff.c "$top"/ddns/budget.c "$top"/ddns/verdict.c "$top"/lib/clock.c "$top"/lib/str.c "$top"/lib/addr.c \
        "$top"/probes/verify_judge.c "$top"/probes/outcome.c
}

copy() {
    mkdir -p "$work/$1/ddns"
    cp "$top"/ddns/plan.c "$top"/ddns/plan_withdraw.c "$top"/ddns/transition.c "$top"/ddns/transition_look.c "$top"/ddns/backoff.c "$work/$1/ddns"
}

count=0
# breaks NAME FILE OLD NEW: OLD is fixed text; the first one in the file is replaced
breaks() {
    copy "$1"
    if ! OLD=$3 NEW=$4 awk 'BEGIN { RS = "\001"; old = ENVIRON["OLD"]; new = ENVIRON["NEW"] }
        (at = index($0, old)) { printf "%s%s%s", substr($0, 1, at - 1), new, substr($0, at + length(old)); done = 1 }
        END { exit !done }' "$top/ddns/$2" >"$work/$1/ddns/$2"; then
        echo "sim: $1: ddns/$2 has no line with: $3"
        exit 1
    fi
    simulation "$work/$1"
    "$work/$1/sim" >"$work/$1/log" 2>&1 || :
    if ! grep -q '^sim: BROKEN ' "$work/$1/log"; then # a crash of the simulation finds nothing
        echo "sim: $1 was NOT FOUND, see $work/$1"
        exit 1
    fi
    echo "sim: $1 is found: $(sed -n 's/^sim: BROKEN //p' "$work/$1/log")"
    count=$((count + 1))
}

copy none
simulation "$work/none"
"$work/none/sim" >"$work/none/log" || { cat "$work/none/log"; exit 1; }

breaks no-gap plan.c 'ddns_left_since_boot(&account->gap.since, conf->gap_ms, now)' '0'
breaks no-budget plan.c '= ddns_budget_wait_ms(&conf->budget,' '= 0 * ddns_budget_wait_ms(&conf->budget,'
breaks gap-from-the-start transition.c 'account->busy = false;
    account->gap = (struct ddns_wait){' 'account->busy = false;
    (void)(struct ddns_wait){'
breaks busy-forgotten transition.c 'if (conservative || account->busy)' 'if (conservative)'
breaks clock-trusted plan.c 'if (!other_boot)' 'if (!other_boot || 1)'
breaks two-at-once plan.c 'return step_of(DDNS_BUSY, look_left, "another' 'if (0) return step_of(DDNS_BUSY, look_left, "another'
breaks halt-ignored plan.c 'if (record->halted)
        *step' 'if (0)
        *step'
breaks halt-forgotten transition.c 'record->busy = false;' 'record->busy = record->halted = false;'
breaks refusal-ignored plan.c 'else if (addr_is_set(&record->wanted) && addr_equal(&record->refused, &record->wanted))' 'else if (0)'
breaks halt-of-all-ignored transition.c 'if (record->halted)
        return false;
    record->halted = true;' 'if (record->halted)
        return false;'
breaks not-careful transition.c 'if (conservative || account->busy)' 'if (account->busy)'
breaks retry-after-ignored transition.c 'int64_t floor = answer->wait_ms;' 'int64_t floor = 0;'
breaks penalty-ignored plan.c '= ddns_wait_left(&account->penalty, now)' '= 0'
breaks force-ignores-the-gap plan.c 'step = ddns_limits(record, account, conf, now);
    if (record->forced' 'step = record->forced ? step_of(DDNS_SEND, 0, "") : ddns_limits(record, account, conf, now);
    if (record->forced'
breaks force-ignores-a-request plan.c 'if (account->busy)
        return step_of(DDNS_BUSY, look_left' 'if (account->busy && !record->forced)
        return step_of(DDNS_BUSY, look_left'
breaks no-grace plan_withdraw.c 'int64_t left_ms = ddns_left_since_boot(&record->gone, conf->withdraw_ms, now);' 'int64_t left_ms = 0;'
breaks grace-by-the-wall-clock plan_withdraw.c 'ddns_left_since_boot(&record->gone' 'stamp_left_ms(&record->gone'
breaks grace-of-before transition.c 'record->gone = (struct stamp){0};' ''
breaks grace-forgotten transition.c 'record->gone = *now;
    return true;' 'record->gone = (struct stamp){.boot_id = "x", .wall_ms = 1};
    return true;'
breaks last-address-withdrawn plan_withdraw.c 'if (!conf->other_serves)' 'if (0)'
breaks withdrawal-without-limits plan_withdraw.c 'if (step.action != DDNS_SEND)
        return step;' 'step.action = DDNS_SEND;'
breaks dead-address-left transition_look.c 'if (stands(record))' 'if (0)'
breaks old-value transition.c 'record->wanted = *wanted;' 'if (!addr_is_set(&record->wanted)) record->wanted = *wanted;'
breaks no-look-after-a-restart transition.c 'record->look = (struct ddns_wait){0};' 'record->look.length_ms = INT64_MAX / 4;'
breaks first-look-believed transition_look.c 'record->published = look->agree' \
    'if (!addr_is_set(&record->published)) record->published = look->agree'
# These the fleet finds: no home need live long.
RD_SIM_YEARS=1
breaks no-jitter backoff.c '(int64_t)(rnd >> 8)' '(int64_t)(0 * rnd + 0xffffff)'
breaks jitter-within-the-gap transition.c 'if (floor < conf->gap_ms)' 'if (0)'
breaks no-backoff backoff.c 'window *= 2;' 'window *= 1;'
echo "sim: all $count broken rules are found"
