"""What does the monthly meeting have before it?

The agenda of proposed cases with what speaks for each, what changed since the last meeting, what is open, and the
profile in the force's own words and tables. One view, made into HTML here and into PDF by `pdf`.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from expectations.plain import Row
from expectations.questions import QUESTIONS, candidates
from transforms.reconcile.profile import demand_text, profile_text
from transforms.report import balance, evidence, wording
from transforms.report.balance import Move
from transforms.report.contents import Contents
from transforms.report.links import Links, linked
from transforms.report.needs import Birthday, Case, Due, Needs, Question
from transforms.report.page import asset, environment
from transforms.report.questions import described, named

FOR_WHOM = (
    "For police at the meeting. It has lines, places and grades beside names: partners at the table have the files "
    "that their agreements allow, not this pack."
)
MOVED = ("ADDED", "RETURNED", "REMOVED")  # shown from the spells, with the decision behind each


@dataclass(frozen=True)
class Item:
    """A proposed case on the agenda: a child, and what speaks for it in sentences."""

    child: Row
    why: str
    summary: list[str]


@dataclass(frozen=True)
class Pack:
    """Everything the meeting has before it."""

    force: str
    meeting: date
    since: date
    as_of: date
    items: list[Item]
    pairs: list[str]
    ages: list[Question]
    birthdays: list[Birthday]
    actions: list[Due]
    late: list[str]
    moves: list[Move]
    changes: list[tuple[Row, Row]]
    demand: str
    profile: list[str]
    ages_table: list[tuple[str, int]]
    movement: list[tuple[str, int]]
    links: Links


def _why(review: Row) -> str:
    """Why a case is asked, but for what is so of every new one."""
    return str(review["why"]).removeprefix(QUESTIONS["ratify"].why["NEW"]).strip()


def pack(contents: Contents) -> Pack:
    """The pack of the next meeting, as the night knows it."""
    needs = Needs(contents)
    return Pack(
        force=contents.site.force_name,
        meeting=contents.next_meeting,
        since=contents.last_meeting,
        as_of=contents.as_of,
        items=[Item(case.child, _why(case.review), summary(contents, case)) for case in needs.cases],
        pairs=[_pair(contents, pair.review) for pair in needs.pairs],
        ages=needs.ages,
        birthdays=needs.birthdays,
        actions=[*needs.referrals, *needs.moved_away],
        late=_late(needs),
        moves=balance.moves(contents, contents.last_meeting),
        changes=_changes(contents),
        demand=demand_text(dict(contents.profile), contents.as_of) if contents.profile else "",
        profile=profile_text(dict(contents.profile), contents.as_of) if contents.profile else [],
        ages_table=list(contents.profile.get("ages", {}).items()),
        movement=_movement(contents),
        links=linked(contents),
    )


def _pair(contents: Contents, review: Row) -> str:
    """Both people of a same-person question by name, each with the record that is asked about."""
    others = " or ".join(described(contents, key) for key in candidates(review))
    return f"{described(contents, review['mention_key'])} and {others}"


def _late(needs: Needs) -> list[str]:
    """Panel actions overdue, one line an agency: how many, since when, for whom."""
    overdue = [(owner, [due for due in found if due.overdue]) for owner, found in needs.agencies]
    return [
        f"{owner}: {len(late)} overdue, the longest since {wording.day(late[0].action['due_on'])}. "
        f"{'; '.join(sorted({child_name(due.child) for due in late}))}."
        for owner, late in overdue
        if late
    ]


def html(made: Pack) -> bytes:
    """The pack as a self-contained HTML page in UTF-8."""
    style = asset("style.css")
    return environment().get_template("pack.html").render(pack=made, for_whom=FOR_WHOM, style=style).encode()


def summary(contents: Contents, case: Case) -> list[str]:
    """What speaks for a proposed case, in sentences without free text."""
    records = [record for record in case.records if not record["withdrawn"]]
    if not records:
        return ["No standing record names this child."]
    kinds = Counter(wording.label(record["source"]).lower() for record in records)
    named = ", ".join(f"{kind} ×{kinds[kind]}" if kinds[kind] > 1 else kind for kind in sorted(kinds))
    first, last = min(r["recorded_on"] for r in records), max(r["recorded_on"] for r in records)
    days = wording.day(first) if first == last else f"{wording.day(first)} to {wording.day(last)}"
    sentences = [f"{wording.counted(len(records), 'record')}, {days}: {named}."]
    for heading, values in (
        ("Grades", [record["grade"] for record in records]),
        ("Involvement", [wording.label(record["involvement"]) for record in records if record["involvement"]]),
        ("Areas", [record["policing_area"] for record in records]),
        ("Lines", [contents.line_name(record["line_ref"]) for record in records]),
    ):
        found = sorted({str(value) for value in values if value})
        if found:
            sentences.append(f"{heading}: {', '.join(found)}.")
    return sentences


def _changes(contents: Contents) -> list[tuple[Row, Row]]:
    rows = [row for row in contents.changes if row["kind"] not in (*MOVED, "PROPOSED")]
    rows.sort(key=lambda row: (row["noticed_on"], row["kind"], row["person_id"], row["cause"]), reverse=True)
    return [(row, contents.child.get(row["person_id"], {})) for row in rows]


def _movement(contents: Contents) -> list[tuple[str, int]]:
    year = balance.balance(contents)
    if year is None:
        return []
    reasons: dict[str, Any] = contents.profile["removed_by_reason"]
    return [
        (f"On the tracker at the start of {year.year}", year.opening),
        ("Added", year.added),
        ("Removed", year.removed),
        *((f"  {wording.label(reason).lower()}", count) for reason, count in sorted(reasons.items())),
        ("On the tracker now", year.closing),
        (f"Different children in {year.year}", year.distinct),
    ]


def child_name(child: Row) -> str:
    """A child's name and number."""
    return f"{named(child) or 'Name not known'} ({child.get('tracker_id') or child.get('person_id') or 'no number'})"


def child_line(child: Row) -> str:
    """A child in a line: name, number, birth, gender, area."""
    place = child.get("policing_area") or "area not known"
    born = evidence.date_of_birth(child) or "date of birth not known"
    age = f", {child['age']}" if child.get("age") is not None else ""
    return wording.visible(
        f"{child_name(child)}, born {born}{age}, {child.get('gender') or 'gender not known'}, {place}"
    )
