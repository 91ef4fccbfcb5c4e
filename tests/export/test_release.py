"""What may be told: one sentence a reason."""

from dataclasses import replace

import pytest

from tests.export.a_force import CONTRACTS, SITE, Person, known, mention, night, report
from transforms.export.release import REASONS, withheld

MASH = CONTRACTS["mash_city"]
WITH_CONDITIONS = replace(MASH, release=replace(MASH.release, conditions=("Not to be shown to the family.",)))


def conditional(**given):
    return report(grade="2BC", handling="C", **given)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        (report(), ""),
        (report(grade="3BP"), "UNRELIABLE"),
        (report(grade="2EP"), "UNRELIABLE"),
        (report(grade="2B"), "GRADE_NOT_VALID"),
        (report(grade=""), "GRADE_NOT_VALID"),
        (report(grade="B22", grade_scheme="5X5X5", handling="2"), ""),
        (report(grade="B21", grade_scheme="5X5X5", handling="1"), "HANDLING"),
        (report(grade="D22", grade_scheme="5X5X5", handling="2"), "UNRELIABLE"),
        (report(grade="E22", grade_scheme="5X5X5", handling="2"), ""),
        (report(grade="B25", grade_scheme="5X5X5", handling="5"), "CONDITIONS_MISSING"),
        (conditional(), "CONDITIONS_MISSING"),
        (conditional(handling_conditions="Ask first"), "CONDITIONS_NOT_ACCEPTED"),
        (conditional(handling_conditions="Ask first", action_code="A1"), "COVERT_A1"),
        (conditional(handling_conditions="Ask first", action_code="A3", sanitisation_code="S2"), "ORIGINATOR_APPROVAL"),
        (report(withdrawn_at=report()["updated_at"]), "WITHDRAWN"),
        (None, "REPORT_UNKNOWN"),
    ],
)
def test_intelligence_is_told_or_withheld_with_its_reason(told, reason):
    assert withheld(mention(), told, MASH, SITE) == reason


def test_conditions_are_accepted_by_their_very_wording_whatever_the_spacing():
    told = conditional(handling_conditions="not to be shown  to the family", action_code="A3", sanitisation_code="S1")
    assert withheld(mention(), told, WITH_CONDITIONS, SITE) == ""


def test_accepted_conditions_never_open_a_covert_report_nor_one_whose_originator_must_be_asked():
    wording = "Not to be shown to the family"
    covert = conditional(handling_conditions=wording, action_code="A1")
    asked = conditional(handling_conditions=wording, action_code="A3", sanitisation_code="S2")
    assert withheld(mention(), covert, WITH_CONDITIONS, SITE) == "COVERT_A1"
    assert withheld(mention(), asked, WITH_CONDITIONS, SITE) == "ORIGINATOR_APPROVAL"


def test_a_marking_above_the_contracts_is_withheld():
    assert withheld(mention(), report(), replace(MASH, marking="OFFICIAL"), SITE) == "MARKING"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (mention("btp:BTP-1", grade="2BP"), ""),
        (mention("btp:BTP-1", grade="2BC"), "CONDITIONS_MISSING"),
        (mention("btp:BTP-1"), "GRADE_NOT_VALID"),
        (mention("sca:NRM-1"), "SOURCE_NOT_ACCEPTED"),
        (mention("missing:M-1"), ""),
        (mention("missing:M-1", withdrawn=True), "WITHDRAWN"),
    ],
)
def test_other_sources_are_told_where_the_contract_accepts_them(said, reason):
    assert withheld(said, None, MASH, SITE) == reason


def test_a_fact_that_only_a_covert_report_gives_is_held_back_and_the_rest_is_told():
    covert = mention("intel:31/2022/000002#1", address="1 Sandringham Road")
    child = Person("P-1", [mention(), covert])
    hidden = conditional(ref="31/2022/000002", handling_conditions="x", action_code="A1")
    outcome = night(known(child, reports=[hidden]), "mash_city")
    assert [(row["field"], row["reason_code"]) for row in outcome.held_back] == [("address", "COVERT_A1")]
    assert not any(b"Sandringham" in content for content in outcome.files.values())
    assert any(b"Ashby" in content for content in outcome.files.values())


def test_a_fact_that_a_plain_report_gives_too_is_told():
    plainly = mention("intel:31/2022/000003#1", address="1 Sandringham Road")
    covert = mention("intel:31/2022/000002#1", address="1 Sandringham Road")
    hidden = conditional(ref="31/2022/000002", handling_conditions="x", action_code="A1")
    outcome = night(known(Person("P-1", [covert, plainly]), reports=[hidden]), "mash_city")
    assert any(b"Sandringham" in content for content in outcome.files.values())
    assert outcome.held_back == []


def test_a_child_known_from_covert_intelligence_alone_is_held_back_as_a_whole_even_with_a_missing_episode():
    child = Person("P-1", [mention(), mention("missing:M-1")])
    outcome = night(known(child, reports=[conditional(handling_conditions="x", action_code="A1")]), "mash_city")
    assert [(row["field"], row["reason_code"]) for row in outcome.held_back] == [("*", "COVERT_A1")]
    assert outcome.files == {}


def test_what_a_decision_set_may_be_told():
    child = Person("P-1", given={"date_of_birth": None})
    state = known(child)
    settled = {**state.child[0], "date_of_birth": mention()["date_of_birth"], "dob_status": "VERIFIED"}
    fact = {"person_id": "P-1", "field": "date_of_birth", "decision_id": "D1", "status": "VERIFIED"}
    facts = [*state.fact, {**state.fact[0], **fact, "mention_key": None, "supporting_mention_keys": []}]
    outcome = night(replace(state, child=[settled], fact=facts), "mash_city")
    assert any(b'"date_of_birth": "2007-03-09"' in content for content in outcome.files.values())


def test_every_reason_is_a_sentence_without_a_value():
    assert all(text[0].isupper() and text.endswith((".", ")")) for text in REASONS.values())
