"""Erasure of a person (Data Protection Act 2018 s.47): no byte of theirs anywhere, and everything else as it was."""

import json
import shutil
import subprocess
import sys
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from clvt.command import main
from clvt.rebuild import rebuild
from clvt.replay import ASSUMED, TRACKER, endpoint, sources
from connectors.register import erasures
from connectors.register.database import entries
from connectors.register.schema import metadata
from connectors.store import sealed
from connectors.store.paths import STAGES, Home, Place
from demo.synth import make_force
from expectations.contracts import contract, tables
from night import erased, erasing
from night.erasing import erase
from night.failures import MayNotRun
from night.night import run_night
from night.run import Run, today_in_london
from tests.custody.searching import where
from tests.report.a_home import a_home

NIGHTS = [date(2021, 11, 23), date(2022, 4, 5), date(2022, 8, 9), date(2022, 11, 8), date(2022, 11, 9)]
NEXT = date(2022, 11, 10)
REASON = "asked for under s.47 and granted"
THEIRS = ("drops", "standin")


class Scene:
    """A home of a year, the homes that were copied from it, and three people who are to be erased."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.second = folder, folder / "second"
        make_force(folder / "force", seed=3, children=12, start=date(2021, 4, 1), end=date(2022, 11, 22))
        self.home = Home(folder / "home")
        for night in NIGHTS:
            run_night(self.run(night), (*TRACKER, *ASSUMED))
        self.before = self.copy("before")
        last = self.run(NIGHTS[-1])
        children = last.rows("reconcile", "child")
        off = [row for row in children if row["state"] in erasing.LEFT]
        off.sort(key=lambda row: (row["tracker_id"] is None, -len(row["mention_keys"])))
        self.persons = [row["person_id"] for row in off[:2]]
        on_no_list = {row["person_id"] for row in last.rows("link", "person")} - {row["person_id"] for row in children}
        self.persons.append(min(on_no_list))
        self.words = {word for person in self.persons for word in _words_of(last, person)}

    def run(self, night: date, home: Home | None = None) -> Run:
        known = partial(endpoint, sources(self.folder / "force"))
        return Run(night, home or self.home, known, today=max(night, today_in_london()))

    def copy(self, name: str) -> Home:
        shutil.copytree(self.home.root, self.folder / name)
        return Home(self.folder / name)


def _words_of(run: Run, person: str) -> set[str]:
    """Everything by which somebody could be found again: ids, keys, and what nobody else is called."""
    trace = erasing.trace_of(run, erasing.ids_of(run, person))
    # "Zaman, Will" also begins how a page writes William Al Zaman, who is somebody else.
    longer = {word for word in trace.words if len(word) >= erasing.LEAST and ", " not in word}
    return longer | trace.persons | trace.mentions | trace.trackers | trace.refs | trace.reports


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The scene after the erasure of the three."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("scene")
        patch.setenv("CLVT_ANCHORS", str(folder / "second"))
        made = Scene(folder)
        assert len(where(made.home.root, made.words, THEIRS)) > 20
        for person in made.persons:
            erase(made.run(NIGHTS[-1]), person, REASON, "The records manager")
    return made


@pytest.fixture
def anchored(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setenv("CLVT_ANCHORS", str(scene.second))
    return scene


def test_no_byte_of_theirs_is_left_anywhere(scene: Scene) -> None:
    assert len(scene.words) > 30
    assert where(scene.home.root, scene.words, THEIRS) == {}
    assert where(scene.second, scene.words) == {}


def test_every_seal_holds_and_says_that_something_was_erased(scene: Scene) -> None:
    stages = [(night, stage) for night in NIGHTS for stage in STAGES if scene.home.run(night).is_sealed(stage)]
    for night, stage in stages:
        sealed.verify(scene.home.run(night), stage)
    seal = json.loads((scene.home.run(NIGHTS[-1]).stage("normalise") / sealed.SEAL).read_text())
    assert len(seal["erasures"]) == 3


def test_the_log_is_whole_and_keeps_that_and_why_without_whom(anchored: Scene, capsys: pytest.CaptureFixture) -> None:
    assert main(["audit", "--verify", "--home", str(anchored.home.root)]) == 0
    assert "is whole" in capsys.readouterr().out
    log = entries(anchored.run(NIGHTS[-1]).register)
    told = [row for row in log if row["operation"] == "ERASURE"]
    assert [(row["actor"], json.loads(row["detail"])["reason"], row["person_id"]) for row in told] == [
        ("The records manager", REASON, "")
    ] * 3
    left = [row for row in log if row["person_id"] == erasures.ERASED]
    assert {"DISCLOSURE", "ALTERATION"} <= {row["operation"] for row in left}
    assert all(row["recipient"] and row["file_sha256"] for row in left if row["operation"] == "DISCLOSURE")


def test_nobody_else_lost_anything_of_their_own(scene: Scene) -> None:
    last, before = scene.run(NIGHTS[-1]), scene.run(NIGHTS[-1], scene.before)
    for stage, table in (
        ("reconcile", "child"),
        ("normalise", "mention"),
        ("reconcile", "fact"),
        ("export", "holding"),
    ):
        assert [row for row in before.rows(stage, table) if row in last.rows(stage, table)] == last.rows(stage, table)
    for night in NIGHTS:
        persons = {row["person_id"] for row in scene.run(night, scene.before).rows("reconcile", "child")}
        left = {row["person_id"] for row in scene.run(night).rows("reconcile", "child")}
        assert persons - left <= set(scene.persons)


def test_the_next_night_does_not_bring_them_back_nor_give_their_number_to_another(anchored: Scene) -> None:
    home = anchored.copy("next")
    run = anchored.run(NEXT, home)
    run_night(run, (*TRACKER, *ASSUMED))
    assert where(home.root, anchored.words, THEIRS) == {}
    numbers = [row["tracker_id"] for row in run.rows("reconcile", "tracker_id")]
    highest = max(
        row["tracker_id"] for row in anchored.run(NIGHTS[-1], anchored.before).rows("reconcile", "tracker_id")
    )
    gone = {row["tracker_id"] for row in anchored.run(NIGHTS[-1], anchored.before).rows("reconcile", "tracker_id")}
    gone -= {row["tracker_id"] for row in anchored.run(NIGHTS[-1]).rows("reconcile", "tracker_id")}
    assert gone
    assert not gone & set(numbers)
    assert erased.of(home).tracker_number == int(highest.rsplit("-", 1)[1])
    assert rebuild(home, NEXT) == []


def test_rebuild_leaves_a_register_that_is_named_alone(anchored: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    home = anchored.copy("named")
    before = len(entries(anchored.run(NIGHTS[-1], home).register))
    monkeypatch.setenv("CLVT_REGISTER", f"sqlite:///{home.register}")
    monkeypatch.setenv("CLVT_REGISTER_OWNER", "postgresql+psycopg://nobody@127.0.0.1:9/register")
    assert rebuild(home, NIGHTS[-1]) == []
    assert len(entries(anchored.run(NIGHTS[-1], home).register)) == before


@pytest.mark.parametrize("brought_back", ["home and register", "register", "home"])
def test_a_backup_from_before_is_erased_again_before_anything_else(anchored: Scene, brought_back: str) -> None:
    home = anchored.copy(f"restored {brought_back}")
    if "home" in brought_back:
        for name in ("runs", "erasures.jsonl", "erased"):
            path = home.root / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.copytree(anchored.before.runs, home.runs)
    if "register" in brought_back:
        for path in home.root.glob("register.sqlite*"):
            path.unlink()
        for path in anchored.before.root.glob("register.sqlite*"):
            shutil.copy(path, home.root / path.name)
    assert where(home.root, anchored.words, THEIRS) != {}
    assert main(["tracker", "--home", str(home.root)]) == 0
    assert where(home.root, anchored.words, THEIRS) == {}
    assert erasing.what_is_open(home) == []


def test_an_erasure_that_was_killed_is_carried_to_its_end(anchored: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    home = anchored.copy("killed")
    home.erased.unlink()
    shutil.rmtree(home.runs)
    shutil.copytree(anchored.before.runs, home.runs)  # the rooms after the register were not reached
    run_night(anchored.run(NEXT, home), TRACKER)
    assert where(home.root, anchored.words, THEIRS) == {}


def test_who_is_on_the_tracker_or_held_by_a_partner_is_not_erased(anchored: Scene) -> None:
    run = anchored.run(NIGHTS[-1])
    child = next(row for row in run.rows("reconcile", "child") if row["state"] == "OPEN")
    with pytest.raises(MayNotRun, match="is on the tracker"):
        erase(run, child["person_id"], REASON, "x")
    held = {row["person_id"] for row in run.rows("export", "holding")}
    proposed = next(
        row for row in run.rows("reconcile", "child") if row["person_id"] in held and row["state"] == "PROPOSED"
    )
    with pytest.raises(MayNotRun, match="waits for the meeting"):
        erase(run, proposed["person_id"], REASON, "x")


def test_the_reason_may_not_name_the_person(anchored: Scene) -> None:
    home = anchored.copy("reason")
    run = anchored.run(NIGHTS[-1], home)
    children = {row["person_id"] for row in run.rows("reconcile", "child")}
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    mentions = [row for row in run.rows("normalise", "mention") if person_of[row["mention_key"]] not in children]
    called = next(row for row in mentions if row["first_key"] and row["surname_key"])
    for name in (person_of[called["mention_key"]], called["given_names"], called["surname"]):
        with pytest.raises(MayNotRun, match="without the person's name"):
            erase(run, person_of[called["mention_key"]], f"asked for by {name}, and granted", "x")


def test_a_line_of_the_ledger_that_this_program_did_not_write_is_refused(anchored: Scene) -> None:
    home = anchored.copy("forged")
    lines = home.erasures.read_text().splitlines()
    home.erasures.write_text("\n".join([lines[0].replace(REASON, "no reason"), *lines[1:]]) + "\n")
    assert main(["tracker", "--home", str(home.root)]) == 2


# --- nothing may be added without an entry ---------------------------------------------------------------------------


def test_every_table_of_a_night_says_whose_its_rows_are() -> None:
    columns = {name: set(contract(name).names) for name in tables()}
    without_any = {name for name, them in columns.items() if not them & erasing.NAMED_BY.keys()}
    assert without_any - set(erasing.BY_SOURCE) == erasing.NAMES_NOBODY.keys() | {
        name for name in without_any if name.startswith("landed_") and name in erasing._OF_FEEDS
    }


def test_every_table_of_the_register_says_how_a_person_leaves_it() -> None:
    assert erasures.REMOVALS.keys() == metadata.tables.keys()


def test_every_room_of_a_home_says_how_a_person_leaves_it(scene: Scene) -> None:
    named = {getattr(scene.home, name).name for name, kind in vars(Home).items() if isinstance(kind, Place)}
    there = {path.name for path in scene.home.root.iterdir()}
    passed_over = {"register.sqlite-wal", "register.sqlite-shm", scene.home.root.name}
    assert (named | there) - passed_over <= erasing.ROOMS.keys()


def test_a_command_that_begins_with_nothing_imported_erases_and_names_who_may_be_the_same(tmp_path: Path) -> None:
    run = a_home(tmp_path / "home")
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    question = next(row for row in run.rows("reconcile", "review") if row["kind"] == "same_person")
    child, stranger = person_of[question["mention_key"]], person_of[question["other_mention_key"]]
    asked = [sys.executable, "-m", "clvt", "erase", stranger, "--reason", REASON, "--home", str(run.home.root)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.startswith("Erased: ")
    assert done.stderr.startswith(f"An open question asked whether {child} may be the same person: their records are")
    assert child in set(Run(run.as_of, run.home).read("link", "person")["person_id"].to_pylist())


def test_whatever_names_a_person_in_a_record_is_looked_for_elsewhere_unless_others_have_the_same() -> None:
    with_others = {"date_of_birth", "birth_year", "postcode", "school"}
    parts_of_a_key = {"first_key", "root_key"}
    sought = {*erasing.NAMING, *erasing.CALLED}
    assert set(contract("mention").identifying) - sought == with_others | parts_of_a_key
