#!/bin/bash
# SPDX-License-Identifier: ISC
#
# Sets up what is missing (says what), builds in build/, and runs all tests: the unit tests, then those
# in network namespaces. The last line is the count.
# Usage: ./test.sh        from any folder, as root or not; sudo is used to install packages only
set -u

top=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd) || exit
case ${1-} in
-h | --help)
    sed -n '4,6s/^# //p' "$0"
    exit
    ;;
?*)
    echo "test.sh takes no arguments: see --help" >&2
    exit 2
    ;;
esac

logs=$top/build/logs
mkdir -p "$logs"
# shellcheck source=tools/stages.sh
. "$top/tools/stages.sh"

if prepare "packages" "$top/tools/setup.sh" build test servers &&
    prepare "build" build "$top/build" --enable-werror; then
    stage "unit tests" unit_tests "$top/build"
    stage "network tests" make -s -C "$top/build" check-net
fi
finish
