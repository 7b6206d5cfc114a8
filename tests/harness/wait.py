"""Waiting for conditions. Limits are generous: a slow machine must never make a test red."""
import time

LIMIT = 60.0


def until(condition, what, limit=LIMIT, pause=0.05):
    """Calls condition() until it gives something true and returns that; fails with `what` when the limit passes.

    An exception of the last try is shown as the reason.
    """
    end = time.monotonic() + limit
    while True:
        reason = None
        try:
            value = condition()
            if value:
                return value
        except Exception as error:  # the condition may not be askable yet
            reason = error
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not so within {limit:.0f} s ({reason!r})") from reason
        time.sleep(pause)
