"""Whoever is shown people leaves a row for each of them in the processing log (Data Protection Act 2018 s.62)."""

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from clvt import operator as who
from clvt.command import _parser, main
from clvt.operator import operator
from connectors.register.database import processing_log
from night.run import Run
from tests.custody.searching import texts
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


WORKLIST = "runs/2022-11-23/report/worklist.xlsx"
TYPED = {  # what is typed after each command that reads a home
    **dict.fromkeys(("tracker", "persons", "reviews", "refusals", "quarantine", "clocks", "routes", "notices"), ()),
    **dict.fromkeys(("profile", "deliveries", "expectations", "retain", "status", "check"), ()),
    **{name: arguments for name, (arguments, _) in SHOWN.items()},
    "access": (OKAFOR, "--out", "access.html"),
    "answers": (WORKLIST,),
    "full": ("btp", "--reason", "a DELTA is missing"),
}
# The log itself is read by ids alone; a search of one person's entries is a look at that person.
BY_IDS = {"audit"}
# They make or change nights and files, and log what they do; what they print is counts (tests of their own).
MAKING = {"nightly", "replay", "rebuild", "resend", "withdraw", "erase", "upgrade", "plain", "rehearse"}
OUTSIDE_A_HOME = {"link", "synth", "adopt"}


def commands() -> set[str]:
    (choice,) = [one for one in _parser()._actions if isinstance(one, argparse._SubParsersAction)]
    return set(choice.choices)


def test_each_command_is_tried_or_shows_nobody() -> None:
    assert commands() == {*TYPED, *MAKING, *OUTSIDE_A_HOME}


@pytest.mark.parametrize("command", sorted({*TYPED} - BY_IDS))
def test_whoever_is_named_on_the_terminal_or_in_a_file_is_in_the_log(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").symlink_to(run.home.runs)
    before = logged(run)
    main([command, "--home", str(run.home.root), *TYPED[command]])
    written = [path for path in tmp_path.iterdir() if path.is_file()]
    text = "\n".join([capsys.readouterr().out, *(one for path in written for one in texts("", path.read_bytes()))])
    assert named_in(run, text) - {person for _, person in logged(run)[len(before) :]} == set()


def logged(run: Run) -> list[tuple[str, str]]:
    """The consultations of this operator in order: by which command, of whom."""
    log = processing_log.c
    rows = sa.select(log.record_ref, log.person_id).where(log.operation == "CONSULTATION", log.actor == operator())
    with run.register.connect() as connection:
        return [tuple(row) for row in connection.execute(rows.order_by(log.seq))]


def named_in(run: Run, text: str) -> set[str]:
    """Everybody who is named by an id, a number on the tracker, the key of a mention or a whole name."""
    words = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    for child in run.rows("reconcile", "child"):
        words |= dict.fromkeys((child["person_id"], child["tracker_id"] or child["person_id"]), child["person_id"])
        if child["given_names"] and child["surname"]:
            words[f"{child['surname']}, {child['given_names']}"] = child["person_id"]
    plain = re.sub(r"\s+", " ", text)
    return {person for word, person in words.items() if word in plain}


def test_who_became_another_user_of_the_machine_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "inspector.morse")
    monkeypatch.setattr(who, "LOGIN", tmp_path / "loginuid")
    mine = operator()
    assert "morse" not in mine
    (tmp_path / "loginuid").write_text("54321")
    assert operator() == f"uid 54321 as {mine}"


def test_a_name_typed_in_place_of_an_id_is_kept_nowhere(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "--home", str(run.home.root), "--person", "Zebediah Canary"]) == 2
    assert "give a person id or a tracker id" in capsys.readouterr().err
    with run.register.connect() as connection:
        assert "Zebediah Canary" not in connection.execute(sa.select(processing_log.c.person_id)).scalars().all()
