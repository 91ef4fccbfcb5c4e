"""Which mentions are one person, by evidence alone?"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from transforms.link import explain, link, link_alone

DOMINIC = {
    "given_names": "Dominic",
    "surname": "Thompson",
    "date_of_birth": "2005-10-06",
    "dob_status": "STATED",
    "gender": "Male",
    "address": "109 Kestrel Court",
    "postcode": "NG20 9UH",
}


def a(key: str, **changed: str) -> dict[str, Any]:
    """A mention of Dominic, in which some fields are otherwise."""
    return {"key": f"intel:{key}", **DOMINIC, **changed}


def linked(*rows: dict[str, Any]) -> Any:
    return link(mentions(*rows), NO_DECISIONS, NIGHT)


def weights(mention: Any, one: str, other: str) -> dict[str, float]:
    return {row["field"]: row["weight"] for row in explain(mention, NO_DECISIONS, NIGHT, one, other).weights}


def are_one(*rows: dict[str, Any]) -> bool:
    return len(people(linked(*rows))) == 1


BARE = {"address": "", "postcode": ""}


@pytest.mark.parametrize(
    "other",
    [
        a("2"),
        a("2", given_names="Dom"),
        a("2", given_names="Mr Dominic"),
        a("2", given_names="Dominci"),
        a("2", surname="Thomspon"),
        a("2", given_names="Thompson", surname="Dominic"),
        a("2", address="", postcode="NG209UH"),
        a("2", **BARE),
    ],
)
def test_a_nickname_a_typing_error_or_a_missing_home_is_the_same_child(other: dict[str, Any]) -> None:
    assert are_one(a("1"), other)


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (a("2", given_names="Joshua"), "a twin: surname, home and date of birth agree"),
        (a("2", given_names="Joshua", date_of_birth="2007-01-09"), "a brother"),
        (a("2", given_names="Dominica", gender="Female"), "a twin sister with a name much alike"),
        (a("2", date_of_birth="2008-02-19"), "a cousin with the same name in the same home"),
        (a("2", date_of_birth="", **BARE), "no date of birth is never agreement"),
        (a("2", date_of_birth="", role="SUSPECT"), "a father with the name of his son"),
        (a("2", surname="", **BARE), "a first name and a birthday"),
        (a("2", given_names=""), "a surname, a home and a birthday, as a twin has"),
        (a("2", gender="Female"), "another gender"),
    ],
)
def test_what_two_children_can_have_in_common_does_not_make_them_one(other: dict[str, Any], why: str) -> None:
    assert not are_one(a("1"), other), why


HALF = {"date_of_birth": "2005", "dob_status": "ESTIMATED"}
NAMESAKE = a("9", date_of_birth="2008-02-19", address="4 Oak Road", postcode="NG1 4BT")


def test_a_year_of_birth_and_a_home_are_enough_unless_a_namesake_of_that_year_lives_there() -> None:
    assert are_one(a("1"), a("2", **HALF))
    assert people(linked(a("1"), a("2", **HALF), NAMESAKE)) == {
        frozenset({"intel:1", "intel:2"}),
        frozenset({"intel:9"}),
    }
    assert len(people(linked(a("1"), a("2", **HALF), a("9", date_of_birth="2005-02-19")))) == 3


@pytest.mark.parametrize(
    ("home", "one"),
    [
        ({}, True),
        ({"address": ""}, False),  # a postcode is that of fifteen houses
    ],
)
def test_where_others_bear_the_name_a_year_of_birth_needs_the_address(home: dict[str, str], one: bool) -> None:
    found = people(linked(a("1", **home), a("2", **HALF, **home), NAMESAKE))
    assert (frozenset({"intel:1", "intel:2"}) in found) == one


def test_a_year_of_birth_without_a_home_is_left_to_a_person() -> None:
    assert questions(linked(a("1"), a("2", **HALF, **BARE))) == [("intel:1", "intel:2")]


def test_a_home_stands_for_a_missing_surname_where_first_name_and_birthday_agree() -> None:
    assert are_one(a("1"), a("2", surname=""))
    assert not are_one(a("1", **BARE), a("2", surname="", **BARE))
    assert not are_one(a("1"), a("2", surname="", given_names="Joshua"))
    assert not are_one(a("1"), a("2", surname="", date_of_birth=""))


def test_without_a_date_an_alias_decides_only_where_names_are_written_alike() -> None:
    sharon = {"given_names": "Sharon", "surname": "Faulkner", "alias": "Ferret", "role": "SUSPECT", **BARE}
    undated = a("2", **sharon | {"date_of_birth": ""})
    assert are_one(a("1", **sharon), undated)
    assert not are_one(a("1", **sharon), undated | {"surname": "Fualkner"})


def test_a_record_without_a_date_never_bridges_two_years_of_birth() -> None:
    child = {"telephone": "07700 900123", **BARE}
    older = a("3", date_of_birth="2003", dob_status="ESTIMATED", **child)
    found = people(linked(a("1", **child), a("2", date_of_birth="", **child), older))
    assert not any({"intel:1", "intel:3"} <= one for one in found)


def test_an_alias_stands_for_a_missing_first_name_and_nothing_that_twins_share_does() -> None:
    twin = {"telephone": "07700 900123"}
    assert are_one(a("1", alias="Ghost", **BARE), a("2", given_names="", alias="Ghost", **BARE))
    assert not are_one(a("1", **twin), a("2", given_names="", **twin))


def test_an_alias_that_many_bear_stands_for_no_first_name() -> None:
    ghost = {"alias": "Ghost", **BARE}
    others = [
        a(f"9{n}", given_names="Zara", surname="Oakwell", date_of_birth=f"19{n}-01-02", **ghost) for n in range(10, 85)
    ]
    found = people(linked(a("1", **ghost), a("2", given_names="", **ghost), *others))
    assert frozenset({"intel:1", "intel:2"}) not in found


def test_a_second_name_stands_for_a_missing_date_only_where_nobody_else_bears_the_name() -> None:
    dominic = {"given_names": "Dominic James", **BARE}
    assert are_one(a("1", **dominic), a("2", date_of_birth="", **dominic))
    assert len(people(linked(a("1", **dominic), a("2", date_of_birth="", **dominic), NAMESAKE))) == 3


def bearers(count: int, **borne: str) -> list[dict[str, Any]]:
    """So many people of other names, each with another birthday, who bear something."""
    other = {"given_names": "Zara", "surname": "Oakwell", "gender": "", **BARE}
    return [a(f"9{n:03}", **(other | {"date_of_birth": f"{1900 + n}-01-02"} | borne)) for n in range(10, 10 + count)]


@pytest.mark.parametrize(
    ("surname", "count", "one"), [("Woshaw", 75, True), ("Roshaw", 75, False), ("Roshaw", 4, True)]
)
def test_an_alias_that_many_bear_stands_for_no_date_where_a_name_is_mistyped(
    surname: str, count: int, one: bool
) -> None:
    ghost = {"given_names": "Arianna", "gender": "Female", "alias": "Ghost", **BARE}
    found = linked(
        a("1", surname="Woshaw", **ghost), a("2", surname=surname, **HALF, **ghost), *bearers(count, alias="Ghost")
    )
    assert (frozenset({"intel:1", "intel:2"}) in people(found)) == one


@pytest.mark.parametrize(("home", "one"), [({}, True), ({"address": "", "postcode": "NG18 4JT"}, False)])
def test_an_exchanged_day_and_month_is_left_to_a_person_where_homes_raise_a_doubt(
    home: dict[str, str], one: bool
) -> None:
    others = [
        *bearers(10, given_names="Dominic"),
        *(row | {"key": row["key"] + "0"} for row in bearers(10, surname="Thompson")),
    ]
    found = linked(a("1"), a("2", address=""), a("3", date_of_birth="2005-06-10", **home), *others)
    ours = [group for group in people(found) if "intel:1" in group]
    assert ours == [frozenset({"intel:1", "intel:2", "intel:3"} if one else {"intel:1", "intel:2"})]
    assert one or ("intel:1", "intel:3") in questions(found)


def test_two_records_of_a_child_with_one_telephone_need_no_date_of_birth() -> None:
    dated, undated = ({"telephone": "07700 900123", "date_of_birth": day, **BARE} for day in ("2005-10-06", ""))
    assert frozenset({"intel:1", "intel:2"}) in people(linked(a("1", **dated), a("2", **undated), NAMESAKE))
    father = a("2", **undated, role="SUSPECT")
    assert frozenset({"intel:1", "intel:2"}) not in people(linked(a("1", **dated), father, NAMESAKE))


def test_the_home_of_a_child_stands_for_a_missing_date_where_nobody_else_bears_the_name() -> None:
    undated = a("2", date_of_birth="")
    assert are_one(a("1"), undated)
    assert len(people(linked(a("1"), undated, NAMESAKE))) == 3
    assert are_one(a("1", date_of_birth=""), undated)
    assert not are_one(a("1", source_person_id="N1"), undated | {"source_person_id": "N2"})


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ({}, True),
        ({"surname": "Thomspon"}, True),  # one typing error
        ({"given_names": "Dominc"}, True),
        ({"surname": "Thomspon", "given_names": "Dominc"}, False),  # two
        ({"given_names": "Dom"}, False),  # a nickname: a cousin's
        ({"surname": "Thompson Blake"}, False),  # one part of it, too
        ({"address": ""}, False),  # a postcode is that of fifteen houses
    ],
)
def test_an_undated_record_joins_by_an_address_unless_its_name_may_be_a_cousins(
    written: dict[str, str], one: bool
) -> None:
    assert are_one(a("1"), a("2", date_of_birth="", **written)) == one


@pytest.mark.parametrize(
    ("child", "record", "one"),
    [
        ({}, {}, True),
        ({}, {"given_names": "Dominc"}, False),
        ({"date_of_birth": ""}, {}, False),
    ],
)
def test_where_several_live_an_undated_record_joins_by_the_address_only_written_alike_and_one_that_is_dated(
    child: dict[str, str], record: dict[str, str], one: bool
) -> None:
    others = [
        a(f"{n}", given_names=name, surname="Oakwell", date_of_birth=f"200{n}-02-02", gender="")
        for n, name in ((7, "Zara"), (8, "Ivy"), (9, "Amelia"))
    ]
    found = people(linked(a("1", **child), a("2", date_of_birth="", **record), *others))
    assert (frozenset({"intel:1", "intel:2"}) in found) == one


def test_without_a_date_of_birth_an_alias_of_ones_own_leaves_it_to_a_person() -> None:
    undated = a("2", date_of_birth="", alias="Ghost")
    assert are_one(a("1", alias="Ghost"), undated)
    assert questions(linked(a("1", alias="Tiny"), undated)) == [("intel:1", "intel:2")]


def test_surnames_that_are_names_in_their_own_right_are_two_people_however_alike() -> None:
    carter, carver, cartar = ({"surname": surname, **BARE} for surname in ("Carter", "Carver", "Cartar"))
    assert not are_one(a("1", **carter), a("2", **carver))
    assert are_one(a("1", **carter), a("2", **cartar))
    days = [date(2005, 1, 2) + timedelta(days=n) for n in range(20)]
    cartars = [a(f"c{n}", **cartar | {"given_names": "Kate", "date_of_birth": str(d)}) for n, d in enumerate(days)]
    assert frozenset({"intel:1", "intel:2"}) not in people(linked(a("1", **carter), a("2", **cartar), *cartars))


def test_two_errors_at_once_need_a_home_besides_names_and_birthday() -> None:
    exchanged = {"given_names": "Thompson", "surname": "Dominic", "date_of_birth": "2005-06-10"}
    assert are_one(a("1"), a("2", **exchanged))
    assert not are_one(a("1", **BARE), a("2", **exchanged, **BARE))


def test_two_mistyped_first_names_need_a_home_besides_surname_and_birthday() -> None:
    zack, jack = {"given_names": "Zakc"}, {"given_names": "Jakc"}
    assert are_one(a("1", **zack), a("2", **jack))
    assert not are_one(a("1", **zack, **BARE), a("2", **jack, **BARE))


def test_two_different_errors_in_a_date_do_not_keep_either_from_the_child() -> None:
    usual = [a(str(number)) for number in range(3)]
    assert are_one(*usual, a("4", date_of_birth="2004-10-06"), a("5", date_of_birth="2005-10-21"))


def test_names_exchanged_in_one_record_do_not_divide_the_others() -> None:
    ryan = {"given_names": "Ryan", "surname": "Blake"}
    assert are_one(a("1", **ryan), a("2", **ryan), a("3", given_names="Blake", surname="Ryan"))


def test_cousins_with_one_name_born_days_apart_are_two_children() -> None:
    cousin = {"date_of_birth": "2005-10-17", "dob_status": "ESTIMATED", "address": "4 Oak Road", "postcode": "NG1 4BT"}
    assert not are_one(a("1"), a("2", **cousin))
    assert not are_one(a("1", **BARE), a("2", **cousin | BARE))


def test_names_and_birthday_are_left_to_a_person_where_many_bear_the_names() -> None:
    def many(given_names: str) -> list[dict[str, Any]]:
        days = [date(2005, 1, 2) + timedelta(days=n) for n in range(150)]
        return [
            a(f"{given_names}{n}", given_names=given_names, date_of_birth=str(d), **BARE) for n, d in enumerate(days)
        ]

    one, other = a("x", date_of_birth="2008-02-19", **BARE), a("y", date_of_birth="2008-02-19", **BARE)
    assert {"intel:x", "intel:y"} in people(linked(one, other))
    assert {"intel:x", "intel:y"} not in people(linked(one, other, *many("Dominic")))
    known = [row | {"alias": "Ghost"} for row in (one, other)]
    assert {"intel:x", "intel:y"} in people(linked(*known, *many("Dominic")))


def test_double_surnames_with_one_part_in_common_are_two_names() -> None:
    assert not are_one(a("1", surname="Smith Gibson", **BARE), a("2", surname="Smith Jones", **BARE))


def test_one_part_of_a_double_surname_is_enough_unless_somebody_else_bears_it() -> None:
    double, single = a("1", surname="Adams Thompson"), a("2")
    assert are_one(double, single)
    assert are_one(double | BARE, single | BARE)
    assert len(people(linked(double | BARE, single | BARE, NAMESAKE))) == 3


def test_two_well_known_people_with_nothing_but_names_and_birthday_in_common_are_left_to_a_person() -> None:
    kate = [a(f"k{n}", given_names="Kate", surname="Jones", gender="Female") for n in range(3)]
    elsewhere = {"address": "4 Oak Road", "postcode": "NG1 4BT"}
    katie = [a(f"c{n}", given_names="Katie", surname="Jones", gender="Female", **elsewhere) for n in range(3)]
    found = linked(*kate, *katie)
    assert len(people(found)) == 2
    assert len(questions(found)) == 1


def test_two_verified_dates_of_birth_are_two_children_whatever_else_agrees() -> None:
    one = a("1", dob_status="VERIFIED", source_person_id="N1")
    assert not are_one(one, a("2", dob_status="VERIFIED", source_person_id="N1", date_of_birth="2005-10-07"))


def test_verified_dates_that_differ_as_by_an_error_are_left_to_a_person() -> None:
    one, other = a("1", dob_status="VERIFIED"), a("2", dob_status="VERIFIED", date_of_birth="2004-10-06")
    assert questions(linked(one, other)) == [("intel:1", "intel:2")]
    assert not are_one(one, other)
    assert questions(linked(one, other | {"given_names": "Joshua"})) == []


def test_two_pnc_ids_are_two_people_whatever_else_agrees() -> None:
    assert not are_one(a("1", pnc_id="2016/6760309E"), a("2", pnc_id="2016/4419059T"))


def test_one_nominal_is_one_person_although_home_and_date_of_birth_are_missing() -> None:
    bare = {**BARE, "date_of_birth": "", "source_person_id": "N1"}
    assert are_one(a("1", source_person_id="N1"), a("2", **bare))


def test_an_entry_with_several_nominals_unites_them() -> None:
    only = {"surname": "", "given_names": "", "date_of_birth": "", "gender": "", **BARE}
    rows = (
        a("1", source_person_id="N1;N2"),
        a("2", source_person_id="N1", **only),
        a("3", source_person_id="N2", **only),
    )
    assert are_one(*rows)


def test_a_nominal_shared_with_a_twin_who_has_records_of_his_own_is_left_to_a_person() -> None:
    twin = {"given_names": "Joshua"}
    found = linked(
        a("1", source_person_id="N1"),
        a("2", source_person_id="N1", **twin),
        a("3", **twin),
        a("4", source_person_id="N2", **twin),
    )
    assert frozenset({"intel:1"}) in people(found)
    assert frozenset({"intel:2", "intel:3", "intel:4"}) in people(found)


def test_a_record_that_may_be_either_of_two_people_joins_neither() -> None:
    either = a("3", **BARE)
    found = linked(a("1", pnc_id="2016/6760309E", **BARE), a("2", pnc_id="2016/4419059T", **BARE), either)
    assert len(people(found)) == 3


def test_a_third_record_never_bridges_two_children() -> None:
    undated = a("3", date_of_birth="2005", dob_status="ESTIMATED")
    found = linked(a("1", date_of_birth="2005-10-06"), a("2", date_of_birth="2005-02-19"), undated)
    assert len(people(found)) == 3


def test_a_home_shared_by_many_children_says_little() -> None:
    names = ["Aaron", "Blake", "Callum", "Declan", "Ethan", "Finley", "George", "Harley", "Isaac", "Jude"]
    home = [
        a(str(n), given_names=name, surname=f"{name}son", date_of_birth=f"2006-0{n % 9 + 1}-1{n % 9}")
        for n, name in enumerate(names)
    ]
    table = mentions(a("x1"), a("x2", surname="Carter"), *home)
    weight, alone = (weights(one, "intel:x1", "intel:x2") for one in (table, mentions(a("x1"), a("x2"))))
    assert weight["place"] == pytest.approx(alone["place"] - 4)


def test_a_name_that_many_bear_decides_less_than_a_rare_one() -> None:
    table = mentions(a("1", surname="Smith", **BARE), a("2", surname="Smith", **BARE))
    rare = mentions(a("1", surname="Featherstone", **BARE), a("2", surname="Featherstone", **BARE))
    common_weight, rare_weight = (sum(weights(one, "intel:1", "intel:2").values()) for one in (table, rare))
    assert common_weight < rare_weight


def test_a_question_shows_the_weight_of_each_field_and_no_value() -> None:
    found = linked(a("1"), a("2", date_of_birth="", role="ASSOCIATE"))
    (row,) = found.same_person_question.to_pylist()
    assert row["why"].startswith("LIKELY: ")
    assert '"field":"place","level":"ADDRESS_SAME"' in row["weights"]
    assert not any(value in row["weights"] + row["why"] for value in ("Dominic", "Thompson", "NG20", "2005", "Kestrel"))


def test_one_question_is_asked_for_two_groups_however_many_pairs_lie_between_them() -> None:
    found = linked(a("1"), a("2"), a("3"), a("4", date_of_birth="", **BARE))
    assert len(questions(found)) == 1


def test_no_question_is_asked_about_two_adults() -> None:
    adult = {"role": "SUSPECT", "date_of_birth": "1980", "dob_status": "ESTIMATED"}
    assert questions(linked(a("1", **adult), a("2", **adult))) == []
    assert questions(linked(a("1"), a("2", date_of_birth="", **BARE))) != []


@pytest.mark.parametrize(
    ("rows", "said", "outcome"),
    [
        ((a("1"), a("2")), [], "SURE"),
        ((a("1"), a("2", given_names="Joshua")), [], "SIBLINGS"),
        ((a("1"), a("2", given_names="Joshua", date_of_birth="2008-02-19")), [], "GIVEN_NAME"),
        ((a("1"), a("2")), [("SEPARATE", "intel:1", "intel:2")], "SEPARATED"),
        ((a("1"), a("2", surname="Carter", **BARE)), [("LINK", "intel:1", "intel:2")], "SAME_GROUP"),
        ((a("1"), a("2", surname="Carter", **BARE)), [("SEPARATE", "intel:1", "intel:2")], "SEPARATED"),
        ((a("1"), a("2", surname="Carter", given_names="Zoe", gender="Female", **BARE)), [], "GENDER"),
        ((a("1"), a("2", surname="Carter", date_of_birth="", **BARE)), [], "LITTLE"),
    ],
)
def test_two_mentions_are_explained_whether_or_not_anything_brought_them_together(
    rows: Any, said: Any, outcome: str
) -> None:
    for one, other in (("intel:1", "intel:2"), ("intel:2", "intel:1")):
        assert explain(mentions(*rows), decisions(*said), NIGHT, one, other).outcome.name == outcome


def test_a_pair_that_is_held_apart_says_why() -> None:
    _, pairs = link_alone(mentions(a("1", pnc_id="2019/0012345G"), a("2", pnc_id="2018/0000001E")))
    (row,) = [row for part in pairs for row in part.to_pylist()]
    assert (row["decision"], row["why"].split(":")[0]) == ("different", "PNC")


@pytest.mark.parametrize("born", ["0007-01-02", "1066-10-14", "1804-12-31", "2999-12-31", "9998-12-31"])
def test_a_date_of_birth_of_any_century_is_a_date(born: str) -> None:
    table = mentions(a("1", date_of_birth=born), a("2", date_of_birth=born), a("3"))
    person, pairs = link_alone(table)
    assert person.num_rows == 3
    assert person["person_id"][0] == person["person_id"][1] != person["person_id"][2]
    assert sum(part.num_rows for part in pairs) >= 1
