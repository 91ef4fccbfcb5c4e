"""Which mentions of a file are one person, and why are two mentions of a night alike or not?"""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from clvt.collecting import collect_seldom
from expectations.contracts import contract
from night.run import Run

COLUMNS = (
    *("mention_key", "source_person_id", "given_names", "surname", "alias", "date_of_birth", "dob_status", "gender"),
    *("address", "postcode", "telephone", "pnc_id"),
)
WRITERS: dict[str, Any] = {".csv": pyarrow.csv.CSVWriter, ".parquet": pq.ParquetWriter}


class LinkageError(Exception):
    """A file of mentions cannot be read or written, or a mention is not known."""


def link_file(source: Path, out: Path, pairs: Path | None) -> int:
    """Link the mentions of a CSV or Parquet file; writes the persons and, where asked, the pairs; returns how many."""
    from night.engine import engine
    from transforms.link import link_alone

    collect_seldom()
    chosen = engine()  # a wrong one is told before a large file is read
    person, found = link_alone(_mentions(source), chosen)
    _write("person", [person], out)
    if pairs is not None:
        _write("pair", found, pairs)
    return int(person.num_rows)


def _mentions(source: Path) -> pa.Table:
    """The mentions of a file in comparable form."""
    raw = _read(source)
    if "mention_key" not in raw.columns:
        raise LinkageError(f"{source} has no column mention_key.")
    if raw["mention_key"].duplicated().any():
        raise LinkageError(f"{source} gives a mention_key twice: each mention needs its own.")
    return comparable_table(raw)


def comparable_table(raw: pd.DataFrame) -> pa.Table:
    """Raw mentions as columns of the contract `mention`; columns that this command does not know are left out."""
    from transforms.normalise import comparable

    known = raw[[name for name in COLUMNS if name in raw.columns]]
    made = comparable(known.drop(columns="mention_key"))
    made.insert(0, "mention_key", known["mention_key"].astype(str).to_numpy())
    schema = contract("mention").schema
    fields = [schema.field(name) for name in made.columns if name in schema.names]
    return pa.Table.from_pandas(made[[f.name for f in fields]], schema=pa.schema(fields), preserve_index=False)


def explained(run: Run, one: str, other: str) -> list[dict[str, Any]]:
    """Rows of field, level and weight for two mentions of a night, and what was decided; no values."""
    from night.foresight import carried_out
    from transforms.link import explain

    mention, decision = run.read("normalise", "mention"), carried_out(run)
    try:
        found = explain(mention, decision, run.as_of, one, other)
    except KeyError:
        raise LinkageError(f"The night of {run.as_of} does not know both mentions {one} and {other}.") from None
    decided, _ = found.outcome.value
    return [
        *found.weights,
        {"field": "match weight", "weight": round(sum(row["weight"] for row in found.weights), 2)},
        {"field": "decision", "level": decided},
        {"field": "why", "level": found.why},
    ]


def _read(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise LinkageError(f"There is no file {path}.")
    try:
        if path.suffix == ".parquet":
            return pd.read_parquet(path)
        if path.suffix == ".csv":
            return pd.read_csv(path, dtype=str, keep_default_na=False, quoting=csv.QUOTE_MINIMAL)
    except (ValueError, OSError, pa.ArrowInvalid, UnicodeDecodeError, pd.errors.ParserError):
        raise LinkageError(f"{path} cannot be read as {path.suffix[1:]}.") from None
    raise LinkageError(f"{path}: the file's ending has to be .csv or .parquet.")


def _write(name: str, parts: Iterable[pa.Table], path: Path) -> None:
    """Write a table of the contract of that name, part by part."""
    if path.suffix not in WRITERS:
        raise LinkageError(f"{path}: the file's ending has to be .csv or .parquet.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with WRITERS[path.suffix](path, contract(name).schema) as writer:
        for part in parts:
            writer.write_table(part)
