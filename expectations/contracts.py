"""What does a table look like?

A contract is a YAML file in `contracts/` named for its table; those of a feed's two tables are made from the feed. It
gives the question the table answers, its key, and for each column the type, whether it must be there, what it may hold
and whether it identifies a person. Every stage reads and writes through these; the pyarrow schemas and the Great
Expectations suites are made from them.
"""

from collections.abc import Callable
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import pyarrow as pa
from pydantic import AfterValidator, BeforeValidator
from pydantic.dataclasses import dataclass

from expectations import agreed, feeds
from expectations.actions import ACTIONS
from expectations.feeds import FEEDS, KEY, MENTION_KEY, PERSON, READS, SOURCES, Feed
from expectations.plain import Row
from expectations.questions import REVIEWED, TASKED
from expectations.settings import FORM, Unusable, expression, made_of, mapping_of, one_of

CONTRACTS = Path(__file__).parent / "contracts"

TYPES: dict[str, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "strings": pa.list_(pa.string()),
}

# Values that a contract names in place of writing them down: those of the catalogues, and those that are agreed.
LISTS: dict[str, tuple[str, ...]] = {
    "actions": tuple(ACTIONS),
    "questions": REVIEWED,
    "tasks": TASKED,
    "sources": tuple(SOURCES),
    "feeds": tuple(FEEDS),
    "statuses": agreed.STATUSES,
    "removal_reasons": agreed.REMOVAL_REASONS,
    "birth_statuses": agreed.BIRTH_STATUSES,
    "genders": agreed.GENDERS,
}
PATTERNS = {"mention_key": MENTION_KEY}


def _listed(given: Any) -> Any:
    """Values; the name of a list of a catalogue stands for what is in it."""
    return LISTS.get(given, given) if isinstance(given, str) else given


def _spelt(given: Any) -> Any:
    """A pattern; the name of one of a catalogue stands for it."""
    return PATTERNS.get(given, given) if isinstance(given, str) else given


@dataclass(frozen=True, config=FORM)
class Column:
    """One column of a contract: `type` is a key of TYPES; `identifying` columns never reach a log or a file name."""

    name: str
    type: Annotated[str, one_of(TYPES)] = "string"
    required: bool = False
    identifying: bool = False
    free_text: bool = False
    values: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    pattern: Annotated[str, BeforeValidator(_spelt), AfterValidator(expression)] = ""
    minimum: float | None = None
    maximum: float | None = None
    severity: Literal["blocking", "warning"] = "blocking"
    was: str = ""  # its name in what earlier code wrote
    newer: bool = False  # came with a later version of the inbound contract: a source may lack it without a word
    meaning: str = ""


@dataclass(frozen=True, config=FORM)
class Contract:
    """The agreed form of one table."""

    table: str
    question: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[dict[str, Any], ...] = ()

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]

    @cached_property
    def schema(self) -> pa.Schema:
        """The pyarrow schema; `required` columns are not nullable."""
        return pa.schema([pa.field(c.name, TYPES[c.type], nullable=not c.required) for c in self.columns])

    @property
    def identifying(self) -> list[str]:
        """Columns that identify a person or hold free text."""
        return [c.name for c in self.columns if c.identifying or c.free_text]

    def table_of(self, rows: list[Row]) -> pa.Table:
        """Rows as a table of this contract; absent columns are null, unknown columns are an error."""
        unknown = set().union(*rows) - set(self.names)
        if unknown:
            raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        return pa.Table.from_pylist(rows, schema=self.schema)

    def conform(self, table: pa.Table) -> pa.Table:
        """The table with exactly this contract's columns and types, in its order."""
        if table.schema.equals(self.schema, check_metadata=True):
            return table
        unknown = set(table.column_names) - set(self.names)
        if unknown:
            raise ValueError(f"table {self.table} has no column {', '.join(sorted(unknown))}")
        for spec in self.schema:
            if spec.name not in table.column_names:
                table = table.append_column(spec.name, pa.nulls(table.num_rows, spec.type))
        return table.select(self.names).cast(self.schema)

    def adopt(self, table: pa.Table) -> pa.Table:
        """What an earlier version of this contract wrote, by this one.

        A column that has another name now is renamed, one that went is left out, and a new one is null.

        Raises ValueError or ArrowInvalid where a required column is missing, or a value does not fit its type.
        """
        if table.schema.equals(self.schema):
            return table
        names = {column.was: column.name for column in self.columns if column.was}
        table = table.rename_columns([names.get(name, name) for name in table.column_names])
        return self.conform(table.select([name for name in table.column_names if name in self.names]))


class ContractError(Exception):
    """The contract of a table cannot be used; the message says where and why."""


def parse(text: str) -> Contract:
    """A contract from its YAML text; Unusable where it is none."""
    raw = mapping_of(text)
    if isinstance(columns := raw.get("columns"), dict):
        named = {name: _named(name, {} if own is None else own) for name, own in columns.items()}
        raw["columns"] = tuple(made_of(dict[str, Column], named).values())
    return made_of(Contract, raw)


def _named(name: str, own: Any) -> Any:
    return {"name": name, **own} if isinstance(own, dict) else own


def landed(feed: Feed) -> Contract:
    """What a feed lands in: its file's columns as they came, beside where and when they came."""
    identifying = {column.name for column in contract("mention").columns if column.identifying}
    envelope = contract("landed_report").columns[: len(ENVELOPE)]
    columns = [
        Column(
            name=column.name,
            type=READS[column.read].type if column.read == "texts" else "string",
            required=column.name == feed.key,
            identifying=column.read == PERSON and column.name in identifying,
            free_text=column.free_text,
        )
        for column in feed.columns
    ]
    question = f"Which records of {feed.name} came, as they came?"
    return Contract(feed.landed, question, ("record_key", "file_sha256"), (*envelope, *FILE, *columns))


def of_feed(feed: Feed) -> Contract:
    """What a feed's records become: one row each, in the columns' own types."""
    columns = [
        Column(
            name=column.to,
            type=_type(column),
            required=column.required or column.read == KEY,
            values=column.values,
            free_text=column.free_text,
            meaning=column.meaning,
        )
        for column in feed.columns
        if column.to
    ]
    if not feed.prefix:
        return Contract(feed.table, feed.question, (feed.key,), tuple(columns), rules=feed.rules)
    return Contract(feed.table, feed.question, ("mention_key",), (MENTION, *columns), rules=feed.rules)


def _type(column: feeds.Column) -> str:
    return READS[column.read].type if column.read in READS else "string"


@cache
def contract(table: str) -> Contract:
    """The contract of a table, by name; ContractError, with its file, where that cannot be used."""
    if table in _OF_FEEDS:
        make, feed = _OF_FEEDS[table]
        return make(feed)
    path = CONTRACTS / f"{table}.yml"
    try:
        return parse(path.read_text(encoding="utf-8"))
    except Unusable as error:
        raise ContractError(f"{path}: {error}.") from None


def tables() -> list[str]:
    """Names of all tables that have a contract."""
    return sorted([*_OF_FEEDS, *(path.stem for path in CONTRACTS.glob("*.yml"))])


ENVELOPE = ("record_key", "source", "stamp", "landed_on")  # stands in front of every landed table
FILE = (Column("file_name", required=True), Column("file_sha256", required=True))
MENTION = Column("mention_key", required=True)
_OF_FEEDS: dict[str, tuple[Callable[[Feed], Contract], Feed]] = {
    table: (make, feed) for feed in FEEDS.values() for table, make in ((feed.landed, landed), (feed.table, of_feed))
}
