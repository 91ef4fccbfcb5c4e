"""How does memory that nothing uses any more go back to the system?

Of itself only a part does: Arrow and the C library keep what they may need again. Of a million mentions that is a
quarter of all, of a large night a tenth.
"""

import ctypes

import pyarrow as pa


def give_back() -> None:
    """Return it to the system."""
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it, and keeps what threads left behind
    if trim:
        trim(0)
