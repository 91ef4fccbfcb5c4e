"""What is left of a night that was hit, after it was run again and nothing else was done?

    python -m tests.faults.campaign [--sample N] [--random N] [--airflow N] [--seed S] [--part K/N]

Each fault hits the night of one day, of a home that has two nights behind it, in a process of its own; then the night
is run again until it ends. What must hold: the home's nights, the register and what partners hold are those of a night
that nothing hit; while it was not published no partner saw a file of it; no partner ever saw half a file; and what was
no kill was told in a sentence.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from clvt import following
from clvt.replay import endpoint, replay, sources
from connectors.delivery.transfer import digest_here
from connectors.store import sealed
from connectors.store.at_work import HomeBusy
from connectors.store.paths import STAGES, Home
from demo.standin import start
from demo.synth import make_force
from expectations.recipients import load as load_recipients
from night.failures import MayNotRun, NightFailed
from night.night import run_night, stage
from night.run import Run
from tests.faults.airflow import SERVED
from tests.faults.follower import Ready
from tests.faults.planned import PLANNED, THROUGH_AIRFLOW, Fault, hit
from tests.postgres import cluster

FIRST, NIGHT = date(2022, 3, 3), date(2022, 3, 5)
BEFORE = [FIRST, FIRST + timedelta(days=1)]
LONGEST_SECONDS = 6.0
RERUNS = 4


@dataclass
class Tally:
    """What came of the faults."""

    planned: int = 0
    survived: int = 0
    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    @contextmanager
    def counting(self, fault: Fault) -> Iterator[Counter[str]]:
        """Count a fault with the problems that are put down, and the seconds that it takes."""
        problems, began = Counter[str](), time.monotonic()
        yield problems
        problems = +problems
        self.seconds += time.monotonic() - began
        self.planned += 1
        self.counts.update(problems)
        self.survived += not problems
        if problems:
            self.wrong.append(f"{fault}: {dict(problems)}")
            sys.stderr.write(f"{self.wrong[-1]}\n")

    def line(self) -> str:
        """One line for whoever reads the log of it."""
        named = ("lost", "doubled", "half-visible", "unlawfully sent", "without a sentence")
        counts = [
            f"planned {self.planned}",
            f"survived {self.survived}",
            *(f"{one} {self.counts[one]}" for one in named),
        ]
        return "  ".join([*counts, f"in {self.seconds:.0f} s"])


@dataclass(frozen=True)
class State:
    """What counts of a home: its sealed nights, how often each thing is in the log, and what each partner holds."""

    nights: dict[str, str]
    log: Counter[tuple[str, ...]]
    held: Counter[tuple[str, str]]


@dataclass(frozen=True)
class Ground:
    """Where faults fall: a home with two nights, the sources, and a register of each kind."""

    folder: Path
    databases: str  # URL of PostgreSQL, where registers are made

    @property
    def scenario(self) -> Path:
        return self.folder / "force"

    @property
    def template(self) -> Path:
        return self.folder / "template"

    @contextmanager
    def a_home(self, engine: str, name: str) -> Iterator[Run]:
        """A copy of the home and of its register, and the run of the night to be hit."""
        home = Home(self.folder / name)
        shutil.copytree(self.template, home.root, ignore=shutil.ignore_patterns("S.*"))
        shutil.copytree(self.scenario, self.folder / f"{name}-force")
        database = f"r{name.replace('-', '_')}"
        url = ""
        if engine == "postgresql":
            self.admin(f'CREATE DATABASE "{database}" TEMPLATE register')
            url = self.databases.rsplit("/", 1)[0] + f"/{database}"
        try:
            find = partial(endpoint, sources(self.folder / f"{name}-force"))
            yield Run(NIGHT, home, find, url)
        finally:
            shutil.rmtree(home.root, ignore_errors=True)  # a gpg-agent that is about to end removes files in it too
            shutil.rmtree(self.folder / f"{name}-force")
            if url:
                self.admin(f'DROP DATABASE "{database}" WITH (FORCE)')

    def admin(self, statement: str) -> None:
        engine = sa.create_engine(self.databases, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


def prepared(folder: Path, databases: str) -> Ground:
    """A force, its home after two nights, and the same register in PostgreSQL."""
    folder.mkdir(exist_ok=True)
    ground = Ground(folder, databases)
    ground.admin("CREATE DATABASE register")
    in_a_process(partial(_prepare, ground))
    return ground


def _prepare(ground: Ground) -> None:
    make_force(ground.scenario, seed=7, children=8, start=date(2022, 1, 1), end=date(2022, 3, 31))
    home = Home(ground.template)
    with partners(home):
        for night in BEFORE:
            run_night(Run(night, home, partial(endpoint, sources(ground.scenario)), ""))
    _to_postgresql(home, ground.databases.rsplit("/", 1)[0] + "/register")


def _to_postgresql(home: Home, url: str) -> None:
    """The rows of the home's register, in tables that the register itself makes."""
    there = Run(BEFORE[0], home, register_url=url).register
    tables = sa.MetaData()
    tables.reflect(there)
    here = sa.create_engine(f"sqlite:///{home.register}")
    with here.connect() as read, there.begin() as write:
        for table in tables.sorted_tables:
            write.execute(table.delete())
            rows = [dict(row) for row in read.execute(sa.select(table)).mappings()]
            if rows:
                write.execute(table.insert(), rows)
            if "seq" in table.c and write.scalar(sa.text(f"SELECT pg_get_serial_sequence('{table.name}', 'seq')")):
                last = sa.select(sa.func.coalesce(sa.func.max(table.c.seq), 0) + 1).scalar_subquery()
                counter = sa.func.pg_get_serial_sequence(table.name, "seq")
                write.execute(sa.select(sa.func.setval(counter, last, sa.false())))
    there.dispose()


@contextmanager
def partners(home: Home) -> Iterator[None]:
    """Stand-ins for some partners; the others are not live, so nothing is sent to them."""
    with start(home, {name: one for name, one in load_recipients(home.recipients).items() if name in SERVED}):
        yield


def in_a_process(work: Callable[[], None], seconds: float = 0, after: Callable[[], bool] | None = None) -> int:
    """Run this in a process of its own, killed after these seconds or once something is so; its exit status."""
    child = os.fork()
    if not child:
        os.setpgid(0, 0)
        code = 1
        try:
            code = _ended(work)
        finally:
            os._exit(code)  # whatever happens: nothing of the campaign itself goes on in here
    end = time.monotonic() + seconds if seconds else float("inf")
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end or (after is not None and after()):
            os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001 if after else 0.02)


def _ended(work: Callable[[], None]) -> int:
    """0 where it ended well, 2 where it failed and said so in a sentence, 3 and 1 where that is not for people."""
    try:
        work()
    except (NightFailed, MayNotRun, HomeBusy) as failure:
        code = 3 if "Unexpected" in str(failure) else 2
        sys.stderr.write(f"{failure}\n")
        return code
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    return 0


def _register(run: Run) -> sa.Engine:
    """The register as a stranger reads it, whatever the processes of the night do."""
    return sa.create_engine(run.register_url or f"sqlite:///{run.home.register}", poolclass=sa.pool.NullPool)


def state(run: Run) -> State:
    """What counts of the home; what a night after this one did before it was given up is in the log, and is true."""
    query = sa.text(
        "SELECT operation, record_ref, person_id, recipient, run FROM processing_log "
        "WHERE run <= :night OR operation = 'DISCLOSURE'"
    )
    with _register(run).connect() as connection:
        log = Counter(tuple(map(str, row)) for row in connection.execute(query, {"night": run.as_of.isoformat()}))
    nights = {
        name: digest
        for name, digest in sealed.hashes(run.home.runs).items()
        if "/index/" not in name and "/report/" not in name and "unsealed" not in name
    }
    return State(nights, log, visible(run.home))


def visible(home: Home) -> Counter[tuple[str, str]]:
    """(recipient, name) of every file that a partner sees; what it received is encrypted anew each time."""
    return Counter((recipient, path.name) for recipient, path in _seen(home))


def _seen(home: Home) -> Iterator[tuple[str, Path]]:
    for path in home.drops.rglob("*"):
        if path.is_file() and not path.name.startswith(".") and "receipts" not in path.parts:
            yield path.relative_to(home.drops).parts[0], path


def half_visible(run: Run) -> int:
    """How many files that partners see are not, byte for byte, what the register says was made for them."""
    query = sa.text("SELECT recipient, remote_name, sha256 FROM delivery")
    with _register(run).connect() as connection:
        made = set(map(tuple, connection.execute(query)))
    return sum((recipient, path.name, digest_here(path)) not in made for recipient, path in _seen(run.home))


def whole_night(run: Run) -> None:
    """The night as the DAG makes it, in one process."""
    with partners(run.home):
        run_night(run)


def whole_replay(run: Run) -> None:
    """The night as `clvt replay --deliver` makes it, in two processes."""
    following.PROCESSES = Ready()  # before there is any thread
    scenario = run.home.root.with_name(f"{run.home.root.name}-force")
    os.environ["CLVT_REGISTER"] = run.register_url
    with partners(run.home):
        replay(run.home, scenario, BEFORE[0], NIGHT, None, deliver=True)


WAYS: dict[str, Callable[[Run], None]] = {"night": whole_night, "replay": whole_replay}


def judge(fault: Fault, ground: Ground, expected: State, tally: Tally, name: str) -> None:
    """Let one fault hit a night, run it again, and compare."""
    with tally.counting(fault) as problems, ground.a_home(fault.engine, name) as run:
        before = visible(run.home)
        code = hit(fault, run, WAYS[fault.way], in_a_process)
        if not run.is_published and visible(run.home) - before:
            problems["unlawfully sent"] += 1
        problems["half-visible"] += half_visible(run)
        if code in (1, 3):
            problems["without a sentence"] += 1
        for _ in range(RERUNS):
            if in_a_process(partial(WAYS[fault.way], run)) == 0:
                break
        problems["half-visible"] += half_visible(run)
        problems.update(differences(state(run), expected))


def differences(found: State, expected: State) -> Counter[str]:
    """What is lost and what is doubled, of nights, log entries and files at partners."""
    wrong = Counter[str]()
    lost = [name for name, digest in expected.nights.items() if found.nights.get(name) != digest]
    wrong["lost"] += len(lost) + (expected.log - found.log).total() + (expected.held - found.held).total()
    wrong["doubled"] += (found.log - expected.log).total() + (found.held - expected.held).total()
    return +wrong


def sampled(faults: list[Fault], count: int) -> list[Fault]:
    """Faults spread evenly over the list: the same ones each time."""
    return [faults[number * len(faults) // count] for number in range(min(count, len(faults)))]


def campaign(faults: list[Fault], folder: Path) -> Tally:
    """Every fault, one after the other, on ground of its own."""
    for name in STAGES:
        stage(name)
    import great_expectations  # noqa: F401 — once, and not in every process

    tally = Tally()
    with cluster() as databases:
        ground = prepared(folder, databases)
        expected = {}
        for engine in ("sqlite", "postgresql"):
            with ground.a_home(engine, f"undisturbed-{engine}") as run:
                assert in_a_process(partial(whole_night, run)) == 0
                expected[engine] = state(run)
        for number, fault in enumerate(faults):
            judge(fault, ground, expected[fault.engine], tally, f"f{number}")
            if number % 10 == 9:
                sys.stderr.write(f"{tally.line()}\n")
    return tally


def random_kills(count: int, seed: int) -> list[Fault]:
    """Kills at random moments of whole nights and replays."""
    moments = random.Random(seed)
    return [
        Fault("random kill", ("sqlite", "postgresql")[number % 2], ("night", "replay")[number // 2 % 2],
              seconds=moments.uniform(0.05, LONGEST_SECONDS))
        for number in range(count)
    ]  # fmt: skip


def main() -> int:
    """Run both campaigns; exit 1 where anything was lost, doubled, sent unlawfully, or not told."""
    from tests.faults import through

    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--sample", type=int, default=len(PLANNED), help="how many of the planned faults")
    parser.add_argument("--random", type=int, default=200, help="how many kills at random moments")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--airflow", type=int, default=len(THROUGH_AIRFLOW), help="how many of those through Airflow")
    parser.add_argument("--part", default="1/1", help="every Nth fault from the Kth on, as K/N: parts may run anywhere")
    given = parser.parse_args()
    first, parts = map(int, given.part.split("/"))
    ways = {
        campaign: sampled(PLANNED, given.sample) + random_kills(given.random, given.seed),
        through.campaign: sampled(THROUGH_AIRFLOW, given.airflow),
    }
    wrong = []
    for way, faults in ways.items():
        of_this_part = faults[first - 1 :: parts]
        if not of_this_part:
            continue
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            tally = way(of_this_part, Path(folder))
        print(f"{tally.line()}\n" + "\n".join(tally.wrong), flush=True)
        wrong += tally.wrong
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
