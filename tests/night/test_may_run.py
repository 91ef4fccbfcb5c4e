"""A stage runs only after the stage before it, on its day, in the order of nights, and alone in its home."""

import errno
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.register import history
from connectors.store import at_work, sealed
from connectors.store.paths import STAGES, Home
from night.failures import MayNotRun, NightFailed
from night.may_run import PRECONDITIONS
from night.night import attempt, run_night, stage
from night.run import Run
from tests.pull.force import Force

FIRST = date(2022, 3, 2)
AFTER = list(zip(STAGES[1:-1], STAGES[:-2], strict=True))
NO_DATA = {".lock", "register.sqlite-shm", "register.sqlite-wal"}
TRACKER = STAGES[: STAGES.index("validate") + 1]


@pytest.fixture
def force(tmp_path: Path) -> Force:
    made = Force(tmp_path / "force")
    made.report()
    return made


def night(force: Force, number: int = 0) -> Run:
    return force.night((FIRST + timedelta(days=number)).isoformat())


def everything(home: Home) -> dict[str, tuple[int, bytes]]:
    """Every file of a home: when it was written, and what it holds."""
    files = [path for path in sorted(home.root.rglob("*")) if path.is_file() and path.name not in NO_DATA]
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def expect_refused(run: Run, name: str, sentence: str) -> None:
    """The stage says so and changes nothing, whether it is called itself or through the night."""
    kept, before = history.of_nights(run.register, "0", "9"), everything(run.home)
    for call in (stage(name), lambda run: attempt(run, name)):
        with pytest.raises(MayNotRun, match=sentence):
            call(run)
    assert everything(run.home) == before
    assert history.of_nights(run.register, "0", "9") == kept


@pytest.mark.parametrize("name", STAGES)
def test_a_night_that_is_yet_to_come_never_runs(force: Force, name: str) -> None:
    run = replace(night(force), today=FIRST - timedelta(days=1))
    with pytest.raises(MayNotRun, match="The night of 2022-03-02 is after today, 2022-03-01"):
        stage(name)(run)
    assert not run.home.root.exists()


def test_a_night_runs_on_its_own_day(force: Force) -> None:
    run = replace(night(force), today=FIRST)
    assert stage("pull")(run)["reports"] == 1


@pytest.mark.parametrize("name", STAGES)
def test_a_night_never_runs_after_a_later_one_was_published(force: Force, name: str) -> None:
    run_night(night(force, 4), TRACKER)
    expect_refused(night(force, 2), name, "2022-03-04 was never published, but a later one, 2022-03-06, was")


def test_a_published_night_is_repeated_to_the_same_bytes(force: Force) -> None:
    first, second = night(force), night(force, 1)
    for run in (first, second):
        run_night(run, (*TRACKER, "export"))
    before = sealed.hashes(first.home.runs)
    run_night(night(force), (*TRACKER, "export"))
    assert sealed.hashes(first.home.runs) == before


@pytest.mark.parametrize(("name", "before"), AFTER)
def test_a_stage_requires_the_seal_of_the_stage_before_it(force: Force, name: str, before: str) -> None:
    run = night(force)
    for earlier in STAGES[: STAGES.index(before)]:
        stage(earlier)(run)
    run.folder.root.mkdir(parents=True, exist_ok=True)
    expect_refused(run, name, f"{name} may not run: {before} has no seal")


def on_a_machine_with_another_home(run: Run, folder: Path) -> Run:
    """The same night and register, as a second machine sees them that does not have the first one's home."""
    return replace(run, home=Home(folder / "another-home"), register_url=f"sqlite:///{run.home.register}")


def test_a_stage_refuses_a_home_that_the_stage_before_did_not_write(force: Force, tmp_path: Path) -> None:
    run_night(night(force), ("pull",))
    elsewhere = on_a_machine_with_another_home(night(force), tmp_path)
    elsewhere.home.root.mkdir()
    shutil.copy(force.home.register_key, elsewhere.home.register_key)
    with pytest.raises(MayNotRun, match=f"pull ended well and has no seal in {elsewhere.home.root} of .*one shared"):
        attempt(elsewhere, "land")
    assert elsewhere.home.nights() == []


def test_a_machine_with_another_home_has_no_key_of_the_register_either(force: Force, tmp_path: Path) -> None:
    run_night(night(force), ("pull", "land"))
    elsewhere = on_a_machine_with_another_home(night(force), tmp_path)
    with pytest.raises(NightFailed, match="mount the home that the others have"):
        attempt(elsewhere, "normalise")


def test_a_stage_whose_forerunner_was_dropped_since_is_not_taken_for_one_of_another_home(force: Force) -> None:
    run_night(night(force), ("pull", "land"))
    attempt(night(force), "pull")
    shutil.rmtree(night(force).folder.stage("land"))
    expect_refused(night(force), "normalise", "normalise may not run: land has no seal")


@pytest.mark.parametrize("name", STAGES)
@pytest.mark.parametrize(
    ("taken", "why"),
    [
        (lambda *_: (_ for _ in ()).throw(OSError(errno.ENOLCK, "No locks available")), "No locks available"),
        (lambda *_: None, "a second lock was given while one was held"),
    ],
    ids=["refuses locks", "gives every lock"],
)
def test_no_stage_runs_on_a_file_system_without_locks(
    force: Force, monkeypatch: pytest.MonkeyPatch, name: str, taken: Callable[..., None], why: str
) -> None:
    monkeypatch.setattr("connectors.store.at_work.fcntl.flock", taken)  # no such file system is at hand
    with pytest.raises(MayNotRun, match=f"{name} may not run. The file system of .* holds no lock .*{why}") as refused:
        stage(name)(night(force))
    assert not refused.value.worth_another_try


@pytest.mark.parametrize(
    ("options", "here_alone"),
    [
        ("rw,relatime,vers=4.2,hard,local_lock=none,addr=10.0.0.2", False),
        ("rw,vers=3,nolock,local_lock=all,addr=10.0.0.2", True),
        ("rw,vers=3,local_lock=flock,addr=10.0.0.2", True),
    ],
)
def test_a_network_file_system_whose_locks_this_machine_keeps_to_itself_is_told(options: str, here_alone: bool) -> None:
    mounts = f"/dev/sda1 / ext4 rw 0 0\nnas:/clvt /srv/clvt nfs {options} 0 0\n/dev/sda2 /srv/clvt-old ext4 rw 0 0\n"
    assert at_work.holds_here_alone(Path("/srv/clvt/.lock"), mounts) is here_alone
    assert not at_work.holds_here_alone(Path("/srv/clvt-old/.lock"), mounts)


@pytest.mark.parametrize(("name", "before"), AFTER)
def test_a_stage_requires_that_nothing_sealed_was_changed(force: Force, name: str, before: str) -> None:
    run = night(force)
    run_night(run, STAGES[: STAGES.index(name)])
    (run.folder.stage(before) / "added.txt").write_text("planted")
    expect_refused(run, name, f"{name} may not run. Stage {before} of 2022-03-02: added.txt changed")


def test_every_stage_has_its_preconditions_and_the_report_requires_no_seal() -> None:
    assert tuple(PRECONDITIONS) == STAGES
    named = {name: {one.__name__ for one in asked} for name, asked in PRECONDITIONS.items()}
    assert [name for name, asked in named.items() if "_in_order" not in asked] == []
    assert [name for name, asked in named.items() if "_sealed_before" not in asked] == ["pull", "report"]


def test_files_of_an_earlier_night_are_not_made_after_those_of_a_later_one(force: Force) -> None:
    run_night(night(force), TRACKER)
    run_night(night(force, 1), (*TRACKER, "export"))
    expect_refused(night(force), "export", "the files of a later night, 2022-03-03, are made")


def test_files_of_an_earlier_night_are_not_sent_after_a_later_one_was_published(force: Force) -> None:
    run_night(night(force), (*TRACKER, "export"))
    run_night(night(force, 1), TRACKER)
    expect_refused(night(force), "deliver", "a later night, 2022-03-03, is published")


IN_ANOTHER_PROCESS = """
import sys, time
from pathlib import Path
from connectors.store import at_work
from connectors.store.paths import Home
with getattr(at_work, sys.argv[2])(*([Home(Path(sys.argv[1]))] + ([0] if sys.argv[2] != "only_command" else []))):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holding() -> Callable[[Home, str], None]:
    """Lets another process hold a lock of a home."""
    started = []

    def hold(home: Home, how: str) -> None:
        command = [sys.executable, "-c", IN_ANOTHER_PROCESS, str(home.root), how]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert started[-1].stdout is not None
        assert started[-1].stdout.readline() == "held\n"

    yield hold
    for process in started:
        process.kill()
        process.wait()


@pytest.mark.parametrize("name", STAGES)
def test_no_stage_runs_while_another_process_works_in_the_home(
    force: Force, name: str, holding: Callable[[Home, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.store.at_work.PATIENCE_SECONDS", 0.1)
    run = night(force)
    for earlier in TRACKER[: STAGES.index(name)]:
        stage(earlier)(run)
    if name == "deliver":
        stage("export")(run)
    holding(run.home, "alone")
    with pytest.raises(MayNotRun, match=f"{name} may not run. Another process works in") as refused:
        stage(name)(run)
    assert refused.value.worth_another_try


def test_partners_are_served_side_by_side_and_no_other_stage_is(
    force: Force, holding: Callable[[Home, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.store.at_work.PATIENCE_SECONDS", 0.1)
    run = night(force)
    run_night(run, (*TRACKER, "export"))
    holding(run.home, "side_by_side")
    with pytest.raises(MayNotRun, match="Another process works in"):
        stage("export")(run)
    assert attempt(run, "deliver").failure == ""


def begun_by_another(run: Run, other: date) -> None:
    at_work.begin(run.home, other)
    text = run.home.at_work.read_text(encoding="utf-8")
    run.home.at_work.write_text(text.replace(f":{os.getpid()}", ":1"), encoding="utf-8")


@pytest.mark.parametrize("other", [FIRST - timedelta(days=1), FIRST + timedelta(days=1)])
def test_a_night_does_not_begin_while_another_is_being_made(force: Force, other: date) -> None:
    run = night(force)
    stage("pull")(run)
    begun_by_another(run, other)
    expect_refused(run, "pull", f"that of {other} was begun and has not ended")
    expect_refused(run, "land", f"the night of {other} was begun after this one")


def test_a_night_that_gives_no_sign_of_life_for_two_hours_is_given_up(force: Force) -> None:
    run = night(force, 1)
    run.home.root.mkdir(parents=True)
    begun_by_another(run, FIRST)
    long_ago = time.time() - at_work.GIVEN_UP_SECONDS - 60
    os.utime(run.home.at_work, (long_ago, long_ago))
    assert stage("pull")(run)["reports"] == 1
    assert at_work.night_at_work(run.home) == run.as_of


@pytest.mark.parametrize("stages", [TRACKER, ("pull", "report")])
def test_a_night_has_ended_once_it_is_published_or_its_report_says_why_not(
    force: Force, stages: tuple[str, ...]
) -> None:
    run_night(night(force), stages)
    assert at_work.night_at_work(force.home) is None


def test_nights_that_were_never_published_are_made_again_in_order_and_end_as_if_nothing_had_happened(
    force: Force, tmp_path: Path
) -> None:
    force.report("31/2022/000002", updated_at="2022-03-02T10:00:00+00:00")
    force.report("31/2022/000003", updated_at="2022-03-03T10:00:00+00:00")
    run_night(night(force, 1), TRACKER[:-1])  # the second before the first, and neither published
    run_night(night(force), TRACKER[:-1])
    run_night(night(force, 2), TRACKER[:2])
    for number in range(3):
        run_night(night(force, number), TRACKER)
    landed = [night(force, number).read("land", "landed_report").num_rows for number in range(3)]
    assert sum(landed) == 3
    keys = [row["report_ref"] for row in night(force, 2).rows("normalise", "report")]
    assert sorted(keys) == ["31/2022/000001", "31/2022/000002", "31/2022/000003"]


def test_what_was_made_from_a_stage_is_dropped_when_the_stage_comes_out_otherwise(force: Force) -> None:
    run = night(force)
    run_night(run, TRACKER[:-1])
    later = night(force, 1)
    run_night(later, TRACKER[:-1])
    writer = run.writer("normalise")
    for name in sealed.files(run.folder, "normalise"):
        (writer.folder / name).write_bytes(sealed.read_file(run.folder, "normalise", name))
    writer.file("more.txt", b"other than before")
    writer.seal({}, replaceable=True)
    assert [name for name in STAGES if run.folder.is_sealed(name)] == ["pull", "land", "normalise"]
    assert [name for name in STAGES if later.folder.is_sealed(name)] == ["pull", "land"]
