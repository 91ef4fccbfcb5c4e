"""How did the tracker come from the year's opening number to today's, and what does it look like now?

Every child added or removed in the calendar year with the reason, what the last night changed, the tracker by status,
age, gender, area and line, and the year's curves. The numbers are those of the force's profile.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from expectations.plain import Row, plain_values
from transforms.reconcile.profile import financial_year
from transforms.report import wording
from transforms.report.charts import Bar, Series
from transforms.report.contents import Contents


@dataclass(frozen=True)
class Balance:
    """The calendar year's arithmetic: opening + added − removed = closing, and the different children of the year."""

    year: int
    opening: int
    added: int
    removed: int
    closing: int
    distinct: int


@dataclass(frozen=True)
class Move:
    """A child came onto the tracker or left it: when, why in words, and the decision behind it, if one."""

    kind: str
    on: date
    spell: Row
    child: Row
    why: str
    decision: Row | None


def balance(contents: Contents) -> Balance | None:
    """The year's arithmetic as the profile gives it; None where the night has no tracker to show."""
    year = next((int(key[-4:]) for key in contents.profile if key.startswith("opening_")), None)
    if year is None:
        return None
    profile = contents.profile
    return Balance(
        year=year,
        opening=profile[f"opening_{year}"],
        added=profile[f"added_{year}"],
        removed=profile[f"removed_{year}"],
        closing=profile["closing"],
        distinct=profile[f"distinct_{year}"],
    )


def moves(contents: Contents, since: date) -> list[Move]:
    """Every child added or removed on or after a day, the latest first: a row for each beginning or end of a spell."""
    found = []
    for spell in contents.rows("spell"):
        if since <= spell["added_on"] <= contents.as_of:
            found.append(_added(contents, spell))
        if spell["removed_on"] and since <= spell["removed_on"] <= contents.as_of:
            found.append(_removed(contents, spell))
    return sorted(found, key=lambda move: (move.on, move.kind, move.spell["tracker_id"]), reverse=True)


def _added(contents: Contents, spell: Row) -> Move:
    decision = contents.decision.get(spell["added_by"])
    why = "Taken over from the tracker spreadsheet"
    if decision:
        why = _decided(wording.label(decision["action"]), decision)
    return Move("ADDED", spell["added_on"], spell, contents.child.get(spell["person_id"], {}), why, decision)


def _removed(contents: Contents, spell: Row) -> Move:
    why, decision = why_removed(contents, spell)
    return Move("REMOVED", spell["removed_on"], spell, contents.child.get(spell["person_id"], {}), why, decision)


def why_removed(contents: Contents, spell: Row) -> tuple[str, Row | None]:
    """Why a spell ended, in words, and the decision behind it; an 18th birthday needs none."""
    decision = contents.decision.get(spell["removed_by"] or "")
    reason = wording.label(spell["removal_reason"])
    if decision is None:
        return (f"{reason} on {wording.day(spell['removed_on'])}" if spell["removed_by"] else reason), None
    return _decided(reason, decision), decision


def _decided(what: str, decision: Row) -> str:
    meeting = f" at {decision['meeting_ref']}" if decision["meeting_ref"] else ""
    return f"{what}{meeting} by {decision['decided_by'] or 'a person not named'}"


def breakdowns(contents: Contents) -> dict[str, list[Bar]]:
    """The children on the tracker by status, age, gender, local authority, area and line; a child may be on several."""
    on = contents.on_tracker
    lines = (contents.line_name(ref) for child in on for ref in (child["line_refs"] or ["no line recorded"]))
    ages = Counter(child["age"] for child in on)
    return {
        "Status": _bars(wording.SHORT_STATUS.get(child["state"]) for child in on),
        "Age": [
            Bar("not known" if age is None else str(age), count)
            for age, count in sorted(ages.items(), key=lambda one: (one[0] is None, one[0] or 0))
        ],
        "Gender": _bars(child["gender"] for child in on),
        "Local authority": _bars(contents.site.places.name(child["local_authority"]) for child in on),
        "Policing area": _bars(child["policing_area"] for child in on),
        "Line": _bars(lines),
    }


def _bars(values: Iterable[Any]) -> list[Bar]:
    counted = Counter(str(value or wording.NOT_KNOWN) for value in values)
    return [Bar(name, counted[name]) for name in sorted(counted, key=lambda name: (-counted[name], name))]


def curve(contents: Contents) -> tuple[list[str], Series]:
    """Children on the tracker at the start of each of the last twelve months, and today."""
    days = [*_first_days(contents.as_of, 12), contents.as_of]
    spells = contents.rows("spell")
    added = sorted(spell["added_on"] for spell in spells)
    removed = sorted(spell["removed_on"] for spell in spells if spell["removed_on"])
    names = [f"{day:%b %y}" for day in days[:-1]] + ["now"]
    return names, Series("On the tracker", [bisect_right(added, day) - bisect_right(removed, day) for day in days])


def _first_days(day: date, count: int) -> list[date]:
    months = [day.year * 12 + day.month - 1 - back for back in range(count)]
    return [date(month // 12, month % 12 + 1, 1) for month in reversed(months)]


@dataclass(frozen=True)
class Demand:
    """Flagged reports of the running financial year against the last: month by month and added up."""

    year: str
    last_year: str
    months: list[str]
    now: list[int | None]
    before: list[int]
    so_far: int
    same_day_last_year: int
    whole_last_year: int

    def running(self) -> list[Series]:
        """Both years added up month by month, the running one as far as it has come."""
        return [Series(self.year, _sums(self.now)), Series(self.last_year, _sums(self.before))]


def demand(contents: Contents) -> Demand:
    """Flagged reports by the day of submission, as in the profile: the financial year begins on 1 April."""
    days = _local_days(contents.table("report")["created_at"], contents.site.timezone)
    start = date(financial_year(contents.yesterday), 4, 1)
    earlier = start.replace(year=start.year - 1)
    edges = [_month_after(earlier, months) for months in range(25)]
    counts = [_between(days, first, following) for first, following in pairwise(edges)]
    reached = (contents.yesterday.year - start.year) * 12 + contents.yesterday.month - start.month + 1
    return Demand(
        year=_year_name(start),
        last_year=_year_name(earlier),
        months=[f"{edge:%b}" for edge in edges[:12]],
        now=[*counts[12 : 12 + reached], *[None] * (12 - reached)],
        before=counts[:12],
        so_far=_between(days, start, contents.as_of),
        same_day_last_year=_between(days, earlier, earlier + (contents.as_of - start)),
        whole_last_year=sum(counts[:12]),
    )


def _local_days(moments: Any, timezone: str) -> list[date]:
    """The local days of a column of moments, sorted."""
    local = pc.local_timestamp(moments.cast(pa.timestamp("us", tz=timezone)))
    return sorted(plain_values(local.cast(pa.date32(), safe=False)))


def _month_after(start: date, months: int) -> date:
    month = start.year * 12 + start.month - 1 + months
    return date(month // 12, month % 12 + 1, 1)


def _between(days: list[date], first: date, following: date) -> int:
    """How many of the sorted days lie from the first up to, but not on, the following."""
    return bisect_right(days, following - timedelta(days=1)) - bisect_right(days, first - timedelta(days=1))


def _sums(counts: list[int | None] | list[int]) -> list[int | None]:
    total, sums = 0, list[int | None]()
    for count in counts:
        total += count or 0
        sums.append(None if count is None else total)
    return sums


def _year_name(start: date) -> str:
    return f"{start.year}/{(start.year + 1) % 100:02d}"
