"""The garbage collector during a run.

What a run makes it keeps to its end: clients, AWS's answers, findings. Going through all of it again and again, in search of garbage that is
not there, was half of a run's CPU time.
"""

from __future__ import annotations

import gc
from collections.abc import Callable

# How many collections of the middle generation it takes before the oldest is gone through; 10 by default.
SELDOM = 1000


def collect_seldom() -> Callable[[], None]:
    """Let the collector go through old objects seldom, and young ones as ever. Gives what undoes it."""
    gc.unfreeze()  # what an earlier run in this process left
    before = gc.get_threshold()
    young, middle, old = before
    gc.set_threshold(young, middle, max(old, SELDOM))
    return lambda: gc.set_threshold(*before)


def collect() -> None:
    """Go through all of it now, where much of it has become garbage."""
    gc.collect()


def leave_to_the_end() -> None:
    """Keep the collector from what there is now: pytest collects all garbage before it exits, more than once, and so does Python."""
    gc.freeze()
