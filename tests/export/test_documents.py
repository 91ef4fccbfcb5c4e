"""Files that people open: no formula, no lost character, the same bytes."""

import csv
import io
import json
import re
import subprocess
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from expectations.agreed import CONSENTS, PARENTS, URGENCIES
from expectations.feeds import FEEDS
from expectations.schemas import SCHEMAS
from tests.chromium import start
from tests.export.a_force import CONTRACTS, Person, mention, night, rows_of, tables_of
from tests.export.simulated import _unsafe as read_cell
from transforms.export.document import Sheet, as_csv, as_json, as_sheet, as_xlsx, safe
from transforms.export.meanings import WORDS, readable

HOSTILE = "=HYPERLINK(\"http://x\")<script>alert('x')</script>\u202eO'Neil & \U0001f600"


@pytest.mark.parametrize("cell", ["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "'=1", "\x00=1"])
def test_a_cell_that_could_begin_a_formula_begins_with_an_apostrophe(cell):
    assert safe(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["O'Neil", "'tis", "Ashby", "2022-06-15", "", "1 = 1"])
def test_any_other_cell_stays_as_it_is(cell):
    assert safe(cell) == cell


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_every_character_survives_csv(cell):
    rows = list(csv.reader(io.StringIO(as_csv(Sheet("x", ["a"], [[cell]])).decode("utf-8-sig"), newline="")))
    assert read_cell(rows[1][0]) == cell


@settings(max_examples=30)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_every_character_survives_xlsx_and_no_cell_is_a_formula(cell):
    page = load_workbook(io.BytesIO(as_xlsx([Sheet("x", ["a"], [[cell]])], "OFFICIAL"))).worksheets[0]
    assert page["A3"].data_type != "f"
    assert unescape(page["A3"].value or "") == cell


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda one: st.lists(one, max_size=4) | st.dictionaries(st.text(max_size=8), one, max_size=4),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5), JSON)
def test_json_is_written_as_pythons_own_json_writes_it_also_where_an_object_stands_twice(content, again):
    twice = {**content, "one": [again, {"another": again}], "in one place": again}
    plain = json.dumps(twice, ensure_ascii=False, indent=1) + "\n"
    assert as_json(twice) == plain.encode()


def test_a_table_that_looks_like_another_is_drawn_with_its_own_name():
    rows = [("surname", "Ashby")]
    records = [{"heading": "x", "tables": [("child", rows), ("record", rows), ("child", [("surname", "Okafor")])]}]
    page = as_sheet("Hub", "OFFICIAL", [], records, []).decode()
    assert re.findall("<caption>(.*)</caption>", page) == ["Child", "Record", "Child", "About this file"]
    assert re.findall("<bdi>(.*)</bdi>", page) == ["Ashby", "Ashby", "Okafor"]


def test_a_workbook_says_nothing_of_when_it_was_made():
    content = as_xlsx([Sheet("x", ["a"], [["b"]])], "OFFICIAL")
    book = zipfile.ZipFile(io.BytesIO(content))
    assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert b"modified" not in book.read("docProps/core.xml")
    assert content == as_xlsx([Sheet("x", ["a"], [["b"]])], "OFFICIAL")


def test_the_marking_stands_at_the_head_and_foot_of_each_printed_page():
    page = load_workbook(io.BytesIO(as_xlsx([Sheet("x", ["a"], [["b"]])], "OFFICIAL-SENSITIVE"))).worksheets[0]
    assert page["A1"].value == page.oddHeader.center.text == page.oddFooter.center.text == "OFFICIAL-SENSITIVE"


def test_each_row_is_as_high_as_its_fullest_cell_so_that_nothing_lies_over_the_next():
    rows = [
        ["Okafor", "short"],
        ["Okafor", "Grades: 3X5X2 1AP; " * 5],
        ["Okafor", "one\ntwo\nthree"],
        ["x", "y" * 9999],
    ]
    page = load_workbook(io.BytesIO(as_xlsx([Sheet("x", ["a", "b"], rows)], "OFFICIAL"))).worksheets[0]
    assert [page.row_dimensions[number].height for number in range(3, 7)] == [15, 30, 45, 409]


def test_a_column_is_as_wide_as_what_stands_in_it_and_one_to_write_in_has_room():
    row = ["15", "VERIFIED", "y" * 99, "z" * 300, ""]
    sheet = Sheet("x", ["Age", "Date of birth status", "Name", "Accuracy", "Minutes"], [row])
    page = load_workbook(io.BytesIO(as_xlsx([sheet], "OFFICIAL"))).worksheets[0]
    assert [page.column_dimensions[letter].width for letter in "ABCDE"] == [7, 10, 58, 84, 16]
    assert page.row_dimensions[2].height == 45  # a heading of three lines


def test_a_hostile_name_is_text_on_a_page():
    record = {"heading": "x", "tables": [("child", [("surname", HOSTILE)])]}
    page = as_sheet(HOSTILE, "OFFICIAL", [HOSTILE], [record, record], [("about", HOSTILE)]).decode()
    assert "<script>" not in page
    assert "<bdi>=HYPERLINK" in page


def test_on_paper_the_marking_is_at_the_head_and_foot_of_every_page_and_each_child_begins_one(tmp_path):
    long = [("chronology", [f"2022-05-{day:02}: named in intelligence" for day in range(1, 31)] * 3)]
    records = [{"heading": name, "apart": True, "tables": [("child", long)]} for name in ("Ashby", "Moss")]
    (tmp_path / "page.html").write_bytes(as_sheet("Hub", "OFFICIAL-SENSITIVE", [], records, []))
    with sync_playwright() as playwright:
        browser = start(playwright)
        page = browser.new_page()
        page.goto((tmp_path / "page.html").as_uri())
        page.pdf(path=tmp_path / "page.pdf", prefer_css_page_size=True)
        browser.close()
    told = [page.extract_text().split("\n") for page in PdfReader(tmp_path / "page.pdf").pages]
    for number, lines in enumerate(told, start=1):
        assert (lines[:2], lines[-1]) == ([f"{number} of {len(told)}", "OFFICIAL-SENSITIVE"], "OFFICIAL-SENSITIVE")
    assert "Ashby" in told[0]
    assert [lines[2] for lines in told if lines[2] in ("Ashby", "Moss")] == ["Moss"]


def test_a_hostile_name_reaches_every_recipient_and_harms_none():
    child = Person("P-1", [mention(surname=HOSTILE)])
    names = tuple(CONTRACTS)
    outcome = night(tables_of(child), *names, full=names)
    assert {row["recipient"] for row in outcome.outgoing} == {
        name for name in names if not name.startswith("neighbourhood") and "county" not in name and name != "syvp"
    } | {"neighbourhood_city_north"}
    assert not any(
        b"<script>" in content for name, content in outcome.files.items() if name.endswith((".html", ".xml"))
    )


def test_no_file_is_named_for_a_person_or_a_line():
    names = tuple(CONTRACTS)
    outcome = night(tables_of(Person("P-1")), *names, full=names)
    pattern = re.compile(r"^31_[a-z_]+_20220615_000001_([a-z_]+|CL-31-[0-9A-F]{12})\.(json|xml|csv|xlsx|html)$")
    assert all(pattern.match(row["file"]) for row in outcome.outgoing)


def test_xmllint_accepts_the_pnd_style_file_and_refuses_a_changed_one(tmp_path):
    said = mention(
        telephone="+447700900123", pnc_id="2020/0000001Q", address="1 Elm Road", ethnicity="B2", line_ref="L1"
    )
    line = {"line_ref": "L1", "line_name": "Jay", "kind": "IDENTIFIED", "deal_number": "+447700900999"}
    outcome = night(tables_of(Person("P-1", [said]), line=rows_of("line", line)), "pnd")
    [content] = [content for name, content in outcome.files.items() if name.endswith(".xml")]
    (tmp_path / "right.xml").write_bytes(content)
    (tmp_path / "wrong.xml").write_bytes(content.replace(b"P_009", b"P_010"))
    schema = str(SCHEMAS / "pnd_style_2.xsd")

    def lint(name):
        return subprocess.run(
            ["xmllint", "--noout", "--nonet", "--schema", schema, str(tmp_path / name)], capture_output=True
        )

    assert lint("right.xml").returncode == 0, lint("right.xml").stderr
    assert lint("wrong.xml").returncode != 0


def test_the_manifest_names_every_other_file_with_its_hash_and_comes_last():
    outcome = night(tables_of(Person("P-1")), "mash_city")
    assert [row["kind"] for row in outcome.outgoing] == ["DROP", "DROP", "MANIFEST"]
    read = json.loads(outcome.files[f"mash_city/{outcome.outgoing[-1]['file']}"])
    assert [(row["file"], row["sha256"]) for row in read["files"]] == [
        (row["file"], row["sha256"]) for row in outcome.outgoing[:-1]
    ]
    assert read["contact"]["role"] == "County Lines Sergeant"
    assert read["quality"]["facts_known_as"]["VERIFIED"] == 1


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("assessment_factors", ["24A", "10A"], ["Child criminal exploitation (24A)", "Missing (10A)"]),
        ("ethnicity", "W2", "White Irish (W2)"),
        ("ethnicity", "WIRI", "WIRI"),
        ("status", "OPEN", "open to the County Lines team"),
        ("nrm_outcome", "RG_POSITIVE", "Positive reasonable grounds"),
        ("surname", "Ashby", "Ashby"),
        ("age", 16, 16),
        ("ethnicity", None, None),
    ],
)
def test_people_read_what_a_code_means_and_the_code_only_where_they_type_it_into_another_form(name, value, read):
    assert readable(name, value) == read


@pytest.mark.parametrize(
    ("grade", "read"),
    [
        ("3X5X2 1BP", "reliable, known indirectly to the source but corroborated, lawful sharing permitted"),
        ("5X5X5 B21", "mostly reliable, known personally to the source, to law enforcement and prosecuting agencies"),
    ],
)
def test_a_grade_is_read_part_by_part_as_its_own_scheme_has_it(grade, read):
    told = readable("accuracy", {"grades": [grade], "known_as": {}})
    assert told[0].startswith(f"intelligence graded {grade} ({read}")


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("education_status", next(c.values for c in FEEDS["panel_outcomes"].columns if c.name == "education_status")),
        ("urgency", URGENCIES),
        ("consent", CONSENTS),
        ("parents", PARENTS),
    ],
)
def test_every_code_that_people_read_has_its_words(field: str, codes: tuple[str, ...]) -> None:
    assert list(WORDS[field]) == list(codes)
