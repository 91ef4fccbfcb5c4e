"""The command: one sentence and exit 2 for what is wrong, and output that programs can read."""

import csv
import io
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from clvt.command import main
from clvt.listing import show
from clvt.replay import ScenarioError, sources

WRONG = [
    [],
    ["no-such-command"],
    ["tracker", "--as-of", "23/11/2022"],
    ["tracker", "--format", "xml"],
    ["replay", "--scenario", "/nowhere", "--from", "2022-01-01"],
    ["replay", "--scenario", "/nowhere", "--from", "2022-01-01", "--to", "2022-01-02"],
    ["replay", "--scenario", "/nowhere", "--from", "2022-01-02", "--to", "2022-01-01"],
    ["synth", "/"],
    ["synth", "force", "--from", "2022-01-02", "--to", "2022-01-01"],
    ["link", "/nowhere.csv", "--out", "persons.csv"],
    ["tracker"],
    ["audit"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_wrong_argument_or_input_is_one_sentence_and_exit_2(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    said = capsys.readouterr()
    assert code == 2
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err


def test_a_folder_without_intelligence_is_no_scenario(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"no intelligence\.sqlite"):
        sources(tmp_path)


ROWS = [{"key": "a", "on": date(2022, 3, 1), "keys": ["x", "y"], "is": True, "none": None, "weight": 1.5}]


def test_rows_are_printed_as_csv(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, ("key", "on", "keys", "is", "none", "weight"), "csv")
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert row == {"key": "a", "on": "2022-03-01", "keys": "x;y", "is": "true", "none": "", "weight": "1.5"}


def test_rows_are_printed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, ("key", "keys"), "json")
    assert json.loads(capsys.readouterr().out) == [{"key": "a", "keys": "x;y"}]


def test_a_table_shows_a_hostile_name_as_text(capsys: pytest.CaptureFixture[str]) -> None:
    show([{"name": "[red]<script>=1+1"}], ("name",), "table")
    assert "[red]<script>=1+1" in capsys.readouterr().out


MENTIONS = [
    {
        "mention_key": "m1",
        "given_names": "Katie",
        "surname": "O'Connor",
        "date_of_birth": "2006-06-11",
        "pnc_id": "2017/5879870W",
    },
    {
        "mention_key": "m2",
        "given_names": "Katie",
        "surname": "OConnor",
        "date_of_birth": "2006-06-11",
        "pnc_id": "17/5879870W",
    },
    {"mention_key": "m3", "given_names": "Owen", "surname": "Sharp", "date_of_birth": "2007-01-09", "pnc_id": ""},
]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_mentions_of_a_file_are_linked(tmp_path: Path, ending: str) -> None:
    source, out, pairs = (tmp_path / f"{name}.{ending}" for name in ("mentions", "persons", "pairs"))
    frame = pd.DataFrame(MENTIONS)
    frame.to_csv(source, index=False) if ending == "csv" else frame.to_parquet(source)
    assert main(["link", str(source), "--out", str(out), "--pairs", str(pairs)]) == 0
    read = pd.read_csv if ending == "csv" else pd.read_parquet
    persons = read(out).set_index("mention_key")["person_id"]
    assert persons["m1"] == persons["m2"] != persons["m3"]
    assert list(read(pairs).columns) == ["mention_key", "other_mention_key", "match_weight", "decision", "why"]


def test_an_engine_that_does_not_exist_is_one_sentence_and_exit_2(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CLVT_LINK_ENGINE", "sparc")
    source = tmp_path / "mentions.csv"
    pd.DataFrame(MENTIONS).to_csv(source, index=False)
    link = ["link", str(source), "--out", str(tmp_path / "out.csv")]
    replay = ["replay", "--scenario", str(tmp_path), "--from", "2022-01-01", "--to", "2022-01-02"]
    for arguments in (link, replay, ["nightly"]):
        assert main(arguments) == 2
        assert capsys.readouterr().err == "clvt: CLVT_LINK_ENGINE is sparc: it has to be duckdb or spark.\n"


def test_spark_links_a_file_to_the_same_bytes(tmp_path: Path) -> None:
    source = tmp_path / "mentions.csv"
    pd.DataFrame(MENTIONS).to_csv(source, index=False)
    made = {}
    for engine in ("duckdb", "spark"):
        out, pairs = tmp_path / f"{engine}.csv", tmp_path / f"{engine}_pairs.csv"
        # A process of its own: a process has one Java, and that keeps the first cluster it was started for.
        command = [sys.executable, "-m", "clvt", "link", str(source), "--out", str(out), "--pairs", str(pairs)]
        subprocess.run(command, env={**os.environ, "CLVT_LINK_ENGINE": engine}, check=True, capture_output=True)
        made[engine] = out.read_bytes(), pairs.read_bytes()
    assert made["spark"] == made["duckdb"]


def test_a_mention_key_given_twice_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = tmp_path / "mentions.csv"
    pd.DataFrame(MENTIONS + MENTIONS[:1]).to_csv(source, index=False)
    assert main(["link", str(source), "--out", str(tmp_path / "out.csv")]) == 2
    assert "row 5 has the mention_key of an earlier row" in capsys.readouterr().err
