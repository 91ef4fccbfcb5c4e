"""What contradicts what people decided is seen before it is recorded."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.register import answers
from night.answering import take
from night.foresight import contradicted
from night.run import Run
from tests.report.a_home import a_home

ONE, TWO, THREE = "intel:31/2022/000100#1", "intel:31/2022/000901#2", "intel:31/2022/000600#1"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return a_home(tmp_path_factory.mktemp("answering"))


@pytest.fixture
def run(home: Run) -> Iterator[Run]:
    yield home
    while waiting := answers.open_to_undo(home.register, datetime.now(UTC)):
        answers.undo(home.register, waiting[0]["decision_id"], "test")


def said(review_id: str, action: str, one: str, other: str) -> dict[str, Any]:
    pair = {"mention_key": one, "other_mention_key": other}
    return {"review_id": review_id, "action": action, **pair, "reason": "a reason", "origin": "worklist"}


def recorded(run: Run) -> list[tuple[str, str, str]]:
    rows = answers.decisions_before(run.register, answers.taken_up_at(datetime.now(UTC)))
    return [(row["action"], row["mention_key"], row["other_mention_key"]) for row in rows]


def test_answers_that_contradict_each_other_are_not_all_recorded_and_it_is_said_which(run: Run) -> None:
    same, also, apart = (
        said("Q-1", "LINK", ONE, TWO),
        said("Q-2", "LINK", TWO, THREE),
        said("Q-3", "SEPARATE", ONE, THREE),
    )
    taken = {one.review_id: one.sentence for one in take(run, [same, also, apart], "sgt.4417")}
    assert (taken["Q-1"], taken["Q-2"]) == ("", "")
    assert taken["Q-3"].startswith(
        f"Q-3: not recorded. {ONE} and {THREE} cannot be different people: the answer to Q-2"
    )
    assert [row[0] for row in recorded(run)] == ["LINK", "LINK"]


def test_an_answer_that_contradicts_one_that_waits_for_the_night_is_shown_and_not_recorded(run: Run) -> None:
    (first,) = take(run, [said("Q-1", "SEPARATE", ONE, TWO)], "sgt.4417")
    (linked, against) = contradicted(run, [said("Q-2", "LINK", ONE, THREE), said("Q-3", "LINK", THREE, TWO)])
    assert linked == ""
    assert f"decision {first.decision_id} says that {ONE} and {TWO} are different people" in against
    assert "Decide that pair anew to change it." in against


def test_an_answer_about_several_people_is_recorded_as_a_whole_or_not_at_all(run: Run) -> None:
    take(run, [said("Q-1", "SEPARATE", ONE, TWO)], "sgt.4417")
    whose = [said("Q-9", "LINK", THREE, ONE), said("Q-9", "LINK", THREE, TWO)]
    (taken,) = take(run, whose, "sgt.9000")
    assert taken.refused.startswith("Q-9: not recorded.")
    assert [row[0] for row in recorded(run)] == ["SEPARATE"]


def test_one_answer_without_its_form_does_not_hide_what_contradicts_in_the_others(run: Run) -> None:
    unformed = {**said("Q-7", "SET_STATUS", ONE, ""), "value": "CLOSED"}
    same = said("Q-1", "LINK", ONE, TWO), said("Q-2", "LINK", TWO, THREE)
    taken = {
        one.review_id: one.sentence
        for one in take(run, [*same, unformed, said("Q-3", "SEPARATE", ONE, THREE)], "sgt.4417")
    }
    assert taken["Q-7"].startswith("Q-7: not recorded.")
    assert taken["Q-3"].startswith("Q-3: not recorded.")
    assert [row[0] for row in recorded(run)] == ["LINK", "LINK"]


@pytest.mark.parametrize("record", ["opening:0001", "intel:31/2022/000100#1", "intel:31/2022/000901#2"])
@pytest.mark.parametrize(("action", "value"), [("RATIFY", "OPEN"), ("DECLINE", "")])
def test_a_new_case_waits_for_who_it_is_whichever_record_names_the_child_and_wherever_it_is_decided(
    run: Run, record: str, action: str, value: str
) -> None:
    (taken,) = take(run, [{**said("Q-8", action, record, ""), "value": value}], "sgt.4417")
    assert taken.refused.startswith("Q-8: not recorded. It is asked who this is: answer Q-SAME00000001 first.")
    assert recorded(run) == []


def test_a_case_that_nobody_asks_about_is_decided_and_so_is_what_is_of_no_new_case(run: Run) -> None:
    new = {**said("Q-8", "RATIFY", "missing:M-77", ""), "value": "OPEN"}
    known = {**said("Q-9", "SET_STATUS", "opening:0001", ""), "value": "VULNERABLE"}
    assert [one.sentence for one in take(run, [new, known], "sgt.4417")] == ["", ""]
    assert [row[0] for row in recorded(run)] == ["RATIFY", "SET_STATUS"]


def test_the_same_pair_decided_anew_contradicts_nothing(run: Run) -> None:
    take(run, [said("Q-1", "SEPARATE", ONE, TWO)], "sgt.4417")
    assert contradicted(run, [said("Q-5", "LINK", ONE, TWO)]) == [""]
