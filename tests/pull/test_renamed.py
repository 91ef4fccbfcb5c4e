"""pull, land, normalise: what came without a column for a week leaves no trace once it is mended.

Of feeds one home a kind of column: in every feed the first column of the kind comes under another heading, and the
files are sent again. Of the intelligence database one home a column that the site may excuse.
"""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from connectors.sources.intelligence import KEYS as SOURCE_KEYS
from connectors.sources.intelligence import SWEEP
from expectations.feeds import FEEDS, INBOX, KEY, Column, Feed
from night.pull import source_columns
from night.run import site_at
from tests.pull.force import Force, outside, until_normalised

FIRST, LAST = "2022-03-02", "2022-03-09"
OF_NIGHTS = ("landed_on", "first_landed_on", "first_seen_on", "file_sha256", "released_on")  # when a home learned of it
VALUES: dict[str, Any] = {  # what a column of each kind holds
    "key": "REF-00417",
    "text": "words of theirs",
    "texts": ["debt bondage", "cuckooing"],
    "moment": "2022-02-28T20:00:00+00:00",
    "day": "2022-02-20",
    "british_day": "20/02/2022",
    "pounds": "120.50",
    "grade": "2BP",
    "panel": "CCEP",
    "area": "",
    "record_ref": "",
    "opening_status": "Open to the team",
}
PERSON = {
    "given_names": "Linnet",
    "surname": "Harebell",
    "alias": "Lin",
    "date_of_birth": "2008-09-14",
    "dob_status": "STATED",
    "gender": "Female",
    "postcode": "NG7 2RD",
    "local_authority": "CITY",
}
REPORT_TEXTS = {
    "grade": "2BC",
    "withdrawn_at": "2022-03-01T12:00:00+00:00",
    "action_code": "A1",
    "sanitisation_code": "S1",
    "handling_conditions": "Ask first",
    "line_ref": "CL-31-001",
    "policing_area": "Radford",
    "location": "A station",
    "title": "A title",
}
SUBJECT_TEXTS = {
    **PERSON,
    "source_person_id": "N-000417",
    "age_stated": "13",
    "ethnicity": "W1",
    "address": "4 Foxglove Row",
    "telephone": "07700 900417",
    "pnc_id": "19/0004170K",
    "school": "A school",
    "placing_authority": "COUNTY",
    "home_area": "Radford",
}
EXCUSABLE = [
    (table, column)
    for table, columns in source_columns().items()
    for column in columns
    if column not in (*SWEEP, *SOURCE_KEYS[table])
]
KINDS = sorted({column.read for feed in INBOX.values() for column in feed.columns})


def value_of(column: Column) -> Any:
    if column.read == "person":
        return PERSON.get(column.name, "")
    return column.values[0] if column.read == "code" else VALUES[column.read]


def file_of(feed: Feed, renamed: str = "") -> str:
    """A file of one record, in which the first column of a kind has another heading."""
    found = next((column.name for column in feed.columns if column.read == renamed), "")
    row = {f"the_{column.name}" if column.name == found else column.name: value_of(column) for column in feed.columns}
    if "csv" not in feed.formats or any(isinstance(value, list) for value in row.values()):
        return json.dumps({"records": [row]})
    into = io.StringIO()
    writer = csv.DictWriter(into, row)
    writer.writeheader()
    writer.writerow(row)
    return into.getvalue()


def put(force: Force, renamed: str = "") -> None:
    for feed in INBOX.values():
        content = file_of(feed, renamed)
        force.put(f"{feed.name}_20220301.{'json' if content.startswith('{') else 'csv'}", content)


def last_night(force: Force) -> dict[str, list[dict[str, Any]]]:
    """What is known of each feed's records and their people on the last night, and what stands outside."""
    run = until_normalised(force.night(LAST))
    found = {
        table: run.rows("normalise", table)
        for table in ("mention", "report", "line", *(feed.table for feed in FEEDS.values()))
    }
    found["quarantine"] = [row for row in run.rows("normalise", "quarantine") if row["released_on"] is None]
    return {
        table: [{name: value for name, value in row.items() if name not in OF_NIGHTS} for row in rows]
        for table, rows in found.items()
    }


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    force = Force(tmp_path_factory.mktemp("renamed") / "control")
    put(force)
    until_normalised(force.night(FIRST))
    return last_night(force)


@pytest.mark.parametrize("kind", KINDS)
def test_a_heading_renamed_for_a_week_leaves_no_trace_once_the_files_are_sent_again(
    tmp_path: Path, expected: dict[str, list[dict[str, Any]]], kind: str
) -> None:
    force = Force(tmp_path / "force")
    put(force, renamed=kind)
    first = until_normalised(force.night(FIRST))
    assert {"COLUMN_UNKNOWN", "FILE_WITHOUT_KEY_COLUMN"} & {code for _, code in outside(first)}
    put(force)
    assert last_night(force) == expected


def test_each_feed_has_a_record_to_compare(expected: dict[str, list[dict[str, Any]]]) -> None:
    named = {feed.table for feed in INBOX.values() if feed.prefix}
    assert {table for table in named if expected[table]} == named
    assert KEY in KINDS


def reports(tmp_path: Path) -> Force:
    """A force whose one report and its one subject have a value in every column."""
    force = Force(tmp_path / "force")
    force.odd_report("31/2022/000417", REPORT_TEXTS, SUBJECT_TEXTS)
    return force


@pytest.fixture(scope="module")
def never_renamed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    force = reports(tmp_path_factory.mktemp("control"))
    until_normalised(force.night(FIRST))
    return last_night(force)


@pytest.mark.parametrize(("table", "column"), EXCUSABLE)
def test_a_column_that_the_database_lacked_for_a_week_leaves_no_trace_once_it_is_back(
    tmp_path: Path, never_renamed: dict[str, list[dict[str, Any]]], table: str, column: str
) -> None:
    force = reports(tmp_path)
    force.home.root.mkdir()
    (force.home.root / "site.yml").write_text(f"absent_columns: [{table}.{column}]")
    site_at.cache_clear()
    force.change(f"ALTER TABLE {table} RENAME COLUMN {column} TO of_another_name")
    until_normalised(force.night(FIRST))
    force.change(f"ALTER TABLE {table} RENAME COLUMN of_another_name TO {column}")
    assert last_night(force) == never_renamed
