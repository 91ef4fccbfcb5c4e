"""A question is answered in a real browser, and the answer is a decision of the next night."""

from datetime import UTC, datetime

import pytest

from connectors.register import answers
from connectors.register import database as register
from night.report import contents_of
from tests.report import a_night as night
from tests.report.test_worklist import filled_in

pytestmark = [pytest.mark.airflow, pytest.mark.browser]


def decisions(server):
    """What the night that begins at the next midnight will know."""
    return answers.decisions_before(server.run.register, answers.taken_up_at(datetime.now(UTC)))


def logged(server, operation):
    with server.run.register.connect() as connection:
        rows = connection.execute(
            register.processing_log.select().where(register.processing_log.c.operation == operation)
        ).mappings()
        return [(row["actor"], row["record_ref"], row["person_id"]) for row in rows]


@pytest.fixture
def desk(signed_in, server):
    """The review screen as the sergeant has it open; answers that wait are taken back afterwards."""
    tab = signed_in("uma")
    tab.goto(f"{server.address}/county-lines/review")
    yield tab
    for row in answers.open_to_undo(server.run.register, datetime.now(UTC)):
        answers.undo(server.run.register, row["decision_id"], "test")


def open_question(tab, review_id):
    tab.click(f"tbody a[href*='review_id={review_id}']")
    tab.wait_for_url("**/question?*")


def test_every_question_of_the_night_is_listed(desk):
    assert "Questions to answer 6" in " ".join(desk.inner_text("h1").split())


def test_a_question_shows_both_records_the_evidence_and_its_answers(desk):
    open_question(desk, "Q-SAME00000001")
    desk.click("text=How linkage weighed the two records")
    text = desk.inner_text("main")
    assert "Okafor, Daniel CLVT-000001 Open to the County Lines team" in " ".join(text.split())
    assert "+6.2" in text
    assert " to 1 for" not in text
    assert desk.locator(".answers button").count() == 3


def test_an_answer_with_its_reason_becomes_a_decision_of_the_next_night(desk, server):
    open_question(desk, "Q-SAME00000001")
    desk.fill("#reason", "Two cousins, seen together")
    desk.click("button:has-text('Different people')")
    desk.wait_for_url("**done=answered")
    (made,) = decisions(server)
    assert (made["action"], made["mention_key"], made["other_mention_key"], made["reason"]) == (
        "SEPARATE",
        "intel:31/2022/000100#1",
        "intel:31/2022/000901#2",
        "Two cousins, seen together",
    )
    assert (made["decided_by"], made["origin"]) == ("uma", "screen")
    desk.goto(f"{server.address}/county-lines/review")
    assert "Questions to answer 5" in " ".join(desk.inner_text("h1").split())


def test_an_answer_can_be_taken_back_before_the_night(desk, server):
    open_question(desk, "Q-RATIFY000001")
    desk.check("text=Ratify as Open")
    desk.click("text=Record the answer")
    desk.wait_for_url("**done=answered")
    assert len(decisions(server)) == 1
    desk.goto(f"{server.address}/county-lines/review")
    assert "王, 小明" in desk.locator("[aria-label=Answered] tbody").inner_text()
    desk.click("button:has-text('Take back')")
    desk.wait_for_url("**/review?done=undone")
    assert decisions(server) == []
    assert desk.locator("tbody a[href*='Q-RATIFY000001']").count() == 1


def test_an_answer_that_lacks_its_reason_is_asked_for_it_and_keeps_what_was_typed(desk, server):
    open_question(desk, "Q-AGE000000001")
    desk.check("text=Date of birth, stated")
    desk.fill("#value", "31/02/2009")
    desk.fill("#reason", "Told by his aunt")
    desk.click("text=Record the answer")
    desk.wait_for_selector("[role=alert]")
    assert "A date is needed" in desk.inner_text("[role=alert]")
    assert desk.input_value("#reason") == "Told by his aunt"
    assert decisions(server) == []


def test_the_place_that_has_to_hear_is_filled_in_and_one_that_is_none_is_said_at_once(desk, server):
    open_question(desk, "A%3Aunheard%3Aopened")
    assert desk.input_value("#value") == "Nottingham City Council"
    assert "For County Lines team to do." in desk.inner_text("main")
    desk.check("text=Told by hand, namely")
    desk.fill("#value", "Narnia")
    desk.click("text=Record the answer")
    assert "must name" in desk.inner_text("[role=alert]")
    assert desk.input_value("#value") == "Narnia"
    assert decisions(server) == []


def test_what_an_answer_would_do_is_shown_before_it_is_recorded(desk, server):
    open_question(desk, "Q-AGE000000001")
    desk.check("text=Date of birth, verified")
    desk.fill("#value", "27/03/1990")
    desk.fill("#reason", "Passport seen")
    desk.click("text=Record the answer")
    desk.wait_for_selector("[role=alert]")
    assert "By this date, 27 March 1990, the child was" in desk.inner_text("[role=alert]")
    assert decisions(server) == []
    desk.fill("#value", "28/03/1990")
    desk.click("text=Record it, seen")
    desk.wait_for_selector("text=28 March 1990")
    assert decisions(server) == []
    desk.click("text=Record it, seen")
    desk.wait_for_url("**done=answered")
    made, confirmed = decisions(server)
    assert (made["action"], made["value"]) == ("SET_DOB", "1990-03-28")
    assert (confirmed["action"], confirmed["value"]) == ("CONFIRM", f"decision:{made['decision_id']}")


def test_a_question_that_somebody_else_answered_meanwhile_is_not_answered_twice(desk, server):
    open_question(desk, "Q-RATIFY000001")
    other = {"review_id": "Q-RATIFY000001", "action": "DECLINE", "mention_key": "intel:31/2022/000600#1", "reason": "x"}
    answers.record(server.run.register, [other | {"origin": "screen"}], "sgt.9000")
    desk.check("text=Ratify as Open")
    desk.click("text=Record the answer")
    desk.wait_for_selector("[role=alert]")
    assert "answered by sgt.9000 with DECLINE" in desk.inner_text("[role=alert]")
    assert [row["action"] for row in decisions(server)] == ["DECLINE"]


def test_a_worklist_that_was_filled_in_is_taken_on_the_screen(desk, server, tmp_path):
    back = filled_in(
        ("Q-SAME00000001", "Same person", None, "Same mother"),
        ("Q-RATIFY000001", "Ratify as Open", "not asked for", ""),
        contents=contents_of(server.run),
    )
    (tmp_path / "back.xlsx").write_bytes(back.getvalue())
    desk.set_input_files("#file", tmp_path / "back.xlsx")
    desk.click("text=Take its answers")
    desk.wait_for_selector("[role=status]")
    assert "Answers taken from the worklist: 1." in desk.inner_text("[role=status]")
    assert "Q-RATIFY000001: “Ratify as Open” takes no value" in desk.inner_text("[role=alert]")
    assert [(row["action"], row["origin"]) for row in decisions(server)] == [("LINK", "worklist")]


def test_every_look_and_every_answer_is_in_the_processing_log(desk, server):
    open_question(desk, "Q-RATIFY000001")
    desk.check("text=Ratify as Vulnerable")
    desk.click("text=Record the answer")
    desk.wait_for_url("**done=answered")
    assert ("uma", "Q-RATIFY000001", night.PROPOSED) in logged(server, "CONSULTATION")
    (made,) = decisions(server)
    assert ("uma", made["decision_id"], night.PROPOSED) in logged(server, "ALTERATION")
    assert register.verify_chain(server.run.register)


def test_no_name_date_of_birth_or_reason_reaches_the_servers_log(desk, server):
    open_question(desk, "Q-SAME00000001")
    desk.fill("#reason", "Zebedee told us")
    desk.click("button:has-text('Same person')")
    desk.wait_for_url("**done=answered")
    log = server.log.read_text(errors="replace")
    assert not [value for value in ("Okafor", "Whitlock", "2007-03-14", "Zebedee") if value in log]


def test_a_hostile_name_is_text_on_the_screen(desk):
    open_question(desk, "Q-SAME00000001")
    assert night.SCRIPT in desk.inner_text("main")
    assert desk.title().startswith("Same person? ")


def test_the_screens_stand_in_airflows_menu(signed_in, server):
    tab = signed_in("uma")
    tab.goto(f"{server.address}/plugin/county-lines-today")
    framed = tab.frame_locator("iframe")
    framed.locator("h1:has-text('What needs somebody today')").wait_for(timeout=60_000)
