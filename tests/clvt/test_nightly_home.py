"""Where a night runs that is started by hand: no invented child beside a real one, and no night that must not run."""

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from clvt import connections, nightly
from clvt.command import main
from connectors.endpoints import Endpoint, EndpointError
from connectors.store import at_work
from connectors.store.paths import STAGES, Home
from expectations.site import load
from night.night import run_night
from tests.pull.force import Force
from tests.sites import written

NIGHT = date(2022, 3, 5)
PARTNER = json.dumps({"conn_type": "sftp", "host": "sftp.example.org"})


@pytest.fixture(autouse=True)
def nothing_configured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*connections.SETTINGS, "AIRFLOW_CONN_INTELLIGENCE_DB", "CLVT_HOME", "CLVT_REGISTER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(connections, "_asked", {})


def refused(home: Path, capsys: pytest.CaptureFixture[str], *more: str, command: str = "nightly") -> str:
    """What the command says, which has exit code 2 and changed nothing."""
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    assert main([command, "--home", str(home), *(more or ("--date", str(NIGHT)))]) == 2
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before
    (line,) = capsys.readouterr().err.strip().splitlines()
    return line


def a_site(home: Path) -> None:
    written(home, "33")


def a_recipient(home: Path) -> None:
    (home / "recipients").mkdir()


def a_night(home: Path) -> None:
    (home / "runs" / "2022-03-04" / "validate").mkdir(parents=True)


@pytest.mark.parametrize(
    ("made", "named"), [(a_site, "site.yml"), (a_recipient, "recipients"), (a_night, r"nights (1)")]
)
def test_no_invented_child_comes_into_a_home_that_has_anything_of_a_force(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], made, named: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    made(home)
    said = refused(home, capsys)
    assert "No source is configured (connection intelligence_db)" in said
    assert f"as it has {named}" in said


@pytest.mark.parametrize("name", ["PARTNER_PND", "PARTNER_INBOX", "OPENING_TRACKER"])
def test_no_invented_child_comes_where_any_connection_is_configured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name}", PARTNER)
    assert f"as it has connection {name.lower()}" in refused(tmp_path / "home", capsys)


def test_no_invented_child_comes_into_a_register_of_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLVT_REGISTER", "postgresql+psycopg://register@db.example.org/register")
    assert "as it has CLVT_REGISTER" in refused(tmp_path / "home", capsys)


def test_on_a_bare_machine_the_demonstration_has_a_home_of_its_own_and_goes_on_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nightly, "CHILDREN", 2)
    bare = Home(tmp_path / "data")
    home, known = nightly._home_and_sources(bare, NIGHT, None)
    assert home == bare.demonstration()
    assert set(known) >= {"intelligence_db", "partner_inbox"}
    assert not bare.runs.exists()
    (home.root / "runs" / "2022-03-05" / "validate").mkdir(parents=True)
    assert nightly._home_and_sources(home, NIGHT, None)[0] == home


def test_a_source_that_airflow_keeps_is_a_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Endpoint("intelligence_db", "sqlite", host="/srv/intel.sqlite")
    monkeypatch.setattr(connections, "_asked", {"intelligence_db": kept})
    home, known = nightly._home_and_sources(Home(tmp_path), NIGHT, None)
    assert (home, known) == (Home(tmp_path), {"intelligence_db": kept})


def test_a_scenario_is_run_with_the_site_and_the_recipients_of_its_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.recipients.mkdir(parents=True)
    written(home.root, "33", live_from=NIGHT)
    (home.recipients / "city.yml").write_text(
        "inherits: mash\ndelivery: {connection: x, fingerprint: AB, directory: in}\n"
        "each: {one: {delivery: {fingerprint: AB}}}\n"
    )
    own, _ = nightly._home_and_sources(home, NIGHT, Force(tmp_path / "scenario").folder)
    assert own.root == home.root / "scenarios" / "scenario"
    assert load(own.root / "site.yml") == replace(load(home.root / "site.yml"), live_from=None)
    assert (own.recipients / "city.yml").read_text() == (
        "inherits: mash\ndelivery:\n  directory: in\neach:\n  one:\n    delivery: {}\n"
    )


def test_a_night_that_is_yet_to_come_is_refused_before_anything_is_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    force = Force(tmp_path / "scenario")
    home = tmp_path / "home"
    said = refused(home, capsys, "--date", "2033-07-01", "--scenario", str(force.folder))
    assert said.startswith("clvt: The night of 2033-07-01 is after today")


def test_a_night_that_is_yet_to_come_invents_no_force_on_a_bare_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(tmp_path / "home", capsys, "--date", "2032-12-09")
    assert said.startswith("clvt: The night of 2032-12-09 is after today")


@pytest.mark.parametrize("first", ["2031-01-05", "2022-03-03"])
@pytest.mark.parametrize("has_nights", [False, True])
def test_a_replay_that_would_come_to_a_night_to_come_runs_none_of_its_nights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], first: str, has_nights: bool
) -> None:
    force = Force(tmp_path / "scenario")
    if has_nights:
        run_night(force.night("2022-03-02"), STAGES[:2])
    nights = ("--scenario", str(force.folder), "--from", first, "--to", "2031-01-06")
    said = refused(force.home.root, capsys, *nights, command="replay")
    assert re.match(r"clvt: The night of 20\d\d-\d\d-\d\d is after today", said)
    assert force.home.nights() == [date(2022, 3, 2)] * has_nights


@pytest.mark.parametrize("command", ["nightly", "replay"])
def test_nothing_is_tried_out_in_the_register_of_a_real_home(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("CLVT_REGISTER", f"sqlite:///{tmp_path / 'real.sqlite'}")
    monkeypatch.setenv("CLVT_REGISTER_KEY", str(tmp_path / "real.key"))
    run_night(Force(tmp_path / "real").night("2022-03-02"), STAGES[:1])
    before = (tmp_path / "real.sqlite").read_bytes()
    night = ("--date", "2022-03-02") if command == "nightly" else ("--from", "2022-03-02", "--to", "2022-03-02")
    given = ("--scenario", str(Force(tmp_path / "invented").folder), *night)
    assert "knows no night of" in refused(tmp_path / "home", capsys, *given, command=command)
    assert (tmp_path / "real.sqlite").read_bytes() == before
    assert not (tmp_path / "home" / "runs").exists()


def test_no_scenario_is_replayed_in_the_home_of_a_real_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLVT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(connections, "_asked", {"intelligence_db": Endpoint("intelligence_db", "sqlite")})
    given = ("--scenario", str(Force(tmp_path / "invented").folder), "--from", "2022-03-02", "--to", "2022-03-02")
    said = refused(tmp_path / "home", capsys, *given, command="replay")
    assert "is the home of connection intelligence_db: a scenario is tried in a folder of its own (--home)" in said


def test_a_second_command_in_the_same_home_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    force = Force(tmp_path / "scenario")
    home = tmp_path / "home"
    replay = ["replay", "--scenario", str(force.folder), "--home", str(home), "--from", "2022-03-01", "--to"]
    with at_work.only_command(Home(home)):
        assert main([*replay, "2022-03-02"]) == 2
    assert f"Another process works in {home}" in capsys.readouterr().err
    assert not (home / "runs").exists()


def test_the_home_is_the_one_that_clvt_home_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLVT_HOME", str(tmp_path / "named"))
    assert main(["tracker"]) == 2
    assert f"no published night in {tmp_path / 'named'}" in capsys.readouterr().err


def test_a_connection_that_is_nowhere_is_an_error_that_names_both_places() -> None:
    with pytest.raises(EndpointError, match="set AIRFLOW_CONN_PARTNER_X, or add it in Airflow"):
        connections.endpoint("partner_x")
