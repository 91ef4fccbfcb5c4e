"""Who is this, and what is known, decided and disclosed of them?

Find somebody by anything ever recorded of them, and read their page. Each page view is a consultation of that person in
the processing log.
"""

from datetime import UTC, datetime

from fastapi import APIRouter, HTTPException, Request, status
from fastapi.responses import HTMLResponse

from connectors.register import answers
from night.person import NobodyOfThatId, found_by, person_of
from screens.access import Reviewer, form_token
from screens.deciding import DECISIONS, GROUPS
from screens.desk import desk
from screens.pages import shown

router = APIRouter(prefix="/people")

LOOKS_SHOWN = 20


@router.get("")
def people(request: Request, user: Reviewer, find: str = "") -> HTMLResponse:
    """Everybody who was ever recorded so; those on the tracker where nothing is looked for."""
    at = desk()
    rows = found_by(at.run, find) if find.strip() else []
    listed = rows or ([] if find.strip() else at.contents.on_tracker)
    looked_at = [("find", row["person_id"]) for row in listed]
    if looked_at:
        answers.consulted(at.run.register, str(user.get_name()), looked_at, at.run.as_of)
    return shown(request, "people.html", contents=at.contents, find=find, rows=rows)


@router.get("/{person_id}")
def one(request: Request, user: Reviewer, person_id: str, recorded: str = "") -> HTMLResponse:
    """Everything of one person, and every decision that can be made about them; 404 where no record names them."""
    at = desk()
    try:
        found = person_of(at.run, person_id)
    except NobodyOfThatId as nobody:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(nobody)) from None
    answers.consulted(at.run.register, str(user.get_name()), [("page", found.person_id)], at.run.as_of)
    open_to_undo = answers.open_to_undo(at.run.register, datetime.now(UTC))
    return shown(
        request,
        "person.html",
        contents=at.contents,
        person=found,
        groups=GROUPS,
        waiting=[row for row in open_to_undo if row["person_id"] == found.person_id],
        recorded=recorded if recorded in DECISIONS else "",
        looks_shown=LOOKS_SHOWN,
        token=form_token(user),
    )
