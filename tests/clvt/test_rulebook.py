"""`clvt expectations`: every rule with its sentence, its severity, and how it ended last."""

import json
from pathlib import Path

import pytest

from clvt.command import main
from clvt.rulebook import rules
from connectors.store.paths import Home
from expectations.gate import GateClosed
from night.validate import validate
from tests.validate import nights
from tests.validate.test_stage import reconciled


def test_before_the_first_night_every_rule_is_listed_and_none_was_asked(tmp_path: Path) -> None:
    found = rules(Home(tmp_path))
    assert {row["last_result"] for row in found} == {"never asked"}
    assert {"child", "landed_missing", "holding"} <= {row["table"] for row in found}


def test_a_rule_that_closed_the_gate_is_shown_broken_with_how_many_keys(tmp_path: Path) -> None:
    night = nights.rows()
    night["child"][0]["panel"] = "SYVP"
    night["child"][0]["age"] = None
    run = reconciled(tmp_path, night)
    with pytest.raises(GateClosed):
        validate(run)
    found = {row["rule"]: row for row in rules(run.home, table="child")}
    assert [found["panel.of_authority"][name] for name in ("last_result", "keys", "severity", "night")] == [
        "broken",
        1,
        "blocking",
        run.as_of,
    ]
    assert found["birthday.known"]["last_result"] == "broken"
    assert found["birthday.known"]["severity"] == "warning"
    assert found["state.allowed"]["last_result"] == "held"
    assert found["state.allowed"]["expectation"] == "expect_column_values_to_be_in_set"


def test_a_suite_is_printed_in_great_expectations_own_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expectations", "spell", "--suite", "--home", str(tmp_path)]) == 0
    suite = json.loads(capsys.readouterr().out)
    assert suite["name"] == "spell"
    assert {"type", "kwargs", "meta"} == set(suite["expectations"][0])


def test_a_table_without_a_contract_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["expectations", "shoes", "--home", str(tmp_path)]) == 2
    assert "No table shoes has a contract" in capsys.readouterr().err
