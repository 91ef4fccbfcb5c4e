"""What counts as a change that partners and the meeting hear of: a row for each column and each way on or off."""

from datetime import date
from typing import Any

import pytest

from tests.reconcile.rows import at, day, decision, mention, next_night, opening, report, row, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.changes import movement
from transforms.tables import Tables

M, N = "intel:r1#1", "intel:r2#1"
RATIFIED = decision(1, "RATIFY", M, "2022-02-01", value="OPEN")


def night(as_of: str = "2022-03-01", **given: Any) -> Tables:
    return tables_of(as_of, [mention(M, born="2008-05-05", **given)], decision=[RATIFIED])


def changed(first: Tables, **then: Any) -> list[tuple]:
    """Kind, reason and fields of each change between a night and the next."""
    rows = reconcile(next_night(first, reconcile(first), "2022-03-02", **then)).change
    return [(row["kind"], row["reason"], row["fields"]) for row in rows]


SAID = [
    # what the record says the night before and tonight, and the columns of `child` that change
    ("given_names", "Robin", "Robyn", ["given_names"]),
    ("surname", "Example", "Exemple", ["surname"]),
    ("alias", None, "Bobbin", ["aliases"]),
    ("gender", "Male", "Female", ["gender"]),
    ("ethnicity", "W1", "M2", ["ethnicity"]),
    ("address", "1 Old Street", "2 Long Row", ["address"]),
    ("postcode", "NG1 1AA", "NG2 2BB", ["postcode"]),
    ("local_authority", "CITY", "COUNTY", ["local_authority"]),
    ("placing_authority", None, "E08000025", ["placing_authority"]),
    ("home_area", "City North", "City South", ["policing_area"]),
    ("telephone", "+447700900001", "+447700900002", ["telephone"]),
    ("pnc_id", "19/1111A", "20/2222B", ["pnc_id"]),
    ("school", "First School", "Second School", ["school"]),
    ("involvement", "LINKED", "INVOLVED", ["involvement"]),
    ("line_ref", None, "L-7", ["line_refs"]),
    ("date_of_birth", date(2008, 5, 5), date(2008, 5, 6), ["date_of_birth"]),
    ("dob_status", "VERIFIED", "STATED", ["dob_status"]),
]


@pytest.mark.parametrize(("column", "before", "now", "fields"), SAID)
def test_a_fact_that_partners_may_hold_is_a_change_by_its_column(
    column: str, before: object, now: object, fields: list[str]
) -> None:
    first = night(**{column: before})
    assert changed(first, mention=[first.mention[0] | {column: now}]) == [("FACT", None, fields)]


DECIDED = [
    ("SUSPECT_EVIDENCE", None, ["data_subject_category"]),
    ("VISITED", "2022-02-27", ["visited_on"]),
    ("TOOLKIT_COMPLETED", "2022-02-27", ["toolkit_on"]),
    ("NRM_SUBMITTED", "NRM-1", ["nrm_reference"]),
    ("NRM_DECISION", "WITHDRAWN", ["nrm_outcome"]),
    ("SET_GENDER", "Female", ["gender"]),
    ("SET_AUTHORITY", "COUNTY", ["local_authority"]),
]


@pytest.mark.parametrize(("action", "value", "fields"), DECIDED)
def test_what_a_decision_changes_is_a_change_by_its_column(action: str, value: str | None, fields: list[str]) -> None:
    made = decision(2, action, M, "2022-03-01", value=value)
    assert changed(night(), decision=[RATIFIED, made]) == [("FACT", None, fields)]


@pytest.mark.parametrize("column", ["age_stated", "source_person_ids", "grade"])
def test_what_no_partner_may_hold_is_no_change(column: str) -> None:
    first = night(**{column: None})
    other = {"source_person_ids": ["N-1"], "age_stated": 14}.get(column, "2BP")
    assert changed(first, mention=[first.mention[0] | {column: other}]) == []


def test_a_night_on_which_nothing_came_in_changes_nothing() -> None:
    assert changed(night()) == []


def test_facts_of_a_child_who_was_not_there_the_night_before_are_no_changes() -> None:
    assert [row["kind"] for row in reconcile(tables_of("2022-03-01", [mention(M)])).change] == ["PROPOSED"]


@pytest.mark.parametrize(
    ("first", "then", "kind"),
    [
        ([], "RESTRICT", "RESTRICTED"),
        (["RESTRICT"], "UNRESTRICT", "UNRESTRICTED"),
        ([], "DISPUTE", "DISPUTED"),
        (["DISPUTE"], "UNDISPUTE", "UNDISPUTED"),
    ],
)
def test_a_restriction_or_dispute_that_comes_or_goes_is_a_change_of_its_own(
    first: list[str], then: str, kind: str
) -> None:
    earlier = [RATIFIED, *(decision(2, action, M, "2022-02-10") for action in first)]
    before = tables_of("2022-03-01", [mention(M, born="2008-05-05")], decision=earlier)
    assert changed(before, decision=[*earlier, decision(3, then, M, "2022-03-01")]) == [(kind, None, None)]


REMOVED = decision(2, "REMOVE", M, "2022-03-01", reason_code="MOVED_AREA")
DECLINED = decision(1, "DECLINE", M, "2022-02-01")
WAYS = [
    # decisions the night before, decisions tonight, kind, day of effect, reason, cause
    ([], [RATIFIED], "ADDED", "2022-02-01", "OPEN", "D00001"),
    ([RATIFIED], [RATIFIED, REMOVED], "REMOVED", "2022-03-01", "MOVED_AREA", "D00002"),
    ([], [DECLINED], "DECLINED", "2022-02-01", None, "entry"),
    (
        [RATIFIED, REMOVED],
        [RATIFIED, REMOVED, decision(3, "REOPEN", M, "2022-03-01", meeting_ref=None)],
        *("RETURNED", "2022-03-01", "OPEN", "D00003"),
    ),
    (
        [RATIFIED],
        [RATIFIED, decision(2, "SET_STATUS", M, "2022-03-01", value="VULNERABLE")],
        *("STATUS", "2022-03-02", "VULNERABLE", "entry"),
    ),
]


@pytest.mark.parametrize(("before", "now", "kind", "on", "reason", "cause"), WAYS)
def test_every_way_onto_the_tracker_and_off_it_is_one_change(
    before: list, now: list, kind: str, on: str, reason: str | None, cause: str
) -> None:
    first = tables_of("2022-03-01", [mention(M, born="2008-05-05")], decision=before)
    (found,) = reconcile(next_night(first, reconcile(first), "2022-03-02", decision=now)).change
    seen = (found["kind"], found["effective_on"], found["noticed_on"], found["reason"], found["cause"])
    assert seen == (kind, day(on), date(2022, 3, 2), reason, cause)


def test_a_stay_that_began_and_ended_between_two_nights_is_both_changes() -> None:
    first = tables_of("2022-03-01", [mention(M, born="2008-05-05")])
    rows = changed(first, decision=[RATIFIED, REMOVED])
    assert [kind for kind, _, _ in rows] == ["ADDED", "REMOVED"]


def test_an_entry_taken_over_is_added_by_the_old_tracker() -> None:
    taken_over = tables_of(
        "2022-01-01", [mention("opening:P1", born="2008-05-05")], opening_entry=[opening("P1", "2021-10-12")]
    )
    (found,) = reconcile(taken_over).change
    assert (found["kind"], found["effective_on"], found["cause"]) == ("ADDED", date(2021, 10, 12), "opening:P1")


def test_a_proposed_child_who_turns_18_attained_it_and_one_on_the_tracker_is_removed() -> None:
    proposed = tables_of("2022-06-12", [mention(M, born="2004-06-13")])
    rows = reconcile(next_night(proposed, reconcile(proposed), "2022-06-13")).change
    assert [(r["kind"], r["effective_on"], r["cause"]) for r in rows] == [
        ("ATTAINED_18", date(2022, 6, 13), "attains_18")
    ]
    on = tables_of("2022-06-12", [mention(M, born="2004-06-13")], decision=[RATIFIED])
    rows = reconcile(next_night(on, reconcile(on), "2022-06-13")).change
    assert [(r["kind"], r["reason"], r["cause"]) for r in rows] == [("REMOVED", "AGED_OUT", "attains_18")]


def test_a_record_withdrawn_tonight_is_named_once_and_only_tonight() -> None:
    first = tables_of("2022-03-01", [mention(M, born="2008-05-05"), mention(N, born="2008-05-05")], decision=[RATIFIED])
    gone = [first.mention[0], first.mention[1] | {"withdrawn": True, "landed_on": day("2022-03-02")}]
    tonight = next_night(first, reconcile(first), "2022-03-02", mention=gone)
    result = reconcile(tonight)
    assert [(r["kind"], r["cause"]) for r in result.change] == [("WITHDRAWN", N)]
    assert reconcile(next_night(tonight, result, "2022-03-03")).change == []


def test_a_child_whom_no_intelligence_supports_any_more_is_a_change_on_the_night_it_is_asked() -> None:
    first = night()
    gone = [first.mention[0] | {"withdrawn": True, "landed_on": day("2022-03-02")}]
    tonight = next_night(first, reconcile(first), "2022-03-02", mention=gone)
    result = reconcile(tonight)
    assert "UNSUPPORTED" in [r["kind"] for r in result.change]
    assert "UNSUPPORTED" not in [r["kind"] for r in reconcile(next_night(tonight, result, "2022-03-03")).change]


@pytest.mark.parametrize("kind", ["MERGED", "SPLIT"])
def test_persons_merged_or_split_are_a_change_for_both_naming_the_other(kind: str) -> None:
    two = [mention(M, born="2008-05-05"), mention(N, born="2009-05-05")]
    first = tables_of("2022-03-01", two, {M: "P-A", N: "P-B"})
    event = row("person_event", person_id="P-A", other_person_id="P-B", kind=kind, happened_on=day("2022-03-02"))
    rows = reconcile(next_night(first, reconcile(first), "2022-03-02", person_event=[event])).change
    assert sorted((r["kind"], r["person_id"], r["cause"]) for r in rows) == [(kind, "P-A", "P-B"), (kind, "P-B", "P-A")]


def test_persons_who_were_never_children_of_the_tracker_merge_without_a_change() -> None:
    event = row("person_event", person_id="P-Y", other_person_id="P-Z", kind="MERGED", happened_on=day("2022-03-02"))
    assert changed(night(), person_event=[event]) == []


def test_a_referral_received_is_a_change_of_the_case() -> None:
    first = night()
    named = mention("sca:N1", "2022-03-02", born="2008-05-05", involvement=None)
    referral = row("sca_referral", mention_key="sca:N1", received_at=at("2022-03-01"), kind="REFERRAL")
    people = [{"mention_key": key, "person_id": "P-ONE"} for key in (M, "sca:N1")]
    assert changed(first, mention=[*first.mention, named], person=people, sca_referral=[referral]) == [
        ("FACT", None, ["nrm_reference"])
    ]


def only(rows: list, kind: str) -> dict:
    (found,) = [row for row in rows if row["kind"] == kind]
    return found


def test_a_change_names_the_child_by_both_ids() -> None:
    first = night()
    moved = [first.mention[0] | {"address": "2 Long Row"}]
    (found,) = reconcile(next_night(first, reconcile(first), "2022-03-02", mention=moved)).change
    assert (found["person_id"], found["tracker_id"], found["cause"]) == ("P-ONE", "CLVT-000001", "records")


def test_a_proposal_has_effect_from_the_day_on_which_the_intelligence_was_known() -> None:
    taken = mention("missing:M1", "2022-01-01", involvement=None)
    first = tables_of("2022-03-01", [taken])
    both = [taken, mention(M, "2022-02-20", born="2008-05-05")]
    people = [{"mention_key": one["mention_key"], "person_id": "P-ONE"} for one in both]
    rows = reconcile(
        next_night(first, reconcile(first), "2022-03-02", mention=both, person=people, report=[report("r1")])
    ).change
    assert only(rows, "PROPOSED")["effective_on"] == day("2022-02-20")


def test_an_18th_birthday_that_is_noticed_late_has_effect_from_its_day() -> None:
    proposed = tables_of("2022-06-12", [mention(M, born="2004-06-13")])
    rows = reconcile(next_night(proposed, reconcile(proposed), "2022-06-20")).change
    assert only(rows, "ATTAINED_18")["effective_on"] == day("2022-06-13")


def test_a_declined_child_is_declined_once() -> None:
    first = tables_of("2022-03-01", [mention(M, born="2008-05-05")], decision=[DECLINED])
    assert reconcile(next_night(first, reconcile(first), "2022-03-02")).change == []


def test_a_child_whose_second_stay_is_the_first_that_a_night_hears_of_returned() -> None:
    first = tables_of("2022-03-01", [mention(M, born="2008-05-05")])
    again = decision(3, "REOPEN", M, "2022-03-01", meeting_ref=None)
    rows = reconcile(next_night(first, reconcile(first), "2022-03-02", decision=[RATIFIED, REMOVED, again])).change
    assert only(rows, "RETURNED")["cause"] == "D00003"


def test_who_returned_counts_as_added() -> None:
    before = [row("child", state=state) for state in ("OPEN", "VULNERABLE", "PROPOSED")]
    came = [row("change", kind=kind) for kind in ("ADDED", "RETURNED", "REMOVED", "STATUS")]
    assert movement(before, came) == (2, 2, 1)
