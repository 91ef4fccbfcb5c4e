"""Of whom a recipient may hear."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from expectations.recipients import Agreement
from tests.export.a_force import CONTRACTS, TONIGHT, Person, after, mention, night, tables_of
from transforms.export.drops import Earlier, drops
from transforms.export.population import outside


def child(**given):
    return Person("P-1", given=given)


def told(person, name="mash_city", as_of=TONIGHT):
    """The operations that a recipient's first drop holds."""
    outcome = night(tables_of(person, as_of=as_of), name, full=(name,))
    return [row["operation"] for row in outcome.disclosure][:1]


NARROWED = [
    # what a contract asks besides, what is known of the child, and why the child is not of its population
    ({"days_to_18": 30}, {"attains_18_on": TONIGHT + timedelta(days=30)}, ""),
    ({"days_to_18": 30}, {"attains_18_on": TONIGHT + timedelta(days=31)}, "OTHER_STATUS"),
    ({"days_to_18": 30}, {"attains_18_on": None}, "OTHER_STATUS"),
    ({"themes_any": ("WEAPON",)}, {"themes": ["ROBBERY", "WEAPON"]}, ""),
    ({"themes_any": ("WEAPON",)}, {"themes": ["ROBBERY"]}, "OTHER_STATUS"),
    ({"themes_any": ("WEAPON",)}, {"themes": None}, "OTHER_STATUS"),
]


@pytest.mark.parametrize(("asked", "given", "code"), NARROWED)
def test_a_contract_about_a_near_birthday_or_a_theme_is_of_the_children_who_have_it(asked, given, code):
    contract = CONTRACTS["share_city"]
    narrowed = replace(contract, population=replace(contract.population, **asked))
    state = tables_of(Person("P-1", given=given))
    assert outside(state, narrowed, state.child[0]) == code


@pytest.mark.parametrize("state", ["PROPOSED", "OPEN", "VULNERABLE"])
def test_a_referral_does_not_wait_for_the_meeting(state):
    assert told(child(state=state)) == ["CREATE"]


@pytest.mark.parametrize("state", ["HELD", "DECLINED", "REMOVED"])
def test_nobody_hears_of_a_child_who_is_held_declined_or_removed_and_was_never_shared(state):
    assert told(child(state=state)) == []


def test_the_tracker_share_holds_ratified_children_only():
    assert told(child(state="PROPOSED"), "share_city") == []
    assert told(child(state="VULNERABLE", status="VULNERABLE"), "share_city") == ["CREATE"]


def test_a_child_who_is_not_identified_is_not_referred():
    assert told(child(state="PROPOSED", identified_on=None)) == []


OUTSIDE = [
    # a recipient, what is different of a child's row, and why the child is none of those of whom the contract speaks
    ("mash_city", {}, ""),
    ("mash_city", {"state": "PROPOSED"}, ""),
    ("mash_city", {"state": "HELD"}, "NOT_IDENTIFIED"),
    ("pnd", {}, ""),
    ("pnd", {"state": "PROPOSED"}, ""),
    ("pnd", {"state": "VULNERABLE"}, ""),
    ("pnd", {"state": "HELD"}, "NOT_IDENTIFIED"),
    ("pnd", {"identified_on": None}, "NOT_IDENTIFIED"),
    ("pnd", {"state": "DECLINED"}, "DECLINED"),
    ("pnd", {"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, "REMOVED"),
    ("pnd", {"state": "REMOVED", "removal_reason": "MOVED_AREA"}, "MOVED"),
    ("share_city", {"state": "PROPOSED"}, "NOT_RATIFIED"),
    ("share_city", {"identified_on": None}, ""),
    ("share_city", {"local_authority": "COUNTY"}, "MOVED"),
    ("share_city", {"local_authority": None}, "NO_ROUTE"),
    ("ccep", {"panel": "SYVP"}, "MOVED"),
    ("focused_deterrence", {"status": "VULNERABLE"}, ""),
    ("focused_deterrence", {"status": "ESCALATED"}, "OTHER_STATUS"),
    ("sca", {}, ""),
    ("sca", {"nrm_submitted_on": date(2022, 6, 1)}, "ALREADY_REFERRED"),
    ("sca", {"nrm_reference": "N-1"}, "ALREADY_REFERRED"),
    ("sca", {"mention_keys": ["sca:N-1"]}, "ALREADY_REFERRED"),
    ("sca", {"mention_keys": ["sca:N-2"]}, ""),
    ("pnd", {"nrm_reference": "N-1"}, ""),
]


@pytest.mark.parametrize(("name", "given", "code"), OUTSIDE)
def test_a_child_is_outside_a_contract_by_the_first_rule_that_holds(name, given, code):
    state = tables_of(child(**given), sca_referral=[{"mention_key": "sca:N-1"}])
    assert outside(state, CONTRACTS[name], state.child[0]) == code


@pytest.mark.parametrize(
    ("name", "given", "held_back"),
    [
        ("pnd", {"state": "HELD"}, []),
        ("pnd", {"state": "DECLINED"}, []),
        ("pnd", {"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, []),
        ("share_city", {"state": "PROPOSED"}, []),
        ("share_city", {"local_authority": "COUNTY"}, []),
        ("focused_deterrence", {"status": "ESCALATED"}, []),
        ("share_city", {"local_authority": None}, ["NO_ROUTE"]),
        ("sca", {"nrm_reference": "N-1"}, ["ALREADY_REFERRED"]),
    ],
)
def test_a_child_of_another_population_is_not_held_back_from_this_one(name, given, held_back):
    outcome = night(tables_of(child(**given)), name, full=(name,))
    assert outcome.files == {}
    assert [row["reason_code"] for row in outcome.held_back] == held_back


def test_a_contract_for_an_authority_that_waits_for_the_meeting_does_so():
    mash = CONTRACTS["mash_city"]
    waits = replace(mash, population=replace(mash.population, of="ratified"))
    state = tables_of(child(state="PROPOSED"))
    assert outside(state, waits, state.child[0]) == "NOT_RATIFIED"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"restricted": True}, "RESTRICTED"),
        ({"disputed": True}, "DISPUTED"),
        ({"data_subject_category": "SUSPECT"}, "SUSPECT"),
        ({"date_of_birth": date(2004, 6, 15)}, "ADULT"),
        ({"date_of_birth": date(2004, 6, 15), "age_presumed": True}, "AGE_UNSETTLED"),
        ({"local_authority": None, "policing_area": None}, "NO_ROUTE"),
    ],
)
def test_what_leaves_for_nobody_is_named_to_the_sergeant(given, reason):
    outcome = night(tables_of(child(**given)), "mash_city")
    assert outcome.files == {}
    assert [(row["field"], row["reason_code"]) for row in outcome.held_back] == [("*", reason)]


def test_the_last_day_before_the_18th_birthday_is_a_childs():
    assert told(child(date_of_birth=date(2004, 6, 16))) == ["CREATE"]


def test_a_child_of_unknown_age_is_presumed_a_child():
    person = Person("P-1", [mention(date_of_birth=None, dob_status="UNKNOWN", dob_precision="NONE")])
    assert told(person) == ["CREATE"]


def test_a_child_without_the_core_parts_of_a_person_goes_to_the_hub_but_not_to_pnd():
    person = Person("P-1", [mention(date_of_birth=None, dob_status="UNKNOWN", dob_precision="NONE")])
    outcome = night(tables_of(person), "pnd")
    assert outcome.outgoing == []
    assert [row["reason_code"] for row in outcome.held_back] == ["REQUIRED_MISSING"]


def test_city_and_county_hear_of_their_own_children_only():
    county = Person("P-1", [mention(local_authority="COUNTY", home_area="Ashfield")])
    assert told(county, "mash_city") == []
    assert told(county, "mash_county") == ["CREATE"]
    assert told(county, "ccep") == []
    assert told(county, "syvp") == ["CREATE"]


def test_where_a_child_was_seen_never_tells_whose_child_it_is():
    outcome = night(tables_of(Person("P-1", [mention(local_authority=None)])), "mash_city", "mash_county", "ccep")
    assert outcome.files == {}
    assert {row["reason_code"] for row in outcome.held_back} == {"NO_ROUTE"}


def test_a_neighbourhood_hears_of_its_own_children_only():
    assert told(child(), "neighbourhood_city_north") == ["CREATE"]
    assert told(child(), "neighbourhood_ashfield") == []


def test_without_a_valid_agreement_nothing_is_told():
    lapsed = replace(CONTRACTS["mash_city"], agreement=Agreement("X", date(2020, 1, 1), date(2022, 6, 14)))
    outcome = drops(tables_of(child()), {"mash_city": lapsed}, Earlier())
    assert outcome.files == {}
    assert [row["reason_code"] for row in outcome.held_back] == ["AGREEMENT_NOT_VALID"]


def test_when_an_agreement_has_lapsed_what_is_wrong_is_named_without_the_right_value():
    first = night(tables_of(child()), "mash_city")
    lapsed = replace(CONTRACTS["mash_city"], agreement=Agreement("X", date(2020, 1, 1), date(2022, 6, 14)))
    state = tables_of(Person("P-1", [mention(surname="Ashbury")]), as_of=TONIGHT + timedelta(days=1))
    outcome = drops(state, {"mash_city": lapsed}, after(first, TONIGHT))
    assert [row["kind"] for row in outcome.outgoing] == ["NOTICE", "NOTICE", "MANIFEST"]
    assert not any(b"Ashbury" in content for content in outcome.files.values())
    assert [row["fields"] for row in outcome.disclosure] == [["accuracy"], ["accuracy"]]


def test_nobody_gets_a_pack_twice_for_a_child_who_was_referred():
    referred = child(nrm_submitted_on=date(2022, 6, 1))
    outcome = night(tables_of(referred), "sca")
    assert outcome.files == {}
    assert [row["reason_code"] for row in outcome.held_back] == ["ALREADY_REFERRED"]


def test_a_recipient_whose_contract_is_gone_is_not_forgotten():
    first = night(tables_of(child()), "mash_city")
    outcome = drops(tables_of(child(), as_of=TONIGHT + timedelta(days=1)), {}, after(first, TONIGHT))
    assert outcome.holding == first.holding
    assert [row["reason_code"] for row in outcome.held_back] == ["NO_CONTRACT"]
