"""A wrong gender, or one that has changed, makes no second child unseen: it is a question."""

from typing import Any

import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from transforms.link import link

HOME = {"surname": "Farrow", "address": "17 Bramble Drive", "postcode": "NG3 5TB"}
ELSEWHERE = {"address": "4 Elder Walk", "postcode": "NG9 1AA"}
BORN = {"date_of_birth": "2006-11-23", "dob_status": "STATED"}
UNDATED = {"date_of_birth": "", "dob_status": "UNKNOWN"}


def a(key: str, given: str, gender: str, **changed: str) -> dict[str, Any]:
    return {"key": f"missing:{key}", "given_names": given, "gender": gender, **HOME, **BORN, **changed}


def linked(*rows: dict[str, Any], decided: Any = NO_DECISIONS) -> Any:
    return link(mentions(*rows), decided, NIGHT)


@pytest.mark.parametrize("gender", ["Male", "Trans Male"])
@pytest.mark.parametrize("given", ["Robyn", "Robynn"])
@pytest.mark.parametrize("changed", [{}, ELSEWHERE, UNDATED, {"date_of_birth": "2006-11-22"}])
def test_one_name_with_one_birthday_or_home_and_two_genders_is_asked_about(
    gender: str, given: str, changed: dict[str, str]
) -> None:
    found = linked(a("1", "Robyn", "Female"), a("2", given, gender, **changed))
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]
    assert found.same_person_question["why"].to_pylist()[0].startswith("TWO_GENDERS")


def test_it_is_asked_where_each_gender_is_known_from_several_records() -> None:
    found = linked(*(a(f"{gender}{n}", "Robyn", gender) for gender in ("Female", "Male") for n in (1, 2)))
    assert sorted(len(group) for group in people(found)) == [2, 2]
    assert len(questions(found)) == 1


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ("Jordan", {}),  # a twin
        ("Robyn", {**UNDATED, **ELSEWHERE}),  # somebody of that name
        ("Robyn", {"date_of_birth": "1979-02-05"}),  # a parent
        ("Robyn", {"date_of_birth": "1979-02-05", **ELSEWHERE}),
    ],
)
def test_whoever_has_more_against_it_is_somebody_else(given: str, changed: dict[str, str]) -> None:
    found = linked(a("1", "Robyn", "Female"), a("2", given, "Male", **changed))
    assert len(people(found)) == 2
    assert questions(found) == []


def test_once_a_person_has_said_that_they_are_one_the_records_of_either_gender_join() -> None:
    rows = [a("1", "Robyn", "Female"), a("2", "Robyn", "Male"), a("3", "Robyn", "Male"), a("4", "Robyn", "Female")]
    found = linked(*rows, decided=decisions(("LINK", "missing:1", "missing:2")))
    assert people(found) == {frozenset(row["key"] for row in rows)}
    assert questions(found) == []


def test_a_record_that_states_no_gender_joins_neither_by_itself() -> None:
    found = linked(a("1", "Robyn", "Female"), a("2", "Robyn", "Male"), a("3", "Robyn", ""))
    assert len(people(found)) == 3
    assert questions(found)
