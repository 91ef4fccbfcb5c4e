"""Is a number of the tracker ever gone, and who bears it when people turn out to be one, or two?"""

from pathlib import Path
from typing import Any

from clvt.views import tracker
from connectors.store.paths import Home
from expectations.contracts import contract
from night.run import Run
from tests.reconcile.rows import day, decision, mention, next_night, opening, row, tables_of
from transforms.reconcile import reconcile

A, B = "opening:E1", "opening:E2"
OPENINGS = [opening("E1", "2021-11-02"), opening("E2", "2021-12-07", "VULNERABLE")]


def first_night(**given: Any):
    before = tables_of("2022-01-02", [mention(A), mention(B)], {A: "P-A", B: "P-B"}, opening_entry=OPENINGS, **given)
    return before, reconcile(before)


def merged(stays: str, goes: str):
    """The night on which a decision made one child of two entries."""
    before, result = first_night()
    redirect = row("person_id", person_id=goes, merged_into=stays)
    event = row("person_event", person_id=stays, other_person_id=goes, kind="MERGED", happened_on=day("2022-01-03"))
    event["mention_keys"] = [B if goes == "P-B" else A]
    person = [{"mention_key": key, "person_id": stays} for key in (A, B)]
    after = next_night(before, result, "2022-01-03", person=person, person_id=[redirect], person_event=[event])
    return after, reconcile(after)


def test_the_number_stays_with_the_id_that_stays_and_not_with_the_lower_number() -> None:
    _, result = merged("P-B", "P-A")
    assert [(one["person_id"], one["tracker_id"]) for one in result.child] == [("P-B", "CLVT-000002")]


def test_the_other_number_is_kept_with_the_day_and_the_number_it_went_into() -> None:
    _, result = merged("P-A", "P-B")
    kept = {one["tracker_id"]: one for one in result.tracker_id}
    assert kept["CLVT-000001"]["ended_on"] is None
    gone = kept["CLVT-000002"]
    assert (gone["added_on"], gone["status"], gone["ended_on"], gone["ended_into"]) == (
        day("2021-12-07"),
        "VULNERABLE",
        day("2022-01-03"),
        "CLVT-000001",
    )


def test_a_number_that_ended_has_the_day_of_the_first_night_without_it_and_comes_back_with_its_child() -> None:
    after, result = merged("P-A", "P-B")
    later = reconcile(next_night(after, result, "2022-01-09", person=after.person, person_id=after.person_id))
    assert {one["ended_on"] for one in later.tracker_id} == {None, day("2022-01-03")}
    two = [{"mention_key": A, "person_id": "P-A"}, {"mention_key": B, "person_id": "P-B"}]
    apart = reconcile(next_night(after, result, "2022-01-10", person=two, person_id=[]))
    assert {one["tracker_id"]: one["ended_on"] for one in apart.tracker_id} == {
        "CLVT-000001": None,
        "CLVT-000002": None,
    }
    assert {one["person_id"]: one["tracker_id"] for one in apart.child} == {"P-A": "CLVT-000001", "P-B": "CLVT-000002"}


def test_the_tracker_lists_every_number_that_was_ever_given(tmp_path: Path) -> None:
    _, result = merged("P-A", "P-B")
    run = Run(day("2022-01-03"), Home(tmp_path))
    writer = run.writer("reconcile")
    for name in ("child", "tracker_id"):
        writer.table(name, contract(name).table_of(getattr(result, name)))
    writer.seal({}, replaceable=True)
    listed = tracker(run)
    assert [one["tracker_id"] for one in listed] == ["CLVT-000001", "CLVT-000002"]
    gone = listed[1]
    assert (gone["added_on"], gone["removed_on"], gone["removal_reason"], gone["mention_keys"]) == (
        day("2021-12-07"),
        day("2022-01-03"),
        "MERGED",
        [],
    )


def test_an_entry_whose_record_turned_out_to_be_another_child_s_is_still_there() -> None:
    two = [mention("intel:r1#1", born="2008-05-05"), mention("intel:r2#1", born="2008-05-05")]
    who = {"intel:r1#1": "P-A", "intel:r2#1": "P-A"}
    before = tables_of(
        "2022-02-02", two, who, decision=[decision(1, "RATIFY", "intel:r1#1", "2022-02-01", value="OPEN")]
    )
    result = reconcile(before)
    person = [{"mention_key": "intel:r1#1", "person_id": "P-B"}, {"mention_key": "intel:r2#1", "person_id": "P-A"}]
    after = reconcile(next_night(before, result, "2022-02-03", person=person))
    kept = {one["tracker_id"]: (one["ended_on"], one["ended_into"]) for one in after.tracker_id}
    assert kept == {"CLVT-000001": (day("2022-02-03"), None), "CLVT-000002": (None, None)}


def test_what_moved_is_said_by_kind_and_day_and_by_the_numbers_of_the_children() -> None:
    _, result = merged("P-A", "P-B")
    (said,) = {one["reason"] for one in result.change if one["kind"] == "MERGED"}
    assert said == (
        "CLVT-000002 and CLVT-000001 are one: the record of 9 January 2022 (Tracker spreadsheet taken over) now "
        "belongs to CLVT-000001."
    )


def test_records_that_moved_from_one_child_to_another() -> None:
    days = {"intel:r1#1": "2022-05-04", "intel:r2#1": "2022-05-09", "intel:r3#1": "2022-05-12"}
    days["intel:r4#1"] = "2022-05-20"
    every = [mention(key, tables) for key, tables in (days | {A: "2022-01-02", B: "2022-01-02"}).items()]
    who = {**dict.fromkeys((*days, A), "P-A"), B: "P-B"}
    before = tables_of("2022-06-01", every, who, opening_entry=OPENINGS)
    result = reconcile(before)
    moved = row("person_event", person_id="P-A", other_person_id="P-B", kind="SPLIT", happened_on=day("2022-06-02"))
    for number, what in (
        (1, "The record of 3 May 2022 (Intelligence report) now belongs"),
        (2, "2 records, of 3 May 2022 and 8 May 2022, now belong"),
        (3, "3 records, of 3 May 2022 and 8 May 2022 and 11 May 2022, now belong"),
        (4, "4 records, of 3 May 2022 to 19 May 2022, now belong"),
    ):
        event = {**moved, "mention_keys": list(days)[:number]}
        night = reconcile(next_night(before, result, "2022-06-02", person_event=[event]))
        sentence = f"{what} to CLVT-000002, no longer to CLVT-000001."
        assert {row["reason"] for row in night.change if row["kind"] == "SPLIT"} == {sentence}


def test_a_case_says_when_why_and_by_whom_the_child_was_declined_before() -> None:
    two = [mention("intel:r1#1"), mention("intel:r2#1", "2022-03-04")]
    no = decision(1, "DECLINE", "intel:r1#1", "2022-02-01", reason_code="NOT_MET", reason="Threshold not met")
    (asked,) = [one for one in reconcile(tables_of("2022-03-05", two, decision=[no])).review if one["kind"] == "ratify"]
    assert "Declined on 1 February 2022 by sgt (not met, Threshold not met)." in asked["why"]


def test_of_a_child_who_was_declined_twice_the_case_says_the_last_time() -> None:
    three = [mention("intel:r1#1"), mention("intel:r2#1", "2022-03-04"), mention("intel:r3#1", "2022-04-01")]
    no = [decision(1, "DECLINE", "intel:r1#1", "2022-02-01"), decision(2, "DECLINE", "intel:r1#1", "2022-03-10")]
    (asked,) = [one for one in reconcile(tables_of("2022-04-02", three, decision=no)).review if one["kind"] == "ratify"]
    assert "Declined on 10 March 2022 by sgt." in asked["why"]


def test_of_a_child_who_was_removed_before_the_case_says_when() -> None:
    two = [mention("intel:r1#1"), mention("intel:r2#1", "2022-03-04")]
    gone = [
        decision(1, "RATIFY", "intel:r1#1", "2022-02-01", value="OPEN"),
        decision(2, "REMOVE", "intel:r1#1", "2022-03-01", reason_code="NO_LONGER_AT_RISK"),
    ]
    night = reconcile(tables_of("2022-03-05", two, decision=gone))
    (asked,) = [one for one in night.review if one["kind"] == "ratify"]
    assert "Removed on 1 March 2022 by sgt (no longer at risk)." in asked["why"]


def test_a_case_says_that_it_may_be_a_child_of_the_tracker_and_which_question_comes_first() -> None:
    who = {A: "P-A", B: "P-A", "intel:r1#1": "P-C"}
    pair = row("same_person_question", mention_key=A, other_mention_key="intel:r1#1", why="LIKELY: likely", settles=1)
    tables = {"opening_entry": OPENINGS, "same_person_question": [pair]}
    before = tables_of("2022-02-02", [mention(key) for key in who], who, **tables)
    (asked,) = [one for one in reconcile(before).review if one["kind"] == "ratify"]
    assert "This may be entry E1 of the spreadsheet, who is on the tracker already" in asked["why"]
    after = reconcile(next_night(before, reconcile(before), "2022-02-03", same_person_question=[pair]))
    (asked,) = [one for one in after.review if one["kind"] == "ratify"]
    assert (
        "This may be CLVT-000001, who is on the tracker already: answer “Same person?” about them first."
        in asked["why"]
    )
