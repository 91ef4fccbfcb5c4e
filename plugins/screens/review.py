"""What is asked, what speaks for each answer, and what does the person say?

Questions of the last published night. An answer is a decision of the next night and can be taken back until its
midnight; after it the next question comes by itself. Every look and every answer is in the processing log.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, HTTPException, Request, UploadFile, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from connectors.register import answers
from connectors.register.handling import HANDED, NOTED, TAKEN, handle, has_been_here, story
from connectors.sources.worklist import WorklistError, read_answers
from connectors.store import sealed
from expectations.actions import ACTIONS
from expectations.answers import AnswerNotValidError, decide_all
from expectations.inputs import DAY, HINT_OF_A_DAY, INPUTS, Input
from expectations.plain import Row
from expectations.questions import CASES, PAIRS, QUESTIONS, Choice, candidates
from night.answering import take
from night.asked import outlook, rivals, sides
from night.foresight import foreseen_of
from night.report import meeting_pack_pdf, named_in
from screens.access import CONFIRM, Reviewer, Sender, force_of, form_token, may
from screens.desk import Desk, desk, run_of
from screens.listing import ORDERS, WHOSE, Chosen, Wanted, listing
from screens.pages import PRIVATE, shown
from transforms.export.by_hand import FOLDER, sheet_of
from transforms.reconcile.consequences import CONFIRMED_BY
from transforms.reconcile.routes import task_of
from transforms.report.agenda import bars
from transforms.report.evidence import waterfalls
from transforms.report.questions import named

router = APIRouter(prefix="/review")

MEDIA = {
    "report.html": "text/html; charset=utf-8",
    "meeting_pack.html": "text/html; charset=utf-8",
    "worklist.xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
LAST_SHOWN, REPORTS_SHOWN = 20, 8
OF_SEVERAL = Input("value", "Letters", hint="of those who are meant: A, or A B")
GIVEN = ("choice", "value", "reason", "consequence", "holder", "note")
CONFLICT, UNREADABLE = status.HTTP_409_CONFLICT, status.HTTP_422_UNPROCESSABLE_CONTENT
TAKEN_BY = "{} is answering this question: pass it over, or take it over first."
NEVER_HERE = "Nobody called “{}” was ever on these pages: look for a slip in the name, or let them sign on once."
LACKING = {HANDED: "Say to whom the question is handed.", NOTED: "A note needs words."}
DONE = {
    "meeting": "The decisions of the meeting are recorded, and count from its day with the next night.",
    "answered": "The answer is recorded and counts from the next night.",
    "held": "The answer is recorded and held: it waits until another person confirms it.",
    "undone": "The answer is taken back.",
    "handled": "It is written down.",
}


@dataclass(frozen=True)
class Wrong:
    """What was not taken, and the field that it is about."""

    sentence: str
    field: str = "answer"


@router.get("")
def listed(request: Request, user: Reviewer, wanted: Chosen, done: str = "") -> HTMLResponse:
    """The questions that stand, of the kinds that were chosen, and the answers that can still be taken back."""
    return _listed(request, user, desk(request), wanted, DONE.get(done, ""))


@router.get("/question")
def question(request: Request, user: Reviewer, wanted: Chosen, review_id: str, done: str = "") -> HTMLResponse:
    """One question with its evidence, and the form to answer it."""
    at = desk(request)
    return _question(request, user, at, wanted, at.question(review_id), done=DONE.get(done, ""))


@router.post("/answer")
def answer(
    request: Request,
    user: Sender,
    wanted: Chosen,
    review_id: Annotated[str, Form()],
    choice: Annotated[str, Form()] = "",
    value: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
    seen: Annotated[str, Form()] = "",
) -> Response:
    """Record an answer and go to the next question; or show it again with what the answer lacks, or would do.

    `seen` is the consequence that was shown before: another answer has another one, and is shown first, too.
    """
    at, me = desk(request), str(user.get_name())
    asked, found = at.question(review_id), listing(at, wanted, me)
    given = {"choice": choice, "value": value, "reason": reason}
    holder = found.holders.get(review_id)
    if holder and holder.bars(me):
        return _question(request, user, at, wanted, asked, Wrong(TAKEN_BY.format(holder.holder)), given, CONFLICT)
    try:
        decided = decide_all(asked, choice, value, reason)
    except AnswerNotValidError as error:
        return _question(request, user, at, wanted, asked, Wrong(str(error), error.field), given, UNREADABLE)
    if decided[0]["action"] in CONFIRMED_BY and not may(force_of(request), CONFIRM, user, "POST"):
        needed = force_of(request).permission(CONFIRM)
        raise HTTPException(status.HTTP_403_FORBIDDEN, f"You need the permission “{needed}” to confirm this.")
    consequence = " ".join(filter(None, foreseen_of(at.run, decided)))
    if consequence and seen != consequence:
        return _question(request, user, at, wanted, asked, given=given | {"consequence": consequence})
    following = found.after(review_id)
    made = [one | {"origin": "screen"} for one in decided]
    taken = take(at.run, made, me, confirm=bool(consequence) and may(force_of(request), CONFIRM, user, "POST"))
    if taken[0].refused:
        field = "value" if value else "answer"
        return _question(request, user, at, wanted, asked, Wrong(taken[0].refused, field), given, CONFLICT)
    return _next(request, wanted, following, "held" if any(one.held for one in taken) else "answered")


@router.post("/handle")
def handled(
    request: Request,
    user: Sender,
    wanted: Chosen,
    review_id: Annotated[str, Form()],
    kind: Annotated[Literal["TAKEN", "LEFT", "HANDED", "NOTED"], Form()],
    holder: Annotated[str, Form()] = "",
    note: Annotated[str, Form()] = "",
) -> Response:
    """Take a question, leave it, hand it to a colleague, or note something about it."""
    at, me = desk(request), str(user.get_name())
    asked = at.question(review_id)
    lacks = {HANDED: ("holder", holder), NOTED: ("note", note)}.get(kind)
    wrong = Wrong(LACKING[kind], lacks[0]) if lacks and not lacks[1].strip() else None
    if kind == HANDED and not wrong and not has_been_here(at.run.register, holder.strip()):
        wrong = Wrong(NEVER_HERE.format(holder.strip()), "holder")
    if wrong:
        given = {"holder": holder, "note": note}
        return _question(request, user, at, wanted, asked, wrong, given, status_code=UNREADABLE)
    whose = {TAKEN: me, HANDED: holder.strip()}.get(kind, "")
    handle(at.run.register, kind, (review_id, asked["person_id"] or ""), me, whose, note.strip())
    return _next(request, wanted, review_id, "handled")


@router.post("/undo")
def undo(request: Request, user: Sender, wanted: Chosen, decision_id: Annotated[str, Form()]) -> Response:
    """Take an answer back that no night has taken up yet."""
    at = desk(request)
    try:
        answers.undo(at.run.register, decision_id, str(user.get_name()))
    except answers.AnswerError as error:
        return _listed(request, user, at, wanted, refused=[str(error)], status_code=CONFLICT)
    return _next(request, wanted, "", "undone")


@router.post("/worklist")
async def worklist(request: Request, user: Sender, wanted: Chosen, file: UploadFile) -> HTMLResponse:
    """Take the answers of a worklist."""
    at = desk(request)
    try:
        found = read_answers(BytesIO(await file.read()), at.questions, at.contents.stamp)
    except WorklistError as error:
        return _listed(request, user, at, wanted, refused=[str(error)], status_code=UNREADABLE)
    taken = take(at.run, found.decisions, str(user.get_name()))
    sentences = [*found.refused, *(one.sentence for one in taken if one.sentence)]
    count = sum(not one.sentence for one in taken)
    return _listed(request, user, at, wanted, f"Answers taken from the worklist: {count}.", sentences)


@router.get("/file/{name}")
def file(request: Request, user: Reviewer, name: str, night: date | None = None) -> Response:
    """A page or workbook of a night, as it was sealed; of the last published night where none is named."""
    run = run_of(request, night) if night else desk(request).run
    if name.startswith(f"{FOLDER}_"):
        return _sheet(user, desk(request), name.removeprefix(f"{FOLDER}_"))
    if name not in MEDIA or not run.folder.is_sealed("report"):
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such page of this night.")
    answers.consulted(run.register, str(user.get_name()), [(name, one) for one in named_in(run, name)], run.as_of)
    headers = PRIVATE | {"Content-Disposition": f'inline; filename="{run.as_of}_{name}"'}
    return Response(sealed.read_file(run.folder, "report", name), media_type=MEDIA[name], headers=headers)


def _sheet(user: Any, at: Desk, name: str) -> Response:
    """The sheet for a place that is told by hand; everybody of whom the place has to hear was looked at."""
    its_tasks = {task for task, sheet in sheets_of(at).items() if sheet == name}
    if not its_tasks:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such sheet of this night.")
    at.shown_to(user, name, {task["person_id"] for task in at.contents.tasks if task["action_id"] in its_tasks})
    content = sealed.read_file(at.run.folder, "export", f"{FOLDER}/{name}")
    headers = PRIVATE | {"Content-Disposition": f'inline; filename="{name}"'}
    return Response(content, media_type=MEDIA["report.html"], headers=headers)


def sheets_of(at: Desk) -> dict[str, str]:
    """The name of the sheet that each task to tell a place by hand is done with, where the night made one."""
    if not at.run.folder.is_sealed("export"):
        return {}
    there, tasks = sealed.files(at.run.folder, "export", FOLDER), {task["action_id"] for task in at.contents.tasks}
    routes = [row for row in at.run.rows("reconcile", "route") if task_of(row) in tasks]
    named = {task_of(row): sheet_of(row, at.run.as_of, at.run.site.places) for row in routes}
    return {task: sheet for task, sheet in named.items() if f"{FOLDER}/{sheet}" in there}


@router.get("/meeting_pack.pdf")
def paper(request: Request, user: Reviewer) -> Response:
    """The pack of the next meeting, set now from the last published night."""
    run = desk(request).run
    looked_at = [("meeting_pack.pdf", one) for one in named_in(run, "meeting_pack.pdf")]
    answers.consulted(run.register, str(user.get_name()), looked_at, run.as_of)
    return Response(meeting_pack_pdf(run), media_type="application/pdf", headers=PRIVATE)


def _listed(
    request: Request,
    user: Any,
    at: Desk,
    wanted: Wanted,
    message: str = "",
    refused: list[str] | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    found = listing(at, wanted, str(user.get_name()))
    _log(user, at, found.rows)
    return shown(
        request,
        "review.html",
        status_code,
        contents=at.contents,
        list=found,
        whose_words=WHOSE,
        orders=ORDERS,
        other=partial(other, at),
        about=partial(about, at),
        last=LAST_SHOWN,
        message=message,
        refused=refused or [],
        token=form_token(user),
    )


def _question(
    request: Request,
    user: Any,
    at: Desk,
    wanted: Wanted,
    asked: Row,
    wrong: Wrong | None = None,
    given: dict[str, str] | None = None,
    status_code: int = 200,
    done: str = "",
) -> HTMLResponse:
    found = listing(at, wanted, str(user.get_name()))
    review_id, is_pair = asked["review_id"], QUESTIONS[asked["kind"]].section == PAIRS
    child = at.contents.child.get(asked["person_id"] or "", {})
    beside = sides(at.run, at.contents, asked) if is_pair else []
    also_asked = rivals(at.contents, asked) if is_pair else []
    _log(user, at, [asked, *also_asked])
    choices, may_confirm = QUESTIONS[asked["kind"]].choices, may(force_of(request), CONFIRM, user, "POST")
    return shown(
        request,
        "question.html",
        status_code,
        contents=at.contents,
        list=found,
        me=found.user,
        asked=asked,
        child=child,
        records=at.contents.mentions(child.get("mention_keys") or [asked["mention_key"]]),
        beside=beside,
        weighed=waterfalls(asked) if is_pair else [],
        rivals=also_asked,
        outlook=outlook(at.run, asked) if is_pair else [],
        rival=partial(rival, at, asked),
        reports_shown=REPORTS_SHOWN,
        holder=found.holders.get(review_id),
        answered=[row for row in found.waiting if row["review_id"] == review_id],
        notes=story(at.run.register, [review_id]),
        following=found.after(review_id),
        sheet=sheets_of(at).get(review_id, ""),
        bars=bars(at.contents, asked["person_id"] or "") if QUESTIONS[asked["kind"]].section == CASES else [],
        choices=choices,
        typed=list(dict.fromkeys(_typed(one) for one in choices if one.asks)),
        answers_shown=[(one.label, one.label, _needs(one)) for one in choices],
        may_answer=not any(one.action in CONFIRMED_BY for one in choices) or may_confirm,
        message=wrong.sentence if wrong else "",
        wrong_field=wrong.field if wrong else "",
        done=done,
        given=dict.fromkeys(GIVEN, "") | {"value": _place(at, asked)} | (given or {}),
        waits_for_another=at.run.site.confirmed_by_another or not may_confirm,
        token=form_token(user),
    )


def _place(at: Desk, asked: Row) -> str:
    """The authority or force that has to hear, where a question is about one: nobody has to type it again."""
    if not any("place" in ACTIONS[one.action].form for one in QUESTIONS[asked["kind"]].choices):
        return ""
    places, code = at.run.site.places, asked["review_id"].rpartition(":")[2]
    return str(places.name(code) if places.authority(code) else places.force_name(code))


def other(at: Desk, row: Row) -> str:
    """The second person of a question, in a line: name and id, or the record."""
    return " or ".join(at.described(key) for key in candidates(row))


def rival(at: Desk, asked: Row, row: Row) -> str:
    """Whom another question about one of two people asks about besides, in a line."""
    ours = {at.contents.person_of.get(key) for key in (asked["mention_key"], *candidates(asked))}
    others = [key for key in (row["mention_key"], *candidates(row)) if at.contents.person_of.get(key) not in ours]
    return " or ".join(at.described(key) for key in others or candidates(row))


def about(at: Desk, row: Row) -> str:
    """Whom an answer was about, in a line, by the question or by the record that the decision names."""
    asked = at.questions.get(row["review_id"], {})
    child = at.contents.child.get(asked.get("person_id") or row["person_id"] or "", {})
    first = f"{named(child)} {child['tracker_id'] or ''}".strip() if child else row["mention_key"] or row["value"]
    return f"{first} and {other(at, asked)}" if asked.get("other_mention_key") else first


def _needs(choice: Choice) -> str:
    reason = "needs a reason" if choice.needs_reason else ""
    value = f"needs “{_typed(choice).label}”" if choice.asks else ""
    return ", ".join(filter(None, (value, reason)))


def _typed(choice: Choice) -> Input:
    """What is typed beside an answer, as the form of the same decision on a person's page asks for it."""
    if choice.asks == "letters":
        return OF_SEVERAL
    fields = [one for word in ACTIONS[choice.action].form for one in INPUTS[word] if one.column == "value"]
    return replace(fields[0], hint=HINT_OF_A_DAY) if fields[0].kind == DAY else fields[0]


def _log(user: Any, at: Desk, rows: list[Row]) -> None:
    looked_at = [(row["review_id"], person) for row in rows for person in _people(at, row)]
    if looked_at:
        answers.consulted(at.run.register, str(user.get_name()), looked_at, at.run.as_of)


def _people(at: Desk, row: Row) -> set[str]:
    """Everybody whom a question may be about, by person id; the empty one where it is about nobody."""
    others = {at.contents.person_of.get(key, "") for key in candidates(row)}
    return {row["person_id"] or "", *others}


def _next(request: Request, wanted: Wanted, review_id: str, done: str) -> RedirectResponse:
    """To a question out of those chosen, or to all of them where there is none."""
    query = wanted.query(**{}) if not review_id else ""
    here = wanted.question(review_id, done=done) if review_id else f"/review{query}{'&' if query else '?'}done={done}"
    return RedirectResponse(f"{request.scope.get('root_path', '')}{here}", status.HTTP_303_SEE_OTHER)
