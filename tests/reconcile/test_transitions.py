"""What each action of a person needs of a child's state, and what it leads to: a row for each action and state."""

import pytest

from tests.reconcile.rows import decision, mention, opening, tables_of
from transforms.reconcile import reconcile

M = "intel:r1#1"
RATIFIED = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")
DECLINED = decision(1, "DECLINE", M, "2022-02-01")
REMOVED = decision(2, "REMOVE", M, "2022-03-01", reason_code="MOVED_AREA")
VULNERABLE = decision(2, "SET_STATUS", M, "2022-03-01", value="VULNERABLE")

BEFORE = {
    "HELD": [],
    "PROPOSED": [],
    "DECLINED": [DECLINED],
    "OPEN": [RATIFIED],
    "VULNERABLE": [RATIFIED, VULNERABLE],
    "REMOVED": [RATIFIED, REMOVED],
}


def after(state: str, *decisions: dict) -> tuple[str, list[str]]:
    """The state that decisions lead to from another, and the reason codes of those refused."""
    weak = state == "HELD"
    named = mention(M, born="2008-05-05", involvement=None if weak else "LINKED")
    result = reconcile(tables_of("2022-06-01", [named], decision=[*BEFORE[state], *decisions]))
    return result.child[0]["state"], [row["reason_code"] for row in result.refusal]


@pytest.mark.parametrize("state", BEFORE)
def test_each_state_is_reached(state: str) -> None:
    assert after(state) == (state, [])


@pytest.mark.parametrize(
    ("action", "state", "leads_to", "refused"),
    [
        ("RATIFY", "HELD", "OPEN", []),
        ("RATIFY", "PROPOSED", "OPEN", []),
        ("RATIFY", "DECLINED", "OPEN", []),
        ("RATIFY", "OPEN", "OPEN", []),
        ("RATIFY", "VULNERABLE", "OPEN", []),
        ("RATIFY", "REMOVED", "OPEN", []),
        ("DECLINE", "HELD", "DECLINED", []),
        ("DECLINE", "PROPOSED", "DECLINED", []),
        ("DECLINE", "DECLINED", "DECLINED", []),
        ("DECLINE", "OPEN", "OPEN", ["ON_TRACKER"]),
        ("DECLINE", "VULNERABLE", "VULNERABLE", ["ON_TRACKER"]),
        ("DECLINE", "REMOVED", "REMOVED", []),
        ("SET_STATUS", "HELD", "HELD", ["NOT_ON_TRACKER"]),
        ("SET_STATUS", "PROPOSED", "PROPOSED", ["NOT_ON_TRACKER"]),
        ("SET_STATUS", "DECLINED", "DECLINED", ["NOT_ON_TRACKER"]),
        ("SET_STATUS", "OPEN", "OPEN", []),
        ("SET_STATUS", "VULNERABLE", "OPEN", []),
        ("SET_STATUS", "REMOVED", "REMOVED", ["NOT_ON_TRACKER"]),
        ("REMOVE", "HELD", "HELD", ["NOT_ON_TRACKER"]),
        ("REMOVE", "PROPOSED", "PROPOSED", ["NOT_ON_TRACKER"]),
        ("REMOVE", "DECLINED", "DECLINED", ["NOT_ON_TRACKER"]),
        ("REMOVE", "OPEN", "REMOVED", []),
        ("REMOVE", "VULNERABLE", "REMOVED", []),
        ("REMOVE", "REMOVED", "REMOVED", ["NOT_ON_TRACKER"]),
        ("REOPEN", "HELD", "HELD", ["NOT_REMOVED"]),
        ("REOPEN", "PROPOSED", "PROPOSED", ["NOT_REMOVED"]),
        ("REOPEN", "DECLINED", "DECLINED", ["NOT_REMOVED"]),
        ("REOPEN", "OPEN", "OPEN", ["NOT_REMOVED"]),
        ("REOPEN", "VULNERABLE", "VULNERABLE", ["NOT_REMOVED"]),
        ("REOPEN", "REMOVED", "OPEN", []),
    ],
)
def test_an_action_from_a_state_leads_where_its_row_says_or_is_refused(
    action: str, state: str, leads_to: str, refused: list[str]
) -> None:
    value = "OPEN" if action in ("RATIFY", "SET_STATUS") else None
    reason = "NO_LONGER_AT_RISK" if action == "REMOVE" else None
    assert after(state, decision(9, action, M, "2022-05-03", value=value, reason_code=reason)) == (leads_to, refused)


@pytest.mark.parametrize(
    ("action", "state", "value", "status"),
    [
        ("RATIFY", "PROPOSED", "VULNERABLE", "VULNERABLE"),
        ("RATIFY", "OPEN", "VULNERABLE", "VULNERABLE"),
        ("SET_STATUS", "OPEN", "VULNERABLE", "VULNERABLE"),
        ("REOPEN", "REMOVED", "VULNERABLE", "VULNERABLE"),
        ("REOPEN", "REMOVED", None, "OPEN"),
    ],
)
def test_the_status_is_the_one_that_the_decision_gives_else_the_last_one(
    action: str, state: str, value: str | None, status: str
) -> None:
    assert after(state, decision(9, action, M, "2022-05-03", value=value)) == (status, [])


def test_a_child_ratified_without_a_status_is_vulnerable() -> None:
    assert after("PROPOSED", decision(9, "RATIFY", M, "2022-05-03")) == ("VULNERABLE", [])


def spells(*decisions: dict, **entries: list) -> list[tuple]:
    mentions = [mention(M, born="2008-05-05"), *entries.pop("mentions", [])]
    result = reconcile(tables_of("2022-12-01", mentions, decision=list(decisions), **entries))
    columns = ("number", "added_on", "added_by", "removed_on", "removal_reason", "removed_by")
    return [tuple(str(row[name]) for name in columns) for row in result.spell]


def test_a_stay_has_its_days_the_decisions_that_caused_it_and_the_reason_of_its_end() -> None:
    again = decision(3, "REOPEN", M, "2022-05-03")
    assert spells(RATIFIED, REMOVED, again) == [
        ("1", "2022-02-01", "D00001", "2022-03-01", "MOVED_AREA", "D00002"),
        ("2", "2022-05-03", "D00003", "None", "None", "None"),
    ]


def test_to_ratify_a_child_on_the_tracker_again_begins_no_second_stay() -> None:
    assert len(spells(RATIFIED, decision(2, "RATIFY", M, "2022-04-05", value="VULNERABLE"))) == 1


def test_an_entry_taken_over_begins_its_stay_on_the_day_that_the_old_tracker_gives() -> None:
    taken_over = mention("opening:P1", "2022-01-01", born="2008-05-05")
    found = spells(mentions=[taken_over], opening_entry=[opening("P1", "2021-10-12", "VULNERABLE")])
    assert found == [("1", "2021-10-12", "opening:P1", "None", "None", "None")]


@pytest.mark.parametrize(
    ("action", "on", "born", "reason_code", "refused"),
    [
        ("REMOVE", "2022-06-12", "2004-06-13", "AGED_OUT", ["NOT_YET_18"]),
        ("REMOVE", "2022-06-13", "2004-06-13", "AGED_OUT", []),
        ("REMOVE", "2022-06-12", "2004-06-13", "MOVED_AREA", []),
        ("RATIFY", "2022-06-12", "2004-06-13", None, []),
        ("RATIFY", "2022-06-13", "2004-06-13", None, ["ALREADY_18"]),
    ],
)
def test_the_day_of_the_18th_birthday_itself_decides(
    action: str, on: str, born: str, reason_code: str | None, refused: list[str]
) -> None:
    first = [RATIFIED] if action == "REMOVE" else []
    last = decision(9, action, M, on, value="OPEN", reason_code=reason_code)
    result = reconcile(tables_of("2022-12-01", [mention(M, born=born)], decision=[*first, last]))
    assert [row["reason_code"] for row in result.refusal] == refused


def test_a_child_who_was_removed_and_has_turned_18_is_not_reopened() -> None:
    again = decision(9, "REOPEN", M, "2022-07-05")
    result = reconcile(tables_of("2022-12-01", [mention(M, born="2004-06-13")], decision=[RATIFIED, REMOVED, again]))
    assert [row["reason_code"] for row in result.refusal] == ["ALREADY_18"]


def test_a_child_ratified_before_the_date_of_birth_was_known_was_not_ratified_in_error() -> None:
    learnt = mention("intel:r2#1", "2022-09-01", born="2004-06-13")
    ratified = decision(1, "RATIFY", M, "2022-07-05", value="OPEN")
    result = reconcile(tables_of("2022-12-01", [mention(M), learnt], decision=[ratified]))
    assert result.refusal == []
    assert (result.child[0]["state"], str(result.child[0]["removed_on"])) == ("REMOVED", "2022-07-05")


BORN = "2004-06-13"


def of_one_who_turned_18(*decisions: dict) -> tuple[list[tuple], list[str]]:
    """Stays and refusals of a child whose verified 18th birthday is 13 June 2022."""
    result = reconcile(tables_of("2022-12-01", [mention(M, born=BORN)], decision=list(decisions)))
    stays = [(str(row["removed_on"]), row["removal_reason"], row["removed_by"]) for row in result.spell]
    return stays, [row["reason_code"] for row in result.refusal]


@pytest.mark.parametrize("on", ["2022-06-13", "2022-07-05"])
@pytest.mark.parametrize("action", ["SET_STATUS", "REMOVE"])
def test_from_the_18th_birthday_on_a_child_has_left_whatever_is_decided_later(on: str, action: str) -> None:
    late = decision(9, action, M, on, value="VULNERABLE", reason_code="MOVED_AREA")
    aged_out = [("2022-06-13", "AGED_OUT", "attains_18")]
    assert of_one_who_turned_18(RATIFIED, late) == (aged_out, ["NOT_ON_TRACKER"])


def test_the_day_before_the_18th_birthday_a_decision_counts_as_any_other() -> None:
    before = decision(9, "REMOVE", M, "2022-06-12", reason_code="MOVED_AREA")
    assert of_one_who_turned_18(RATIFIED, before) == ([("2022-06-12", "MOVED_AREA", "D00009")], [])


def test_the_birthday_ends_the_last_stay_and_leaves_an_earlier_one_as_it_was() -> None:
    again = decision(3, "REOPEN", M, "2022-05-03")
    confirmed = decision(4, "REMOVE", M, "2022-07-05", reason_code="AGED_OUT")
    stays = [("2022-03-01", "MOVED_AREA", "D00002"), ("2022-06-13", "AGED_OUT", "attains_18")]
    assert of_one_who_turned_18(RATIFIED, REMOVED, again) == (stays, [])
    assert of_one_who_turned_18(RATIFIED, REMOVED, again, confirmed) == (stays, [])


def test_a_child_who_was_removed_for_another_reason_did_not_age_out() -> None:
    confirmed = decision(4, "REMOVE", M, "2022-07-05", reason_code="AGED_OUT")
    assert of_one_who_turned_18(RATIFIED, REMOVED, confirmed)[1] == ["NOT_ON_TRACKER"]


def test_a_birthday_that_was_known_at_the_very_moment_of_the_decision_was_known() -> None:
    ratified = decision(1, "RATIFY", M, "2022-07-05", value="OPEN")
    same_moment = mention(M, "2022-07-06", born=BORN, stamp=ratified["decided_at"])
    result = reconcile(tables_of("2022-12-01", [same_moment], decision=[ratified]))
    assert [row["reason_code"] for row in result.refusal] == ["ALREADY_18"]


def test_what_came_between_two_stays_is_old_after_the_second() -> None:
    again = decision(3, "REOPEN", M, "2022-05-03")
    gone = decision(4, "REMOVE", M, "2022-07-05", reason_code="MOVED_AREA")
    between = mention("intel:r2#1", "2022-04-01", born="2008-05-05")
    later = mention("intel:r3#1", "2022-08-01", born="2008-05-05")
    life = [RATIFIED, REMOVED, again, gone]
    first = tables_of("2022-12-01", [mention(M, born="2008-05-05"), between], decision=life)
    assert reconcile(first).child[0]["state"] == "REMOVED"
    then = tables_of("2022-12-01", [mention(M, born="2008-05-05"), between, later], decision=life)
    assert reconcile(then).child[0]["state"] == "PROPOSED"


def test_a_birthday_learnt_late_ends_a_stay_that_began_after_it_on_the_day_it_began() -> None:
    again = decision(3, "REOPEN", M, "2022-07-05")
    learnt = mention("intel:r2#1", "2022-09-01", born=BORN)
    result = reconcile(tables_of("2022-12-01", [mention(M), learnt], decision=[RATIFIED, REMOVED, again]))
    assert [str(row["removed_on"]) for row in result.spell] == ["2022-03-01", "2022-07-05"]
