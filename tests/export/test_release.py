"""What may be told: one sentence a reason."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from expectations.site import Approval, SiteError
from expectations.site import load as load_site
from tests.export.a_force import CONTRACTS, SITE, TONIGHT, Person, mention, night, report, tables_of
from transforms.export.drops import Earlier, drops
from transforms.export.release import REASONS, caveats, closed, withheld
from transforms.export.shareable import Shareables

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
    assert withheld(caveats(mention(), told), MASH, SITE, TONIGHT) == reason


def test_conditions_are_accepted_by_their_very_wording_whatever_the_spacing():
    told = conditional(handling_conditions="not to be shown  to the family", action_code="A3", sanitisation_code="S1")
    assert withheld(caveats(mention(), told), WITH_CONDITIONS, SITE, TONIGHT) == ""


def test_accepted_conditions_never_open_a_covert_report_nor_one_whose_originator_must_be_asked():
    wording = "Not to be shown to the family"
    covert = conditional(handling_conditions=wording, action_code="A1")
    asked = conditional(handling_conditions=wording, action_code="A3", sanitisation_code="S2")
    assert withheld(caveats(mention(), covert), WITH_CONDITIONS, SITE, TONIGHT) == "COVERT_A1"
    assert withheld(caveats(mention(), asked), WITH_CONDITIONS, SITE, TONIGHT) == "ORIGINATOR_APPROVAL"


WORDING = "Not to be shown to the family"
ASKED = conditional(handling_conditions=WORDING, action_code="A3", sanitisation_code="S2")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({}, ""),
        ({"version": 2}, "ORIGINATOR_APPROVAL"),
        ({"report": "31/2022/000002"}, "ORIGINATOR_APPROVAL"),
        ({"recipients": ("pnd",)}, "ORIGINATOR_APPROVAL"),
        ({"approved_on": TONIGHT}, "ORIGINATOR_APPROVAL"),
    ],
)
def test_the_originators_approval_opens_the_version_it_is_of_to_whom_it_names_from_the_night_after(given, reason):
    usual = Approval("31/2022/000001", 1, ("mash_city",), TONIGHT - timedelta(days=1), "letter of the day")
    site = replace(SITE, originator_approvals=(replace(usual, **given),))
    assert withheld(caveats(mention(), ASKED), WITH_CONDITIONS, site, TONIGHT) == reason


def test_the_originators_approval_opens_neither_conditions_that_are_not_accepted_nor_covert_work():
    approval = Approval("31/2022/000001", 1, ("mash_city",), TONIGHT - timedelta(days=1), "letter of the day")
    site = replace(SITE, originator_approvals=(approval,))
    assert withheld(caveats(mention(), ASKED), MASH, site, TONIGHT) == "CONDITIONS_NOT_ACCEPTED"
    assert withheld(caveats(mention(), {**ASKED, "action_code": "A1"}), WITH_CONDITIONS, site, TONIGHT) == "COVERT_A1"


def test_an_approval_for_one_of_two_recipients_with_the_same_terms_opens_nothing_to_the_other():
    approval = Approval("31/2022/000001", 1, ("mash_city",), TONIGHT - timedelta(days=1), "letter of the day")
    state = tables_of(Person("P-1"), reports=[ASKED])
    state = replace(state, site=replace(SITE, originator_approvals=(approval,)))
    both = {"mash_city": WITH_CONDITIONS, "other": replace(WITH_CONDITIONS, name="other")}
    assert {row["recipient"] for row in drops(state, both, Earlier()).holding} == {"mash_city"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            "{report: 31/2022/000417}",
            "originator_approvals.1.version is missing; line 1: originator_approvals.1.recipients is missing",
        ),
        (
            "{report: A, version: 1, recipients: [pnd], approved_on: May, reference: R}",
            "originator_approvals.1.approved_on must be a date such as 2022-05-03",
        ),
    ],
)
def test_an_approval_that_cannot_be_read_is_refused_with_a_sentence(tmp_path, given, sentence):
    (tmp_path / "site.yml").write_text(f"originator_approvals: [{given}]", encoding="utf-8")
    with pytest.raises(SiteError, match=sentence):
        load_site(tmp_path / "site.yml")


def test_an_approval_is_read_from_the_site(tmp_path):
    said = "{report: A, version: 1, recipients: [pnd], approved_on: 2022-05-03, reference: R}"
    (tmp_path / "site.yml").write_text(f"originator_approvals: [{said}]", encoding="utf-8")
    assert load_site(tmp_path / "site.yml").originator_approvals == (Approval("A", 1, ("pnd",), date(2022, 5, 3), "R"),)


def test_a_marking_above_the_contracts_is_withheld():
    assert withheld(caveats(mention(), report()), replace(MASH, marking="OFFICIAL"), SITE, TONIGHT) == "MARKING"


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
    assert withheld(caveats(said, None), MASH, SITE, TONIGHT) == reason


def test_a_fact_that_only_a_covert_report_gives_is_held_back_and_the_rest_is_told():
    covert = mention("intel:31/2022/000002#1", address="1 Sandringham Road")
    child = Person("P-1", [mention(), covert])
    hidden = conditional(ref="31/2022/000002", handling_conditions="x", action_code="A1")
    outcome = night(tables_of(child, reports=[hidden]), "mash_city")
    assert [(row["field"], row["reason_code"]) for row in outcome.held_back] == [("address", "COVERT_A1")]
    assert not any(b"Sandringham" in content for content in outcome.files.values())
    assert any(b"Ashby" in content for content in outcome.files.values())


def test_a_fact_that_a_plain_report_gives_too_is_told():
    plainly = mention("intel:31/2022/000003#1", address="1 Sandringham Road")
    covert = mention("intel:31/2022/000002#1", address="1 Sandringham Road")
    hidden = conditional(ref="31/2022/000002", handling_conditions="x", action_code="A1")
    outcome = night(tables_of(Person("P-1", [covert, plainly]), reports=[hidden]), "mash_city")
    assert any(b"Sandringham" in content for content in outcome.files.values())
    assert outcome.held_back == []


def test_a_child_known_from_covert_intelligence_alone_is_held_back_as_a_whole_even_with_a_missing_episode():
    child = Person("P-1", [mention(), mention("missing:M-1")])
    outcome = night(tables_of(child, reports=[conditional(handling_conditions="x", action_code="A1")]), "mash_city")
    assert [(row["field"], row["reason_code"]) for row in outcome.held_back] == [("*", "COVERT_A1")]
    assert outcome.files == {}


def test_what_a_decision_set_may_be_told():
    child = Person("P-1", given={"date_of_birth": None})
    state = tables_of(child)
    settled = {**state.child[0], "date_of_birth": mention()["date_of_birth"], "dob_status": "VERIFIED"}
    fact = {"person_id": "P-1", "field": "date_of_birth", "decision_id": "D1", "status": "VERIFIED"}
    facts = [*state.fact, {**state.fact[0], **fact, "mention_key": None, "supporting_mention_keys": []}]
    outcome = night(replace(state, child=[settled], fact=facts), "mash_city")
    assert any(b'"date_of_birth": "2007-03-09"' in content for content in outcome.files.values())


TOMORROW = TONIGHT + timedelta(days=1)
CLOSED = [
    # what is different of a child's row, and why the record leaves for nobody; the first that holds counts
    ({}, ""),
    ({"restricted": True}, "RESTRICTED"),
    ({"disputed": True}, "DISPUTED"),
    ({"restricted": True, "disputed": True}, "RESTRICTED"),
    ({"state": "REMOVED", "removal_reason": "ENTERED_IN_ERROR"}, "ENTERED_IN_ERROR"),
    ({"state": "REMOVED", "removal_reason": "DECEASED"}, "DECEASED"),
    ({"state": "REMOVED", "removal_reason": "DECEASED", "disputed": True}, "DISPUTED"),
    ({"state": "REMOVED", "removal_reason": "DECEASED", "attains_18_on": TONIGHT}, "DECEASED"),
    ({"state": "OPEN", "removal_reason": "DECEASED"}, ""),
    ({"state": "REMOVED", "removal_reason": "NO_LONGER_AT_RISK"}, ""),
    ({"data_subject_category": "SUSPECT"}, "SUSPECT"),
    ({"data_subject_category": "SUSPECT", "attains_18_on": TONIGHT}, "SUSPECT"),
    ({"attains_18_on": TOMORROW}, ""),
    ({"attains_18_on": TONIGHT}, "ADULT"),
    ({"attains_18_on": None}, ""),
    ({"state": "REMOVED", "removal_reason": "AGED_OUT", "attains_18_on": TOMORROW}, "ADULT"),
    ({"state": "REMOVED", "removal_reason": "AGED_OUT", "age_presumed": True, "attains_18_on": TOMORROW}, ""),
    ({"attains_18_on": TONIGHT, "age_presumed": True}, "AGE_UNSETTLED"),
    ({"attains_18_on": TOMORROW, "age_presumed": True}, ""),
    ({"attains_18_on": None, "age_presumed": True}, ""),
]


@pytest.mark.parametrize(("given", "code"), CLOSED)
def test_a_record_leaves_for_nobody_by_the_first_rule_that_holds(given, code):
    state = tables_of(Person("P-1", given=given))
    assert closed(state, state.child[0]) == code


SEVERAL = [
    # what is different of a contract, and whether other values may be disclosed by it
    ({"name": "other"}, False),
    ({"marking": "OFFICIAL"}, True),
    ({"release": replace(MASH.release, sources=("opening",))}, True),
    ({"release": replace(MASH.release, handling=("C",))}, True),
    ({"release": replace(MASH.release, conditions=("Ask first.",))}, False),
    ({"settings": {"panel": "CCEP"}}, False),
]


@pytest.mark.parametrize(("given", "is_another"), SEVERAL)
def test_what_is_shareable_of_a_child_is_worked_out_anew_where_something_else_of_it_is_withheld(given, is_another):
    state = tables_of(Person("P-1", [mention()]))
    shareables, (child,) = Shareables(state), state.child
    first, second = (shareables.with_(one).of(child) for one in (MASH, replace(MASH, **given)))
    assert (first is not second) is (first != second) is is_another


def test_every_reason_is_a_sentence_without_a_value():
    assert all(text[0].isupper() and text.endswith((".", ")")) for text in REASONS.values())


def test_every_code_for_which_something_of_a_record_is_held_back_has_its_sentence_and_there_is_no_other():
    codes = {"WITHDRAWN", "SOURCE_NOT_ACCEPTED", "REPORT_UNKNOWN", "MARKING", "COVERT_A1", "ORIGINATOR_APPROVAL"}
    codes |= {"GRADE_NOT_VALID", "UNRELIABLE", "CONDITIONS_MISSING", "HANDLING", "CONDITIONS_NOT_ACCEPTED"}
    codes |= {"RESTRICTED", "DISPUTED", "SUSPECT", "ADULT", "AGE_UNSETTLED", "NO_ROUTE", "REQUIRED_MISSING"}
    codes |= {"DECEASED", "ENTERED_IN_ERROR", "AGREEMENT_NOT_VALID", "NO_CONTRACT", "ALREADY_REFERRED", "UNSHARED"}
    codes |= {"NO_SUPPORT", "FACT_DISPUTED", "FREE_TEXT", "MAY_BE_UNDER_18", "IS_A_CHILD"}
    assert codes == set(REASONS)
