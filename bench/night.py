"""What does a night cost through Airflow, beside as many tasks that do nothing?

    python -m bench.night [--scenario DIR] [--date 2022-11-22]

Runs the DAG of the nights once, then one of the same shape whose tasks are empty, and each a second time, as `clvt
nightly` runs them. Prints wall and processor seconds of each and their ratio; the bar is 1.6 for the wall time.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clvt.nightly import AIRFLOW_PROGRAM, airflow_environment, stand_ins
from clvt.replay import sources
from connectors.store.paths import STAGES, Home
from demo.synth import make_force

CHILDREN = 40
START, NIGHT = date(2021, 11, 23), date(2022, 11, 22)
BAR = 1.6
EMPTY = """
from airflow.sdk import DAG, Param, task

def empty(name):
    @task(task_id=name)
    def nothing():
        return {partners!r} if name == "export" else {{"rows": 1}}
    return nothing()

@task
def deliver(recipient):
    return {{"rows": 1}}

with DAG("empty", schedule=None, params={{"as_of": Param(None, type=["null", "string"])}}):
    made = {{name: empty(name) for name in {stages!r} if name != "deliver"}}
    made["deliver"] = deliver.expand(recipient=made["export"])
    for before, after in zip({stages!r}, {stages!r}[1:]):
        made[before] >> made[after]
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of one run of a DAG: by the clock, and of all its processes."""

    wall: float
    processor: float


def main() -> None:
    """Measure both DAGs twice, and print what they cost."""
    parser = argparse.ArgumentParser(
        prog="bench.night", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--scenario", type=Path)
    parser.add_argument("--date", type=date.fromisoformat, default=NIGHT)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, _airflow(Path(scratch), chosen.scenario) as environment:
        home = Path(environment["CLVT_HOME"])
        for attempt in ("first", "second"):
            night = _run(environment, "nightly", chosen.date)
            _write_empty(home)
            empty = _run(environment | {"AIRFLOW__CORE__DAGS_FOLDER": str(home / "empty")}, "empty", chosen.date)
            _show(attempt, night, empty)


@contextmanager
def _airflow(scratch: Path, scenario: Path | None) -> Iterator[dict[str, str]]:
    """The environment of an Airflow with its tables, a force, and stand-in partners."""
    force, home = scenario or scratch / "force", Home(scratch / "home")
    if scenario is None:
        make_force(force, children=CHILDREN, start=START, end=NIGHT)
    with stand_ins(home):
        environment = airflow_environment(home, sources(force))
        home.root.mkdir(exist_ok=True)
        _airflow_does(environment, "db", "migrate")
        yield environment


def _airflow_does(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([AIRFLOW_PROGRAM, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"airflow {' '.join(arguments)} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def _write_empty(home: Path) -> None:
    """A DAG of as many tasks as the night had."""
    with sqlite3.connect(home / "airflow" / "airflow.db") as database:
        (partners,) = database.execute(
            "SELECT max(map_index) + 1 FROM task_instance WHERE dag_id = 'nightly'"
        ).fetchone()
    (home / "empty").mkdir(exist_ok=True)
    text = EMPTY.format(stages=STAGES, partners=[f"partner {number}" for number in range(partners)])
    (home / "empty" / "empty.py").write_text(text, encoding="utf-8")


def _run(environment: dict[str, str], dag: str, night: date) -> Cost:
    before, start = os.times(), time.perf_counter()
    _airflow_does(environment, "dags", "test", dag, "--conf", json.dumps({"as_of": night.isoformat()}))
    after = os.times()
    processor = after.children_user + after.children_system - before.children_user - before.children_system
    return Cost(time.perf_counter() - start, processor)


def _show(attempt: str, night: Cost, empty: Cost) -> None:
    for name, cost in (("the night", night), ("an empty DAG", empty)):
        print(f"{attempt:<7}{name:<14}{cost.wall:7.1f} s by the clock{cost.processor:7.1f} s of processors")
    print(
        f"{attempt:<7}ratio {night.wall / empty.wall:6.2f} by the clock (bar {BAR}), "
        f"{night.processor / empty.processor:.2f} of processors",
        flush=True,
    )


if __name__ == "__main__":
    main()
