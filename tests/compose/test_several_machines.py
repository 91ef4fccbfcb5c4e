"""A night whose stages run on two of Celery's workers, and what it sends to those who watch it: numbers and names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.store.paths import STAGES
from tests.compose.machines import WORKERS, Machines, machines, wrong_of
from tests.faults.airflow import SERVED
from tests.faults.through import FIRST
from tests.night.test_measured import asked, mapped
from tests.nightly.test_nightly import personal, words

pytestmark = [pytest.mark.airflow, pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    with machines(tmp_path_factory.mktemp("machines")) as started:
        assert started.night(FIRST) == "success", started.ground.airflow.log_ends()
        yield started


def test_both_workers_made_stages_and_the_night_is_that_of_one_process(made: Machines) -> None:
    assert all("succeeded in" in made.log_of(name) for name in WORKERS)
    assert wrong_of(made, [FIRST]) == {}


def test_a_statsd_server_hears_all_that_the_dashboard_asks_for(made: Machines) -> None:
    heard = {line.split(":")[0]: line.partition(":")[2] for line in made.received}
    in_prometheus = mapped()
    assert asked() <= {in_prometheus(name) for name in heard}
    ours = {name: value for name, value in heard.items() if ".county_lines." in name}
    assert all(re.fullmatch(r"-?[\d.]+\|g", value) for value in ours.values())
    assert float(ours["airflow.county_lines.nightly.identified"].removesuffix("|g")) > 0
    assert {name.rpartition(".")[2] for name in ours if ".seconds." in name} == set(STAGES)


def test_lineage_leads_from_the_source_over_the_tracker_to_a_recipient(made: Machines) -> None:
    leads: dict[str, set[str]] = {}
    for event in completed(made.lineage):
        for read in event["inputs"]:
            leads.setdefault(read["name"], set()).update(written["name"] for written in event["outputs"])
    reached, found = ["nightly/source/intelligence"], set()
    while reached:
        name = reached.pop()
        found.add(name)
        reached += leads.get(name, set()) - found
    assert "nightly/reconcile/child" in found
    assert {name for name in found if "/recipient/" in name} == {f"nightly/recipient/{one}" for one in SERVED}
    assert {event["job"]["name"] for event in completed(made.lineage)} >= {f"nightly.{name}" for name in STAGES}


def test_nobody_is_named_in_lineage_or_metrics(made: Machines) -> None:
    forbidden = personal(made.folder / "force")
    assert len(forbidden) > 50
    assert words(made.lineage.read_text()) & forbidden == set()
    assert words("\n".join(made.received)) & forbidden == set()


def completed(lineage: Path) -> list[dict]:
    events = [json.loads(line) for line in lineage.read_text().splitlines()]
    return [event for event in events if event["eventType"] == "COMPLETE"]
