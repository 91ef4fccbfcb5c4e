"""A field is one entry: what reads it, what decides it, who sees it and who hears of it come from the catalogue."""

import pytest

from expectations import record
from expectations.contracts import contract
from expectations.fields import BIRTH, FACT, FACTS, FIELDS, ITEMS, PLACE, STATE, WEAKER
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

# How a value that was sent turns out wrong, by field: whoever holds one that does hears of it at once.
TURNS_WRONG = {
    FACT: {"given_names", "surname", "birth_year", "gender", "ethnicity", "pnc_id"},
    ITEMS: {"aliases"},
    BIRTH: {"date_of_birth"},
    STATE: {"dob_status", "policing_area", "visited_on", "toolkit_on", "nrm_outcome"},
    PLACE: {"address", "postcode", "local_authority", "telephone", "school", "placing_authority"},
    WEAKER: {"involvement"},
}
# What stands in the evidence of a same-person question.
COMPARED = {
    "given_names",
    "surname",
    "alias",
    "date_of_birth",
    "gender",
    "ethnicity",
    "address",
    "postcode",
    "telephone",
    "pnc_id",
    "school",
    "source_person_ids",
    "policing_area",
    "line_ref",
}

# By which reader a field's text becomes comparable.
READ_BY = {
    "names": {"given_names", "surname", "alias"},
    "births": {"date_of_birth", "dob_status", "birth_year"},
    "age": {"age_stated"},
    "gender": {"gender"},
    "ethnicity": {"ethnicity"},
    "address": {"address"},
    "postcode": {"postcode"},
    "authority": {"local_authority", "placing_authority"},
    "telephone": {"telephone"},
    "pnc_id": {"pnc_id"},
    "text": {"school"},
    "nominals": {"source_person_ids"},
}
# What is no news to those who hold the record: of a record alone, or of no use to them.
NO_NEWS = {
    *("alias", "birth_year", "age_stated", "source_person_ids", "home_area", "line_ref", "role"),
}
# What the answer to a request for access gives in another place: as lists, decisions and stays.
ANSWERED_ELSEWHERE = {
    *("aliases", "line_ref", "line_refs", "data_subject_category", "visited_on", "toolkit_on"),
    *("nrm_reference", "nrm_outcome"),
}

# What people read on pages and in files.
LABELS = {
    "given_names": "Given names",
    "surname": "Surname",
    "alias": "Alias",
    "aliases": "Aliases",
    "date_of_birth": "Date of birth",
    "dob_status": "How the date of birth is known",
    "birth_year": "Year of birth",
    "age_stated": "Age as stated",
    "gender": "Gender",
    "ethnicity": "Ethnicity",
    "address": "Address",
    "postcode": "Postcode",
    "local_authority": "Local authority",
    "telephone": "Telephone",
    "pnc_id": "PNC ID",
    "school": "School",
    "source_person_ids": "Record system nominals",
    "placing_authority": "Placing authority",
    "home_area": "Home area",
    "policing_area": "Policing area",
    "line_ref": "Line",
    "line_refs": "Lines",
    "role": "Role in the record",
    "involvement": "Involvement",
    "data_subject_category": "Category of person",
    "visited_on": "Visited",
    "toolkit_on": "Toolkit completed",
    "nrm_reference": "NRM reference",
    "nrm_outcome": "NRM outcome",
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


def test_each_field_is_read_by_its_reader() -> None:
    read = {word: {name for name, field in FIELDS.items() if field.read == word} for word in READ_BY}
    assert read == READ_BY


def test_a_change_is_news_but_of_what_says_nothing_to_those_who_hold_the_record() -> None:
    assert {name for name, field in FIELDS.items() if not field.shared} == NO_NEWS


def test_the_answer_to_a_request_for_access_gives_a_field_unless_it_stands_elsewhere_in_it() -> None:
    assert {name for name, field in FIELDS.items() if not field.access} == ANSWERED_ELSEWHERE


def test_how_a_date_of_birth_is_known_leaves_only_with_the_date() -> None:
    assert {name: field.sent.base for name, field in FIELDS.items() if field.sent and field.sent.base} == {
        "dob_status": "date_of_birth"
    }


def test_a_change_that_is_news_is_one_of_a_childs_columns() -> None:
    assert {name for name, field in FIELDS.items() if field.shared} <= set(contract("child").names)


def test_a_value_that_was_sent_turns_out_wrong_by_the_rule_of_its_field() -> None:
    sent = {name: field.sent.wrong for name, field in FIELDS.items() if field.sent is not None}
    assert {rule: {name for name, wrong in sent.items() if wrong == rule} for rule in TURNS_WRONG} == TURNS_WRONG
    assert set(sent.values()) == set(TURNS_WRONG)


def test_the_evidence_of_a_question_compares_what_tells_one_person_from_another() -> None:
    assert {name for name, field in FIELDS.items() if field.compared} == COMPARED


def test_the_answer_to_a_request_for_access_gives_every_value_that_identifies_a_person() -> None:
    identifying = set(contract("mention").identifying) - OF_THE_RECORD
    assert identifying <= {name for name, field in FIELDS.items() if field.access}


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_has_a_label_and_one_that_leaves_may_be_named_by_a_contract(name: str) -> None:
    assert FIELDS[name].label == field_label(name) == LABELS[name]
    assert (FIELDS[name].sent is not None) == (name in record.FIELDS)
