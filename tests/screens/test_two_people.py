"""Same-person questions are answered one after another, and no answers together exchange two children."""

import time
from datetime import UTC, datetime
from functools import partial
from statistics import median

import pytest

from connectors.register import answers
from connectors.register.answers import decisions_before, taken_up_at
from tests import chromium
from tests.report import a_night as night
from tests.report.a_home import a_home
from tests.screens.test_deciding import fill

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

MANY = 15
X = "intel:31/2022/000901#2"  # a record without a date of birth that may be either of two children
FIRST, SECOND, THIRD, LAST = "Q-SAME00000001", "Q-JORDAN000002", "Q-THIRD0000003", "Q-LAST00000004"


def pair(review_id: str, one: str, other: str) -> dict:
    why = "LIKELY: likely, but the evidence does not decide by itself."
    return night.review(
        review_id, "same_person", one, why, other_mention_key=other, weights=night.WEIGHTS, settles=1, match_weight=4.0
    )


WHOSE = night.review(
    "Q-WHOSE0000005",
    "which_person",
    X,
    "LIKELY: likely, but the evidence does not decide by itself.",
    other_mention_key="intel:31/2022/000100#1",
    weights=night.WEIGHTS,
    rivals=["intel:31/2022/000700#1"],
    rival_weights=[night.WEIGHTS],
    settles=1,
)
HELD = night.review("decision:D-4", "confirm", "intel:31/2022/000800#1", "This makes one child of two.")
REVIEWS = [
    *(row for row in night.ROWS["review"] if row["review_id"] == FIRST),
    pair(SECOND, "opening:0009", X),
    pair(THIRD, X, "intel:31/2022/000700#1"),
    pair(LAST, "intel:31/2022/000100#1", "intel:31/2022/000700#1"),
    *(pair(f"Q-MANY{number:08}", f"intel:31/2022/1{number:05}#1", X) for number in range(MANY)),
    WHOSE,
    HELD,
]


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    return a_home(tmp_path_factory.mktemp("asked") / "home", review=REVIEWS)


@pytest.fixture
def tab(signed_in, server, asked):
    with server.showing(asked):
        yield signed_in("uma")
    while waiting := answers.open_to_undo(asked.register, datetime.now(UTC)):
        answers.undo(asked.register, waiting[0]["decision_id"], "test")


def decisions(run):
    return decisions_before(run.register, taken_up_at(datetime.now(UTC)))


def question(tab, server, review_id: str) -> None:
    tab.goto(f"{server.address}/county-lines/review/question?kind=same_person&review_id={review_id}")


def answer(tab, words: str, reason: str = "The nickname is his") -> None:
    tab.fill("#reason", reason)
    tab.click(f"button:has-text('{words}')")


def seconds_of(tab, work) -> float:
    began = time.monotonic()
    work()
    tab.wait_for_load_state("load")
    return time.monotonic() - began


def test_an_answer_is_one_click_after_its_reason_and_the_next_question_comes_by_itself(tab, server, asked):
    question(tab, server, "Q-MANY00000000")
    opened, answered = [], []
    for number in range(MANY):
        opened.append(seconds_of(tab, tab.reload))
        tab.keyboard.type(f"Two cousins {number}")  # the reason has the focus
        answered.append(seconds_of(tab, partial(tab.click, "button:has-text('Different people')")))
    made = decisions(asked)
    assert [(row["action"], row["reason"]) for row in made] == [
        ("SEPARATE", f"Two cousins {number}") for number in range(MANY)
    ]
    assert median(answered) < 6 * median(opened), "half a second on a quiet machine, and its share on a busy one"
    assert f"{MANY} answered today" in tab.inner_text("main")


def test_the_last_answers_stand_with_their_names_to_take_back(tab, server, asked):
    question(tab, server, FIRST)
    answer(tab, "Different people")
    tab.goto(f"{server.address}/county-lines/review")
    row = tab.locator("[aria-label=Answered] tbody tr")
    assert "Okafor, Daniel CLVT-000001 and Okafor" in " ".join(row.inner_text().split())
    row.locator("button").click()
    tab.wait_for_url("**done=undone")
    assert decisions(asked) == []


def test_both_people_stand_with_all_their_records_and_who_else_may_be_meant(tab, server):
    question(tab, server, FIRST)
    text = " ".join(tab.inner_text("main").split())
    assert "14 Mar 2007 (verified)" in text
    assert "13 Apr 2007 (stated)" in text
    assert "Ní Bhriain, Zoë CLVT-000009" in text
    assert chromium.violations(tab) == []


def test_two_answers_that_together_would_make_one_of_two_children_are_not_taken_unseen(tab, server, asked):
    question(tab, server, FIRST)
    answer(tab, "Same person")
    question(tab, server, SECOND)
    both = "This makes one child of two entries of the tracker, CLVT-000001 and CLVT-000009."
    assert both in tab.inner_text("aside").replace("CLVT-000009 and CLVT-000001", "CLVT-000001 and CLVT-000009")
    answer(tab, "Same person")
    assert "one child of two entries of the tracker" in tab.inner_text("[role=alert]")
    assert chromium.violations(tab) == []
    assert len(decisions(asked)) == 1


def test_who_decides_otherwise_on_the_childs_page_decides_on_the_records_of_the_answer_before(tab, server, asked):
    question(tab, server, FIRST)
    answer(tab, "Different people")
    (apart,) = decisions(asked)
    fill(tab, server, "LINK", {"other_mention_key": apart["other_mention_key"], "reason": "He is his brother"})
    assert "Both become one person with all records of both" in tab.inner_text("main")
    tab.click("main button")
    tab.wait_for_url("**recorded=LINK*")
    _, together = decisions(asked)
    pair = ("mention_key", "other_mention_key")
    assert (together["action"], *map(together.get, pair)) == ("LINK", *map(apart.get, pair))


def test_a_question_that_was_answered_shows_its_answer_to_take_back_and_no_form(tab, server, asked):
    question(tab, server, FIRST)
    answer(tab, "Different people")
    question(tab, server, FIRST)
    assert "Different people : The nickname is his uma" in " ".join(tab.inner_text("aside").split())
    assert tab.locator(".answers").count() == 0
    tab.click("aside button:has-text('Take back')")
    tab.wait_for_url("**done=undone")
    assert decisions(asked) == []


def test_an_answer_that_contradicts_two_others_cannot_be_given(tab, server, asked):
    question(tab, server, FIRST)
    answer(tab, "Same person")
    question(tab, server, THIRD)
    answer(tab, "Same person")
    assert len(decisions(asked)) == 2
    question(tab, server, LAST)
    assert "Different people cannot be answered" in " ".join(tab.inner_text("aside").split())
    assert tab.locator("button:has-text('Different people')").count() == 0


def test_a_record_that_may_be_one_of_several_peoples_stands_beside_each_and_is_answered_by_a_mark(tab, server, asked):
    question(tab, server, "Q-WHOSE0000005")
    assert tab.locator("table.sides").count() == 2
    assert chromium.violations(tab) == []
    tab.fill("#value", "A")
    answer(tab, "The same person as these")
    assert [(row["action"], row["mention_key"], row["other_mention_key"]) for row in decisions(asked)] == [
        ("LINK", X, "intel:31/2022/000100#1"),
        ("SEPARATE", X, "intel:31/2022/000700#1"),
    ]


def test_what_is_held_is_confirmed_two_clicks_from_the_childs_page(tab, server, asked):
    tab.goto(f"{server.address}/county-lines/people/{night.PRESUMED}")
    tab.click("a:has-text('To confirm')")
    assert chromium.violations(tab) == []
    tab.check("text=Confirmed: carry it out")
    tab.fill("#reason", "Seen with the file")
    tab.click("text=Record the answer")
    (made,) = decisions(asked)
    assert (made["action"], made["value"]) == ("CONFIRM", "decision:D-4")
