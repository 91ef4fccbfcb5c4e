"""What of a night did not end well: by its seals, whether the stage that failed could say so or not."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.register import history
from connectors.store.paths import STAGES
from night.night import run_night, stage
from night.outcome import failed_stages, failures, not_reached
from night.run import Run
from tests.pull.force import Force
from tests.report.test_page import said

NIGHT = date(2022, 3, 2)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    force = Force(tmp_path / "force")
    force.report()
    return force.night(NIGHT.isoformat())


@pytest.mark.parametrize("killed", STAGES[1:-2])
def test_a_stage_that_was_killed_is_named_though_it_said_nothing(run: Run, killed: str) -> None:
    run_night(run, STAGES[: STAGES.index(killed)])
    (sentence,) = failures(run)
    assert sentence.startswith(f"Night 2022-03-02: {killed} has no seal")
    assert failed_stages(run) == [killed]


def test_a_report_that_was_killed_is_named_as_well(run: Run) -> None:
    run_night(run, (*STAGES[:7], "assumed"))
    (sentence,) = failures(run)
    assert sentence.startswith("Night 2022-03-02: report has no seal")
    assert failed_stages(run) == ["report"]
    run_night(run, ("report",))
    assert failures(run) == failed_stages(run) == []


def test_a_stage_that_failed_in_words_is_said_once_in_its_own(run: Run) -> None:
    run_night(run, ("pull",))
    history.record(run.register, history.Ended(str(NIGHT), "land", 0.1, {}, "Night 2022-03-02: land failed. A reason."))
    assert failures(run) == ["Night 2022-03-02: land failed. A reason."]
    assert failed_stages(run) == ["land"]


def test_after_a_killed_stage_page_and_list_say_so_and_whose_figures_they_show(run: Run) -> None:
    run_night(run, (*STAGES[:7], "report"))
    later = replace(run, as_of=date(2022, 3, 3))
    run_night(later, STAGES[:3])
    stage("report")(later, " ".join(failures(later)))
    page = said((later.folder.stage("report") / "report.html").read_bytes())
    assert "link has no seal" in page
    assert "the night did not end; the figures are those of Wednesday 2 March 2022" in page


def test_nobody_waits_for_files_that_were_never_made(run: Run) -> None:
    run_night(run, ("pull", "land"))
    assert not_reached(run) == []
