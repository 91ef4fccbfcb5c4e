"""How is an invented force written to a folder, in the form of the inbound contract?"""

import csv
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from demo.synth.feeds import Inbox
from demo.synth.reports import Report
from expectations.contracts import contract
from expectations.feeds import FEEDS

ENVELOPE = {"record_key", "source", "stamp", "landed_on", "file_name", "file_sha256", "origin"}
TABLES = {"intelligence_report": "landed_report", "report_subject": "landed_subject", "county_line": "landed_line"}
KEYS = {
    "intelligence_report": "report_ref, version",
    "report_subject": "report_ref, version, subject_no",
    "county_line": "line_ref",
}
NUMBERS = {"version", "subject_no"}


def columns(landed: str) -> list[str]:
    """The columns that the inbound contract gives a source."""
    return [name for name in contract(landed).names if name not in ENVELOPE]


def intelligence(path: Path, reports: Iterable[Report], lines: list[dict[str, Any]]) -> None:
    """The record system's three tables as SQLite."""
    with sqlite3.connect(path) as database:
        for table, landed in TABLES.items():
            fields = ", ".join(f"{name} {'INTEGER' if name in NUMBERS else 'TEXT'}" for name in columns(landed))
            database.execute(f"CREATE TABLE {table} ({fields}, PRIMARY KEY ({KEYS[table]}))")
        for report in reports:
            for version, row in enumerate(_versions(report), start=1):
                _insert(database, "intelligence_report", row | {"report_ref": report.ref, "version": version})
                for number, subject in enumerate(report.subjects, start=1):
                    key = {"report_ref": report.ref, "version": version, "subject_no": number}
                    about = {"role": subject.role, "involvement": subject.involvement}
                    _insert(database, "report_subject", {**key, **about, **subject.written})
        for line in lines:
            _insert(database, "county_line", line)
    database.close()


def table(path: Path, names: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """A CSV file with a header."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, names, restval="")
        writer.writeheader()
        writer.writerows(rows)


def inbox(folder: Path, made: Inbox) -> None:
    """One file a feed and day."""
    folder.mkdir()
    for (feed, day), records in sorted(made.files.items()):
        name = f"{feed}_{day:%Y%m%d}"
        if feed == "sca_referrals":
            document(folder / f"{name}.json", {"schema": "sca_referrals/1", "records": records})
        else:
            table(folder / f"{name}.csv", columns(FEEDS[feed].landed), records)


def document(path: Path, content: dict[str, Any]) -> None:
    """A JSON file."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _versions(report: Report) -> Iterable[dict[str, str]]:
    row = report.columns | {"created_at": report.created.isoformat(), "updated_at": report.created.isoformat()}
    yield row
    for stamp, changed in report.later:
        row = row | changed | {"updated_at": stamp.isoformat()}
        yield row


def _insert(database: sqlite3.Connection, table: str, row: Mapping[str, object]) -> None:
    names = columns(TABLES[table])
    marks = ", ".join("?" for _ in names)
    database.execute(f"INSERT INTO {table} VALUES ({marks})", [row.get(name, "") for name in names])  # noqa: S608
