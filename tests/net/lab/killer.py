# SPDX-License-Identifier: ISC
"""kill -9 in a loop: the lives of one daemon, each ended at a random instant, half of them while an update is
out. Owns: the seed. Not its job: what must hold all the same; the tests ask what the servers saw."""
import os
import random
import threading
import time


class Killer:
    """Ends a daemon with kill -9: after a time, or a moment after it says that it sends.

    answer: how long an exchange takes, about; it is killed before, while and after it is on its way."""

    def __init__(self, daemon, answer=0.03):
        seed = int(os.environ.get("RD_SEED") or random.SystemRandom().randrange(1 << 32))
        print("RD_SEED=%d" % seed)
        self.daemon = daemon
        self.rng = random.Random(seed)
        self.answer = answer
        self.while_sending = 0
        self._sending = threading.Event()
        daemon.on_line = lambda line: self._sending.set() if ": sending " in line or ": withdrawing " in line else None

    def life(self, hunt):
        """One life of the daemon, ended at a random instant of it."""
        self._sending.clear()
        self.daemon.start(ready=False)
        if hunt and self._sending.wait(5):
            self._let_live(self.rng.uniform(0, self.answer))
            self.while_sending += 1
        else:
            self._let_live(self.rng.uniform(0, 1.2))
        self.daemon.kill9()

    def lives(self, count, redial):
        """So many of them, every other one with another address, which redial(address) gives the line; the last
        address. Then the daemon runs."""
        address = None
        for number in range(count):
            if number % 2 == 0:
                address = "203.0.113.%d" % self.rng.randrange(20, 250)
                redial(address)
            self.life(hunt=number % 2 == 0)
        self.daemon.start()
        return address

    @staticmethod
    def _let_live(seconds):
        time.sleep(seconds)  # not to wait for something: the instant is what is tested


def exchanges(calls, gap):
    """calls: (time, what) in order. What came without a pause of the gap between, together."""
    groups = []
    for number, (at, what) in enumerate(calls):
        # A little less: when a call is written down is a matter of moments.
        if number == 0 or at - calls[number - 1][0] > 0.9 * gap:
            groups.append([])
        groups[-1].append(what)
    return groups
