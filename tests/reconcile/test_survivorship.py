"""Which value of a fact stands where records differ: one row for each rule of each field."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from tests.reconcile.rows import SITE, decision, mention, opening, tables_of
from transforms.reconcile import reconcile
from transforms.reconcile.facts import given_by, survivors

TAKEN_OVER, ONE, TWO, LAST = "opening:P1", "intel:r1#1", "intel:r2#1", "missing:M9"
SAID_IN = {"policing_area": "home_area"}  # of a child it is where the child lives; of a mention, where the event was


def outcome(mentions: list, decisions: list | None = None) -> Any:
    entries = [opening("P1", "2021-10-12")] if any(m["source"] == "opening" for m in mentions) else []
    return reconcile(tables_of("2022-06-01", mentions, opening_entry=entries, decision=decisions or []))


def fact(field: str, mentions: list, decisions: list | None = None) -> dict:
    """The row of `fact` of a field; empty where nothing gives it."""
    return next((row for row in outcome(mentions, decisions).fact if row["field"] == field), {})


def on(key: str, known_on: str, **given: Any) -> dict:
    """A mention with no value but those given."""
    empty = dict.fromkeys(("given_names", "surname", "root_key", "given_key", "gender", "ethnicity", "address"))
    return mention(key, known_on, **(empty | given))


def differing(field: str, taken_over: str | None, twice: str, last: str) -> list[dict]:
    """What the tracker taken over says, what two reports say, and what the last record says."""
    field = SAID_IN.get(field, field)
    first = [on(TAKEN_OVER, "2022-01-01", **{field: taken_over})] if taken_over else []
    return [
        *first,
        on(ONE, "2022-02-01", **{field: twice}),
        on(TWO, "2022-02-10", **{field: twice}),
        on(LAST, "2022-05-01", **{field: last}),
    ]


STANDS = [
    # field,          taken over,       in two reports,   in the last record, what stands,    because of
    ("given_names", "Robyn", "Robin", "Bertie", "Robyn", TAKEN_OVER),
    ("given_names", None, "Robin", "Bertie", "Robin", TWO),
    ("surname", "Hood", "Hodd", "Hud", "Hood", TAKEN_OVER),
    ("surname", None, "Hodd", "Hud", "Hodd", TWO),
    ("gender", "Female", "Male", "Not Known", "Female", TAKEN_OVER),
    ("gender", None, "Male", "Not Known", "Male", TWO),
    ("ethnicity", "B1", "W1", "M2", "B1", TAKEN_OVER),
    ("ethnicity", None, "W1", "M2", "W1", TWO),
    ("pnc_id", "19/1111A", "20/2222B", "21/3333C", "19/1111A", TAKEN_OVER),
    ("pnc_id", None, "20/2222B", "21/3333C", "20/2222B", TWO),
    ("local_authority", "COUNTY", "COUNTY", "CITY", "CITY", LAST),
    ("address", "1 Old Street", "2 Long Row", "3 New Road", "3 New Road", LAST),
    ("postcode", "NG1 1AA", "NG2 2BB", "NG3 3CC", "NG3 3CC", LAST),
    ("telephone", "+447700900001", "+447700900002", "+447700900003", "+447700900003", LAST),
    ("placing_authority", "COUNTY", "CITY", "E08000025", "E08000025", LAST),
    ("policing_area", "City North", "City South", "City East", "City East", LAST),
    ("school", "First School", "Second School", "Third School", "Third School", LAST),
]


@pytest.mark.parametrize(("field", "taken_over", "twice", "last", "stands", "because_of"), STANDS)
def test_of_values_that_differ_the_one_that_the_rule_of_its_field_names_stands(
    field: str, taken_over: str | None, twice: str, last: str, stands: str, because_of: str
) -> None:
    found = fact(field, differing(field, taken_over, twice, last))
    assert (found["value"], found["mention_key"]) == (stands, because_of)
    assert found["status"] == ("VERIFIED" if because_of == TAKEN_OVER else "STATED")


@pytest.mark.parametrize("field", sorted({row[0] for row in STANDS}))
def test_the_child_has_the_value_that_stands(field: str) -> None:
    name, taken_over, twice, last, stands, _ = next(row for row in STANDS if row[0] == field)
    (child,) = outcome(differing(name, taken_over, twice, last)).child
    assert child[field] == stands


def test_every_fact_of_a_child_has_a_row_here() -> None:
    given = {row[0]: row[2] for row in STANDS}
    said = {SAID_IN.get(field, field): value for field, value in given.items()}
    everything = on(ONE, "2022-02-01", born="2008-05-05", **said)
    found = {row["field"] for row in outcome([everything]).fact}
    assert found - {"date_of_birth", "birth_year"} == set(given)


def test_a_field_that_nothing_gives_has_no_fact() -> None:
    assert fact("school", [on(ONE, "2022-02-01")]) == {}


@pytest.mark.parametrize("field", ["surname", "gender", "ethnicity", "pnc_id", "given_names"])
def test_of_values_given_equally_often_the_one_last_recorded_stands(field: str) -> None:
    early, late = on(ONE, "2022-02-01", **{field: "AAA"}), on(TWO, "2022-02-10", **{field: "BBB"})
    assert fact(field, [early, late])["value"] == "BBB"
    assert fact(field, [early | {field: "BBB"}, late | {field: "AAA"}])["value"] == "AAA"


@pytest.mark.parametrize("field", ["surname", "address"])
def test_a_record_that_was_withdrawn_gives_no_value(field: str) -> None:
    gone = on(LAST, "2022-05-01", **{field: "Gone"}) | {"withdrawn": True}
    assert fact(field, [on(ONE, "2022-02-01", **{field: "Stays"}), gone])["value"] == "Stays"
    assert fact(field, [on(ONE, "2022-02-01"), gone]) == {}


def test_where_every_record_was_withdrawn_the_values_stay_until_a_person_decides() -> None:
    gone = on(ONE, "2022-02-01", surname="Hood") | {"withdrawn": True}
    assert fact("surname", [gone])["value"] == "Hood"


def test_a_fact_names_every_record_that_says_the_same_and_no_other() -> None:
    found = fact("surname", differing("surname", None, "Hodd", "Hud"))
    assert found["supporting_mention_keys"] == [ONE, TWO]
    assert found["recorded_on"] == date(2022, 2, 9)


# ── given names: forms of one name count together ──────────────────────────────────────────────────────────────────


def called(key: str, known_on: str, form: str, root: str | None, given_key: str | None = None) -> dict:
    return on(key, known_on, given_names=form, root_key=root, given_key=given_key)


def test_forms_of_one_first_name_count_together_against_another_name() -> None:
    forms = [called(ONE, "2022-02-01", "Bob", "robert"), called(TWO, "2022-02-02", "Robert", "robert")]
    assert fact("given_names", [*forms, called(LAST, "2022-05-01", "Liam", "liam")])["value"] == "Robert"


def test_of_the_forms_of_a_name_the_one_most_used_stands_before_the_longest() -> None:
    forms = [
        called(ONE, "2022-02-01", "Bob", "robert"),
        called(TWO, "2022-02-02", "Bob", "robert"),
        called(LAST, "2022-05-01", "Robert", "robert"),
    ]
    assert fact("given_names", forms)["value"] == "Bob"


def test_without_a_root_the_comparable_form_makes_the_group_and_without_that_the_name_itself() -> None:
    two = [called(ONE, "2022-02-01", "Ana-Mae", None, "ana mae"), called(TWO, "2022-02-02", "Ana Mae", None, "ana mae")]
    assert fact("given_names", [*two, called(LAST, "2022-05-01", "Bo", None, "bo")])["value"] == "Ana Mae"
    bare = [called(ONE, "2022-02-01", "Cy", None), called(TWO, "2022-02-02", "Cy", None)]
    assert fact("given_names", [*bare, called(LAST, "2022-05-01", "Bo", None)])["value"] == "Cy"


# ── date of birth: how sure a date is decides before how often it is given ───────────────────────────────────────────


def born(key: str, known_on: str, on_day: str, status: str, **given: Any) -> dict:
    return on(key, known_on, born=on_day, dob_status=status, **given)


ORDER = ["VERIFIED", "STATED", "ESTIMATED", "UNKNOWN"]


@pytest.mark.parametrize(("surer", "less_sure"), list(pairwise(ORDER)))
def test_a_surer_date_of_birth_stands_against_two_less_sure_and_later_ones(surer: str, less_sure: str) -> None:
    said = [
        born(ONE, "2022-02-01", "2007-01-01", surer),
        born(TWO, "2022-03-01", "2008-02-02", less_sure),
        born(LAST, "2022-05-01", "2008-02-02", less_sure),
    ]
    found = fact("date_of_birth", said)
    assert (found["value"], found["status"]) == ("2007-01-01", surer)


@pytest.mark.parametrize("status", ORDER)
def test_of_dates_equally_sure_the_one_given_most_often_stands_and_is_disputed(status: str) -> None:
    said = [
        born(ONE, "2022-02-01", "2007-01-01", status),
        born(TWO, "2022-03-01", "2007-01-01", status),
        born(LAST, "2022-05-01", "2008-02-02", status),
    ]
    found = fact("date_of_birth", said)
    assert (found["value"], found["status"]) == ("2007-01-01", "DISPUTED")


def test_dates_that_agree_are_not_disputed_whatever_a_less_sure_one_says() -> None:
    said = [born(ONE, "2022-02-01", "2007-01-01", "STATED"), born(TWO, "2022-03-01", "2008-02-02", "ESTIMATED")]
    assert fact("date_of_birth", said)["status"] == "STATED"


@pytest.mark.parametrize("precision", ["MONTH", "YEAR", "NONE"])
def test_a_date_that_is_not_known_to_the_day_is_no_date_of_birth_and_leaves_its_year(precision: str) -> None:
    (child,) = outcome([born(ONE, "2022-02-01", "2007-01-01", "VERIFIED", dob_precision=precision)]).child
    assert (child["date_of_birth"], child["birth_year"], child["dob_status"]) == (None, 2007, "ESTIMATED")


def test_the_year_of_birth_that_most_records_give_stands() -> None:
    said = [on(ONE, "2022-02-01", birth_year=2006), on(TWO, "2022-02-02", birth_year=2006)]
    assert fact("birth_year", [*said, on(LAST, "2022-05-01", birth_year=2009)])["value"] == "2006"


# ── a person's decision stands before every record ───────────────────────────────────────────────────────────────────

SET = [
    # action, field, what every record says, what is decided
    ("SET_DOB", "date_of_birth", "2006-06-13", "2007-03-05"),
    ("SET_GENDER", "gender", "Male", "Female"),
    ("SET_AUTHORITY", "local_authority", "CITY", "COUNTY"),
]


def everywhere(field: str, value: str) -> list[dict]:
    if field == "date_of_birth":
        return [born(TAKEN_OVER, "2022-01-01", value, "VERIFIED"), born(LAST, "2022-05-01", value, "VERIFIED")]
    return [on(TAKEN_OVER, "2022-01-01", **{field: value}), on(LAST, "2022-05-01", **{field: value})]


@pytest.mark.parametrize(("action", "field", "recorded", "decided"), SET)
def test_what_a_person_decided_stands_before_every_record_older_or_newer(
    action: str, field: str, recorded: str, decided: str
) -> None:
    settled = [decision(1, action, LAST, "2022-03-01", value=decided)]
    found = fact(field, everywhere(field, recorded), settled)
    assert (found["value"], found["decision_id"], found["mention_key"]) == (decided, "D00001", None)
    assert found["recorded_on"] == date(2022, 3, 1)
    assert found["status"] == ("VERIFIED" if action == "SET_DOB" else "DECIDED")
    assert found["supporting_mention_keys"] == []


@pytest.mark.parametrize(("action", "field", "recorded", "decided"), SET)
def test_the_last_of_two_decisions_on_a_fact_stands(action: str, field: str, recorded: str, decided: str) -> None:
    both = [
        decision(1, action, LAST, "2022-03-01", value=decided),
        decision(2, action, LAST, "2022-04-01", value=recorded),
    ]
    found = fact(field, everywhere(field, recorded), both)
    assert (found["value"], found["decision_id"]) == (recorded, "D00002")
    assert found["supporting_mention_keys"] == [LAST, TAKEN_OVER]


@pytest.mark.parametrize("status", ORDER)
def test_how_sure_a_decided_date_is_is_what_the_decision_says(status: str) -> None:
    settled = [decision(1, "SET_DOB", LAST, "2022-03-01", value="2007-03-05", reason_code=status)]
    assert fact("date_of_birth", [on(LAST, "2022-05-01")], settled)["status"] == status


# Postcode, home area and authority that a record says; the area and authority that stand, each with how sure it is.
WORKED_OUT = [
    ({"postcode": "NG7 1AB"}, ("City North", "ESTIMATED"), ("CITY", "ESTIMATED")),
    ({"postcode": "NG7 1AB", "home_area": "Newark"}, ("Newark", "STATED"), ("COUNTY", "ESTIMATED")),
    ({"postcode": "NG7 1AB", "local_authority": "COUNTY"}, ("City North", "ESTIMATED"), ("COUNTY", "STATED")),
    ({"postcode": "LE1 1AB"}, None, None),
]


@pytest.mark.parametrize(("said", "area", "authority"), WORKED_OUT)
def test_a_home_area_by_its_postcode_and_an_authority_by_its_area_stand_where_no_record_says_them(
    said: dict, area: tuple | None, authority: tuple | None
) -> None:
    site = replace(SITE, home_areas={"NG7": "City North"})
    found = survivors([on(LAST, "2022-05-01", **{"local_authority": None, **said})], [], site)
    for field, stands in (("policing_area", area), ("local_authority", authority)):
        fact = found.get(field)
        assert (fact and (fact.field, fact.value, fact.status)) == (stands and (field, *stands))


def test_what_rests_on_a_postcode_that_a_person_decided_is_decided_as_well() -> None:
    given = decision(1, "SET_ADDRESS", LAST, "2022-03-01", value="12 High Street | NG7 1AB")
    settled = [{**given, "decided_on": date(2022, 3, 1)}]
    site = replace(SITE, home_areas={"NG7": "City North"})
    found = survivors([on(LAST, "2022-05-01", local_authority=None)], settled, site)
    assert [found[name].status for name in ("postcode", "policing_area", "local_authority")] == ["DECIDED"] * 3


def test_a_name_and_an_address_are_parted_where_their_first_mark_stands_and_what_they_leave_empty_is_not_set() -> None:
    def given(action: str, value: str) -> dict:
        return given_by({"action": action, "value": value})

    assert given("SET_NAME", "Canary, Robin, Lee") == {"surname": "Canary", "given_names": "Robin, Lee"}
    assert given("SET_ADDRESS", "1, High Street | NG7 1AB") == {"address": "1, High Street", "postcode": "NG7 1AB"}
    assert given("SET_ADDRESS", " | NG7 1AB") == {"postcode": "NG7 1AB"}
    assert given("MOVED", "E08000025 | 20") == {"local_authority": "E08000025"}
    assert given("RESTRICT", None) == {}


def test_only_the_records_that_say_the_home_area_which_stands_support_it() -> None:
    found = fact("policing_area", differing("policing_area", None, "City South", "City East"))
    assert found["supporting_mention_keys"] == [LAST]
