"""Who finds all candidate pairs of a table and compares them?

An engine takes the columns and gives the pairs that are worth keeping, with levels and weights, in whatever parts and
order. Every engine gives the same pairs, so that it may change from one night to the next. `here` is this process;
another is handed in. What little a later night adds is compared here, by the index.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from transforms.link.model.blocking import candidates, side_by_side
from transforms.link.model.columns import Columns, Values
from transforms.link.model.components import Rows
from transforms.link.model.evidence import worth_keeping
from transforms.link.model.score import Scored, score

Engine: TypeAlias = Callable[[Columns], Iterable[Scored]]


def here(columns: Columns) -> Iterator[Scored]:
    """All pairs worth keeping, by numpy and DuckDB in this process."""
    return side_by_side(partial(weighed, columns), candidates(columns))


def once(engine: Engine) -> Engine:
    """The same engine for who asks it several times about the same mentions: it compares them once."""
    found: list[tuple[Values, Scored]] = []

    def compared(columns: Columns) -> Iterable[Scored]:
        if not found or not found[0][0].equals(columns.keys):
            found[:] = [(columns.keys, Scored.together(engine(columns)))]
        return [found[0][1]]

    return compared


def weighed(columns: Columns, pairs: tuple[Rows, Rows]) -> Scored:
    """Those of some pairs of rows that are worth keeping, with their levels and weights."""
    return worth_keeping(columns, score(columns, *pairs))
