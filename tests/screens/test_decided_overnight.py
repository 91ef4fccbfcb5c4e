"""Every decision of the catalogue is made on the child's page in a real browser, and the next night carries it out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import cycle

import pytest

from clvt.replay import ASSUMED, endpoint, sources
from connectors.register import answers
from connectors.store.paths import Home
from demo.synth import make_force
from expectations.actions import ACTIONS
from expectations.plain import Row
from night.night import run_night
from night.run import Run
from tests.screens.test_deciding import DECISIONS, fill
from tests.screens.test_into_the_next_night import STAGES, next_night

pytestmark = [pytest.mark.airflow, pytest.mark.browser]

TODAY = datetime.now(answers.LONDON).date()
YESTERDAY, BORN = TODAY - timedelta(days=1), date(TODAY.year - 14, 1, 1)
DAY_BEFORE, BIRTH = f"{YESTERDAY:%d/%m/%Y}", f"{BORN:%d/%m/%Y}"


@dataclass(frozen=True)
class Case:
    """About whom a decision is, what is typed, and what the child then has in the next night.

    `other` is the second of two people; `before` was decided of the person first.
    """

    about: str
    given: dict[str, str] = field(default_factory=dict)
    then: dict[str, object] = field(default_factory=dict)
    other: str = ""
    before: str = ""


CASES = {
    "RATIFY": Case("proposed", {"value": "OPEN"}, {"state": "OPEN"}),
    "DECLINE": Case("proposed", {}, {"state": "DECLINED"}),
    "SET_STATUS": Case("open", {"value": "VULNERABLE"}, {"state": "VULNERABLE"}),
    "REMOVE": Case("open", {"reason_code": "MOVED_AREA"}, {"state": "REMOVED", "removal_reason": "MOVED_AREA"}),
    "REOPEN": Case("removed", {}, {"removed_on": None}),
    "LINK": Case("proposed", other="undated"),
    "SEPARATE": Case("asked", other="asked of"),
    "UNDECIDED": Case("asked", other="asked of"),
    "PLACE_TOLD": Case("found elsewhere"),  # the place that the child's task names
    "PLACE_NOT_TOLD": Case("vulnerable", {"value": "Leicester", "reason": "The originator has to agree"}),
    "PLACE_ANSWERED": Case("vulnerable", {"value": "City"}),
    "CONSENT": Case("vulnerable", {"value": "REFUSED", "reason_code": "INFORMED"}, {"consent": "REFUSED"}),
    "SET_DOB": Case("vulnerable", {"value": BIRTH, "reason_code": "VERIFIED"}, {"date_of_birth": BORN}),
    "SET_GENDER": Case("vulnerable", {"value": "Not Specified"}, {"gender": "Not Specified"}),
    "SET_AUTHORITY": Case("vulnerable", {"value": "Leicester"}, {"local_authority": "E06000016"}),
    "SET_NAME": Case("vulnerable", {"value": "ADEYEMI, Tomas"}, {"surname": "Adeyemi", "given_names": "Tomas"}),
    "SET_ADDRESS": Case("vulnerable", {"value": "4 Mill Lane | ng51aa"}, {"postcode": "NG5 1AA"}),
    "SET_HOME_AREA": Case("vulnerable", {"value": "Gedling South"}, {"policing_area": "Gedling South"}),
    "SET_PLACING_AUTHORITY": Case("vulnerable", {"value": "Leicester"}, {"placing_authority": "E06000016"}),
    "RESTRICT": Case("vulnerable", {}, {"restricted": True}),
    "UNRESTRICT": Case("vulnerable", {}, {"restricted": False}, before="RESTRICT"),
    "DISPUTE": Case("vulnerable", {}, {"disputed": True}),
    "UNDISPUTE": Case("vulnerable", {}, {"disputed": False}, before="DISPUTE"),
    "SUSPECT_EVIDENCE": Case("vulnerable", {"reason": "Charged"}, {"data_subject_category": "SUSPECT"}),
    "VISITED": Case("vulnerable", {"value": DAY_BEFORE}, {"visited_on": YESTERDAY}),
    "TOOLKIT_COMPLETED": Case("vulnerable", {"value": DAY_BEFORE}, {"toolkit_on": YESTERDAY}),
    "CONCERN": Case("vulnerable", {"value": "Seen with adults.", "reason_code": "SOON"}, {"concern_urgency": "SOON"}),
    "MOVED": Case("vulnerable", {"value": "Leicester | 33"}, {"moved_to_force": "33"}),
    "REVIEWED": Case("vulnerable", {"value": "1/1/2099", "reason_code": "RETAIN"}, {"review_outcome": "RETAIN"}),
    "NRM_SUBMITTED": Case("vulnerable", {"value": "NRM-77"}, {"nrm_reference": "NRM-77"}),
    "NRM_DECISION": Case("referred", {"value": "CG_POSITIVE"}, {"nrm_outcome": "CG_POSITIVE"}),
    "ACTION_DONE": Case("with an action", {"value": "Mentor found", "reason": "Rang"}),
    "SHARE_SUSPECT": Case("suspect", {"value": "SYVP", "reason": "To prevent a crime"}),
    "UNSHARE_SUSPECT": Case("suspect", {"value": "SYVP"}, before="SHARE_SUSPECT"),
}


def people(run: Run) -> dict[str, Iterator[str]]:
    """Whom the night knows, by what a decision needs of them; those who are asked about are in no other list."""
    of = {row["mention_key"]: row["person_id"] for row in run.rows("link", "person")}
    asked = [row for row in run.rows("reconcile", "review") if row["kind"] == "same_person" and row["is_open"]]
    pairs = [[of[row[key]] for row in asked] for key in ("mention_key", "other_mention_key")]
    children = [row for row in run.rows("reconcile", "child") if row["person_id"] not in {*pairs[0], *pairs[1]}]
    todo = [row for row in run.rows("reconcile", "action") if row["done_on"] is None]
    mentions = run.rows("normalise", "mention")
    suspects = [row for row in mentions if row["role"] == "SUSPECT" and row["dob_status"] == "VERIFIED"]

    def having(**wanted: str) -> list[str]:
        return [row["person_id"] for row in children if all(row[name] == value for name, value in wanted.items())]

    decided = having(state="PROPOSED")[:3]  # whom the cases before take
    return {
        "proposed": iter(having(state="PROPOSED")),
        "undated": iter(
            [one for sure in ("UNKNOWN", "STATED") for one in having(dob_status=sure) if one not in decided]
        ),
        "open": iter(having(state="OPEN")),
        "removed": iter(having(removal_reason="NO_LONGER_AT_RISK")),
        "vulnerable": cycle(having(state="VULNERABLE", dob_status="VERIFIED")),
        "referred": iter([row["person_id"] for row in children if row["nrm_reference"]]),
        "with an action": iter([row["person_id"] for row in todo if row["kind"] == "PANEL"]),
        "found elsewhere": iter([row["person_id"] for row in todo if row["kind"] == "ROUTE"]),
        "asked": iter(pairs[0]),
        "asked of": iter(pairs[1]),
        "suspect": cycle(sorted({of[row["mention_key"]] for row in suspects} - set(having()))),
    }


def task_to_tell(run: Run, person: str) -> str:
    """The first task to tell a place of somebody; its id ends with the place."""
    todo = [row for row in run.rows("reconcile", "action") if row["kind"] == "ROUTE" and row["done_on"] is None]
    return min((row["action_id"] for row in todo if row["person_id"] == person), default="")


@dataclass(frozen=True)
class Decided:
    """What was decided about whom, by the decision's id, and whom to tell of them before."""

    person: str
    other: str
    decision_id: str
    task: str


@pytest.fixture(scope="module")
def overnight(browser, server, tmp_path_factory) -> tuple[Run, dict[str, Decided]]:
    """The next night of an invented force, and each decision that was made on the screens before it."""
    folder = tmp_path_factory.mktemp("overnight")
    make_force(folder / "given", children=12, start=TODAY - timedelta(days=200), end=YESTERDAY)
    tonight = Run(TODAY, Home(folder / "home"), partial(endpoint, sources(folder / "given")))
    run_night(tonight, (*STAGES, *ASSUMED))
    whom, decided = people(tonight), {}
    context = browser.new_context()
    context.add_cookies([{"name": "_token", "value": server.token("uma"), "url": server.address}])
    tab = context.new_page()

    def decide(action: str, person: str, other: str = "") -> str:
        before = answers.open_to_undo(tonight.register, datetime.now(UTC))
        given = CASES[action].given | ({"other_mention_key": other} if other else {})
        if action == "PLACE_TOLD":
            given = {"value": task_to_tell(tonight, person).rpartition(":")[2]}
        if action in DECISIONS:
            fill(tab, server, action, given, person)
            assert tab.inner_text("h1") == "Check before it is recorded", tab.inner_text("main")
            assert answers.open_to_undo(tonight.register, datetime.now(UTC)) == before
            tab.click("main button")
            tab.wait_for_url(f"**/people/{person}?recorded={action}")
        else:
            tab.goto(f"{server.address}/county-lines/people/{person}")
            tab.click("#needs ~ ul a:has-text('Panel action')")
            tab.check("[name=choice]")
            for name, words in given.items():
                tab.fill(f"#{name}", words)
            tab.click("text=Record the answer")
            tab.wait_for_url("**done=answered")
        return str(answers.open_to_undo(tonight.register, datetime.now(UTC))[-1]["decision_id"])

    with server.showing(tonight):
        for action, case in CASES.items():
            person, other = next(whom[case.about]), next(whom[case.other]) if case.other else ""
            if case.before:
                decide(case.before, person)
            decided[action] = Decided(person, other, decide(action, person, other), task_to_tell(tonight, person))
    context.close()
    tomorrow = next_night(tonight)
    run_night(tomorrow, STAGES)
    return tomorrow, decided


def child(run: Run, person: str) -> Row:
    return next((row for row in run.rows("reconcile", "child") if row["person_id"] == person), {})


def test_every_decision_about_a_person_is_tried():
    assert set(CASES) == {name for name, action in ACTIONS.items() if action.of_a_mention}


@pytest.mark.parametrize("action", CASES)
def test_what_is_decided_on_the_childs_page_is_carried_out_the_next_night(overnight, action):
    tomorrow, decided = overnight
    one = decided[action]
    taken_up = {row["decision_id"]: row for row in tomorrow.rows("normalise", "decision")}
    assert taken_up[one.decision_id]["decided_by"] == "uma"
    assert [
        row["reason"] for row in tomorrow.rows("reconcile", "refusal") if row["decision_id"] == one.decision_id
    ] == []
    now = child(tomorrow, one.person)
    assert {column: now.get(column) for column in CASES[action].then} == CASES[action].then


def test_who_was_said_to_be_one_is_one_and_who_was_not_is_asked_about_no_more(overnight):
    tomorrow, decided = overnight
    link = decided["LINK"]
    assert sum(bool(child(tomorrow, one)) for one in (link.person, link.other)) == 1
    of = {row["mention_key"]: row["person_id"] for row in tomorrow.rows("link", "person")}
    asked = [
        {of[row["mention_key"]], of[row["other_mention_key"]]}
        for row in tomorrow.rows("reconcile", "review")
        if row["kind"] == "same_person" and row["is_open"]
    ]
    for action in ("SEPARATE", "UNDECIDED"):
        assert {decided[action].person, decided[action].other} not in asked


def test_what_was_done_and_who_was_told_or_has_answered_waits_no_more(overnight):
    tomorrow, decided = overnight
    todo = [row for row in tomorrow.rows("reconcile", "action") if row["done_on"] is None]
    assert (decided["ACTION_DONE"].person, "PANEL") not in {(row["person_id"], row["kind"]) for row in todo}
    assert task_to_tell(tomorrow, decided["PLACE_TOLD"].person) != decided["PLACE_TOLD"].task
    answered = [row for row in tomorrow.rows("reconcile", "route") if row["answered_on"]]
    assert decided["PLACE_ANSWERED"].person in {row["person_id"] for row in answered}
