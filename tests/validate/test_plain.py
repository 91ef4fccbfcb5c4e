"""Rows come out of a table as pyarrow gives them, only sooner."""

from datetime import UTC, date, datetime

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from expectations.contracts import TYPES
from expectations.plain import plain_rows

VALUES = {
    "string": st.text(),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "number": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "date": st.dates(),
    "timestamp": st.datetimes(timezones=st.just(UTC)),
    "strings": st.lists(st.text(), max_size=3),
}
ROW = st.fixed_dictionaries({name: st.none() | values for name, values in VALUES.items()})
SCHEMA = pa.schema([(name, TYPES[name]) for name in VALUES])


@given(st.lists(ROW, max_size=5))
def test_rows_are_those_that_pyarrow_gives(rows: list[dict[str, object]]) -> None:
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    assert plain_rows(table) == table.to_pylist() == rows


def test_a_date_is_a_date_and_a_timestamp_is_in_utc() -> None:
    rows = [{"date": date(2008, 2, 29), "timestamp": datetime(2022, 3, 27, 1, 30, tzinfo=UTC)}]
    (row,) = plain_rows(pa.Table.from_pylist(rows, schema=SCHEMA))
    assert type(row["date"]) is date
    assert row["timestamp"].isoformat() == "2022-03-27T01:30:00+00:00"


def test_a_table_without_rows_has_none() -> None:
    assert plain_rows(SCHEMA.empty_table()) == []
