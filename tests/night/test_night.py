"""One night in one process: its order, its failures in one sentence, and its record in the register."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.endpoints import EndpointError
from connectors.register import history
from connectors.store.paths import STAGES
from night import night as nights
from night.failures import NightFailed, sentence_of
from night.night import run_night, stage
from tests.pull.force import Force


@pytest.fixture
def force(tmp_path: Path) -> Force:
    made = Force(tmp_path / "force")
    made.report()
    return made


def test_every_stage_word_is_a_function_in_a_module_of_its_name() -> None:
    assert [stage(name).__name__ for name in STAGES] == list(STAGES)


@pytest.mark.parametrize(
    ("of", "not_needed"),
    [("pull", "pandas"), ("pull", "alembic"), ("land", "pandas"), ("validate", "duckdb"), ("report", "fpdf")],
)
def test_a_stage_s_process_does_not_wait_for_what_other_stages_import(of: str, not_needed: str) -> None:
    asked = f"import sys; from night.night import stage; stage({of!r}); print({not_needed!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout.split() == ["False"]


PROJECT = Path(__file__).resolve().parents[2]
A_NIGHT = """
import gc, sys
from pathlib import Path
from night.night import run_night
from tests.pull.force import Force
force = Force(Path(sys.argv[1]))
force.report()
run_night(force.night("2022-03-02"))
print(gc.get_freeze_count() > 0)
"""


def test_what_was_imported_is_looked_through_no_more_and_all_the_same_a_process_ends_tidily(tmp_path: Path) -> None:
    (tmp_path / "process.py").write_text(A_NIGHT)
    asked = [sys.executable, tmp_path / "process.py", tmp_path / "force"]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    done = subprocess.run(asked, env=environment, check=True, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("True\n", "")
    assert not (tmp_path / "force" / "home" / "register.sqlite-wal").exists()


def test_an_error_of_ours_is_told_in_its_own_words() -> None:
    assert sentence_of(EndpointError("Connection x is not configured.")) == "Connection x is not configured."


def test_of_any_other_error_only_kind_and_place_are_sentence_of() -> None:
    try:
        stage("no such stage, but a Canarywharf")
    except ModuleNotFoundError as error:
        sentence = sentence_of(error)
    assert sentence.startswith("Unexpected ModuleNotFoundError in night.py, line ")
    assert "Canarywharf" not in sentence


def test_a_stage_that_fails_ends_the_night_and_the_report_says_so(
    force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("Canarywharf")

    monkeypatch.setattr(nights.importlib.import_module("night.link"), "link", broken)
    run = force.night("2022-03-02")
    with pytest.raises(NightFailed, match="link failed"):
        run_night(run)
    assert not run.folder.stage("reconcile").exists()
    page = (run.folder.stage("report") / "report.html").read_text()
    assert "link failed" in page
    assert "Canarywharf" not in page
    assert [row["stage"] for row in history.of_nights(run.register, "2022-03-02", "2022-03-02")] == [
        *("pull", "land", "normalise", "link", "report")
    ]


def test_a_failure_is_forgotten_once_the_stage_ends_well(force: Force) -> None:
    run = force.night("2022-03-02")
    history.record(run.register, history.Ended("2022-03-02", "link", 0.1, {}, "Night 2022-03-02: link failed."))
    assert history.failing(run.register, "2022-03-02") == {"link": "Night 2022-03-02: link failed."}
    history.record(run.register, history.Ended("2022-03-02", "link", 0.1, {"mentions": 1}))
    assert history.failing(run.register, "2022-03-02") == {}
