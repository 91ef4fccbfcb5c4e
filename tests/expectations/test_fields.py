"""A field is one entry: what reads it, what decides it, who sees it and who hears of it come from the catalogue."""

import pytest

from expectations import record
from expectations.contracts import contract
from expectations.fields import FACTS, FIELDS
from transforms.normalise.people import ALONE, TOGETHER
from transforms.reconcile.facts import RULES
from transforms.report.wording import field_label

# Columns of `mention` that are about the record, or are made only to compare by.
OF_THE_RECORD = {
    *("mention_key", "source", "record_ref", "version", "stamp", "first_stamp", "recorded_on", "first_landed_on"),
    *("landed_on", "withdrawn", "grade", "warnings", "dob_precision"),
    *("given_key", "first_key", "root_key", "surname_key", "alias_key", "address_key", "outward_code"),
}
# Columns of `child` that are the tracker's own, or worked out from a field.
OF_THE_ENTRY = {
    *("person_id", "tracker_id", "state", "status", "identified_on", "proposed_on", "added_on", "removed_on"),
    *("removal_reason", "declined_on", "age", "attains_18_on", "age_presumed", "panel", "restricted", "disputed"),
    *("consent", "consent_on", "parents", "themes"),
    *("concern", "concern_urgency", "concern_on", "moved_to_authority", "moved_to_force", "review_outcome"),
    *("next_review_on", "nrm_submitted_on", "report_count", "last_seen_on", "mention_keys"),
}


def test_everything_that_a_record_says_of_a_person_is_a_field_and_nothing_is_held_that_is_none() -> None:
    said = set(contract("mention").names) - OF_THE_RECORD
    assert said == {name for name, field in FIELDS.items() if field.access} | {"line_ref"}


def test_everything_that_stands_for_a_child_is_a_field() -> None:
    assert set(contract("child").names) - OF_THE_ENTRY <= set(FIELDS)
    assert set(FACTS) <= set(contract("child").names)


def test_every_word_of_the_catalogue_has_its_reader_and_its_rule_and_none_is_without_a_word() -> None:
    assert {field.read for field in FIELDS.values() if field.read} == {*ALONE, *TOGETHER}
    assert {word for field in FIELDS.values() for word in field.survivors} == set(RULES)


def test_a_change_that_is_news_is_one_of_a_childs_columns() -> None:
    assert {name for name, field in FIELDS.items() if field.shared} <= set(contract("child").names)


def test_the_answer_to_a_request_for_access_gives_every_value_that_identifies_a_person() -> None:
    identifying = set(contract("mention").identifying) - OF_THE_RECORD
    assert identifying <= {name for name, field in FIELDS.items() if field.access}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_has_a_label_and_one_that_leaves_may_be_named_by_a_contract(name: str) -> None:
    assert field_label(name) == FIELDS[name].label
    assert (FIELDS[name].sent is not None) == (name in record.FIELDS)
