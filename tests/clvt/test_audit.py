"""`clvt audit --verify`: what proves the register whole, and what is said where nothing could prove it."""

import json
import os
import pwd
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from clvt.command import main
from clvt.operator import acting, operator
from connectors.register.database import LogEntry, log, writing
from connectors.store.paths import Home
from night.run import Run
from tests.register.tampering import change

NIGHT = date(2023, 3, 9)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A home whose register has seven entries, all anchored."""
    made = Run(NIGHT, Home(tmp_path))
    made.home.runs.mkdir()
    with writing(made.register) as connection:
        log(connection, [LogEntry("COLLECTION", "pipeline", f"intel:47/2023/{n}") for n in range(7)])
    made.anchor()
    return made


def verify(run: Run) -> int:
    return main(["audit", "--verify", "--home", str(run.home.root)])


def test_a_whole_register_is_proved_with_what_to_write_down(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(run) == 0
    assert "whole: 7 entries, anchored up to 7 (" in capsys.readouterr().out


def test_an_end_that_was_cut_off_is_found(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    change(run.register, "DELETE FROM processing_log WHERE seq > 5", "DELETE FROM row_proof")
    assert verify(run) == 1
    assert "its end is lost" in capsys.readouterr().err


def test_a_home_that_is_none_proves_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--verify", "--home", str(tmp_path / "elsewhere")]) == 1
    assert "is no data home, so nothing was checked" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_anchors_nothing_is_proved(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for path in run.home.anchors.iterdir():
        path.unlink()
    assert verify(run) == 1
    assert "There are no anchors in" in capsys.readouterr().err


def test_without_the_key_nothing_is_proved(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run.home.register_key.unlink()
    assert verify(run) == 1
    assert "put it back from the force's safe" in capsys.readouterr().err


def test_the_second_place_has_to_agree_too(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLVT_ANCHORS", str(tmp_path / "second"))
    assert verify(run) == 1
    assert f"There are no anchors in {tmp_path / 'second'}" in capsys.readouterr().err
    run.anchor()
    assert verify(run) == 0
    change(run.register, "DELETE FROM processing_log WHERE seq > 2", "DELETE FROM row_proof")
    for path in run.home.anchors.iterdir():
        path.write_text(json.dumps({"seq": 2, "hash": _hash(run, 2)}) + "\n")
    assert verify(run) == 1
    assert "its end is lost" in capsys.readouterr().err


def _hash(run: Run, seq: int) -> str:
    with run.register.connect() as connection:
        return str(connection.execute(sa.text(f"SELECT hash FROM processing_log WHERE seq = {seq}")).scalar_one())


@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_who_typed_a_command_is_not_taken_from_the_environment(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "chief.constable")
    assert operator() == pwd.getpwuid(os.getuid()).pw_name


def test_who_acts_for_somebody_else_is_kept_beside_them() -> None:
    assert acting("Sergeant Okafor") == f"Sergeant Okafor (typed by {operator()})"
    assert acting(None) == operator()
