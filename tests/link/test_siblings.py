"""Brothers, sisters and twins are two children, or a question."""

from typing import Any

import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, mentions, people, questions
from transforms.link import link, link_alone

HOME = {"surname": "Farrow", "gender": "Female", "address": "17 Bramble Drive", "postcode": "NG3 5TB"}
BORN = {"date_of_birth": "2006-11-23", "dob_status": "VERIFIED"}


def a(key: str, given: str, **changed: str) -> dict[str, Any]:
    return {"key": f"missing:{key}", "given_names": given, **HOME, **BORN, **changed}


def linked(*rows: dict[str, Any]) -> Any:
    return link(mentions(*rows), NO_DECISIONS, NIGHT)


TWO_NAMES = [
    ("Muhammad Idris", "Muhammad Bilal"),  # second words
    ("Ava-Grace", "Ava-Louise"),
    ("Mary Kate", "Mary Jane"),
    ("Kayden", "Jayden"),  # listed names, one letter apart
    ("Zayn", "Zayan"),
    ("Ellie", "Elsie"),
    ("Mya", "Mia"),
    ("Ellis", "Elijah"),
    ("Rayan", "Ryan"),
]


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
@pytest.mark.parametrize("status", ["VERIFIED", "STATED"])
@pytest.mark.parametrize("ids", [("", ""), ("N71", "N72")])
def test_two_names_with_one_surname_birthday_and_home_are_asked_about(
    one: str, other: str, status: str, ids: Any
) -> None:
    found = linked(
        a("1", one, dob_status=status, source_person_id=ids[0]),
        a("2", other, dob_status=status, source_person_id=ids[1]),
    )
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
def test_two_names_that_are_each_known_from_several_records_are_two_children(one: str, other: str) -> None:
    found = linked(*(a(f"{name[:3]}{n}{place}", name) for place, name in enumerate((one, other)) for n in (1, 2)))
    assert sorted(len(group) for group in people(found)) == [2, 2]
    assert questions(found) == []


@pytest.mark.parametrize("address", ["17 Bramble Drive", ""])
def test_a_name_without_the_second_word_joins_neither_of_two_children(address: str) -> None:
    found = linked(
        *(a(f"{n}", name, address=address) for n, name in enumerate(("Mohammed Adam", "Mohammed Yusuf", "Mohammed")))
    )
    groups = people(found)
    assert not any({"missing:0", "missing:1"} <= group for group in groups)
    assert frozenset({"missing:2"}) in groups
    assert any("missing:2" in pair for pair in questions(found))


def test_a_name_without_its_second_word_is_the_same_child_where_there_is_one() -> None:
    assert len(people(linked(a("1", "Mohammed Adam"), a("2", "Mohammed")))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jaydne", "Jayden"),
        ("Olivia", "Oliivia"),
        ("Thoams", "Thomas"),
        ("Theo", "Theodore"),
        ("Abi", "Abigail"),
        ("Mohammad", "Muhammed"),
        ("Aidan", "Aiden"),
    ],
)
def test_a_typing_error_or_a_nickname_is_the_same_child(one: str, other: str) -> None:
    assert len(people(linked(a("1", one), a("2", other)))) == 1
    assert len(people(linked(a("1", one, address="4 Elder Walk", postcode="NG9 1AA"), a("2", other)))) == 1


@pytest.mark.parametrize("born", ["2004-02-02", "2007-10-30"])
def test_two_names_of_one_home_with_two_birthdays_are_brothers_and_nobody_is_asked(born: str) -> None:
    found = linked(a("1", "Kayden", dob_status="STATED"), a("2", "Jayden", date_of_birth=born, dob_status="STATED"))
    assert len(people(found)) == 2
    assert questions(found) == []


def test_one_name_and_home_with_two_birthdays_is_asked_about() -> None:
    found = linked(
        a("1", "Kayden", dob_status="STATED"), a("2", "Kayden", date_of_birth="2009-05-01", dob_status="STATED")
    )
    assert len(people(found)) == 2
    assert found.same_person_question["why"].to_pylist()[0].startswith("MISDATED")


@pytest.mark.parametrize("placeholder", ["REDACTED", "nan", "Not Known", "#N/A", "Twin 1", "Baby"])
def test_no_name_is_no_name_anybody_has_in_common(placeholder: str) -> None:
    bare = {"surname": placeholder, "address": "", "postcode": ""}
    assert len(people(linked(a("1", "Twin 1", **bare), a("2", "Twin 1", **bare)))) == 2
    twins = linked(a("1", "Twin 1"), a("2", "Twin 2"))
    assert len(people(twins)) == 2


SURNAMES = [("Foster", "Marsh"), ("Okoro", "Bianchi")]


@pytest.mark.parametrize(("one", "other"), SURNAMES)
def test_another_surname_with_one_telephone_is_asked_about(one: str, other: str) -> None:
    shared = {"telephone": "07700 900981", "address": "", "postcode": ""}
    found = linked(a("1", "Owen", surname=one, **shared), a("2", "Owen", surname=other, **shared))
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


@pytest.mark.parametrize(("one", "other"), SURNAMES)
def test_another_surname_with_two_ids_of_the_record_system_is_asked_about(one: str, other: str) -> None:
    found = linked(
        a("1", "Owen", surname=one, source_person_id="N1"), a("2", "Owen", surname=other, source_person_id="N2")
    )
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


def test_another_surname_with_another_second_name_is_asked_about() -> None:
    found = linked(a("1", "Owen Kai"), a("2", "Owen A", surname="Marsh"))
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


@pytest.mark.parametrize(("one", "other"), [("J", "J"), ("J.", "J M"), ("J", "Jordan")])
@pytest.mark.parametrize("status", ["VERIFIED", "STATED"])
def test_an_initial_may_be_a_twins(one: str, other: str, status: str) -> None:
    found = linked(a("1", one, dob_status=status), a("2", other, dob_status=status))
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


def test_another_surname_with_one_first_name_birthday_and_home_is_one_child_and_it_is_said() -> None:
    table = mentions(a("1", "Owen"), a("2", "Owen", surname="Marsh"))
    person, pairs = link_alone(table)
    assert len(person["person_id"].unique()) == 1
    (row,) = [row for part in pairs for row in part.to_pylist()]
    assert (row["decision"], row["why"].split(":")[0]) == ("same", "OTHER_SURNAME")
