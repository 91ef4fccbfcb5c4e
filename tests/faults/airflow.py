"""A real Airflow, as the compose file starts it: api-server, scheduler with LocalExecutor, DAG processor.

What people do with buttons is done here through the same API.
"""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from connectors.store.paths import Home
from tests.ports import free_port

PROJECT = Path(__file__).resolve().parents[2]
AIRFLOW = str(Path(sys.executable).with_name("airflow"))
COMPONENTS = ("api-server", "scheduler", "dag-processor")
SERVED = ("barnardos", "mash_city", "pnd")
OVER = ("success", "failed")
REQUEST_SECONDS = 120
DAG = "/api/v2/dags/nightly"


@dataclass
class Airflow:
    """A running Airflow that makes the nights of one home."""

    home: Home
    environment: dict[str, str]
    address: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _token: str = ""

    def start(self, component: str, **more: str) -> None:
        log = self.log_of(component).open("ab")
        # a group of its own, so that a kill takes its workers too
        self.processes[component] = subprocess.Popen(
            [AIRFLOW, *component.split()],
            env=self.environment | more,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )

    def log_of(self, component: str) -> Path:
        return Path(self.environment["AIRFLOW_HOME"]) / f"{component.replace(' ', '-')}.log"

    def kill(self, component: str) -> None:
        os.killpg(self.processes[component].pid, signal.SIGKILL)
        self.processes[component].wait()

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """One request to the API, as an administrator."""
        self._token = self._token or self._log_in()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"{self.address}{path}", data, headers, method=method)
        with urllib.request.urlopen(asked, timeout=REQUEST_SECONDS) as answer:
            return json.loads(answer.read() or b"null")

    def _log_in(self) -> str:
        with urllib.request.urlopen(f"{self.address}/auth/token", timeout=REQUEST_SECONDS) as answer:
            return str(json.load(answer)["access_token"])

    def trigger(self, conf: Mapping[str, str]) -> str:
        """Start a run; its id."""
        return str(self.ask("POST", f"{DAG}/dagRuns", {"logical_date": None, "conf": conf})["dag_run_id"])

    def backfill(self, first: date, last: date) -> None:
        """Start a run for each night of a period, all at once, as `airflow backfill create` does."""
        body = {"dag_id": "nightly", "from_date": f"{first}T00:00:00Z", "to_date": f"{last}T12:00:00Z"}
        self.ask("POST", "/api/v2/backfills", {**body, "max_active_runs": 10, "reprocess_behavior": "none"})

    def runs(self) -> dict[str, str]:
        """The state of every run, by its id."""
        return {row["dag_run_id"]: row["state"] for row in self.ask("GET", f"{DAG}/dagRuns?limit=100")["dag_runs"]}

    def tasks(self, run: str) -> dict[str, str]:
        """The state of each task of a run; of deliver, mapped, that of the last recipient."""
        rows = self.ask("GET", f"{DAG}/dagRuns/{run}/taskInstances?limit=200")["task_instances"]
        return {row["task_id"]: row["state"] for row in rows}

    def until(self, what: str, is_so: Any, seconds: float = 600) -> None:
        """Wait until something is so; a server that is not there yet, or too busy to answer, is asked again."""
        end = time.monotonic() + seconds
        while True:
            with suppress(urllib.error.URLError, ConnectionError, TimeoutError):
                if is_so():
                    return
            assert time.monotonic() < end, f"not in {seconds} s: {what}. {self.log_ends()}"
            time.sleep(1)

    def until_it_answers(self) -> None:
        """Wait until the API is there and the DAG is known."""
        self.until("the DAG is known", lambda: _knows_the_dag(self), 300)

    def over(self, run: str, seconds: float = 600) -> str:
        """Wait until a run is over; its state."""
        self.until(f"{run} is over", lambda: self.runs().get(run) in OVER, seconds)
        return self.runs()[run]

    def mark_success(self, run: str, task: str) -> None:
        """What the button of that name does."""
        self.ask("PATCH", f"{DAG}/dagRuns/{run}/taskInstances/{task}", {"new_state": "success"})

    def clear(self, run: str, *tasks: str) -> None:
        """Clear these tasks of a run, and all that follow them."""
        body = {
            "dag_run_id": run, "task_ids": list(tasks), "include_downstream": True, "only_failed": False,
            "dry_run": False, "reset_dag_runs": True,
        }  # fmt: skip
        self.ask("POST", f"{DAG}/clearTaskInstances", body)

    def log_ends(self) -> str:
        """The last lines of each component's log."""
        folder = Path(self.environment["AIRFLOW_HOME"])
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-600:]}" for log in folder.glob("*.log"))


def serving_three(home: Home) -> Home:
    """The home of a force that serves three recipients: each is a task of every night."""
    home.root.mkdir(parents=True)
    (home.root / "site.yml").write_text(f"recipients: [{', '.join(SERVED)}]\n")
    return home


@contextmanager
def running(home: Home, folder: Path, connections: Mapping[str, str], **more: str) -> Iterator[Airflow]:
    """Airflow's three components, for as long as the context lasts."""
    port, health, logs = free_port(), free_port(), free_port()
    folder.mkdir(parents=True)
    environment = {
        **os.environ,
        **{f"AIRFLOW_CONN_{name.upper()}": text for name, text in connections.items()},
        "PYTHONPATH": str(PROJECT),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": "3",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": "a key for tests alone",
        "AIRFLOW__API_AUTH__JWT_SECRET": "a secret for tests alone, long enough to be taken",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(logs),
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "20",
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "CLVT_HOME": str(home.root),
        "CLVT_LOOK_AGAIN": "15",
        **more,
    }
    started = Airflow(home, environment, f"http://127.0.0.1:{port}")
    try:
        with (folder / "migrate.log").open("wb") as log:
            subprocess.run([AIRFLOW, "db", "migrate"], env=environment, stdout=log, stderr=log, check=True)
        for component in COMPONENTS:
            started.start(component)
        started.until_it_answers()
        yield started
    finally:
        for component in started.processes:
            if started.processes[component].poll() is None:
                started.kill(component)


def _knows_the_dag(airflow: Airflow) -> bool:
    airflow.ask("PATCH", DAG, {"is_paused": False})
    return bool(airflow.ask("GET", DAG)["dag_id"])
