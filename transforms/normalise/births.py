"""When was this person born, and how much of that date is known?

Reads ISO dates, `dd/mm/yyyy`, `YYYYMMDD`, and a month or a year alone. A placeholder, a day that does not exist and a
date that cannot be a birth are not known: the date stays empty and a warning says why.
"""

import re
from datetime import date
from typing import NamedTuple

from transforms.normalise.text import code_text

OLDEST = 120  # years; POLE data standard DS_034: age at the time of reporting must not be more
PLACEHOLDER_YEARS = {1, 1111, 1800, 1899, 1900, 1901, 9999}
PLACEHOLDERS = {date(1970, 1, 1)}  # with those years: what record systems write for "not known"

_FULL = (
    re.compile(r"^(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$"),
    re.compile(r"^(?P<d>\d{1,2})[/.\-](?P<m>\d{1,2})[/.\-](?P<y>\d{4})$"),
    re.compile(r"^(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})$"),
)
_YEAR = (
    re.compile(r"^(\d{4})$"),
    re.compile(r"^(\d{4})-(?:0[1-9]|1[0-2])$"),
    re.compile(r"^(?:0[1-9]|1[0-2])/(\d{4})$"),
)


class Birth(NamedTuple):
    """What is known of a birth: `precision` is DAY, YEAR or NONE; `warning` a code or empty."""

    day: date | None
    year: int | None
    precision: str
    warning: str = ""


NOT_KNOWN = Birth(None, None, "NONE")


def birth_of(text: str | None, as_of: date | None = None) -> Birth:
    """The birth that a field gives; with `as_of`, a birth not before it or more than 120 years ago is not possible."""
    written = code_text(text)
    if written is None:
        return NOT_KNOWN
    for form in _FULL:
        match = form.match(written)
        if match:
            return _on_day(int(match["y"]), int(match["m"]), int(match["d"]), as_of)
    for form in _YEAR:
        match = form.match(written)
        if match:
            return _in_year(int(match[1]), as_of)
    return _unknown("DOB_UNREADABLE")


def _on_day(year: int, month: int, day: int, as_of: date | None) -> Birth:
    if year in PLACEHOLDER_YEARS:
        return _unknown("DOB_PLACEHOLDER")
    try:
        born = date(year, month, day)
    except ValueError:
        return _unknown("DOB_IMPOSSIBLE")
    if born in PLACEHOLDERS:
        return _unknown("DOB_PLACEHOLDER")
    if as_of and born >= as_of:
        return _unknown("DOB_IN_FUTURE")
    if as_of and year < as_of.year - OLDEST:
        return _unknown("DOB_TOO_LONG_AGO")
    return Birth(born, year, "DAY")


def _in_year(year: int, as_of: date | None) -> Birth:
    if year in PLACEHOLDER_YEARS:
        return _unknown("DOB_PLACEHOLDER")
    if as_of and year > as_of.year:
        return _unknown("DOB_IN_FUTURE")
    if as_of and year < as_of.year - OLDEST:
        return _unknown("DOB_TOO_LONG_AGO")
    return Birth(None, year, "YEAR")


def _unknown(warning: str) -> Birth:
    return Birth(None, None, "NONE", warning)
