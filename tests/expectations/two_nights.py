"""Two nights of a force with the additions, from the source to the screens; prints as JSON what each showed.

Runs in a copy of the project that has them: `python -m tests.expectations.two_nights FOLDER`.
"""

import csv
import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from fastapi import Request
from openpyxl import load_workbook

from clvt.access import draft
from connectors.store.paths import STAGES
from night.night import run_night
from night.run import Run
from tests.pull.force import SUBJECT, Force, decision, fill

FIRST, SECOND = "2022-03-02", "2022-03-03"
POLISH, UNKNOWN = "31/2022/000001", "31/2022/000002"
STAGES_WITHIN = tuple(name for name in STAGES if name != "deliver")


def main(folder: Path) -> dict[str, Any]:
    force = _force(folder)
    first, second = force.night(FIRST), force.night(SECOND)
    run_night(first, STAGES_WITHIN)
    run_night(second, STAGES_WITHIN)
    person = {row["mention_key"]: row["person_id"] for row in second.rows("link", "person")}
    return {
        "records": _records(first),
        "reviews": [[row["kind"], row["answer"]] for row in second.rows("reconcile", "review")],
        "changes": [[row["person_id"] == person[f"intel:{UNKNOWN}#1"], row["fields"]] for row in _facts(second)],
        "languages": sorted(row["language"] or "" for row in second.rows("reconcile", "child")),
        "asked_by_the_gate": [row["rule"] for row in first.rows("validate", "check") if row["table"] == "exclusion"],
        "broken": [row["rule"] for row in first.rows("validate", "check") if not row["passed"]],
        "report": _file(first, "report.html").decode(),
        "next_report": _file(second, "report.html").decode(),
        "worklist": _worklist(_file(first, "worklist.xlsx")),
        "access": draft(first, person[f"intel:{POLISH}#1"], "test").decode(),
        "screens": _screens(first, {ref: person[f"intel:{ref}#1"] for ref in (POLISH, UNKNOWN)}),
    }


def _force(folder: Path) -> Force:
    force = Force(folder)
    for ref, name, language in ((POLISH, "Canarywharf", "Polish"), (UNKNOWN, "Limehouse", None)):
        force.report(ref, policing_area="City North", subjects=0)
        born = "2008-05-05" if language else "2009-09-09"
        named = {**SUBJECT, "report_ref": ref, "surname": name, "date_of_birth": born, "local_authority": "CITY"}
        fill(force.engine, report_subject=[{**named, "language": language}])
    with (force.inbox / "exclusions_20220302.csv").open("w", newline="") as file:
        excluded = {"given_names": "Robin", "surname": "Canarywharf", "date_of_birth": "2008-05-05"}
        excluded |= {"dob_status": "VERIFIED", "excluded_on": "2022-02-14", "seen_at": "Elm Academy"}
        writer = csv.DictWriter(file, ["exclusion_ref", *excluded])
        writer.writeheader()
        writer.writerow({"exclusion_ref": "EX-1", **excluded})
    os.utime(force.inbox / "exclusions_20220302.csv", (0, 0))
    told = f"{FIRST}T12:00:00+00:00"
    force.decide(decision(1, told, "SET_LANGUAGE", mention_key=f"intel:{UNKNOWN}#1", value="Welsh"))
    force.home.recipients.mkdir(parents=True)
    (force.home.recipients / "mash_city.yml").write_text("inherits: mash_city\nfields: {language: }\n")
    return force


def _records(run: Run) -> list[dict[str, Any]]:
    (file,) = (run.folder.stage("export") / "mash_city").glob("*notices_of_concern*.json")
    return [record["child"] for record in json.loads(file.read_bytes())["records"]]


def _facts(run: Run) -> list[dict[str, Any]]:
    return [row for row in run.rows("reconcile", "change") if row["kind"] == "FACT"]


def _file(run: Run, name: str) -> bytes:
    return (run.folder.stage("report") / name).read_bytes()


def _worklist(content: bytes) -> dict[str, Any]:
    book = load_workbook(io.BytesIO(content))
    sheet = book["Worklist"]
    choices = {column[0].value: [cell.value for cell in column[1:] if cell.value] for column in book["Choices"].columns}
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=5)]
    return {"kinds": [row[1] for row in rows], "choices": choices}


def _screens(run: Run, people_of: dict[str, str]) -> dict[str, str]:
    """The screens' pages as Airflow would send them to somebody who may see them; a person's, as of the last night."""
    os.environ |= {"AIRFLOW__API__SECRET_KEY": "for-this-test-only", "CLVT_HOME": str(run.home.root)}
    sys.path.insert(0, "plugins")
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from screens import people, review
    from screens.app import screens
    from screens.desk import Desk
    from screens.listing import Wanted

    create_auth_manager()
    user = SimpleAuthManagerUser(username="uma", role="USER")
    request = Request(
        {"type": "http", "method": "GET", "path": "/review", "headers": [], "query_string": b"", "app": screens("")}
    )
    at = Desk(run)
    asked = next(row for row in at.questions.values() if row["kind"] == "language")
    pages = {ref: bytes(people.one(request, user, who).body).decode() for ref, who in people_of.items()}
    return pages | {
        "listed": bytes(review._listed(request, user, at, Wanted()).body).decode(),
        "question": bytes(review._question(request, user, at, Wanted(), asked).body).decode(),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
