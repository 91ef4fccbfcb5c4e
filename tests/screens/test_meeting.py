"""The decisions of a meeting are recorded all at once, from its day; cases that have to be told apart are left out."""

from datetime import UTC, datetime

import pytest

from connectors.register import answers
from tests import chromium
from tests.report.a_night import PROPOSED
from tests.screens.test_answering import decisions

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

CASE = "Q-RATIFY000001"


@pytest.fixture
def table(signed_in, server):
    tab = signed_in("uma")
    tab.goto(f"{server.address}/county-lines/meeting")
    yield tab
    for row in answers.open_to_undo(server.run.register, datetime.now(UTC)):
        answers.undo(server.run.register, row["decision_id"], "test")


def test_the_decisions_of_a_meeting_are_checked_and_recorded_in_one_step_with_its_day(table, server):
    table.fill("#held_on", "1/11/2022")
    table.fill("#meeting_ref", "CLVT-2022-11")
    table.fill("#reason", "Sgt Ahmed; Barnardo's")
    table.check(f"input[name='choice-{CASE}'][value='Ratify as Vulnerable']")
    table.click("main button")
    assert table.inner_text("h1") == "Check before they are recorded"
    assert chromium.violations(table) == []
    table.click("text=Change something")
    assert table.is_checked(f"input[name='choice-{CASE}'][value='Ratify as Vulnerable']")
    table.click("main button")
    assert decisions(server) == []
    table.click("button:has-text('Record 1 decision')")
    table.wait_for_url("**/review?done=meeting")
    day, ratified = decisions(server)
    assert (day["action"], day["value"], day["meeting_ref"]) == ("MEETING", "2022-11-01", "CLVT-2022-11")
    assert day["reason"] == "Sgt Ahmed; Barnardo's"
    assert (ratified["action"], ratified["value"], ratified["meeting_ref"]) == ("RATIFY", "VULNERABLE", "CLVT-2022-11")


def test_what_was_decided_stands_as_decided_and_another_day_of_the_same_meeting_is_said(table, server):
    def record(held_on):
        table.goto(f"{server.address}/county-lines/meeting")
        table.fill("#held_on", held_on)
        table.fill("#meeting_ref", "CLVT-2022-11")
        table.check(f"input[name='choice-{CASE}'][value='Ratify as Open']")
        table.click("main button")

    record("1/11/2022")
    table.click("button:has-text('Record 1 decision')")
    assert "count from its day" in table.inner_text("[role=status]")
    table.goto(f"{server.address}/county-lines/meeting")
    assert "Decided since the night: Ratified Open" in table.inner_text(f"#{CASE}")
    assert table.locator(f"input[name='choice-{CASE}']").count() == 0
    ratified = decisions(server)[-1]
    answers.undo(server.run.register, ratified["decision_id"], "test")
    record("2/11/2022")
    assert "was recorded as 1 Nov 2022" in table.inner_text("[role=alert]")
    assert chromium.violations(table) == []


def test_each_case_leads_to_its_page_and_says_what_speaks_for_it(table):
    section = table.locator(f"#{CASE}")
    assert "2 records" in section.inner_text()
    assert section.locator(f"a[href$='/people/{PROPOSED}']").count() == 1
    assert chromium.violations(table) == []


@pytest.mark.parametrize(
    ("held_on", "reference", "choice", "sentence"),
    [
        ("1/11/2199", "CLVT-1", "Ratify as Open", "lies ahead"),
        ("soon", "CLVT-1", "Ratify as Open", "A date is needed"),
        ("1/11/2022", " ", "Ratify as Open", "needs a reference"),
        ("1/11/2022", "CLVT-1", "Not for the tracker", "needs a reason"),
        ("1/11/2022", "CLVT-1", "", "Nothing is decided yet"),
    ],
)
def test_what_is_lacking_is_said_and_what_was_chosen_stays(table, server, held_on, reference, choice, sentence):
    table.fill("#held_on", held_on)
    table.fill("#meeting_ref", reference)
    table.check(f"input[name='choice-{CASE}'][value='{choice}']")
    table.click("main button")
    assert sentence in table.inner_text("[role=alert]")
    assert table.input_value("#held_on") == held_on
    assert table.is_checked(f"input[name='choice-{CASE}'][value='{choice}']")
    assert decisions(server) == []
