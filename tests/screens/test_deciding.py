"""A decision about a person is made on their page: what it lacks, what it would do, and how it is taken back.

That each decision of the catalogue is carried out the next night stands in test_decided_overnight.
"""

from datetime import UTC, datetime

import pytest

from connectors.register import answers
from expectations.actions import ACTIONS, TASK
from expectations.questions import QUESTIONS
from tests import chromium
from tests.report.a_night import OKAFOR, PROPOSED
from tests.screens.test_answering import decisions

DECISIONS = [name for name, action in ACTIONS.items() if action.of_a_mention and action.effect != TASK]

pytestmark = [pytest.mark.airflow, pytest.mark.browser]


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
        ("RATIFY", {"value": "OPEN"}, "It is asked who this is: answer Q-"),
        ("DECLINE", {}, "It is asked who this is: answer Q-"),
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
    assert set(ACTIONS) - on_the_page - with_the_meeting == {"CONFIRM", "ACTION_DONE"} <= as_a_question
