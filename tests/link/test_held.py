"""Two plausible answers that together would make one child of two: the second waits for a person, whichever it is."""

from pathlib import Path

import pytest

from expectations.contracts import contract
from night.link import link
from night.run import Run
from tests.link.rows import decisions, mentions
from tests.link.test_ids import two_namesakes
from tests.link.test_stage import run_of

ELDER, YOUNGER, UNDATED = "opening:E9", "opening:E3", "intel:u#1"
PEOPLE = mentions(*two_namesakes()).to_pylist()
SOURCES = {"opening": "opening", "btp": "btp_reports"}
EITHER = (("LINK", UNDATED, ELDER), ("LINK", UNDATED, YOUNGER))


def linked(folder: Path, number: int, *said: tuple[str, str, str], **given: str) -> Run:
    """A night up to and with link; `given` are columns of the last decision."""
    run = run_of(folder, number)
    writer = run.writer("normalise")
    people = [{**row, "source": SOURCES.get(row["mention_key"].split(":")[0], row["source"])} for row in PEOPLE]
    writer.table("mention", contract("mention").table_of(people))
    rows = decisions(*said).to_pylist()
    rows[-1:] = [{**row, **given} for row in rows[-1:]]
    writer.table("decision", contract("decision").table_of(rows))
    writer.seal({}, replaceable=True)
    link(run)
    return run


def who(run: Run) -> dict[str, str]:
    return {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}


def held(run: Run) -> list[tuple[str, str]]:
    return [
        (row["decision_id"], row["reason"])
        for row in run.rows("link", "refusal")
        if row["reason_code"] == "NEEDS_CONFIRMATION"
    ]


@pytest.mark.parametrize("order", [EITHER, EITHER[::-1]])
def test_the_second_of_two_answers_is_held_and_nobody_changes_places(tmp_path: Path, order: tuple) -> None:
    were = who(linked(tmp_path, 0))
    night = linked(tmp_path, 1, *order)
    are = who(night)
    assert (are[ELDER], are[YOUNGER]) == (were[ELDER], were[YOUNGER])
    assert are[UNDATED] == were[order[0][2]]
    ((decision, consequence),) = held(night)
    assert decision == "D001"
    assert "one child of two entries of the tracker" in consequence
    again = linked(tmp_path, 2, *order)
    assert who(again) == are
    assert held(again) == held(night)


@pytest.mark.parametrize("order", [EITHER, EITHER[::-1]])
def test_on_the_first_night_of_a_home_it_is_the_same(tmp_path: Path, order: tuple) -> None:
    night = linked(tmp_path, 0, *order)
    are = who(night)
    assert are[ELDER] != are[YOUNGER]
    assert [decision for decision, _ in held(night)] == ["D001"]


def test_a_confirmation_carries_it_out(tmp_path: Path) -> None:
    linked(tmp_path, 0)
    linked(tmp_path, 1, *EITHER)
    yes = ("CONFIRM", "", "")
    night = linked(tmp_path, 2, *EITHER, yes, value="decision:D001", reason="The family was seen")
    are = who(night)
    assert are[ELDER] == are[UNDATED] == are[YOUNGER]
    assert held(night) == []
    gone = [row for row in night.rows("link", "person_id") if row["merged_into"]]
    assert {row["merged_into"] for row in gone} == {are[ELDER]}


def test_the_answers_of_labels_count_as_confirmed(tmp_path: Path) -> None:
    linked(tmp_path, 0)
    night = linked(tmp_path, 1, *EITHER, origin="reviewer")
    assert held(night) == []
    assert who(night)[ELDER] == who(night)[YOUNGER]
