"""Every decision about a person can be filled in on a screen."""

import pytest

from expectations.actions import ACTIONS
from expectations.agreed import REMOVAL_REASONS
from expectations.contracts import contract
from expectations.inputs import CHOICE, HEADINGS, INPUTS
from transforms.normalise.decisions import FORMS


def test_every_word_of_form_has_its_fields() -> None:
    assert set(FORMS) <= set(INPUTS)


@pytest.mark.parametrize("name", [name for name, action in ACTIONS.items() if action.of_a_mention])
def test_no_two_fields_of_a_decision_fill_in_the_same_column(name: str) -> None:
    columns = [field.column for word in ACTIONS[name].form for field in INPUTS[word]]
    assert len(columns) == len(set(columns))
    assert set(columns) <= set(contract("decision").names)


def test_a_list_of_choices_is_never_empty() -> None:
    fields = [field for fields in INPUTS.values() for field in fields if field.kind == CHOICE]
    assert [field for field in fields if not (field.choices or field.of_the_site)] == []


def test_the_reasons_of_a_removal_are_those_of_the_contract() -> None:
    (field,) = INPUTS["removal"]
    assert set(field.choices) == set(REMOVAL_REASONS)


def test_every_decision_about_a_person_stands_under_a_heading() -> None:
    assert {action.effect for action in ACTIONS.values() if action.of_a_mention} == set(HEADINGS)
