"""land: a file that is no feed, a record that is none and a value that is none are told apart from nothing there."""

import io
import json
import re
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from connectors.sources import feeds, workbooks
from connectors.sources.feeds import FeedContent
from expectations.feeds import FEEDS
from night.land import form_of

MISSING, SCA, OPENING = (form_of(FEEDS[name]) for name in ("missing_episodes", "sca_referrals", "opening"))
HEADER = "episode_ref,given_names,surname,date_of_birth,missing_from\n"
GOOD = "MFH-00042,Ember,Lindqvist,2009-08-30,2022-02-27T10:00:00+00:00\n"


def csv(text: str | bytes) -> FeedContent:
    content = text.encode() if isinstance(text, str) else text
    return feeds.read("missing_episodes_20220301.csv", content, MISSING)


def codes(content: FeedContent) -> list[str]:
    return [one.code for one in content.refused]


def keys(content: FeedContent) -> list[str]:
    return [row["episode_ref"] for row in content.rows]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("FATAL: connection to upstream reset by peer\n", "FILE_WITHOUT_KEY_COLUMN"),
        ("<html><body>Please sign in</body></html>", "FILE_WITHOUT_KEY_COLUMN"),
        ("episode_ref;given_names;surname\n", "FILE_WITHOUT_KEY_COLUMN"),
        ("\x00" * 512, "FILE_WITHOUT_KEY_COLUMN"),
        ("\n\n\n", "FILE_WITHOUT_KEY_COLUMN"),
        ("<?xml version='1.0'?><records/>", "FILE_WITHOUT_KEY_COLUMN"),
        ("surname,episode_ref,surname\nLindqvist,MFH-00042,Male\n", "FILE_HEADING_TWICE"),
        ("episode_ref,Surname ,surname\nMFH-00042,a,b\n", "FILE_HEADING_TWICE"),
    ],
)
def test_a_file_that_is_no_feed_is_refused_whole(text: str, code: str) -> None:
    content = csv(text)
    assert (content.rows, code in codes(content)) == ([], True)


def test_a_feed_without_records_is_one() -> None:
    assert csv(HEADER) == FeedContent()


@pytest.mark.parametrize("cut", [len(GOOD) - 1 - number for number in (28, 40, 48)])
def test_a_row_cut_within_is_refused_and_the_others_are_taken(cut: int) -> None:
    content = csv(HEADER + GOOD + GOOD.replace("00042", "00043")[:cut])
    assert (keys(content), codes(content)) == (["MFH-00042"], ["ROW_CUT_SHORT"])


def test_headings_are_compared_without_case_and_spaces() -> None:
    assert keys(csv(HEADER.upper().replace(",", " , ") + GOOD)) == ["MFH-00042"]
    assert csv("\ufeff" + HEADER + GOOD).rows[0]["surname"] == "Lindqvist"


def test_rows_that_a_spreadsheet_left_blank_are_passed_over() -> None:
    content = csv(HEADER + GOOD + ",,,,\n" * 250 + " ,\u00a0,,,\n")
    assert (keys(content), codes(content)) == (["MFH-00042"], [])


def test_nul_bytes_behind_the_last_row_are_told_once() -> None:
    content = csv(HEADER + GOOD + "\x00" * 4096)
    assert (keys(content), codes(content)) == (["MFH-00042"], ["FILE_HAS_NUL_BYTES"])
    assert "\x00" not in str(content.refused)


@pytest.mark.parametrize("key", ["MFH-00042 ", " MFH-00042", "MFH-00042\u00a0", "\u200bMFH-00042", "MFH-00042\x00"])
def test_a_key_is_tidied(key: str) -> None:
    assert keys(csv(HEADER + GOOD.replace("MFH-00042", key))) == ["MFH-00042"]


@pytest.mark.parametrize("key", ["", " ", "\u00a0", "\x00\x00"])
def test_a_blank_key_is_no_key(key: str) -> None:
    content = csv(HEADER + GOOD.replace("MFH-00042", key))
    assert (content.rows, "ROW_WITHOUT_KEY" in codes(content)) == ([], True)


@pytest.mark.parametrize(
    "key",
    [
        "Ember Lindqvist dob 30/08/2009",
        "Ember-1",
        "EMBER-LINDQVIST-1",
        "ember.lindqvist.1",
        "MFH-30/08/2009",
        "MFH-2009-08-30",
        "07700900123",
        "NG1-5AA-1",
        "MFH",
        "MFH-" + "1" * 60,
        "=1+1",
    ],
)
def test_a_key_that_looks_like_a_person_or_like_none_is_refused_and_not_repeated(key: str) -> None:
    content = csv(HEADER + GOOD.replace("MFH-00042", key))
    assert (content.rows, codes(content)) == ([], ["KEY_NOT_AGREED"])
    assert key not in str(content.refused)


@pytest.mark.parametrize("key", ["MFH-00042", "31/2022/000417", "P0042", "42", "NRM.2022_17", "A1-B2/C3", "20220301-7"])
def test_a_reference_is_a_key(key: str) -> None:
    assert keys(csv(HEADER + GOOD.replace("MFH-00042", key))) == [key]


def test_an_unknown_heading_is_told_and_shown_only_where_it_is_a_word() -> None:
    content = csv("episode_ref,shoe_size,Lindqvist Ember 30/08/2009\nMFH-00042,41,x\n")
    assert codes(content) == ["COLUMN_UNKNOWN"] * 2
    assert "shoe_size" in str(content.refused)
    assert "lindqvist" not in str(content.refused).lower()


# JSON


def sca(records: Any, **more: Any) -> FeedContent:
    whole = (
        records if isinstance(records, str) else json.dumps({"schema": "sca_referrals/1", "records": records, **more})
    )
    return feeds.read("sca_referrals_20220301.json", whole.encode(), SCA)


REFERRAL = {"referral_ref": "NRM-000077", "kind": "REFERRAL", "given_names": "Ember", "exploitation_types": ["debt"]}


@pytest.mark.parametrize(
    ("column", "value", "kept", "code"),
    [
        ("given_names", ["Ember", "Sky"], None, "VALUE_NOT_TEXT"),
        ("alias", {"first": "Moth"}, None, "VALUE_NOT_TEXT"),
        ("surname", True, None, "VALUE_NOT_TEXT"),
        ("alias", "Moth \ud83d", None, "VALUE_NOT_UTF8"),
        ("surname", float("nan"), None, None),
        ("surname", float("-inf"), None, None),
        ("postcode", 42, "42", None),
        ("postcode", 42.0, "42", None),
        ("exploitation_types", "county-lines", ["county-lines"], None),
        ("exploitation_types", [1, None, "debt"], ["1", "debt"], None),
        ("exploitation_types", [["debt"]], None, "VALUE_NOT_TEXT"),
        ("exploitation_types", {"a": "debt"}, None, "VALUE_NOT_TEXT"),
    ],
)
def test_one_value_that_is_no_text_costs_that_value(column: str, value: Any, kept: Any, code: str | None) -> None:
    content = sca([{**REFERRAL, column: value}, {**REFERRAL, "referral_ref": "NRM-000078"}])
    assert len(content.rows) == 2
    assert (content.rows[0][column], codes(content)) == (kept, [code] if code else [])


@pytest.mark.parametrize("ref", [["NRM-1"], {"a": 1}, True, "NRM-\ud83d", None, float("nan")])
def test_a_key_that_is_no_text_costs_its_record(ref: Any) -> None:
    content = sca([{**REFERRAL, "referral_ref": ref}, REFERRAL])
    assert [row["referral_ref"] for row in content.rows] == ["NRM-000077"]
    assert "ROW_WITHOUT_KEY" in codes(content)


@pytest.mark.parametrize("record", ["text", 7, None, ["a"], []])
def test_a_record_that_is_none_costs_itself(record: Any) -> None:
    content = sca([record, REFERRAL])
    assert (len(content.rows), codes(content)) == (1, ["RECORD_UNREADABLE"])


def test_a_record_that_names_a_value_twice_is_refused() -> None:
    twice = '{"referral_ref": "NRM-000078", "surname": "Ashdown", "surname": "Elmhurst"}'
    content = sca('{"schema": "sca_referrals/1", "records": [' + twice + "," + json.dumps(REFERRAL) + "]}")
    assert (len(content.rows), codes(content)) == (1, ["RECORD_UNREADABLE"])


def test_another_schema_is_refused_and_a_next_page_or_an_error_is_told() -> None:
    assert codes(sca([REFERRAL], schema="sca_referrals/3")) == ["FILE_OF_ANOTHER_SCHEMA"]
    assert codes(sca([REFERRAL], schema="missing_episodes/1")) == ["FILE_OF_ANOTHER_SCHEMA"]
    for more in ({"next": "/referrals?page=2"}, {"errors": [{"code": 503}]}, {"truncated": True}):
        content = sca([REFERRAL], **more)
        assert (len(content.rows), codes(content)) == (1, ["FILE_SAYS_MORE"])
    assert codes(sca([REFERRAL], errors=[], next=None)) == []


# Workbooks

ROW = {"entry_ref": "P0042", "status": "Open to the team", "date_added": "12/10/2021", "surname": "Lindqvist"}


def workbook(*sheets: list[list[Any]]) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
    return book


def saved(book: openpyxl.Workbook) -> bytes:
    into = io.BytesIO()
    book.save(into)
    return into.getvalue()


TRACKER: list[list[Any]] = [list(ROW), list(ROW.values())]


def xlsx(content: bytes) -> FeedContent:
    return feeds.read("opening_tracker.xlsx", content, OPENING)


def with_part(content: bytes, name: str, change: Any) -> bytes:
    """The workbook with one of its parts changed."""
    into = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(into, "w") as new:
        for part in old.namelist():
            data = old.read(part)
            new.writestr(part, change(data) if part == name else data)
    return into.getvalue()


@pytest.mark.parametrize(
    "before",
    [
        [[["OFFICIAL-SENSITIVE"]]],
        [[["Tracker of the team"], ["Kept by", "Sergeant"], [], ["See sheet 2"]]],
        [[]],
        [[["entry", "status"], ["P1", "x"]], []],
    ],
)
def test_the_first_sheet_with_the_agreed_headings_counts(before: list[list[list[Any]]]) -> None:
    content = xlsx(saved(workbook(*before, TRACKER)))
    assert ([row["surname"] for row in content.rows], codes(content)) == (["Lindqvist"], [])


def test_a_title_above_the_headings_changes_nothing() -> None:
    content = xlsx(saved(workbook([["Tracker", None], [], *TRACKER])))
    assert [row["entry_ref"] for row in content.rows] == ["P0042"]


@pytest.mark.parametrize("sheets", [[[]], [[["Tracker"]]], [[["entry_ref ref", "status"], ["P1", "x"]]]])
def test_a_workbook_without_the_headings_is_refused(sheets: list[list[list[Any]]]) -> None:
    assert codes(xlsx(saved(workbook(*sheets)))) == ["FILE_WITHOUT_KEY_COLUMN"]


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("size", [b"A1", b"A1:B1", b"A1:A1048576"])
def test_a_size_that_is_told_wrongly_loses_no_row(size: bytes) -> None:
    changed = with_part(
        saved(workbook(TRACKER)),
        SHEET,
        lambda xml: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % size, xml),
    )
    assert [row["surname"] for row in xlsx(changed).rows] == ["Lindqvist"]


def test_an_empty_fill_as_some_exporters_write_it_loses_nothing() -> None:
    changed = with_part(
        saved(workbook(TRACKER)),
        "xl/styles.xml",
        lambda xml: re.sub(rb"<fill><patternFill ?/></fill>", b"<fill/>", xml),
    )
    assert [row["surname"] for row in xlsx(changed).rows] == ["Lindqvist"]


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("share", [0.1, 0.6, 0.95])
def test_a_workbook_whose_parts_are_cut_is_refused_or_read_whole(part: str, share: float) -> None:
    content = xlsx(with_part(saved(workbook(TRACKER)), part, lambda xml: xml[: int(len(xml) * share)]))
    assert codes(content) == ["FILE_IS_NOT_XLSX"] or [row["surname"] for row in content.rows] == ["Lindqvist"]


def test_an_error_and_a_formula_without_a_result_are_told_by_row_and_column() -> None:
    book = workbook(
        [list(ROW), list(ROW.values()), ["P0043", "=A1", "12/10/2021", "=1/0"], ["P0044", "Open", "x", "y"]]
    )
    sheet = book.worksheets[0]
    sheet["D2"] = "#N/A"
    sheet["D2"].data_type = "e"
    content = xlsx(saved(book))
    told = {(one.key, one.code, one.detail) for one in content.refused}
    assert told == {
        ("opening_tracker.xlsx:row 2", "CELL_WITHOUT_VALUE", "Column surname."),
        ("opening_tracker.xlsx:row 3", "CELL_WITHOUT_VALUE", "Column status, surname."),
    }
    assert [row["surname"] for row in content.rows] == [None, None, "y"]


def test_the_kinds_of_cells_become_the_texts_that_are_agreed() -> None:
    names = ["entry_ref", "date_added", "date_of_birth", "pnc_id", "surname", "alias"]
    row = [42, date(2021, 10, 12), datetime.fromisoformat("2009-08-30"), 7.5, True, " Moth "]
    content = xlsx(saved(workbook([names, row])))
    assert [content.rows[0][name] for name in names] == ["42", "12/10/2021", "30/08/2009", "7.5", None, "Moth"]
    assert codes(content) == ["VALUE_NOT_TEXT"]


def test_a_workbook_that_is_far_too_large_unpacked_is_not_opened() -> None:
    content = saved(workbook(TRACKER))
    with pytest.raises(workbooks.NotAWorkbook):
        workbooks.sheet_with(content, {"entry_ref"}, most=1_000)
    assert workbooks.sheet_with(content, {"entry_ref"}, most=1_000_000) is not None


def test_a_real_tracker_keeps_its_name_out_of_what_is_shown(tmp_path: Path) -> None:
    from tests.pull.force import Force, outside, until_normalised

    force = Force(tmp_path / "force")
    force.report()
    (force.folder / "opening_tracker.xlsx").write_bytes(saved(workbook([["Tracker"]])))
    assert outside(until_normalised(force.night("2022-03-02"))) == {("opening_tracker.xlsx", "FILE_WITHOUT_KEY_COLUMN")}
