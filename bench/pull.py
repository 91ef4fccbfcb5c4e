"""What does a night's `pull` cost where the record system holds ever more reports of other kinds?

    python -m bench.pull [--others 1000 100000 1000000] [--engine sqlite|postgresql]

An invented force has landed its history; one more night pulls what is new, with ever more other reports beside it.
Each is a process of its own, as each task of a night is: the seconds of that process and its peak memory (the best of
three), as ratios to the smallest. The bar is 3 x the seconds and 60 MB more. Beside it stand the seconds in `pull`
alone, without Python's start, and what no reader can go below where the source has no index on its flags: the smallest,
and one reading of the table by the database itself.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Any

import sqlalchemy as sa

from bench.register import seconds
from clvt.replay import endpoint, sources
from connectors.endpoints import Endpoint
from connectors.sources.database import snapshot
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.night import run_night
from night.pull import pull, source_columns
from night.run import Run

BAR_TIMES, BAR_MB = 3.0, 60
START, END = date(2021, 4, 1), date(2022, 3, 31)
TRIES = 3
FLAGS = ("BURGLARY", "DRUGS|FIREARMS", "DOMESTIC ABUSE", "ONLINE ABUSE", None, "VEHICLE CRIME|ANPR", "MISSING|CSE")
TEXT = "A report of another kind, of which the text is about as long as a few sentences of an officer would be. " * 3
KEYS = {"intelligence_report": ("report_ref", "version"), "report_subject": ("report_ref", "version", "subject_no")}


@dataclass(frozen=True)
class Cost:
    """Seconds of the whole process and in `pull`, peak memory in MB, seconds in which the database reads the table."""

    process: float
    seconds: float
    megabytes: float
    scan: float


def main() -> None:
    """Measure each number of other reports, and print its ratios to the smallest."""
    parser = argparse.ArgumentParser(
        prog="bench.pull", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--others", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--measure", type=Path, nargs=2, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        measure(*chosen.measure)
        return
    with tempfile.TemporaryDirectory() as scratch, _server(chosen.engine) as url:
        force = Path(scratch) / "force"
        make_force(force, start=START, end=END)
        engine = sa.create_engine(url or f"sqlite:///{force / 'intelligence.sqlite'}")
        if url:
            _copy(force / "intelligence.sqlite", engine)
        (force / "url").write_text(url)
        run_night(_run(force, END), [name for name in STAGES if name != "deliver"])
        there, smallest = 0, None
        for others in sorted(chosen.others):
            _add(engine, there, others)
            there = others
            cost = _in_processes(force)
            smallest = smallest or cost
            show(others, cost, smallest)


def show(others: int, cost: Cost, smallest: Cost) -> None:
    """Print one line."""
    times, more = cost.process / smallest.process, cost.megabytes - smallest.megabytes
    alone = cost.seconds / smallest.seconds
    floor = (smallest.seconds + cost.scan - smallest.scan) / smallest.seconds
    is_met = times <= BAR_TIMES and more <= BAR_MB
    print(
        f"{others:>9,} other reports: the task {cost.process:6.3f} s = {times:4.2f} x the smallest; peak "
        f"{cost.megabytes:5.0f} MB, {more:+4.0f} MB   {'within' if is_met else 'NOT WITHIN'} the bar; in pull "
        f"{cost.seconds:.3f} s = {alone:4.2f} x; read once by the database {cost.scan:.3f} s, which alone is "
        f"{floor:4.2f} x",
        flush=True,
    )


def measure(force: Path, home: Path) -> None:
    """Pull the night after the force's history into a home; print its seconds, and those of one reading."""
    run = _run(force, END + timedelta(days=1), Home(home))
    took = seconds(lambda: pull(run))
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    with snapshot(run.connection("intelligence_db")) as connection:
        read = sa.text("SELECT count(flags) FROM intelligence_report")
        scan = min(seconds(lambda: connection.scalar(read)) for _ in range(TRIES))
    print(json.dumps({"seconds": took, "megabytes": peak, "scan": scan}))


def _in_processes(force: Path) -> Cost:
    """The best of several processes, each on a home as the history left it."""
    return min((_in_a_process(force) for _ in range(TRIES)), key=lambda cost: cost.process)


def _in_a_process(force: Path) -> Cost:
    with tempfile.TemporaryDirectory(dir=force) as scratch:
        home = shutil.copytree(force / "home", Path(scratch) / "home")
        command = [sys.executable, "-m", "bench.pull", "--measure", str(force), str(home)]
        start = time.perf_counter()
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
        took = time.perf_counter() - start
    found = json.loads(done.stdout.splitlines()[-1])
    return Cost(process=took - TRIES * found["scan"], **found)


def _run(force: Path, night: date, home: Home | None = None) -> Run:
    known = sources(force)
    if text := (force / "url").read_text():
        url = sa.make_url(text)
        login = (str(url.username), str(url.password), str(url.database))
        known["intelligence_db"] = Endpoint("intelligence_db", "postgres", str(url.host), url.port, *login)
    return Run(night, home or Home(force / "home"), partial(endpoint, known))


def _server(engine: str) -> Any:
    if engine == "sqlite":
        return nullcontext("")
    from tests.postgres import cluster

    return _closed(cluster)


@contextmanager
def _closed(cluster: Any) -> Iterator[str]:
    with cluster() as url:
        yield url


def _copy(path: Path, engine: sa.Engine) -> None:
    """The invented force's tables, in another engine."""
    source = sa.create_engine(f"sqlite:///{path}")
    with source.connect() as connection, engine.begin() as target:
        for name, columns in source_columns().items():
            there = [one["name"] for one in sa.inspect(connection).get_columns(name)]
            kinds = (f"{one} {'INTEGER' if one in ('version', 'subject_no') else 'TEXT'}" for one in there)
            key = ", ".join(KEYS.get(name, ("line_ref",)))
            target.exec_driver_sql(f"CREATE TABLE {name} ({', '.join(kinds)}, PRIMARY KEY ({key}))")
            table = sa.table(name, *(sa.column(one) for one in there if one in columns))
            rows = [dict(row._mapping) for row in connection.execute(sa.select(table))]
            target.execute(table.insert(), rows)


def _add(engine: sa.Engine, there: int, others: int) -> None:
    """Reports of other kinds, with a subject each, from number `there` on."""
    columns = source_columns()
    with engine.begin() as connection:
        rows = iter(range(there, others))
        while numbers := list(islice(rows, 20_000)):
            for name, made in (("intelligence_report", _report), ("report_subject", _subject)):
                kept = [made(number) for number in numbers]
                table = sa.table(name, *(sa.column(one) for one in kept[0] if one in columns[name]))
                connection.execute(table.insert(), kept)
    if engine.dialect.name == "postgresql":  # as its own housekeeping does within minutes
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


def _report(number: int) -> dict[str, Any]:
    day = START + timedelta(days=number % 300)
    return {
        "report_ref": f"31/2019/{number:08}",
        "version": 1,
        "source_force": "31",
        "source_system": "NICHE",
        "status": "AUTHORISED",
        "intelligence_date": day.isoformat(),
        "created_at": f"{day}T10:00:00+00:00",
        "updated_at": f"{day}T10:00:00+00:00",
        "flags": FLAGS[number % len(FLAGS)],
        "protective_marking": "OFFICIAL",
        "grade_scheme": "3X5X2",
        "grade": "2BP",
        "text": TEXT,
    }


def _subject(number: int) -> dict[str, Any]:
    return {
        "report_ref": f"31/2019/{number:08}",
        "version": 1,
        "subject_no": 1,
        "role": "SUSPECT",
        "given_names": "A",
        "surname": "B",
    }


if __name__ == "__main__":
    main()
