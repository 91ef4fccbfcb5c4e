"""Today, the list, the report, the worklist and the Nights page count the same questions, by one definition."""

import io
import re
from datetime import UTC, datetime

import openpyxl
import pytest

from connectors.register import answers, handling
from connectors.store import sealed
from tests import chromium
from tests.report.a_night import OKAFOR
from transforms.report.worklist import HEADER_ROW

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

CASE = "Q-RATIFY000001"


@pytest.fixture
def tab(signed_in, server):
    yield signed_in("uma")
    while waiting := answers.open_to_undo(server.run.register, datetime.now(UTC)):
        answers.undo(server.run.register, waiting[0]["decision_id"], "test")


def first_number(text: str) -> int:
    found = re.search(r"\d+", text)
    assert found, text
    return int(found[0])


def said(locator) -> str:
    return " ".join(locator.inner_text().split())


def test_one_count_of_questions_on_every_page_and_paper(tab, server):
    book = openpyxl.load_workbook(io.BytesIO(sealed.read_file(server.run.folder, "report", "worklist.xlsx")))
    in_worklist = sum(1 for row in book.worksheets[0].iter_rows(min_row=HEADER_ROW + 1) if row[0].value)
    tab.goto(f"{server.address}/county-lines/today")
    on_today = first_number(said(tab.locator(".tickets li", has_text="to answer")))
    assert f"{in_worklist} questions" in said(tab.locator("main"))
    tab.goto(f"{server.address}/county-lines/review/file/report.html")
    assert f"{in_worklist} questions to answer" in said(tab.locator(".headline"))
    tab.goto(f"{server.address}/county-lines/nights")
    on_nights = int(tab.locator("tbody tr").first.locator("td").nth(2).inner_text())
    tab.goto(f"{server.address}/county-lines/review")
    in_list = tab.locator("[aria-label=Questions] tbody tr").count()
    assert in_worklist == on_today == on_nights == in_list == first_number(said(tab.locator("h1")))


def test_each_line_of_today_leads_to_as_many_questions_as_it_counts(tab, server):
    tab.goto(f"{server.address}/county-lines/today")
    lines = tab.locator("[aria-label='What needs somebody'] tbody tr").all()
    counted = {row.locator("a").get_attribute("href"): int(row.locator(".num").inner_text()) for row in lines}
    lists = {href: count for href, count in counted.items() if "/review" in href}
    assert lists
    for href, count in lists.items():
        tab.goto(f"{server.address}{href}")
        assert tab.locator("[aria-label=Questions] tbody tr").count() == count, href


def test_every_chip_says_how_many_it_leads_to(tab, server):
    tab.goto(f"{server.address}/county-lines/review")
    chips = tab.locator(".chips a:has(b)").all()
    for href, count in [(chip.get_attribute("href"), int(chip.locator("b").inner_text())) for chip in chips]:
        tab.goto(f"{server.address}{href}")
        assert tab.locator("[aria-label=Questions] tbody tr").count() == count, href


def handle(tab, server, kind: str, **given: str) -> None:
    tab.goto(f"{server.address}/county-lines/review/question?review_id={CASE}")
    if not tab.locator("#note").is_visible():
        tab.click("aside summary")
    for name, value in given.items():
        tab.fill(f"#{name}", value)
    tab.click(f"button[value={kind}]")


def test_a_question_is_taken_handed_over_with_a_note_and_listed_as_the_colleagues(tab, server):
    handle(tab, server, "TAKEN")
    tab.goto(f"{server.address}/county-lines/review?whose=mine")
    assert "uma, answering" in said(tab.locator("tbody tr"))
    handle(tab, server, "HANDED")
    assert "Say to whom" in tab.inner_text("[role=alert]")
    assert tab.title().startswith("Error: ")
    assert chromium.violations(tab) == []
    handle(tab, server, "HANDED", holder="vic", note="You know the family")
    assert "Nobody called “vic” was ever on these pages" in tab.inner_text("[role=alert]")
    assert tab.input_value("#note") == "You know the family"
    answers.consulted(server.run.register, "vic", [("page", OKAFOR)])
    tab.click("button[value=HANDED]")
    tab.wait_for_url("**done=handled")
    tab.goto(f"{server.address}/county-lines/review?whose=mine")
    assert tab.locator("tbody tr").count() == 0
    tab.goto(f"{server.address}/county-lines/review/question?review_id={CASE}")
    assert "uma" in said(tab.locator("#notes ~ ul"))
    assert "handed to vic: You know the family" in said(tab.locator("#notes ~ ul"))
    handling.handle(server.run.register, handling.LEFT, (CASE, ""), "vic")


def test_nobody_answers_what_somebody_else_is_answering_and_may_take_it_over(tab, server):
    handling.handle(server.run.register, handling.TAKEN, (CASE, ""), "vic", "vic")
    tab.goto(f"{server.address}/county-lines/review/question?review_id={CASE}")
    assert "vic has been answering this since" in said(tab.locator("main"))
    tab.check("text=Ratify as Open")
    tab.click("text=Record the answer")
    assert "vic is answering this question" in tab.inner_text("[role=alert]")
    assert answers.open_to_undo(server.run.register, datetime.now(UTC)) == []
    tab.click("button[value=TAKEN]")
    tab.check("text=Ratify as Open")
    tab.click("text=Record the answer")
    tab.wait_for_url("**done=answered")
    handling.handle(server.run.register, handling.LEFT, (CASE, ""), "uma")


def test_today_fits_a_phone(tab, server):
    tab.set_viewport_size({"width": 390, "height": 844})
    for page in ("today", "review", f"review/question?review_id={CASE}", "network", "meeting"):
        tab.goto(f"{server.address}/county-lines/{page}")
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390, page
