"""What is asked is answered: the catalogue of questions, what asks them, and what shows them are the same list."""

import pytest

from expectations.actions import ACTIONS
from expectations.contracts import contract
from expectations.questions import AGES, CASES, HELD, OTHERS, PAIRS, QUESTIONS, TASKS, shown_in
from transforms.reconcile.reviews import ASKED
from transforms.report.wording import label

OF_PAIRS = ("same_person", "which_person")  # asked by linkage
OF_DECISIONS = ("confirm",)  # asked of whatever is held
ANSWERED_BY = {
    "same_person": {"LINK", "SEPARATE", "UNDECIDED"},
    "which_person": {"LINK", "SEPARATE", "UNDECIDED"},
    "ratify": {"RATIFY", "DECLINE", "REOPEN"},
    "age": {"SET_DOB", "REMOVE", "DECLINE"},
    "authority": {"SET_AUTHORITY", "SET_PLACING_AUTHORITY", "SET_HOME_AREA", "MOVED", "REMOVE", "DECLINE"},
    "nrm_consent": {"NRM_DECISION"},
    "unsupported": {"SET_STATUS", "REMOVE"},
    "confirm": {"CONFIRM"},
    "sca_action": {"ACTION_DONE"},
    "moved_action": {"MOVED"},
    "route_action": {"PLACE_TOLD"},
    "unheard_action": {"PLACE_TOLD", "PLACE_NOT_TOLD"},
    "panel_action": {"ACTION_DONE"},
}


def values(table: str, column: str) -> set[str]:
    return set(next(c.values for c in contract(table).columns if c.name == column))


def test_every_kind_is_asked_by_something_and_nothing_else_is_asked() -> None:
    of_tasks = [name for name, kind in QUESTIONS.items() if kind.task]
    assert set(QUESTIONS) == {*ASKED, *OF_PAIRS, *OF_DECISIONS, *of_tasks}


def test_the_tables_may_hold_the_kinds_of_the_catalogue_and_no_other() -> None:
    assert values("review", "kind") == {name for name, kind in QUESTIONS.items() if not kind.task}
    assert values("action", "kind") == {kind.task for kind in QUESTIONS.values() if kind.task}


def test_every_kind_stands_in_one_section_of_the_report() -> None:
    shown = [name for section in (HELD, CASES, PAIRS, AGES, TASKS, OTHERS) for name in shown_in(section)]
    assert sorted(shown) == sorted(QUESTIONS)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_kind_is_answered_by_the_actions_of_its_row_and_by_no_other(name: str) -> None:
    assert QUESTIONS[name].answered_by == ANSWERED_BY[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_kind_can_be_answered_by_actions_that_there_are(name: str) -> None:
    kind = QUESTIONS[name]
    assert kind.choices
    assert kind.answered_by <= ACTIONS.keys()
    assert len({choice.label for choice in kind.choices}) == len(kind.choices)
    assert label(name) == kind.label
