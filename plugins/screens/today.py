"""What needs somebody today, what of it is mine, and what was done since the night?

The first page of whoever opens the screens. Its counts are the report's own; each leads to what it counts.
"""

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse

from expectations.clocks import CLOCKS
from expectations.questions import AGES, CASES, HELD, OTHERS, PAIRS, of_task
from night.outcome import failures
from screens.access import Reviewer
from screens.desk import WideDesk, desk, run_of
from screens.listing import MINE, Wanted, listing
from screens.pages import shown
from transforms.report.headlines import Headline, duties, headlines
from transforms.report.needs import Needs

router = APIRouter(prefix="/today")

TASKS = {
    **{"to-tell": "ROUTE", "unheard": "UNHEARD", "actions": "SCA_REFERRAL"},
    **{"panel-actions": "PANEL", "moved-away": "MOVED_AWAY"},
}
# The kind, or the section, of the questions that a line of the report counts, by the line's anchor.
COUNTED_BY = {
    **{section: section for section in (HELD, CASES, PAIRS, AGES, OTHERS)},
    **{anchor: of_task(task) for anchor, task in TASKS.items()},
}


@router.get("")
def today(request: Request, user: Reviewer) -> HTMLResponse:
    """Who is missing now, what is held, what is asked, which duties are late."""
    at = desk(request, WideDesk)
    needs = Needs(at.contents)
    found = listing(at, Wanted(), str(user.get_name()))
    page = shown(
        request,
        "today.html",
        contents=at.contents,
        failures=failures(run_of(request, at.run.home.nights()[-1])),
        needs=needs,
        lines=[(line, _leads_to(line)) for line in headlines(needs)],
        duties=duties(needs),
        list=found,
        mine=found.count(whose=MINE),
        all_mine=Wanted(whose=MINE).query(),
        all_held=Wanted(kind=HELD).query(),
        to_tell=Wanted(kind=COUNTED_BY["to-tell"]).query(),
    )
    at.shown_to(user, "today", at.people_on(bytes(page.body).decode()))
    return page


@router.get("/duties/{clock}")
def late(request: Request, user: Reviewer, clock: str) -> HTMLResponse:
    """The children towards whom one duty is overdue, the longest first."""
    if clock not in CLOCKS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such duty.")
    at = desk(request, WideDesk)
    rows = [row for row in Needs(at.contents).duties if row["clock"] == clock]
    at.shown_to(user, f"duty:{clock}", (row["person_id"] for row in rows))
    return shown(request, "duties.html", contents=at.contents, clock=CLOCKS[clock], rows=rows)


def _leads_to(line: Headline) -> str:
    """Where the things that a line counts are: its questions, or a section of the page."""
    kind = COUNTED_BY.get(line.anchor)
    return f"/review{Wanted(kind=kind).query()}" if kind else f"#{line.anchor}"
