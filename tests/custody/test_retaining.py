"""What old nights keep, by the site's settings; who is due for review."""

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench.ten_years import copy_night
from clvt.command import main
from clvt.rebuild import rebuild
from clvt.replay import ASSUMED, TRACKER, endpoint, sources
from connectors.delivery.outbox import ACKNOWLEDGED, REJECTED, Outbox
from connectors.register import answers
from connectors.register.database import entries
from connectors.store import sealed
from connectors.store.paths import Home
from demo.synth import make_force
from expectations.contracts import contract
from night import holdings, retaining
from night.night import run_night
from night.run import Run

FIRST = date(2022, 3, 28)
NIGHTS = [FIRST + timedelta(days=number) for number in range(6)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Home]:
    """Six nights over the end of a month, of which all but the last two are older than the site keeps whole."""
    folder = tmp_path_factory.mktemp("retaining")
    make_force(folder / "force", seed=5, children=6, start=date(2021, 10, 1), end=date(2022, 4, 30))
    home = Home(folder / "home")
    home.root.mkdir()
    (home.root / "site.yml").write_text("nights_whole_days: 1\npages_days: 0\nreview_years: 0\n")
    for night in NIGHTS:
        run_night(a_run(folder, home, night), (*TRACKER, *ASSUMED))
    return folder, home


def a_run(folder: Path, home: Home, night: date) -> Run:
    return Run(night, home, partial(endpoint, sources(folder / "force")))


@pytest.fixture
def folder_and_home(made: tuple[Path, Home], tmp_path: Path) -> tuple[Path, Home]:
    shutil.copytree(made[1].root, tmp_path / "home")
    return made[0], Home(tmp_path / "home")


def retain(home: Home, *arguments: str) -> int:
    return main(["retain", "--home", str(home.root), "--format", "csv", *arguments])


def test_old_nights_thin_out_to_the_first_and_the_ends_of_months(folder_and_home: tuple[Path, Home]) -> None:
    _, home = folder_and_home
    assert retain(home) == 0
    assert home.published() == NIGHTS
    assert retain(home, "--carry-out") == 0
    assert home.published() == [FIRST, date(2022, 3, 31), *NIGHTS[-2:]]
    last = a_run(folder_and_home[0], home, NIGHTS[-1])
    assert retaining.to_be_thinned(home, last.as_of, last.site) == []
    thinned = home.run(date(2022, 3, 29))
    assert {path.name for path in thinned.root.iterdir()} == {"THINNED.json", "land", "export"}
    assert json.loads(thinned.thinned.read_text())["seals"].keys() >= {"normalise", "validate"}


def test_of_months_long_past_the_end_of_the_year_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    nights = [date(year, month, day) for year in (2020, 2021, 2022) for month in (3, 10, 11) for day in (1, 28)]
    for night in nights:
        home.run(night).stage("validate").mkdir(parents=True)
        (home.run(night).stage("validate") / "SEAL.json").touch()
    site = replace(Run(nights[0], home).site, nights_whole_days=30, month_ends_days=390)
    thinned = retaining.to_be_thinned(home, date(2022, 11, 29), site)
    ends_of_years = [date(2020, 11, 28), date(2021, 11, 28)]
    ends_of_months = [date(2022, 3, 28), date(2022, 10, 28)]
    whole = [nights[0], *ends_of_years, *ends_of_months, *nights[-2:]]
    assert [night for night in nights if night not in thinned] == whole


def with_a_night_of_nothing(folder: Path, home: Home) -> date:
    """Make a night after the last one on which nothing came and nothing was told, and two after it."""
    quiet = NIGHTS[-1] + timedelta(days=1)
    copy_night(a_run(folder, home, quiet), home.run(NIGHTS[-1]))
    for days in (1, 2):
        run_night(a_run(folder, home, quiet + timedelta(days=days)), (*TRACKER, "export", "report"))
    return quiet


def test_of_a_night_of_nothing_only_stays_that_there_was_one(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    quiet = with_a_night_of_nothing(folder, home)
    retain(home, "--carry-out")
    assert [path.name for path in home.run(quiet).root.iterdir()] == ["THINNED.json"]
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0
    run = a_run(folder, home, quiet + timedelta(days=3))
    run_night(run, (*TRACKER, *ASSUMED))
    assert rebuild(home, run.as_of) == []


def test_a_thinning_that_was_killed_before_an_empty_stage_went_is_ended_by_the_next(
    folder_and_home: tuple[Path, Home], monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet = with_a_night_of_nothing(*folder_and_home)
    home, rmtree = folder_and_home[1], shutil.rmtree
    with monkeypatch.context() as killed:
        killed.setattr(shutil, "rmtree", lambda path, **how: 1 / 0 if path.name == "land" else rmtree(path, **how))
        assert retain(home, "--carry-out") == 2
    assert main(["audit", "--verify", "--home", str(home.root)]) == 1
    assert retain(home, "--carry-out") == 0
    assert [path.name for path in home.run(quiet).root.iterdir()] == ["THINNED.json"]
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_what_a_partner_holds_is_the_same_once_a_night_of_nothing_went(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    quiet = with_a_night_of_nothing(folder, home)
    expect_the_same_once_thinned(folder, home, quiet + timedelta(days=3))


def test_pages_go_sooner_than_the_night_they_are_of_but_for_the_last(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    retain(home, "--carry-out")
    assert [night for night in home.published() if home.run(night).is_sealed("report")] == NIGHTS[-1:]
    log = entries(a_run(folder, home, NIGHTS[-1]).register, operation="ERASURE")
    assert {row["run"] for row in log if "pages" in row["detail"]} == {night.isoformat() for night in NIGHTS[:-1]}
    retain(home, "--carry-out")
    assert len(entries(a_run(folder, home, NIGHTS[-1]).register, operation="ERASURE")) == len(log)
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_a_thinned_home_goes_on_and_is_made_again_from_there(
    folder_and_home: tuple[Path, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = folder_and_home
    whole = a_run(folder, Home(folder / "home"), NIGHTS[-1]).rows("reconcile", "child")
    retain(home, "--carry-out")
    run = a_run(folder, home, NIGHTS[-1] + timedelta(days=1))
    run_night(run, (*TRACKER, *ASSUMED))
    assert {row["person_id"] for row in whole} <= {row["person_id"] for row in run.rows("reconcile", "child")}
    assert main(["rebuild", "--home", str(home.root)]) == 0
    assert "Nights up to 2022-03-31 are taken as they are kept" in capsys.readouterr().out
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_of_what_partners_hold_a_thinned_night_keeps_what_it_brought_and_no_sheet_for_telling_by_hand(
    folder_and_home: tuple[Path, Home],
) -> None:
    folder, home = folder_and_home
    night = date(2022, 3, 29)
    export = home.run(night).stage("export")
    (export / "by_hand").mkdir(exist_ok=True)
    (export / "by_hand" / "force_22_20220329.html").write_text("<p>A child</p>")
    sealed.seal_again(home.run(night), "export", "test")
    a_run(folder, home, night).write_down_seals(("export",))
    before = a_run(folder, home, night).rows("export", "holding")
    retain(home, "--carry-out")
    run = a_run(folder, home, night)
    brought = {(row["recipient"], row["record_ref"]) for row in run.rows("export", "disclosure")}
    lists = {row["recipient"] for row in run.rows("export", "outgoing") if row["kind"] == "FULL"}
    after = run.rows("export", "holding")
    assert len(after) < len(before)
    kept = [row for row in before if row["recipient"] in lists or (row["recipient"], row["record_ref"]) in brought]
    assert after == kept
    assert not (export / "by_hand").exists()
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_what_landed_on_a_thinned_night_reads_the_same_but_for_the_list_of_all_keys(
    folder_and_home: tuple[Path, Home],
) -> None:
    folder, home = folder_and_home
    night = date(2022, 3, 29)
    whole, thinned = (a_run(folder, one, night) for one in (Home(folder / "home"), home))
    retain(home, "--carry-out")
    names = set(sealed.tables(whole.folder, "land")) - {"landed_key"}
    assert [name for name in sorted(names) if not thinned.read("land", name).equals(whole.read("land", name))] == []
    assert set(sealed.tables(thinned.folder, "land")) == {name for name in names if whole.rows("land", name)}


def test_of_corrections_a_thinned_night_keeps_those_that_it_asked_for(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    night = date(2022, 3, 29)
    run, path = a_run(folder, home, night), home.run(night).stage("export") / "notice.parquet"
    given = dict.fromkeys(contract("notice").names, "1") | {"kind": "MOVED", "action": "UPDATE", "fields": []}
    asked = [{**given, "notice_id": str(on), "issued_on": on, "ack_due": on} for on in (FIRST, night)]
    sealed.put(path, contract("notice").table_of(asked))
    sealed.seal_again(run.folder, "export", "test")
    run.write_down_seals(("export",))
    retain(home, "--carry-out")
    assert [row["issued_on"] for row in a_run(folder, home, night).rows("export", "notice")] == [night]


@pytest.mark.parametrize("stage", ["land", "export"])
def test_a_night_that_was_changed_since_it_was_sealed_is_not_thinned(
    folder_and_home: tuple[Path, Home], stage: str
) -> None:
    _, home = folder_and_home
    night = home.run(date(2022, 3, 29))
    (night.stage(stage) / "more").write_text("what nobody sealed")
    assert retain(home, "--carry-out") == 2
    assert not night.thinned.exists()


@pytest.mark.parametrize("recipient", ["pnd", "btp", "share_city"])
@pytest.mark.parametrize("fallen", [NIGHTS[:1], NIGHTS[1:2], NIGHTS[2:3], NIGHTS[3:4], NIGHTS[2:], NIGHTS[1:]])
def test_where_files_fall_later_what_a_partner_holds_is_the_same_by_thinned_nights(
    folder_and_home: tuple[Path, Home], recipient: str, fallen: list[date]
) -> None:
    folder, home = folder_and_home
    box = Outbox(a_run(folder, home, NIGHTS[-1]).register)
    with box.writing() as connection:
        for night in fallen:
            box.move(connection, box.of_night(night.isoformat(), recipient), REJECTED, recipient)
    expect_the_same_once_thinned(folder, home)


def test_where_no_file_came_since_a_night_that_is_thinned_what_a_partner_holds_is_the_same(tmp_path: Path) -> None:
    make_force(tmp_path / "force", seed=5, children=40, start=date(2021, 10, 1), end=date(2022, 4, 30))
    home = Home(tmp_path / "home")
    home.root.mkdir()
    (home.root / "site.yml").write_text("nights_whole_days: 1\n")
    for night in NIGHTS:
        came = ASSUMED if night <= date(2022, 3, 29) else ("export", "report")
        run_night(a_run(tmp_path, home, night), (*TRACKER, *came))
    expect_the_same_once_thinned(tmp_path, home)


def expect_the_same_once_thinned(folder: Path, home: Home, morrow: date = NIGHTS[-1] + timedelta(days=1)) -> None:
    thinned = Home(home.root.with_name("thinned"))
    shutil.copytree(home.root, thinned.root)
    assert retain(thinned, "--carry-out") == 0
    assert thinned.run(date(2022, 3, 29)).thinned.is_file()
    by_whole, by_thinned = (holdings.earlier(a_run(folder, one, morrow)) for one in (home, thinned))
    assert by_whole.holding
    assert by_thinned == by_whole


def test_a_night_of_an_earlier_version_thins_out_too(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    night = date(2022, 3, 29)
    path = home.run(night).stage("export") / "sequence.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["is_full", "again"]), path)  # as before they were in the contract
    sealed.seal_again(home.run(night), "export", "test")
    a_run(folder, home, night).write_down_seals(("export",))
    assert retain(home, "--carry-out") == 0
    assert home.run(night).thinned.is_file()


def test_of_the_index_of_linkage_only_what_the_last_night_goes_on_with_is_kept(
    folder_and_home: tuple[Path, Home],
) -> None:
    _, home = folder_and_home
    listed = json.loads((home.run(NIGHTS[-1]).index / "INDEX.json").read_text())["nights"]
    retain(home, "--carry-out")
    kept = {night.isoformat() for night in NIGHTS if home.run(night).index.is_dir()}
    assert kept == {NIGHTS[-1].isoformat()} | listed.keys() - {"2022-03-29", "2022-03-30"}


@pytest.mark.parametrize("where", ["_seal_again", "_write_down_what_went"])
def test_a_thinning_that_was_killed_before_it_wrote_down_what_went_is_ended_by_the_next(
    folder_and_home: tuple[Path, Home], monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    _, home = folder_and_home
    with monkeypatch.context() as killed:
        killed.setattr(retaining, where, lambda *_: 1 / 0)
        assert retain(home, "--carry-out") == 2
    assert main(["audit", "--verify", "--home", str(home.root)]) == 1
    assert retain(home, "--carry-out") == 0
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_each_thinned_night_is_in_the_log(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    retain(home, "--carry-out")
    log = entries(a_run(folder, home, NIGHTS[-1]).register, operation="ERASURE")
    thinned = [row["run"] for row in log if "thinned out" in row["detail"]]
    assert thinned == ["2022-03-29", "2022-03-30"]


def test_clear_text_goes_once_all_of_it_was_acknowledged_and_not_before(folder_and_home: tuple[Path, Home]) -> None:
    folder, home = folder_and_home
    run = a_run(folder, home, FIRST)
    clear = home.run(FIRST).stage("export") / "pnd"
    assert len(list(clear.iterdir())) > 1
    retain(home, "--carry-out")
    assert list(clear.iterdir())
    box = Outbox(run.register)
    with box.writing() as connection:
        box.move(connection, box.of_night(FIRST.isoformat(), "pnd"), ACKNOWLEDGED, "pnd")
    retain(home, "--carry-out")
    assert not list(clear.glob("*"))
    assert list((home.run(FIRST).stage("export")).glob("*.parquet"))
    assert main(["tracker", "--home", str(home.root), "--as-of", FIRST.isoformat()]) == 0


def test_clear_text_that_a_kill_took_away_before_the_night_was_sealed_again_is_let_go_of_to_the_end(
    folder_and_home: tuple[Path, Home],
) -> None:
    folder, home = folder_and_home
    run, box = a_run(folder, home, FIRST), Outbox(a_run(folder, home, FIRST).register)
    with box.writing() as connection:
        box.move(connection, box.of_night(FIRST.isoformat(), "pnd"), ACKNOWLEDGED, "pnd")
    for path in (run.folder.stage("export") / "pnd").iterdir():
        path.unlink()
    assert main(["audit", "--verify", "--home", str(home.root)]) == 1
    retain(home, "--carry-out")
    assert main(["audit", "--verify", "--home", str(home.root)]) == 0


def test_who_is_due_for_review_is_listed_with_the_group_and_looked_at(
    folder_and_home: tuple[Path, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = folder_and_home
    assert retain(home) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows
    assert {row["group"] for row in rows} == {"4"}
    assert {row["state"] for row in rows} <= {"DUE", "OVERDUE"}
    looked = entries(a_run(folder, home, NIGHTS[-1]).register, operation="CONSULTATION")
    assert {row["person_id"] for row in rows} <= {row["person_id"] for row in looked}


def test_whoever_a_record_names_is_due_for_review_with_an_entry_or_without(
    folder_and_home: tuple[Path, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = folder_and_home
    run = a_run(folder, home, NIGHTS[-1])
    entered = {row["person_id"] for row in run.rows("reconcile", "child")}
    last_seen = {row["mention_key"]: row["recorded_on"] for row in run.rows("normalise", "mention")}
    records: dict[str, list[date]] = {}
    for row in run.rows("link", "person"):
        records.setdefault(row["person_id"], []).append(last_seen[row["mention_key"]])
    assert len(records) > len(entered)
    assert retain(home) == 0
    rows = {row["person_id"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert rows.keys() == records.keys()
    others = records.keys() - entered
    assert {rows[one]["due"] for one in others} == {max(records[one]).isoformat() for one in others}
    assert {rows[one]["tracker_id"] for one in others} == {""}


def test_somebody_without_an_entry_whose_record_was_reviewed_is_due_on_the_day_that_was_decided(
    folder_and_home: tuple[Path, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = folder_and_home
    run = a_run(folder, home, NIGHTS[-1])
    entered = {row["person_id"] for row in run.rows("reconcile", "child")}
    one, other = [row for row in run.rows("link", "person") if row["person_id"] not in entered][:2]
    given = {"action": "REVIEWED", "value": "2099-01-01", "origin": "screen"}
    reviewed = [
        {**given, "mention_key": row["mention_key"], "person_id": row["person_id"], "reason_code": outcome}
        for row, outcome in ((one, "RETAIN"), (other, "ERASE"))
    ]
    answers.record(run.register, reviewed, "The records manager", datetime(2022, 4, 2, 12, tzinfo=UTC))
    run_night(a_run(folder, home, NIGHTS[-1] + timedelta(days=1)), TRACKER)
    assert retain(home) == 0
    rows = {row["person_id"]: row for row in csv.DictReader(io.StringIO(capsys.readouterr().out))}
    assert one["person_id"] not in rows
    assert (rows[other["person_id"]]["outcome"], rows[other["person_id"]]["due"]) == ("ERASE", "2099-01-01")


def test_whom_a_review_decided_to_erase_is_listed_until_it_is_done(
    folder_and_home: tuple[Path, Home], capsys: pytest.CaptureFixture[str]
) -> None:
    folder, home = folder_and_home
    child = a_run(folder, home, NIGHTS[-1]).rows("reconcile", "child")[0]
    given = {"action": "REVIEWED", "mention_key": child["mention_keys"][0], "person_id": child["person_id"]}
    given |= {"value": "2099-01-01", "reason_code": "ERASE", "origin": "screen"}
    at = datetime(2022, 4, 2, 12, tzinfo=UTC)
    answers.record(a_run(folder, home, NIGHTS[-1]).register, [given], "The records manager", at)
    run_night(a_run(folder, home, NIGHTS[-1] + timedelta(days=1)), TRACKER)
    assert retain(home) == 0
    shown = capsys.readouterr()
    rows = {row["person_id"]: row for row in csv.DictReader(io.StringIO(shown.out))}
    assert rows[child["person_id"]]["outcome"] == "ERASE"
    assert rows[child["person_id"]]["due"] == "2099-01-01"
    assert "1 to be erased as a review decided" in shown.err
