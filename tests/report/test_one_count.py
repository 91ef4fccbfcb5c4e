"""There is one count of what is asked: the report, its lines, the worklist and what the Nights page reads agree."""

import io
from dataclasses import replace
from datetime import date

import openpyxl

from expectations.questions import QUESTIONS, TASKS, Choice, Kind, shown_in
from tests.report import a_night as night
from transforms.report.headlines import duties, headlines
from transforms.report.needs import SHOWN_AS, Needs
from transforms.report.page import page
from transforms.report.worklist import HEADER_ROW, worklists

CONTENTS = night.a_night()


def test_the_lines_of_the_report_add_up_to_its_first_sentence():
    needs = Needs(CONTENTS)
    assert sum(line.count for line in headlines(needs)) == needs.total == len(needs.questions) + needs.matters


def test_every_question_is_in_one_section_of_the_report_and_in_one_row_of_the_worklist():
    needs = Needs(CONTENTS)
    sections = (needs.held, needs.cases, needs.pairs, needs.ages, needs.others)
    shown = [one.review["review_id"] for found in sections for one in found] + listed(needs)
    rows = (
        openpyxl.load_workbook(io.BytesIO(worklists(CONTENTS)["worklist.xlsx"]))
        .worksheets[0]
        .iter_rows(min_row=HEADER_ROW + 1)
    )
    assert sorted(shown) == sorted(row["review_id"] for row in needs.questions)
    assert sorted(str(row[0].value) for row in rows if row[0].value) == sorted(shown)
    assert {row["kind"] for row in needs.questions} <= set(QUESTIONS)


def actions(*kinds: str) -> list[dict]:
    first, *_ = CONTENTS.rows("action")
    return [first | {"action_id": f"A-{kind}", "kind": kind, "done_on": None} for kind in kinds]


def listed(needs: Needs) -> list[str]:
    tasks = (needs.referrals, needs.to_tell, needs.unheard, needs.panel_actions, needs.moved_away)
    return [due.action["action_id"] for found in tasks for due in found]


def test_every_kind_of_action_that_stands_among_the_tasks_has_its_list() -> None:
    of_tasks = [QUESTIONS[name].task for name in shown_in(TASKS)]
    needs = Needs(night.a_night(action=actions(*of_tasks), unheard=[]))
    assert sorted(listed(needs)) == sorted(f"A-{task}" for task in of_tasks)


def test_an_action_of_a_kind_without_a_list_of_its_own_stands_among_the_other_questions(monkeypatch) -> None:
    curfew = Kind("Curfew to check", (Choice("Checked", "ACTION_DONE", asks="text"),), task="CURFEW")
    monkeypatch.setitem(QUESTIONS, "curfew_action", curfew)
    contents = night.a_night(action=actions("CURFEW"), review=[], unheard=[])
    assert [one.review["review_id"] for one in Needs(contents).others] == ["A-CURFEW"]
    assert b'id="A-CURFEW"' in page(contents)


def test_a_duty_that_is_overdue_is_counted_once_and_apart_from_the_questions():
    rows = [
        {"person_id": night.OKAFOR, "clock": clock, "since": date(2022, 5, 1), "due": due, "state": state}
        for clock, due, state in (
            ("VISIT", date(2022, 5, 15), "OVERDUE"),
            ("TOOLKIT", date(2022, 11, 28), "RUNNING"),
            (SHOWN_AS[0], date(2022, 11, 1), "OVERDUE"),
        )
    ]
    needs = Needs(replace(CONTENTS, clocks=rows))
    assert [(line.anchor, line.count, line.pressing) for line in duties(needs)] == [
        ("VISIT", 1, "the longest since 15 May 2022: Okafor, Daniel")
    ]
    assert needs.total == Needs(CONTENTS).total
