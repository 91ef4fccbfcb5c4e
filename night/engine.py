"""Which engine compares all pairs of a table: this machine, or Spark for a national volume?"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transforms.link.model.columns import Columns
    from transforms.link.model.engine import Engine
    from transforms.link.model.score import Scored

DUCKDB, SPARK = "duckdb", "spark"


class EngineError(Exception):
    """There is no such engine; the message says which there are."""


def named_engine() -> str:
    """The engine's name, from `CLVT_LINK_ENGINE`, else DuckDB in the process of the night; EngineError for another."""
    name = os.environ.get("CLVT_LINK_ENGINE") or DUCKDB
    if name not in (DUCKDB, SPARK):
        raise EngineError(f"CLVT_LINK_ENGINE is {name}: it has to be {DUCKDB} or {SPARK}.")
    return name


def engine() -> "Engine":
    """What finds and compares the pairs, see `transforms.link.model.engine`."""
    from transforms.link.model.engine import here

    return {DUCKDB: here, SPARK: _on_spark}[named_engine()]


def _on_spark(columns: "Columns") -> "Iterable[Scored]":
    """All pairs worth keeping, found and compared by Splink on Spark."""
    from connectors.spark import splink_on_spark
    from transforms.link.model.splink_model import kept_by_splink

    with splink_on_spark() as db_api:
        return [kept_by_splink(columns, db_api)]
