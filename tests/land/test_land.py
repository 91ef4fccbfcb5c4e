"""land: as it came, sealed, and never changed again."""

from pathlib import Path

import pytest

from connectors.store import sealed
from connectors.store.sealed import SealBroken
from night.failures import MayNotRun
from night.land import land
from night.pull import pull
from tests.pull.force import Force


@pytest.fixture
def force(tmp_path: Path) -> Force:
    made = Force(tmp_path / "force")
    made.report(subjects=2)
    return made


def landed(force: Force, as_of: str = "2022-03-02"):
    run = force.night(as_of)
    pull(run), land(run)
    return run


def test_every_value_is_the_string_it_was(force: Force) -> None:
    force.report("31/2022/000002", grade="9ZQ", intelligence_date="2022-02-30", location="=cmd|'x'")
    rows = {row["report_ref"]: row for row in landed(force).rows("land", "landed_report")}
    assert [rows["31/2022/000002"][name] for name in ("grade", "intelligence_date", "location")] == [
        "9ZQ",
        "2022-02-30",
        "=cmd|'x'",
    ]


def test_landed_data_is_sealed_with_hashes_and_a_changed_byte_is_found(force: Force) -> None:
    run = landed(force)
    sealed.verify(run.folder, "land")
    path = run.folder.stage("land") / "landed_report.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(SealBroken, match="changed since it was sealed"):
        sealed.verify(run.folder, "land")


def test_a_night_landed_again_changes_no_byte(force: Force) -> None:
    run = landed(force)
    before = sealed.hashes(run.folder.root)
    landed(force)
    assert sealed.hashes(run.folder.root) == before


def test_what_was_changed_after_it_was_fetched_is_not_landed(force: Force) -> None:
    run = landed(force)
    (run.folder.stage("pull") / "landed_report.parquet").write_bytes(
        (landed(Force(force.folder / "other")).folder.stage("pull") / "landed_report.parquet").read_bytes()
    )
    with pytest.raises(MayNotRun, match=r"land may not run.*landed_report\.parquet changed since it was sealed"):
        land(run)


def test_every_record_collected_is_logged_once_by_its_key(force: Force) -> None:
    landed(force)
    run = landed(force)
    with run.register.connect() as connection:
        from connectors.register.database import processing_log

        rows = connection.execute(processing_log.select()).mappings().all()
    assert [(row["operation"], row["record_ref"]) for row in rows] == [("COLLECTION", "landed_report:31/2022/000001")]
