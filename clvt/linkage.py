"""Which mentions of a file are one person, and why are two mentions of a night alike or not?"""

import csv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from clvt.collecting import collect_seldom
from expectations.contracts import contract
from expectations.plain import Row
from night.run import Run

COLUMNS = (
    *("mention_key", "source_person_id", "given_names", "surname", "alias", "date_of_birth", "dob_status", "gender"),
    *("address", "postcode", "telephone", "pnc_id", "age_stated", "role", "recorded_on", "source_person_ids"),
)
OF_THE_RECORD = ("role", "recorded_on")  # columns that are taken as they are, where they can be read
ROLES = ("CHILD", "SUSPECT", "ASSOCIATE")
WRITERS: dict[str, Any] = {".csv": pyarrow.csv.CSVWriter, ".parquet": pq.ParquetWriter}


class LinkageError(Exception):
    """A file of mentions cannot be read or written, or a mention is not known."""


def link_file(source: Path, out: Path, pairs: Path | None, as_of: date | None = None) -> tuple[int, list[str]]:
    """Link the mentions of a CSV or Parquet file; writes the persons and, where asked, the pairs.

    `as_of` is the day that stated ages count from where a row has no `recorded_on`, and no date of birth is after it.
    Returns how many mentions there are, and a line for each row of which a value could not be read: it counts as not
    known, and nothing else of its row is lost.
    """
    from night.engine import engine
    from transforms.link import link_alone

    collect_seldom()
    chosen = engine()  # a wrong one is refused before a large file is read
    mention, unread = _mentions(source, as_of)
    person, found = link_alone(mention, chosen)
    _write("person", [person], out)
    if pairs is not None:
        _write("pair", found, pairs)
    return int(person.num_rows), unread


def _mentions(source: Path, as_of: date | None) -> tuple[pa.Table, list[str]]:
    """The mentions of a file in comparable form, and what could not be read."""
    raw = _read(source)
    if "mention_key" not in raw.columns:
        raise LinkageError(f"{source} has no column mention_key.")
    _refuse_bad_keys(source, raw["mention_key"])
    return comparable_table(raw, as_of)


def _refuse_bad_keys(source: Path, keys: pd.Series) -> None:
    """LinkageError where a row has no key, or the key of another: what is linked could not be told apart."""
    empty = keys.isna() | (keys.astype(str).str.strip() == "")
    for found, wrong in ((empty, "no mention_key"), (keys.duplicated(), "the mention_key of an earlier row")):
        if found.any():
            raise LinkageError(f"{source}, row {_row(int(found.to_numpy().argmax()))} has {wrong}: each needs its own.")


def _row(place: int) -> int:
    """The number of a row in a spreadsheet, where the headings are row 1."""
    return place + 2


def comparable_table(raw: pd.DataFrame, as_of: date | None = None) -> tuple[pa.Table, list[str]]:
    """Raw mentions as columns of the contract `mention`, and a line for each row with a value that cannot be read.

    Columns that this command does not know are left out.
    """
    from transforms.normalise import comparable

    known = raw[[name for name in COLUMNS if name in raw.columns]]
    made = comparable(known.drop(columns=["mention_key", *(name for name in OF_THE_RECORD if name in known)]), as_of)
    unread = [f"row {_row(place)}: {', '.join(codes)}" for place, codes in enumerate(made["warnings"]) if codes]
    made.insert(0, "mention_key", known["mention_key"].astype(str).to_numpy())
    made["role"] = _roles(known)
    made["recorded_on"] = _days(known, as_of)
    schema = contract("mention").schema
    fields = [schema.field(name).with_nullable(True) for name in made.columns if name in schema.names]
    table = pa.Table.from_pandas(made[[f.name for f in fields]], schema=pa.schema(fields), preserve_index=False)
    return table, unread


def _roles(known: pd.DataFrame) -> pd.Series:
    """The role of each row; one that is not known counts as a child's."""
    role = known.get("role", pd.Series("", known.index)).astype(str).str.strip().str.upper()
    return role.where(role.isin(ROLES), "CHILD")


def _days(known: pd.DataFrame, as_of: date | None) -> pd.Series:
    """The day that each row speaks of; `as_of` where it gives none that is a date."""
    read = pd.to_datetime(known.get("recorded_on", pd.Series(None, known.index)), format="%Y-%m-%d", errors="coerce")
    return pd.Series([as_of if pd.isna(day) else day.date() for day in read], known.index, dtype=object)


def explained(run: Run, one: str, other: str) -> list[Row]:
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
