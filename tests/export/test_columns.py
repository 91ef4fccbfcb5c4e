"""A partner with a system of its own gets its own columns, by its contract alone."""

import csv
import io
import json
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from expectations.recipients import Recipient, parse
from tests.export.a_force import TONIGHT, Person, after, mention, tables_of
from transforms.export.check import problems
from transforms.export.drops import Earlier, Outcome, drops, shortfalls

HOSPITAL = """
title: Children's emergency department
purpose: Recognise a child at risk who is brought in.
legal_basis: Children Act 2004 s.11
agreement: {reference: ISA-ED-1, valid_from: 2022-01-01, valid_to: 2030-12-31}
marking: OFFICIAL-SENSITIVE
exporter: columns
formats: [csv, xlsx, json]
population: {of: ratified, where: {local_authority: [CITY, COUNTY]}}
fields: {given_names: , surname: , date_of_birth: }
settings:
  columns:
    {Our ref: record_ref, Forename: given_names, Surname: surname, DOB: date_of_birth, How: operation, Why: accuracy}
"""
HEADINGS = ["Our ref", "Forename", "Surname", "DOB", "How", "Why"]


def files(outcome: Outcome, form: str) -> bytes:
    (content,) = (text for name, text in outcome.files.items() if name.endswith(f"children.{form}"))
    return content


@pytest.fixture(scope="module")
def hospital() -> Recipient:
    return parse("hospital", HOSPITAL)


def told(hospital: Recipient) -> Outcome:
    children = (
        Person("P-1", [mention()]),
        Person("P-2", [mention("intel:31/2022/000002#1", local_authority="COUNTY")]),
    )
    return drops(tables_of(*children), {"hospital": hospital}, Earlier())


def test_each_format_has_the_columns_of_the_contract_and_the_children_of_both_authorities(hospital: Recipient) -> None:
    outcome = told(hospital)
    sheet = list(csv.reader(io.StringIO(files(outcome, "csv").decode("utf-8-sig"))))
    assert sheet[0] == HEADINGS
    assert [row[1:5] for row in sheet[1:]] == [["Kai", "Ashby", "2007-03-09", "CREATE"]] * 2
    book = load_workbook(io.BytesIO(files(outcome, "xlsx"))).worksheets[0]
    assert [cell.value for cell in book[2]] == HEADINGS
    read = json.loads(files(outcome, "json"))
    assert [list(one) for one in read["records"]] == [HEADINGS] * 2
    assert read["marking"] == "OFFICIAL-SENSITIVE"


def test_every_file_is_read_back_and_one_that_was_changed_is_seen(hospital: Recipient) -> None:
    outcome = told(hospital)
    rows = {row["file"]: row for row in outcome.outgoing}
    for name, content in outcome.files.items():
        assert problems(hospital, content, rows[name.rpartition("/")[2]]) == []
    changed = files(outcome, "json").replace(b"Forename", b"Vorname")
    row = next(row for name, row in rows.items() if name.endswith("children.json"))
    assert problems(hospital, changed, row) == ["its columns are not those of the contract"]


def test_a_record_that_ends_is_told_by_its_reference_alone(hospital: Recipient) -> None:
    gone = Person("P-1", [mention()], {"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"})
    state = tables_of(gone, as_of=TONIGHT + timedelta(days=1))
    outcome = drops(state, {"hospital": hospital}, after(told(hospital), TONIGHT))
    assert b"Ashby" not in files(outcome, "json")
    assert json.loads(files(outcome, "json"))["endings"]


@pytest.mark.parametrize(
    ("columns", "clause"),
    [
        ("Ward: ward", "settings.columns.Ward names ward: it is no field of the contract, nor record_ref, "),
        ("Forename: given_names", "settings.columns has no column for record_ref"),
        ("Forename: given_names", "settings.columns has no column for accuracy"),
        ("Forename: given_names", "settings.columns has no column for the field surname"),
    ],
)
def test_columns_that_do_not_fit_the_contract_are_told(columns: str, clause: str) -> None:
    head, _, _ = HOSPITAL.partition("  columns:")
    assert any(one.startswith(clause) for one in shortfalls(parse("hospital", f"{head}  columns: {{{columns}}}\n")))


def test_a_field_that_is_inherited_and_not_wanted_is_left_out_with_a_no_and_the_reason_says_so() -> None:
    own = "inherits: share_city\n" + HOSPITAL.replace("formats: [csv, xlsx, json]", "formats: [csv]")
    unwanted = ("dob_status", "age", "gender", "postcode", "policing_area", "status", "added_on", "nrm_status")
    assert shortfalls(parse("hospital", own)) == [
        f"settings.columns has no column for the field {name}: give it one, or write `{name}: no` below fields"
        for name in unwanted
    ]
    left_out = "".join(f", {name}: no" for name in unwanted)
    wanted = own.replace("date_of_birth: }", f"date_of_birth: {left_out}}}")
    assert shortfalls(parse("hospital", wanted)) == []
