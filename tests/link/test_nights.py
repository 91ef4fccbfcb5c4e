"""Is a person the same person under the same id on every night?"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.link_forces import force
from expectations.contracts import contract
from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions, people, questions
from tests.link.test_who_is_who import BARE, a
from transforms.link import NOTHING, Earlier, Linked, Segment, link, link_night
from transforms.link.incremental import changes
from transforms.link.incremental.index import Index
from transforms.link.model import blocking
from transforms.link.model.columns import columns_of, with_counts
from transforms.link.model.evidence import Kind, kinds
from transforms.link.model.names import national_share
from transforms.link.model.score import Scored
from transforms.link.model.settings import FEWEST_QUESTIONS, FIELDS, SHOWN_WEIGHT
from transforms.link.people import person_ids_of

LATER = NIGHT + timedelta(days=1)


def after(decision: pa.Table, linked: Any) -> Earlier:
    made = {
        name: contract(name).conform(getattr(linked, name)) for name in ("person", "person_id", "same_person_question")
    }
    return Earlier(decision, **made)


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
    merged = link(table, said, LATER, after(NO_DECISIONS, apart))
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
    split = link(table, said, LATER, after(NO_DECISIONS, merged))
    assert person_of(split) == {"intel:1": person_id_of("intel:1"), "intel:2": person_id_of("intel:2")}
    (event,) = split.person_event.to_pylist()
    assert (event["kind"], event["other_person_id"], event["cause"]) == ("SPLIT", person_id_of("intel:2"), "D000")
    assert all(row["merged_into"] is None for row in split.person_id.to_pylist())


def test_a_question_that_stands_is_not_replaced_by_another_about_the_same_two() -> None:
    table = mentions(a("1"), a("2", date_of_birth="", address=""))
    first = link(table, NO_DECISIONS, NIGHT)
    more = mentions(a("1"), a("2", date_of_birth="", address=""), a("3", telephone="07700 900123"))
    assert questions(link(more, NO_DECISIONS, LATER, after(NO_DECISIONS, first))) == questions(first)


def test_questions_that_found_no_room_get_their_turn_once_others_are_answered() -> None:
    surnames = list(national_share("surname"))[: FEWEST_QUESTIONS + 5]
    rows = []
    for number, surname in enumerate(surnames):
        child = {"surname": surname, "date_of_birth": str(date(2005, 1, 2) + timedelta(days=40 * number)), **BARE}
        rows += [a(f"{number}", **child), a(f"{number}-undated", **child | {"date_of_birth": ""})]
    table = mentions(*rows)
    first, index = link_night(table, NO_DECISIONS, NIGHT, NOTHING, [])
    assert len(questions(first)) == FEWEST_QUESTIONS
    said = decisions(*(("SEPARATE", *pair) for pair in questions(first)[:5]))
    second, _ = link_night(table, said, LATER, after(NO_DECISIONS, first), index)
    assert set(questions(first)[5:]) < set(questions(second))
    assert len(questions(second)) == FEWEST_QUESTIONS


def test_a_night_that_brings_nothing_changes_nothing() -> None:
    table = mentions(a("1"), a("2", **BARE), a("3", date_of_birth=""))
    first = link(table, NO_DECISIONS, NIGHT)
    again = link(table, NO_DECISIONS, LATER, after(NO_DECISIONS, first))
    assert again.person.equals(first.person)
    assert again.person_id.equals(first.person_id)
    assert questions(again) == questions(first)
    assert again.person_event.num_rows == 0


somebody = st.fixed_dictionaries(
    {
        "given_names": st.sampled_from(
            ["Dominic", "Dom", "Dominci", "Joshua", "Josh", "", "D", "Dominic Adam", "Dominic Yusuf", "Dom-Adam"]
        ),
        "surname": st.sampled_from(["Thompson", "Thomspon", "Thomson", "Carter", "Dominic", ""]),
        "age_stated": st.sampled_from(["", "", "14", "16", "17"]),
        "date_of_birth": st.sampled_from(["2005-10-06", "2005-06-10", "2005", "2006-10-06", ""]),
        "dob_status": st.sampled_from(["VERIFIED", "STATED"]),
        "gender": st.sampled_from(["Male", ""]),
        "postcode": st.sampled_from(["NG20 9UH", "NG1 4BT", ""]),
        "telephone": st.sampled_from(["07700 900123", ""]),
        "pnc_id": st.sampled_from(["2016/6760309E", "2016/4419059T", "", "", ""]),
        "source_person_id": st.sampled_from(["N1", "N2", "", "", "", ""]),
    }
)


@dataclass
class Nights:
    """Nights in a row, each beginning with what the one before left."""

    earlier: Earlier = NOTHING
    segments: list[Segment] = field(default_factory=list)

    def link(self, mention: pa.Table, decision: pa.Table, night: date) -> Linked:
        made, self.segments = link_night(mention, decision, night, self.earlier, self.segments)
        self.segments = [Segment.of(segment.table()) for segment in self.segments]
        self.earlier = after(decision, made)
        return made

    def pairs(self) -> set[tuple[int, int, float]]:
        """All pairs of the index by id, with their weights."""
        index = Index(self.segments)
        found = index.pairs_of(np.sort(index.column("id", index.others(np.empty(0, np.int64)))))
        return {
            (min(left, right), max(left, right), weight)
            for left, right, weight in zip(
                found.left.tolist(), found.right.tolist(), found.weight.tolist(), strict=True
            )
        }


def assert_comes_to_the_same(nights: Nights, mention: pa.Table, decision: pa.Table, night: date) -> None:
    scratch = Nights()
    made, expected = nights.link(mention, decision, night), scratch.link(mention, decision, night)
    assert people(made) == people(expected)
    assert nights.pairs() == scratch.pairs()


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
    gone = data.draw(st.sets(st.integers(1, len(rows)), max_size=2))
    nights = Nights()
    for number in range(6):
        night = NIGHT + timedelta(days=number)
        tonight = [
            {**row, **(changed.get(place, {}) if number > 3 else {}), "landed": NIGHT + timedelta(days=landed[place])}
            for place, row in enumerate(rows)
            if landed[place] <= number and not (number > 4 and place in gone)
        ]
        if not tonight:
            continue
        table, decision = mentions(*tonight), decisions(*said[: max(0, number - 1)])
        assert_comes_to_the_same(nights, table, decision, night)


@pytest.mark.parametrize("kind", ["sparse", "households"])
def test_an_index_made_in_many_steps_says_what_one_made_at_once_says(kind: str) -> None:
    rows, others = force(kind, 330, seed=5), force(kind, 330, seed=6)
    nights = Nights()
    for number, known in enumerate([150, 200, 210, 260, 265, 330, 330]):
        tonight = [
            {**(others[place] if place % 17 == number else row), "key": row["key"]}
            for place, row in enumerate(rows[:known])
            if number != 6 or place % 23
        ]
        table = mentions(*tonight)
        night = NIGHT + timedelta(days=number)
        assert_comes_to_the_same(nights, table, NO_DECISIONS, night)
    assert len(Index(nights.segments)) == len(tonight)


def test_a_block_that_grew_too_large_brings_pairs_no_more_and_one_that_shrank_brings_them_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (blocking, changes):
        monkeypatch.setattr(module, "LARGEST_BLOCK", 3)
    rows = [
        a(str(n), given_names=name, date_of_birth="") for n, name in enumerate(("Dom", "Dominic", "Dominic", "Dom"))
    ]
    nights = Nights()
    for number, known in enumerate((rows[:2], rows[:3], rows, rows, rows[:3])):
        table = mentions(*known)
        assert_comes_to_the_same(nights, table, NO_DECISIONS, NIGHT + timedelta(days=number))


pairs_of_levels = st.tuples(*(st.sampled_from(list(kind)) for kind in FIELDS.values()))


@given(st.lists(pairs_of_levels, min_size=1, max_size=30), st.floats(-20, 40), st.floats(0, 30), st.booleans())
def test_a_pair_that_loses_weight_or_whose_name_is_nobodys_alone_any_more_is_not_kept_where_it_was_not(
    levels: list[Any], weight: float, lost: float, is_lone: bool
) -> None:
    """Only known pairs are weighed again where values have become commoner, or names no longer one person's."""
    columns = columns_of(mentions(a("1"), a("2", surname="Smith Jones")))
    pairs = [
        Scored(
            np.zeros(len(levels), int), np.ones(len(levels), int), np.array(levels, np.int8), np.full(len(levels), w)
        )
        for w in (weight, weight - lost)
    ]
    kept = []
    for lone, scored in zip((is_lone, not is_lone), pairs, strict=True):
        with_counts(columns, is_lone_name=np.array([lone, lone]))
        kept.append((kinds(columns, scored) < Kind.NOT) | (scored.weight >= SHOWN_WEIGHT))
    assert not (kept[1] & ~kept[0]).any()
