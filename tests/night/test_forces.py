"""Several forces in one installation: each is found by the list of homes, and a wrong entry stops nobody else."""

import re
from pathlib import Path

import pytest
import yaml

from clvt.checks import checks
from clvt.command import main
from connectors.endpoints import EndpointError
from connectors.store.forces import HOMES, OF_A_FORCE, Force, ListUnusable, force_named, force_of, forces
from connectors.store.paths import Home
from night.failures import MayNotRun
from night.may_run import expect_may_begin
from night.run import Run, named_register, today_in_london
from tests.sites import written

LEICS = {"force": "33", "home": "leics", "connections": "leics_"}
NOTTS = {"force": "31", "home": "notts", "connections": "notts_"}
DERBY = {"force": "30", "home": "derby", "connections": "derby_"}


@pytest.fixture
def listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A function that makes these entries the list of homes."""
    for name in ("CLVT_HOME", *OF_A_FORCE):
        monkeypatch.delenv(name, raising=False)

    def write(*entries: object) -> Path:
        path = tmp_path / "homes.yml"
        path.write_text(yaml.safe_dump({"forces": list(entries)}), encoding="utf-8")
        monkeypatch.setenv(HOMES, str(path))
        return path

    return write


def belonging(folder: Path, code: str) -> None:
    """A home that had a night of a force."""
    written(folder, code)
    Home(folder).write_force_code(code)


def refused() -> dict[str, str]:
    return {one.name: one.refusal for one in forces() if one.refusal}


def test_a_home_without_a_list_has_the_names_that_it_always_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(HOMES, raising=False)
    monkeypatch.setenv("CLVT_HOME", str(tmp_path))
    monkeypatch.setenv("CLVT_REGISTER", "sqlite://")
    (only,) = forces()
    assert (only.home, only.dag_id, only.connection("decisions")) == (Home(tmp_path), "nightly", "decisions")
    assert (only.permission("County Lines Review"), only.setting("CLVT_REGISTER")) == (
        "County Lines Review",
        "sqlite://",
    )


def test_a_setting_may_be_a_file_that_holds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "register").write_text("sqlite:///from-a-file\n")
    monkeypatch.setenv("CLVT_REGISTER_33_FILE", str(tmp_path / "register"))
    assert Force("33", Home(tmp_path)).setting("CLVT_REGISTER") == "sqlite:///from-a-file"


def test_of_several_each_has_names_of_its_own(listed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed(LEICS, NOTTS)
    monkeypatch.setenv("CLVT_REGISTER_33", "sqlite:///leics")
    leics, notts = forces()
    assert (leics.home.root, notts.home.root) == (tmp_path / "leics", tmp_path / "notts")
    assert (leics.dag_id, notts.dag_id) == ("nightly_33", "nightly_31")
    assert (leics.connection("decisions"), notts.connection("decisions")) == ("leics_decisions", "notts_decisions")
    assert leics.permission("County Lines Review") == "County Lines Review 33"
    assert (named_register(leics.home), named_register(notts.home)) == ("sqlite:///leics", "")
    assert (force_of(notts.home), force_named("31")) == (notts, notts)


def test_a_night_asks_for_the_connections_of_its_own_force(listed, tmp_path: Path) -> None:
    listed(LEICS, NOTTS)
    for name in ("leics", "notts"):
        with pytest.raises(EndpointError, match=f"Connection {name}_intelligence_db is not configured"):
            Run(today_in_london(), Home(tmp_path / name)).connection("intelligence_db")


@pytest.mark.parametrize(
    ("wrong", "name", "sentence"),
    [
        ({**DERBY, "force": "33"}, "entry_2", "force 33 has a home in another entry, .*/leics"),
        ({**DERBY, "home": "leics"}, "30", "the home .*/leics is that of force 33"),
        ({**DERBY, "home": "leics/runs"}, "30", "the home .*/leics/runs is that of force 33, .*, or in or around it"),
        ({**DERBY, "connections": "leics_"}, "30", "may be those of force 33, which begin with leics_"),
        ({**DERBY, "connections": "leics_north_"}, "30", "may be those of force 33, which begin with leics_"),
        ({**DERBY, "home": "met"}, "30", "the home .*/met belongs to force 01, not to force 30"),
        ({**DERBY, "force": 30}, "entry_2", "force must be text: write it in quotes"),
        ({**DERBY, "force": "3O"}, "entry_2", "force must be two digits in quotes"),
        ({**DERBY, "connections": "Derby"}, "30", "connections must be small letters and digits that end in _"),
        ({"force": "30", "home": "derby"}, "30", "connections is missing"),
        ({**DERBY, "register": "x"}, "30", "there is no setting register"),
        ("derby", "entry_2", "must be a block of settings"),
    ],
)
def test_a_wrong_entry_is_refused_in_a_sentence_and_alone(
    listed, tmp_path: Path, wrong, name: str, sentence: str
) -> None:
    belonging(tmp_path / "met", "01")
    path = listed(LEICS, wrong, NOTTS)
    assert list(refused()) == [name]
    assert re.search(f"^Entry 2 of {path}: .*{sentence}", refused()[name])
    assert [one.dag_id for one in forces()] == ["nightly_33", f"nightly_{name}", "nightly_31"]


def test_a_home_that_has_nights_keeps_its_place_before_a_new_entry(listed, tmp_path: Path) -> None:
    belonging(tmp_path / "leics", "33")
    listed({**DERBY, "connections": "leics_"}, LEICS)
    assert list(refused()) == ["30"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("forces: [", "this is no YAML"),
        ("- a", "there have to be settings"),
        ("forces: []", "it has to be `forces:`"),
        (None, "there is no such file"),
    ],
)
def test_a_list_that_cannot_be_read_is_refused_whole(listed, text: str | None, sentence: str) -> None:
    path = listed(LEICS)
    path.write_text(text) if text is not None else path.unlink()
    with pytest.raises(ListUnusable, match=sentence):
        forces()


@pytest.mark.parametrize("name", OF_A_FORCE)
def test_what_would_be_one_for_all_forces_is_refused(listed, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    listed(LEICS, NOTTS)
    monkeypatch.setenv(name, "anywhere")
    with pytest.raises(ListUnusable, match=rf"set {name}_<code> for each"):
        forces()


def test_no_stage_runs_in_a_home_that_the_list_refuses_or_has_for_another_force(listed, tmp_path: Path) -> None:
    written(tmp_path / "leics", "33")
    written(tmp_path / "derby", "31")
    listed(LEICS, {**DERBY, "connections": "leics_"})
    with pytest.raises(MayNotRun, match="may be those of force 33"):
        expect_may_begin(Run(today_in_london(), Home(tmp_path / "derby")))
    listed(LEICS, DERBY)
    with pytest.raises(MayNotRun, match=r"has .*/derby for force 30, but its site file names force 31"):
        expect_may_begin(Run(today_in_london(), Home(tmp_path / "derby")))


def test_check_says_what_is_wrong_with_an_entry(listed, tmp_path: Path) -> None:
    written(tmp_path / "leics", "33")
    listed(LEICS, {**DERBY, "home": "leics/inner"})
    of_site = dict(checks(Run(today_in_london(), Home(tmp_path / "leics/inner"))))["site"]
    assert "the home" in of_site[0]
    assert "is that of force 33" in of_site[0]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Several forces have a home here: CLVT_HOMES names 33, 30. Name one with --home."),
        (["--home", "43"], "There is no force 43 here: CLVT_HOMES names 33, 30."),
        (["--home", "30"], "Entry 2 of"),
        (["--home", "33"], "There is no published night in"),
    ],
)
def test_a_command_is_of_one_force(
    listed, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
) -> None:
    listed(LEICS, {**DERBY, "connections": "leics_"})
    assert main(["find", "anybody", *arguments]) == 2
    assert sentence in capsys.readouterr().err
