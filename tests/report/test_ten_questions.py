"""A sergeant's ten questions: each is answered within two clicks or one search from the opened report.

An invented force whose nights of a Tuesday and a Wednesday were run through all nine stages; on the Wednesday one
partner could not be reached. The answers are those of the night's tables and of the register.
"""

import os
from dataclasses import dataclass
from datetime import date
from functools import partial

import pytest

from clvt.replay import endpoint, sources
from clvt.views import figures
from connectors.delivery.outbox import deliveries
from connectors.store.paths import STAGES, Home
from demo.standin import start
from demo.synth import make_force
from expectations import recipients
from night.failures import NightFailed
from night.night import run_night
from night.person import person_of
from night.run import Run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

TUESDAY, WEDNESDAY = date(2022, 4, 19), date(2022, 4, 20)
OFFLINE = "mash_county"


@dataclass(frozen=True)
class Force:
    """The Wednesday's run, and its tables in short."""

    run: Run

    def rows(self, stage: str, table: str) -> list[dict]:
        return self.run.rows(stage, table)

    def child(self, person_id: str) -> dict:
        return next(row for row in self.rows("reconcile", "child") if row["person_id"] == person_id)

    def questions(self, kind: str) -> list[dict]:
        return [row for row in self.rows("reconcile", "review") if row["kind"] == kind and row["is_open"]]


@pytest.fixture(scope="module")
def force(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ten")
    make_force(folder / "given", seed=24, children=16, start=date(2021, 10, 1), end=date(2022, 4, 30))
    home = Home(folder / "home")
    run = partial(Run, home=home, endpoint=partial(endpoint, sources(folder / "given")))
    with start(home, recipients.load(home.recipients)):
        run_night(run(TUESDAY), STAGES)
        connection = f"AIRFLOW_CONN_PARTNER_{OFFLINE.upper()}"
        os.environ[connection] = os.environ[connection].replace('"port": ', '"port": 1, "was": ')
        with pytest.raises(NightFailed):
            run_night(run(WEDNESDAY), STAGES)
    return Force(run(WEDNESDAY))


@pytest.fixture
def report(browser, force):
    """The report as it opens."""
    tab = browser.new_page(viewport={"width": 1280, "height": 900})
    tab.goto((force.run.folder.stage("report") / "report.html").as_uri())
    yield tab
    tab.close()


def click(tab, link: str) -> str:
    """Follow a link of the first screen; the text that can be read in the section that it leads to."""
    found = tab.locator(f".todo a:has-text('{link}'), nav a:has-text('{link}')").first
    target = found.get_attribute("href")
    found.click()
    top = tab.locator(target).evaluate("element => element.getBoundingClientRect().top")
    assert 0 <= top < 900, "the answer is on the screen"
    return seen(tab, f"section:has(> {target}), section{target}")


def search(tab, words: str) -> str:
    tab.fill("#find", words)
    tab.wait_for_function("document.getElementById('found').textContent !== ''")
    return seen(tab, "main")


def seen(tab, where: str) -> str:
    return " ".join(tab.locator(where).first.inner_text().split())


def name(child: dict) -> str:
    """A name as the page writes it: Name not known where nothing is, a dash for the half that is not."""
    if not (child["surname"] or child["given_names"]):
        return "Name not known"
    return " ".join(f"{child['surname'] or '—'}, {child['given_names'] or '—'}".split())


def briefly(child: dict) -> str:
    """A name in a list of many: only the half that is known."""
    return ", ".join(" ".join(half.split()) for half in (child["surname"], child["given_names"]) if half)


def test_1_who_is_new(report, force):
    text = click(report, "New cases")
    proposed = [row for row in force.rows("reconcile", "child") if row["state"] == "PROPOSED"]
    assert proposed
    assert [child["person_id"] for child in proposed if child["person_id"] not in text] == []
    assert [name(child) for child in proposed if name(child) not in text] == []


def test_2_why_was_this_child_removed(report, force):
    decided = {row["decision_id"]: row for row in force.rows("normalise", "decision")}
    spell = next(row for row in force.rows("reconcile", "spell") if row["removed_by"] in decided)
    decision = decided[spell["removed_by"]]
    text = search(report, f"{spell['tracker_id']} removed")
    assert name(force.child(spell["person_id"])) in text
    assert f"at {decision['meeting_ref']} by {decision['decided_by']}" in text
    assert decision["reason"] in text
    assert decision["decision_id"] in text


def test_3_which_two_records_are_asked_about_and_why(report, force):
    click(report, "Same person")
    for summary in report.locator("#pairs ~ ul summary").all():
        summary.click()
    asked = force.questions("same_person")
    assert asked
    record = {row["mention_key"]: row["record_ref"] for row in force.rows("normalise", "mention")}
    for row in asked:
        line = seen(report, f"#{row['review_id']}")
        assert f"{record[row['mention_key']]} and {record[row['other_mention_key']]}" in line
        assert row["why"].partition(": ")[2].casefold() in line.casefold()
        assert "Agree: " in line


def test_4_who_turns_18_before_the_next_meeting(report, force):
    click(report, "18th birthdays")
    meeting = next(force.run.site.meeting.after(WEDNESDAY))
    due = [row for row in force.rows("reconcile", "forecast") if row["attains_18_on"] <= meeting]
    assert due
    marked = report.locator(
        "section:has(> #birthdays) tr:has-text('before the next meeting'):visible"
    ).all_inner_texts()
    assert len(marked) == len(due)
    assert all(any(name(force.child(row["person_id"])) in line for line in marked) for row in due)


def test_5_what_did_barnardos_receive_on_tuesday(report, force):
    text = search(report, "barnardo tuesday")
    files = [
        row["file"]
        for row in deliveries(force.run.register)
        if row["recipient"] == "barnardos" and str(row["run"]) == str(TUESDAY)
    ]
    assert files
    assert [file for file in files if file.partition(".")[0] not in text] == []
    tuesday = Run(TUESDAY, force.run.home).rows("export", "disclosure")
    told = {row["person_id"] for row in tuesday if row["recipient"] == "barnardos"}
    assert told
    assert [person for person in told if briefly(force.child(person)) not in text] == []
    assert "31_barnardos_20220420" not in text
    assert "acknowledged" in text


def test_6_which_sca_actions_are_overdue_and_whose(report, force):
    click(report, "SCA referrals")
    overdue = [
        row
        for row in force.rows("reconcile", "action")
        if row["kind"] == "SCA_REFERRAL" and row["done_on"] is None and row["due_on"] < WEDNESDAY
    ]
    assert overdue
    lines = report.locator("section:has(> #actions) tr:has-text('Overdue'):visible").all_inner_texts()
    assert len(lines) == len(overdue)
    for row in overdue:
        assert any(row["owner"] in line and name(force.child(row["person_id"])) in line for line in lines)


def test_7_which_decision_was_refused_and_why(report, force):
    text = click(report, "Decisions refused")
    refused = force.rows("reconcile", "refusal")
    assert refused
    assert [row for row in refused if row["decision_id"] not in text or row["reason"] not in text] == []


def test_8_which_partner_was_not_reached(report, force):
    title = recipients.load(force.run.home.recipients)[OFFLINE].title
    assert f"Partners not reached 1 {title}" in seen(report, ".todo")


def test_9_what_was_quarantined_and_what_must_i_do(report, force):
    outside = [row for row in force.rows("normalise", "quarantine") if row["released_on"] is None]
    assert outside
    text = click(report, "Quarantine")
    assert [row["reason"] for row in outside if row["reason"] not in text] == []
    report.locator(f"#outside summary:has-text('{outside[0]['reason_code']}')").click()
    assert outside[0]["record_key"] in seen(report, "#outside")


def test_10_how_does_demand_compare_with_last_year(report, force):
    text = click(report, "Demand")
    taken = [row["created_at"].date() for row in force.rows("normalise", "report") if not row["not_taken"]]
    now = sum(date(2022, 4, 1) <= day < WEDNESDAY for day in taken)
    last = sum(date(2021, 4, 1) <= day < date(2022, 4, 1) for day in taken)
    assert f"{now} intelligence reports flagged County Lines from 1 April to 19 Apr 2022" in text
    assert f"in the whole of 2021/22: {last}." in text


def test_the_numbers_on_the_page_are_those_of_the_profile(report, force):
    told = figures(force.run)
    year = f"{told['opening_2022']} at the start of 2022 + {told['added_2022']} added − {told['removed_2022']} removed"
    assert f"{year} = {told['closing']} now" in seen(report, ".equation")
    assert f"{told['distinct_2022']} different children" in seen(report, "#balance")
    assert bars(report, "Age") == told["ages"]
    assert bars(report, "Status") == {"Open": told["open"], "Vulnerable": told["vulnerable"]}
    gender = bars(report, "Gender")
    assert (gender.get("Male", 0), gender.get("Female", 0)) == (told["male"], told["female"])
    demand = seen(report, "#demand")
    assert demand.startswith(f"Demand against last year {told['reports_fy_2022_23_to_date']} intelligence reports")
    assert f"in the whole of 2021/22: {told['reports_fy_2021_22']}." in demand
    assert report.locator("#tracker h3#on .count").inner_text() == str(told["closing"])


def test_the_files_on_the_page_are_those_of_the_register(report, force):
    report.evaluate("document.querySelectorAll('#sent details').forEach(element => { element.open = true })")
    on_page = {line.split()[0] for line in report.locator("#sent li:has(> b.state)").all_inner_texts()}
    assert on_page == {row["file"].partition(".")[0] for row in deliveries(force.run.register)}


def bars(tab, title: str) -> dict[str, int]:
    """The counts of a bar chart by what they count."""
    rows = tab.locator(f"table.bars:has(caption:text-is('{title}')) tbody tr").all_inner_texts()
    return {what: int(count) for what, count, *_ in (row.split("\t") for row in rows)}


def test_the_words_of_a_childs_reports_stand_on_the_childs_page(force):
    child = next(row for row in force.rows("reconcile", "child") if row["report_count"] > 1)
    records = [
        event for event in person_of(force.run, child["person_id"]).events if event.reference.startswith("intel:")
    ]
    assert len(records) > 1
    assert all(event.title and event.text for event in records)
