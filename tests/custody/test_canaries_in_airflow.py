"""Values planted in every field stand in nothing that Airflow keeps, logs or sends, in a night that fails all the more.

The night is a real Airflow's: a stage fails with an error that holds all rows, inside another one that does; what the
last task does besides its stage fails so too.
"""

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.endpoints import variable
from tests.custody.canaries import MARKS, planted, words_in
from tests.custody.searching import where
from tests.report.sinks import a_hook, a_mailbox

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

NIGHT = date(2022, 3, 5)
PROJECT = Path(__file__).resolve().parents[2]
STARTUP = "from tests.custody.spoiling import spoil\n\nspoil('reconcile')\n"


@dataclass(frozen=True)
class Night:
    """A night through Airflow that failed, and everything that it sent."""

    folder: Path
    code: int
    sent: str
    counted: str

    @property
    def home(self) -> Path:
        return self.folder / "data" / "scenarios" / "force"


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    folder = tmp_path_factory.mktemp("in-airflow")
    planted(folder / "force", f"{NIGHT - timedelta(days=1):%Y%m%d}")
    (folder / "startup").mkdir()
    (folder / "startup" / "sitecustomize.py").write_text(STARTUP)
    (folder / "outside").mkdir()
    with a_mailbox() as mailbox, a_hook() as hook, socket.socket(type=socket.SOCK_DGRAM) as metrics:
        metrics.bind(("127.0.0.1", 0))
        metrics.setblocking(False)
        environment = {
            **os.environ,
            **_ways(mailbox.server_address[1], hook.server_address[1]),
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_PORT": str(metrics.getsockname()[1]),
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "INFO",
            "CLVT_RETRIES": "0",
            "HOME": str(folder / "outside"),
            "PYTHONPATH": f"{folder / 'startup'}:{PROJECT}",
            "TMPDIR": str(folder / "outside"),
        }
        with (folder / "outside" / "said").open("w") as said:
            done = subprocess.run(
                [sys.executable, "-m", "clvt", "nightly", "--home", str(folder / "data"), "--date", str(NIGHT),
                 "--scenario", str(folder / "force")],
                env=environment, cwd=folder / "outside", stdout=said, stderr=said, timeout=600, check=False,
            )  # fmt: skip
        yield Night(folder, done.returncode, f"{mailbox.received} {hook.received}", _taken(metrics))


def _ways(mail: int, hook: int) -> dict[str, str]:
    """The connections by which people are told."""
    to = {"from": "tracker@example.police.uk", "to": ["engineer@example.police.uk"], "tls": "none"}
    url = {"url": f"http://127.0.0.1:{hook}/night"}
    return {
        variable("night_mail"): json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": mail, "extra": to}),
        variable("night_webhook"): json.dumps({"conn_type": "http", "extra": url}),
    }


def _taken(metrics: socket.socket) -> str:
    taken = []
    while True:
        try:
            taken.append(metrics.recv(65536).decode())
        except BlockingIOError:
            return "\n".join(taken)


def airflow(night: Night, query: str) -> list[tuple]:
    with sqlite3.connect(night.home / "airflow" / "airflow.db") as database:
        return database.execute(query).fetchall()


def test_the_night_failed_where_it_was_made_to_and_people_were_told(night: Night) -> None:
    states = dict(airflow(night, "SELECT task_id, state FROM task_instance"))
    assert night.code == 1
    assert states["normalise"] == "success"
    assert states["reconcile"] == states["report"] == "failed"
    assert len(words_in(night.home / "runs" / str(NIGHT) / "normalise")) > 300


def test_none_is_in_what_airflow_logs_and_keeps(night: Night) -> None:
    logs = (night.home / "airflow").rglob("*.log")
    assert any("Unexpected KeyError" in path.read_text(errors="replace") for path in logs)
    assert where(night.home / "airflow", MARKS) == {}


def test_none_is_in_what_was_printed_or_left_outside_the_home(night: Night) -> None:
    assert where(night.folder / "outside", MARKS) == {}


def test_none_is_in_an_alert_or_a_metric(night: Night) -> None:
    assert "failed in report" in night.sent
    assert "nightly" in night.counted
    assert [mark for mark in MARKS if mark.casefold() in f"{night.sent}{night.counted}".casefold()] == []
