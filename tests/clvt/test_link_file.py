"""`clvt link` takes any file of mentions: a bad value costs that value, and its row is named."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clvt.linkage import LinkageError, link_file

HEADINGS = "mention_key,given_names,surname,date_of_birth,telephone,age_stated"


def linked(
    folder: Path, *rows: str, headings: str = HEADINGS, as_of: date | None = None
) -> tuple[list[str], list[str]]:
    """The person ids in order of the file's keys, and the rows named."""
    source, out = folder / "mentions.csv", folder / "persons.csv"
    source.write_text("\n".join([headings, *rows]) + "\n", encoding="utf-8")
    many, unread = link_file(source, out, folder / "pairs.csv", as_of)
    assert many == len(rows)
    return pd.read_csv(out, dtype=str)["person_id"].tolist(), unread


@pytest.mark.parametrize("born", ["0044-03-15", "1566-10-14", "1804-12-31", "2003-02-01", "9998-12-31"])
def test_a_birth_of_any_century_is_compared(tmp_path: Path, born: str) -> None:
    persons, _ = linked(
        tmp_path, f"a,Robin,Hoodwink,{born},,", f"b,Robin,Hoodwink,{born},,", "c,Robin,Hoodwink,2005-01-09,,"
    )
    assert persons[0] == persons[1] != persons[2]


@pytest.mark.parametrize("headings", ["mention_key", "mention_key,shoe_size", "mention_key,surname", HEADINGS])
def test_absent_and_unknown_columns_are_no_matter(tmp_path: Path, headings: str) -> None:
    row = ["a", *([""] * headings.count(","))]
    persons, unread = linked(tmp_path, ",".join(row), headings=headings)
    assert (len(persons), unread) == (1, [])


def test_a_file_of_headings_alone_links_nobody(tmp_path: Path) -> None:
    assert linked(tmp_path) == ([], [])


def test_a_bad_value_costs_that_value_and_its_row_is_named_without_it(tmp_path: Path) -> None:
    persons, unread = linked(
        tmp_path,
        "a,Robin,Hoodwink,31/02/2005,07700900123,14",
        "b,Robin,Hoodwink,2005-01-09,12,fourteen",
        "c,Robin,#REF!,2005-01-09,,",
    )
    assert len(persons) == 3
    assert unread == [
        "row 2: DOB_IMPOSSIBLE",
        "row 3: AGE_UNREADABLE, TELEPHONE_UNREADABLE",
        "row 4: NAME_PLACEHOLDER",
    ]


@pytest.mark.parametrize(
    ("keys", "said"), [(("a", "a"), "row 3 .*earlier row"), (("a", ""), "row 3 has no mention_key")]
)
def test_a_row_without_a_key_of_its_own_is_named(tmp_path: Path, keys: Sequence[str], said: str) -> None:
    with pytest.raises(LinkageError, match=said):
        linked(tmp_path, *(f"{key},Robin,Hoodwink,,," for key in keys))


def test_rows_are_counted_as_a_spreadsheet_counts_them_where_some_are_empty(tmp_path: Path) -> None:
    source = tmp_path / "gaps.csv"
    source.write_text(f"{HEADINGS}\n,,,,,\na,Robin,Hoodwink,,,\n\nb,Robin,#REF!,,,\n", encoding="utf-8")
    assert link_file(source, tmp_path / "persons.csv", None) == (2, ["row 5: NAME_PLACEHOLDER"])


@pytest.mark.parametrize("row", ["a,Robin,Hoodwink,,,,,,x", 'a,"Robin,Hoodwink,,,'])
def test_a_row_longer_than_the_headings_is_named_and_never_shifted_into_them(tmp_path: Path, row: str) -> None:
    with pytest.raises(LinkageError, match="more values than there are headings, or a quotation mark"):
        linked(tmp_path, row, "b,Robin,Hoodwink,,,")


def test_a_role_and_a_day_that_are_none_are_named_too(tmp_path: Path) -> None:
    rows = ("a,child,2022-01-01", "b,alien,2022-02-31", "c,,")
    assert linked(tmp_path, *rows, headings="mention_key,role,recorded_on")[1] == [
        "row 3: ROLE_UNKNOWN, RECORDED_ON_UNREADABLE"
    ]


def of_parquet(folder: Path, **columns: object) -> tuple[list[str], list[str]]:
    pq.write_table(pa.table(columns), folder / "mentions.parquet")
    _, unread = link_file(folder / "mentions.parquet", folder / "persons.csv", None)
    return pd.read_csv(folder / "persons.csv", dtype=str)["mention_key"].tolist(), unread


@pytest.mark.parametrize(
    ("surname", "says"),
    [
        ([["x"], None], "NOT_TEXT"),
        ([{"x": 1}, None], "NOT_TEXT"),
        ([True, None], "NOT_TEXT"),
        ([b"\xff", None], "UTF8"),
    ],
)
def test_what_is_no_text_in_a_parquet_file_costs_that_value(tmp_path: Path, surname: object, says: str) -> None:
    keys, (unread,) = of_parquet(tmp_path, mention_key=["a", "b"], surname=surname)
    assert keys == ["a", "b"]
    assert unread.startswith("row 2: VALUE_")
    assert unread.endswith(says)


def test_moments_numbers_and_categories_of_a_parquet_file_are_read_as_what_they_say(tmp_path: Path) -> None:
    keys, unread = of_parquet(
        tmp_path,
        mention_key=[1, 2],
        surname=pa.array(["Hoodwink", "Hoodwink"]).dictionary_encode(),
        date_of_birth=pa.array([datetime(2005, 1, 9, tzinfo=UTC), datetime(2005, 1, 9, 12, 30, tzinfo=UTC)]),
        telephone=[7700900123.0, None],
        source_person_ids=[["N1", "N2"], ["N2"]],
    )
    assert (keys, unread) == (["1", "2"], [])
    assert len(set(pd.read_csv(tmp_path / "persons.csv")["person_id"])) == 1


def test_a_stated_age_counts_from_the_day_of_the_file(tmp_path: Path) -> None:
    row = "Robin,Hoodwink,,07700900123,"
    ages = [f"a,{row}14", f"b,{row}9"]
    assert len(set(linked(tmp_path, *ages, as_of=date(2022, 3, 1))[0])) == 2
    assert len(set(linked(tmp_path, f"a,{row}14", f"b,{row}14", as_of=date(2022, 3, 1))[0])) == 1


def test_values_of_a_parquet_file_may_have_types_of_their_own(tmp_path: Path) -> None:
    source = tmp_path / "mentions.parquet"
    pq.write_table(
        pa.table(
            {
                "mention_key": ["a", "b"],
                "given_names": ["Robin", "Robin"],
                "surname": ["Hoodwink", "Hoodwink"],
                "date_of_birth": pa.array([date(1650, 1, 2)] * 2),
                "age_stated": pa.array([None, 14]),
            }
        ),
        source,
    )
    assert link_file(source, tmp_path / "persons.csv", None)[0] == 2
    assert len(set(pd.read_csv(tmp_path / "persons.csv")["person_id"])) == 1
