"""The suites that an engineer reads judge as the gate does."""

from typing import Any

import pytest

from expectations import contracts, gate, rulebook, suites
from expectations.contracts import contract
from expectations.site import load
from tests.validate import nights
from tests.validate.nights import AS_OF

pytestmark = pytest.mark.filterwarnings("ignore")  # of what Great Expectations and pandas say about each other

WRONG = {
    "child": {"state": "OPEN", "tracker_id": "CLVT-7", "age": 130, "removal_reason": "AGED_OUT"},
    "mention": {"gender": "male", "date_of_birth": None, "birth_year": 1804, "postcode": "here"},
    "report": {"grade": "9ZQ", "version": 0, "handling": "C", "handling_conditions": None},
    "review": {"is_open": True, "answered_on": AS_OF},
}


def broken_by_great_expectations(table: str, rows: list[dict[str, Any]]) -> set[str]:
    """The rules of a table's suite that Great Expectations itself finds broken."""
    gx = suites._great_expectations()
    written = rulebook.suite_of(contract(table))
    suite = gx.ExpectationSuite(name=written["name"], expectations=written["expectations"])
    asking = suites.of_frame(nights.nullable(table, rows).to_pandas())
    results = asking.graph_validate(suite.expectation_configurations)
    assert not any(result.exception_info.get("raised_exception") for result in results)
    return {result.expectation_config.meta["rule"] for result in results if not result.success}


def broken_by_the_gate(table: str, rows: list[dict[str, Any]]) -> set[str]:
    agreed = {each["meta"]["rule"] for each in rulebook.suite_of(contract(table))["expectations"]}
    check = gate.validate({table: nights.nullable(table, rows)}, AS_OF, load()).to_pylist()
    return {row["rule"] for row in check if row["table"] == table and not row["passed"] and row["rule"] in agreed}


@pytest.mark.parametrize("table", WRONG)
def test_a_suite_of_great_expectations_finds_what_the_gate_finds(table: str) -> None:
    sound = nights.rows()[table]
    assert broken_by_great_expectations(table, sound) == broken_by_the_gate(table, sound) == set()
    wrong = [*sound, {**sound[0], **WRONG[table]}]
    found = broken_by_great_expectations(table, wrong)
    assert found == broken_by_the_gate(table, wrong)
    assert len(found) > 1


@pytest.mark.parametrize("table", contracts.tables())
def test_every_rule_of_a_contract_stands_in_the_suite_of_its_name_with_its_sentence(table: str) -> None:
    suite = rulebook.suite_of(contract(table))
    check = gate.validate({table: contract(table).table_of([])}, AS_OF, load()).to_pylist()
    own = {row["rule"]: row["sentence"] for row in check if row["table"] == table}
    assert suite["name"] == table
    for each in suite["expectations"]:
        assert own[each["meta"]["rule"]] == each["meta"]["sentence"]
    assert {raw["rule"] for raw in contract(table).rules} <= {each["meta"]["rule"] for each in suite["expectations"]}
