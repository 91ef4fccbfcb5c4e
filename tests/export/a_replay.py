"""A few weeks of an invented force with all that can go wrong, replayed through every stage but delivery.

The force is `demo.synth`'s; decisions of our own are added, so that within the weeks children are restricted, disputed,
merged by mistake and split again, turn 18, are declined and removed, and suspects are shared with panels.
"""

import csv
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

from clvt.replay import replay
from connectors.store.paths import Home
from demo.synth import make_force
from night.run import Run
from transforms.export.drops import Outcome

FIRST, LAST = date(2022, 2, 28), date(2022, 3, 17)  # the meeting of 1 March, the panels' names a week before the 17th
CONDITIONS = "Do not act without originator consent"
TABLES = ("outgoing", "disclosure", "held_back", "holding", "sequence", "notice")


def replayed(folder: Path) -> tuple[Path, Home]:
    """The force's folder and the data home after the last night."""
    force, home = folder / "force", Home(folder / "home")
    make_force(force, seed=3, children=20, start=date(2022, 1, 1), end=LAST)
    _only_there(force)
    _decide(force, list(_more(force)))
    _settings(force, folder / "home")
    replay(home, force, FIRST, LAST, force / "labels.csv", deliver=False)
    return force, home


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def asked(force: Path, query: str) -> list[dict[str, Any]]:
    with sqlite3.connect(f"file:{force}/intelligence.sqlite?mode=ro", uri=True) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(query)]


def _only_there(force: Path) -> None:
    """Each report under conditions says of its children a school that no other record knows."""
    with closing(sqlite3.connect(force / "intelligence.sqlite")) as database, database:
        database.execute(
            "UPDATE report_subject SET school = 'School of ' || report_ref WHERE role = 'CHILD' AND report_ref IN "
            "(SELECT report_ref FROM intelligence_report WHERE grade LIKE '%C')"
        )


def _more(force: Path) -> Iterator[dict[str, str]]:
    """Decisions between the meetings, on children who are on the tracker all the time."""
    keys = {row["person"]: row["mention_key"] for row in rows(force / "labels.csv")}
    on = [row for row in rows(force / "truth_tracker.csv") if row["added_on"] <= "2022-03-01" and not row["removed_on"]]
    limited = ("RESTRICT", "DISPUTE", "SUSPECT_EVIDENCE", "REMOVE")
    decided = {row["mention_key"] for row in rows(force / "decisions.csv") if row["action"] in limited}
    one, two, three, four, five, six, seven, *_ = [
        keys[row["person"]] for row in on if keys[row["person"]] not in decided
    ]
    suspect = asked(force, "SELECT report_ref, subject_no FROM report_subject WHERE role = 'SUSPECT' LIMIT 1")[0]
    yield _row("2022-03-04", "LINK", one, other_mention_key=two, reason="Thought to be one child")
    yield _row("2022-03-05", "CONFIRM", "", value="decision:M000", reason="The school said so")
    yield _row("2022-03-09", "SEPARATE", one, other_mention_key=two, reason="Met both of them at school")
    yield _row("2022-03-05", "RESTRICT", three, reason="A threat to the family is being looked at")
    yield _row("2022-03-12", "UNRESTRICT", three)
    yield _row("2022-03-06", "DISPUTE", four, reason="The mother says that it was a cousin")
    yield _row("2022-03-07", "SUSPECT_EVIDENCE", five, reason="Evidence of recruiting younger children")
    yield _row("2022-03-07", "SET_DOB", six, value="2004-03-10", reason_code="VERIFIED")
    yield _row("2022-03-11", "REMOVE", seven, reason_code="ENTERED_IN_ERROR", reason="Another child of that name")
    yield _row("2022-03-11", "NRM_DECISION", three, value="Positive, as the aunt was told on the phone")
    for panel in ("CCEP", "SYVP"):
        key = f"intel:{suspect['report_ref']}#{suspect['subject_no']}"
        yield _row("2022-03-05", "SHARE_SUSPECT", key, value=panel, reason="Waits at the school gate every day")


def _row(on: str, action: str, mention_key: str, **given: str) -> dict[str, str]:
    said = {"decided_at": f"{on}T12:00:00+00:00", "decided_by": "sgt.4417", "action": action}
    return said | {"mention_key": mention_key} | given


def _decide(force: Path, more: list[dict[str, str]]) -> None:
    path = force / "decisions.csv"
    given = rows(path)
    numbered = [row | {"decision_id": f"M{number:03d}"} for number, row in enumerate(more)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(given[0]), restval="")
        writer.writeheader()
        writer.writerows([*given, *numbered])


def _settings(force: Path, home: Path) -> None:
    """One hub accepts the conditions that the force's reports have, and originators approved every other S2 report."""
    (home / "recipients").mkdir(parents=True)
    accepting = f'inherits: mash_city\nrelease: {{conditions: ["{CONDITIONS}"]}}\n'
    (home / "recipients" / "mash_city.yml").write_text(accepting, encoding="utf-8")
    asked_for = asked(
        force, "SELECT report_ref FROM intelligence_report WHERE sanitisation_code = 'S2' AND version = 1"
    )
    approvals = [
        f"  - {{report: {ref}, version: 1, recipients: [mash_city], approved_on: 2022-01-01, reference: R}}"
        for ref in sorted(row["report_ref"] for row in asked_for)[::2]
    ]
    (home / "site.yml").write_text("\n".join(["originator_approvals:", *approvals, ""]), encoding="utf-8")


def what_left(run: Run) -> Outcome:
    """A night's export, read back from its folder."""
    tables = {name: run.rows("export", name) for name in TABLES}
    folder = run.folder.stage("export")
    files = {
        f"{row['recipient']}/{row['file']}": (folder / row["recipient"] / row["file"]).read_bytes()
        for row in tables["outgoing"]
    }
    return Outcome(files=files, **tables)
