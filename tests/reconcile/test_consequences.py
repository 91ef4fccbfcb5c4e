"""Which decisions have to be seen for what they do before they are carried out?"""

from dataclasses import replace

import pytest

from tests.reconcile.rows import SITE, day, decision, mention, next_night, opening, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.consequences import Facts, held

A, B, C = "intel:r1#1", "intel:r2#1", "intel:r3#1"
OURS, THEIRS = "opening:E1", "opening:E2"


def facts(*mentions: dict, decisions: list | tuple = (), site: object = SITE, persons: dict | None = None) -> Facts:
    """Every mention is a person of its own unless `persons` says otherwise."""
    dated = [{**row, "decided_on": row["decided_at"].date()} for row in decisions]
    return Facts(site, {row["mention_key"]: row for row in mentions}, persons or {}, dated)  # type: ignore[arg-type]


def waiting(found: Facts) -> dict[str, str]:
    return held(found, ["LINK", "SET_DOB", "SHARE_SUSPECT"])


def link(number: int, one: str, other: str, **given: str) -> dict:
    return decision(number, "LINK", one, "2022-03-01", other_mention_key=other, **given)


def confirm(number: int, what: str, by: str = "inspector") -> dict:
    return decision(number, "CONFIRM", "", "2022-03-02", value=f"decision:{what}", decided_by=by, reason="Seen both")


def test_a_link_of_two_records_of_nobody_in_particular_is_carried_out() -> None:
    assert waiting(facts(mention(A), mention(B), decisions=[link(1, A, B)])) == {}


def test_a_link_that_makes_one_child_of_two_entries_of_the_tracker_is_held() -> None:
    found = waiting(facts(mention(OURS), mention(THEIRS), decisions=[link(1, OURS, THEIRS)]))
    assert found == {"D00001": "This makes one child of two entries of the tracker, opening:E1 and opening:E2."}


def test_an_entry_is_one_however_the_child_came_on_the_tracker() -> None:
    ratified = decision(1, "RATIFY", A, "2022-02-01", value="OPEN")
    found = waiting(facts(mention(A), mention(OURS), decisions=[ratified, link(2, A, OURS)]))
    assert list(found) == ["D00002"]
    assert "the one of decision D00001 and opening:E1" in found["D00002"]


def test_two_links_that_together_join_two_entries_are_caught_at_the_second_in_either_order() -> None:
    mentions = [mention(A), mention(OURS), mention(THEIRS)]
    for one, other in ((OURS, THEIRS), (THEIRS, OURS)):
        assert list(waiting(facts(*mentions, decisions=[link(1, A, one), link(2, A, other)]))) == ["D00002"]


def test_a_link_is_looked_at_for_the_whole_of_both_people() -> None:
    persons = {A: "P-1", OURS: "P-1", B: "P-2", THEIRS: "P-2"}
    mentions = [mention(key) for key in (A, B, OURS, THEIRS)]
    assert list(waiting(facts(*mentions, decisions=[link(1, A, B)], persons=persons))) == ["D00001"]


@pytest.mark.parametrize(
    ("one", "other", "is_held"),
    [
        ("2006-02-01", "2009-03-10", True),
        ("2006-02-01", "2006-02-01", False),
        ("2006-02-01", "2006-01-02", False),  # day and month exchanged
        ("2006-02-01", "2007-02-01", False),  # one part of three
    ],
)
def test_a_link_of_two_verified_dates_that_no_error_explains_is_held(one: str, other: str, is_held: bool) -> None:
    found = waiting(facts(mention(A, born=one), mention(B, born=other), decisions=[link(1, A, B)]))
    assert bool(found) == is_held
    assert not is_held or "1 February 2006 and 10 March 2009" in found["D00001"]


def test_a_date_that_people_verified_stands_before_what_was_recorded() -> None:
    settled = decision(1, "SET_DOB", A, "2022-02-01", value="2009-03-10", reason_code="VERIFIED")
    two = [mention(A, born="2006-02-01"), mention(B, born="2009-03-10")]
    assert waiting(facts(*two, decisions=[settled, link(2, A, B)])) == {}


def test_a_link_of_two_subjects_of_one_report_is_held() -> None:
    found = waiting(
        facts(mention("intel:r7#1"), mention("intel:r7#2"), decisions=[link(1, "intel:r7#1", "intel:r7#2")])
    )
    assert found == {"D00001": "This makes one person of two who are named side by side in report r7."}


def test_a_link_is_carried_out_once_it_is_confirmed_or_where_labels_gave_it() -> None:
    two = [mention(OURS), mention(THEIRS)]
    assert waiting(facts(*two, decisions=[link(1, OURS, THEIRS), confirm(2, "D00001")])) == {}
    assert waiting(facts(*two, decisions=[link(1, OURS, THEIRS, origin="reviewer")])) == {}


def test_a_link_that_was_taken_back_does_not_wait() -> None:
    apart = decision(2, "SEPARATE", THEIRS, "2022-03-02", other_mention_key=OURS)
    assert waiting(facts(mention(OURS), mention(THEIRS), decisions=[link(1, OURS, THEIRS), apart])) == {}


def test_where_the_site_asks_for_two_people_the_one_who_decided_cannot_confirm() -> None:
    strict = replace(SITE, confirmed_by_another=True)
    two = [mention(OURS), mention(THEIRS)]
    for by, holds in (("sgt", True), ("inspector", False)):
        found = waiting(facts(*two, site=strict, decisions=[link(1, OURS, THEIRS), confirm(2, "D00001", by)]))
        assert bool(found) == holds


@pytest.mark.parametrize(
    ("born", "status", "says"),
    [
        ("2008-05-05", "VERIFIED", ""),
        ("2004-03-02", "VERIFIED", ""),  # 18 the day after
        ("2004-03-01", "VERIFIED", "was 18 on 1 March 2022: an adult at once"),
        ("2004-03-01", "STATED", ""),  # such a date ends nobody's protection by itself
        ("1996-03-01", "VERIFIED", "was 26 on 1 March 2022: older"),
        ("1996-03-01", "STATED", "was 26 on 1 March 2022: older"),
        ("2017-03-02", "VERIFIED", "was 4 on 1 March 2022: younger"),
        ("2017-03-01", "VERIFIED", ""),
    ],
)
def test_a_date_of_birth(born: str, status: str, says: str) -> None:
    given = decision(1, "SET_DOB", A, "2022-03-01", value=born, reason_code=status)
    found = waiting(facts(mention(A, born="2008-05-05"), decisions=[given]))
    assert says in found.get("D00001", "")
    assert bool(found) == bool(says)


def test_a_date_that_makes_an_adult_of_an_adult_is_carried_out() -> None:
    given = decision(1, "SET_DOB", A, "2022-03-01", value="2003-05-06", reason_code="VERIFIED")
    assert waiting(facts(mention(A, born="2003-05-05"), decisions=[given])) == {}


@pytest.mark.parametrize(
    ("recorded", "is_held"),
    [
        ({"born": "2008-05-05"}, True),
        ({"date_of_birth": day("2008-05-05"), "dob_status": "STATED"}, True),
        ({"birth_year": 2004}, True),  # may be 17
        ({"birth_year": 2003}, False),
        ({"age_stated": 17}, True),
        ({"age_stated": 18}, False),
        ({"born": "1999-05-05"}, False),
        ({}, False),
    ],
)
def test_sharing_a_suspect_who_may_be_under_18_is_held(recorded: dict, is_held: bool) -> None:
    share = decision(1, "SHARE_SUSPECT", A, "2022-03-01", value="CCEP", reason="Waits at the gate")
    other = mention(B, role="SUSPECT")
    found = waiting(facts(mention(A, role="SUSPECT", **recorded), other, decisions=[share], persons={A: "P", B: "P"}))
    assert bool(found) == is_held
    share_by_another_mention = {**share, "mention_key": B}
    two = facts(
        mention(A, role="SUSPECT", **recorded), other, decisions=[share_by_another_mention], persons={A: "P", B: "P"}
    )
    assert bool(waiting(two)) == is_held


ADULT = decision(1, "SET_DOB", A, "2022-02-02", value="1990-03-27", reason_code="VERIFIED", origin="screen")
RATIFIED = decision(9, "RATIFY", A, "2022-02-01", value="OPEN")


def test_a_held_date_changes_nothing_and_stands_as_a_question_until_it_is_confirmed() -> None:
    first = tables_of("2022-02-03", [mention(A, born="2008-05-05")], decision=[RATIFIED, ADULT])
    night = reconcile(first)
    assert night.child[0]["state"] == "OPEN"
    (refusal,) = night.refusal
    assert (refusal["decision_id"], refusal["reason_code"]) == ("D00001", "NEEDS_CONFIRMATION")
    (asked,) = [row for row in night.review if row["kind"] == "confirm"]
    assert (asked["review_id"], asked["why"], asked["is_open"]) == ("decision:D00001", refusal["reason"], True)

    yes = {**confirm(2, "D00001"), "decided_at": ADULT["decided_at"].replace(day=3), "landed_on": day("2022-02-04")}
    second = reconcile(next_night(first, night, "2022-02-04", decision=[RATIFIED, ADULT, yes]))
    assert second.child[0]["state"] == "REMOVED"
    assert second.refusal == []
    (asked,) = [row for row in second.review if row["kind"] == "confirm"]
    assert (asked["answer"], asked["is_open"]) == ("CONFIRM", False)


def test_a_confirmation_of_nothing_is_refused_and_stays_so() -> None:
    idle = {**confirm(2, "D00077"), "landed_on": day("2022-03-03")}
    first = tables_of("2022-03-03", [mention(A)], decision=[idle])
    night = reconcile(first)
    assert [row["reason_code"] for row in night.refusal] == ["NOTHING_TO_CONFIRM"]
    second = reconcile(next_night(first, night, "2022-03-04"))
    assert [row["reason_code"] for row in second.refusal] == ["NOTHING_TO_CONFIRM"]


def test_the_confirmation_of_a_night_is_taken_where_that_night_was_held_and_only_once() -> None:
    given = [{**confirm(n, "x"), "value": "night:2022-03-01", "landed_on": day("2022-03-02")} for n in (2, 3)]
    for nights, refused in (((), ["D00002", "D00003"]), ((day("2022-03-01"),), ["D00003"])):
        night = tables_of("2022-03-02", [mention(A)], decision=given, held_nights=frozenset(nights))
        assert [row["decision_id"] for row in reconcile(night).refusal] == refused


def test_a_confirmation_by_the_one_who_decided_is_refused_where_the_site_asks_for_two() -> None:
    same = {**confirm(2, "D00001", by="sgt"), "landed_on": day("2022-02-04")}
    night = tables_of("2022-02-04", [mention(A, born="2008-05-05")], decision=[ADULT, same])
    found = reconcile(replace(night, site=replace(SITE, confirmed_by_another=True)))
    assert {row["decision_id"]: row["reason_code"] for row in found.refusal} == {
        "D00001": "NEEDS_CONFIRMATION",
        "D00002": "SAME_PERSON",
    }


def test_an_entry_taken_over_is_looked_at_like_any_other() -> None:
    share = decision(1, "SHARE_SUSPECT", OURS, "2022-03-01", value="CCEP", reason="Waits at the gate")
    night = tables_of(
        "2022-03-02", [mention(OURS, born="2008-05-05")], decision=[share], opening_entry=[opening("E1", "2022-01-01")]
    )
    assert [row["reason_code"] for row in reconcile(night).refusal] == ["NEEDS_CONFIRMATION"]
