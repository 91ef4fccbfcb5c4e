"""What becomes of a record that came: taken, ignored by name, or stopped with its reasons?"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from expectations.plain import Row
from expectations.site import Site
from transforms.normalise.text import tidy


@dataclass(frozen=True)
class Night:
    """What a rule may know beside the record: the force's settings and the night."""

    site: Site
    as_of: date
    record_refs: frozenset[str] = frozenset()  # by which partners know the people of the nights before


OPENING = "opening"

Rule = Callable[[Row, Night], bool]  # True where the record breaks it
Rules = Mapping[str, Rule]  # by reason code


@dataclass(frozen=True)
class Mentioned:
    """One person in a record: columns of `mention` that the record gives, and the person's columns as they came."""

    head: Row
    person: Row

    def known_since(self, earlier: Row) -> "Mentioned":
        """The same mention, which an earlier version of it made known."""
        first = {name: earlier[name] for name in ("first_stamp", "first_landed_on")}
        return Mentioned(self.head | first, self.person)


@dataclass(frozen=True)
class Stopped:
    """A record, or a subject of one, that waits for a mended version."""

    source: str
    record_key: str
    version: int | None
    reason_code: str


@dataclass(frozen=True)
class Taken:
    """A record that is taken: its row for `table`, the people it names, and subjects of it that were stopped."""

    source: str
    record_ref: str
    version: int
    stamp: datetime
    table: str
    row: Row
    mentioned: tuple[Mentioned, ...]
    stopped: tuple[Stopped, ...] = ()


@dataclass(frozen=True)
class Ignored:
    """A version of a report that the contract does not take, and the name of why."""

    record_ref: str
    version: int
    stamp: datetime
    reason_code: str
    landed_on: date


def broken(row: Row, rules: Rules, night: Night) -> list[str]:
    """Reason codes of the rules that a record breaks, in order."""
    return [code for code, breaks in rules.items() if breaks(row, night)]


def home_area(text: str | None, night: Night) -> tuple[str | None, bool]:
    """(the area where somebody lives, True where it is none of the force's); such a one is kept as written."""
    written = tidy(text)
    area = night.site.area(written)
    return area or written, written is not None and area is None


def mentioned(
    record: Row,
    prefix: str,
    ref: str,
    night: Night,
    *,
    recorded_on: date,
    version: int,
    warnings: tuple[str, ...] = (),
    **more: Any,
) -> Mentioned:
    """A person named in a record; the record's own row holds the person columns."""
    kept = record["policing_area"] if record["source"] == OPENING else None  # of the spreadsheet: where the child lives
    area, is_strange = home_area(record.get("home_area") or kept, night)
    head = {
        "mention_key": f"{prefix}:{ref}",
        "source": record["source"],
        "record_ref": record["record_key"],
        "version": version,
        "stamp": record["stamp"],
        "first_stamp": record["stamp"],
        "recorded_on": recorded_on,
        "first_landed_on": record["landed_on"],
        "landed_on": record["landed_on"],
        "withdrawn": False,
        "role": "CHILD",
        "home_area": area,
        "warnings": (*warnings, *(("HOME_AREA_UNKNOWN",) if is_strange else ())),
    }
    return Mentioned(head | more, record)
