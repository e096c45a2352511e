#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Runs each file of end-to-end tests in a lab of its own, some at once: most of their time is waiting.

usage: run.py [test_X.py]... [PYTEST-OPTION]...

RD_JOBS says how many at once (4). Owns: the order, and one report in the end. Not its job: the lab
(enter.py), the tests.
"""
import concurrent.futures
import glob
import os
import subprocess
import sys
import time

import enter

HERE = os.path.dirname(os.path.abspath(__file__))
# The longest first, so that none is left alone at the end.
LONG = ["test_trouble.py", "test_withdraw.py", "test_mtu.py", "test_daemon.py", "test_story.py", "test_router.py",
        "test_hostile_probe.py", "test_update.py"]
NONE_SELECTED = 5  # pytest's exit status


def files(names):
    found = [os.path.join(HERE, name) for name in names] or glob.glob(os.path.join(HERE, "test_*.py"))
    place = {name: number for number, name in enumerate(LONG)}
    return sorted(found, key=lambda path: (place.get(os.path.basename(path), len(LONG)), path))


def run(path, options):
    """(path, exit status, output, seconds)"""
    started = time.monotonic()
    command = [sys.executable, "-B", os.path.join(HERE, "enter.py"), sys.executable, "-B", "-m", "pytest",
               "-q", "-rs", "-p", "no:cacheprovider", *options, path]
    # The pool's threads live as long as we do, so that the lab ends with us, kill -9 included.
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", check=False,
                          preexec_fn=enter.die_with_parent)
    return path, done.returncode, done.stdout, time.monotonic() - started


def main(options):
    jobs = int(os.environ.get("RD_JOBS") or 4)
    names = [option for option in options if option.endswith(".py")]
    options = [option for option in options if option not in names]
    statuses = []
    with concurrent.futures.ThreadPoolExecutor(max_workers=jobs) as pool:
        runs = [pool.submit(run, path, options) for path in files(names)]
        for one in concurrent.futures.as_completed(runs):
            path, status, output, seconds = one.result()
            statuses.append(status)
            if status != NONE_SELECTED:
                print("--- %s (%.0f s)\n%s" % (os.path.basename(path), seconds, output), flush=True)
    if all(status == NONE_SELECTED for status in statuses):
        return NONE_SELECTED
    return 0 if all(status in (0, NONE_SELECTED) for status in statuses) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
