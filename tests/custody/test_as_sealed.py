"""A table that was changed with its seal is shown to nobody, and no night goes on from it."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clvt.command import main
from connectors.store import sealed
from expectations.contracts import contract
from night.failures import MayNotRun
from night.night import run_night, stage
from night.run import Run
from tests.custody.test_tampering import seal_of_everything
from tests.pull.force import Force

TRACKER = ("pull", "land", "normalise", "link", "reconcile", "validate")
CHANGED = "is not what was sealed: bring its folder back"


def change(run: Run, at: str, table: str, **values: object) -> None:
    """Give every row of a sealed table these values, and the stage a seal that says so."""
    path = run.folder.stage(at) / f"{table}.parquet"
    rows = [row | values for row in pq.read_table(path).to_pylist()]
    pq.write_table(contract(table).table_of(rows), path)
    seal_of_everything(run, at)


@pytest.fixture
def force(tmp_path: Path) -> Force:
    made = Force(tmp_path / "force")
    made.report()
    return made


@pytest.fixture
def first(force: Force) -> Run:
    run = force.night("2022-03-02")
    run_night(run, TRACKER)
    return run


@pytest.mark.parametrize(
    ("at", "table", "values"),
    [("normalise", "mention", {"surname": "Another"}), ("reconcile", "child", {"state": "REMOVED"})],
)
def test_no_night_goes_on_from_a_table_that_was_changed_with_its_seal(
    force: Force, first: Run, at: str, table: str, values: dict[str, str]
) -> None:
    change(first, at, table, **values)
    following = force.night("2022-03-03")
    with pytest.raises(MayNotRun, match=f"2022-03-03 may not begin. Stage {at} of 2022-03-02 {CHANGED}"):
        stage("pull")(following)
    assert following.home.nights() == [date(2022, 3, 2)]


def test_a_night_goes_on_from_one_whose_files_were_sealed_again_since(force: Force, first: Run) -> None:
    run_night(first, ("export", "assumed", "report"))
    sealed.seal_again(first.folder, "export", "retention")
    stage("pull")(force.night("2022-03-03"))


@pytest.mark.parametrize("typed", [["tracker"], ["persons"], ["retain"]])
def test_a_command_shows_nobody_of_a_table_that_was_changed_with_its_seal(
    first: Run, typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    change(first, "reconcile", "child", surname="Another")
    assert main([*typed, "--home", str(first.home.root)]) == 2
    shown = capsys.readouterr()
    assert f"Stage reconcile of 2022-03-02 {CHANGED}" in shown.err
    assert "Another" not in shown.out + shown.err
