"""Who finds the candidate pairs and compares them?

An engine takes the columns, the block of each row under each rule, and a mask of fresh rows; it gives the pairs that
fresh rows bring, with levels and weights: all that may be worth keeping, in whatever parts and order. Every engine
gives the same pairs, so that it may change from one night to the next. `here` is this process; another is handed in.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from transforms.link.blocking import Rows, candidates
from transforms.link.columns import Columns, Flags
from transforms.link.score import Scored, score

Engine: TypeAlias = Callable[[Columns, list[Rows], Flags], Iterable[Scored]]


def here(columns: Columns, blocks: list[Rows], fresh: Flags) -> Iterator[Scored]:
    """All pairs that fresh rows bring, by numpy and DuckDB in this process."""
    return (score(columns, *rows) for rows in candidates(columns, blocks, fresh))
