"""When does everything happen in the invented force?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from random import Random
from zoneinfo import ZoneInfo

from expectations.site import Site


@dataclass(frozen=True)
class Calendar:
    """The days of a scenario: the first of its intelligence, the takeover of the spreadsheet, and the last."""

    start: date
    takeover: date
    end: date
    site: Site

    @property
    def zone(self) -> ZoneInfo:
        """Where the force is."""
        return ZoneInfo(self.site.timezone)

    def meetings(self) -> list[date]:
        """Meetings after the takeover, up to the last day."""
        return list(takewhile(lambda day: day <= self.end, self.site.meeting.after(self.takeover + timedelta(days=1))))

    def days(self) -> Iterator[date]:
        """Every day of the scenario."""
        for number in range((self.end - self.start).days + 1):
            yield self.start + timedelta(days=number)

    def at(self, day: date, seconds: int) -> datetime:
        """A moment of a day, local time."""
        return datetime.combine(day, time(), self.zone) + timedelta(seconds=seconds)

    def some_time(self, day: date, random: Random) -> datetime:
        """Any moment of a day between one in the morning and eleven at night, when every clock agrees on the day."""
        return self.at(day, random.randint(3 * 3600, 22 * 3600))


def takeover_of(start: date, end: date) -> date:
    """The last day of the year before the end, but not later than nine months after the start, nor before it."""
    return max(start - timedelta(days=1), min(date(end.year - 1, 12, 31), start + timedelta(days=274)))
