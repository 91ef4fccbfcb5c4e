"""What does the force say of its tracker each month?

The figures, sentences and tables of the force's own "Victim & Offender Profile" and "Demand" paragraphs for any night,
from the children, their stays on the tracker, and the flagged reports; and which children are seen on the same lines
and in the same places.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from heapq import nsmallest
from math import log
from typing import Any

import numpy as np

from expectations.agreed import ON_TRACKER
from expectations.feeds import SEEN_IN
from expectations.plain import Row
from expectations.site import Site

LINKS_SHOWN = 10
Numbers = np.ndarray[Any, Any]

REASONS = {
    "AGED_OUT": "reached the age of 18",
    "NO_LONGER_AT_RISK": "no longer at risk",
    "MOVED_AREA": "moved out of the area",
    "DECEASED": "died",
    "ENTERED_IN_ERROR": "entered in error",
    "OTHER": "other reasons",
}


def profile(children: list[Row], spells: list[Row], reports: list[Row], as_of: date, site: Site) -> dict[str, Any]:
    """The figures as `clvt profile --json` gives them; counts, ages as of the night, years as in the keys' names."""
    last = as_of - timedelta(days=1)
    year = last.year
    on = [row for row in children if row["state"] in ON_TRACKER]
    counted = movement(spells, date(year, 1, 1), as_of)
    ages = Counter(row["age"] for row in on if row["age"] is not None)
    return {
        "as_of": as_of.isoformat(),
        **demand(reports, last, site),
        f"opening_{year}": counted["opening"],
        f"added_{year}": counted["added"],
        f"removed_{year}": counted["removed"],
        "closing": len(on),
        f"distinct_{year}": counted["distinct"],
        "open": sum(row["state"] == "OPEN" for row in on),
        "vulnerable": sum(row["state"] == "VULNERABLE" for row in on),
        "male": sum(row["gender"] == "Male" for row in on),
        "female": sum(row["gender"] == "Female" for row in on),
        "ages": {str(age): ages[age] for age in sorted(ages)},
        "youngest": min(ages, default=None),
        "removed_by_reason": counted["removed_by_reason"],
    }


def movement(spells: list[Row], first: date, last: date) -> dict[str, Any]:
    """Children on the tracker before `first`, added and removed from `first` to `last`, and all different ones."""
    at_start = [s for s in spells if s["added_on"] < first and not (s["removed_on"] and s["removed_on"] < first)]
    added = [s for s in spells if first <= s["added_on"] <= last]
    removed = [s for s in spells if s["removed_on"] and first <= s["removed_on"] <= last]
    return {
        "opening": len(at_start),
        "added": len(added),
        "removed": len(removed),
        "closing": len(at_start) + len(added) - len(removed),
        "distinct": len({s["person_id"] for s in at_start + added}),
        "removed_by_reason": dict(sorted(Counter(s["removal_reason"] for s in removed).items())),
    }


def demand(reports: list[Row], last: date, site: Site) -> dict[str, int]:
    """Flagged, authorised reports by financial year of submission; the running year's key ends in `_to_date`."""
    taken = [row for row in reports if not row["not_taken"]]
    years = Counter(financial_year(site.local_day(row["created_at"])) for row in taken)
    running = financial_year(last) if (last.month, last.day) != (3, 31) else None
    years.setdefault(financial_year(last), 0)
    return {
        f"reports_fy_{label(year)}" + ("_to_date" if year == running else ""): years[year] for year in sorted(years)
    }


def financial_year(day: date) -> int:
    """The year in which the financial year of a day began, on 1 April."""
    return day.year if (day.month, day.day) >= (4, 1) else day.year - 1


def label(year: int) -> str:
    """2021 as 2021_22."""
    return f"{year}_{(year + 1) % 100:02d}"


def demand_text(figures: dict[str, Any], as_of: date) -> str:
    """The force's "Demand" paragraph."""
    last = as_of - timedelta(days=1)
    year = financial_year(last)
    now = next(value for key, value in figures.items() if key.startswith(f"reports_fy_{label(year)}"))
    running = f"From 1st April {year} to {spoken(last)}, there have been {now} intelligence reports with a "
    running += "'County Lines' flag."
    before = figures.get(f"reports_fy_{label(year - 1)}")
    if before is None:
        return running
    complete = f"the complete year of 1st April {year - 1} to 31st March {year}"
    return f"{running} This compares to {before} reports from {complete}."


def profile_text(figures: dict[str, Any], as_of: date) -> list[str]:
    """The force's "Victim & Offender Profile" paragraphs."""
    year = (as_of - timedelta(days=1)).year
    closing = figures["closing"]
    male, female = _share(figures["male"], closing, "male"), _share(figures["female"], closing, "female")
    sexes = f"Of the {closing} children currently on the CLVT, {male} and {female}."
    if figures["youngest"] is not None:
        sexes += " The table below shows the current ages of those on the CLVT; the youngest age is "
        sexes += f"{figures['youngest']} years old."
    return [
        f"Currently, there are {closing} children on the County Lines Vulnerability Tracker (CLVT). There have been "
        f"{figures[f'distinct_{year}']} different children recorded on the CLVT over the course of the calendar year "
        f"{year} so far. At the start of the year there were {figures[f'opening_{year}']} children on the tracker and "
        f"over the year there have been {figures[f'added_{year}']} new children added and "
        f"{figures[f'removed_{year}']} removed{_mainly(figures)}.",
        f"Of the {closing} children currently on the CLVT, {figures['open']} are 'Open to the County Lines team' and "
        f"{figures['vulnerable']} are classed as 'Vulnerable to County Lines'.",
        sexes,
    ]


def _mainly(figures: dict[str, Any]) -> str:
    reasons = figures["removed_by_reason"]
    total = sum(reasons.values())
    main = max(sorted(reasons), key=lambda reason: reasons[reason], default="")
    if not main or reasons[main] * 2 <= total:
        return ""
    return (
        f" (mainly because they had {REASONS[main]} years old)" if main == "AGED_OUT" else f" (mainly: {REASONS[main]})"
    )


def _share(count: int, total: int, word: str) -> str:
    percent = round(100 * count / total) if total else 0
    return f"{count} {'is' if count == 1 else 'are'} {word}{'' if count == 1 else 's'} ({percent}%)"


def spoken(day: date) -> str:
    """22nd November 2022."""
    ending = "th" if 10 <= day.day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    return f"{day.day}{ending} {day:%B %Y}"


def places(children: Iterable[Row], mentions: Iterable[Row], found: Mapping[str, Iterable[Row]]) -> dict[str, set[str]]:
    """The places where records that were not withdrawn saw each child, by person_id.

    `found` has the rows of `report`, and of each table in SEEN_IN, by the name of the table.
    """
    reported = {row["report_ref"]: row["location"] for row in found["report"]}
    attached = {row["mention_key"]: row[place] for table, place in SEEN_IN.items() for row in found[table]}
    seen = {}
    for row in mentions:
        is_report = row["source"] == "intelligence"
        place = reported.get(row["record_ref"]) if is_report else attached.get(row["mention_key"])
        if place and not row["withdrawn"]:
            seen[row["mention_key"]] = " ".join(place.split())
    return {child["person_id"]: {seen[key] for key in child["mention_keys"] if key in seen} for child in children}


@dataclass(frozen=True)
class Linked:
    """Pairs of children on the tracker who share a line or a place, the closest first; of how many pairs and children.

    Columns: tracker_id, other_tracker_id, line_refs, places (the rarest first), closeness.
    """

    closest: list[Row] = field(default_factory=list)
    pairs: int = 0
    children: int = 0


ROUNDED = 1e-6  # of a closeness: two that differ by less are one


def links(children: Iterable[Row], seen_at: Mapping[str, set[str]], most: int | None = None) -> Linked:
    """The `most` closest pairs, or all; `seen_at` is what `places` gives.

    What few children share ties them closer than what many do: each shared line or place counts 1 / ln(children who
    have it) (Adamic and Adar 2003, Friends and neighbors on the Web).
    """
    on = sorted((row for row in children if row["state"] in ON_TRACKER), key=lambda row: str(row["tracker_id"]))
    lines = {row["tracker_id"]: set(row["line_refs"] or ()) for row in on}
    seen = {row["tracker_id"]: seen_at.get(row["person_id"], set()) for row in on}
    ids, on_line, at_place = list(lines), _having(lines), _having(seen)
    pairs, linked, least = 0, 0, 0.0
    closest: list[tuple[float, str, str]] = []
    for number, one in enumerate(ids):
        having = [*(on_line[line] for line in sorted(lines[one])), *(at_place[place] for place in sorted(seen[one]))]
        shared = [numbers for numbers in having if len(numbers) > 1]
        if not shared:
            continue
        ties = _ties(number, shared)
        linked += 1
        pairs += int(np.count_nonzero(ties))
        near = np.flatnonzero(ties > least).tolist()
        closest += [
            (-round(closeness, 6), one, ids[other]) for other, closeness in zip(near, ties[near].tolist(), strict=True)
        ]
        if most is not None and len(closest) > most:
            closest = nsmallest(most, closest)
            least = -closest[-1][0] - ROUNDED
    rows = [
        {
            "tracker_id": one,
            "other_tracker_id": other,
            "line_refs": _rarest(lines[one] & lines[other], on_line),
            "places": _rarest(seen[one] & seen[other], at_place),
            "closeness": -closeness,
        }
        for closeness, one, other in sorted(closest)
    ]
    return Linked(rows, pairs, linked)


def _having(things: Mapping[str, set[str]]) -> dict[str, Numbers]:
    """Who has each thing, by their places in the order of all, in that order."""
    having: dict[str, list[int]] = defaultdict(list)
    for number, theirs in enumerate(things.values()):
        for thing in theirs:
            having[thing].append(number)
    return {thing: np.array(numbers) for thing, numbers in having.items()}


def _ties(number: int, shared: Sequence[Numbers]) -> Numbers:
    """How close a child is to each of all: 0 to those before it, and to who shares none of these things."""
    after = [numbers[np.searchsorted(numbers, number, side="right") :] for numbers in shared]
    weights = [1 / log(len(numbers)) for numbers in shared]
    return np.bincount(np.concatenate(after), np.repeat(weights, [*map(len, after)]))


def _rarest(things: set[str], having: Mapping[str, Numbers]) -> list[str]:
    return sorted(things, key=lambda thing: (len(having[thing]), thing))


def links_text(found: Linked, closing: int) -> str:
    """The sentence that stands above the table of links."""
    if not found.children:
        return f"Of the {closing} children currently on the CLVT, no two share a line or a place."
    shown = f"the {LINKS_SHOWN} closest pairs" if found.pairs > LINKS_SHOWN else "these pairs"
    return (
        f"Of the {closing} children currently on the CLVT, {found.children} share a line or a place with another "
        f"child. The table below shows {shown}: what few children share counts more than what many do."
    )
