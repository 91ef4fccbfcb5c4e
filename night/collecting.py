"""How often does Python look for objects that only refer to each other?

Nearly all that a night or a linkage makes goes by itself: to look for the rest as often as Python does by default took
a tenth to a fifth of the time.
"""

import gc

OBJECTS_BETWEEN_COLLECTIONS = 500_000


def collect_seldom() -> None:
    """Set it for this process."""
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
