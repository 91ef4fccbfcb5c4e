"""What did the meeting decide, of all its cases at once?

One form for the day, the meeting's reference, who was there and every proposed child; one page to check it; one
recording. Decisions count from the meeting's day, whenever they are typed in. Nobody has to be decided about.
"""

from datetime import UTC, date, datetime
from typing import Any

from fastapi import APIRouter, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from connectors.register import answers
from expectations.answers import CHECKED, AnswerNotValidError, decide
from expectations.plain import Row
from expectations.questions import QUESTIONS
from screens.access import Reviewer, Sender, form_token
from screens.desk import Desk, desk
from screens.listing import Wanted, listing
from screens.pages import shown
from transforms.report.agenda import agenda

router = APIRouter(prefix="/meeting")

CHOICES = QUESTIONS["ratify"].choices
REFERENCE_MISSING = "The meeting needs a reference, such as CLVT-2026-11: by it its decisions are dated."
AHEAD = "The day of the meeting lies ahead: a meeting that was held has a day that is past, or today."
NOTHING = "Nothing is decided yet: choose an answer for at least one child."


@router.get("")
def meeting(request: Request, user: Reviewer) -> HTMLResponse:
    """The agenda with the choices for each case."""
    at = desk(request)
    held = at.contents.last_meeting
    return _agenda(request, user, at, {"held_on": f"{held:%d/%m/%Y}", "meeting_ref": f"CLVT-{held:%Y-%m}"})


@router.post("")
async def decided(request: Request, user: Sender) -> Response:
    """Show all decisions of the meeting to be checked; record them where they were, or go back to what was chosen."""
    at = desk(request)
    given = {name: str(value).strip() for name, value in (await request.form()).items()}
    if "change" in given:
        return _agenda(request, user, at, given)
    try:
        rows = _decisions(at, given)
    except AnswerNotValidError as error:
        return _agenda(request, user, at, given, str(error), status.HTTP_422_UNPROCESSABLE_CONTENT, error.field)
    if "record" not in given:
        return shown(
            request,
            "meeting_check.html",
            contents=at.contents,
            rows=rows,
            held_before=_held_before(at, *rows[:1]),
            given=_kept(given),
            token=form_token(user),
        )
    outcomes = answers.record(at.run.register, rows, str(user.get_name()))
    refused = [outcome.refused for outcome in outcomes if outcome.refused]
    if refused:
        return _agenda(request, user, at, given, " ".join(refused), status.HTTP_409_CONFLICT)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/review?done=meeting", status.HTTP_303_SEE_OTHER)


def _held_before(at: Desk, of_the_day: Row) -> list[str]:
    """Other days that were recorded for the same reference, in order."""
    made = [*at.contents.rows("decision"), *answers.open_to_undo(at.run.register, datetime.now(UTC))]
    same = [row for row in made if all(row[name] == of_the_day[name] for name in ("action", "meeting_ref"))]
    return sorted({row["value"] for row in same} - {of_the_day["value"]})


def _decisions(at: Desk, given: dict[str, str]) -> list[Row]:
    """The day of the meeting, and a decision for each case that was answered; AnswerNotValidError else."""
    reference, held_on = given.get("meeting_ref", ""), _day(given.get("held_on", ""))
    if not reference:
        raise AnswerNotValidError(REFERENCE_MISSING, "meeting_ref")
    if date.fromisoformat(held_on) > datetime.now(UTC).date():
        raise AnswerNotValidError(AHEAD, "held_on")
    made = [
        _decision(case.review, given)
        for case in agenda(at.contents)
        if not case.bars and given.get(_choice(case.review))
    ]
    if not made:
        raise AnswerNotValidError(NOTHING, "main")
    of_the_day = {"action": "MEETING", "mention_key": "", "value": held_on, "review_id": "", "person_id": ""}
    of_the_day["reason"] = given.get("reason", "")
    return [row | {"meeting_ref": reference, "origin": "screen"} for row in (of_the_day, *made)]


def _day(typed: str) -> str:
    try:
        return CHECKED["date"](typed)
    except AnswerNotValidError as error:
        raise AnswerNotValidError(str(error), "held_on") from None


def _decision(review: Row, given: dict[str, str]) -> Row:
    reason = given.get(f"reason-{review['review_id']}", "")
    try:
        return dict(decide(review, given[_choice(review)], "", reason))
    except AnswerNotValidError as error:
        field = f"{error.field}-{review['review_id']}"
        raise AnswerNotValidError(f"{review['review_id']}: {error}", field) from None


def _choice(review: Row) -> str:
    return f"choice-{review['review_id']}"


def _kept(given: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in given.items() if name not in ("token", "record", "change")}


def _agenda(
    request: Request,
    user: Any,
    at: Desk,
    given: dict[str, str],
    wrong: str = "",
    status_code: int = 200,
    wrong_field: str = "main",
) -> HTMLResponse:
    cases = agenda(at.contents)
    looked_at = [(case.review["review_id"], case.review["person_id"] or "") for case in cases]
    if looked_at:
        answers.consulted(at.run.register, str(user.get_name()), looked_at, at.run.as_of)
    return shown(
        request,
        "meeting.html",
        status_code,
        contents=at.contents,
        cases=cases,
        answered=listing(at, Wanted(), str(user.get_name())).answered,
        choices=CHOICES,
        given=given,
        wrong=wrong,
        wrong_field=wrong_field,
        token=form_token(user),
    )
