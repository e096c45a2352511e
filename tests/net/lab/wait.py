# SPDX-License-Identifier: ISC
"""Waiting for conditions, with a limit. Nothing in the lab sleeps for a fixed time to "be sure"."""
import os
import time

# A slow machine, valgrind or a sanitizer stretches the limits, never the conditions.
STRETCH = float(os.environ.get("RD_STRETCH", "1"))


class NotInTime(AssertionError):
    """A condition that did not come true within its limit."""


def wait_until(condition, limit, what, every=0.02):
    """Returns the first true value of condition(); raises NotInTime with `what` after the limit.

    `what` may be a function, so that the failure can tell the state at the end."""
    end = time.monotonic() + limit * STRETCH
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            text = what() if callable(what) else what
            raise NotInTime("not within %g s: %s" % (limit * STRETCH, text))
        time.sleep(every)
