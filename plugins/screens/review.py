"""What is asked, what speaks for each answer, and what does the person say?

Questions of the last published night. An answer is a decision of the next night and can be taken back until its
midnight. Every look and every answer is in the processing log.
"""

from datetime import UTC, date, datetime
from io import BytesIO
from typing import Annotated, Any

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from connectors.register import answers
from connectors.sources.worklist import WorklistError, read_answers
from connectors.store import sealed
from expectations.answers import AnswerNotValidError, decide_all
from expectations.plain import Row
from expectations.questions import PAIRS, QUESTIONS
from night.answering import take
from night.foresight import foreseen_of
from night.report import meeting_pack_pdf
from screens.access import Reviewer, Sender, form_token
from screens.desk import Desk, desk, run_of
from screens.pages import PRIVATE, shown
from transforms.report.evidence import same_person

router = APIRouter(prefix="/review")

MEDIA = {
    "report.html": "text/html; charset=utf-8",
    "meeting_pack.html": "text/html; charset=utf-8",
    "worklist.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DONE = {
    "answered": "The answer is recorded and counts from the next night.",
    "held": "The answer is recorded and held: it waits until another person confirms it.",
    "undone": "The answer is taken back.",
}


@router.get("")
def listed(request: Request, user: Reviewer, done: str = "") -> HTMLResponse:
    """Every question that stands, and the answers that can still be taken back."""
    return _listed(request, user, desk(), DONE.get(done, ""))


@router.get("/question")
def question(request: Request, user: Reviewer, review_id: str) -> HTMLResponse:
    """One question with its evidence, and the form to answer it."""
    at = desk()
    return _question(request, user, at, at.question(review_id))


@router.post("/answer")
def answer(
    request: Request,
    user: Sender,
    review_id: Annotated[str, Form()],
    choice: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Record an answer, or show the question again with what it lacks, or with what it would do that is not yet seen.

    `seen` is the consequence that was shown before: another answer has another one, and is shown first, too.
    """
    at = desk()
    asked = at.question(review_id)
    try:
        decided = decide_all(asked, choice, value, reason)
    except AnswerNotValidError as error:
        given = {"choice": choice, "value": value, "reason": reason}
        return _question(request, user, at, asked, str(error), given, status.HTTP_422_UNPROCESSABLE_CONTENT)
    consequence = " ".join(filter(None, foreseen_of(at.run, decided)))
    if consequence and seen != consequence:
        given = {"choice": choice, "value": value, "reason": reason, "consequence": consequence}
        return _question(request, user, at, asked, "", given)
    made = [one | {"origin": "screen"} for one in decided]
    taken = take(at.run, made, str(user.get_name()), confirm=bool(consequence))
    if taken[0].refused:
        given = {"choice": choice, "value": value, "reason": reason}
        return _question(request, user, at, asked, taken[0].refused, given, status.HTTP_409_CONFLICT)
    return _back(request, "held" if any(one.held for one in taken) else "answered")


@router.post("/undo")
def undo(request: Request, user: Sender, decision_id: Annotated[str, Form()]) -> Response:
    """Take an answer back that no night has taken up yet."""
    at = desk()
    try:
        answers.undo(at.run.register, decision_id, str(user.get_name()))
    except answers.AnswerError as error:
        return _listed(request, user, at, str(error), status_code=status.HTTP_409_CONFLICT)
    return _back(request, "undone")


@router.post("/worklist")
async def worklist(request: Request, user: Sender, file: UploadFile) -> HTMLResponse:
    """Take the answers of a worklist."""
    at = desk()
    try:
        found = read_answers(BytesIO(await file.read()), at.questions, at.contents.stamp)
    except WorklistError as error:
        return _listed(request, user, at, str(error), status_code=status.HTTP_422_UNPROCESSABLE_CONTENT)
    taken = take(at.run, found.decisions, str(user.get_name()))
    sentences = [*found.refused, *(one.sentence for one in taken if one.sentence)]
    count = sum(not one.sentence for one in taken)
    return _listed(request, user, at, f"Answers taken from the worklist: {count}.", sentences)


@router.get("/file/{name}")
def file(user: Reviewer, name: str, night: date | None = None) -> Response:
    """A page or workbook of a night, as it was sealed; of the last published night where none is named."""
    run = run_of(night) if night else desk().run
    if name not in MEDIA or not run.folder.is_sealed("report"):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such page of this night.")
    answers.consulted(run.register, str(user.get_name()), [(name, "")], run.as_of)
    headers = PRIVATE | {"Content-Disposition": f'inline; filename="{run.as_of}_{name}"'}
    return Response(sealed.read_file(run.folder, "report", name), media_type=MEDIA[name], headers=headers)


@router.get("/meeting_pack.pdf")
def paper(user: Reviewer) -> Response:
    """The pack of the next meeting, set now from the last published night."""
    run = desk().run
    answers.consulted(run.register, str(user.get_name()), [("meeting_pack.pdf", "")], run.as_of)
    return Response(meeting_pack_pdf(run), media_type="application/pdf", headers=PRIVATE)


def _listed(
    request: Request, user: Any, at: Desk, message: str = "", refused: list[str] | None = None, status_code: int = 200
) -> HTMLResponse:
    waiting = answers.open_to_undo(at.run.register, datetime.now(UTC))
    answered = {row["review_id"] for row in waiting}
    open_questions = [row for row in at.questions.values() if row["review_id"] not in answered]
    _log(user, at, open_questions)
    return shown(
        request,
        "review.html",
        status_code,
        contents=at.contents,
        open_questions=_by_kind(open_questions),
        waiting=waiting,
        questions=at.questions,
        message=message,
        refused=refused or [],
        token=form_token(user),
    )


def _by_kind(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    kinds = sorted({row["kind"] for row in rows}, key=list(QUESTIONS).index)
    return [(kind, [row for row in rows if row["kind"] == kind]) for kind in kinds]


def _question(
    request: Request,
    user: Any,
    at: Desk,
    asked: dict[str, Any],
    message: str = "",
    given: dict[str, str] | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    _log(user, at, [asked])
    child = at.contents.child.get(asked["person_id"] or "", {})
    return shown(
        request,
        "question.html",
        status_code,
        contents=at.contents,
        asked=asked,
        child=child,
        records=at.contents.mentions(child.get("mention_keys") or [asked["mention_key"]]),
        pair=same_person(at.contents, asked) if QUESTIONS[asked["kind"]].section == PAIRS else None,
        choices=QUESTIONS[asked["kind"]].choices,
        message=message,
        given={"choice": "", "value": "", "reason": "", "consequence": ""} | (given or {}),
        waits_for_another=at.run.site.confirmed_by_another,
        token=form_token(user),
    )


def _log(user: Any, at: Desk, rows: list[Row]) -> None:
    looked_at = [(row["review_id"], row["person_id"] or "") for row in rows]
    if looked_at:
        answers.consulted(at.run.register, str(user.get_name()), looked_at, at.run.as_of)


def _back(request: Request, done: str) -> RedirectResponse:
    return RedirectResponse(f"{request.scope.get('root_path', '')}/review?done={done}", status.HTTP_303_SEE_OTHER)
