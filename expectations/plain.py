"""How are the rows of a table read as plain Python values?

As pyarrow's own `to_pylist` gives them. That asks the time zone database for every single timestamp, and goes through
Python for every date, which took longer than some stages' own work.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import repeat
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

T = TypeVar("T")
K = TypeVar("K")
Row = dict[str, Any]  # a row of a table: its values by column

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Each row as a dict by column; a value that is not known is None."""
    names = table.column_names
    columns = [plain_values(table[name]) for name in names]
    return [*map(dict, map(zip, repeat(names), zip(*columns, strict=True)))]


def grouped(items: Iterable[T], by: Callable[[T], K]) -> defaultdict[K, list[T]]:
    """The items by what they have in common, in the order in which they come; of what there is none, no item."""
    found: defaultdict[K, list[T]] = defaultdict(list)
    for item in items:
        found[by(item)].append(item)
    return found


def rows_where(table: pa.Table, column: str, values: Iterable[Any]) -> list[Row]:
    """The rows whose column holds one of these values."""
    return plain_rows(where(table, column, values))


def where(table: pa.Table, column: str, values: Iterable[Any]) -> pa.Table:
    """The part of a table whose column holds one of these values.

    Not by an expression: that hands even a small table to threads, which takes longer than to look through it.
    """
    wanted = pa.array(sorted(set(values)), table.schema.field(column).type)
    return table.filter(pc.is_in(table[column], value_set=wanted))


def plain_values(column: "pa.ChunkedArray[Any]") -> list[Any]:
    """The values of one column; timestamps are in UTC."""
    if pa.types.is_timestamp(column.type):
        since = column.cast(pa.timestamp("us", tz="UTC")).to_numpy().view("m8[us]").astype(object)
        return [None if span is None else EPOCH + span for span in since.tolist()]
    if pa.types.is_date32(column.type):
        return column.to_numpy().astype(object).tolist()  # type: ignore[no-any-return]
    return column.to_pylist()
