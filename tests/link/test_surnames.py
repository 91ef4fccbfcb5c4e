"""Two surnames spelt alike are two families, a question, or one name mistyped."""

from typing import Any

import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, mentions, people, questions
from transforms.link import explain, link

TWO_NAMES = [
    ("Lee", "Leo"),  # a surname, and a first name that is borne as one
    ("Reid", "Reed"),
    ("Clark", "Clarke"),
    ("Cross", "Ross"),
    ("Thompson", "Thomson"),
    ("Phillips", "Philips"),
    ("Hussain", "Hussein"),
]
SHORT = [("Khan", "Kahn"), ("Ali", "Alli")]
NO_NAMES = [("Adeyinkara", "Adeyinkera"), ("Wojtkowiaks", "Wojtkoviaks")]  # on no list, either of them
MISTYPED = [("Thompson", "Thomspon"), ("Hussain", "Hussian"), ("Clarke", "Clarkee"), ("Marshall", "Marshal l")]


def a(key: str, surname: str, **more: str) -> dict[str, Any]:
    child = {"given_names": "Dominic", "date_of_birth": "2006-03-14", "dob_status": "VERIFIED"}
    return {"key": f"missing:{key}", "surname": surname, **child, **more}


def linked(one: str, other: str, **more: str) -> Any:
    return link(mentions(a("1", one, **more), a("2", other, **more)), NO_DECISIONS, NIGHT)


@pytest.mark.parametrize(("one", "other"), [*TWO_NAMES, *SHORT, *NO_NAMES])
def test_one_first_name_and_one_birthday_do_not_unite_two_surnames_and_a_person_is_asked(one: str, other: str) -> None:
    found = linked(one, other)
    assert len(people(found)) == 2
    assert questions(found) == [("missing:1", "missing:2")]


@pytest.mark.parametrize(("one", "other"), [*TWO_NAMES, *SHORT, *NO_NAMES])
def test_a_home_besides_makes_them_one_child(one: str, other: str) -> None:
    assert len(people(linked(one, other, address="17 Bramble Drive", postcode="NG3 5TB"))) == 1


@pytest.mark.parametrize(("one", "other"), MISTYPED)
def test_a_word_that_is_no_surname_and_a_typing_error_from_one_that_is_is_that_name(one: str, other: str) -> None:
    assert len(people(linked(one, other))) == 1


@pytest.mark.parametrize(("one", "other"), NO_NAMES)
def test_of_two_words_on_no_list_that_which_a_second_person_bears_here_is_the_name(one: str, other: str) -> None:
    brother = a("3", one, given_names="Marcus", date_of_birth="2008-09-02")
    found = people(link(mentions(a("1", one), a("2", other), brother), NO_DECISIONS, NIGHT))
    assert found == {frozenset({"missing:1", "missing:2"}), frozenset({"missing:3"})}
    sister = a("4", other, given_names="Amelia", date_of_birth="2009-01-23")
    both = people(link(mentions(a("1", one), a("2", other), brother, sister), NO_DECISIONS, NIGHT))
    assert len(both) == 4


@pytest.mark.parametrize("word", ["Ozil", "Ngyn"])
def test_in_short_words_on_no_list_a_second_bearer_decides_nothing(word: str) -> None:
    brother = a("3", word, given_names="Marcus", date_of_birth="2008-09-02")
    rows = mentions(a("1", word), a("2", word[:-1] + "x"), brother)
    assert len(people(link(rows, NO_DECISIONS, NIGHT))) == 3


@pytest.mark.parametrize(("one", "other"), TWO_NAMES)
def test_two_surnames_spelt_alike_are_never_said_to_agree(one: str, other: str) -> None:
    rows = mentions(a("1", one), a("2", other))
    said = explain(rows, NO_DECISIONS, NIGHT, "missing:1", "missing:2").why
    assert "Agree: first name, date of birth." in said
    assert "Nearly agree: surname (spelt alike, but each is a name in its own right)." in said
