#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Runs a command inside a private lab: its own network, mount and process namespaces.

usage: enter.py COMMAND [ARGUMENT]...

All that the command makes (network namespaces, processes, mounts) vanishes with it, however it
ends, kill -9 included: the kernel does the cleaning. Works as root, and as anybody where the kernel
lets unprivileged people make user namespaces. Where it is refused, the command runs all the same,
outside, with the reason in RD_LAB_REFUSED; inside, RD_LAB is set. Owns: the way in. Not its job: what
is built inside (lab/).
"""
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1

# In the lab /run is empty, so that /run/netns is ours; every process sees the lab's resolv.conf.
SET_UP = r"""
set -e
resolv=$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)
if ! mount -t tmpfs -o mode=755 lab /run; then exit 1; fi
mkdir -p /run/netns /run/lab
echo 'nameserver 192.0.2.53' >/run/lab/resolv.conf
case $resolv in /run/*) mkdir -p "${resolv%/*}"; : >"$resolv" ;; esac
if [ -e "$resolv" ]; then mount --bind /run/lab/resolv.conf "$resolv"; fi
ip link set lo up
ip netns add try
ip netns delete try
"""


def environment():
    env = dict(os.environ)
    # nft, ip and the servers live where the PATH of ordinary people does not lead.
    env["PATH"] = env.get("PATH", "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    env["LC_ALL"] = "C.UTF-8"
    return env


def unshare_command():
    command = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command.append("--map-root-user")
    return command


def refusal():
    """None when a lab can be made here, else the reason."""
    try:
        done = subprocess.run(unshare_command() + ["sh", "-c", SET_UP], env=environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired) as problem:
        return str(problem)
    if done.returncode == 0:
        return None
    lines = done.stderr.strip().splitlines()
    why = lines[-1] if lines else "unshare ended with status %d" % done.returncode
    if not os.path.ismount("/"):
        why += " (this is a chroot, whose / is no mount point: mount --bind its folder onto itself first)"
    return why


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run_inside(command):
    """Runs the command in a lab; returns its exit status."""
    env = environment()
    env["RD_LAB"] = "1"
    inner = unshare_command() + ["sh", "-c", SET_UP + 'exec "$@"', "lab"] + command
    # Ctrl-C reaches the command itself, which ends in its own way; we only wait for it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    child = subprocess.Popen(inner, env=env, preexec_fn=prepare_child)

    asked = []

    def end(number, _frame):
        # No more here: wait() below was interrupted with its lock held.
        asked.append(number)
        child.kill()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGHUP, end)
    status = child.wait()
    if asked:
        return 128 + asked[0]
    return status if status >= 0 else 128 - status


def prepare_child():
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def main(command):
    if not command:
        sys.exit(__doc__)
    why = refusal()
    if why is None:
        sys.exit(run_inside(command))
    env = environment()
    env["RD_LAB_REFUSED"] = why
    os.execvpe(command[0], command, env)


if __name__ == "__main__":
    main(sys.argv[1:])
