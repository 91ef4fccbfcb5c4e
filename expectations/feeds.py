"""What files do partners and the force give, and how is each column of them read?

One YAML file a feed in `feeds/`, named for the feed. It says what a file is called, which column is its key, what each
column holds and how it is read, what may stop a record, how its records and its mentions are named, and who may sign
it. The tables that a feed lands in and becomes, their contracts, the reasons that stop its records, and every list of
sources come from here: a feed whose columns are of known kinds is a file, and no code.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

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


@dataclass(frozen=True)
class Column:
    """One column of a feed's file.

    `read` is a key of READS, or `key`, or `person`: a column of the person named, which every source reads alike. `to`
    is its name in the feed's table, empty where it is not there; `mention` the column of the mention that it fills.
    A record whose `required` column is not there or cannot be read is stopped, one with `stops` where it is there and
    cannot be read; any other column is left empty with a warning. `place` is where somebody was seen. `agreed` is what
    else the table's contract says of the column.
    """

    name: str
    read: str
    to: str
    mention: str
    required: bool
    stops: bool
    reason: str
    place: bool
    agreed: dict[str, Any]

    @property
    def wrong(self) -> str:
        """What is wrong where the column cannot be read, in words; empty where every text can."""
        wrong = READS[self.read].wrong.format(values=", ".join(self.agreed.get("values", ())))
        return f"{self.name} {wrong}." if wrong else ""


@dataclass(frozen=True)
class Source:
    """Where mentions come from: its name, the label of one record, who gave it as the person named is told, and the
    beginning of its mentions' keys; empty where it names nobody and is about the child whose reference it gives."""

    name: str
    label: str
    origin: str
    prefix: str


@dataclass(frozen=True)
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
    """A feed from its YAML text; FeedError where it cannot be used."""
    raw = yaml.safe_load(text)
    try:
        columns = tuple(_column(column, spec) for column, spec in raw.pop("columns").items())
        lists: dict[str, Any] = {key: tuple(raw.pop(key)) for key in ("rules", "formats", "signers") if key in raw}
        made = Feed(name=name, columns=columns, **lists, **{"landed": f"landed_{name}", **raw})
    except (TypeError, KeyError, AttributeError) as error:
        raise FeedError(f"Feed {name}: {str(error).split('__init__() ')[-1]}.") from None
    names = {column.name: column for column in columns}
    if made.key not in names or names[made.key].read != KEY:
        raise FeedError(f"Feed {name}: its key {made.key} has to be a column that says so.")
    if made.day not in names or names[made.day].read not in READS or READS[names[made.day].read].type not in _DATED:
        raise FeedError(f"Feed {name}: its day {made.day} has to be a column, read as a day or a moment.")
    return made


_DATED = ("date", "timestamp")  # the types of a column that may give the day of a record
_OWN = ("read", "to", "mention", "stops", "reason", "place")


def _column(name: str, spec: dict[str, Any] | str | None) -> Column:
    given: dict[str, Any] = {"read": spec} if isinstance(spec, str) else dict(spec or {})
    read = given.get("read", TEXT)
    if read not in (*READS, KEY, PERSON):
        raise FeedError(f"Column {name}: there is no reading {read}. There are {', '.join(READS)}.")
    ending = READS[read].ending if read in READS else ""
    return Column(
        name=name,
        read=read,
        to=given.get("to", name if read in READS else ""),
        mention=given.get("mention", ""),
        required=given.get("required", False),
        stops=given.get("required", False) or given.get("stops", False),
        reason=given.get("reason", f"{name.upper()}_{ending}"),
        place=given.get("place", False),
        agreed={key: value for key, value in given.items() if key not in _OWN},
    )


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
