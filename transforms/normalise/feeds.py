"""What does a record of a partner's file, or of the spreadsheet taken over, say?

One small reader a feed: the rules that stop a record, and the row that a good one becomes. The later file's record
stands, by the date in the file's name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from expectations.plain import Row
from transforms.normalise import codes
from transforms.normalise.moments import british_day_of, day_of, local_day, moment_of
from transforms.normalise.records import Night, Rules, Stopped, Taken, broken, mentioned
from transforms.normalise.reports import GRADES
from transforms.normalise.text import tidy

_POUNDS = re.compile(r"^£?\s?(\d+(?:,\d{3})*(?:\.\d{1,2})?)$")


@dataclass(frozen=True)
class Content:
    """What a record says: its row, the day it speaks of, more of its mention, and the warnings that hold."""

    row: Row
    day: date
    mention: Row = field(default_factory=dict)
    strange: dict[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Feed:
    """How the records of one source are read."""

    landed: str
    table: str
    prefix: str
    rules: Rules
    content: Callable[[Row, Night], Content]


def judge(record: Row, feed: Feed, night: Night) -> Taken | list[Stopped]:
    """What becomes of one landed record of a feed."""
    source, ref, version = record["source"], record["record_key"], version_of(record, night)
    reasons = broken(record, feed.rules, night)
    if reasons:
        return [Stopped(source, ref, version, reason) for reason in reasons]
    said = feed.content(record, night)
    warnings = tuple(code for code, is_strange in said.strange.items() if is_strange)
    person = mentioned(
        record, feed.prefix, ref, recorded_on=said.day, version=version, warnings=warnings, **said.mention
    )
    row = {"mention_key": person.head["mention_key"], **said.row}
    return Taken(source, ref, version, record["stamp"], feed.table, row, (person,))


def version_of(record: Row, night: Night) -> int:
    """A feed's records carry no version: the date of their file stands for it, as YYYYMMDD."""
    return int(local_day(record["stamp"], night.site.timezone).strftime("%Y%m%d"))


def missing_from_unreadable(record: Row, _night: Night) -> bool:
    """An episode that does not say when it began."""
    return moment_of(record["missing_from"]) is None


def reported_at_unreadable(record: Row, _night: Night) -> bool:
    """A report that does not say when it was made."""
    return moment_of(record["reported_at"]) is None


def btp_grade_unreadable(record: Row, _night: Night) -> bool:
    """A grade of neither scheme; none at all is allowed."""
    grade = _grade(record)
    return grade is not None and not any(form.match(grade) for form in GRADES.values())


def received_at_unreadable(record: Row, _night: Night) -> bool:
    """A referral that does not say when it came."""
    return moment_of(record["received_at"]) is None


def sca_kind_unknown(record: Row, _night: Night) -> bool:
    """Neither a referral nor a decision."""
    return codes.code_of(record["kind"], "sca_referral", "kind")[0] is None


def panel_unknown(record: Row, night: Night) -> bool:
    """None of the site's panels."""
    return panel_of(record["panel"], night) is None


def panel_of(text: str | None, night: Night) -> str | None:
    """The site's panel of this name, whatever the case; None where it is none."""
    written = (tidy(text) or "").casefold()
    return next((panel for panel in sorted(night.site.all_panels) if panel.casefold() == written), None)


def held_on_unreadable(record: Row, _night: Night) -> bool:
    """An outcome of a panel of which the day is not known."""
    return day_of(record["held_on"]) is None


def opening_status_unknown(record: Row, _night: Night) -> bool:
    """Words that tell neither status, or both."""
    return opening_status_of(record["status"]) is None


def date_added_unreadable(record: Row, _night: Night) -> bool:
    """An entry of which the day it was added is not known."""
    return british_day_of(record["date_added"]) is None


def opening_status_of(text: str | None) -> str | None:
    """OPEN or VULNERABLE from the force's own words; None where they tell neither, or both."""
    words = (tidy(text) or "").lower()
    told = {status for word, status in (("open", "OPEN"), ("vulnerable", "VULNERABLE")) if word in words}
    return told.pop() if len(told) == 1 else None


def _missing(record: Row, night: Night) -> Content:
    row = {
        "missing_from": moment_of(record["missing_from"]),
        "returned_at": moment_of(record["returned_at"]),
        **_texts(record, "found_place", "found_force", "risk"),
    }
    strange = {"RETURNED_AT_UNREADABLE": _unread(record["returned_at"], row["returned_at"])}
    return Content(row, local_day(row["missing_from"], night.site.timezone), strange=strange)


def _btp(record: Row, night: Night) -> Content:
    grade = _grade(record)
    row = {
        "reported_at": moment_of(record["reported_at"]),
        "grade": grade,
        **_texts(record, "station", "journey", "circumstances"),
    }
    return Content(row, local_day(row["reported_at"], night.site.timezone), mention={"grade": grade})


def _sca(record: Row, night: Night) -> Content:
    row = {
        "received_at": moment_of(record["received_at"]),
        "kind": codes.code_of(record["kind"], "sca_referral", "kind")[0],
        "exploitation_types": [text for text in map(tidy, record["exploitation_types"] or ()) if text],
        **_texts(record, "first_responder", "decision"),
    }
    return Content(row, local_day(row["received_at"], night.site.timezone))


def _panel(record: Row, night: Night) -> Content:
    row = {
        "panel": panel_of(record["panel"], night),
        "commissioned_cost": _pounds(record["commissioned_cost"]),
        **{name: day_of(record[name]) for name in ("held_on", "due_on", "closed_on")},
        **_texts(record, "action", "owner_agency", "power_used", "commissioned_support", "outcome"),
    }
    strange = {
        "DUE_ON_UNREADABLE": _unread(record["due_on"], row["due_on"]),
        "CLOSED_ON_UNREADABLE": _unread(record["closed_on"], row["closed_on"]),
        "COST_UNREADABLE": _unread(record["commissioned_cost"], row["commissioned_cost"]),
    }
    return Content(row, row["held_on"], strange=strange)


def _opening(record: Row, night: Night) -> Content:
    row = {
        "entry_ref": record["entry_ref"],
        "status": opening_status_of(record["status"]),
        "added_on": british_day_of(record["date_added"]),
    }
    area = tidy(record["policing_area"])
    is_known = area in night.site.policing_areas
    strange = {"AREA_UNKNOWN_CODE": area is not None and not is_known}
    return Content(row, row["added_on"], mention={"policing_area": area if is_known else None}, strange=strange)


def _texts(record: Row, *names: str) -> Row:
    return {name: tidy(record[name]) for name in names}


def _grade(record: Row) -> str | None:
    grade = tidy(record["grade"])
    return grade.upper() if grade else None


def _pounds(text: str | None) -> float | None:
    amount = _POUNDS.match(tidy(text) or "")
    return float(amount[1].replace(",", "")) if amount else None


def _unread(text: str | None, value: object) -> bool:
    return tidy(text) is not None and value is None


FEEDS: tuple[Feed, ...] = (
    Feed(
        landed="landed_missing",
        table="missing_episode",
        prefix="missing",
        rules={"MISSING_FROM_UNREADABLE": missing_from_unreadable},
        content=_missing,
    ),
    Feed(
        landed="landed_btp",
        table="btp_report",
        prefix="btp",
        rules={"REPORTED_AT_UNREADABLE": reported_at_unreadable, "BTP_GRADE_UNREADABLE": btp_grade_unreadable},
        content=_btp,
    ),
    Feed(
        landed="landed_sca",
        table="sca_referral",
        prefix="sca",
        rules={"RECEIVED_AT_UNREADABLE": received_at_unreadable, "SCA_KIND_UNKNOWN": sca_kind_unknown},
        content=_sca,
    ),
    Feed(
        landed="landed_panel",
        table="panel_outcome",
        prefix="panel",
        rules={"PANEL_UNKNOWN": panel_unknown, "HELD_ON_UNREADABLE": held_on_unreadable},
        content=_panel,
    ),
    Feed(
        landed="landed_opening",
        table="opening_entry",
        prefix="opening",
        rules={"OPENING_STATUS_UNKNOWN": opening_status_unknown, "DATE_ADDED_UNREADABLE": date_added_unreadable},
        content=_opening,
    ),
)
