"""What does a night cost through Airflow, beside as many tasks that do nothing?

    python -m bench.night [--scenario DIR] [--date 2022-11-22]

Runs the DAG of the nights, and beside each night one of the same shape whose tasks are empty: the night that takes
everything over and the two after it, with a scheduler at work, as compose has it, and in one process, as `clvt nightly`
runs them. Prints the wall seconds of each and their ratio; the bar is 1.6. The scheduler needs PostgreSQL on this
machine.
"""

import argparse
import compileall
import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from clvt.nightly import AIRFLOW_PROGRAM, IMPORTING_AHEAD, PROJECT, airflow_environment, stand_ins
from clvt.replay import sources
from connectors.endpoints import as_json
from connectors.store.paths import STAGES, Home
from demo.synth import make_force

CHILDREN = 40
INSTALLED = ("clvt", "connectors", "expectations", "night", "transforms")
COMPILED = {"PYTHONDONTWRITEBYTECODE": ""}  # an installation has its modules compiled, and so has this one here
START, NIGHT = date(2021, 11, 23), date(2022, 11, 22)
BAR = 1.6
EMPTY = """
from airflow.sdk import DAG, Param, get_current_context, task

def empty(name):
    @task(task_id=name)
    def nothing():
        context = get_current_context()
        return list(map(str, range(context["params"]["partners"]))) if name == "export" else {{"rows": 1}}
    return nothing()

@task
def deliver(recipient):
    return {{"rows": 1}}

with DAG("empty", schedule=None, params={{"partners": Param(1, type="integer")}}):
    made = {{name: empty(name) for name in {stages!r} if name != "deliver"}}
    made["deliver"] = deliver.expand(recipient=made["export"])
    for before, after in zip({stages!r}, {stages!r}[1:]):
        made[before] >> made[after]
"""


@dataclass(frozen=True)
class Ran:
    """A run of a DAG: its seconds by the clock, and to how many partners it delivered."""

    seconds: float
    partners: int


Runs = Callable[[str, dict[str, Any]], Ran]  # by a DAG's name and what the run is given


def main() -> None:
    """Measure three nights in both ways, and print what they cost."""
    parser = argparse.ArgumentParser(
        prog="bench.night", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scenario", type=Path)
    parser.add_argument("--date", type=date.fromisoformat, default=NIGHT)
    chosen = parser.parse_args()
    for package in INSTALLED:
        compileall.compile_dir(PROJECT / package, quiet=1)
    for name, way in {"with a scheduler": _with_a_scheduler, "in one process": _in_one_process}.items():
        with (
            tempfile.TemporaryDirectory() as scratch,
            _force(Path(scratch), chosen.scenario) as (force, home),
            way(force, home) as run,
        ):
            for before in (2, 1, 0):
                as_of = chosen.date - timedelta(days=before)
                night = run("nightly", {"as_of": as_of.isoformat()})
                empty = run("empty", {"partners": night.partners})
                _show(f"{name}, night of {as_of}", night, empty)


@contextmanager
def _force(scratch: Path, scenario: Path | None) -> Iterator[tuple[Path, Home]]:
    """A force, a home for it, stand-in partners, and a folder with both DAGs in the home."""
    force, home = scenario or scratch / "force", Home(scratch / "home")
    if scenario is None:
        make_force(force, children=CHILDREN, start=START, end=NIGHT)
    dags = home.root / "dags"
    dags.mkdir(parents=True)
    (dags / "nightly.py").symlink_to(PROJECT / "dags" / "nightly.py")
    (dags / "empty.py").write_text(EMPTY.format(stages=STAGES), encoding="utf-8")
    with stand_ins(home):
        yield force, home


@contextmanager
def _in_one_process(force: Path, home: Home) -> Iterator[Runs]:
    environment = airflow_environment(home, sources(force)) | {
        "AIRFLOW__CORE__DAGS_FOLDER": str(home.root / "dags"),
        "PYTHONPATH": str(PROJECT),
        **COMPILED,
    }
    _airflow_does(environment, "db", "migrate")
    yield partial(_tested, environment, home.root / "airflow" / "airflow.db")


def _tested(environment: dict[str, str], tables: Path, dag: str, given: dict[str, Any]) -> Ran:
    start = time.perf_counter()
    as_clvt_does = environment | IMPORTING_AHEAD if dag == "nightly" else environment
    _airflow_does(as_clvt_does, "dags", "test", dag, "--conf", json.dumps(given))
    seconds = time.perf_counter() - start
    with sqlite3.connect(tables) as database:
        (partners,) = database.execute("SELECT max(map_index) + 1 FROM task_instance").fetchone()
    return Ran(seconds, partners)


def _airflow_does(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([AIRFLOW_PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"airflow {' '.join(arguments)} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


@contextmanager
def _with_a_scheduler(force: Path, home: Home) -> Iterator[Runs]:
    from tests.faults.airflow import running
    from tests.faults.through import create
    from tests.postgres import cluster

    with cluster() as databases:
        create(databases, "airflow")
        tables = databases.replace("+psycopg:", "+psycopg2:").removesuffix("postgres") + "airflow"
        as_in_compose = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": tables,
            "AIRFLOW__CORE__DAGS_FOLDER": str(home.root / "dags"),
            "AIRFLOW__CORE__PARALLELISM": "8",
            "CLVT_TOO_LATE_HOURS": "0",
            **IMPORTING_AHEAD,
            **COMPILED,
        }
        known = {name: as_json(found) for name, found in sources(force).items()}
        with running(home, home.root / "airflow", known, **as_in_compose) as airflow:
            run = partial(_scheduled, airflow)
            run("empty", {})  # the first run since Airflow's start waits some seconds, whatever it runs
            yield run


def _scheduled(airflow: Any, dag: str, given: dict[str, Any]) -> Ran:
    runs = f"/api/v2/dags/{dag}/dagRuns"
    airflow.until(f"{dag} is known", lambda: bool(airflow.ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})))
    run = f"{runs}/{airflow.ask('POST', runs, {'logical_date': None, 'conf': given})['dag_run_id']}"
    airflow.until("it is over", lambda: airflow.ask("GET", run)["state"] in ("success", "failed"))
    ended = airflow.ask("GET", run)
    if ended["state"] == "failed":
        raise SystemExit(f"{dag} failed: {airflow.log_ends()}")
    began, end = (datetime.fromisoformat(ended[name]) for name in ("start_date", "end_date"))
    tasks = airflow.ask("GET", f"{run}/taskInstances?limit=1000")["task_instances"]
    return Ran((end - began).total_seconds(), sum(one["task_id"] == "deliver" for one in tasks))


def _show(how: str, night: Ran, empty: Ran) -> None:
    print(
        f"{how:<38}the night {night.seconds:6.1f} s, as many empty tasks {empty.seconds:6.1f} s: "
        f"{night.seconds / empty.seconds:.2f} x (bar {BAR})",
        flush=True,
    )


if __name__ == "__main__":
    main()
