"""Who is this, and what is known, decided and disclosed of them?

Find somebody by anything ever recorded of them, and read their page. Each page view is a consultation of that person in
the processing log.
"""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from connectors.register import answers
from expectations.clocks import CLOCKS
from expectations.plain import Row
from night.person import found_by
from screens.access import Reviewer, form_token
from screens.deciding import DECISIONS, GROUPS, shown_person
from screens.desk import desk
from screens.pages import shown
from transforms.report.contents import Contents
from transforms.report.person import CORRECTED_BY

router = APIRouter(prefix="/people")

LOOKS_SHOWN = 20


@router.get("")
def people(request: Request, user: Reviewer) -> HTMLResponse:
    """Everybody on the tracker."""
    at = desk(request)
    at.shown_to(user, "find", [child["person_id"] for child in at.contents.on_tracker])
    return shown(request, "people.html", contents=at.contents, find="", rows=[])


@router.post("")
def found(request: Request, user: Reviewer, find: Annotated[str, Form()] = "") -> HTMLResponse:
    """Everybody who was ever recorded so. What is typed may be a name: it is in no address, which a log would keep."""
    at = desk(request)
    rows = found_by(at.run, find) if find.strip() else []
    at.shown_to(user, "find", [row["person_id"] for row in rows])
    return shown(request, "people.html", contents=at.contents, find=find.strip(), rows=rows)


@router.get("/{person_id}")
def one(request: Request, user: Reviewer, person_id: str, recorded: str = "", held: str = "") -> HTMLResponse:
    """Everything of one person, and every decision that can be made about them; 404 where no record names them."""
    at = desk(request)
    found = shown_person(at, user, person_id, "page")
    waiting = answers.open_to_undo(at.run.register, datetime.now(UTC))
    return shown(
        request,
        "person.html",
        contents=at.contents,
        person=found,
        groups=GROUPS,
        clock_words=CLOCKS,
        corrected_by=CORRECTED_BY,
        waiting=[row for row in waiting if found.person_id in _whom(at.contents, row)],
        recorded=recorded if recorded in DECISIONS else "",
        held=bool(held),
        looks_shown=LOOKS_SHOWN,
        token=form_token(user),
    )


def _whom(contents: Contents, made: Row) -> set[str]:
    """The person, or both people, whom a decision is about."""
    keys = (made["mention_key"], made["other_mention_key"])
    return {made["person_id"], *(contents.person_of.get(key, "") for key in keys)}
