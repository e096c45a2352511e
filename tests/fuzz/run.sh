#!/bin/sh
# SPDX-License-Identifier: ISC
# Runs fuzz targets one after the other; called by `make fuzz` in the build folder.
#
#     run.sh SRCDIR SECONDS PROGRAM...
#
# What is new goes to fuzz-work/X/ and stays between runs, what broke to fuzz-artifacts/; the corpus in the
# source is only read. All targets run even when one finds something; then the exit status is 1.
set -eu
srcdir=$1 seconds=$2
shift 2
failed=
mkdir -p fuzz-artifacts
for program; do
    name=${program##*fuzz_}
    corpus=$srcdir/tests/fuzz/corpus/$name
    mkdir -p "fuzz-work/$name"
    echo "fuzz $name: ${seconds} s"
    "./$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len="${FUZZ_MAX_LEN:-70000}" \
        -print_final_stats=1 -verbosity="${FUZZ_VERBOSITY:-0}" -artifact_prefix="fuzz-artifacts/$name-" \
        "fuzz-work/$name" "$corpus" || failed="$failed $name"
done
if [ -n "$failed" ]; then
    echo "fuzz: broken:$failed; the inputs are in $PWD/fuzz-artifacts" >&2
    exit 1
fi
