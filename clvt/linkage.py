"""Which mentions of a file are one person, and why are two mentions of a night alike or not?"""

import csv
import re
import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from connectors.sources.values import NotText, text_of
from expectations.contracts import contract
from expectations.plain import Row
from night.collecting import collect_seldom
from night.run import Run

COLUMNS = (
    *("mention_key", "source_person_id", "given_names", "surname", "alias", "date_of_birth", "dob_status", "gender"),
    *("address", "postcode", "telephone", "pnc_id", "age_stated", "role", "recorded_on", "source_person_ids"),
)
LISTED = "source_person_ids"  # a list, of Parquet
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
    raw, no_text = _read(source)
    if "mention_key" not in raw.columns:
        raise LinkageError(f"{source} has no column mention_key.")
    _refuse_bad_keys(source, raw["mention_key"])
    return comparable_table(raw, as_of, no_text)


def _refuse_bad_keys(source: Path, keys: pd.Series) -> None:
    """LinkageError where a row has no key, or the key of another: what is linked could not be told apart."""
    empty = keys.isna() | (keys.astype(str).str.strip() == "")
    for found, wrong in ((empty, "no mention_key"), (keys.duplicated(), "the mention_key of an earlier row")):
        if found.any():
            raise LinkageError(f"{source}, row {_row(found.idxmax())} has {wrong}: each needs its own.")


def _row(place: Any) -> int:
    """The number of a row in a spreadsheet, where the headings are row 1."""
    return int(place) + 2


def comparable_table(
    raw: pd.DataFrame, as_of: date | None = None, no_text: Mapping[int, list[str]] | None = None
) -> tuple[pa.Table, list[str]]:
    """Raw mentions as columns of the contract `mention`, and a line for each row with a value that cannot be read.

    The index of `raw` numbers the rows of the file from 0; `no_text` has the codes of what was left empty before, by
    these numbers. Columns that this command does not know are left out.
    """
    from transforms.normalise import comparable

    known = raw[[name for name in COLUMNS if name in raw.columns]]
    made = comparable(known.drop(columns=["mention_key", *(name for name in OF_THE_RECORD if name in known)]), as_of)
    roles, days = _roles(known), _days(known, as_of)
    found = defaultdict(list, {place: [*codes] for place, codes in (no_text or {}).items()})
    for wrong, code in ((roles.wrong, "ROLE_UNKNOWN"), (days.wrong, "RECORDED_ON_UNREADABLE")):
        for place in wrong:
            found[place].append(code)
    for place, codes in zip(known.index, made["warnings"], strict=True):
        if codes:
            found[place] += codes
    unread = [f"row {_row(place)}: {', '.join(dict.fromkeys(codes))}" for place, codes in sorted(found.items())]
    made.insert(0, "mention_key", known["mention_key"].astype(str).to_numpy())
    made["role"], made["recorded_on"] = roles.values, days.values
    schema = contract("mention").schema
    fields = [schema.field(name).with_nullable(True) for name in made.columns if name in schema.names]
    table = pa.Table.from_pandas(made[[f.name for f in fields]], schema=pa.schema(fields), preserve_index=False)
    return table, unread


class Read(NamedTuple):
    """The values of a column, and the index of the rows whose own could not be read."""

    values: Any
    wrong: pd.Index


def _roles(known: pd.DataFrame) -> Read:
    """The role of each row; one that is not known counts as a child's."""
    given = known.get("role", pd.Series("", known.index)).fillna("").astype(str).str.strip().str.upper()
    return Read(given.where(given.isin(ROLES), "CHILD").to_numpy(), known.index[~given.isin(("", *ROLES))])


def _days(known: pd.DataFrame, as_of: date | None) -> Read:
    """The day that each row speaks of; `as_of` where it gives none that is a date."""
    given = known.get("recorded_on", pd.Series("", known.index)).fillna("").astype(str).str.strip()
    days = [_day(text) for text in given]
    wrong = [day is None and text != "" for day, text in zip(days, given, strict=True)]
    return Read(np.array([day or as_of for day in days], object), known.index[np.array(wrong, bool)])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def explained(run: Run, one: str, other: str) -> list[Row]:
    """Rows of field, level and weight for two mentions of a night, and what was decided; no values.

    LinkageError where the night does not know both.
    """
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


def _read(path: Path) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    """The texts of a file, its rows numbered from 0, and by number the codes of what is no text."""
    if not path.is_file():
        raise LinkageError(f"There is no file {path}.")
    try:
        if path.suffix == ".parquet":
            return _of_parquet(pq.read_table(path))
        if path.suffix == ".csv":
            return _of_csv(path), {}
    except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
        line = re.search(r"in line (\d+), saw", str(error))
        row = f"row {line[1]}" if line else "a row"
        raise LinkageError(
            f"{path}: {row} has more values than there are headings, or a quotation mark without its other."
        ) from None
    except (ValueError, OSError, pa.ArrowInvalid):
        raise LinkageError(f"{path} cannot be read as {path.suffix[1:]} in UTF-8.") from None
    raise LinkageError(f"{path}: the file's ending has to be .csv or .parquet.")


def _of_csv(path: Path) -> pd.DataFrame:
    """The rows of a CSV that are not empty; a row that is longer than the headings is never shifted into them."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        rows = pd.read_csv(
            path, dtype=str, keep_default_na=False, quoting=csv.QUOTE_MINIMAL, index_col=False, skip_blank_lines=False
        )
    without_key = rows[rows.iloc[:, 0].fillna("") == ""]
    return rows.drop(index=without_key.index[(without_key.fillna("") == "").all(axis=1)])


def _of_parquet(table: pa.Table) -> tuple[pd.DataFrame, dict[int, list[str]]]:
    no_text: dict[int, list[str]] = defaultdict(list)
    columns = {
        name: _texts(name, table.column(table.column_names.index(name)), no_text)
        for name in COLUMNS
        if name in table.column_names
    }
    return pd.DataFrame(columns, index=range(table.num_rows)), no_text


def _texts(name: str, column: Any, no_text: dict[int, list[str]]) -> Any:
    """The values of a column as texts, but for a list of ids; a moment is its day."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us", column.type.tz)).cast(pa.date32())
    if name == LISTED or pa.types.is_string(column.type):
        return column.to_pandas()
    found = []
    for place, value in enumerate(column.to_pylist()):
        try:
            found.append(text_of(value))
        except NotText as error:
            found.append(None)
            no_text[place].append(str(error))
    return found


def _write(name: str, parts: Iterable[pa.Table], path: Path) -> None:
    """Write a table of the contract of that name, part by part."""
    if path.suffix not in WRITERS:
        raise LinkageError(f"{path}: the file's ending has to be .csv or .parquet.")
    path.parent.mkdir(parents=True, exist_ok=True)
    with WRITERS[path.suffix](path, contract(name).schema) as writer:
        for part in parts:
            writer.write_table(part)
