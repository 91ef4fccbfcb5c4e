"""On which day, at which moment?"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from transforms.normalise.text import code_text

EARLIEST = 1900  # of what record systems keep nothing is older, and in the year 1 no zone can be reckoned with

_ISO_DAY = re.compile(
    r"^(\d{4}-\d{2}-\d{2})"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?|[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?))?$"
)
_BRITISH_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def moment_of(text: str | None, timezone: str = "") -> datetime | None:
    """A timestamp, read in `timezone` where it gives no offset; None where it cannot be read, or has none of both."""
    written = code_text(text)
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    if moment is None or moment.year < EARLIEST or (moment.tzinfo is None and not timezone):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(timezone))


def day_of(text: str | None) -> date | None:
    """An ISO date, with a time of day where a source keeps one; None where it is no day of the calendar.

    A time that gives an offset counts only at midnight: else nobody knows in whose day it was meant.
    """
    match = _ISO_DAY.match(code_text(text) or "")
    if match is None:
        return None
    try:
        return date.fromisoformat(match[1])
    except ValueError:
        return None


def british_day_of(text: str | None) -> date | None:
    """A date as `dd/mm/yyyy`, or ISO; None where it cannot be read."""
    written = code_text(text)
    match = _BRITISH_DAY.match(written) if written else None
    if match is None:
        return day_of(written)
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None
