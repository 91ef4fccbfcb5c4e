"""What stood in a record and could not be read is seen where it matters, by its sentence and never by its value."""

import io

import pytest
from openpyxl import load_workbook

from tests.normalise.landed import nights, report, subject
from tests.report import a_night as night
from transforms.normalise.reasons import WARNINGS
from transforms.report.contents import Contents
from transforms.report.needs import Needs
from transforms.report.page import page
from transforms.report.unread import unread
from transforms.report.worklist import worklists

AGE = "intel:31/2022/000800#1"  # the mention that the small night's age question is about
PLACEHOLDER = WARNINGS["DOB_PLACEHOLDER"]


def with_warnings(**warnings: list[str]) -> Contents:
    """The small night, with these warnings by the number of a report."""
    contents = night.a_night()
    rows = contents.rows("mention")
    for row in rows:
        row["warnings"] = warnings.get(f"r{row['record_ref'].rsplit('/', 1)[-1]}", [])
    return night.a_night(mention=rows)


def test_every_warning_that_normalise_can_give_has_its_sentence() -> None:
    wrong = {"date_of_birth": "1900-01-01", "gender": "M/F", "postcode": "here", "telephone": "1", "pnc_id": "x"}
    tables = nights({"landed_report": [report()], "landed_subject": [subject(**wrong)]})
    (mention,) = tables["mention"].values()
    assert set(mention["warnings"]) >= {"DOB_PLACEHOLDER", "GENDER_UNKNOWN_CODE", "POSTCODE_UNREADABLE"}
    assert set(mention["warnings"]) <= set(WARNINGS)


def test_the_same_thing_in_several_records_is_said_once_with_how_many_there_are() -> None:
    contents = with_warnings(r000100=["DOB_PLACEHOLDER"], r000800=["DOB_PLACEHOLDER", "PNC_UNREADABLE"])
    keys = ["intel:31/2022/000100#1", AGE]
    assert [str(one) for one in unread(contents, keys)] == [
        f"{PLACEHOLDER} (Intelligence report 31/2022/000100 and 1 more record)",
        f"{WARNINGS['PNC_UNREADABLE']} (Intelligence report 31/2022/000800)",
    ]


def test_an_age_question_says_what_stood_where_no_date_of_birth_is_known() -> None:
    contents = with_warnings(r000800=["DOB_PLACEHOLDER", "TELEPHONE_UNREADABLE"])
    (question,) = Needs(contents).ages
    assert [str(one) for one in question.unread] == [f"{PLACEHOLDER} (Intelligence report 31/2022/000800)"]
    sheet = load_workbook(io.BytesIO(worklists(contents)["worklist.xlsx"]))["Worklist"]
    (row,) = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5) if row[1].value == "Age to settle"]
    assert f"{PLACEHOLDER} (Intelligence report 31/2022/000800)" in row


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("today", f"{WARNINGS['DOB_IN_FUTURE']} (Intelligence report 31/2022/000800)"),
        ("tracker", f"<dt>Could not be read</dt><dd>{WARNINGS['POSTCODE_UNREADABLE']}"),
    ],
)
def test_the_report_shows_it_beside_the_question_and_at_the_child(place: str, shown: str) -> None:
    text = page(with_warnings(r000100=["POSTCODE_UNREADABLE"], r000800=["DOB_IN_FUTURE"])).decode()
    assert shown in text[text.index(f'<section id="{place}"') :].split("<section id=")[1]
    assert "Could not be read" not in page(with_warnings()).decode()
