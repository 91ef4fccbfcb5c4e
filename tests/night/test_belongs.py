"""A home, its register and its source are one force's."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors.register import history
from connectors.store import sealed
from night.belongs import FEWEST_REPORTS
from night.failures import MayNotRun, NightFailed
from night.night import attempt, stage
from night.run import Run, site_at
from tests.pull.force import Force
from tests.sites import written


@pytest.fixture
def force(tmp_path: Path) -> Force:
    return Force(tmp_path / "force")


def of_force(run: Run, code: str) -> Run:
    written(run.home.root, code)
    return replace(run)


def reports(force: Force, code: str, count: int) -> None:
    for number in range(count):
        force.report(f"{code}/2022/{number:06}", source_force=code)


def test_the_first_night_writes_down_whose_home_it_is(force: Force) -> None:
    run = of_force(force.night("2022-03-02"), "33")
    reports(force, "33", 2)
    attempt(run, "pull")
    assert run.home.force_code() == "33"


def test_a_home_of_one_force_does_not_run_with_the_site_of_another(force: Force, tmp_path: Path) -> None:
    attempt(force.night("2022-03-02"), "pull")
    before = sealed.hashes(force.home.runs)
    other = Force(tmp_path / "other")
    written(force.home.root, "01")
    site_at.cache_clear()  # as in a process of its own
    run = replace(other.night("2022-03-03"), home=force.home)
    for name in ("pull", "report"):
        with pytest.raises(MayNotRun, match="belongs to force 31, but its site file names force 01"):
            stage(name)(run)
    assert sealed.hashes(force.home.runs) == before


def test_a_register_of_one_force_is_not_used_by_the_home_of_another(force: Force, tmp_path: Path) -> None:
    shared = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    attempt(replace(force.night("2022-03-02"), register_url=shared), "pull")
    other = of_force(replace(Force(tmp_path / "other").night("2022-03-02"), register_url=shared), "43")
    with pytest.raises(MayNotRun, match=r"The register belongs to force 31, but this home to force 43"):
        attempt(other, "pull")


@pytest.mark.parametrize("has_nights", [False, True])
def test_a_register_of_another_home_of_the_force_is_not_used(force: Force, tmp_path: Path, has_nights: bool) -> None:
    shared = f"sqlite:///{tmp_path / 'shared.sqlite'}"
    attempt(replace(force.night("2022-03-02"), register_url=shared), "pull")
    other = replace(Force(tmp_path / "other").night("2022-03-03"), register_url=shared)
    if has_nights:  # it had a register of its own so far
        replace(other, as_of=date(2022, 3, 1)).writer("validate").seal({}, replaceable=True)
        other.home.write_force_code("31")
    kept = history.of_nights(other.register, "0", "9")
    for name in ("pull", "report"):
        with pytest.raises(MayNotRun, match="CLVT_REGISTER names knows no night of"):
            attempt(other, name)
    assert history.of_nights(other.register, "0", "9") == kept
    assert attempt(replace(force.night("2022-03-03"), register_url=shared), "pull").failure == ""


def test_a_source_of_another_force_is_refused_and_nothing_is_taken_in(force: Force) -> None:
    run = of_force(force.night("2022-03-02"), "33")
    reports(force, "31", FEWEST_REPORTS)
    with pytest.raises(NightFailed, match=f"{FEWEST_REPORTS} of {FEWEST_REPORTS} new reports are of force 31"):
        attempt(run, "pull")
    assert not run.folder.is_sealed("pull")
    assert run.home.force_code() is None


@pytest.mark.parametrize(("own", "others"), [(FEWEST_REPORTS, FEWEST_REPORTS), (1, FEWEST_REPORTS - 1)])
def test_some_reports_of_other_forces_are_usual(force: Force, own: int, others: int) -> None:
    run = of_force(force.night("2022-03-02"), "33")
    reports(force, "33", own)
    reports(force, "31", others)
    assert attempt(run, "pull").counts["reports"] == own + others
