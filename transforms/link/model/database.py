"""What does DuckDB work out for linkage?"""

import atexit
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

UNSIGNED = (1 << 63) - 1


@cache
def database() -> "DuckDBPyConnection":
    """An empty database in memory: opening one takes longer than what a night asks of it, and so do several threads."""
    import duckdb

    for kept in (_read, database):
        atexit.register(kept.cache_clear)  # before Python looks for what was forgotten
    return duckdb.connect(config={"threads": 1})


@cache
def _read(question: str) -> "Statement":
    """A question as DuckDB has read it, which takes longer than to answer it for what is new in a night."""
    (statement,) = database().extract_statements(question)
    return statement


def computed(expressions: dict[str, str], given: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """SQL expressions over the columns of a table, by name, in order of its rows."""
    wanted = ", ".join(f"{expression} as {name}" for name, expression in expressions.items())
    # DuckDB finds the table by the name of our argument, which takes a tenth of the time of registering it.
    found: Any = database().cursor().execute(_read(f"select {wanted} from given")).fetchnumpy()  # noqa: S608 our own SQL
    return {name: np.asarray(values) for name, values in found.items()}


def hashes_of(texts: Any) -> npt.NDArray[np.int64]:
    """63 bits of the hash of each text."""
    return shortened(computed({"hashed": "hash(text)"}, pa.table({"text": texts}))["hashed"])


def shortened(hashed: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """63 bits of hashes of 64, so that none is below 0."""
    return (np.asarray(hashed, np.uint64) & np.uint64(UNSIGNED)).astype(np.int64)
