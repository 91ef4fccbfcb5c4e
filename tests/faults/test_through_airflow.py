"""The night through a real Airflow that is hit: wrong dates, buttons, a backfill, a scheduler that is killed."""

import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import make_url

from clvt.replay import endpoint, sources
from connectors.endpoints import as_json
from connectors.store import sealed
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.night import run_night
from night.run import Run
from tests.faults.airflow import OVER, Airflow, running, serving_three
from tests.faults.through import holders
from tests.postgres import cluster
from tests.report.sinks import a_hook

pytestmark = [pytest.mark.airflow, pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(1800)]

FIRST = date(2022, 2, 1)
BACKFILLED = [FIRST + timedelta(days=number) for number in range(10)]
MADE = STAGES[: STAGES.index("deliver")]


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "force"
    make_force(folder, seed=7, children=8, start=date(2022, 1, 1), end=date(2022, 3, 31))
    return folder


@pytest.fixture(scope="module")
def told() -> Iterator[list[dict[str, object]]]:
    """What the webhook was told."""
    with a_hook() as hook:
        yield hook


@pytest.fixture(scope="module")
def airflow(scenario: Path, told) -> Iterator[Airflow]:
    known = {name: as_json(found) for name, found in sources(scenario).items()}
    url = f"http://127.0.0.1:{told.server_address[1]}/night"
    known["night_webhook"] = json.dumps({"conn_type": "http", "extra": {"url": url}})
    home = serving_three(Home(scenario.parent / "home"))
    with cluster() as url:  # SQLite, which no force has, may be locked when somebody presses a button
        tables = make_url(url).set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)
        settings = {
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": tables,
            "CLVT_RETRIES": "1",
            "CLVT_TOO_LATE_HOURS": "0.001",
        }
        with running(home, scenario.parent / "airflow", known, **settings) as started:
            yield started


def await_folder(path: Path, seconds: float = 600) -> None:
    """Wait for a folder that may be there for a moment only."""
    end = time.monotonic() + seconds
    while not path.is_dir():
        assert time.monotonic() < end, f"not in {seconds} s: {path}"
        time.sleep(0.01)


def alerts(told) -> list[str]:
    return [body["text"] for body, _ in told.received if isinstance(body, dict)]


def test_a_mistyped_key_runs_no_night(airflow: Airflow, told) -> None:
    run = airflow.trigger({"as_off": "2022-02-01"})
    assert airflow.over(run) == "failed"
    assert airflow.tasks(run)["pull"] == "failed"
    assert airflow.home.nights() == []


def test_a_night_that_is_yet_to_come_runs_not_and_leaves_nothing(airflow: Airflow) -> None:
    run = airflow.trigger({"as_of": "2036-11-26"})
    assert airflow.over(run) == "failed"
    assert airflow.home.nights() == []


def test_a_backfill_of_nights_that_begin_all_at_once_ends_as_those_nights_in_order(
    airflow: Airflow, scenario: Path
) -> None:
    airflow.backfill(BACKFILLED[0], BACKFILLED[-1])

    def is_over() -> bool:
        states = [state for run, state in airflow.runs().items() if run.startswith("backfill")]
        return len(states) == len(BACKFILLED) and set(states) <= set(OVER)

    airflow.until("the backfill is over", is_over, 1200)
    in_order = serving_three(Home(scenario.parent / "in-order"))
    for night in BACKFILLED:
        run_night(Run(night, in_order, partial(endpoint, sources(scenario))), MADE)
    assert airflow.home.published() == BACKFILLED
    for night, stage in ((night, stage) for night in BACKFILLED for stage in MADE):
        made, expected = (sealed.hashes(home.run(night).stage(stage)) for home in (airflow.home, in_order))
        assert made == expected, (night, stage)


def test_before_the_home_is_live_the_whole_night_is_green_and_nothing_left(airflow: Airflow) -> None:
    assert all(state == "success" for run, state in airflow.runs().items() if run.startswith("backfill"))
    assert not list(airflow.home.outbox.glob("*/*.gpg"))


def test_a_stage_that_was_marked_as_a_success_lets_nothing_past_it(airflow: Airflow, told) -> None:
    night = BACKFILLED[-1] + timedelta(days=1)
    run = airflow.trigger({"as_of": night.isoformat()})
    airflow.mark_success(run, "validate")
    assert airflow.over(run) == "failed"
    assert not airflow.home.run(night).is_sealed("validate")
    assert not airflow.home.run(night).is_sealed("export")
    airflow.until("people are told", lambda: any(f"the night of {night} failed in" in text for text in alerts(told)))
    airflow.clear(run, "pull")
    assert airflow.over(run) == "success"
    assert airflow.home.published()[-1] == night


def test_of_a_report_that_is_killed_again_and_again_people_are_told(airflow: Airflow, told) -> None:
    night = BACKFILLED[-1] + timedelta(days=2)
    begun = airflow.home.run(night).unsealed("report")
    run = airflow.trigger({"as_of": night.isoformat()})
    for _ in range(2):  # it is tried once again
        await_folder(begun)
        for process in holders(airflow.home.lock):
            os.kill(process, signal.SIGKILL)
        shutil.rmtree(begun, ignore_errors=True)
    assert airflow.over(run) == "failed"
    airflow.until(
        "people are told", lambda: any(f"the night of {night} failed in report" in text for text in alerts(told))
    )
    airflow.clear(run, "report")
    assert airflow.over(run) == "success"


def test_a_night_whose_scheduler_is_killed_goes_on(airflow: Airflow) -> None:
    night = BACKFILLED[-1] + timedelta(days=3)
    run = airflow.trigger({"as_of": night.isoformat()})
    airflow.until("it has landed", lambda: airflow.home.run(night).is_sealed("land"))
    airflow.kill("scheduler")
    airflow.start("scheduler")
    assert airflow.over(run, 1200) == "success"
    assert airflow.home.published()[-1] == night


def test_an_earlier_night_is_refused(airflow: Airflow) -> None:
    before = airflow.home.nights()
    run = airflow.trigger({"as_of": (FIRST - timedelta(days=9)).isoformat()})
    assert airflow.over(run) == "failed"
    assert airflow.home.nights() == before


def test_a_night_that_is_not_over_in_time_is_told(airflow: Airflow, told) -> None:
    late = [body for body, _ in told.received if isinstance(body, dict) and "is not over in time" in body["text"]]
    assert late
    assert all(body["link"].startswith(f"{airflow.address}/dags/nightly/runs/") for body in late)
