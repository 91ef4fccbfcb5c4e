"""How does memory that nothing uses any more go back to the system, and what need not go?

Of itself only a part goes: Arrow and the C library keep what they may need again. Of a million mentions that is a
quarter of all, of a large night a tenth. A part of Python's own stack goes at once: a loop at whose depth one ends
takes it anew for each call, which costs as much as a hundred calls.
"""

import ctypes
from collections.abc import Callable
from typing import TypeVar

import pyarrow as pa

T = TypeVar("T")
ROOM = 100_000  # values on Python's stack: what one call asks for is one part, and this leaves room behind it


def give_back() -> None:
    """Return it to the system."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, and keeps what threads left behind
    if trim:
        trim(0)


def with_room(work: Callable[[], T]) -> T:
    """What some work returns, for which Python's stack has one part that is long enough."""
    return work()


with_room.__code__ = with_room.__code__.replace(co_stacksize=ROOM)
