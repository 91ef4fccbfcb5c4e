"""Whoever was ever recorded so is found, however it is typed."""

from datetime import date
from typing import Any

import pytest

from expectations.contracts import contract
from transforms.normalise.names import name_of
from transforms.report.find import Register, find, forms, one_error_apart


def mention(key: str, given: str, surname: str, alias: str | None = None, **known: Any) -> dict[str, Any]:
    read = name_of(given, surname, alias)._asdict()
    read.pop("warnings")
    empty = dict.fromkeys(contract("mention").names)
    ref = key.split(":")[1].split("#")[0]
    return empty | {"mention_key": key, "record_ref": ref, "recorded_on": date(2023, 5, 3)} | read | known


MENTIONS = [
    mention("intel:47/2023/000311#1", "Zoë Katherine", "Müller", date_of_birth=date(2008, 4, 20), birth_year=2008),
    mention("missing:EP-7714", "Katie", "Müller", telephone="+447700900823", source_person_ids=["N771032"]),
    mention("opening:5", "Séan", "O'Riordan", "Ferret", postcode="S1 2AB", pnc_id="2021/0000345K", school="Park High"),
    mention("btp:RB-93", "Emmanuel", "Adebayo-Cole", address_key="14 orchard st", recorded_on=date(2022, 1, 1)),
    mention("intel:47/2023/000588#2", "Mohammed Yusuf", "Iqbal"),
]
PERSONS = [
    {"mention_key": key, "person_id": person}
    for key, person in [
        ("intel:47/2023/000311#1", "P-MULLER0001"),
        ("missing:EP-7714", "P-MULLER0001"),
        ("opening:5", "P-RIORDAN001"),
        ("btp:RB-93", "P-ADEBAYO001"),
        ("intel:47/2023/000588#2", "P-IQBAL00001"),
    ]
]
CHILDREN = [
    {"person_id": "P-RIORDAN001", "tracker_id": "CLVT-000012", "given_names": "Sean", "surname": "O'Riordan",
     "date_of_birth": date(2007, 9, 1)},
]  # fmt: skip
REGISTER = Register(MENTIONS, PERSONS, CHILDREN, {"P-RIORDAN001": ["P-OLDID00001", "CL-AB12CD34EF56"]})


def found(text: str) -> list[str]:
    return [row["person_id"] for row in find(text, REGISTER)]


@pytest.mark.parametrize(
    ("typed", "person"),
    [
        *((typed, "P-MULLER0001") for typed in ("Müller", "muller", "MÜLLER", "Muller Zoe", "Zoë")),
        ("Mueller", "P-MULLER0001"),  # as German writes it without the sign: a letter more
        ("Katherine Muller", "P-MULLER0001"),
        ("Kate Müller", "P-MULLER0001"),
        *(
            (typed, "P-MULLER0001")
            for typed in ("20/04/2008", "2008-04-20", "20.4.2008", "20 Apr 2008", "20 April 2008")
        ),
        ("Muller 2008", "P-MULLER0001"),
        *((typed, "P-MULLER0001") for typed in ("07700900823", "07700 900 823", "+44 7700 900823", "+447700900823")),
        ("n771032", "P-MULLER0001"),
        ("47/2023/000311", "P-MULLER0001"),
        ("EP-7714", "P-MULLER0001"),
        *((typed, "P-RIORDAN001") for typed in ("O'Riordan", "O’Riordan", "ORiordan", "o riordan", "Sean", "Séan")),
        ("Ferret", "P-RIORDAN001"),
        *((typed, "P-RIORDAN001") for typed in ("S1 2AB", "s12ab", "S12AB O'Riordan")),
        *((typed, "P-RIORDAN001") for typed in ("21/345K", "2021/0000345K")),
        ("park high", "P-RIORDAN001"),
        *((typed, "P-RIORDAN001") for typed in ("CLVT-000012", "clvt-000012", "P-OLDID00001", "cl-ab12cd34ef56")),
        *((typed, "P-ADEBAYO001") for typed in ("Emamnuel", "Adebayo Cole", "Adebayo-Cole Emmanuel", "14 Orchard")),
        ("intel:47/2023/000588#2", "P-IQBAL00001"),
        ("Muhammad Iqbal", "P-IQBAL00001"),
    ],
)
def test_one_who_was_recorded_so_is_found(typed: str, person: str) -> None:
    assert found(typed) == [person]


@pytest.mark.parametrize("typed", ["", "   ", "Muller Iqbal", "Sean 2008", "07700900000", "20/04/2007", "Jo", "N77103"])
def test_nobody_is_found_of_whom_not_everything_is_true(typed: str) -> None:
    assert found(typed) == []


def test_a_mistyped_name_finds_nobody_where_somebody_is_written_so() -> None:
    twins = [mention("opening:1", "Jayden", "Poole"), mention("opening:2", "Hayden", "Poole")]
    persons = [{"mention_key": f"opening:{n}", "person_id": f"P-{n}"} for n in (1, 2)]
    assert [row["person_id"] for row in find("Hayden", Register(twins, persons, []))] == ["P-2"]


def test_a_row_says_who_it_is_and_by_what_they_were_found() -> None:
    assert find("Ferret S1 2AB", REGISTER) == [
        {
            "person_id": "P-RIORDAN001",
            "tracker_id": "CLVT-000012",
            "name": "Sean O'Riordan",
            "date_of_birth": date(2007, 9, 1),
            "matched": "postcode, alias",
        }
    ]


def test_somebody_who_is_no_child_of_the_tracker_has_the_name_last_recorded() -> None:
    (row,) = find("Zoe", REGISTER)
    assert (row["tracker_id"], row["date_of_birth"]) == (None, date(2008, 4, 20))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("emmanuel", "emamnuel", True), ("poole", "pole", True), ("pole", "poole", True), ("cole", "cola", True),
        ("cole", "coal", False), ("abcd", "badc", False), ("sean", "shaun", False),
    ],
)  # fmt: skip
def test_one_typing_error(one: str, other: str, expected: bool) -> None:
    assert one_error_apart(one, other) is expected


def test_for_the_page_without_a_server_all_is_written_as_its_search_compares_it():
    written = forms(MENTIONS[:3]).split()
    assert {"zoe", "katherine", "katie", "kate", "muller", "oriordan", "ferret"} <= set(written)
    assert {"2008-04-20", "07700900823", "s12ab", "2021/0000345k", "n771032", "47/2023/000311"} <= set(written)
    assert len(written) == len(set(written))
