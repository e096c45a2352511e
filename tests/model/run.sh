#!/bin/sh
# SPDX-License-Identifier: ISC
#
# Searches every state of queue.pml: the rules as they are must hold, and each broken one must be
# found out. usage: run.sh [FOLDER FOR WORK]      77: skipped, with the reason.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=${1:-$(mktemp -d)}
# What the search must catch, each by the rule it breaks (the names are in queue.pml).
unsafe="NO_RESERVE BUSY_FORGOTTEN GAP_FROM_START NOT_FORCED OLD_VALUE HALT_FORGOTTEN NOT_CAREFUL CLOCK_TRUSTED
    TWO_AT_ONCE"
stuck="BUSY_FOR_EVER SENT_TRUSTED"
size="-DGAP=3 -DCHANGES=3 -DFAULTS=${MODEL_FAULTS:-3}"
small="-DGAP=2 -DCHANGES=2 -DFAULTS=2"

say() { printf '%s\n' "$*"; }
for program in spin gcc; do
    command -v "$program" >/dev/null 2>&1 || {
        say "model: SKIPPED: there is no $program here; apt-get install $program"
        exit 77
    }
done
mkdir -p "$work"
cd "$work"

# search NAME "DEFINES" safety|progress [-O2]: its last word is in $work/NAME.log; true when nothing was found
search() {
    name=$1 defines=$2 what=$3 fast=${4:-}
    case $what in
    safety) how="-DSAFETY -DNOCLAIM" run="" ;;
    *) how="-DNFAIR=5" run="-a -f -N settles" ;;
    esac
    mkdir -p "$name"
    # shellcheck disable=SC2086
    (
        cd "$name"
        cp "$here/queue.pml" .
        spin -a $defines queue.pml >spin.log
        gcc $fast -w -DVECTORSZ=2048 -DCOLLAPSE $how -o pan pan.c
        ./pan -m2000000 -n $run
    ) >"$name.log" 2>&1
    # A search that was cut short proves nothing.
    if grep -E -q 'max search depth too small|out of memory|Search not completed' "$name.log" &&
        grep -q 'errors: 0' "$name.log"; then
        say "model: $name: the search was not completed, see $work/$name.log"
        exit 1
    fi
    grep -q 'errors: 0' "$name.log"
}

states() { sed -n 's/^ *\([0-9][0-9.e+]*\) states, stored.*/\1/p' "$work/$1.log" | head -n 1; }

found=0
must_hold() {
    if search "$1" "$2" "$3" -O2; then
        say "model: $1: holds in all $(states "$1") states"
        found=$((found + 1))
    else
        say "model: $1: FAILS; the way there: cd $work/$1 && spin -t -p -g queue.pml"
        tail -n 20 "$work/$1.log"
        exit 1
    fi
}

must_fail() {
    if search "$1" "$small -DMUTANT=$1" "$2"; then
        say "model: without the rule that $1 breaks all still holds: the model can't see it"
        exit 1
    fi
    grep -q 'errors: [1-9]' "$work/$1.log" || {
        say "model: $1: the search did not run, see $work/$1.log"
        exit 1
    }
    say "model: $1: found out"
    found=$((found + 1))
}

must_hold safety "$size" safety
must_hold progress "$small" progress
for mutant in $unsafe; do must_fail "$mutant" safety; done
for mutant in $stuck; do must_fail "$mutant" progress; done
say "$found passed, 0 failed"
