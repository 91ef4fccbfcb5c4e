"""Which decision does a person's answer to a question make?

The answers that there are stand in `questions`; the worklist and the review screen both read what comes back here.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import date
from string import ascii_uppercase
from typing import Any

from expectations.actions import ACTIONS, CONFIRMATION
from expectations.questions import QUESTIONS, Choice

# The worklist's sheet, and the columns of it that are read when it comes back.
SHEET = "Worklist"
QUESTION, ANSWER, VALUE, REASON = "Question", "Answer", "Value", "Reason"
OLDEST = 110  # years
BOUND = (QUESTION, "Child", "First record", "Second record")  # what says of a row whom it is about
CHECK = "Check"  # the code that binds these cells to one another, to the night and to its home


def check_of(stamp: str, cells: Mapping[str, str]) -> str:
    """The code of a row of the worklist; `stamp` is the night's own, so that no other night or home has the same."""
    texts = [" ".join(str(cells.get(title) or "").split()) for title in BOUND]
    return hashlib.sha256("\x1f".join([stamp, *texts]).encode()).hexdigest()[:12]


class AnswerNotValidError(Exception):
    """An answer is not one that the question takes; the message is for the person who gave it.

    `field` is what has to be mended: the choice, the value or the reason.
    """

    def __init__(self, sentence: str, field: str = "value") -> None:
        super().__init__(sentence)
        self.field = field


def choice(kind: str, label: str) -> Choice:
    """The choice of that label for a kind of question; AnswerNotValidError names those that there are."""
    for possible in QUESTIONS[kind].choices:
        if possible.label == label.strip():
            return possible
    raise AnswerNotValidError(f"“{label.strip()}” is no answer here. Possible are: {labels(kind)}.", "choice")


def labels(kind: str) -> str:
    """The labels of a kind's choices, as words."""
    return "; ".join(possible.label for possible in QUESTIONS[kind].choices)


def decide(question: Mapping[str, Any], label: str, value: str, reason: str) -> dict[str, str]:
    """The decision that an answer to a question makes: columns of `landed_decision`, with review_id and person_id.

    `question` is a row of `review`: whom the decision is about comes from it alone, never from what was typed.
    Raises AnswerNotValidError with a sentence where the answer lacks something.
    """
    chosen = choice(str(question["kind"]), label)
    typed = value.strip()
    if chosen.asks:
        typed = CHECKED[chosen.asks](typed)
        if chosen.action == "SET_DOB":
            _expect_birth(date.fromisoformat(typed), question["asked_on"])
    elif typed:
        raise AnswerNotValidError(f"“{chosen.label}” takes no value: leave it empty, or pick another answer.")
    if chosen.needs_reason and not reason.strip():
        raise AnswerNotValidError(f"“{chosen.label}” needs a reason, so that it can be followed later.", "reason")
    action = ACTIONS[chosen.action]
    return {
        "review_id": str(question["review_id"]),
        "person_id": str(question["person_id"] or ""),
        "action": chosen.action,
        "mention_key": str(question["mention_key"]) if action.of_a_mention else "",
        "other_mention_key": str(question["other_mention_key"] or "") if "pair" in action.form else "",
        "value": str(question["review_id"]) if action.effect == CONFIRMATION else chosen.value or typed,
        "reason_code": chosen.reason_code,
        "reason": reason.strip(),
    }


def decide_all(question: Mapping[str, Any], label: str, value: str, reason: str) -> list[dict[str, str]]:
    """All decisions that an answer makes: one about each candidate, where a record may be one of several people's.

    The candidates have the letters A, B, … in the order in which the question names them. AnswerNotValidError, with a
    sentence for whoever answers, where no decision can be made of it.
    """
    made = decide(question, label, value, reason)
    rivals = question.get("rivals") or ()
    if not rivals:
        return [made]
    candidates = dict(zip(ascii_uppercase, (made["other_mention_key"], *rivals), strict=False))
    named = made["value"].split() or list(candidates)
    unknown = set(named) - candidates.keys()
    if unknown:
        raise AnswerNotValidError(f"There is no {min(unknown)} here: the letters are {', '.join(candidates)}.")
    others = {"action": "SEPARATE"} if made["action"] == "LINK" else {}
    return [
        {**made, "other_mention_key": key, "value": "", **({} if letter in named else others)}
        for letter, key in candidates.items()
    ]


def _date(typed: str) -> str:
    for read in (date.fromisoformat, _british):
        try:
            return read(typed).isoformat()
        except ValueError:
            continue
    raise AnswerNotValidError("A date is needed, as day/month/year (27/03/2009) or 2009-03-27.")


def _expect_birth(born: date, asked_on: date) -> None:
    """A date of birth lies before the question about it, and not so long before that nobody lives who was born then."""
    written = f"{born.day:02}/{born.month:02}/{born.year:04}"
    if born > asked_on:
        raise AnswerNotValidError(f"{written} lies ahead: nobody who is asked about was born then.")
    if born.year < asked_on.year - OLDEST:
        raise AnswerNotValidError(f"{written} is more than {OLDEST} years ago: look for a slip in the year.")


def _british(typed: str) -> date:
    day, month, year = (int(part) for part in typed.split("/"))
    return date(year, month, day)


def _text(typed: str) -> str:
    if not typed:
        raise AnswerNotValidError("A value is needed beside this answer.")
    return typed


def _letters(typed: str) -> str:
    """Letters with a gap between them, in order, each once."""
    letters = re.sub(r"[\s,;.&]|\band\b", "", typed)
    if not letters.isalpha():
        raise AnswerNotValidError("Beside this answer write the letters of the records that are meant: A, or A B.")
    return " ".join(sorted(set(letters.upper())))


CHECKED = {"date": _date, "text": _text, "letters": _letters}
"""How what is typed beside an answer is read, by what the answer asks for."""
