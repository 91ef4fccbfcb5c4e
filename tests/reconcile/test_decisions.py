"""What does each decision do, and which does nothing and is refused?"""

from datetime import date

import pytest

from tests.reconcile.rows import day, decision, mention, next_night, opening, report, tables_of
from transforms.reconcile import reconcile

M = "intel:r1#1"
RATIFIED = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")


def night(*decisions: dict, as_of: str = "2022-06-01", **recorded: object):
    return reconcile(tables_of(as_of, [mention(M, born="2008-05-05", **recorded)], decision=list(decisions)))


def child(*decisions: dict, **given: object) -> dict:
    return night(*decisions, **given).child[0]


def refused(*decisions: dict, **given: object) -> dict[str, str]:
    return {row["decision_id"]: row["reason_code"] for row in night(*decisions, **given).refusal}


def test_a_name_that_is_set_stands_before_what_was_recorded_or_taken_over() -> None:
    entry = child(decision(2, "SET_NAME", M, "2022-02-02", value="Osei, Kwame Robin"))
    assert (entry["surname"], entry["given_names"]) == ("Osei", "Kwame Robin")
    over = [mention("opening:E1", born="2008-05-05", surname="Wrong")]
    said = [decision(2, "SET_NAME", "opening:E1", "2022-02-02", value="Osei, Kwame")]
    found = reconcile(tables_of("2022-06-01", over, decision=said, opening_entry=[opening("E1", "2022-01-01")]))
    assert found.child[0]["surname"] == "Osei"


def test_an_address_that_is_set_and_of_which_a_part_is_not_known() -> None:
    recorded = {"address": "1 Old Lane", "postcode": "NG1 1AA"}
    both = child(decision(2, "SET_ADDRESS", M, "2022-02-02", value="12 High Street | NG2 2BB"), **recorded)
    assert (both["address"], both["postcode"]) == ("12 High Street", "NG2 2BB")
    only = child(decision(2, "SET_ADDRESS", M, "2022-02-02", value=" | NG2 2BB"), **recorded)
    assert (only["address"], only["postcode"]) == ("1 Old Lane", "NG2 2BB")


def test_home_area_and_placing_authority_that_are_set() -> None:
    entry = child(
        decision(2, "SET_HOME_AREA", M, "2022-02-02", value="City South"),
        decision(3, "SET_PLACING_AUTHORITY", M, "2022-02-02", value="E08000025"),
        home_area="City North",
        placing_authority="COUNTY",
    )
    assert (entry["policing_area"], entry["placing_authority"]) == ("City South", "E08000025")


def test_the_last_words_for_partners_stand_with_their_urgency_and_day() -> None:
    entry = child(
        decision(2, "CONCERN", M, "2022-02-02", value="Has a new phone", reason_code="ROUTINE"),
        decision(3, "CONCERN", M, "2022-03-02", value="Afraid to go home", reason_code="IMMEDIATE"),
    )
    assert (entry["concern"], entry["concern_urgency"], entry["concern_on"]) == (
        "Afraid to go home",
        "IMMEDIATE",
        date(2022, 3, 2),
    )


def test_a_review_says_what_follows_and_when_the_next_one_is() -> None:
    entry = child(decision(2, "REVIEWED", M, "2022-02-02", value="2028-02-02", reason_code="RETAIN"))
    assert (entry["review_outcome"], entry["next_review_on"]) == ("RETAIN", date(2028, 2, 2))


LEFT = decision(2, "REMOVE", M, "2022-03-01", reason_code="MOVED_AREA")


def test_a_child_who_moved_away_leaves_a_task_until_it_is_said_where_to() -> None:
    (task,) = night(RATIFIED, LEFT).action
    assert (task["kind"], task["what"], task["raised_on"], task["done_on"]) == (
        "MOVED_AWAY",
        "Where to, and who was told?",
        date(2022, 3, 1),
        None,
    )
    gone = decision(3, "MOVED", M, "2022-03-04", value="E08000025 | 20")
    found = night(RATIFIED, LEFT, gone)
    assert (found.action[0]["done_on"], found.action[0]["outcome"]) == (date(2022, 3, 4), "E08000025 | 20")
    assert (found.child[0]["moved_to_authority"], found.child[0]["moved_to_force"]) == ("E08000025", "20")


def test_a_destination_that_was_known_before_the_removal_settles_it() -> None:
    before = decision(3, "MOVED", M, "2022-02-20", value="E08000025 | 20")
    assert night(RATIFIED, LEFT, before).action[0]["done_on"] == date(2022, 3, 1)


def meeting(number: int, ref: str, on: str, typed: str) -> dict:
    return decision(number, "MEETING", "", typed, value=on, meeting_ref=ref)


def test_what_a_meeting_decided_counts_from_its_day_whenever_it_was_typed_in() -> None:
    ratified = decision(2, "RATIFY", M, "2022-12-28", value="OPEN", meeting_ref="CLVT-2022-12")
    removed = decision(3, "REMOVE", M, "2023-01-12", reason_code="NO_LONGER_AT_RISK", meeting_ref="CLVT-2023-01")
    days = [
        meeting(4, "CLVT-2022-12", "2022-12-06", "2022-12-28"),
        meeting(5, "CLVT-2023-01", "2023-01-03", "2023-01-12"),
    ]
    entry = child(ratified, removed, *days, as_of="2023-01-20")
    assert (entry["added_on"], entry["removed_on"]) == (date(2022, 12, 6), date(2023, 1, 3))


def test_a_day_of_the_meeting_that_comes_later_counts_too_and_the_last_word_on_it_stands() -> None:
    ratified = decision(2, "RATIFY", M, "2022-12-08", value="OPEN", meeting_ref="CLVT-2022-12")
    slip, right = (
        meeting(4, "CLVT-2022-12", "2022-12-05", "2022-12-09"),
        meeting(5, "CLVT-2022-12", "2022-12-06", "2022-12-10"),
    )
    assert child(ratified, as_of="2022-12-20")["added_on"] == date(2022, 12, 8)
    assert child(ratified, slip, right, as_of="2022-12-20")["added_on"] == date(2022, 12, 6)


def test_the_day_of_a_meeting_moves_nothing_but_what_a_meeting_decides() -> None:
    visited = decision(2, "CONCERN", M, "2022-12-08", value="New phone", reason_code="SOON", meeting_ref="CLVT-2022-12")
    entry = child(visited, meeting(3, "CLVT-2022-12", "2022-12-06", "2022-12-08"), as_of="2022-12-20")
    assert entry["concern_on"] == date(2022, 12, 8)


def test_decisions_are_carried_out_in_the_order_of_the_days_from_which_they_count() -> None:
    removed = decision(1, "REMOVE", M, "2022-12-07", reason_code="NO_LONGER_AT_RISK", meeting_ref="")
    ratified = decision(2, "RATIFY", M, "2022-12-08", value="OPEN", meeting_ref="CLVT-2022-12")
    found = night(removed, ratified, meeting(3, "CLVT-2022-12", "2022-12-06", "2022-12-08"), as_of="2022-12-20")
    assert (found.child[0]["added_on"], found.child[0]["removed_on"]) == (date(2022, 12, 6), date(2022, 12, 7))
    assert found.refusal == []


@pytest.mark.parametrize(
    "action", ["RATIFY", "SET_DOB", "SET_GENDER", "SET_NAME", "SUSPECT_EVIDENCE", "VISITED", "CONCERN", "NRM_SUBMITTED"]
)
@pytest.mark.parametrize("role", ["SUSPECT", "ASSOCIATE"])
def test_what_is_done_to_a_child_s_record_cannot_be_done_to_somebody_who_has_none(action: str, role: str) -> None:
    values = {"SET_DOB": "2010-01-01", "VISITED": "2022-02-01"}
    given = decision(1, action, M, "2022-02-01", value=values.get(action, "OPEN"), reason_code="SOON", reason="Seen")
    assert refused(given, role=role) == {"D00001": "NOT_A_CHILD"}


@pytest.mark.parametrize("action", ["RESTRICT", "DISPUTE"])
@pytest.mark.parametrize("role", ["CHILD", "SUSPECT", "ASSOCIATE"])
def test_protections_hold_for_everybody(action: str, role: str) -> None:
    assert refused(decision(1, action, M, "2022-02-01"), role=role) == {}


@pytest.mark.parametrize("role", ["CHILD", "SUSPECT", "ASSOCIATE"])
def test_what_is_kept_of_anybody_can_be_reviewed(role: str) -> None:
    reviewed = decision(1, "REVIEWED", M, "2022-02-01", value="2028-02-01", reason_code="RETAIN")
    assert refused(reviewed, role=role) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("RESTRICT", "RESTRICT"),
        ("", "UNRESTRICT"),
        ("DISPUTE", "DISPUTE"),
        ("", "UNDISPUTE"),
        ("SUSPECT_EVIDENCE", "SUSPECT_EVIDENCE"),
        ("", "UNSHARE_SUSPECT"),
    ],
)
def test_a_decision_that_leaves_everything_as_it_was_is_refused(before: str, after: str) -> None:
    earlier = [decision(1, before, M, "2022-05-01", reason="Seen")] if before else []
    idle = decision(2, after, M, "2022-05-31", value="CCEP" if "SHARE" in after else None, reason="Seen")
    assert refused(*earlier, idle) == {"D00002": "ALREADY_SO"}


@pytest.mark.parametrize("action", ["RESTRICT", "DISPUTE", "SUSPECT_EVIDENCE"])
def test_the_first_decision_that_turns_something_on_is_not_refused(action: str) -> None:
    assert refused(decision(1, action, M, "2022-05-31", reason="Seen")) == {}


@pytest.mark.parametrize(
    ("action", "value", "code", "says_otherwise"),
    [
        ("RATIFY", "OPEN", None, "VULNERABLE"),
        ("SET_STATUS", "OPEN", None, "VULNERABLE"),
        ("SET_DOB", "2008-05-05", "VERIFIED", "2008-05-06"),
        ("SET_GENDER", "Male", None, "Female"),
        ("SET_NAME", "EXAMPLE, Robin", None, "EXAMPLE, Robyn"),
        ("SET_ADDRESS", "1 High Street | NG1 1AA", None, "2 High Street | NG1 1AA"),
        ("SET_AUTHORITY", "CITY", None, "COUNTY"),
        ("SET_HOME_AREA", "Ashfield", None, "Mansfield"),
        ("VISITED", "2022-04-30", None, "2022-05-01"),
        ("TOOLKIT_COMPLETED", "2022-04-30", None, "2022-05-01"),
        ("REVIEWED", "2023-04-30", "RETAIN", "2024-04-30"),
        ("MOVED", "E06000016 | 33", None, "E06000018 | 33"),
    ],
)
def test_to_decide_again_what_is_so_already_is_refused_and_to_decide_otherwise_is_not(
    action: str, value: str, code: str | None, says_otherwise: str
) -> None:
    ratified = decision(1, "RATIFY", M, "2022-04-01", value="OPEN")
    first = decision(2, action, M, "2022-05-01", value=value, reason_code=code)
    again = decision(3, action, M, "2022-05-31", value=value, reason_code=code)
    earlier = [ratified] if action in ("RATIFY", "SET_STATUS") else [ratified, first]
    assert refused(*earlier, again) == {"D00003": "ALREADY_SO"}
    assert refused(*earlier, {**again, "value": says_otherwise}) == {}


@pytest.mark.parametrize(
    ("action", "first", "then"),
    [
        ("SET_DOB", ("2008-05-05", "STATED"), ("2008-05-05", "VERIFIED")),
        ("REVIEWED", ("2023-04-30", "RETAIN"), ("2023-04-30", "ERASE")),
        ("MOVED", ("E06000016 | 33", None), ("E06000016 | 20", None)),
    ],
)
def test_to_say_the_same_value_for_another_reason_or_with_another_force_is_news(
    action: str, first: tuple[str, str | None], then: tuple[str, str | None]
) -> None:
    said = [
        decision(number, action, M, f"2022-05-{number:02d}", value=value, reason_code=code)
        for number, (value, code) in ((1, first), (31, then))
    ]
    assert refused(*said) == {}


@pytest.mark.parametrize("missing", ["mention_key", "other_mention_key"])
def test_a_decision_on_two_records_of_which_one_is_not_known_has_no_effect(missing: str) -> None:
    two = [mention(M), mention("intel:r2#1")]
    keys = {"mention_key": M, "other_mention_key": "intel:r2#1"} | {missing: "intel:r3#1"}
    said = decision(1, "SEPARATE", keys["mention_key"], "2022-05-30", other_mention_key=keys["other_mention_key"])
    night = reconcile(tables_of("2022-05-31", two, decision=[said]))
    assert {row["decision_id"]: row["reason_code"] for row in night.refusal} == {"D00001": "UNKNOWN_MENTION"}


def test_to_say_that_a_child_stays_as_it_is_answers_no_other_question_and_none_about_another_child() -> None:
    rows = [mention(M), mention("intel:r2#1", born="2008-05-05", surname="Other")]
    persons = {M: "P-A", "intel:r2#1": "P-B"}
    ratified = [decision(n, "RATIFY", key, "2022-02-01", value="OPEN") for n, key in enumerate(persons, 1)]
    first = tables_of("2022-05-31", rows, persons, decision=ratified)
    asked = reconcile(first)
    assert [(row["kind"], row["person_id"]) for row in asked.review if row["is_open"]] == [("age", "P-A")]
    again = [decision(n, "SET_STATUS", key, "2022-05-31", value="OPEN") for n, key in enumerate(persons, 3)]
    night = reconcile(next_night(first, asked, "2022-06-01", decision=[*ratified, *again]))
    assert {row["decision_id"]: row["reason_code"] for row in night.refusal} == dict.fromkeys(
        ("D00003", "D00004"), "ALREADY_SO"
    )


def test_to_say_that_a_child_stays_as_it_is_answers_the_question_whether_it_does() -> None:
    rows = [mention(M, born="2008-05-05")]
    ratified = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")
    first = tables_of("2022-05-31", rows, decision=[ratified], report=[report("r1", "3EP")])
    asked = reconcile(first)
    assert [row["kind"] for row in asked.review if row["is_open"]] == ["unsupported"]
    keep = decision(2, "SET_STATUS", M, "2022-05-31", value="OPEN", reason="The school is sure")
    answered = reconcile(
        next_night(first, asked, "2022-06-01", decision=[ratified, keep], report=[report("r1", "3EP")])
    )
    assert answered.refusal == []
    assert [row["answer"] for row in answered.review if row["kind"] == "unsupported"] == ["SET_STATUS"]


@pytest.mark.parametrize("action", ["LINK", "SEPARATE"])
def test_to_rule_again_on_the_same_two_is_refused(action: str) -> None:
    two = [mention(M), mention("intel:r2#1")]
    rulings = [decision(n, action, M, f"2022-05-{n:02d}", other_mention_key="intel:r2#1") for n in (1, 30)]
    persons = {M: "P-A", "intel:r2#1": "P-A" if action == "LINK" else "P-B"}
    night = reconcile(tables_of("2022-05-31", two, persons, decision=rulings))
    assert {row["decision_id"]: row["reason_code"] for row in night.refusal} == {"D00030": "ALREADY_SO"}


@pytest.mark.parametrize(("before", "after"), [("LINK", "SEPARATE"), ("SEPARATE", "LINK"), ("UNDECIDED", "UNDECIDED")])
def test_to_rule_otherwise_on_the_same_two_or_to_leave_it_open_again_is_not_refused(before: str, after: str) -> None:
    two = [mention(M), mention("intel:r2#1")]
    said = [decision(1, before, M, "2022-05-01", other_mention_key="intel:r2#1")]
    said += [decision(2, after, M, "2022-05-30", other_mention_key="intel:r2#1")]
    night = reconcile(tables_of("2022-05-31", two, {M: "P-A", "intel:r2#1": "P-B"}, decision=said))
    assert night.refusal == []


@pytest.mark.parametrize(
    ("said", "before", "code"),
    [
        ({"role": "CHILD"}, None, "IS_A_CHILD"),
        ({"role": "SUSPECT"}, "RESTRICT", "RESTRICTED"),
        ({"role": "ASSOCIATE"}, "DISPUTE", "DISPUTED"),
    ],
)
def test_sharing_somebody_whom_the_rule_of_release_keeps_here_is_refused_and_stays_so(
    said: dict, before: str | None, code: str
) -> None:
    kept = [decision(1, before, M, "2022-05-01")] if before else []
    shared = decision(2, "SHARE_SUSPECT", M, "2022-05-31", value="CCEP", reason="Waits at the gate")
    rows = [mention(M, born="1990-05-05", **said)]
    first = tables_of("2022-06-01", rows, decision=[*kept, shared])
    night = reconcile(first)
    assert {row["decision_id"]: row["reason_code"] for row in night.refusal} == {"D00002": code}
    later = reconcile(next_night(first, night, "2022-06-02"))
    assert {row["decision_id"]: row["reason_code"] for row in later.refusal} == {"D00002": code}
    assert [row["refused_on"] for row in (*night.refusal, *later.refusal)] == [day("2022-06-01")] * 2
    if kept:
        lifted = decision(3, f"UN{before}", M, "2022-06-01")
        anew = {**shared, "decision_id": "D00004", "decided_at": lifted["decided_at"], "landed_on": day("2022-06-02")}
        after = reconcile(next_night(first, night, "2022-06-02", decision=[*kept, shared, lifted, anew]))
        assert {row["decision_id"]: row["reason_code"] for row in after.refusal} == {"D00002": code}


def test_a_confirmed_sharing_of_somebody_recorded_as_a_child_is_refused_all_the_same() -> None:
    shared = decision(1, "SHARE_SUSPECT", M, "2022-05-30", value="CCEP", reason="Waits at the gate")
    let_go = decision(2, "CONFIRM", "", "2022-05-31", value="decision:D00001", reason="Seen")
    rows = [mention(M, born="2008-05-05")]
    first = tables_of("2022-05-31", rows, decision=[shared])
    held = reconcile(first)
    assert [row["reason_code"] for row in held.refusal] == ["NEEDS_CONFIRMATION"]
    night = reconcile(next_night(first, held, "2022-06-01", decision=[shared, let_go]))
    assert {row["decision_id"]: row["reason_code"] for row in night.refusal} == {"D00001": "IS_A_CHILD"}


def test_a_suspect_who_may_be_under_18_is_shared_once_a_person_has_confirmed_it() -> None:
    shared = decision(1, "SHARE_SUSPECT", M, "2022-05-30", value="CCEP", reason="Waits at the gate")
    let_go = decision(2, "CONFIRM", "", "2022-05-31", value="decision:D00001", reason="Seen")
    first = tables_of("2022-05-31", [mention(M, born="2008-05-05", role="SUSPECT")], decision=[shared])
    held = reconcile(first)
    assert [row["reason_code"] for row in held.refusal] == ["NEEDS_CONFIRMATION"]
    assert reconcile(next_night(first, held, "2022-06-01", decision=[shared, let_go])).refusal == []


def test_sharing_with_one_panel_does_not_end_by_another() -> None:
    shared = decision(1, "SHARE_SUSPECT", M, "2022-05-01", value="CCEP", reason="Waits at the gate")
    ended = decision(2, "UNSHARE_SUSPECT", M, "2022-05-31", value="SYVP")
    assert refused(shared, ended, role="SUSPECT", date_of_birth=day("1990-01-01")) == {"D00002": "ALREADY_SO"}
    assert refused(shared, {**ended, "value": "CCEP"}, role="SUSPECT", date_of_birth=day("1990-01-01")) == {}


def test_what_had_its_effect_is_not_refused_because_two_records_became_one_since() -> None:
    two = [mention(M, born="2008-05-05"), mention("intel:r2#1", born="2008-05-05")]
    both = [decision(n, "RESTRICT", row["mention_key"], "2022-02-01") for n, row in enumerate(two, 1)]
    first = tables_of("2022-02-02", two, {M: "P-A", "intel:r2#1": "P-B"}, decision=both)
    second = next_night(
        first, reconcile(first), "2022-02-03", person=[{**row, "person_id": "P-A"} for row in first.person]
    )
    assert reconcile(second).refusal == []
