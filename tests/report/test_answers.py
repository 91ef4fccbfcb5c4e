"""Answers in the register: recorded, taken back before the next night, read by the night's cut-off."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.register import answers
from connectors.register import database as register
from expectations.answers import AnswerNotValidError, decide, decide_all
from expectations.contracts import contract
from expectations.questions import QUESTIONS

TEN = datetime(2022, 11, 22, 10, tzinfo=UTC)
MIDNIGHT = datetime(2022, 11, 23, tzinfo=UTC)
SAME = {
    "review_id": "Q-1",
    "person_id": "P-0000000001",
    "action": "LINK",
    "mention_key": "intel:31/2022/000001#1",
    "other_mention_key": "intel:31/2022/000002#1",
    "reason": "Daniel is the same boy",
    "origin": "screen",
}
DIFFERENT = SAME | {"action": "SEPARATE"}


@pytest.fixture
def engine(tmp_path):
    return register.open_register(tmp_path / "register.sqlite")


def ids(engine, cutoff=MIDNIGHT):
    return [row["decision_id"] for row in answers.decisions_before(engine, cutoff)]


def entries(engine):
    with engine.connect() as connection:
        rows = connection.execute(register.processing_log.select().order_by(register.processing_log.c.seq))
        return [dict(row) for row in rows.mappings()]


def test_an_answer_is_a_decision_of_the_next_night(engine):
    recorded = answers.record(engine, [SAME], "sgt.4417", TEN)
    (row,) = answers.decisions_before(engine, MIDNIGHT)
    assert row["decision_id"] == recorded[0].decision_id
    assert (row["action"], row["decided_by"], row["decided_at"], row["origin"]) == ("LINK", "sgt.4417", TEN, "screen")
    assert set(row) == set(contract("landed_decision").names) - {"landed_on"}


def test_a_night_does_not_know_what_was_decided_after_its_midnight_in_london(engine):
    summer = datetime(2022, 6, 30, 22, 59, tzinfo=UTC)
    answers.record(engine, [SAME], "sgt.4417", summer)
    answers.record(engine, [SAME | {"review_id": "Q-2"}], "sgt.4417", summer + timedelta(minutes=1))
    assert len(ids(engine, datetime(2022, 6, 30, 23, tzinfo=UTC))) == 1


def test_an_answer_is_taken_back_before_the_next_night(engine):
    (recorded,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    assert [row["decision_id"] for row in answers.open_to_undo(engine, TEN)] == [recorded.decision_id]
    answers.undo(engine, recorded.decision_id, "sgt.4417", MIDNIGHT - timedelta(seconds=1))
    assert ids(engine) == []
    assert answers.open_to_undo(engine, TEN) == []


def test_after_midnight_an_answer_stays_so_that_every_night_can_be_made_again(engine):
    (recorded,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    with pytest.raises(answers.AnswerError, match="make a new decision instead"):
        answers.undo(engine, recorded.decision_id, "sgt.4417", MIDNIGHT)
    assert ids(engine) == [recorded.decision_id]
    assert answers.open_to_undo(engine, MIDNIGHT) == []


def test_an_answer_that_is_not_there_cannot_be_taken_back(engine):
    with pytest.raises(answers.AnswerError, match="no standing answer"):
        answers.undo(engine, "A-NONE", "sgt.4417", TEN)


def test_the_same_answer_given_twice_is_one_decision(engine):
    first = answers.record(engine, [SAME], "sgt.4417", TEN)
    again = answers.record(engine, [SAME], "sgt.9000", TEN + timedelta(hours=1))
    assert again == first
    assert len(ids(engine)) == 1


def test_two_people_who_answer_differently_are_told_and_the_first_answer_stands(engine):
    (first,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    (second,) = answers.record(engine, [DIFFERENT], "sgt.9000", TEN + timedelta(hours=1))
    assert "answered by sgt.4417 with LINK" in second.refused
    assert ids(engine) == [first.decision_id]


def test_one_refused_answer_stops_no_other(engine):
    answers.record(engine, [SAME], "sgt.4417", TEN)
    outcomes = answers.record(engine, [DIFFERENT, SAME | {"review_id": "Q-2"}], "sgt.9000", TEN)
    assert [bool(outcome.refused) for outcome in outcomes] == [True, False]


def test_once_a_night_has_taken_an_answer_up_another_answer_is_a_new_decision(engine):
    (first,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    (second,) = answers.record(engine, [DIFFERENT], "sgt.4417", MIDNIGHT + timedelta(hours=9))
    assert not second.refused
    assert ids(engine, MIDNIGHT + timedelta(days=1)) == [first.decision_id, second.decision_id]


def test_after_an_answer_was_taken_back_the_question_can_be_answered_again(engine):
    (first,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    answers.undo(engine, first.decision_id, "sgt.4417", TEN)
    (second,) = answers.record(engine, [DIFFERENT], "sgt.4417", TEN)
    assert not second.refused
    assert ids(engine) == [second.decision_id]


def test_every_answer_and_every_look_is_in_the_processing_log_with_identifiers_only(engine):
    (recorded,) = answers.record(engine, [SAME], "sgt.4417", TEN)
    answers.undo(engine, recorded.decision_id, "sgt.4417", TEN)
    answers.consulted(engine, "sgt.4417", [("Q-1", "P-0000000001"), ("Q-1", "P-0000000001")], MIDNIGHT.date())
    logged = entries(engine)
    assert [row["operation"] for row in logged] == ["ALTERATION", "ALTERATION", "CONSULTATION"]
    assert {row["person_id"] for row in logged} == {"P-0000000001"}
    assert "Daniel" not in str(logged)
    assert register.verify_chain(engine) == 3


@pytest.mark.parametrize("kind", QUESTIONS)
def test_every_choice_makes_a_decision_that_the_contract_knows(kind):
    actions = next(column.values for column in contract("decision").columns if column.name == "action")
    typed = {"date": "27/03/2009", "text": "some text", "letters": "A", "": ""}
    question = {"review_id": "Q-1", "kind": kind, "person_id": "P-1", "mention_key": "a", "other_mention_key": "b"}
    question["asked_on"] = MIDNIGHT.date()
    for choice in QUESTIONS[kind].choices:
        made = decide(question, choice.label, typed[choice.asks], "a reason")
        assert made["action"] in actions
        assert made["action"] in ("LINK", "SEPARATE", "UNDECIDED") or made["other_mention_key"] == ""


def test_a_date_is_read_as_people_here_write_it():
    question = {"review_id": "Q-1", "kind": "age", "person_id": None, "mention_key": "a", "other_mention_key": None}
    question["asked_on"] = MIDNIGHT.date()
    assert decide(question, "Date of birth, stated", "05/03/2009", "")["value"] == "2009-03-05"
    with pytest.raises(AnswerNotValidError, match="A date is needed"):
        decide(question, "Date of birth, stated", "03-05", "")


WHOSE = {
    "review_id": "Q-9",
    "kind": "which_person",
    "asked_on": MIDNIGHT.date(),
    "person_id": "P-1",
    "mention_key": "intel:x#1",
    "other_mention_key": "intel:a#1",
    "rivals": ["intel:b#1", "missing:c"],
}
THESE, NONE = (choice.label for choice in QUESTIONS["which_person"].choices[:2])


@pytest.mark.parametrize(
    ("label", "typed", "actions"),
    [
        (THESE, "b", ("SEPARATE", "LINK", "SEPARATE")),
        (THESE, "A and C", ("LINK", "SEPARATE", "LINK")),
        (THESE, "c,a", ("LINK", "SEPARATE", "LINK")),
        (NONE, "", ("SEPARATE", "SEPARATE", "SEPARATE")),
        ("Cannot tell yet: ask again when something new comes", "", ("UNDECIDED", "UNDECIDED", "UNDECIDED")),
    ],
)
def test_one_answer_to_whose_record_it_is_decides_about_every_candidate(label, typed, actions):
    made = decide_all(WHOSE, label, typed, "his mother said so")
    assert [row["other_mention_key"] for row in made] == ["intel:a#1", "intel:b#1", "missing:c"]
    assert tuple(row["action"] for row in made) == actions
    assert {(row["mention_key"], row["value"], row["review_id"]) for row in made} == {("intel:x#1", "", "Q-9")}


@pytest.mark.parametrize(
    ("typed", "says"), [("D", "There is no D here: the letters are A, B, C."), ("", "letters"), ("3", "letters")]
)
def test_letters_that_name_nobody_are_asked_for_again(typed, says):
    with pytest.raises(AnswerNotValidError, match=says):
        decide_all(WHOSE, THESE, typed, "a reason")


def whose(label, typed=""):
    return [row | {"origin": "screen"} for row in decide_all(WHOSE, label, typed, "a reason")]


def test_an_answer_about_several_candidates_is_recorded_and_taken_back_as_a_whole(engine):
    recorded = answers.record(engine, whose(THESE, "B"), "sgt.4417", TEN)
    assert len(ids(engine)) == 3
    answers.undo(engine, recorded[1].decision_id, "sgt.4417", TEN)
    assert ids(engine) == []


def test_the_same_answer_about_several_given_again_is_recorded_once_and_another_is_refused_as_a_whole(engine):
    first = answers.record(engine, whose(THESE, "B"), "sgt.4417", TEN)
    again = answers.record(engine, whose(THESE, "B"), "sgt.9000", TEN + timedelta(hours=1))
    assert [one.decision_id for one in again] == [one.decision_id for one in first]
    other = answers.record(engine, whose(NONE), "sgt.9000", TEN + timedelta(hours=1))
    assert all("answered by sgt.4417" in one.refused for one in other)
    assert len(ids(engine)) == 3
