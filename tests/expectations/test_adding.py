"""Adding one is adding one: a field, a feed, an action and a kind of question, each by its entry, go all the way."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.expectations.additions import ACTION, ADDITIONS, FEED, FIELD, QUESTION, copy_with
from tests.expectations.two_nights import POLISH, UNKNOWN

pytestmark = pytest.mark.airflow


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What two nights showed in a copy of the project that has all four."""
    copy = copy_with(tmp_path_factory.mktemp("copy"), *(edit for edits in ADDITIONS.values() for edit in edits))
    folder = tmp_path_factory.mktemp("force")
    environment = os.environ | {"PYTHONPATH": str(copy), "AIRFLOW_HOME": str(folder / "airflow"), "CLVT_REGISTER": ""}
    command = [sys.executable, "-m", "tests.expectations.two_nights", str(folder / "force")]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_what_each_takes() -> None:
    assert [Path(edit.file).suffix for edit in FEED] == [".yml"]
    assert [edit.file for edit in ACTION] == ["expectations/actions.py", "transforms/reconcile/facts.py"]
    assert [edit.file for edit in QUESTION] == ["expectations/questions.py", "transforms/reconcile/reviews.py"]
    assert [edit.file for edit in FIELD if edit.file.endswith(".py")] == ["expectations/fields.py"]
    assert all(edit.text.count("\n") == 1 for edit in (*FIELD, *ACTION))


def test_the_gate_asks_the_new_tables_rules_and_nothing_blocks(shown: dict) -> None:
    assert {"key.single", "mention_key.filled", "excluded_on.filled", "term.allowed", "term.given"} <= set(
        shown["asked_by_the_gate"]
    )
    assert "term.given" in shown["broken"]


def test_a_new_field_reaches_the_partners_file_and_nobody_is_told_what_nobody_said(shown: dict) -> None:
    assert {record["surname"]: record["language"] for record in shown["records"]} == {
        "Canarywharf": "Polish",
        "Limehouse": None,
    }


def test_a_new_field_and_a_new_feed_are_in_the_answer_to_a_request_for_access(shown: dict) -> None:
    assert "Language" in shown["access"]
    assert "Polish (police intelligence, last on 2022-03-01)" in shown["access"]
    assert "Canarywharf (a school, police intelligence, last on 2022-03-01)" in shown["access"]


def test_a_new_feeds_record_is_read_linked_and_named_on_the_persons_page(shown: dict) -> None:
    assert any("School exclusion" in shown["screens"][ref] for ref in (POLISH, UNKNOWN))


def test_a_new_kind_of_question_is_asked_in_the_report_the_worklist_and_on_the_screen(shown: dict) -> None:
    assert ["language", "SET_LANGUAGE"] in shown["reviews"]
    assert "Language to find out" in shown["report"]
    assert "Nobody has said which language the child speaks." in shown["report"]
    assert "Language to find out" in shown["worklist"]["kinds"]
    assert shown["worklist"]["choices"]["Language to find out"] == ["Speaks"]
    assert "Language to find out" in shown["screens"]["listed"]
    assert 'value="Speaks"' in shown["screens"]["question"]


def test_a_new_action_does_what_it_says_and_answers_its_question(shown: dict) -> None:
    assert shown["languages"] == ["Polish", "Welsh"]
    assert [True, ["language"]] in shown["changes"]
    assert "Language to find out" not in shown["next_report"]


def test_all_four_are_on_the_page_of_the_person(shown: dict) -> None:
    known, unknown = shown["screens"][POLISH], shown["screens"][UNKNOWN]
    assert "Polish" in known
    assert "School exclusion" in known
    assert "Elm Academy" in known
    assert 'decide/SET_LANGUAGE">Correct this' in known
    assert "Welsh" in unknown
    assert "Language set" in unknown
    assert "Nobody has said which language the child speaks." not in unknown
