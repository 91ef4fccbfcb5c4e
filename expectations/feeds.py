"""What files do partners and the force give, and how is each column of them read?

One YAML file a feed in `feeds/`, named for the feed. It says what a file is called, which column is its key, what each
column holds and how it is read, what may stop a record, how its records and its mentions are named, and who may sign
it. The tables that a feed lands in and becomes, their contracts, the reasons that stop its records, and every list of
sources come from here: a feed whose columns are of known kinds is a file, and no code.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic.dataclasses import dataclass

from expectations.fields import FIELDS
from expectations.settings import FORM, Unusable, made_of, mapping_of, one_of

FOLDER = Path(__file__).parent / "feeds"
KEY, PERSON, TEXT = "key", "person", "text"


@dataclass(frozen=True)
class Read:
    """A way to read a column: the type that comes of it, how its reason code ends, and what is wrong where it fails."""

    type: str
    ending: str = "UNREADABLE"
    wrong: str = ""


# What a column's `read` may say; each has its reader in transforms.normalise.feeds.READERS.
READS: dict[str, Read] = {
    TEXT: Read("string"),
    "texts": Read("strings"),
    "code": Read("string", "UNKNOWN", "is none of {values}"),
    "moment": Read("timestamp", wrong="is not a timestamp with an offset"),
    "day": Read("date", wrong="is not a date as YYYY-MM-DD"),
    "british_day": Read("date", wrong="is not a date as dd/mm/yyyy"),
    "pounds": Read("number", wrong="is not an amount in pounds"),
    "grade": Read("string", wrong="is of neither scheme, 3x5x2 nor 5x5x5"),
    "panel": Read("string", "UNKNOWN", "is none of the site's panels"),
    "area": Read("string", "UNKNOWN", "is not one of the force's areas"),
    "record_ref": Read("string", "UNKNOWN", "is no reference of ours"),
    "opening_status": Read("string", "UNKNOWN", "tells neither of open to the team nor of vulnerable to county lines"),
}


@dataclass(frozen=True, config=FORM)
class Column:
    """One column of a feed's file.

    `read` is a key of READS, or `key`, or `person`: a column of the person named, which every source reads alike. `to`
    is its name in the feed's table, empty where it is not there; `mention` the column of the mention that it fills.
    A record whose `required` column is not there or cannot be read is stopped, one with `stops` where it is there and
    cannot be read; any other column is left empty with a warning. `place` is where somebody was seen. `values`,
    `free_text` and `meaning` are what else the table's contract says of the column.
    """

    name: str
    read: Annotated[str, one_of((*READS, KEY, PERSON))] = TEXT
    to: str = ""
    mention: str = ""
    required: bool = False
    stops: bool = False
    reason: str = ""
    place: bool = False
    values: tuple[str, ...] = ()
    free_text: bool = False
    meaning: str = ""

    @property
    def wrong(self) -> str:
        """What is wrong where the column cannot be read, in words; empty where every text can."""
        wrong = READS[self.read].wrong.format(values=", ".join(self.values)) if self.read in READS else ""
        return f"{self.name} {wrong}." if wrong else ""


@dataclass(frozen=True, config=FORM)
class Source:
    """Where mentions come from: its name, the label of one record, who gave it as the person named is told, and the
    beginning of its mentions' keys; empty where it names nobody and is about the child whose reference it gives."""

    name: str
    label: str
    origin: str
    prefix: str


@dataclass(frozen=True, config=FORM)
class Feed(Source):
    """A source of files; see `feeds/`."""

    landed: str
    table: str
    question: str
    key: str
    day: str
    columns: tuple[Column, ...]
    rules: tuple[dict[str, Any], ...] = ()
    connection: str = ""
    formats: tuple[str, ...] = ("csv", "json")
    signers: tuple[str, ...] = ()
    takes_plain: bool = True

    @property
    def file_pattern(self) -> str:
        """The names of its files in the inbox."""
        return rf"(?P<feed>{self.name})_(?P<day>[0-9]{{8}})\.(?:{'|'.join(self.formats)})"

    @property
    def filled_in(self) -> tuple[str, ...]:
        """The columns that somebody fills in of a workbook in which we wrote who each row is about; of others none."""
        ours = self.columns if "xlsx" in self.formats else ()
        return tuple(one.name for one in ours if one.read not in (KEY, PERSON) and not one.required)

    @cached_property
    def read_columns(self) -> tuple[Column, ...]:
        """The columns that the feed's own readers read."""
        return tuple(column for column in self.columns if column.read in READS)

    @property
    def place(self) -> str:
        """The column of its table that says where somebody was seen; empty where none does."""
        return next((column.to for column in self.columns if column.place), "")


class FeedError(Exception):
    """A feed's file cannot be used; the message says where and why."""


def parse(name: str, text: str) -> Feed:
    """A feed from its YAML text; FeedError where it cannot be used, or where a part of it would do nothing."""
    try:
        raw = mapping_of(text)
        if isinstance(columns := raw.get("columns"), dict):
            settings = {column: _settings(column, own) for column, own in columns.items()}
            raw["columns"] = tuple(made_of(dict[str, Column], settings).values())
        feed = made_of(Feed, {"landed": f"landed_{name}", **raw, "name": name})
    except Unusable as error:
        raise FeedError(f"Feed {name}: {error}.") from None
    wrong = next(_wrong(feed), None)
    if wrong:
        raise FeedError(f"Feed {name}: {wrong}.")
    return feed


def _settings(name: str, own: Any) -> Any:
    """What a file says of a column, with what it leaves to be worked out."""
    if not isinstance(own, dict | str | None):
        return own
    given: dict[str, Any] = {"read": own} if isinstance(own, str) else dict(own or {})
    read = READS.get(given.get("read", TEXT))
    worked_out = {"to": name, "reason": f"{name.upper()}_{read.ending}"} if read else {}
    return {**worked_out, **given, "name": name, "stops": given.get("required", False) or given.get("stops", False)}


_DATED = ("date", "timestamp")  # the types of a column that may give the day of a record
_CODES = ("code", "opening_status")  # the readings that hold a column to its values


def _wrong(feed: Feed) -> Iterator[str]:
    """What cannot be so, a sentence each."""
    names = {column.name: column for column in feed.columns}
    if feed.key not in names or names[feed.key].read != KEY:
        yield f"its key {feed.key} has to be a column that says so"
    if feed.day not in names or names[feed.day].read not in READS or READS[names[feed.day].read].type not in _DATED:
        yield f"its day {feed.day} has to be a column, read as a day or a moment"
    if feed.prefix and not any(column.read == PERSON for column in feed.columns):
        yield "it has a prefix, and no column names a person"
    if not feed.prefix and not any(column.read == "record_ref" and column.required for column in feed.columns):
        yield "it has no prefix, so that a column is needed that is read as record_ref and required: whom it is about"
    if not feed.prefix and names[feed.key].to != feed.key:
        yield f"it has no prefix, so that {feed.key} is the key of its table too: `to: {feed.key}`"
    for column in feed.columns:
        yield from (f"column {column.name}: {wrong}" for wrong in _wrong_of(column))


def _wrong_of(column: Column) -> Iterator[str]:
    if column.read == PERSON and column.name not in PERSONAL:
        yield "no field of a person has this name"
    if (column.read in _CODES) != bool(column.values):
        yield f"values go with one of the readings {', '.join(_CODES)}, and each of these needs them"
    if column.stops and not column.required and not column.wrong:
        yield "every text can be read, so that nothing stops a record: required is what does"


PERSONAL = {"source_person_id", *FIELDS}  # a person of one record has one nominal; of several records, several


FEEDS: dict[str, Feed] = {
    path.stem: parse(path.stem, path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.yml"))
}
INBOX: dict[str, Feed] = {name: feed for name, feed in FEEDS.items() if not feed.connection}
INTELLIGENCE = Source("intelligence", "Intelligence report", "police intelligence", "intel")
SOURCES: dict[str, Source] = {INTELLIGENCE.name: INTELLIGENCE, **FEEDS}
PREFIXES = tuple(source.prefix for source in SOURCES.values() if source.prefix)
MENTION_KEY = f"(?:{'|'.join(PREFIXES)}):.+"
SEEN_IN: dict[str, str] = {feed.table: feed.place for feed in FEEDS.values() if feed.place}
"""The column that says where somebody was seen, by the table of each feed that has one."""
