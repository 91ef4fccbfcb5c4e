"""What is asked is answered: the catalogue of questions, what asks them, and what shows them are the same list."""

from datetime import date

import pytest

from expectations.actions import ACTIONS
from expectations.answers import AnswerNotValidError, decide
from expectations.contracts import contract
from expectations.questions import AGES, CASES, HELD, OTHERS, PAIRS, QUESTIONS, TASKS, asked_about, shown_in
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

MADE = [
    # a kind, the answer picked, what is typed beside it; its decision's action, value and reason code; must say why
    ("same_person", "Same person", "", "LINK", "", "", True),
    ("same_person", "Different people", "", "SEPARATE", "", "", True),
    ("same_person", "Cannot tell yet: ask again when something new comes", "", "UNDECIDED", "", "", False),
    ("which_person", "The same person as these, and none of the others", "A", "LINK", "A", "", True),
    ("which_person", "None of these", "", "SEPARATE", "", "", True),
    ("which_person", "Cannot tell yet: ask again when something new comes", "", "UNDECIDED", "", "", False),
    ("ratify", "Ratify as Open", "", "RATIFY", "OPEN", "", False),
    ("ratify", "Ratify as Vulnerable", "", "RATIFY", "VULNERABLE", "", False),
    ("ratify", "Not for the tracker", "", "DECLINE", "", "", True),
    ("age", "Date of birth, verified", "27/03/2009", "SET_DOB", "2009-03-27", "VERIFIED", False),
    ("age", "Date of birth, stated", "27/03/2009", "SET_DOB", "2009-03-27", "STATED", False),
    ("age", "Date of birth, estimated", "27/03/2009", "SET_DOB", "2009-03-27", "ESTIMATED", False),
    ("age", "Remove: is 18 or over", "", "REMOVE", "", "AGED_OUT", False),
    ("age", "Not for the tracker", "", "DECLINE", "", "", True),
    ("authority", "Lives in the authority named", "as typed", "SET_AUTHORITY", "as typed", "", False),
    ("authority", "Was placed by the authority named", "as typed", "SET_PLACING_AUTHORITY", "as typed", "", False),
    ("nrm_consent", "Consents, stays in the NRM", "", "NRM_DECISION", "CONSENT_GIVEN", "", False),
    ("nrm_consent", "Does not consent, leaves the NRM", "", "NRM_DECISION", "CONSENT_REFUSED", "", False),
    ("nrm_consent", "Decision received, namely", "as typed", "NRM_DECISION", "as typed", "", False),
    ("unsupported", "Keep, Open", "", "SET_STATUS", "OPEN", "", True),
    ("unsupported", "Keep, Vulnerable", "", "SET_STATUS", "VULNERABLE", "", True),
    ("unsupported", "Remove: no longer at risk", "", "REMOVE", "", "NO_LONGER_AT_RISK", True),
    ("unsupported", "Remove: entered in error", "", "REMOVE", "", "ENTERED_IN_ERROR", True),
    ("confirm", "Confirmed: carry it out", "", "CONFIRM", "Q-1", "", True),
    ("sca_action", "Reviewed and actioned", "", "ACTION_DONE", "ACTIONED", "", True),
    ("sca_action", "Reviewed, no further action", "", "ACTION_DONE", "NO_FURTHER_ACTION", "", True),
    ("moved_action", "Authority | force", "as typed", "MOVED", "as typed", "", False),
    ("route_action", "Told by hand, namely", "as typed", "PLACE_TOLD", "as typed", "", False),
    ("unheard_action", "Told by hand, namely", "as typed", "PLACE_TOLD", "as typed", "", False),
    ("unheard_action", "Not told before the next meeting, namely", "as typed", "PLACE_NOT_TOLD", "as typed", "", True),
    ("panel_action", "Done, with this outcome", "as typed", "ACTION_DONE", "as typed", "", False),
]
TASKS_OF_PEOPLE = {"SCA_REFERRAL", "MOVED_AWAY", "ROUTE", "UNHEARD", "PANEL"}
SHOWN = {
    HELD: ["confirm"],
    CASES: ["ratify"],
    PAIRS: ["same_person", "which_person"],
    AGES: ["age"],
    TASKS: ["sca_action", "moved_action", "route_action", "unheard_action", "panel_action"],
    OTHERS: ["authority", "nrm_consent", "unsupported"],
}
WHY = {
    "ratify": ["NEW", "AGAIN"],
    "age": ["AGE_DOUBTFUL", "AGE_UNKNOWN", "AGE_CONFLICT", "AGE_NEAR_18"],
    "authority": ["HOME_UNKNOWN", "HOME_NONE", "PLACING_NONE"],
    "nrm_consent": ["TURNED_18"],
    "unsupported": ["NO_REPORT"],
}


def values(table: str, column: str) -> set[str]:
    return set(next(c.values for c in contract(table).columns if c.name == column))


def test_every_kind_is_asked_by_something_and_nothing_else_is_asked() -> None:
    of_tasks = [name for name, kind in QUESTIONS.items() if kind.task]
    assert set(QUESTIONS) == {*ASKED, *OF_PAIRS, *OF_DECISIONS, *of_tasks}


def test_the_tables_may_hold_the_kinds_of_the_catalogue_and_no_other() -> None:
    assert values("review", "kind") == {name for name, kind in QUESTIONS.items() if not kind.task}
    assert values("action", "kind") == {kind.task for kind in QUESTIONS.values() if kind.task} == TASKS_OF_PEOPLE


def test_every_kind_stands_in_one_section_of_the_report() -> None:
    assert {section: shown_in(section) for section in SHOWN} == SHOWN
    assert sorted(name for names in SHOWN.values() for name in names) == sorted(QUESTIONS)


def test_every_kind_says_why_it_is_asked_in_a_sentence_for_each_code() -> None:
    assert {name: list(kind.why) for name, kind in QUESTIONS.items() if kind.why} == WHY
    assert all(why[0].isupper() and why[-1] in ".?" for kind in QUESTIONS.values() for why in kind.why.values())


def asked(kind: str) -> dict:
    about = {"review_id": "Q-1", "person_id": "P-1", "mention_key": "intel:r1#1", "other_mention_key": "intel:r2#1"}
    return {"kind": kind, "asked_on": date(2022, 6, 1), **about}


@pytest.mark.parametrize(("kind", "label", "typed", "action", "value", "code", "needs_reason"), MADE)
def test_an_answer_makes_the_decision_of_its_row(
    kind: str, label: str, typed: str, action: str, value: str, code: str, needs_reason: bool
) -> None:
    made = decide(asked(kind), label, typed, "Both were seen")
    assert (made["action"], made["value"], made["reason_code"]) == (action, value, code)
    if needs_reason:
        with pytest.raises(AnswerNotValidError, match="needs a reason"):
            decide(asked(kind), label, typed, "")
    else:
        assert decide(asked(kind), label, typed, "") == made | {"reason": ""}


def test_every_answer_that_can_be_picked_has_its_row_here() -> None:
    picked = [(name, choice.label) for name, kind in QUESTIONS.items() for choice in kind.choices]
    assert [(kind, label) for kind, label, *_ in MADE] == picked


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


def test_a_question_of_who_is_who_is_about_the_people_of_all_its_records_and_about_whom_it_was_asked_of():
    person_of = {"M-1": "P-1", "M-2": "P-2", "M-3": "P-3"}
    of_three = {"person_id": "P-0", "mention_key": "M-1", "other_mention_key": "M-2", "rivals": ["M-3"]}
    of_nobody_known = {"person_id": None, "mention_key": "M-8", "other_mention_key": "M-2", "rivals": None}
    assert asked_about([of_three, of_nobody_known], person_of) == {
        "P-0": [of_three],
        "P-1": [of_three],
        "P-2": [of_three, of_nobody_known],
        "P-3": [of_three],
    }
