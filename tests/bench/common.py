# SPDX-License-Identifier: ISC
"""What the parts of the bench share: the site that is looked at, and how CPU time, memory and
connections are counted."""
import os
import time

from chain import Chain
from lab.netns import Netns
from lab.nginx import Nginx
from lab.wait import wait_until

SITE = "www.home.example"
PORT = 8443
CPUS = sorted(os.sched_getaffinity(0))


def say(part, text):
    print("%-8s %s" % (part, text), flush=True)


def number(netns, *argv):
    """The number that a program in tests/bench prints."""
    path = os.path.join(os.environ["BENCH"], argv[0])
    return float(netns.run(path, *[str(arg) for arg in argv[1:]], timeout=120).stdout)


class Site:
    """nginx on the loopback addresses of a namespace with a leaf and an intermediate, both ECDSA P-256.

    It keeps to the first processor; whatever else this process starts keeps to the last."""

    def __init__(self, folder, names="DNS:" + SITE):
        self.netns = Netns("site")
        self.chain = Chain(os.path.join(folder, "chain"), names)
        self.nginx = Nginx(self.netns, os.path.join(folder, "nginx"), {SITE: self.chain.cert},
                           listens=("127.0.0.1:%d" % PORT, "[::1]:%d" % PORT))

    def __enter__(self):
        os.sched_setaffinity(0, CPUS[:1])
        self.nginx.start()
        os.sched_setaffinity(0, CPUS[-1:])
        return self

    def __exit__(self, *_error):
        self.nginx.stop()
        self.netns.delete()
        os.sched_setaffinity(0, CPUS)

    def tcp(self, field):
        """A counter of the namespace: "ActiveOpens", "CurrEstab"."""
        with open("/proc/%d/net/snmp" % self.nginx.proc.pid, encoding="ascii") as file:
            names, values = [line.split() for line in file if line.startswith("Tcp:")]
        return int(values[names.index(field)])


def cpu_us(pid):
    """Microseconds that all threads of a process have run."""
    total = 0
    for task in os.listdir("/proc/%d/task" % pid):
        with open("/proc/%d/task/%s/schedstat" % (pid, task), encoding="ascii") as file:
            total += int(file.read().split()[0])
    return total / 1000


def settled_cpu_us(pid):
    """The same, once it stands still."""
    seen = [cpu_us(pid)]

    def still():
        time.sleep(0.02)
        seen.append(cpu_us(pid))
        return seen[-1] == seen[-2]
    wait_until(still, 30, "an idle process")
    return seen[-1]


def sizes(pid):
    """(RSS, PSS) in kB."""
    with open("/proc/%d/smaps_rollup" % pid, encoding="ascii") as file:
        fields = dict(line.split(":", 1) for line in file if ":" in line)
    return tuple(int(fields[key].split()[0]) for key in ("Rss", "Pss"))


def switches(pid):
    """How often a process went to sleep by itself: once more than it was woken."""
    with open("/proc/%d/status" % pid, encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("voluntary"))
