"""Is a person the same person under the same id on every night?"""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from expectations.contracts import contract
from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from tests.link.test_who_is_who import BARE, a
from transforms.link import NOTHING, Earlier, link
from transforms.link.people import person_ids_of

LATER = NIGHT + timedelta(days=1)


def after(mention: pa.Table, decision: pa.Table, linked: Any) -> Earlier:
    made = {
        name: contract(name).conform(getattr(linked, name))
        for name in ("person", "person_id", "pair", "same_person_question")
    }
    return Earlier(mention, decision, **made)


def conformed(pair: pa.Table) -> pa.Table:
    return contract("pair").conform(pair)


def person_of(linked: Any) -> dict[str, str]:
    return {row["mention_key"]: row["person_id"] for row in linked.person.to_pylist()}


def person_id_of(mention_key: str) -> str:
    return str(person_ids_of([mention_key])[0])


def test_an_id_is_made_from_the_mention_that_landed_first() -> None:
    found = link(mentions(a("2", landed=date(2022, 1, 1)), a("1", landed=date(2022, 2, 1))), NO_DECISIONS, NIGHT)
    assert set(person_of(found).values()) == {person_id_of("intel:2")}


def test_an_id_has_ten_characters_without_those_that_are_misread() -> None:
    assert person_id_of("intel:31/2022/000417#1") == "P-17P6F5ZB7R"


def test_a_merge_keeps_the_earlier_id_and_the_other_redirects_to_it() -> None:
    one, two = a("1", landed=date(2022, 1, 1), **BARE), a("2", landed=date(2022, 2, 1), date_of_birth="")
    table = mentions(one, two)
    apart = link(table, NO_DECISIONS, NIGHT)
    said = decisions(("LINK", "intel:1", "intel:2"))
    merged = link(table, said, LATER, after(table, NO_DECISIONS, apart))
    first, second = person_id_of("intel:1"), person_id_of("intel:2")
    assert person_of(merged) == {"intel:1": first, "intel:2": first}
    rows = {row["person_id"]: row for row in merged.person_id.to_pylist()}
    assert (rows[second]["merged_into"], rows[second]["merged_on"], rows[second]["minted_on"]) == (first, LATER, NIGHT)
    assert merged.person_event.to_pylist() == [
        {
            "person_id": first,
            "other_person_id": second,
            "kind": "MERGED",
            "happened_on": LATER,
            "mention_keys": ["intel:2"],
            "cause": "D000",
        }
    ]


def test_undoing_a_merge_brings_the_old_id_back() -> None:
    table = mentions(a("1", landed=date(2022, 1, 1)), a("2", landed=date(2022, 2, 1)))
    merged = link(table, NO_DECISIONS, NIGHT)
    said = decisions(("SEPARATE", "intel:1", "intel:2"))
    split = link(table, said, LATER, after(table, NO_DECISIONS, merged))
    assert person_of(split) == {"intel:1": person_id_of("intel:1"), "intel:2": person_id_of("intel:2")}
    (event,) = split.person_event.to_pylist()
    assert (event["kind"], event["other_person_id"], event["cause"]) == ("SPLIT", person_id_of("intel:2"), "D000")
    assert all(row["merged_into"] is None for row in split.person_id.to_pylist())


def test_a_question_that_stands_is_not_replaced_by_another_about_the_same_two() -> None:
    table = mentions(a("1"), a("2", date_of_birth="", address=""))
    first = link(table, NO_DECISIONS, NIGHT)
    more = mentions(a("1"), a("2", date_of_birth="", address=""), a("3", telephone="07700 900123"))
    assert questions(link(more, NO_DECISIONS, LATER, after(table, NO_DECISIONS, first))) == questions(first)


def test_a_night_that_brings_nothing_changes_nothing() -> None:
    table = mentions(a("1"), a("2", **BARE), a("3", date_of_birth=""))
    first = link(table, NO_DECISIONS, NIGHT)
    again = link(table, NO_DECISIONS, LATER, after(table, NO_DECISIONS, first))
    assert again.person.equals(first.person)
    assert again.person_id.equals(first.person_id)
    assert conformed(again.pair).equals(conformed(first.pair))
    assert again.person_event.num_rows == 0


somebody = st.fixed_dictionaries(
    {
        "given_names": st.sampled_from(["Dominic", "Dom", "Dominci", "Joshua", "Josh", "", "D"]),
        "surname": st.sampled_from(["Thompson", "Thomspon", "Carter", "Dominic", ""]),
        "date_of_birth": st.sampled_from(["2005-10-06", "2005-06-10", "2005", "2006-10-06", ""]),
        "dob_status": st.sampled_from(["VERIFIED", "STATED"]),
        "gender": st.sampled_from(["Male", ""]),
        "postcode": st.sampled_from(["NG20 9UH", "NG1 4BT", ""]),
        "telephone": st.sampled_from(["07700 900123", ""]),
        "pnc_id": st.sampled_from(["2016/6760309E", "2016/4419059T", "", "", ""]),
        "source_person_id": st.sampled_from(["N1", "N2", "", "", "", ""]),
    }
)


@settings(max_examples=20)
@given(
    st.lists(somebody, min_size=1, max_size=14),
    st.data(),
)
def test_night_after_night_comes_to_the_same_people_as_starting_from_nothing(rows: list[Any], data: Any) -> None:
    rows = [{"key": f"intel:{number:02d}", **row} for number, row in enumerate(rows)]
    landed = sorted(data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows))))
    keys = st.sampled_from([row["key"] for row in rows])
    said = data.draw(st.lists(st.tuples(st.sampled_from(["LINK", "SEPARATE"]), keys, keys), max_size=3))
    changed = data.draw(st.dictionaries(st.integers(0, len(rows) - 1), somebody, max_size=2))
    earlier, night = NOTHING, NIGHT
    for number in range(5):
        night = NIGHT + timedelta(days=number)
        tonight = [
            {**row, **(changed.get(place, {}) if number == 4 else {}), "landed": NIGHT + timedelta(days=landed[place])}
            for place, row in enumerate(rows)
            if landed[place] <= number
        ]
        if not tonight:
            continue
        table, decision = mentions(*tonight), decisions(*said[: max(0, number - 1)])
        made = link(table, decision, night, earlier)
        earlier = after(table, decision, made)
    scratch = link(table, decision, night)
    assert people(made) == people(scratch)
    assert person_of(made) == person_of(scratch)
    key = [("mention_key", "ascending"), ("other_mention_key", "ascending")]
    assert conformed(made.pair).sort_by(key).equals(conformed(scratch.pair).sort_by(key))
