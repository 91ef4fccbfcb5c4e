"""One night through a real Airflow, on a small invented force, to stand-in partners over real SFTP."""

import ast
import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from connectors.store import sealed
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.run import Run
from tests.report.sinks import a_hook

pytestmark = [pytest.mark.airflow, pytest.mark.slow, pytest.mark.timeout(900)]

NIGHT = "2022-03-05"
PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Night:
    """A night that was run, and what it printed."""

    scenario: Path
    home: Home
    code: int
    said: str

    def airflow(self, query: str) -> list[tuple]:
        with sqlite3.connect(self.home.root / "airflow" / "airflow.db") as database:
            return database.execute(query).fetchall()


def clvt(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "clvt", *map(str, arguments)],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )


def nightly(scenario: Path, data: Path, **environment: str) -> Night:
    done = clvt("nightly", "--home", data, "--date", NIGHT, "--scenario", scenario, CLVT_RETRIES="0", **environment)
    return Night(scenario, Home(data / "scenarios" / scenario.name), done.returncode, done.stdout + done.stderr)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("nightly")
    scenario = folder / "small-force"
    make_force(scenario, seed=7, children=8, start=date(2022, 1, 1), end=date(2022, 3, 31))
    return nightly(scenario, folder / "data")


def test_a_whole_night_ends_by_naming_the_report_and_the_drop_folders(night: Night) -> None:
    assert night.code == 0, night.said
    last = night.said.strip().splitlines()[-2:]
    assert last == [
        f"Drops:  {night.home.drops}",
        f"Report: {night.home.run(date.fromisoformat(NIGHT)).stage('report') / 'report.html'}",
    ]


def test_the_grid_shows_the_nine_stages_and_all_of_them_succeeded(night: Night) -> None:
    rows = night.airflow("SELECT DISTINCT task_id FROM task_instance WHERE state = 'success'")
    assert {task for (task,) in rows} == set(STAGES)
    assert night.airflow("SELECT state FROM dag_run") == [("success",)]


def test_a_task_returns_one_value(night: Night) -> None:
    assert {key for (key,) in night.airflow("SELECT DISTINCT key FROM xcom")} == {"return_value"}


def test_partners_hold_encrypted_files_and_acknowledged_them(night: Night) -> None:
    held = [path for path in night.home.drops.rglob("*") if path.is_file()]
    assert any(path.name.endswith(".gpg") for path in held)
    listed = clvt("deliveries", "--home", night.home.root, "--format", "csv")
    rows = list(csv.DictReader(listed.stdout.splitlines()))
    assert rows
    assert {row["state"] for row in rows} == {"acknowledged"}


def test_nothing_of_the_force_stands_in_a_log_a_return_value_or_a_file_name(night: Night) -> None:
    forbidden = personal(night.scenario)
    logs = [path for path in (night.home.root / "airflow").rglob("*") if path.suffix == ".log"]
    shown = {str(path): path.read_text(errors="replace") for path in logs}
    shown["what was printed"] = night.said
    shown["return values"] = str(night.airflow("SELECT key, value FROM xcom"))
    shown["rendered fields"] = str(night.airflow("SELECT rendered_fields FROM rendered_task_instance_fields"))
    shown["file names"] = "\n".join(str(path.relative_to(night.home.root)) for path in night.home.root.rglob("*"))
    shown["stage runs"] = str(register(night.home, "SELECT * FROM stage_run"))
    shown["processing log"] = str(register(night.home, "SELECT * FROM processing_log"))
    found = {(where, word) for where, text in shown.items() for word in words(text) & forbidden}
    assert len(forbidden) > 50
    assert found == set()


def test_the_same_night_run_again_changes_no_byte_and_sends_nothing(night: Night) -> None:
    before = everything(night.home)
    again = nightly(night.scenario, night.home.root.parent.parent)
    assert again.code == 0, again.said
    assert everything(night.home) == before


def test_a_night_that_fails_is_red_and_says_so_in_its_report(night: Night, tmp_path: Path) -> None:
    broken = tmp_path / "broken-force"
    broken.mkdir()
    (broken / "intelligence.sqlite").write_bytes(b"not a database, but something else entirely" * 100)
    failed = nightly(broken, tmp_path / "data")
    assert failed.code == 1
    assert f"Night {NIGHT}: pull failed." in failed.said
    assert "Traceback" not in failed.said
    assert failed.airflow("SELECT state FROM dag_run") == [("failed",)]
    assert ("report", "failed") in failed.airflow("SELECT task_id, state FROM task_instance")
    page = failed.home.run(date.fromisoformat(NIGHT)).stage("report") / "report.html"
    assert "pull failed" in page.read_text()
    assert str(page) in failed.said


def test_the_dag_imports_without_error_and_quickly(tmp_path: Path) -> None:
    environment = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "CLVT_HOME": str(tmp_path / "data"),
    }
    recipients = tmp_path / "data" / "recipients"  # a contract that nobody can read takes no DAG away
    recipients.mkdir(parents=True)
    (recipients / "pnd.yml").write_text("purpose: [oops")
    code = "import time, airflow.sdk; start = time.process_time(); import nightly; print(time.process_time() - start)"
    code += "; one = nightly.nightly(nightly.FORCES['nightly']); print(one.dagrun_timeout, nightly.LATE is not None)"
    code += "; print({name: task.retries for name, task in one.task_dict.items()})"
    # a night waits the longer the more are before it: nine that looked as often would leave no time for the first
    code += "; waits = lambda n: nightly.look_again(n).reschedule_date - nightly.pendulum.now('UTC')"
    code += "; print([round(waits(n).total_seconds()) for n in (1, 9, 400)])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT / "dags",
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    seconds, told_late, tries, waits = done.stdout.splitlines()
    assert waits == "[30, 270, 300]"
    assert float(seconds) < 5
    assert told_late == "5:00:00 True"
    outside = {"pull": 3, "deliver": 3}  # what others may mend by themselves; what was killed is tried once more
    assert ast.literal_eval(tries) == {name: outside.get(name, 1) for name in STAGES}


def told_by(code: str, folder: str, home: Path, **more: str) -> tuple[subprocess.CompletedProcess[str], list[Any]]:
    """What code says that imports from a folder of the project, and what the webhook was told by it."""
    with a_hook() as hook:
        url = f"http://127.0.0.1:{hook.server_address[1]}/night"
        known = {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__BASE_URL": "https://airflow.example.police.uk",
            "AIRFLOW_CONN_NIGHT_WEBHOOK": json.dumps({"conn_type": "http", "extra": {"url": url}}),
            "CLVT_HOME": str(home / "data"),
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=PROJECT / folder,
            env={**os.environ, **known, **more},
            capture_output=True,
            text=True,
            timeout=120,
        )
    return done, hook.received


A_REFUSED_NIGHT = """
from types import SimpleNamespace
import airflow.sdk, nightly
dag = nightly.nightly(nightly.FORCES["nightly"])
run = SimpleNamespace(logical_date=None, run_after=None, conf={})
ti = SimpleNamespace(log_url="https://airflow.example.police.uk/dags/nightly/runs/one/tasks/report")
context = {"dag": dag, "dag_run": run, "ti": ti, "params": {"as_of": "2022-03-05"}}
dag.on_failure_callback(context)
nightly.run_of(context)
"""


def test_a_night_that_is_refused_before_its_first_stage_is_told_too(tmp_path: Path) -> None:
    executor = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "CLVT_REGISTER": ""}  # with a register that is a file
    refused, ((body, _),) = told_by(A_REFUSED_NIGHT, "dags", tmp_path, **executor)
    assert "CeleryExecutor runs stages on several machines" in refused.stderr
    assert body["text"].startswith("County Lines tracker: the night of 2022-03-05 failed in report.")
    assert body["link"] == "https://airflow.example.police.uk/dags/nightly/runs/one/plugin/the-night"


def test_a_night_that_is_late_is_told_with_the_stage_that_has_not_ended_and_where_to_look(tmp_path: Path) -> None:
    Run(date.fromisoformat(NIGHT), Home(tmp_path / "data")).writer("pull").seal({}, replaceable=True)
    run = {"dag_id": "nightly", "dag_run_id": "manual__2022-03-05T00:15:00+00:00", "conf": {"as_of": NIGHT}}
    run |= {"logical_date": None, "run_after": "2022-03-05T00:15:00Z"}
    late, ((body, _),) = told_by(f"import late; late.tell_late({dict(dag_run=run)})", "plugins", tmp_path)
    assert late.returncode == 0, late.stderr
    assert body["text"].startswith(
        "County Lines tracker: the night of 2022-03-05 is not over in time: land has not ended."
    )
    page = "/dags/nightly/runs/manual__2022-03-05T00%3A15%3A00%2B00%3A00/plugin/the-night"
    assert body["link"] == f"https://airflow.example.police.uk{page}"


def everything(home: Home) -> dict[str, str]:
    return {
        **sealed.hashes(home.runs),
        **{f"drops/{name}": digest for name, digest in sealed.hashes(home.drops).items()},
    }


def register(home: Home, query: str) -> list[tuple]:
    with sqlite3.connect(home.register) as database:
        return database.execute(query).fetchall()


def words(text: str) -> set[str]:
    return set(re.findall(r"\d{4}-\d{2}-\d{2}|[^\W\d_]{4,}", text.casefold()))


def personal(scenario: Path) -> set[str]:
    """Every name and date of birth that the force gave; what is hostile text and no name is made of ordinary words."""
    with sqlite3.connect(scenario / "intelligence.sqlite") as database:
        rows = database.execute("SELECT given_names, surname, alias, date_of_birth FROM report_subject").fetchall()
    return {word for row in rows for value in row if value and NAME_OR_DATE.fullmatch(value) for word in words(value)}


NAME_OR_DATE = re.compile(r"[^\W\d_]+([ '’-][^\W\d_]+)*|(?!1900)\d{4}-\d{2}-\d{2}")
