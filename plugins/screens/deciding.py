"""What does a person decide about somebody, and what will it do?

Every decision that is about a person can be made on their page: a form asks for what it needs, a page shows what it
will do, and only then it is recorded. It counts from the next night and can be taken back until midnight.
"""

from typing import Annotated, Any

from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from fastapi import APIRouter, Form, HTTPException, Request, status
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from connectors.register import answers
from expectations.actions import ACTIONS, IDENTITY, MEETING, TASK, Action
from expectations.answers import CHECKED, AnswerNotValidError
from expectations.inputs import AREAS, DAY, HEADINGS, HINT_OF_A_DAY, INPUTS, PANELS, Input
from expectations.plain import Row
from expectations.site import Site
from night.foresight import contradicted, foreseen, formed, in_place_of
from night.person import NobodyOfThatId, found_by, person_of
from screens.access import Reviewer, Sender, form_token
from screens.desk import Desk, desk
from screens.pages import shown
from transforms.report.person import Person

router = APIRouter(prefix="/people/{person_id}")

# What somebody had to do is settled where it stands: there its question says which of several things is done.
DECISIONS = {name: action for name, action in ACTIONS.items() if action.of_a_mention and action.effect != TASK}
GROUPS = [
    (heading, {name: action for name, action in DECISIONS.items() if action.effect == effect})
    for effect, heading in HEADINGS.items()
    if effect != TASK
]
NOBODY = "“{typed}” names nobody, or several people: give a person id, a tracker id or a report's reference."
NOT_YET = "decision:not yet recorded"

Typed = Annotated[str, Form()]


@router.get("/decide/{action}")
def form(request: Request, user: Reviewer, person_id: str, action: str) -> HTMLResponse:
    """The form of one decision about somebody."""
    at = desk(request)
    return _form(request, user, at, shown_person(at, user, person_id, f"decide:{action}"), action)


@router.post("/decide/{action}")
def check(
    request: Request,
    user: Sender,
    person_id: str,
    action: str,
    value: Typed = "",
    reason_code: Typed = "",
    other_mention_key: Typed = "",
    reason: Typed = "",
    meeting_ref: Typed = "",
    record: Typed = "",
) -> Response:
    """Show what a decision will do, or the form again with what it lacks; record it where that was seen."""
    at = desk(request)
    about = shown_person(at, user, person_id, f"decide:{action}")
    given = {"value": value, "reason_code": reason_code, "other_mention_key": other_mention_key}
    given |= {"reason": reason, "meeting_ref": meeting_ref}
    try:
        decision = _decision(at, about, action, given, str(user.get_name()))
    except AnswerNotValidError as error:
        wrong = status.HTTP_422_UNPROCESSABLE_CONTENT
        return _form(request, user, at, about, action, given, error, wrong)
    if not record:
        return _check(request, user, at, about, decision, given)
    held = "held=yes&" if foreseen(at.run, decision) else ""
    answers.record(
        at.run.register, [{**decision, "person_id": about.person_id, "origin": "screen"}], str(user.get_name())
    )
    return RedirectResponse(f"{_page(request, about)}?{held}recorded={action}", status.HTTP_303_SEE_OTHER)


def inputs(action: Action, site: Site) -> list[tuple[Input, tuple[str, ...]]]:
    """The fields of an action's form, each with what may be chosen."""
    of_the_site = {PANELS: tuple(sorted(site.all_panels)), AREAS: tuple(sorted(site.policing_areas))}
    fields = [field for word in action.form for field in INPUTS[word]]
    return [(field, of_the_site.get(field.of_the_site, field.choices)) for field in fields]


def _decision(at: Desk, about: Person, action: str, given: dict[str, str], who: str) -> Row:
    """The decision in the form of the inbound contract; AnswerNotValidError with a sentence for what it lacks."""
    fields = inputs(_action(action), at.run.site)
    typed = {field.column: _read(at, field, given[field.column]) for field, _ in fields}
    made = dict.fromkeys(("decision_id", "decided_at", "decided_by", *given), "") | typed
    made |= {"reason": given["reason"].strip(), "meeting_ref": given["meeting_ref"].strip(), "action": action}
    made |= {"decision_id": NOT_YET, "decided_by": who, "mention_key": about.mention_key}
    decision, wrong = formed(at.run, made)
    column = fields[0][0].column if fields else "reason"
    if wrong:
        raise AnswerNotValidError(wrong, column)
    if _action(action).effect == IDENTITY:
        decision = in_place_of(at.run, decision)
    (against,) = contradicted(at.run, [decision])
    if against:
        raise AnswerNotValidError(against, column)
    return decision


def _read(at: Desk, field: Input, typed: str) -> str:
    if field.kind == DAY:
        return CHECKED["date"](typed.strip())
    if field.column == "other_mention_key":
        people = found_by(at.run, typed) if typed.strip() else []
        if len(people) != 1:
            raise AnswerNotValidError(NOBODY.format(typed=typed.strip()), field.column)
        return _record_of(person_of(at.run, people[0]["person_id"]), typed.strip())
    return typed.strip()


def _record_of(person: Person, typed: str) -> str:
    """The record that was typed, where it is one of the person's, to part it from the others; else their first."""
    records = {event.record_ref: event.reference for event in person.events if event.is_record}
    return records.get(typed, person.mention_key)


def _form(
    request: Request,
    user: Any,
    at: Desk,
    about: Person,
    action: str,
    given: dict[str, str] | None = None,
    wrong: AnswerNotValidError | None = None,
    status_code: int = 200,
) -> HTMLResponse:
    return shown(
        request,
        "decide.html",
        status_code,
        person=about,
        action=action,
        needs_reason="reason" in _action(action).form,
        does=_action(action).does,
        seen_first=_action(action).seen_first,
        of_a_meeting=_action(action).who == MEETING,
        fields=inputs(_action(action), at.run.site),
        given=given or {},
        hint_of_a_day=HINT_OF_A_DAY,
        wrong=str(wrong) if wrong else "",
        wrong_field=wrong.field if wrong else "",
        token=form_token(user),
    )


def _check(request: Request, user: Any, at: Desk, about: Person, decision: Row, given: dict[str, str]) -> HTMLResponse:
    other = decision["other_mention_key"] or ""
    at.shown_to(user, f"decide:{decision['action']}", [at.contents.person_of.get(other)])
    return shown(
        request,
        "check.html",
        person=about,
        decision=decision,
        does=_action(decision["action"]).does,
        other=at.described(other) if other else "",
        fields=[field for field, _ in inputs(_action(decision["action"]), at.run.site)],
        given=given,
        consequence=foreseen(at.run, decision),
        token=form_token(user),
    )


def _action(name: str) -> Action:
    if name not in DECISIONS:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "There is no such decision about a person.")
    return DECISIONS[name]


def shown_person(at: Desk, user: BaseUser, person_id: str, page: str) -> Person:
    """Everything of somebody, and the consultation in the log; 404 where no record names them."""
    try:
        found = person_of(at.run, person_id)
    except NobodyOfThatId as nobody:
        raise HTTPException(status.HTTP_404_NOT_FOUND, str(nobody)) from None
    at.shown_to(user, page, [found.person_id])
    return found


def _page(request: Request, about: Person) -> str:
    return f"{request.scope.get('root_path', '')}/people/{about.person_id}"
