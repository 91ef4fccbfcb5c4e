"""How does one night run through Airflow where nothing is set up: no server, no partner, perhaps no source?

Gives Airflow its own folder in the data home, starts stand-in partners where the contracts name no real ones, makes a
synthetic force where no source is configured, and runs the production DAG for one night.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from clvt.replay import sources
from connectors.endpoints import Endpoint
from connectors.register import history
from connectors.store.paths import Home
from expectations.recipients import load as load_recipients
from night.run import Run

PROJECT = Path(__file__).resolve().parent.parent
SOURCE = "AIRFLOW_CONN_INTELLIGENCE_DB"
SEED, CHILDREN = 1, 40
HISTORY, AHEAD = timedelta(days=400), timedelta(days=120)


class NightlyError(Exception):
    """The night cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Started:
    """A night to run: its date, its data home, and the environment that Airflow gets."""

    as_of: date
    home: Home
    environment: dict[str, str]

    @property
    def log(self) -> Path:
        """Where Airflow's own output goes."""
        return self.home.root / "airflow" / "nightly.log"


def nightly(home: Home, as_of: date, scenario: Path | None) -> int:
    """Run the DAG for one night; returns 0 where the night is whole, else 1."""
    known = _sources(home, as_of, scenario)
    with _partners(home):
        started = Started(as_of, home, _environment(home, known))
        before = _mark(home, as_of)
        _airflow(started, "db", "migrate")
        code = _run_dag(started, before)
    return _tell(started, before, code)


def _sources(home: Home, as_of: date, scenario: Path | None) -> dict[str, Endpoint]:
    if scenario is not None:
        return sources(scenario)
    if os.environ.get(SOURCE):
        return {}
    folder = home.root / "synthetic"
    if not folder.is_dir():
        from demo.synth import make_force

        print(f"No source is configured ({SOURCE}): making a synthetic force in {folder}", flush=True)
        make_force(folder, seed=SEED, children=CHILDREN, start=as_of - HISTORY, end=as_of + AHEAD)
    return sources(folder)


@contextmanager
def _partners(home: Home) -> Iterator[None]:
    """Stand-in partners for every recipient whose connection is not configured."""
    recipients = {
        name: recipient
        for name, recipient in load_recipients(home.recipients).items()
        if not os.environ.get(f"AIRFLOW_CONN_{recipient.delivery.connection.upper()}")
    }
    if not recipients:
        yield
        return
    from demo.standin import start

    with start(home, recipients):
        yield


def _environment(home: Home, known: dict[str, Endpoint]) -> dict[str, str]:
    airflow = home.root / "airflow"
    own = {
        "AIRFLOW_HOME": airflow,
        "AIRFLOW__CORE__DAGS_FOLDER": PROJECT / "dags",
        "AIRFLOW__CORE__PLUGINS_FOLDER": PROJECT / "plugins",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "CLVT_HOME": home.root,
    }
    connections = {f"AIRFLOW_CONN_{name.upper()}": _as_json(endpoint) for name, endpoint in known.items()}
    return {**os.environ, **{name: str(value) for name, value in own.items()}, **connections}


def _as_json(endpoint: Endpoint) -> str:
    return json.dumps({"conn_type": endpoint.kind, "host": endpoint.host, "extra": endpoint.extra})


def _airflow(started: Started, *arguments: str) -> None:
    started.log.parent.mkdir(parents=True, exist_ok=True)
    with started.log.open("w") as log:
        done = subprocess.run([_program(), *arguments], env=started.environment, stdout=log, stderr=log, check=False)
    if done.returncode:
        raise NightlyError(f"airflow {' '.join(arguments)} failed: see {started.log}.")


def _program() -> str:
    return str(Path(sys.executable).with_name("airflow"))


def _run_dag(started: Started, before: int) -> int:
    """Run the DAG for the night in one process, and print each stage as it ends; returns Airflow's exit code."""
    conf = json.dumps({"as_of": started.as_of.isoformat()})
    with started.log.open("a") as log:
        process = subprocess.Popen(
            [_program(), "dags", "test", "nightly", "--conf", conf],
            env=started.environment,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        shown = before
        while process.poll() is None:
            time.sleep(0.3)
            shown = _show(started, shown)
        _show(started, shown)
    return process.returncode


def _mark(home: Home, as_of: date) -> int:
    rows = history.of_nights(Run(as_of, home).register, as_of.isoformat(), as_of.isoformat())
    return max((row["seq"] for row in rows), default=0)


def _ended(started: Started, after: int) -> list[dict[str, Any]]:
    night = started.as_of.isoformat()
    register = Run(started.as_of, started.home).register
    return [row for row in history.of_nights(register, night, night) if row["seq"] > after]


def _show(started: Started, after: int) -> int:
    """Print the stages that ended since; a recipient for whom there was nothing is passed over."""
    for row in _ended(started, after):
        counts = "  ".join(f"{name} {count}" for name, count in row["counts"].items())
        if row["failure"] or any(row["counts"].values()) or "[" not in row["stage"]:
            print(f"  {row['stage']:<26}{row['seconds']:6.1f} s  {row['failure'] or counts}", flush=True)
        after = row["seq"]
    return after


def _tell(started: Started, before: int, code: int) -> int:
    rows = _ended(started, before)
    failures = [row["failure"] for row in rows if row["failure"]]
    last = {row["stage"]: row["failure"] for row in rows}
    failed = [sentence for sentence in last.values() if sentence]
    report = started.home.run(started.as_of).stage("report") / "report.html"
    if code and not failed:
        failed = failures or [f"Airflow ended with exit code {code}: see {started.log}."]
    for sentence in failed:
        print(sentence)
    print(f"Log:    {started.log}")
    print(f"Drops:  {started.home.drops}")
    print(f"Report: {report}" if report.is_file() else "There is no report of this night.")
    return 1 if code or failed else 0
