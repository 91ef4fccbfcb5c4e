"""Which answers does a worklist bring back?

Reads the three cells that a person fills in, and the question's number; whom a decision is about comes from the
open question of that number, and the row's texts must be those that it was given out with. A row that cannot be
read is refused with a sentence and stops no other row.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from connectors.sources import workbooks
from connectors.sources.values import NotText, text_of
from connectors.sources.workbooks import Sheet, heading_of
from expectations.answers import (
    ANSWER,
    BOUND,
    CHECK,
    QUESTION,
    REASON,
    SHEET,
    VALUE,
    AnswerNotValidError,
    check_of,
    decide_all,
)

HEADINGS = (*BOUND, ANSWER, VALUE, REASON, CHECK)
MOST_ROWS = 10_000
MOST_BYTES = 20_000_000


class WorklistError(Exception):
    """A file is no worklist; the message says what is wrong with it."""


@dataclass(frozen=True)
class Worklist:
    """What came back: decisions (columns of `landed_decision`, with review_id and person_id) and refused rows."""

    decisions: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read_answers(file: Path | BinaryIO, questions: Mapping[str, Mapping[str, Any]], stamp: str) -> Worklist:
    """The answers of an XLSX worklist to the questions that can be answered now, by review_id.

    `stamp` is that of the night that asks them: a row of another night or home, or one whose number or texts are not
    those it was given out with, is refused. Rows without an answer are passed over. Raises WorklistError where the file
    is none of ours.
    """
    found = Worklist()
    for number, row in _rows(_sheet(file)):
        if not any(row[column] for column in (ANSWER, VALUE, REASON)):
            continue
        try:
            found.decisions.extend(_decisions(row, questions, stamp))
        except AnswerNotValidError as error:
            found.refused.append(f"Row {number}, {row[QUESTION] or 'no question'}: {error}")
    return found


def _decisions(row: Mapping[str, str], questions: Mapping[str, Mapping[str, Any]], stamp: str) -> list[dict[str, str]]:
    if row[CHECK] != check_of(stamp, row):
        raise AnswerNotValidError(
            "This row is not as the last night gave it out: it is of an older list or of another home, or its number "
            "or its texts were changed or moved. Answer in the row of the last list."
        )
    question = questions.get(row[QUESTION])
    if question is None:
        raise AnswerNotValidError("This question does not stand any more: it was answered, or settled otherwise.")
    if not row[ANSWER]:
        raise AnswerNotValidError("There is a value or a reason, but no answer: pick one in the list.")
    return [one | {"origin": "worklist"} for one in decide_all(question, row[ANSWER], row[VALUE], row[REASON])]


def _sheet(file: Path | BinaryIO) -> Sheet:
    name = file.name if isinstance(file, Path) else "The file"
    try:
        content = file.read_bytes() if isinstance(file, Path) else file.read(MOST_BYTES + 1)
    except OSError:
        raise WorklistError(f"{name} is not there.") from None
    if len(content) > MOST_BYTES:
        raise WorklistError(f"{name} is far larger than a worklist: it was not opened.")
    try:
        if SHEET not in workbooks.sheet_names(content, MOST_BYTES):
            raise WorklistError(f"{name} has no sheet {SHEET}: it is not a worklist.")
        sheet = workbooks.sheet_with(content, set(map(heading_of, HEADINGS)), SHEET, MOST_BYTES)
    except workbooks.NotAWorkbook as error:
        raise WorklistError(
            f"{name} is not an XLSX workbook that can be read: give back the worklist itself."
        ) from error
    if sheet is None:
        raise WorklistError(f"The sheet {SHEET} has lost its headings {', '.join(HEADINGS[:-1])} and {HEADINGS[-1]}.")
    return sheet


def _rows(sheet: Sheet) -> Iterator[tuple[int, dict[str, str]]]:
    places = {title: sheet.headings.index(heading_of(title)) for title in HEADINGS}
    for number, cells in sheet.rows[:MOST_ROWS]:
        yield number, {title: _text(cells[place]) for title, place in places.items()}


def _text(value: Any) -> str:
    """What a person sees in a cell; what is no text, such as a tick box, is none of the answers."""
    if isinstance(value, datetime):
        value = value.date()
    try:
        return (text_of(value) or "").strip()
    except NotText:
        return str(value)
