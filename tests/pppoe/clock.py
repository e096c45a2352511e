# SPDX-License-Identifier: ISC
"""What the clock of a router does: starts in 1970, is set forward and back. Each time reachd must look
at everything again, and the provider's gap is none of the wall clock's business. Only where the clock is
ours alone. Owns: the wall clock. Not its job: the line and the provider (check.py)."""
import time

import lab.daemon as conf
from lab.world import SITE, ZONE

WRONG = "203.0.113.66"  # of somebody else
HOUR = 3600


def set_by(seconds):
    time.clock_settime(time.CLOCK_REALTIME, time.time() + seconds)


class Starts1970:
    """As long as it lasts the wall clock shows what one without a battery shows."""

    def __enter__(self):
        self._ahead = time.time() - 60
        set_by(-self._ahead)
        return self

    def __exit__(self, *_why):
        set_by(self._ahead)


def publishes_once_the_year_is_right(world, daemon, dial):
    """No certificate holds in 1970, so nothing is sent; the jump to the present is enough to go on."""
    asked = len(world.standin.requests)
    with Starts1970():
        daemon.start()
        address = dial()
        refused = daemon.wait_record(10, wanted=address, last_verdict="temporary")
        assert "local-clock" in refused["last_text"], refused
        assert len(world.standin.requests) == asked
    daemon.wait_for("the clock was set forward", 5)
    return address


def steps(world, daemon, say):
    """Nothing but the clock makes it look: the next look by itself is an hour off."""
    address = world.line.kernel.usable
    daemon.configure(conf.ppp_address(), conf.record(world, daemon, look_every="6h", timeout="20s"),
                     settle="0", ca=world.ca.pem)
    assert daemon.reload(5)
    daemon.wait_record(5, current=True, action="nothing")  # the look of the reload is over
    for seconds, word in ((2 * HOUR, "forward by 2h"), (-2 * HOUR, "back by 2h")):
        asked, mark = len(world.standin.requests), daemon.proc.mark()
        world.bind.set(ZONE, "www", "A", WRONG)
        set_by(seconds)
        daemon.wait_for("the clock was set " + word, 5, since=mark)
        world.standin.wait_requests(asked + 1, world.standin.gap + 10)
        daemon.wait_record(5, published=address, current=True, action="nothing")
        assert world.bind.get(SITE, "A") == [address]
        say("the clock was set %s; repaired %.1f s after the request before" % (
            word, world.standin.requests[-1].since_last))
