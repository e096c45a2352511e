# SPDX-License-Identifier: ISC
"""Where the servers' programs are: unpacked below the build folder (tools/setup.sh servers), or
installed on the machine."""
import glob
import os
import shutil

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
SERVERS = os.environ.get("SERVERS") or os.path.join(TOP, "build", "servers")


def _root():
    return os.path.join(SERVERS, "root")


def find(program):
    """The path of a server's program, or None."""
    for folder in ("usr/sbin", "usr/bin", "sbin", "bin"):
        path = os.path.join(_root(), folder, program)
        if os.access(path, os.X_OK):
            return path
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing(*programs):
    """None when all are there, else a sentence: for skips."""
    absent = [program for program in programs if not find(program)]
    return "not found: %s (tools/setup.sh servers brings them)" % ", ".join(absent) if absent else None


def env():
    """The environment for the unpacked programs, which bring their own libraries."""
    result = dict(os.environ)
    try:
        with open(os.path.join(SERVERS, "complete"), encoding="ascii") as file:
            arch = file.read().strip()
    except OSError:
        return result
    result["LD_LIBRARY_PATH"] = ":".join(
        os.path.join(_root(), folder, arch) for folder in ("usr/lib", "lib"))
    return result


def clock_env(seconds):
    """The environment in which a program's clock is ahead by so many seconds; None: not to be had."""
    for root in (_root(), "/"):
        for found in glob.glob(os.path.join(root, "usr/lib/*/faketime/libfaketimeMT.so.1")):
            return {"LD_PRELOAD": found, "FAKETIME": "%+d" % seconds, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return None
