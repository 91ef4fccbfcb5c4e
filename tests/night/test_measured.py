"""The numbers that a dashboard shows of a night: what they count, and that the dashboard asks for no others."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from airflow._shared.observability.metrics.metrics_registry import MetricsRegistry

from connectors.store.paths import BEFORE_THE_REPORT, STAGES
from night.failures import NightFailed
from night.measured import measured
from night.night import run_night
from night.run import Run
from tests.pull.force import Force

MONITORING = Path(__file__).resolve().parents[2] / "monitoring"
NIGHT = date(2022, 3, 2)


@pytest.fixture(scope="module")
def force(tmp_path_factory: pytest.TempPathFactory) -> Force:
    made = Force(tmp_path_factory.mktemp("measured") / "force")
    made.report()
    return made


@pytest.fixture(scope="module")
def run(force: Force) -> Run:
    night: Run = force.night(NIGHT.isoformat())
    run_night(night, ("pull", "land", "normalise", "link", "reconcile", "validate", "export", "assumed", "report"))
    return night


def test_a_night_in_numbers(run: Run) -> None:
    found = measured(run)
    assert {name: value for name, value in found.items() if not name.startswith("seconds.")} == {
        "failures": 0,
        "held": 0,
        "files_delivered": run.read("export", "outgoing").num_rows,
        "partners_waiting": 0,
        "published_at": datetime(2022, 3, 2, tzinfo=UTC).timestamp(),
        "on_tracker": 0,
        "identified": 1,
        "questions_open": 2,
        "held_decisions": 0,
        "clocks_overdue": 0,
    }
    assert {name for name in found if name.startswith("seconds.")} >= {f"seconds.{name}" for name in STAGES[:-2]}


def test_a_night_that_failed_shows_the_tracker_that_was_published_last_and_its_age(force: Force, run: Run) -> None:
    failed = replace(run, as_of=NIGHT + timedelta(days=1))
    away = force.folder / "intelligence.sqlite"
    kept = away.read_bytes()
    away.write_bytes(b"no database at all" * 100)
    with pytest.raises(NightFailed):
        run_night(failed)
    away.write_bytes(kept)
    found = measured(failed)
    assert found["failures"] == 1
    assert found["identified"] == 1
    assert found["published_at"] == measured(run)["published_at"]


def test_no_number_names_anybody(run: Run) -> None:
    found = measured(run)
    assert all(re.fullmatch(r"[a-z_]+|seconds\.[a-z]+", name) for name in found)
    assert all(isinstance(value, int | float) for value in found.values())


def test_the_dashboard_asks_for_what_a_night_and_the_scheduler_send_and_shows_all_of_it(run: Run) -> None:
    in_prometheus = mapped()
    sent = {in_prometheus(f"airflow.county_lines.nightly.{name}") for name in measured(run)}
    assert MetricsRegistry().get("scheduler_heartbeat")
    assert asked() == sent | {"airflow_scheduler_heartbeat"}


def test_stages_become_one_metric_with_a_label_of_each() -> None:
    in_prometheus = mapped()
    assert {in_prometheus(f"airflow.county_lines.nightly_31.seconds.{stage}") for stage in BEFORE_THE_REPORT} == {
        "county_lines_stage_seconds"
    }


def asked() -> set[str]:
    """Every metric that the dashboard's panels and variables name."""
    board = json.loads((MONITORING / "dashboard.json").read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    queries += [variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"]
    return {name for query in queries for name in re.findall(r"\b(?:airflow|county_lines)_\w+", query)}


def mapped() -> Callable[[str], str]:
    """How statsd_exporter names a metric: the first pattern that fits, where * is one part between dots."""
    rules = yaml.safe_load((MONITORING / "statsd.yml").read_text(encoding="utf-8"))["mappings"]

    def name_of(sent: str) -> str:
        for rule in rules:
            pattern = re.escape(rule["match"]).replace(r"\*", r"([^.]*)")
            if found := re.fullmatch(pattern, sent):
                return re.sub(r"\$\{(\d)\}", lambda group: found[int(group[1])], rule["name"])
        return sent.replace(".", "_")

    return name_of
