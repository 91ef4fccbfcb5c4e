"""Who works on which question: taken, handed over, left, and locked for half an hour."""

from datetime import UTC, datetime, timedelta

import pytest

from connectors.register import handling
from connectors.register.answers import consulted
from connectors.register.database import entries, open_register, verify_chain
from connectors.register.handling import HANDED, LEFT, NOTED, TAKEN, handle, holders, story

NOON = datetime(2022, 11, 23, 12, tzinfo=UTC)
ABOUT = ("Q-1", "P-1")


@pytest.fixture
def register(tmp_path):
    return open_register(tmp_path / "register.sqlite")


def at(minutes: int) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat()


def test_what_somebody_took_bars_others_for_half_an_hour_and_is_theirs_after_it(register):
    handle(register, TAKEN, ABOUT, "uma", "uma", at=at(0))
    lately, later = (holders(register, NOON + timedelta(minutes=minutes))["Q-1"] for minutes in (29, 30))
    assert (lately.bars("vic"), lately.bars("uma"), later.bars("vic"), later.holder) == (True, False, False, "uma")


def test_what_was_handed_over_is_the_colleagues_and_bars_nobody(register):
    handle(register, TAKEN, ABOUT, "uma", "uma", at=at(0))
    handle(register, HANDED, ABOUT, "uma", "vic", "You know the family", at=at(1))
    found = holders(register, NOON)["Q-1"]
    assert (found.holder, found.bars("uma")) == ("vic", False)
    assert [(row["by"], row["holder"], row["note"]) for row in story(register, ["Q-1"])] == [
        ("uma", "vic", "You know the family")
    ]


def test_what_was_left_is_nobodys_and_a_note_moves_nothing(register):
    handle(register, TAKEN, ABOUT, "uma", "uma", at=at(0))
    handle(register, NOTED, ABOUT, "vic", note="Asked the school", at=at(1))
    assert holders(register, NOON)["Q-1"].holder == "uma"
    handle(register, LEFT, ABOUT, "uma", at=at(2))
    assert holders(register, NOON) == {}


def test_whoever_was_shown_somebody_has_been_here_and_a_name_with_a_slip_has_not(register):
    consulted(register, "uma", [("page", "P-1")])
    assert [handling.has_been_here(register, name) for name in ("uma", "umma", "")] == [True, False, False]


def test_each_step_is_in_the_processing_log_without_the_words_of_a_note(register):
    handle(register, NOTED, ABOUT, "vic", note="Zebedee told us")
    (entry,) = entries(register, ["P-1"], "ALTERATION")
    assert (entry["actor"], entry["record_ref"], entry["detail"]) == ("vic", "Q-1", "NOTED")
    assert "Zebedee" not in str(entry)
    assert verify_chain(register) == 1
