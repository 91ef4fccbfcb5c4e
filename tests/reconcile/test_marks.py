"""What decisions mark on a child's record: one row for each action."""

from datetime import date

import pytest

from tests.reconcile.rows import decision, mention, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.children import MARKS

M = "intel:r1#1"
UNMARKED = {
    "restricted": False,
    "disputed": False,
    "data_subject_category": "VICTIM_OR_MAY_BE",
    "visited_on": None,
    "toolkit_on": None,
    "concern": None,
    "concern_urgency": None,
    "concern_on": None,
    "consent": None,
    "parents": None,
    "consent_on": None,
    "moved_to_authority": None,
    "moved_to_force": None,
    "review_outcome": None,
    "next_review_on": None,
}
FIRST = date(2022, 3, 1)
MARKED = [
    # an action of 1 March 2022, its value and code, and what it marks
    ("RESTRICT", None, None, {"restricted": True}),
    ("DISPUTE", None, None, {"disputed": True}),
    ("SUSPECT_EVIDENCE", None, None, {"data_subject_category": "SUSPECT"}),
    ("VISITED", "2022-02-27", None, {"visited_on": date(2022, 2, 27)}),
    ("VISITED", None, None, {"visited_on": FIRST}),
    ("TOOLKIT_COMPLETED", "2022-02-26", None, {"toolkit_on": date(2022, 2, 26)}),
    ("TOOLKIT_COMPLETED", None, None, {"toolkit_on": FIRST}),
    ("CONCERN", "Afraid.", "SOON", {"concern": "Afraid.", "concern_urgency": "SOON", "concern_on": FIRST}),
    ("CONSENT", "GIVEN", "INFORMED", {"consent": "GIVEN", "parents": "INFORMED", "consent_on": FIRST}),
    ("MOVED", "E08000025 | 20", None, {"moved_to_authority": "E08000025", "moved_to_force": "20"}),
    ("REVIEWED", "2024-03-01", "RETAIN", {"review_outcome": "RETAIN", "next_review_on": date(2024, 3, 1)}),
    ("UNRESTRICT", None, None, {}),
    ("UNDISPUTE", None, None, {}),
    ("RATIFY", "OPEN", None, {}),
]


def marks(*decisions: dict) -> dict:
    (child,) = reconcile(tables_of("2022-06-01", [mention(M, born="2008-05-05")], decision=list(decisions))).child
    return {name: child.get(name) for name in UNMARKED}


def test_a_record_on_which_nothing_was_decided_has_no_mark() -> None:
    assert marks() == UNMARKED


@pytest.mark.parametrize(("action", "value", "code", "marked"), MARKED)
def test_an_action_marks_its_own_and_nothing_else(
    action: str, value: str | None, code: str | None, marked: dict
) -> None:
    assert marks(decision(1, action, M, "2022-03-01", value=value, reason_code=code)) == UNMARKED | marked


def test_every_action_that_marks_has_its_row_here() -> None:
    assert {action for action, *_ in MARKED} == {*MARKS, "RATIFY"}


@pytest.mark.parametrize(
    ("first", "second", "marked"),
    [
        ("RESTRICT", "UNRESTRICT", {}),
        ("DISPUTE", "UNDISPUTE", {}),
        ("UNRESTRICT", "RESTRICT", {"restricted": True}),
        ("UNDISPUTE", "DISPUTE", {"disputed": True}),
        ("RESTRICT", "UNDISPUTE", {"restricted": True}),
        ("DISPUTE", "UNRESTRICT", {"disputed": True}),
    ],
)
def test_the_later_of_two_marks_stands_and_lifts_no_other(first: str, second: str, marked: dict) -> None:
    assert marks(decision(1, first, M, "2022-03-01"), decision(2, second, M, "2022-03-02")) == UNMARKED | marked


@pytest.mark.parametrize(("action", "column"), [("VISITED", "visited_on"), ("TOOLKIT_COMPLETED", "toolkit_on")])
def test_the_last_visit_and_the_last_toolkit_are_shown(action: str, column: str) -> None:
    twice = [
        decision(1, action, M, "2022-03-01", value="2022-02-28"),
        decision(2, action, M, "2022-04-01", value="2022-03-30"),
    ]
    assert marks(*twice)[column] == date(2022, 3, 30)
