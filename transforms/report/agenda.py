"""Which cases has the meeting to decide, one after another, and what was decided of each before?

A case is a proposed child. Where one of its records may be somebody else's, that question comes first: who is decided
about has to be known before what is decided.
"""

from dataclasses import dataclass

from expectations.plain import Row
from expectations.questions import PAIRS, asked_about, shown_in
from transforms.report import wording
from transforms.report.contents import Contents
from transforms.report.needs import Needs
from transforms.report.pack import summary


@dataclass(frozen=True)
class AgendaCase:
    """A proposed child: why they are proposed, what speaks for it, what people decided before, what bars a decision."""

    review: Row
    child: Row
    summary: list[str]
    before: list[str]
    bars: list[Row]


def agenda(contents: Contents) -> list[AgendaCase]:
    """The cases in the order of the meeting pack."""
    return [
        AgendaCase(
            case.review,
            case.child,
            summary(contents, case),
            [_in_words(row) for row in contents.decisions_about.get(case.review["person_id"], [])],
            bars(contents, case.review["person_id"]),
        )
        for case in Needs(contents).cases
    ]


def bars(contents: Contents, person_id: str) -> list[Row]:
    """Same-person questions that stand about a person, on either side."""
    asked = [row for kind in shown_in(PAIRS) for row in contents.questions(kind)]
    return asked_about(asked, contents.person_of).get(person_id, [])


def _in_words(decision: Row) -> str:
    why = f": {wording.visible(decision['reason'])}" if decision["reason"] else ""
    return f"{wording.day(decision['decided_at'])}, {wording.label(decision['action']).lower()}{why}"
