"""Which decisions of one meeting contradict each other: a row for each pair."""

from itertools import product

import pytest

from tests.reconcile.rows import decision, mention, tables_of
from transforms.reconcile import reconcile

M = "intel:r1#1"
MEETING, ANOTHER = "CLVT-2022-05", "CLVT-2022-06"
ACTIONS = ("RATIFY", "DECLINE", "SET_STATUS", "REMOVE", "REOPEN")

# Of these pairs in one meeting the first stands. Each is tried from the states in which the first is accepted.
CONTRADICT = {
    ("RATIFY", "DECLINE"),
    ("RATIFY", "REMOVE"),
    ("DECLINE", "RATIFY"),
    ("DECLINE", "REOPEN"),
    ("REMOVE", "RATIFY"),
    ("REMOVE", "REOPEN"),
    ("REMOVE", "SET_STATUS"),
    ("REOPEN", "REMOVE"),
    ("REOPEN", "DECLINE"),
}
EARLIER = {
    "RATIFY": [],
    "DECLINE": [],
    "SET_STATUS": ["RATIFY"],
    "REMOVE": ["RATIFY"],
    "REOPEN": ["RATIFY", "REMOVE"],
}


def made(number: int, action: str, on: str, meeting: str | None, value: str = "OPEN") -> dict:
    return decision(
        number,
        action,
        M,
        on,
        meeting_ref=meeting,
        value=value if action in ("RATIFY", "SET_STATUS") else None,
        reason_code="NO_LONGER_AT_RISK" if action == "REMOVE" else None,
    )


def refused(first: dict, second: dict) -> list[tuple[str, str | None]]:
    before = [made(10 + n, action, f"2022-0{n + 2}-01", None) for n, action in enumerate(EARLIER[first["action"]])]
    night = tables_of("2022-12-01", [mention(M, born="2008-05-05")], decision=[*before, first, second])
    rows = reconcile(night).refusal
    assert all(row["decision_id"] == second["decision_id"] for row in rows)
    return [(row["reason_code"], row["contradicts"]) for row in rows]


@pytest.mark.parametrize(("first", "second"), list(product(ACTIONS, repeat=2)))
def test_of_two_decisions_of_one_meeting_the_second_contradicts_or_does_not(first: str, second: str) -> None:
    found = refused(made(1, first, "2022-05-03", MEETING), made(2, second, "2022-05-03", MEETING))
    assert (found == [("CONTRADICTS", "D00001")]) is ((first, second) in CONTRADICT)


@pytest.mark.parametrize(("first", "second"), sorted(CONTRADICT))
def test_what_a_later_meeting_decides_contradicts_nothing(first: str, second: str) -> None:
    found = refused(made(1, first, "2022-05-03", MEETING), made(2, second, "2022-06-07", ANOTHER))
    assert "CONTRADICTS" not in [code for code, _ in found]


@pytest.mark.parametrize(("first", "second"), sorted(CONTRADICT))
def test_decisions_outside_a_meeting_contradict_nothing(first: str, second: str) -> None:
    found = refused(made(1, first, "2022-05-03", None), made(2, second, "2022-05-03", None))
    assert "CONTRADICTS" not in [code for code, _ in found]


def test_to_ratify_twice_with_different_status_contradicts_and_with_the_same_changes_nothing() -> None:
    opened = made(1, "RATIFY", "2022-05-03", MEETING)
    assert refused(opened, made(2, "RATIFY", "2022-05-03", MEETING, "VULNERABLE")) == [("CONTRADICTS", "D00001")]
    assert refused(opened, made(2, "RATIFY", "2022-05-03", MEETING, "OPEN")) == []


def test_a_decision_that_was_refused_contradicts_nothing() -> None:
    refused_one = made(1, "REMOVE", "2022-05-03", MEETING)
    ratified = made(2, "RATIFY", "2022-05-03", MEETING)
    night = tables_of("2022-12-01", [mention(M, born="2008-05-05")], decision=[refused_one, ratified])
    result = reconcile(night)
    assert [(row["decision_id"], row["reason_code"]) for row in result.refusal] == [("D00001", "NOT_ON_TRACKER")]
    assert result.child[0]["state"] == "OPEN"
