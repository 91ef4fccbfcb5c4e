"""What one recipient may hold tonight, of whom a record that it holds ends, and what is held back: row by row."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from expectations.recipients import Agreement
from tests.export.a_force import CONTRACTS, TONIGHT, Person, mention, rows_of, tables_of
from transforms.export.entitled import HeldBack, entitlement, tie
from transforms.export.records import record_ref
from transforms.export.shareable import Shareables

ONE, OTHER = record_ref("31", "P-1"), record_ref("31", "P-2")
MERGED = rows_of(
    "person_id", {"person_id": "P-2", "founding_mention_key": "x", "minted_on": TONIGHT, "merged_into": "P-1"}
)
HELD = {"category": "VICTIM", "given_names": "Kai", "surname": "Ashby"}
LAPSED = Agreement("X", date(2020, 1, 1), date(2022, 6, 14))
SHARED_AT = datetime(2022, 6, 1, tzinfo=UTC)


def due(tables, name="mash_city", held=(), **changed):
    contract = replace(CONTRACTS[name], **changed)
    return entitlement(tables, Shareables(tables), contract, {ref: HELD for ref in held})


def man(number, **given):
    said = {"role": "SUSPECT", "given_names": "Marlon", "surname": "Keane", "date_of_birth": date(1990, 2, number)}
    return mention(f"intel:31/2022/00000{number}#1", **{**said, **given})


def shared(number, action="SHARE_SUSPECT", of=None):
    row = {"decision_id": f"D{number}", "decided_at": SHARED_AT.replace(day=number), "action": action}
    key = f"intel:31/2022/00000{of or number}#1"
    return {**row, "mention_key": key, "value": "CCEP", "reason": "x", "landed_on": date(2022, 6, 2)}


def with_men(men, *decisions):
    tables = {"mentions": men, "decision": rows_of("decision", *decisions)}
    person = [{"mention_key": one["mention_key"], "person_id": f"S-{number}"} for number, one in enumerate(men)]
    return tables_of(Person("P-1"), person=person, **tables)


def test_of_two_records_of_one_child_that_stand_as_they_were_sent_the_first_one_stands_and_no_other():
    unsettled = tables_of(Person("P-1", given={"attains_18_on": TONIGHT, "age_presumed": True}), person_id=MERGED)
    found = due(unsettled, held=(ONE, OTHER))
    assert ([*found.records], [*found.ended]) == ([ONE], [])


def test_of_two_records_of_one_child_that_end_both_do():
    restricted = tables_of(Person("P-1", given={"restricted": True}), person_id=MERGED)
    found = due(restricted, held=(ONE, OTHER))
    assert ([*found.records], [*found.ended]) == ([], [ONE, OTHER])


def test_children_of_one_home_are_tied_as_one_household():
    tables = tables_of(
        Person("P-1", [mention(address="1 Elm Street", postcode="NG1 1AA")]),
        Person("P-2", [mention("intel:31/2022/000002#1", address="1 Elm Street", postcode="NG1 1AA")]),
    )
    found = due(tables)
    tie(CONTRACTS["mash_city"], found)
    assert [other["ref"] for other in found.records[ONE].content["household"]] == [OTHER]


def test_without_an_agreement_what_is_held_stands_and_a_wrong_value_is_taken_back_and_none_put_in_its_place():
    held = {"accuracy": {"grades": ["3X5X2 1AP"], "known_as": {"surname": "STATED"}}, "surname": "Ashbury"}
    tables = tables_of(Person("P-1"), Person("P-2", [mention("intel:31/2022/000002#1")]))
    contract = replace(CONTRACTS["mash_city"], agreement=LAPSED)
    found = entitlement(tables, Shareables(tables), contract, {ONE: {**HELD, **held}})
    assert [*found.records] == [ONE]
    stands = found.records[ONE].content
    assert (stands["surname"], stands["accuracy"]) == (None, {"grades": [], "known_as": {}})


def test_without_an_agreement_the_whole_recipient_is_held_back_besides_what_is_held_back_of_children():
    found = due(tables_of(Person("P-1", given={"restricted": True})), agreement=LAPSED)
    assert found.held_back == [HeldBack("P-1", "*", "RESTRICTED"), HeldBack("*", "*", "AGREEMENT_NOT_VALID")]


def test_each_of_several_shared_men_is_in_the_panels_records():
    found = due(with_men([man(8), man(9)], shared(8), shared(9)), "ccep")
    assert sum(ref.startswith("SU-") for ref in found.records) == 2


def test_a_man_who_is_no_longer_shared_is_not_held_back_but_gone():
    found = due(with_men([man(8)], shared(8), shared(9, "UNSHARE_SUSPECT", of=8)), "ccep")
    assert [one for one in found.held_back if one.person_id == "S-0"] == []
    assert not any(ref.startswith("SU-") for ref in found.records)


IN_QUESTION = [
    # a recipient, what is different of a child whom it holds no record of, and whether the child's record is due to it
    ("pnd", {"local_authority": None}, True),
    ("pnd", {"state": "PROPOSED"}, True),
    ("pnd", {"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, False),
    ("mash_city", {"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, False),
    ("mash_city", {"state": "REMOVED", "removal_reason": "MOVED_AREA", "moved_to_authority": "CITY"}, True),
    ("mash_county", {"state": "REMOVED", "removal_reason": "MOVED_AREA", "moved_to_authority": "CITY"}, False),
]


@pytest.mark.parametrize(("name", "given", "is_due"), IN_QUESTION)
def test_a_record_is_due_of_who_is_in_a_case_without_a_known_home_too_and_of_who_moved_to_the_recipient(
    name, given, is_due
):
    assert (ONE in due(tables_of(Person("P-1", given=given)), name).records) is is_due
