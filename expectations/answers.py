"""What may a person answer to a question, and which decision does each answer make?

The worklist's drop-downs, the review screen's choices and the reading of what comes back all use this one list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

GENDERS = (
    "Male",
    "Female",
    "Trans Male",
    "Trans Female",
    "Non-Binary",
    "Intersex",
    "Not Specified",
    "Not Known",
)


# The worklist's sheet, and the columns of it that are read when it comes back.
SHEET = "Worklist"
QUESTION, ANSWER, VALUE, REASON = "Question", "Answer", "Value", "Reason"


class AnswerNotValidError(Exception):
    """An answer is not one that the question takes; the message is for the person who gave it."""


@dataclass(frozen=True)
class Choice:
    """One possible answer: what a person picks, and the decision that it makes.

    `asks` is what has to be typed beside it: `date`, `gender`, `text`, or nothing. `needs_reason` where the decision is
    one that a later reader must be able to follow.
    """

    label: str
    action: str
    value: str = ""
    reason_code: str = ""
    asks: str = ""
    needs_reason: bool = False


_DATES_OF_BIRTH = (
    Choice("Date of birth, verified", "SET_DOB", reason_code="VERIFIED", asks="date"),
    Choice("Date of birth, stated", "SET_DOB", reason_code="STATED", asks="date"),
    Choice("Date of birth, estimated", "SET_DOB", reason_code="ESTIMATED", asks="date"),
)
_GENDER = Choice("Gender", "SET_GENDER", asks="gender")
_AUTHORITY = Choice("Lives in the authority named", "SET_AUTHORITY", asks="text")
_TURNED_18 = Choice("Remove: is 18 or over", "REMOVE", reason_code="AGED_OUT")
_AT_RISK = (
    Choice("Keep, Open", "SET_STATUS", value="OPEN", needs_reason=True),
    Choice("Keep, Vulnerable", "SET_STATUS", value="VULNERABLE", needs_reason=True),
)
_NOT_AT_RISK = (
    Choice("Remove: no longer at risk", "REMOVE", reason_code="NO_LONGER_AT_RISK", needs_reason=True),
    Choice("Remove: entered in error", "REMOVE", reason_code="ENTERED_IN_ERROR", needs_reason=True),
)

CHOICES: dict[str, tuple[Choice, ...]] = {
    "same_person": (
        Choice("Same person", "LINK", needs_reason=True),
        Choice("Different people", "SEPARATE", needs_reason=True),
    ),
    "ratify": (
        Choice("Ratify as Open", "RATIFY", value="OPEN"),
        Choice("Ratify as Vulnerable", "RATIFY", value="VULNERABLE"),
        Choice("Not for the tracker", "DECLINE", needs_reason=True),
    ),
    "age": (*_DATES_OF_BIRTH, _TURNED_18, Choice("Not for the tracker", "DECLINE", needs_reason=True)),
    "unsupported": (*_AT_RISK, *_NOT_AT_RISK),
    "nrm_consent": (
        Choice("Consents, stays in the NRM", "NRM_DECISION", value="CONSENT_GIVEN"),
        Choice("Does not consent, leaves the NRM", "NRM_DECISION", value="CONSENT_REFUSED"),
        Choice("Decision received, namely", "NRM_DECISION", asks="text"),
    ),
    "sca_action": (
        Choice("Reviewed and actioned", "ACTION_DONE", value="ACTIONED", needs_reason=True),
        Choice("Reviewed, no further action", "ACTION_DONE", value="NO_FURTHER_ACTION", needs_reason=True),
    ),
    "panel_action": (Choice("Done, with this outcome", "ACTION_DONE", asks="text"),),
    "gender": (_GENDER,),
    "data": (*_DATES_OF_BIRTH, _GENDER, _AUTHORITY),
}


def choice(kind: str, label: str) -> Choice:
    """The choice of that label for a kind of question; AnswerNotValidError names those that there are."""
    for possible in CHOICES[kind]:
        if possible.label == label.strip():
            return possible
    raise AnswerNotValidError(f"“{label.strip()}” is no answer here. Possible are: {labels(kind)}.")


def labels(kind: str) -> str:
    """The labels of a kind's choices, as words."""
    return "; ".join(possible.label for possible in CHOICES[kind])


def decide(question: Mapping[str, Any], label: str, value: str, reason: str) -> dict[str, str]:
    """The decision that an answer to a question makes: columns of `landed_decision`, with review_id and person_id.

    `question` is a row of `review`: whom the decision is about comes from it alone, never from what was typed.
    Raises AnswerNotValidError with a sentence where the answer lacks something.
    """
    chosen = choice(str(question["kind"]), label)
    typed = value.strip()
    if chosen.asks:
        typed = _CHECKED[chosen.asks](typed)
    elif typed:
        raise AnswerNotValidError(f"“{chosen.label}” takes no value: leave it empty, or pick another answer.")
    if chosen.needs_reason and not reason.strip():
        raise AnswerNotValidError(f"“{chosen.label}” needs a reason, so that it can be followed later.")
    return {
        "review_id": str(question["review_id"]),
        "person_id": str(question["person_id"] or ""),
        "action": chosen.action,
        "mention_key": str(question["mention_key"]),
        "other_mention_key": str(question["other_mention_key"] or "") if chosen.action in ("LINK", "SEPARATE") else "",
        "value": chosen.value or typed,
        "reason_code": chosen.reason_code,
        "reason": reason.strip(),
    }


def _date(typed: str) -> str:
    for read in (date.fromisoformat, _british):
        try:
            return read(typed).isoformat()
        except ValueError:
            continue
    raise AnswerNotValidError("A date is needed, as day/month/year (27/03/2009) or 2009-03-27.")


def _british(typed: str) -> date:
    day, month, year = (int(part) for part in typed.split("/"))
    return date(year, month, day)


def _gender(typed: str) -> str:
    if typed not in GENDERS:
        raise AnswerNotValidError(f"A gender is needed, one of: {', '.join(GENDERS)}.")
    return typed


def _text(typed: str) -> str:
    if not typed:
        raise AnswerNotValidError("A value is needed beside this answer.")
    return typed


_CHECKED = {"date": _date, "gender": _gender, "text": _text}
