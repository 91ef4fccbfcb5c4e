"""An answer on the screen, in a real browser behind a real Airflow, is in the tracker of the next night."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

import pytest
from openpyxl import load_workbook

from clvt.command import main
from clvt.replay import ASSUMED, endpoint, sources
from connectors.register import answers
from connectors.store.paths import Home
from demo.synth import make_force
from night.night import run_night
from night.run import Run
from tests.night.held import a_held_night
from tests.screens.conftest import IN_THE_ADDRESS
from tests.screens.test_access import AUDIT, MAY, NIGHTS, REVIEW
from transforms.report.worklist import HEADER_ROW

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

PERMISSIONS = (REVIEW, NIGHTS, AUDIT)
STAGES = ("pull", "land", "normalise", "link", "reconcile", "validate")


@pytest.fixture(scope="module")
def tonight(tmp_path_factory):
    """A small invented force whose night of today was run and published."""
    folder = tmp_path_factory.mktemp("force")
    today = datetime.now(answers.LONDON).date()
    last = today - timedelta(days=1)
    make_force(folder / "given", children=6, start=today - timedelta(days=150), end=last)
    run = Run(today, Home(folder / "home"), partial(endpoint, sources(folder / "given")))
    run_night(run, STAGES)
    return run


def next_night(run: Run) -> Run:
    """The night that takes up what was just decided: midnight may have passed since this module began."""
    following = datetime.now(answers.LONDON).date() + timedelta(days=1)
    return replace(run, as_of=following, today=following)


def child_of(run, mention_key):
    return next(row for row in run.rows("reconcile", "child") if mention_key in row["mention_keys"])


def test_a_child_ratified_on_the_screen_is_on_the_next_nights_tracker(signed_in, server, tonight):
    asked = next(row for row in tonight.rows("reconcile", "review") if row["kind"] == "ratify" and row["is_open"])
    assert child_of(tonight, asked["mention_key"])["state"] == "PROPOSED"
    with server.showing(tonight):
        tab = signed_in("uma")
        tab.goto(f"{server.address}/county-lines/review/question?review_id={asked['review_id']}")
        tab.check("label:has-text('Ratify as Open')")
        tab.fill("#reason", "Agreed at the meeting")
        tab.click("text=Record the answer")
        tab.wait_for_url("**done=answered")
    tomorrow = next_night(tonight)
    run_night(tomorrow, STAGES)
    child = child_of(tomorrow, asked["mention_key"])
    assert (child["state"], child["added_on"]) == ("OPEN", tomorrow.as_of - timedelta(days=1))
    (change,) = [row for row in tomorrow.rows("reconcile", "change") if row["person_id"] == child["person_id"]]
    assert change["kind"] == "ADDED"


CONFIRMED = "Confirmed: carry it out"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    return a_held_night(tmp_path_factory.mktemp("held"))


@pytest.fixture(params=["on the screen", "in the worklist"])
def confirm(request, held, tmp_path, signed_in, server) -> tuple[Run, Callable[[str], None]]:
    """The held night in a home of its own, and how a person confirms a question of it."""
    home = Home(tmp_path / "home")
    shutil.copytree(held.home.root, home.root)
    run = replace(held, home=home)

    def on_the_screen(question: str) -> None:
        with server.showing(run):
            tab = signed_in("uma")
            tab.goto(f"{server.address}/county-lines/review/question?review_id={question}")
            tab.check(f"label:has-text('{CONFIRMED}')")
            tab.fill("#reason", "Seen, and it is right")
            tab.click("text=Record the answer")
            tab.wait_for_url("**done=answered")

    def in_the_worklist(question: str) -> None:
        path = tmp_path / "worklist.xlsx"
        book = load_workbook(run.folder.stage("report") / path.name)
        sheet = book["Worklist"]
        columns = {cell.value: cell.column for cell in sheet[HEADER_ROW]}
        (row,) = [cell.row for cell in sheet["A"] if cell.value == question]
        for column, value in (("Answer", CONFIRMED), ("Reason", "Seen, and it is right")):
            sheet.cell(row, columns[column]).value = value
        book.save(path)
        assert main(["answers", str(path), "--home", str(home.root), "--by", "uma"]) == 0

    return run, on_the_screen if request.param == "on the screen" else in_the_worklist


def test_a_held_night_is_the_first_thing_that_today_says_with_what_to_do(held, signed_in, server):
    with server.showing(held):
        tab = signed_in("uma")
        tab.goto(f"{server.address}/county-lines/today")
        assert "nothing of it has left the force" in tab.inner_text("[role=alert]")
        tab.click("main a:has-text('Look at what it would do')")
        text = tab.inner_text("main")
    assert "2 children leave the tracker, by decisions among others" in text
    assert "have the engineer run the night again" in text
    assert "It counts once the night is run again" in text


def test_while_a_night_is_held_every_page_can_be_looked_at(held, signed_in, server, routes):
    child = next(row for row in held.rows("reconcile", "child") if row["removal_reason"] == "NO_LONGER_AT_RISK")
    held_night, somebody = {"review_id": f"night:{held.as_of}"}, {"person": child["person_id"]}
    asked = {"/review/question": held_night, "/audit": somebody, "/run": {"dag_id": "nightly", "run_id": "none"}}
    within = {**IN_THE_ADDRESS, "person_id": child["person_id"], "as_of": str(held.as_of)}
    pages = {
        one: f"{server.address}/county-lines{one.path.format(**within)}?{urlencode(asked.get(one.path, {}))}"
        for one in routes
        if one.method == "GET" and one.permission
    }
    with server.showing(held):
        tabs = {permission: signed_in(next(who for who in MAY if permission in MAY[who])) for permission in PERMISSIONS}
        found = {one.path: tabs[one.permission].request.get(address).status for one, address in pages.items()}
        tab = tabs[REVIEW]
        tab.goto(next(address for one, address in pages.items() if one.path == "/people/{person_id}"))
        assert child["surname"] in tab.inner_text("main")
    assert found == {one.path: 404 if one.path == "/run" else 200 for one in pages}


def test_a_held_night_and_a_held_decision_are_carried_out_once_a_person_confirmed_them(confirm):
    run, say_yes = confirm
    asked = {row["action"]: row for row in answers.decisions_before(run.register, datetime.now(UTC))}
    grown_up = asked["SET_DOB"]
    assert child_of(run, grown_up["mention_key"])["status"], "it is held: the child stays"

    say_yes(f"night:{run.as_of}")
    run_night(run, ASSUMED)
    assert run.rows("export", "outgoing"), "what left of the held night"
    assert child_of(run, grown_up["mention_key"])["status"], "and the decision is not confirmed with the night"

    say_yes(f"decision:{grown_up['decision_id']}")
    tomorrow = next_night(run)
    run_night(tomorrow, STAGES)
    child = child_of(tomorrow, grown_up["mention_key"])
    assert (child["state"], child["removal_reason"]) == ("REMOVED", "AGED_OUT")
    assert not [row for row in tomorrow.rows("reconcile", "review") if row["kind"] == "confirm" and row["is_open"]]
