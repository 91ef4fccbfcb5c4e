"""How does one night run through Airflow where nothing is set up: no server, no partner, perhaps no source?

Gives Airflow its own folder in the data home, starts stand-in partners where the contracts name no real ones, and runs
the production DAG for one night. Where nothing of a real force is there, that is the demonstration: an invented force
in a home of its own.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from clvt import connections
from clvt.replay import sources
from connectors.endpoints import Endpoint, as_json, variable
from connectors.register import history
from connectors.store import at_work
from connectors.store.forces import HOME, HOMES, force_of
from connectors.store.paths import Home
from expectations.plain import Row
from night.may_run import expect_has_come, expect_may_begin
from night.run import Run, named_register, today_in_london

PROJECT = Path(__file__).resolve().parent.parent
SOURCES = ("intelligence_db", "partner_inbox", "decisions", "opening_tracker")
SEED, CHILDREN = 1, 40
AIRFLOW_PROGRAM = str(Path(sys.executable).with_name("airflow"))
IMPORTING_AHEAD = {"CLVT_IMPORT_AHEAD": "1"}  # what plugins/ahead.py does in the process that has it
WAYS = ("connection", "fingerprint", "key")  # to a partner, in a contract or in the list of those on board
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
    """Run the DAG for one night; returns 0 where the night is whole, else 1. MayNotRun where it may not run."""
    expect_has_come(Run(as_of, home))
    home, known = _home_and_sources(home, as_of, scenario)
    expect_may_begin(Run(as_of, home))
    with at_work.only_command(home), stand_ins(home):
        started = Started(as_of, home, airflow_environment(home, known))
        before = _mark(home, as_of)
        _airflow(started, "db", "migrate")
        code = _run_dag(started, before)
    return _tell(started, before, code)


def _home_and_sources(home: Home, as_of: date, scenario: Path | None) -> tuple[Home, dict[str, Endpoint]]:
    """Where the night runs, and the connections that it gets beside those of the environment."""
    if scenario is not None:
        own = Home(home.root / "scenarios" / scenario.resolve().name)
        known = sources(scenario)
        take_settings(home, own)
        return own, known
    force = force_of(home)
    names = [*SOURCES, *(one.delivery.connection for one in Run(as_of, home).contracts().values())]
    found = connections.configured(map(force.connection, names))
    if force.connection(SOURCES[0]) in found:
        return home, {name: connections.endpoint(name) for name in found}
    if not home.demonstration_mark.is_file():
        _expect_bare(home, found)
        home = home.demonstration()
    return home, _invented(home, as_of)


def _expect_bare(home: Home, found: list[str]) -> None:
    """NightlyError where anything of a real force is here: no invented child ever comes beside a real one."""
    there = [f"nights ({len(home.nights())})"] if home.nights() else []
    there += [path.name for path in (home.root / "site.yml", home.recipients) if path.exists()]
    there += [f"connection {name}" for name in found]
    there += ["CLVT_REGISTER"] if named_register(home) else []
    there += [HOMES] if force_of(home).name else []
    source = force_of(home).connection(SOURCES[0])
    if there:
        raise NightlyError(
            f"No source is configured (connection {source}), and {home.root} is no place for invented children, as "
            f"it has {', '.join(there)}. Configure the source, in {variable(source)} or in Airflow; for the "
            "demonstration name an empty folder with --home."
        )


def _invented(home: Home, as_of: date) -> dict[str, Endpoint]:
    """The sources of an invented force, in a home that is the demonstration's and stays so."""
    folder = home.root / "synthetic"
    home.root.mkdir(parents=True, exist_ok=True)
    home.demonstration_mark.write_text("Every child in this home is invented.\n", encoding="utf-8")
    if not folder.is_dir():
        from demo.synth import make_force

        print(f"No source is configured: the demonstration, with invented children, in {home.root}", flush=True)
        make_force(folder, seed=SEED, children=CHILDREN, start=as_of - HISTORY, end=as_of + AHEAD)
    return sources(folder)


def take_settings(home: Home, own: Home) -> None:
    """Give the home of a scenario the site and recipients of the home that it is tried in, but no way to a partner.

    Nor the day from which files reach real partners: whoever a scenario tells of is told to stand-ins alone.
    """
    own.root.mkdir(parents=True, exist_ok=True)
    site = home.root / "site.yml"
    if site.is_file() and not (own.root / site.name).exists():
        text = re.sub(r"(?m)^live_from:.*$", "", site.read_text(encoding="utf-8"))
        (own.root / site.name).write_text(text, encoding="utf-8")
        print(f"The night has the settings of {site}", flush=True)
    for path in sorted(home.recipients.glob("*.yml")):
        if not (own.recipients / path.name).exists():
            own.recipients.mkdir(exist_ok=True)
            raw = _without_ways(yaml.safe_load(path.read_text(encoding="utf-8")))
            (own.recipients / path.name).write_text(yaml.safe_dump(raw, sort_keys=False, allow_unicode=True), "utf-8")
            print(f"The night has the recipient of {path}, who is stood in for", flush=True)


def _without_ways(given: Any) -> Any:
    """A contract, or a list of contracts, without any connection or key that leads to a real partner."""
    if not isinstance(given, dict):
        return given
    return {key: _without_ways(value) for key, value in given.items() if key not in WAYS}


@contextmanager
def stand_ins(home: Home) -> Iterator[None]:
    """Stand-in partners for every recipient whose connection is not configured."""
    known, force = Run(today_in_london(), home).contracts(), force_of(home)
    found = connections.configured(force.connection(recipient.delivery.connection) for recipient in known.values())
    recipients = {name: one for name, one in known.items() if force.connection(one.delivery.connection) not in found}
    if not recipients:
        yield
        return
    from demo.standin import start

    with start(home, recipients):
        yield


def airflow_environment(home: Home, known: dict[str, Endpoint]) -> dict[str, str]:
    """What Airflow's processes get for a night of this home, with these connections beside the environment's own."""
    airflow = home.root / "airflow"
    own = {
        "AIRFLOW_HOME": airflow,
        "AIRFLOW__CORE__DAGS_FOLDER": PROJECT / "dags",
        "AIRFLOW__CORE__PLUGINS_FOLDER": PROJECT / "plugins",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FOLDER_PERMISSIONS": "0o700",
        "AIRFLOW__LOGGING__FILE_TASK_HANDLER_NEW_FILE_PERMISSIONS": "0o600",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        HOME: home.root,
        HOMES: os.environ.get(HOMES, "") if force_of(home).name else "",
        "CLVT_TOO_LATE_HOURS": 0,
    }
    given = {variable(name): as_json(endpoint) for name, endpoint in known.items()}
    return {**os.environ, **{name: str(value) for name, value in own.items()}, **given}


def _airflow(started: Started, *arguments: str) -> None:
    started.log.parent.mkdir(parents=True, exist_ok=True)
    with started.log.open("w") as log:
        done = subprocess.run(
            [AIRFLOW_PROGRAM, *arguments], env=started.environment, stdout=log, stderr=log, check=False
        )
    if done.returncode:
        raise NightlyError(f"airflow {' '.join(arguments)} failed: see {started.log}.")


def _run_dag(started: Started, before: int) -> int:
    """Run the DAG for the night in one process, and print each stage as it ends; returns Airflow's exit code."""
    conf = json.dumps({"as_of": started.as_of.isoformat()})
    with started.log.open("a") as log:
        process = subprocess.Popen(
            [AIRFLOW_PROGRAM, "dags", "test", force_of(started.home).dag_id, "--conf", conf],
            env=started.environment | IMPORTING_AHEAD,
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


def _ended(started: Started, after: int) -> list[Row]:
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
