# SPDX-License-Identifier: ISC
# shellcheck shell=bash
#
# Sourced by test.sh and .ci/run: runs stages one after another, shows and keeps their output, adds up
# what their test runners counted. Needs $top, and $logs, a folder. Not its job: what the stages are.

: "${logs:?}" "${top:?}"
passed=0
failed=0
skipped=0
bad_stages=
times=

# "PASSED FAILED SKIPPED" of a log: its last plain line if it has one, else the sum over pytest's.
count_log() {
    awk '
        /^[0-9]+ passed, [0-9]+ failed/ {
            split($0, word, /[ ,]+/); plain = 1; pp = word[1]; pf = word[3]; ps = word[5] + 0 }
        / in [0-9.]+s/ && /^=* *[0-9]+ (passed|failed|skipped|deselected|error)/ {
            for (i = 1; i < NF; i++) {
                if ($(i + 1) ~ /^passed/) p += $i
                if ($(i + 1) ~ /^(failed|error)/) f += $i
                if ($(i + 1) ~ /^skipped/) s += $i } }
        /^[a-z0-9-]+: SKIPPED:? / { said++ }
        END { if (plain) print pp, pf, ps; else print p + 0, f + 0, s + said }' "$1"
}

# stage NAME COMMAND...: never ends the script; a failure shows in the sum.
stage() {
    local name=$1 log p f s status began word=good
    shift
    log=$logs/${name//[ :]/-}.log
    began=$SECONDS
    printf '\n== %s\n' "$name"
    "$@" </dev/null 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    read -r p f s < <(count_log "$log")
    # A stage without a test runner counts as one test.
    if [ "$status" -ne 0 ]; then
        [ "$f" -gt 0 ] || f=1
        bad_stages="$bad_stages, $name"
        word=BAD
    elif [ $((p + f + s)) -eq 0 ]; then
        p=${alone:-1}
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    times+=$(printf '%6d s  %-4s  %s' $((SECONDS - began)) "$word" "$name")$'\n'
    printf '== %s: %s after %d s\n' "$name" "$word" $((SECONDS - began))
    return "$status"
}

# A stage that only makes ready what the next ones test: it can fail, and is no test that passed.
prepare() { alone=0 stage "$@"; }

# What took how long, and the plain closing line; the status says whether all is well.
finish() {
    printf '\n%s' "$times"
    [ -z "$bad_stages" ] || printf '\nnot good: %s (see %s)\n' "${bad_stages#, }" "$logs"
    printf '\n%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    [ -z "$bad_stages" ] && [ "$failed" -eq 0 ]
}

# build FOLDER [CONFIGURE OPTION]...: out of tree, the tests too, again only what changed.
build() {
    local folder=$1
    shift
    if [ ! -x "$top/configure" ] || [ "$top/configure.ac" -nt "$top/configure" ]; then
        "$top/autogen.sh" || return
    fi
    mkdir -p "$folder"
    (
        cd "$folder" || exit
        [ -f Makefile ] || "$top/configure" -q "$@" || exit
        make -s -j"$(nproc)" || exit
        make -s -j"$(nproc)" check TESTS= >check-programs.log 2>&1 || { tail -n 60 check-programs.log; exit 1; }
    )
}

# The unit tests, with what each failed one said (automake keeps that in files), and their sum.
unit_tests() {
    local folder=$1 status=0
    make -s -C "$folder" -j"$(nproc)" check VERBOSE=1 || status=$?
    count_units "$folder"
    return "$status"
}

# The sum over a build folder's tests: a cmocka program counts by its tests, any other as one.
count_units() {
    find "$1/tests" -name '*.trs' | sort | sed 's/\.trs$//' | while read -r test; do
        awk '
            FILENAME ~ /\.trs$/ && $1 == ":test-result:" { result = $2; next }
            /^\[  PASSED  \] [0-9]+ test/ { p += $4 }
            /^\[  FAILED  \] .*[0-9]+ test\(s\)/ { for (i = 2; i <= NF; i++) if ($i ~ /^test\(s\)/) f += $(i - 1) }
            /^\[  SKIPPED \] .*[0-9]+ test\(s\)/ { for (i = 2; i <= NF; i++) if ($i ~ /^test\(s\)/) s += $(i - 1) }
            END {
                if (result == "SKIP") s += p + f + s ? 0 : 1
                else if (result == "PASS") p += p + s ? 0 : 1
                else if (!f) f = 1
                print p + 0, f + 0, s + 0 }' "$test.trs" "$test.log"
    done | awk '{ p += $1; f += $2; s += $3 }
        END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
}
