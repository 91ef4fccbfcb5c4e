"""Every decision about a person is made on their page: filled in, looked at, recorded, and can be taken back."""

from datetime import UTC, datetime

import pytest

from connectors.register import answers
from expectations.actions import ACTIONS
from expectations.questions import QUESTIONS
from tests import chromium
from tests.report.a_night import OKAFOR, PROPOSED
from tests.screens.test_answering import decisions

DECISIONS = [name for name, action in ACTIONS.items() if action.of_a_mention]

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

# What is filled in for each decision, and what of it the next night reads.
FILLED: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "RATIFY": ({"value": "OPEN"}, {"value": "OPEN"}),
    "DECLINE": ({}, {}),
    "SET_STATUS": ({"value": "VULNERABLE"}, {"value": "VULNERABLE"}),
    "REMOVE": ({"reason_code": "MOVED_AREA"}, {"reason_code": "MOVED_AREA"}),
    "REOPEN": ({}, {}),
    "LINK": ({"other_mention_key": "31/2022/000200"}, {"other_mention_key": "intel:31/2022/000200#1"}),
    "SEPARATE": ({"other_mention_key": "31/2022/000200"}, {"other_mention_key": "intel:31/2022/000200#1"}),
    "UNDECIDED": ({"other_mention_key": "31/2022/000200"}, {"other_mention_key": "intel:31/2022/000200#1"}),
    "PLACE_TOLD": ({"value": "Leicester"}, {"value": "E06000016"}),
    "PLACE_NOT_TOLD": (
        {"value": "Leicester", "reason": "The originator has to agree first"},
        {"value": "E06000016", "reason": "The originator has to agree first"},
    ),
    "PLACE_ANSWERED": ({"value": "Leicester"}, {"value": "E06000016"}),
    "CONSENT": ({"value": "REFUSED", "reason_code": "INFORMED"}, {"value": "REFUSED", "reason_code": "INFORMED"}),
    "SET_DOB": ({"value": "27/03/2009", "reason_code": "VERIFIED"}, {"value": "2009-03-27", "reason_code": "VERIFIED"}),
    "SET_GENDER": ({"value": "Female"}, {"value": "Female"}),
    "SET_AUTHORITY": ({"value": "county"}, {"value": "COUNTY"}),
    "SET_NAME": ({"value": "ADEYEMI, Tomas"}, {"value": "Adeyemi, Tomas"}),
    "SET_ADDRESS": ({"value": "4 Mill Lane | ng51aa"}, {"value": "4 Mill Lane | NG5 1AA"}),
    "SET_HOME_AREA": ({"value": "Gedling South"}, {"value": "Gedling South"}),
    "SET_PLACING_AUTHORITY": ({"value": "Leicester"}, {"value": "E06000016"}),
    "RESTRICT": ({}, {}),
    "UNRESTRICT": ({}, {}),
    "DISPUTE": ({}, {}),
    "UNDISPUTE": ({}, {}),
    "SUSPECT_EVIDENCE": ({"reason": "Charged on 2 May"}, {"reason": "Charged on 2 May"}),
    "VISITED": ({"value": "3/5/2022"}, {"value": "2022-05-03"}),
    "TOOLKIT_COMPLETED": ({"value": "2022-05-04"}, {"value": "2022-05-04"}),
    "CONCERN": (
        {"value": "Seen with two adults at night.", "reason_code": "SOON"},
        {"value": "Seen with two adults at night.", "reason_code": "SOON"},
    ),
    "MOVED": ({"value": "Leicester | 33"}, {"value": "E06000016 | 33"}),
    "REVIEWED": ({"value": "1/1/2030", "reason_code": "RETAIN"}, {"value": "2030-01-01", "reason_code": "RETAIN"}),
    "NRM_SUBMITTED": ({"value": "NRM-77"}, {"value": "NRM-77"}),
    "NRM_DECISION": ({"value": "positive reasonable grounds"}, {"value": "positive reasonable grounds"}),
    "ACTION_DONE": ({"value": "ACTIONED"}, {"value": "ACTIONED"}),
    "SHARE_SUSPECT": ({"value": "SYVP", "reason": "To prevent a crime"}, {"value": "SYVP"}),
    "UNSHARE_SUSPECT": ({"value": "SYVP"}, {"value": "SYVP"}),
}


@pytest.fixture
def tab(signed_in, server):
    yield signed_in("uma")
    for row in answers.open_to_undo(server.run.register, datetime.now(UTC)):
        answers.undo(server.run.register, row["decision_id"], "test")


def fill(tab, server, action, given, person=OKAFOR):
    tab.goto(f"{server.address}/county-lines/people/{person}/decide/{action}")
    for name, value in given.items():
        field = tab.locator(f"#{name}")
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    tab.click("main button")


@pytest.mark.parametrize("action", DECISIONS)
def test_a_decision_is_filled_in_looked_at_and_recorded(tab, server, action):
    given, expected = FILLED[action]
    fill(tab, server, action, given)
    assert tab.inner_text("h1") == "Check before it is recorded"
    assert decisions(server) == []
    tab.click("main button")
    tab.wait_for_url(f"**/people/{OKAFOR}?recorded={action}")
    (made,) = decisions(server)
    assert made["action"] == action
    assert made["decided_by"] == "uma"
    assert {name: made[name] for name in expected} == expected


def test_what_was_recorded_is_taken_back_from_the_same_page(tab, server):
    fill(tab, server, "DISPUTE", {"reason": "Says it was a cousin"}, PROPOSED)
    tab.click("main button")
    tab.wait_for_url("**recorded=DISPUTE")
    tab.click("button:has-text('Take back')")
    tab.wait_for_url("**/review?*")
    assert decisions(server) == []


@pytest.mark.parametrize(
    ("action", "given", "sentence"),
    [
        ("SET_DOB", {"value": "31/02/2009", "reason_code": "VERIFIED"}, "A date is needed, as day/month/year"),
        ("LINK", {"other_mention_key": "Zzyzx"}, "“Zzyzx” names nobody, or several people"),
        ("LINK", {"other_mention_key": OKAFOR}, "Both keys name the same mention"),
        ("SET_AUTHORITY", {"value": "Atlantis"}, "must name a children's services authority"),
    ],
)
def test_what_a_decision_lacks_is_said_beside_the_form_and_nothing_is_recorded(tab, server, action, given, sentence):
    fill(tab, server, action, given)
    assert sentence in tab.inner_text("[role=alert]")
    assert tab.title().startswith("Error: ")
    assert all(tab.input_value(f"#{name}") == value for name, value in given.items())
    assert chromium.violations(tab) == []
    assert decisions(server) == []


def test_a_decision_that_ages_a_child_out_says_so_before_it_is_recorded(tab, server):
    fill(tab, server, "SET_DOB", {"value": "2/5/1990", "reason_code": "VERIFIED"})
    assert "older than a child on the tracker is" in tab.inner_text("[role=alert]")
    assert "until a person confirms it" in tab.inner_text("main")
    assert chromium.violations(tab) == []


def test_the_form_of_a_decision_keeps_to_wcag(tab, server):
    for action in ("REMOVE", "CONCERN" if "CONCERN" in DECISIONS else "RATIFY", "RESTRICT"):
        tab.goto(f"{server.address}/county-lines/people/{OKAFOR}/decide/{action}")
        assert chromium.violations(tab) == []


def test_there_is_no_form_for_what_is_about_no_person(tab, server):
    for action in ("CONFIRM", "MEETING", "NOTHING"):
        assert tab.goto(f"{server.address}/county-lines/people/{OKAFOR}/decide/{action}").status == 404


def test_every_decision_of_the_catalogue_is_within_two_clicks_of_the_childs_page(tab, server):
    tab.goto(f"{server.address}/county-lines/people/{OKAFOR}")
    links = {link.get_attribute("href") for link in tab.locator("main a").all()}
    on_the_page = {name for name in ACTIONS if f"/county-lines/people/{OKAFOR}/decide/{name}" in links}
    with_the_meeting = {"MEETING"} if "/county-lines/meeting" in links else set()
    as_a_question = {choice.action for kind in QUESTIONS.values() for choice in kind.choices}  # under What needs you
    assert on_the_page == set(DECISIONS)
    assert set(ACTIONS) - on_the_page - with_the_meeting == {"CONFIRM"} <= as_a_question
