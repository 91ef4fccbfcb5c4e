"""What others told in the last days stands in the first part of the report, and who owes an answer is asked for it."""

from dataclasses import replace

import pytest

from tests.report.a_night import AS_OF, MOVED, OKAFOR, OPENED, PERSON_OF, a_night, at, day, mention, row
from transforms.export.records import record_ref
from transforms.report.headlines import headlines
from transforms.report.needs import Needs
from transforms.report.page import page


def ref(person):
    return record_ref("31", person)


SEEN = row("force_sighting", mention_key="sighting:S-9", seen_at=at("2022-11-22"), force="20", kind="STOPPED",
           record_ref=ref(OKAFOR), place="New Street", crime_ref="20/1")  # fmt: skip
ANSWER = row("mash_outcome", outcome_ref="O-7", record_ref=ref(OPENED), authority="Leeds", outcome="TRANSFERRED",
             decided_on=day("2022-11-21"), transferred_to="Derby")  # fmt: skip
GUARDIAN = row("guardian_allocation", allocation_ref="G-1", record_ref=ref(MOVED), kind="INDIRECT",
               decided_on=day("2022-11-20"))  # fmt: skip
TOLD = {"force_sighting": [SEEN], "mash_outcome": [ANSWER], "guardian_allocation": [GUARDIAN]}


def night(before: frozenset[str] | None, **changed):
    return replace(a_night(**(TOLD | changed)), heard_before=before)


def test_a_sighting_by_another_force_comes_first_then_what_partners_answered():
    says = [(one.child["surname"], one.says, one.reference) for one in Needs(night(frozenset())).news]
    assert says == [
        ("Okafor", "West Midlands police stopped the child, at New Street. Their reference: 20/1.", "S-9"),
        ("Ní Bhriain", "Leeds: transferred to Derby. Has Derby been told?", "O-7"),
        ("Sowa", "Guardianship service: a guardian advises those who work with the child.", "G-1"),
    ]


def test_a_sighting_that_names_no_reference_is_of_whom_it_names():
    seen = SEEN | {"record_ref": None, "kind": "ENQUIRY", "force": "33", "place": None, "crime_ref": None}
    people = [row("person", mention_key=key, person_id=person) for key, person in PERSON_OF.items()]
    people.append(row("person", mention_key="sighting:S-9", person_id=OPENED))
    named = [*a_night().rows("mention"), mention("sighting:S-9", "Bhriain", "Zoe", source="force_sightings")]
    (one,) = Needs(night(frozenset(), force_sighting=[seen], mash_outcome=[], guardian_allocation=[], person=people,
                         mention=named)).news  # fmt: skip
    assert (one.child["person_id"], one.says) == (OPENED, "Leicestershire police asked about the child.")


@pytest.mark.parametrize("before", [None, frozenset({"sighting:S-9", "O-7", "G-1"})])
def test_what_was_known_before_is_no_news_and_nothing_is_on_the_first_night(before):
    assert Needs(night(before)).news == []


def overdue(person: str, clock: str, whom: str, since: str, state: str = "OVERDUE"):
    return {"person_id": person, "clock": clock, "since": day(since), "due": AS_OF, "state": state, "whom": whom}


CLOCKS = [
    overdue(OKAFOR, "MASH_ANSWER", "Leeds", "2022-11-10"),
    overdue(OPENED, "MASH_ANSWER", "Leeds", "2022-11-08"),
    overdue(OPENED, "MASH_ANSWER", "Derby", "2022-11-18", "DUE"),
    overdue(MOVED, "MASH_ANSWER", "Derby", "2022-11-22", "RUNNING"),
    overdue(OKAFOR, "CONCERN", "", "2022-11-10"),
    overdue(OKAFOR, "VISIT", "", "2022-11-10"),
]


def test_each_front_door_is_asked_once_for_all_children_it_has_not_answered_for():
    needs = Needs(replace(a_night(), clocks=CLOCKS))
    found = [(one.whom, [child["surname"] for child, _ in one.children]) for one in needs.unanswered]
    assert found == [("Leeds", ["Ní Bhriain", "Okafor"]), ("Derby", ["Ní Bhriain"]),
                     ("The officer’s own words", ["Okafor"])]  # fmt: skip
    (line,) = [one for one in headlines(needs) if one.anchor == "unanswered"]
    assert line.count == 3
    assert line.pressing.startswith("Leeds: 2 children; Derby: 1 child")


def test_the_page_shows_both_before_the_cases():
    text = page(replace(night(frozenset()), clocks=CLOCKS)).decode()
    news, unanswered, cases = (text.index(f'id="{name}"') for name in ("news", "unanswered", "cases"))
    assert news < unanswered < cases
    assert "New Street" in text
