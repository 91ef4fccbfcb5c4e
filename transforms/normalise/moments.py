"""On which day, at which moment?"""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from transforms.normalise.text import tidy

_ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_BRITISH_DAY = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")


def moment_of(text: str | None) -> datetime | None:
    """A timestamp that gives its offset; None where it cannot be read."""
    written = tidy(text)
    try:
        moment = datetime.fromisoformat(written) if written else None
    except ValueError:
        return None
    return moment if moment and moment.tzinfo else None


def day_of(text: str | None) -> date | None:
    """An ISO date; None where it cannot be read or is no day of the calendar."""
    written = tidy(text)
    if written is None or not _ISO_DAY.match(written):
        return None
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None


def british_day_of(text: str | None) -> date | None:
    """A date as `dd/mm/yyyy`, or ISO; None where it cannot be read."""
    written = tidy(text)
    match = _BRITISH_DAY.match(written) if written else None
    if match is None:
        return day_of(written)
    try:
        return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None


def local_day(moment: datetime, timezone: str) -> date:
    """The day of a moment where the force is."""
    return moment.astimezone(ZoneInfo(timezone)).date()
