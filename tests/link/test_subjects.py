"""Two subjects of one record are two people, unless a person says otherwise."""

from typing import Any

import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from transforms.link import explain, link, link_alone
from transforms.link.linking import NOTHING, link_night

TWIN = {
    "surname": "Okafor",
    "date_of_birth": "2006-04-11",
    "dob_status": "VERIFIED",
    "gender": "Female",
    "address": "31 Gorse Walk",
    "postcode": "NG7 2QP",
}


def a(key: str, given: str = "Grace", **changed: str) -> dict[str, Any]:
    return {"key": key, "given_names": given, **TWIN, **changed}


ONE, TWO = "intel:31/2022/000451#1", "intel:31/2022/000451#2"


@pytest.mark.parametrize("given", ["Grace", "Grcae", "Grace Ada", ""])
def test_two_subjects_of_one_report_stay_two_people_however_alike_they_are(given: str) -> None:
    linked = link(mentions(a(ONE), a(TWO, given)), NO_DECISIONS, NIGHT)
    assert people(linked) == {frozenset({ONE}), frozenset({TWO})}
    assert questions(linked) == []


def test_a_third_record_that_could_be_either_subject_is_asked_about_and_joins_neither() -> None:
    linked = link(mentions(a(ONE), a(TWO), a("missing:M-7")), NO_DECISIONS, NIGHT)
    assert len(people(linked)) == 3
    assert questions(linked)


def test_a_third_record_that_is_one_of_them_joins_that_one() -> None:
    linked = link(mentions(a(ONE), a(TWO, "Faith"), a("missing:M-7", "Faith")), NO_DECISIONS, NIGHT)
    assert people(linked) == {frozenset({ONE}), frozenset({TWO, "missing:M-7"})}


def test_records_of_two_subjects_stay_apart_through_other_records_too() -> None:
    later = [a(f"missing:M-{n}") for n in range(3)]
    linked = link(mentions(a(ONE), a(TWO), *later), NO_DECISIONS, NIGHT)
    assert not any({ONE, TWO} <= group for group in people(linked))


def test_two_records_of_a_feed_with_one_reference_each_are_no_subjects_of_one_record() -> None:
    linked = link(mentions(a("missing:M#1"), a("missing:M#2")), NO_DECISIONS, NIGHT)
    assert people(linked) == {frozenset({"missing:M#1", "missing:M#2"})}


def test_a_person_may_link_two_subjects() -> None:
    linked = link(mentions(a(ONE), a(TWO)), decisions(("LINK", ONE, TWO)), NIGHT)
    assert people(linked) == {frozenset({ONE, TWO})}


def test_one_id_on_both_subjects_is_asked_about() -> None:
    linked = link(mentions(a(ONE, source_person_id="N4"), a(TWO, source_person_id="N4")), NO_DECISIONS, NIGHT)
    assert len(people(linked)) == 2
    assert questions(linked) == [(ONE, TWO)]
    assert linked.same_person_question["why"].to_pylist()[0].startswith("SUBJECTS")


def test_it_is_said_why_they_are_apart() -> None:
    found = explain(mentions(a(ONE), a(TWO)), NO_DECISIONS, NIGHT, ONE, TWO)
    assert found.outcome.name == "ONE_RECORD"


def test_a_second_subject_that_comes_another_night_stays_apart_too() -> None:
    others = [a(f"missing:M-{n}", "Joy", surname=f"Other{n}", postcode="", address="") for n in range(8)]
    first = mentions(a(ONE), *others)
    night, segments = link_night(first, NO_DECISIONS, NIGHT, NOTHING, [])
    earlier = type(NOTHING)(NO_DECISIONS, night.person, night.person_id, night.same_person_question)
    second, _ = link_night(mentions(a(ONE), a(TWO), *others), NO_DECISIONS, NIGHT, earlier, segments)
    assert {frozenset({ONE}), frozenset({TWO})} <= people(second)


def test_in_a_file_of_its_own_the_keys_name_the_record() -> None:
    table = mentions(a(ONE), a(TWO)).drop_columns(["source", "record_ref"])
    person, _ = link_alone(table)
    assert len(person["person_id"].unique()) == 2
