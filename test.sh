#!/bin/sh
# Sets up what is missing (says what), builds out of tree, runs all tests. Usage: ./test.sh
set -eu
cd "$(dirname "$0")"

tools/setup.sh build test servers
[ -x configure ] || ./autogen.sh
mkdir -p build
cd build
[ -f Makefile ] || ../configure --enable-werror
make -s -j"$(nproc)"
make -s -j"$(nproc)" check || { cat test-suite.log; exit 1; }
make -s check-net
