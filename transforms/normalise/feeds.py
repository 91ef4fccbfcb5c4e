"""What does a record of a partner's file, or of the spreadsheet taken over, say?

Each column is read as the feed's catalogue entry says, by one small reader a word; a column that has to be readable
stops the record, any other is left empty with a warning. The later file's record stands, by the date in its name.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from expectations.agreed import GRADES
from expectations.feeds import TEXT, Column, Feed
from expectations.plain import Row
from expectations.spelling import agreed_of
from transforms.normalise.moments import british_day_of, day_of, moment_of
from transforms.normalise.records import Night, Stopped, Taken, mentioned
from transforms.normalise.text import tidy

_POUNDS = re.compile(r"^£?\s?(\d+(?:,\d{3})*(?:\.\d{1,2})?)$")


def judge(record: Row, feed: Feed, night: Night) -> Taken | list[Stopped]:
    """What becomes of one landed record of a feed."""
    source, ref, version = record["source"], record["record_key"], version_of(record, night)
    values = {column.name: READERS[column.read](record[column.name], column, night) for column in feed.read_columns}
    unread = [column for column in feed.read_columns if _is_unread(record[column.name], values[column.name])]
    lacking = [column for column in feed.read_columns if column.required and values[column.name] is None]
    stopped = [column for column in feed.read_columns if column in lacking or (column.stops and column in unread)]
    if stopped:
        return [Stopped(source, ref, version, column.reason) for column in stopped]
    row = {column.to: values.get(column.name, record[column.name]) for column in feed.columns if column.to}
    if not feed.prefix:
        return Taken(source, ref, version, record["stamp"], feed.table, row, ())
    person = mentioned(
        record,
        feed.prefix,
        ref,
        night,
        recorded_on=_day(values[feed.day] or record["stamp"], night),  # without its own day: the day before its file
        version=version,
        warnings=tuple(column.reason for column in unread),
        **{column.mention: values[column.name] for column in feed.read_columns if column.mention},
    )
    row = {"mention_key": person.head["mention_key"], **row}
    return Taken(source, ref, version, record["stamp"], feed.table, row, (person,))


def version_of(record: Row, night: Night) -> int:
    """A feed's records carry no version: the date of their file stands for it, as YYYYMMDD."""
    return int(night.site.local_day(record["stamp"]).strftime("%Y%m%d"))


def _is_unread(written: Any, value: Any) -> bool:
    """True where something was written that is none of what the column may hold."""
    return isinstance(written, str) and tidy(written) is not None and value is None


def _day(value: date | datetime, night: Night) -> date:
    return night.site.local_day(value) if isinstance(value, datetime) else value


def opening_status_of(text: str | None) -> str | None:
    """OPEN or VULNERABLE from the force's own words; None where they tell neither, or both."""
    words = (tidy(text) or "").lower()
    statuses = {status for word, status in (("open", "OPEN"), ("vulnerable", "VULNERABLE")) if word in words}
    return statuses.pop() if len(statuses) == 1 else None


def _grade(text: str | None, _column: Column, _night: Night) -> str | None:
    grade = (tidy(text) or "").upper()
    return grade if any(form.match(grade) for form in GRADES.values()) else None


def _record_ref(text: str | None, _column: Column, night: Night) -> str | None:
    written = (tidy(text) or "").upper()
    return written if written in night.record_refs else None


def _pounds(text: str | None, _column: Column, _night: Night) -> float | None:
    amount = _POUNDS.match(tidy(text) or "")
    return float(amount[1].replace(",", "")) if amount else None


# Each word of the feeds' `read`, with its reader: what a column holds, None where it holds nothing or cannot be read.
READERS: dict[str, Callable[[Any, Column, Night], Any]] = {
    TEXT: lambda text, _column, _night: tidy(text),
    "texts": lambda items, _column, _night: [text for text in map(tidy, items or ()) if text],
    "code": lambda text, column, _night: agreed_of(tidy(text), column.values),
    "moment": lambda text, _column, night: moment_of(text, night.site.source_timezone),
    "day": lambda text, _column, _night: day_of(text),
    "british_day": lambda text, _column, _night: british_day_of(text),
    "pounds": _pounds,
    "grade": _grade,
    "panel": lambda text, _column, night: agreed_of(tidy(text), sorted(night.site.all_panels)),
    "area": lambda text, _column, night: agreed_of(tidy(text), night.site.policing_areas),
    "record_ref": _record_ref,
    "opening_status": lambda text, _column, _night: opening_status_of(text),
}
