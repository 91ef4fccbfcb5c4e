"""What must the tracker say of the invented force on the last day?

Counted from the lives and the reports as they were made, by the words of the inbound contract alone.
"""

from collections import Counter
from datetime import date
from typing import Any

from demo.synth.calendar import Calendar
from demo.synth.lives import Life, balance
from demo.synth.people import Person
from demo.synth.reports import Report, counts, is_unreadable

HOME_COLUMNS = ("person", "local_authority", "policing_area", "postcode")
TRACKER_COLUMNS = ("person", "added_on", "removed_on", "removal_reason", "status", "dob", "dob_status", "gender")


def expected(lives: list[Life], reports: list[Report], calendar: Calendar) -> dict[str, Any]:
    """The figures of the last day: movements of its calendar year, ages on it, reports by financial year."""
    end, year = calendar.end, calendar.end.year
    moved = dict(balance(lives, date(year, 1, 1), end))
    on = [life for life in lives if life.is_on(end)]
    ages = Counter(_age(life.person.born, end) for life in on)
    removals = Counter(
        why for life in lives for _, removed, why in life.stays if removed and date(year, 1, 1) <= removed <= end
    )
    return {
        "as_of": end.isoformat(),
        **_reports_by_year(reports, calendar),
        f"opening_{year}": moved["opening"],
        f"added_{year}": moved["added"],
        f"removed_{year}": moved["removed"],
        "closing": len(on),
        f"distinct_{year}": moved["distinct"],
        "open": sum(life.status == "OPEN" for life in on),
        "vulnerable": sum(life.status == "VULNERABLE" for life in on),
        "male": sum(life.person.gender == "Male" for life in on),
        "female": sum(life.person.gender == "Female" for life in on),
        "ages": {str(age): ages[age] for age in sorted(ages)},
        "youngest": min(ages, default=None),
        "removed_by_reason": dict(sorted(removals.items())),
        "quarantined_refs": sorted(report.ref for report in reports if _stands_outside(report, calendar)),
    }


def tracker(lives: list[Life]) -> list[dict[str, str]]:
    """A row for each child who was ever on the tracker: first added, last removed."""
    return [
        {
            "person": life.person.key,
            "added_on": life.stays[0][0].isoformat(),
            "removed_on": life.stays[-1][1].isoformat() if life.stays[-1][1] else "",
            "removal_reason": life.stays[-1][2],
            "status": life.status,
            "dob": life.person.born.isoformat(),
            "dob_status": life.person.born_status,
            "gender": life.person.gender[0],
        }
        for life in lives
    ]


def homes(people: list[Person]) -> list[dict[str, str]]:
    """Where everybody lives: the authority by the site's name for it, the neighbourhood area and the postcode."""
    return [
        {
            "person": one.key,
            "local_authority": one.home.authority,
            "policing_area": one.home.area,
            "postcode": one.home.postcode,
        }
        for one in people
    ]


def labels(reports: list[Report], calendar: Calendar) -> dict[str, str]:
    """Whose mention each mention of a report is that was ever accepted."""
    flag = calendar.site.flag
    return {
        report.mention_key(subject.person): subject.person.key
        for report in reports
        if counts(report, flag) or (report.later and _was_good(report, flag))
        for subject in report.subjects
    }


def _was_good(report: Report, flag: str) -> bool:
    first = Report(report.created, report.area, report.subjects, report.columns)
    return counts(first, flag)


def _stands_outside(report: Report, calendar: Calendar) -> bool:
    known = report.as_known
    is_taken = known["status"] == "AUTHORISED" and calendar.site.flag in known["flags"].split("|")
    return is_taken and known["protective_marking"] != "SECRET" and is_unreadable(known)


def _reports_by_year(reports: list[Report], calendar: Calendar) -> dict[str, int]:
    made = Counter(_financial_year(r.created.date()) for r in reports if counts(r, calendar.site.flag))
    running = _financial_year(calendar.end)
    is_complete = (calendar.end.month, calendar.end.day) == (3, 31)
    return {
        f"reports_fy_{year}_{(year + 1) % 100:02d}{'' if year < running or is_complete else '_to_date'}": made[year]
        for year in sorted({*made, running})
    }


def _financial_year(day: date) -> int:
    return day.year - ((day.month, day.day) < (4, 1))


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
