"""Whoever is shown people leaves a row for each of them in the processing log (Data Protection Act 2018 s.62)."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from clvt.command import main
from clvt.operator import operator
from connectors.register.database import processing_log
from night.run import Run
from tests.report.a_home import a_home
from tests.report.a_night import AGED_OUT, ARABIC, DECLINED, MOVED, OKAFOR, OPENED, PRESUMED, PROPOSED, SCRIPTED

STRANGER = "P-0000000010"  # on nobody's list, but known
ON_THE_TRACKER = {OKAFOR, SCRIPTED, ARABIC, AGED_OUT, MOVED, PRESUMED, OPENED}

SHOWN: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "tracker": ((), ON_THE_TRACKER),
    "persons": ((), ON_THE_TRACKER | {PROPOSED, DECLINED, STRANGER}),
    "explain": (("intel:31/2022/000100#1", "intel:31/2022/000600#1"), {OKAFOR, PROPOSED}),
    "find": (("31/2022/000800",), {PRESUMED}),
    "child": ((SCRIPTED,), {SCRIPTED}),
    "pack": (("--out", "pack.pdf"), ON_THE_TRACKER | {PROPOSED, DECLINED}),
    "audit": (("--person", MOVED), {MOVED}),
    "deliveries": ((), set()),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return a_home(tmp_path_factory.mktemp("home"))


@pytest.fixture
def looked_at(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., set[str]]:
    """Run a command; the people whom the log says that this operator was shown by it."""
    monkeypatch.chdir(tmp_path)

    def look(command: str, *arguments: str) -> set[str]:
        assert main([command, "--home", str(run.home.root), *arguments]) == 0
        rows = sa.select(processing_log.c.person_id).where(
            processing_log.c.operation == "CONSULTATION",
            processing_log.c.actor == operator(),
            processing_log.c.record_ref == f"clvt {command}",
        )
        with run.register.connect() as connection:
            return set(connection.execute(rows).scalars())

    return look


@pytest.mark.parametrize("command", SHOWN)
def test_a_command_logs_whom_it_shows(command: str, looked_at) -> None:  # type: ignore[no-untyped-def]
    arguments, expected = SHOWN[command]
    assert looked_at(command, *arguments) == expected


def test_questions_log_those_whom_they_are_about(run: Run, looked_at) -> None:  # type: ignore[no-untyped-def]
    asked = {row["person_id"] for row in run.rows("reconcile", "review") if row["person_id"]}
    assert asked
    assert asked <= looked_at("reviews")


def test_refused_decisions_log_those_whom_they_name(run: Run, looked_at) -> None:  # type: ignore[no-untyped-def]
    person_of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    named = {
        person_of[row["mention_key"]] for row in run.rows("reconcile", "refusal") if row["mention_key"] in person_of
    }
    assert looked_at("refusals") >= named


def test_what_a_command_writes_is_for_its_owner_alone(run: Run, tmp_path: Path, looked_at) -> None:  # type: ignore[no-untyped-def]
    looked_at("pack", "--out", "for_the_meeting.pdf")
    assert (tmp_path / "for_the_meeting.pdf").stat().st_mode & 0o777 == 0o600
