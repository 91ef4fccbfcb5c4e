"""`clvt status` and `clvt rehearse`: is everything well, and what would leave?"""

import json
import shutil
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from clvt.command import main
from clvt.rehearse import rehearse
from clvt.replay import endpoint, replay, sources
from clvt.status import status
from connectors.delivery.outbox import (
    ACKNOWLEDGED,
    DELIVERED,
    PREPARED,
    SENDING,
    WITHDRAWAL,
    WITHDRAWN,
    Outbox,
    deliveries,
)
from connectors.register.proof import row_proof
from connectors.store import sealed
from connectors.store.paths import STAGES, Home
from demo.synth import make_force
from night.failures import MayNotRun
from night.live import is_live
from night.night import stage
from night.person import person_of
from night.run import Run
from tests.custody.test_as_sealed import CHANGED, change
from tests.deliver.nights import recipient
from tests.postgres import cluster
from tests.pull.force import Force
from tests.report.test_page import said

LAST = date(2022, 2, 12)
MORNING = datetime(2022, 2, 12, 8, tzinfo=ZoneInfo("Europe/London"))


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("status") / "force"
    make_force(folder, seed=3, children=6, start=date(2022, 1, 1), end=date(2022, 3, 1))
    return folder


@pytest.fixture(scope="module")
def replayed(scenario: Path) -> Home:
    home = Home(scenario.parent / "home")
    replay(home, scenario, LAST - timedelta(days=1), LAST, None, deliver=False)
    return home


@pytest.fixture
def home(replayed: Home, tmp_path: Path) -> Home:
    copy = Home(tmp_path / "home")
    shutil.copytree(replayed.root, copy.root)
    for night in copy.nights():
        Run(night, copy).writer("deliver").seal({}, replaceable=True)
    return copy


def unwell(home: Home, now: datetime = MORNING) -> dict[str, object]:
    found = status(Run(now.date(), home, today=now.date()), now)
    return {one.what: one.found for one in found if not one.is_well and "clocks" not in one.what}


def test_a_night_of_today_that_ended_is_well(home: Home) -> None:
    assert unwell(home) == {}


@pytest.mark.parametrize(("hours", "is_well"), [(2.9, True), (3.1, False), (50, False)])
def test_a_night_that_did_not_come_in_time_is_told(home: Home, hours: float, is_well: bool) -> None:
    midnight = datetime(2022, 2, 13, tzinfo=ZoneInfo("Europe/London"))
    assert ("age_hours" not in unwell(home, midnight + timedelta(hours=hours))) is is_well


def test_a_published_night_that_is_yet_to_come_is_told_as_after_a_clock_that_was_wrong(home: Home) -> None:
    assert "age_hours" in unwell(home, MORNING - timedelta(days=1))


@pytest.mark.parametrize("name", STAGES[STAGES.index("validate") + 1 : -1])
def test_a_stage_of_the_last_night_that_left_no_seal_is_told(home: Home, name: str) -> None:
    shutil.rmtree(home.run(LAST).stage(name))
    found = unwell(home)
    assert name in str(found[f"{LAST}_stages_without_a_seal"])
    assert f"{name} has no seal" in str(found[f"{LAST}_failure"])


@pytest.mark.parametrize("answers", [True, False])
def test_a_file_that_was_taken_back_is_told_until_nothing_is_left_to_do(home: Home, answers: bool) -> None:
    run, night = Run(LAST, home), str(LAST - timedelta(days=1))
    box = Outbox(run.register)
    step = next(one for one in box.of_night(night) if one.state == DELIVERED)
    contract = recipient(step.outgoing.recipient, receipts="receipts" if answers else "")
    home.recipients.mkdir()
    (home.recipients / f"{contract.name}.yml").write_text(json.dumps(contract.raw, default=str))
    notice = replace(step.outgoing, delivery_id="n" * 64, kind=WITHDRAWAL, supersedes=step.outgoing.remote_name)
    with box.writing() as connection:
        box.move(connection, [step], WITHDRAWN, "sergeant", "the wrong child")
        box.enter(connection, [notice], "sergeant")
    what, seen = f"withdrawn_{step.outgoing.remote_name}", []
    for state in (PREPARED, SENDING, DELIVERED, ACKNOWLEDGED):
        if state != PREPARED:
            with box.writing() as connection:
                box.move(connection, [one for one in box.of_night(night) if one.outgoing == notice], state, "x")
        seen.append(str(unwell(home).get(what, "")).partition(":")[0])
    asked, acknowledged = "its recipient was not asked yet to delete it", "its recipient has not acknowledged that it"
    assert seen == [asked, asked, f"{acknowledged} is deleted" if answers else "", ""]
    (found,) = [one for one in status(run, MORNING) if one.what == what]
    assert found.found.startswith("the next night sends its records again")


def test_a_night_that_was_begun_after_the_last_published_one_and_did_not_end_is_told(home: Home) -> None:
    night = LAST + timedelta(days=1)
    Run(night, home).writer("pull").seal({}, replaceable=True)
    assert f"{night}_stages_without_a_seal" in unwell(home)


def test_a_table_of_the_last_night_that_was_changed_with_its_seal_is_told(home: Home) -> None:
    change(Run(LAST, home), "reconcile", "spell", added_on=LAST)
    assert f"Stage reconcile of {LAST} {CHANGED}" in str(unwell(home)["not_as_sealed"])


def test_a_home_without_a_night_is_not_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--home", str(tmp_path / "new"), "--json"]) == 1
    rows = {row["what"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["last_published_night"]["is_well"] == "false"


def test_a_rehearsal_makes_a_whole_night_and_changes_nothing(home: Home, scenario: Path) -> None:
    given = sources(scenario)
    given["partner_inbox"] = replace(given["partner_inbox"], extra={**given["partner_inbox"].extra, "taken": "taken"})
    before = sealed.hashes(home.runs), home.register.read_bytes(), sorted(scenario.rglob("*"))
    made = rehearse(home, LAST + timedelta(days=1), lambda name: endpoint(given, name))
    assert (sealed.hashes(home.runs), home.register.read_bytes(), sorted(scenario.rglob("*"))) == before
    assert made.report.is_file()
    assert home.nights()[-1] == LAST


def test_what_would_have_left_is_counted_by_recipient(home: Home, scenario: Path) -> None:
    given = sources(scenario)
    left = {row["recipient"] for row in Run(LAST, home).rows("export", "outgoing")}
    made = rehearse(home, LAST, lambda name: endpoint(given, name))
    assert {row["recipient"] for row in made.rows if row["files"]} == left
    assert {row["recipient"] for row in made.rows} == set(Run(LAST, home).contracts())
    assert all(bool(row["files"]) is not bool(row["why_nothing"]) for row in made.rows)
    why = {row["recipient"]: row["why_nothing"] for row in made.rows}
    assert why["neighbourhood_ashfield"] == "Not due: its next day is Monday 2022-02-14."


@pytest.mark.postgres
def test_a_home_whose_register_is_on_postgresql_is_rehearsed(
    scenario: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, home = sources(scenario), Home(tmp_path / "home")
    with cluster() as url:
        monkeypatch.setenv("CLVT_REGISTER", url)
        replay(home, scenario, LAST, LAST, None, deliver=False)
        made = rehearse(home, LAST + timedelta(days=1), lambda name: endpoint(given, name))
        with Run(LAST, home).register.connect() as held, made.run.register.connect() as copied:
            assert set(held.execute(sa.select(row_proof))) <= set(copied.execute(sa.select(row_proof)))


def test_a_night_that_is_yet_to_come_is_not_rehearsed(home: Home, tmp_path: Path) -> None:
    with pytest.raises(MayNotRun, match="is after today"):
        rehearse(home, date(2041, 1, 1))


def test_before_a_home_is_live_nothing_reaches_a_real_partner(tmp_path: Path, scenario: Path) -> None:
    force = Force(tmp_path / "force")
    force.report()
    run = force.night("2022-03-02")
    partner = recipient("mash")
    assert not is_live(run, partner)
    for since, expected in ((date(2022, 3, 3), False), (date(2022, 3, 2), True)):
        live = replace(run)
        object.__setattr__(live, "site", replace(run.site, live_from=since))
        assert is_live(live, partner) is expected
    for name in STAGES[:-1]:
        stage(name)(run)
    assert run.rows("export", "outgoing")
    assert deliveries(run.register) == []
    stage("report")(run)
    assert "Nothing was sent in the last" in said((run.folder.stage("report") / "report.html").read_bytes())
    (child,) = run.rows("reconcile", "child")
    assert person_of(run, child["person_id"]).disclosures == []
