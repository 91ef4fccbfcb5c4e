"""A small force of literal rows: an intelligence database, an inbox, a decisions file and a spreadsheet."""

import csv
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import sqlalchemy as sa

from clvt.replay import endpoint
from connectors.endpoints import Endpoint
from connectors.store.paths import Home
from expectations.contracts import contract
from night.land import land
from night.normalise import normalise
from night.pull import DECISION, pull, source_columns
from night.run import Run
from tests.reconcile.rows import day

KEYS = {"report_ref": "31/2022/000001", "version": "1"}
REPORT = {
    **KEYS,
    "source_force": "31",
    "source_system": "NICHE",
    "status": "AUTHORISED",
    "intelligence_date": "2022-03-01",
    "created_at": "2022-03-01T10:00:00+00:00",
    "updated_at": "2022-03-01T10:00:00+00:00",
    "flags": "COUNTY LINES|MISSING",
    "protective_marking": "OFFICIAL-SENSITIVE",
    "grade_scheme": "3X5X2",
    "grade": "2BP",
    "text": "Free text that stays in the force",
}
SUBJECT = {
    **KEYS,
    "subject_no": "1",
    "role": "CHILD",
    "involvement": "LINKED",
    "given_names": "Robin",
    "surname": "Canarywharf",
    "date_of_birth": "2008-05-05",
    "dob_status": "VERIFIED",
    "gender": "Male",
}
LINE = {"line_ref": "CL-31-001", "line_name": "A line", "kind": "IDENTIFIED", "owner_force": "31", "status": "ACTIVE"}


def fill(engine: sa.Engine, **tables: list[dict[str, Any]]) -> None:
    """Make the source's three tables where they are not there, and add rows."""
    with engine.begin() as connection:
        for name, columns in source_columns().items():
            types = ", ".join(
                f"{column} {'INTEGER' if column in ('version', 'subject_no') else 'TEXT'}" for column in columns
            )
            connection.exec_driver_sql(f"CREATE TABLE IF NOT EXISTS {name} ({types})")
            rows = [{**dict.fromkeys(columns), **row} for row in tables.get(name, [])]
            if rows:
                connection.execute(sa.table(name, *map(sa.column, columns)).insert(), [_numbers(row) for row in rows])


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {name: int(value) if name in ("version", "subject_no") else value for name, value in row.items()}


class Force:
    """The folder of a force, and the runs of its nights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.inbox = folder / "inbox"
        self.inbox.mkdir(parents=True)
        self.home = Home(folder / "home")
        self.engine = sa.create_engine(f"sqlite:///{folder / 'intelligence.sqlite'}")
        fill(self.engine, county_line=[LINE])

    def report(self, ref: str = KEYS["report_ref"], version: str = "1", subjects: int = 1, **given: Any) -> None:
        keys = {"report_ref": ref, "version": version}
        people = [{**SUBJECT, **keys, "subject_no": str(number + 1)} for number in range(subjects)]
        fill(self.engine, intelligence_report=[{**REPORT, **keys, **given}], report_subject=people)

    def odd_report(self, ref: str, report: dict[str, Any], subject: dict[str, Any]) -> None:
        """A report and its subject with values that no record should have, of whatever type."""
        keys = {"report_ref": ref, "version": 1}
        with self.engine.begin() as connection:
            for name, row in (
                ("intelligence_report", {**REPORT, **keys, **report}),
                ("report_subject", {**SUBJECT, **keys, "subject_no": 1, **subject}),
            ):
                connection.execute(sa.table(name, *map(sa.column, row)).insert(), row)

    def change(self, statement: str) -> None:
        """Change the record system in its place."""
        with self.engine.begin() as connection:
            connection.exec_driver_sql(statement)

    def put(self, name: str, content: str | bytes) -> None:
        """A file in the inbox."""
        (self.inbox / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def decide(self, *rows: dict[str, str]) -> None:
        with (self.folder / "decisions.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, DECISION.columns)
            writer.writeheader()
            writer.writerows(rows)

    def spreadsheet(self, **given: Any) -> None:
        book = openpyxl.Workbook()
        names = [name for name in contract("landed_opening").names[6:]]
        book.active.append(names)
        book.active.append([given.get(name) for name in names])
        book.save(self.folder / "opening_tracker.xlsx")

    @property
    def sources(self) -> dict[str, Endpoint]:
        from clvt.replay import sources

        return sources(self.folder)

    def night(self, as_of: str) -> Run:
        return Run(day(as_of), self.home, partial(endpoint, self.sources))


def decision(number: int, decided_at: str, action: str = "RATIFY", **given: str) -> dict[str, str]:
    return {
        "decision_id": f"D{number}",
        "decided_at": decided_at,
        "action": action,
        "mention_key": "intel:31/2022/000001#1",
        **given,
    }


def until_normalised(run: Run) -> Run:
    """The run, with what came that night pulled, landed and normalised."""
    for stage in (pull, land, normalise):
        stage(run)
    return run


def mentions(run: Run) -> set[str]:
    """Keys of the people whom standing records name."""
    return {row["mention_key"] for row in run.rows("normalise", "mention") if not row["withdrawn"]}


def outside(run: Run) -> set[tuple[str, str]]:
    """(record, reason code) of all that stands outside."""
    rows = run.rows("normalise", "quarantine")
    return {(row["record_key"], row["reason_code"]) for row in rows if row["released_on"] is None}
