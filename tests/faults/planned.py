"""Which faults are planned, and how does each hit a night?"""

import os
import resource
import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path

import sqlalchemy as sa

from connectors.store.paths import STAGES
from night.night import attempt, run_night
from night.run import Run

ENGINES, WAYS = ("sqlite", "postgresql"), ("night", "replay")
MADE = STAGES[:-2]  # stages that write tables; deliver writes to partners
TIGHT = (0, 300, 4_000, 40_000)  # bytes that a file may grow to

Night = Callable[[Run], None]
InAProcess = Callable[..., int]


@dataclass(frozen=True)
class Fault:
    """One fault: its kind, the register's engine, how the night is run, and where or when it hits."""

    kind: str
    engine: str = "sqlite"
    way: str = "night"
    stage: str = ""
    moment: str = ""
    bytes: int = 0
    seconds: float = 0.0


def hit(fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    """Run the night with the fault; the exit status: 0 well, 2 told in a sentence, 1 or 3 not, negative killed."""
    return HITS[fault.kind](fault, run, night, in_a_process)


def _killed_at(fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    return in_a_process(partial(night, run), after=lambda: has_come(run, fault.stage, fault.moment))


def has_come(run: Run, name: str, moment: str) -> bool:
    """True from a moment of a stage on, as seen from outside."""
    if run.folder.is_sealed(name):
        return True
    if name == "deliver":
        sent = list(run.home.outbox.glob(f"*/*{run.as_of:%Y%m%d}*")) or list(run.home.outbox.rglob(f"*{run.as_of}*"))
        return {"begin": run.folder.is_sealed("export"), "middle": bool(sent), "end": False}[moment]
    folder = run.folder.unsealed(name)
    try:
        there = folder.is_dir()
        return there if moment == "begin" else moment == "middle" and there and any(folder.iterdir())
    except OSError:
        return False


def _killed_sometime(fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    return in_a_process(partial(night, run), seconds=fault.seconds)


def _disk_full(fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    """From a stage on no file may grow beyond some bytes: what a full disk does to a write."""

    def work() -> None:
        made_until(run, fault.stage)
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (fault.bytes, resource.RLIM_INFINITY))
        try:
            attempt(run, fault.stage)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    return in_a_process(work)


def made_until(run: Run, name: str) -> None:
    """The stages before this one."""
    for earlier in STAGES[: STAGES.index(name)]:
        if earlier != "deliver":
            attempt(run, earlier)


def _something_in_the_way(fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    """A file lies where the stage makes its folder, and nobody may write there."""
    place = run.folder.unsealed(fault.stage)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.touch()
    code = in_a_process(partial(night, run))
    place.unlink(missing_ok=True)
    return 2 if code in (2, 3) else code  # that it is unexpected is right: nobody but us puts a file there


def _register_down(fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    nowhere = replace(run, register_url="postgresql+psycopg://clvt:x@127.0.0.1:9/register")

    def work() -> None:
        made_until(run, fault.stage)
        attempt(nowhere, fault.stage)

    return in_a_process(work)


def _register_cut(fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    """The server ends every session of the register once, when the stage begins."""
    cut = []

    def cut_once() -> bool:
        if not cut and has_come(run, fault.stage, "begin"):
            cut.append(True)
            url = sa.make_url(run.register_url)
            engine = sa.create_engine(url.set(database="postgres"), poolclass=sa.pool.NullPool)
            with engine.connect() as connection:
                end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                connection.execute(sa.text(end), {"name": url.database})
        return False

    return in_a_process(partial(night, run), after=cut_once)


def _with_sources(change: Callable[[Path], None]) -> Callable[..., int]:
    """A hit that changes what the force gives, and puts it back afterwards."""

    def hit_sources(_fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
        given = run.home.root.with_name(f"{run.home.root.name}-force")
        kept = given.with_name(f"{given.name}-kept")
        shutil.copytree(given, kept)
        change(given)
        code = in_a_process(partial(night, run))
        shutil.rmtree(given)
        kept.rename(given)
        return code

    return hit_sources


def _cut_in_half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


SOURCES: dict[str, Callable[[Path], None]] = {
    "source down": lambda given: (given / "intelligence.sqlite").unlink(),
    "source cut short": lambda given: _cut_in_half(given / "intelligence.sqlite"),
    "source is something else": lambda given: (
        (given / "intelligence.sqlite").write_bytes(b"no database" * 999) and None
    ),
    "inbox down": lambda given: shutil.rmtree(given / "inbox"),
    "decisions down": lambda given: (given / "decisions.csv").unlink(),
}


def _partners_down(_fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    def work() -> None:
        import night.deliver

        night.deliver.WAITS = (0.1,)
        run_night(run)  # nobody listens where partners should

    return in_a_process(work)


def _night_to_come(_fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    return in_a_process(partial(night, replace(run, today=run.as_of - timedelta(days=1))))


def _earlier_night(_fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    return in_a_process(partial(run_night, replace(run, as_of=run.as_of - timedelta(days=9))))


def _marked_as_a_success(fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    """The stage before was never run: somebody said that it had succeeded."""

    def work() -> None:
        before = STAGES[STAGES.index(fault.stage) - 1]
        made_until(run, before)
        attempt(run, fault.stage)

    return in_a_process(work)


def _two_at_once(_fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    def work() -> None:
        first = os.fork()
        if not first:
            try:
                night(run)
            finally:
                os._exit(0)
        try:
            night(run)
        finally:
            os.waitpid(first, 0)

    code = in_a_process(work)
    return 2 if code == 1 else code


def _out_of_order(fault: Fault, run: Run, _night: Night, in_a_process: InAProcess) -> int:
    """The night after begins first, and comes as far as a stage; then this one is run."""
    after = replace(run, as_of=run.as_of + timedelta(days=1))
    code = in_a_process(partial(made_until, after, fault.stage))
    in_a_process(partial(_forget, after))
    return code


def _forget(after: Run) -> None:
    """The night after is given up: its report was never written, and hours went by."""
    os.utime(after.home.at_work, (0, 0))


def _repeated(_fault: Fault, run: Run, night: Night, in_a_process: InAProcess) -> int:
    return in_a_process(partial(night, run)) or in_a_process(partial(night, run))


HITS: dict[str, Callable[..., int]] = {
    "kill": _killed_at,
    "random kill": _killed_sometime,
    "disk full": _disk_full,
    "something in the way": _something_in_the_way,
    "register down": _register_down,
    "register cut": _register_cut,
    **{kind: _with_sources(change) for kind, change in SOURCES.items()},
    "partners down": _partners_down,
    "night to come": _night_to_come,
    "earlier night": _earlier_night,
    "marked as a success": _marked_as_a_success,
    "two at once": _two_at_once,
    "out of order": _out_of_order,
    "repeated": _repeated,
}

PLANNED = [
    *(Fault("kill", engine, way, name, moment)
      for name, moment, engine, way in product(STAGES, ("begin", "middle", "end"), ENGINES, WAYS)),
    *(Fault("disk full", engine, stage=name, bytes=limit)
      for name, limit, engine in product((*MADE, "report"), TIGHT, ENGINES)),
    *(Fault("something in the way", engine, stage=name) for name, engine in product((*MADE, "report"), ENGINES)),
    *(Fault("register down", engine, stage=name) for name, engine in product(MADE, ENGINES)),
    *(Fault("register cut", "postgresql", stage=name) for name in STAGES),
    *(Fault(kind, engine) for kind, engine in product(SOURCES, ENGINES)),
    *(Fault(kind, engine) for kind, engine in product(("partners down", "night to come", "earlier night"), ENGINES)),
    *(Fault("marked as a success", engine, stage=name) for name, engine in product(STAGES[1:-1], ENGINES)),
    *(Fault(kind, engine, way) for kind, engine, way in product(("two at once", "repeated"), ENGINES, WAYS)),
    *(Fault("out of order", engine, stage=name) for name, engine in product(MADE[1:-1], ENGINES)),
]  # fmt: skip

# Those that hit a night while a real Airflow makes it, each in a night of its own: see tests.faults.through.
THROUGH_AIRFLOW = [
    *(Fault("kill", "postgresql", "airflow", name, moment) for name, moment in product(STAGES, ("begin", "middle"))),
    *(Fault("register cut", "postgresql", "airflow", name) for name in STAGES),
    *(Fault("register down", "postgresql", "airflow", name) for name in ("pull", "reconcile", "export")),
    *(Fault("marked as a success", "postgresql", "airflow", name) for name in STAGES[:-1]),
    *(Fault("scheduler killed", "postgresql", "airflow", name) for name in ("link", "deliver")),
    *(Fault(kind, "postgresql", "airflow") for kind in SOURCES),
    *(Fault(kind, "postgresql", "airflow")
      for kind in ("night to come", "earlier night", "mistyped key", "repeated")),
]  # fmt: skip
