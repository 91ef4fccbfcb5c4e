"""What decisions mark on a child's record: one row for each action."""

from datetime import date

import pytest

from tests.reconcile.rows import decision, mention, tables_of
from transforms.reconcile import reconcile

M = "intel:r1#1"
UNMARKED = {
    "restricted": False,
    "disputed": False,
    "data_subject_category": "VICTIM_OR_MAY_BE",
    "visited_on": None,
    "toolkit_on": None,
}


def marks(*decisions: dict) -> dict:
    (child,) = reconcile(tables_of("2022-06-01", [mention(M, born="2008-05-05")], decision=list(decisions))).child
    return {name: child[name] for name in UNMARKED}


def test_a_record_on_which_nothing_was_decided_has_no_mark() -> None:
    assert marks() == UNMARKED


@pytest.mark.parametrize(
    ("action", "value", "marked"),
    [
        ("RESTRICT", None, {"restricted": True}),
        ("DISPUTE", None, {"disputed": True}),
        ("SUSPECT_EVIDENCE", None, {"data_subject_category": "SUSPECT"}),
        ("VISITED", "2022-02-27", {"visited_on": date(2022, 2, 27)}),
        ("VISITED", None, {"visited_on": date(2022, 3, 1)}),
        ("TOOLKIT_COMPLETED", "2022-02-26", {"toolkit_on": date(2022, 2, 26)}),
        ("TOOLKIT_COMPLETED", None, {"toolkit_on": date(2022, 3, 1)}),
        ("UNRESTRICT", None, {}),
        ("UNDISPUTE", None, {}),
        ("RATIFY", "OPEN", {}),
    ],
)
def test_an_action_marks_its_own_and_nothing_else(action: str, value: str | None, marked: dict) -> None:
    assert marks(decision(1, action, M, "2022-03-01", value=value)) == UNMARKED | marked


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
