"""Does an id stay with the child it names, whatever changes hands?"""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.link.rows import NIGHT, NO_DECISIONS, decisions, mentions
from tests.link.test_nights import after, person_of
from transforms.link import Linked, link
from transforms.link.keepers import Claim, kept

LATER = NIGHT + timedelta(days=1)


def claim(person: str, group: int, mentions: int, of: int, first: int = 0, **marks: bool) -> Claim:
    return Claim(person, group, mentions, of, marks.get("entry", False), marks.get("founding", False), first)


@pytest.mark.parametrize(
    ("what", "claims", "keeps", "went"),
    [
        ("most of the mentions", [claim("P", 1, 1, 5, founding=True), claim("P", 2, 4, 5)], {2: "P"}, {}),
        (
            "the tracker entry before most mentions",
            [claim("P", 1, 1, 5, entry=True), claim("P", 2, 4, 5)],
            {1: "P"},
            {},
        ),
        (
            "of two halves the one it was made of",
            [claim("P", 1, 1, 2), claim("P", 2, 1, 2, founding=True)],
            {2: "P"},
            {},
        ),
        ("a merge: the entry", [claim("P", 1, 9, 9), claim("Q", 1, 1, 1, entry=True)], {1: "Q"}, {"P": 1}),
        ("a merge: most mentions", [claim("P", 1, 1, 1), claim("Q", 1, 3, 3, first=1)], {1: "Q"}, {"P": 1}),
        (
            "a merge of equals: who was known first",
            [claim("P", 1, 1, 1, 7), claim("Q", 1, 1, 1, 6)],
            {1: "Q"},
            {"P": 1},
        ),
        (
            "one mention never carries an id to another child",
            [claim("P", 1, 1, 30, founding=True), claim("P", 2, 29, 30), claim("Q", 1, 3, 3, 5)],
            {1: "Q", 2: "P"},
            {},
        ),
        (
            "not even the one that holds the entry",
            [claim("P", 1, 1, 30, entry=True), claim("P", 2, 29, 30), claim("Q", 1, 3, 3, 5)],
            {1: "Q", 2: "P"},
            {},
        ),
        (
            "of two entries that are one child the smaller goes, and what it loses gets an id of its own",
            [claim("P", 1, 1, 2, entry=True), claim("P", 2, 1, 2), claim("Q", 1, 3, 3, 5, entry=True)],
            {1: "Q"},
            {"P": 1},
        ),
    ],
)
def test_an_id_stays_with(what: str, claims: list[Claim], keeps: dict[int, str], went: dict[str, int]) -> None:
    assert kept(claims) == (keeps, went)


@st.composite
def claims(draw: st.DrawFn) -> list[Claim]:
    """Ids whose mentions lie in some groups."""
    made = []
    for person in range(draw(st.integers(1, 4))):
        counts = draw(st.dictionaries(st.integers(0, 4), st.integers(1, 5), min_size=1, max_size=3))
        entry, founding = draw(st.sampled_from([*counts, None])), draw(st.sampled_from([*counts]))
        made += [
            claim(
                f"P{person}",
                group,
                count,
                sum(counts.values()),
                10 * person + group,
                entry=group == entry,
                founding=group == founding,
            )
            for group, count in counts.items()
        ]
    return made


@given(claims(), st.randoms())
def test_nobody_gets_two_ids_no_id_two_groups_and_order_does_not_matter(rows: list[Claim], chance: object) -> None:
    keeps, went = kept(rows)
    assert len(set(keeps.values())) == len(keeps)
    assert set(keeps.values()) | set(went) == {one.person for one in rows}
    assert set(keeps.values()).isdisjoint(went)
    assert set(went.values()) <= set(keeps)
    chance.shuffle(rows)  # type: ignore[attr-defined]
    assert kept(rows) == (keeps, went)


@given(claims())
def test_no_id_leaves_most_of_its_mentions_for_another_childs(rows: list[Claim]) -> None:
    """It goes with fewer than half of them only to a group that holds its entry and is nobody else's."""
    keeps, _ = kept(rows)
    for one in rows:
        if keeps.get(one.group) == one.person and not one.is_half:
            others = [other for other in rows if other.group == one.group and other.is_most]
            assert one.entry or not any(other.is_most for other in rows if other.person == one.person)
            assert all(keeps.get(other.group) != other.person or other.person == one.person for other in others)


OSMAN = {"given_names": "Tariq", "surname": "Osman", "gender": "Male"}
ELDER = {**OSMAN, "date_of_birth": "2006-04-19", "dob_status": "VERIFIED", "postcode": "NG7 2QL"}
YOUNGER = {**OSMAN, "date_of_birth": "2009-11-02", "dob_status": "VERIFIED", "postcode": "NG18 4AB"}


def two_namesakes() -> list[dict[str, str]]:
    """Two boys of one name who are on the tracker, and a record without a date that either may be."""
    return [
        {"key": "btp:BTP-7", **ELDER, "landed": date(2022, 1, 1)},
        {"key": "intel:e1#1", **ELDER},
        {"key": "opening:E9", **ELDER},
        {"key": "intel:y1#1", **YOUNGER},
        {"key": "opening:E3", **YOUNGER},
        {"key": "intel:u#1", **OSMAN},
    ]


def nights(*said: tuple[str, str, str]) -> tuple[dict[str, str], Linked]:
    """Who was who before anything was said, and the night after it."""
    table = mentions(*two_namesakes())
    first = link(table, NO_DECISIONS, NIGHT)
    return person_of(first), link(table, decisions(*said), LATER, after(NO_DECISIONS, first))


def test_a_record_that_moves_to_another_child_leaves_the_id_behind() -> None:
    to_the_younger = (("LINK", "btp:BTP-7", key) for key in ("intel:y1#1", "opening:E3"))
    were, second = nights(*to_the_younger, ("SEPARATE", "btp:BTP-7", "intel:e1#1"))
    are = person_of(second)
    assert were["btp:BTP-7"] == were["opening:E9"]
    assert are["opening:E9"] == were["opening:E9"]
    assert are["opening:E3"] == were["opening:E3"]
    assert are["btp:BTP-7"] == were["opening:E3"]
    assert all(
        row["merged_into"] is None for row in second.person_id.to_pylist() if row["person_id"] != were["intel:u#1"]
    )


def test_an_id_whose_first_record_went_elsewhere_is_not_made_a_second_time() -> None:
    table = mentions(*two_namesakes())
    first = link(table, NO_DECISIONS, NIGHT)
    apart = (("SEPARATE", "btp:BTP-7", "intel:e1#1"), ("SEPARATE", "btp:BTP-7", "opening:E9"))
    second = link(table, decisions(*apart), LATER, after(NO_DECISIONS, first))
    were, are = person_of(first), person_of(second)
    assert are["opening:E9"] == were["opening:E9"]
    assert are["btp:BTP-7"] not in were.values()
    third = link(table, decisions(*apart), LATER + timedelta(days=1), after(decisions(*apart), second))
    assert person_of(third) == are
    assert third.person_id.equals(second.person_id)
