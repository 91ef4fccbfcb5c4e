"""What is left of nights that were hit while a real Airflow made them, after their runs were cleared and nothing else?

One Airflow, its tables and the register in PostgreSQL, makes the nights of one home, one after the other; each is hit
by one fault. Nights, register and what partners hold are then those of the same nights that nothing hit.
"""

import os
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from clvt.replay import endpoint, sources
from connectors.endpoints import as_json
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.night import run_night
from night.outcome import failures
from night.run import Run
from tests.faults.airflow import OVER, Airflow, running, serving_three
from tests.faults.campaign import Tally, differences, half_visible, in_a_process, partners, state, visible
from tests.faults.planned import SOURCES, Fault, has_come
from tests.postgres import cluster

FIRST = date(2022, 1, 20)
TRIES = 3
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 300.0


@dataclass
class Ground:
    """An Airflow at work in one home, the force whose nights it makes, and the address of its register."""

    airflow: Airflow
    scenario: Path
    register: str
    night: date = FIRST

    @property
    def run(self) -> Run:
        return Run(self.night, self.airflow.home, partial(endpoint, sources(self.scenario)), self.register)

    def began(self, conf: dict[str, str] | None = None) -> str:
        """Start the run of the night, or of what is given instead."""
        return self.airflow.trigger(conf or {"as_of": self.night.isoformat()})

    def await_moment(self, stage: str, moment: str, run: str) -> None:
        """Until a stage of the night has come so far, or the run is over."""
        end = time.monotonic() + LONGEST_SECONDS
        while not has_come(self.run, stage, moment) and time.monotonic() < end:
            time.sleep(LOOK_SECONDS)
            if int(end - time.monotonic()) % 20 == 0 and self.airflow.runs().get(run) in OVER:
                return

    def admin(self, statement: str) -> None:
        address = sa.make_url(self.register).set(database="postgres")
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def cut_register(self) -> None:
        self.admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'register'")


def _task_killed(fault: Fault, ground: Ground) -> str:
    """The process of the task that holds the home's lock is killed, as a machine without memory does it."""
    run = ground.began()
    ground.await_moment(fault.stage, fault.moment, run)
    for process in holders(ground.airflow.home.lock):
        os.kill(process, signal.SIGKILL)
    return run


def holders(path: Path) -> list[int]:
    """The processes that hold a lock on a file."""
    inode = path.stat().st_ino
    locks = (line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines())
    return [int(one[-4]) for one in locks if one[-3].endswith(f":{inode}") and "->" not in one]


def _scheduler_killed(fault: Fault, ground: Ground) -> str:
    run = ground.began()
    ground.await_moment(fault.stage, "begin", run)
    ground.airflow.kill("scheduler")
    ground.airflow.start("scheduler")
    return run


def _marked_as_a_success(fault: Fault, ground: Ground) -> str:
    run = ground.began()
    ground.airflow.mark_success(run, fault.stage)
    return run


def _register_cut(fault: Fault, ground: Ground) -> str:
    run = ground.began()
    ground.await_moment(fault.stage, "begin", run)
    ground.cut_register()
    return run


def _register_down(fault: Fault, ground: Ground) -> str:
    """From a stage on nobody is let into the register, until the run is over."""
    run = ground.began()
    ground.await_moment(fault.stage, "begin", run)
    ground.admin("ALTER DATABASE register ALLOW_CONNECTIONS false")
    try:
        ground.cut_register()
        ground.airflow.over(run)
    finally:
        ground.admin("ALTER DATABASE register ALLOW_CONNECTIONS true")
    return run


def _source(fault: Fault, ground: Ground) -> str:
    """What the force gives is away, or spoilt, until the run is over."""
    given, kept = ground.scenario, ground.scenario.with_name("kept")
    in_a_process(partial(_copied, given, kept))
    SOURCES[fault.kind](given)
    run = ground.began()
    try:
        ground.airflow.over(run)
    finally:
        in_a_process(partial(_copied, kept, given))
    return run


def _copied(source: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def _refused(conf: Callable[[date], dict[str, str]]) -> Callable[[Fault, Ground], str]:
    """A run that may not be: it fails, and the night is run after it as it should be."""

    def hit(_fault: Fault, ground: Ground) -> str:
        nights = ground.airflow.home.nights()
        assert ground.airflow.over(ground.began(conf(ground.night))) == "failed"
        assert ground.airflow.home.nights() == nights
        return ground.began()

    return hit


def _repeated(_fault: Fault, ground: Ground) -> str:
    assert ground.airflow.over(ground.began()) == "success"
    return ground.began()


HITS: dict[str, Callable[[Fault, Ground], str]] = {
    "kill": _task_killed,
    "scheduler killed": _scheduler_killed,
    "marked as a success": _marked_as_a_success,
    "register cut": _register_cut,
    "register down": _register_down,
    **dict.fromkeys(SOURCES, _source),
    "night to come": _refused(lambda night: {"as_of": night.replace(year=2036).isoformat()}),
    "earlier night": _refused(lambda night: {"as_of": (FIRST - timedelta(days=9)).isoformat()}),
    "mistyped key": _refused(lambda night: {"as_off": night.isoformat()}),
    "repeated": _repeated,
}


def campaign(faults: list[Fault], folder: Path) -> Tally:
    """Every fault through Airflow, each in a night of its own, and what came of them."""
    tally = Tally()
    nights = [FIRST + timedelta(days=number) for number in range(len(faults))]
    make_force(folder / "force", seed=7, children=8, start=date(2022, 1, 1), end=nights[-1] + timedelta(days=1))
    expected = Run(FIRST, serving_three(Home(folder / "undisturbed")), partial(endpoint, sources(folder / "force")))
    in_a_process(partial(_undisturbed, expected, nights))
    with at_work(folder) as ground:
        for night, fault in zip(nights, faults, strict=True):
            ground.night = night
            with tally.counting(fault) as problems:
                problems.update(_hit(fault, ground))
        wrong = differences(state(ground.run), state(replace(expected, as_of=nights[-1])))
        tally.counts.update(wrong)
        tally.wrong += [f"After all nights: {dict(wrong)}"] if wrong else []
    return tally


def _undisturbed(first: Run, nights: list[date]) -> None:
    with partners(first.home):
        for night in nights:
            run_night(replace(first, as_of=night))


def _hit(fault: Fault, ground: Ground) -> Counter[str]:
    """Let a fault hit the night, clear its run until it ends well, and say what should not have been."""
    before, problems = visible(ground.airflow.home), Counter[str]()
    run = HITS[fault.kind](fault, ground)
    for _ in range(TRIES):
        is_well = ground.airflow.over(run, LONGEST_SECONDS * 2) == "success"
        if not ground.run.is_published and visible(ground.airflow.home) - before:
            problems["unlawfully sent"] += 1
        problems["half-visible"] += half_visible(ground.run)
        if is_well:
            break
        if not failures(ground.run):
            problems["without a sentence"] += 1
        ground.airflow.clear(run, STAGES[0])
    if not ground.run.is_published or failures(ground.run):
        problems["lost"] += 1
    return problems


@contextmanager
def at_work(folder: Path, **more: str) -> Iterator[Ground]:
    """Airflow with its tables and the register in PostgreSQL, and partners to deliver to; `more` for its processes."""
    home = serving_three(Home(folder / "home"))
    with cluster() as databases, partners(home):
        register = sa.make_url(databases).set(database="register").render_as_string(hide_password=False)
        tables = sa.make_url(databases).set(database="airflow", drivername="postgresql+psycopg2")
        known = {name: as_json(found) for name, found in sources(folder / "force").items()}
        settings = {
            "CLVT_REGISTER": register,
            "CLVT_RETRIES": "0",  # a person clears the run: what recovers by itself waits for minutes
            "CLVT_TOO_LATE_HOURS": "0",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": tables.render_as_string(hide_password=False),
        }
        for name in ("register", "airflow"):
            create(databases, name)
        with running(home, folder / "airflow", known, **settings, **more) as airflow:
            yield Ground(airflow, folder / "force", register)


def create(databases: str, name: str) -> None:
    engine = sa.create_engine(databases, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
