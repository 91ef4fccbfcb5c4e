"""A home that an earlier version of the code kept goes on: a column fewer, one more, a table that was not yet there."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clvt.rebuild import rebuild
from connectors.store import sealed
from connectors.store.sealed import SealBroken
from expectations.contracts import Contract, contract
from night.night import run_night
from night.run import Run
from tests.pull.force import Force, decision
from tests.reconcile.rows import day

FIRST, SECOND = "2022-03-02", "2022-03-03"
MADE = ("normalise", "link", "reconcile", "validate", "export")  # what a night makes that the next one goes on from
RUN = ("pull", "land", *MADE)


@pytest.fixture
def force(tmp_path: Path) -> Force:
    """A force with a night behind it, and new intelligence and a decision for the next."""
    made = Force(tmp_path / "force")
    made.report(subjects=2)
    run_night(made.night(FIRST), RUN)
    made.report("31/2022/000002", created_at="2022-03-02T10:00:00+00:00", updated_at="2022-03-02T10:00:00+00:00")
    made.decide(decision(1, "2022-03-02T12:00:00+00:00", value="OPEN"))
    return made


@pytest.fixture
def expected(force: Force, tmp_path: Path) -> dict[str, dict[str, str]]:
    """What the second night seals where nothing of the first was written by other code."""
    untouched = tmp_path / "untouched"
    shutil.copytree(force.folder, untouched)
    home = force.home.root
    return hashes_of_the_second(force, Path(untouched / home.name))


def hashes_of_the_second(force: Force, home: Path) -> dict[str, dict[str, str]]:
    run = Run(day(SECOND), type(force.home)(home), force.night(SECOND).endpoint)
    run_night(run, RUN)
    return {stage: sealed.hashes(run.folder.stage(stage)) for stage in MADE}


def fewer(table: pa.Table, agreed: Contract) -> pa.Table:
    """Without each optional column of which nothing is known yet."""
    unknown = [c.name for c in agreed.columns if not c.required and table[c.name].null_count == table.num_rows]
    return table.drop_columns(unknown)


def more(table: pa.Table, _agreed: Contract) -> pa.Table:
    """With a column in front that the contract has given up since."""
    return table.add_column(0, "shoe_size", pa.repeat("41", table.num_rows))


def under_old_names(table: pa.Table, agreed: Contract) -> pa.Table:
    """With each column that was renamed since under the name that it had."""
    return table.rename_columns([column.was or column.name for column in agreed.columns])


def narrower(table: pa.Table, _agreed: Contract) -> pa.Table:
    """With whole numbers as an older Parquet writer would have kept them."""
    small = [pa.field(f.name, pa.int32() if f.type == pa.int64() else f.type, f.nullable) for f in table.schema]
    return table.cast(pa.schema(small))


def rewritten(force: Force, night: str, change) -> None:
    """Every table of a night as earlier code would have sealed it."""
    run = force.night(night)
    for stage in RUN:
        folder = run.folder.stage(stage)
        for path in folder.glob("*.parquet"):
            pq.write_table(change(pq.read_table(path), contract(path.stem)), path)
        sealed_again(folder)
    run.write_down_seals(RUN)


def sealed_again(folder: Path) -> None:
    seal = json.loads((folder / sealed.SEAL).read_text())
    (folder / sealed.SEAL).write_text(json.dumps(seal | {"files": sealed.hashes(folder)}))


@pytest.mark.parametrize("change", [fewer, more, narrower, under_old_names])
def test_the_next_night_of_an_older_home_comes_out_as_if_the_code_had_never_changed(
    force: Force, expected: dict, change
) -> None:
    rewritten(force, FIRST, change)
    assert hashes_of_the_second(force, force.home.root) == expected


def test_a_table_that_the_older_code_did_not_know_is_empty(force: Force, expected: dict) -> None:
    run = force.night(FIRST)
    for stage, table in (("land", "landed_panel"), ("normalise", "panel_outcome"), ("link", "same_person_question")):
        folder = run.folder.stage(stage)
        (folder / f"{table}.parquet").unlink()
        sealed_again(folder)
    run.write_down_seals(RUN)
    assert hashes_of_the_second(force, force.home.root) == expected


def test_a_table_that_was_sealed_and_is_gone_stops_the_night(force: Force) -> None:
    run = force.night(FIRST)
    (run.folder.stage("normalise") / "mention.parquet").unlink()
    with pytest.raises(SealBroken, match="has no table mention"):
        run.read("normalise", "mention")


@pytest.mark.parametrize(("stage", "table"), [("reconcile", "child"), ("normalise", "decision"), ("link", "person")])
def test_nothing_is_read_from_a_table_that_was_changed_since_it_was_sealed(
    force: Force, stage: str, table: str
) -> None:
    run = force.night(FIRST)
    path = run.folder.stage(stage) / f"{table}.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    with pytest.raises(SealBroken, match="nothing is read from it"):
        run.read(stage, table)


def test_a_column_that_has_to_be_filled_and_was_not_there_says_what_to_do(force: Force) -> None:
    run = force.night(FIRST)
    path = run.folder.stage("normalise") / "mention.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["recorded_on"]), path)
    sealed_again(path.parent)
    with pytest.raises(SealBroken, match="Make the column optional"):
        run.read("normalise", "mention")


@pytest.mark.parametrize("change", [fewer, more, under_old_names])
def test_a_published_night_run_again_by_newer_code_says_the_same_and_stays_as_it_was(force: Force, change) -> None:
    rewritten(force, FIRST, change)
    folder = force.night(FIRST).folder
    before = {stage: sealed.hashes(folder.stage(stage)) for stage in RUN}
    run_night(force.night(FIRST), RUN)
    assert {stage: sealed.hashes(folder.stage(stage)) for stage in RUN} == before


def test_an_older_night_is_made_again_from_landed_data_without_a_difference(force: Force) -> None:
    rewritten(force, FIRST, fewer)
    assert rebuild(force.home, day(FIRST)) == []
