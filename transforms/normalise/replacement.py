"""How do rows take the place of earlier ones in a table as known?

Tables as known grow by replacing whole rows: only tonight's records are looked at, everything else is carried over as
it is. A late lower version never replaces a higher one.
"""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.contracts import contract
from expectations.plain import Row, rows_where


def replaced(table: str, known: pa.Table | None, rows: Iterable[Row]) -> pa.Table:
    """The table as known, with these rows in place of those of the same key."""
    fresh = contract(table).table_of(list(rows))
    if known is None:
        return fresh
    if fresh.num_rows == 0:
        return known
    (key,) = contract(table).key
    return pa.concat_tables([known.filter(pc.invert(pc.is_in(known[key], value_set=fresh[key]))), fresh])


def rows_known(known: pa.Table | None, column: str, values: Iterable[Any]) -> list[Row]:
    """The rows as known whose column holds one of the values; none before the first night."""
    return [] if known is None else rows_where(known, column, values)
