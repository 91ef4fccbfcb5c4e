"""How often does Python look for objects that only refer to each other?

Nearly all that a night or a linkage makes goes by itself: to look for the rest as often as Python does by default took
a tenth to a fifth of the time. What was imported before stays as long as the process: only to look through it at the
end took some seconds of a night in Airflow. Where a process makes many nights, the rest of each goes before the next:
with that of a hundred it had three times the memory.
"""

import gc
import sys
from functools import cache

OBJECTS_BETWEEN_COLLECTIONS = 3_000_000  # more than a nation's night makes and keeps


@cache
def collect_seldom() -> None:
    """Set it for this process, once."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    if "duckdb" not in sys.modules:  # what of it is there at the end it takes for leaked, and says so
        gc.freeze()


def collect_what_nights_left() -> None:
    """Look for it once, before a night is begun."""
    collect_seldom()
    gc.collect(0)
