"""An answer on the screen, in a real browser behind a real Airflow, is in the tracker of the next night."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from clvt.replay import endpoint, sources
from connectors.register import answers
from connectors.store.paths import Home
from demo.synth import make_force
from night.night import run_night
from night.run import Run

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

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
    following = tonight.as_of + timedelta(days=1)
    tomorrow = replace(tonight, as_of=following, today=following)
    run_night(tomorrow, STAGES)
    child = child_of(tomorrow, asked["mention_key"])
    assert (child["state"], child["added_on"]) == ("OPEN", tonight.as_of)
    (change,) = [row for row in tomorrow.rows("reconcile", "change") if row["person_id"] == child["person_id"]]
    assert change["kind"] == "ADDED"
