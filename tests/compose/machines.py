"""Two of Celery's workers make the nights of one home, with metrics and lineage switched on; then Airflow is restored.

    python -m tests.compose.machines

The workers are processes of this machine: they share its disk as machines share a file system. After the first night
Airflow's tables are backed up, after the second they are lost with Airflow; restored, they know nothing of the second.
Exit 1 where a night was not whole, or anything was lost, doubled or sent twice.
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from clvt.replay import endpoint, sources
from connectors.store.paths import Home
from demo.synth import make_force
from night.night import run_night
from night.run import Run
from tests.faults.airflow import COMPONENTS, serving_three
from tests.faults.campaign import differences, in_a_process, partners, state, visible
from tests.faults.through import FIRST, Ground, at_work, create
from tests.ports import free_port
from tests.postgres import programs

WORKERS = ("one", "two")
PATIENCE_SECONDS = 3_000


@dataclass
class Machines:
    """Airflow whose stages run on two workers, and what it sends to those who watch it."""

    ground: Ground
    folder: Path
    received: list[str] = field(default_factory=list)

    @property
    def lineage(self) -> Path:
        return self.folder / "lineage.jsonl"

    def start_worker(self, name: str, **more: str) -> None:
        port = str(free_port())
        self.ground.airflow.start(worker(name), AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT=port, **more)

    def log_of(self, name: str) -> str:
        return self.ground.airflow.log_of(worker(name)).read_text(errors="replace")

    def night(self, as_of: date) -> str:
        """Make a night through Airflow; how its run ended."""
        self.ground.night = as_of
        return self.ground.airflow.over(self.ground.began(), PATIENCE_SECONDS)

    def back_up_airflow(self) -> Path:
        """What docs/operations.md says: Airflow's database, in PostgreSQL's own form."""
        dump = self.folder / "airflow.dump"
        with dump.open("wb") as file:
            self._with_the_database("pg_dump", "-Fc", stdout=file)
        return dump

    def lose_and_restore_airflow(self, dump: Path) -> None:
        """Airflow stops, its database is made anew and filled from the backup, and Airflow starts again."""
        for component in (*COMPONENTS, *map(worker, WORKERS)):
            self.ground.airflow.kill(component)
        self.ground.admin("DROP DATABASE airflow WITH (FORCE)")
        create(self.ground.register, "airflow")
        with dump.open("rb") as file:
            self._with_the_database("pg_restore", "--no-owner", "-d", "airflow", stdin=file)
        for component in COMPONENTS:
            self.ground.airflow.start(component)
        for name in WORKERS:
            self.start_worker(name)
        self.ground.airflow.until_it_answers()

    def _with_the_database(self, program: str, *arguments: str, **streams: object) -> None:
        url = sa.make_url(self.ground.register)
        where = ["-h", "127.0.0.1", "-p", str(url.port), "-U", str(url.username)]
        where += ["airflow"] if program == "pg_dump" else []
        subprocess.run(
            [str(programs() / program), *arguments, *where],
            env={"PGPASSWORD": str(url.password)},
            check=True,
            timeout=120,
            **streams,  # type: ignore[call-overload]
        )


def worker(name: str) -> str:
    return f"celery worker --celery-hostname {name}@%h --concurrency 1"


@contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """A force, its Airflow with two workers, Redis between them, and partners."""
    make_force(folder / "force", seed=7, children=8, start=date(2022, 1, 1), end=date(2022, 2, 28))
    with a_broker() as broker, a_listener() as (port, received):
        lineage = {"type": "file", "log_file_path": str(folder / "lineage.jsonl"), "append": True}
        settings = {
            "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
            "AIRFLOW__CELERY__BROKER_URL": broker,
            "AIRFLOW__CELERY__RESULT_BACKEND": broker,
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(port),
            "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(lineage),
        }
        with at_work(folder, **settings) as ground:
            started = Machines(ground, folder, received)
            for name in WORKERS:
                started.start_worker(name)
            yield started


@contextmanager
def a_broker() -> Iterator[str]:
    """Redis on a free port, which keeps nothing."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            process.wait()


@contextmanager
def a_listener() -> Iterator[tuple[int, list[str]]]:
    """What a StatsD server hears: its port, and every line that came."""
    lines: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as heard:
        heard.bind(("127.0.0.1", 0))
        heard.settimeout(0.5)
        ended = threading.Event()

        def listen() -> None:
            while not ended.is_set():
                try:
                    lines.extend(heard.recv(65536).decode().splitlines())
                except TimeoutError:
                    continue

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            yield heard.getsockname()[1], lines
        finally:
            ended.set()
            thread.join()


def wrong_of(made: Machines, nights: list[date]) -> dict[str, int]:
    """What is lost or doubled beside the same nights in one process, without Airflow."""
    home = serving_three(Home(made.folder / "undisturbed"))
    other = Run(nights[-1], home, partial(endpoint, sources(made.folder / "force")))
    in_a_process(partial(_in_one_process, other, nights))
    return dict(differences(state(made.ground.run), state(other)))


def _in_one_process(run: Run, nights: list[date]) -> None:
    with partners(run.home):
        for night in nights:
            run_night(replace(run, as_of=night))


def main() -> int:
    first, second, third = (FIRST + timedelta(days=number) for number in range(3))
    ended = {}
    with tempfile.TemporaryDirectory() as folder, machines(Path(folder)) as made:
        home, start = made.ground.airflow.home, time.monotonic()
        ended["the first night"] = made.night(first)
        print(f"a night on two workers took {time.monotonic() - start:.0f} s", flush=True)
        dump = made.back_up_airflow()
        ended["the second night"] = made.night(second)
        held = visible(home)
        made.lose_and_restore_airflow(dump)
        ended["the second night again, which the restored Airflow never saw"] = made.night(second)
        sent_twice = (visible(home) - held).total()
        ended["the third night"] = made.night(third)
        wrong = wrong_of(made, [first, second, third])
        made.ground.airflow.kill(worker("two"))
        ended["a night in which a worker without the home takes part"] = _with_a_stranger(made, third)
    for what, state_ in ended.items():
        print(f"{what}: {state_}")
    print(f"sent twice: {sent_twice}, lost or doubled: {wrong or 'nothing'}")
    return int(sent_twice > 0 or bool(wrong) or set(list(ended.values())[:-1]) != {"success"})


def _with_a_stranger(made: Machines, last: date) -> str:
    """The worker that pulled goes away, and one with a home of its own takes the next stage."""
    made.ground.night = last + timedelta(days=1)
    run = made.ground.began()
    made.ground.airflow.until("it is pulled", lambda: made.ground.run.folder.is_sealed("pull"))
    made.ground.airflow.kill(worker("one"))
    elsewhere = made.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "register.key").write_bytes(made.ground.airflow.home.register_key.read_bytes())
    made.start_worker("two", CLVT_HOME=str(elsewhere))
    ended = made.ground.airflow.over(run, PATIENCE_SECONDS)
    said = [line for log in (made.folder / "airflow" / "logs").rglob("*.log") for line in log.read_text().splitlines()]
    return f"{ended}, {'refused in a sentence' if any('one shared file system' in one for one in said) else 'silent'}"


if __name__ == "__main__":
    sys.exit(main())
