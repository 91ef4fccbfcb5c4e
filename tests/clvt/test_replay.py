"""A replay: the truth comes out, a killed one ends as an undisturbed one, and the tracker can be made again."""

import csv
import json
import shutil
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from clvt import views
from clvt.rebuild import rebuild
from clvt.replay import read_labels, replay
from connectors.store import sealed
from connectors.store.paths import Home
from demo.synth import make_force
from expectations.recipients import RECIPIENTS
from night.failures import NightFailed
from night.night import run_night
from night.run import Run

START, END = date(2022, 1, 1), date(2022, 3, 30)
FIRST, LAST = date(2022, 2, 10), date(2022, 3, 31)
KILLS, LONGEST = 20, 3.0


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("replay") / "force"
    make_force(folder, seed=11, children=12, start=START, end=END)
    return folder


@pytest.fixture(scope="module")
def undisturbed(scenario: Path) -> Home:
    home = Home(scenario.parent / "undisturbed")
    replay(home, scenario, FIRST, LAST, scenario / "labels.csv", deliver=False)
    return home


def test_the_force_s_figures_come_out(scenario: Path, undisturbed: Home) -> None:
    expected = json.loads((scenario / "expected.json").read_text())
    figures = views.figures(Run(LAST, undisturbed))
    assert {key: figures.get(key) for key in expected if key not in ("as_of", "quarantined_refs")} == {
        key: value for key, value in expected.items() if key not in ("as_of", "quarantined_refs")
    }


def test_every_entry_is_as_true_and_no_two_children_are_one(scenario: Path, undisturbed: Home) -> None:
    labels = read_labels(scenario / "labels.csv")
    with (scenario / "truth_tracker.csv").open(newline="") as file:
        truth = {row["person"]: row for row in csv.DictReader(file)}
    found = {}
    for row in views.tracker(Run(LAST, undisturbed)):
        (person,) = {labels[key] for key in row["mention_keys"] if key in labels}
        assert person not in found
        found[person] = (str(row["added_on"]), str(row["removed_on"] or ""), row["removal_reason"] or "")
    assert found == {p: (r["added_on"], r["removed_on"], r["removal_reason"]) for p, r in truth.items()}


def test_no_mention_is_lost_and_none_is_merged_falsely(scenario: Path, undisturbed: Home) -> None:
    labels = read_labels(scenario / "labels.csv")
    people: dict[str, set[str]] = {}
    persons = views.VIEWS["persons"].rows(Run(LAST, undisturbed))
    for row in persons:
        if row["mention_key"] in labels:
            people.setdefault(row["person_id"], set()).add(labels[row["mention_key"]])
    assert labels.keys() <= {row["mention_key"] for row in persons}
    assert [who for who in people.values() if len(who) > 1] == []


def test_killed_twenty_times_it_ends_in_the_same_bytes(scenario: Path, undisturbed: Home, tmp_path: Path) -> None:
    arguments = [scenario, tmp_path / "killed", FIRST, LAST, 5, KILLS, LONGEST]
    done = subprocess.run(
        [sys.executable, "-m", "tests.clvt.killing", *map(str, arguments)], capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= KILLS // 2
    assert sealed.hashes(tmp_path / "killed" / "runs") == sealed.hashes(undisturbed.runs)


def test_pages_come_out_the_same_when_the_files_of_later_nights_are_made_already(
    undisturbed: Home, tmp_path: Path
) -> None:
    copy = Home(tmp_path / "copy")
    shutil.copytree(undisturbed.root, copy.root)
    for night in copy.nights()[::5]:
        shutil.rmtree(copy.run(night).stage("report"))
        run_night(Run(night, copy), ["report"])
    assert sealed.hashes(copy.runs) == sealed.hashes(undisturbed.runs)


def test_a_night_whose_files_could_not_be_made_stops_the_replay_which_goes_on_once_they_can(
    scenario: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    in_the_way = home.run(FIRST).unsealed("export")
    in_the_way.parent.mkdir(parents=True)
    in_the_way.touch()
    with pytest.raises(NightFailed, match=f"Night {FIRST}: export failed"):
        replay(home, scenario, FIRST, FIRST + timedelta(days=2), None, deliver=False)
    assert f"Night {FIRST}: export failed" in home.run(FIRST).stage("report").joinpath("report.html").read_text()
    assert not home.run(FIRST + timedelta(days=1)).is_sealed("export")
    in_the_way.unlink()
    replay(home, scenario, FIRST, FIRST + timedelta(days=2), None, deliver=False)
    assert "export failed" not in home.run(FIRST).stage("report").joinpath("report.html").read_text()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("purpose: [oops", "this is no YAML in line 1"),
        ("", "the file is empty: write a contract, or remove the file"),
        ("exporter: unheard_of", "agreement is missing"),
        (None, "there is no exporter unheard_of"),
    ],
)
def test_a_contract_that_cannot_be_used_stops_its_recipient_alone(
    scenario: Path, tmp_path: Path, content: str | None, sentence: str
) -> None:
    home = Home(tmp_path / "home")
    contract = home.recipients / "btp.yml"
    contract.parent.mkdir(parents=True)
    given = (RECIPIENTS / "btp.yml").read_text()
    contract.write_text(given.replace("exporter: btp", "exporter: unheard_of") if content is None else content)
    replay(home, scenario, FIRST, FIRST, None, deliver=False)
    page = home.run(FIRST).stage("report").joinpath("report.html").read_text()
    assert "Nothing is made for btp. Contract btp" in page
    assert sentence in page
    named = {row["recipient"] for row in Run(FIRST, home).rows("export", "outgoing")}
    assert "btp" not in named
    assert {"pnd", "sca"} <= named


def test_the_tracker_is_made_again_from_landed_data_and_decisions(undisturbed: Home) -> None:
    assert rebuild(undisturbed, LAST) == []


def test_the_tracker_is_made_again_by_the_settings_of_its_home(scenario: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.recipients.mkdir(parents=True)
    (home.root / "site.yml").write_text("recipients: []\n")
    (home.recipients / "front_door.yml").write_text("inherits: mash_city\n")
    replay(home, scenario, FIRST, FIRST, None, deliver=False)
    assert rebuild(home, FIRST) == []


def test_a_rebuild_finds_a_tracker_that_was_tampered_with(undisturbed: Home, tmp_path: Path) -> None:
    copy = Home(tmp_path / "copy")
    shutil.copytree(undisturbed.root, copy.root)
    night = LAST - timedelta(days=1)
    wrong = copy.run(night).stage("reconcile") / "child.parquet"
    wrong.write_bytes((copy.run(LAST).stage("reconcile") / "spell.parquet").read_bytes())
    assert rebuild(copy, LAST) == [f"{night}/reconcile/child.parquet"]
