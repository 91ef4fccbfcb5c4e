"""Which answers does a worklist bring back?

Reads the three cells that a person fills in, and the question's number; whom a decision is about comes from the
standing question of that number. A row that cannot be read is refused with a sentence and stops no other row.
"""

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from expectations.answers import ANSWER, QUESTION, REASON, SHEET, VALUE, AnswerNotValidError, decide

MOST_ROWS = 10_000
MOST_BYTES = 20_000_000


class WorklistError(Exception):
    """A file is no worklist; the message says what is wrong with it."""


@dataclass(frozen=True)
class Worklist:
    """What came back: decisions (columns of `landed_decision`, with review_id and person_id) and refused rows."""

    decisions: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def read_answers(file: Path | BinaryIO, questions: Mapping[str, Mapping[str, Any]]) -> Worklist:
    """The answers of an XLSX worklist to the questions that can be answered now, by review_id.

    Rows without an answer are passed over. Raises WorklistError where the file is none of ours.
    """
    found = Worklist()
    for number, row in _rows(_sheet(file)):
        if not any(row[column] for column in (ANSWER, VALUE, REASON)):
            continue
        try:
            found.decisions.append(_decision(row, questions))
        except AnswerNotValidError as error:
            found.refused.append(f"Row {number}, {row[QUESTION] or 'no question'}: {error}")
    return found


def _decision(row: Mapping[str, str], questions: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    question = questions.get(row[QUESTION])
    if question is None:
        raise AnswerNotValidError("This question does not stand any more: it was answered, or settled otherwise.")
    if not row[ANSWER]:
        raise AnswerNotValidError("There is a value or a reason, but no answer: pick one in the list.")
    return {**decide(question, row[ANSWER], row[VALUE], row[REASON]), "origin": "worklist"}


def _sheet(file: Path | BinaryIO) -> Worksheet:
    name = file.name if isinstance(file, Path) else "The file"
    try:
        _check_size(file, name)
        book = load_workbook(file, data_only=True)
    except FileNotFoundError:
        raise WorklistError(f"{name} is not there.") from None
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise WorklistError(
            f"{name} is not an XLSX workbook that can be read: give back the worklist itself."
        ) from error
    if SHEET not in book.sheetnames:
        raise WorklistError(f"{name} has no sheet {SHEET}: it is not a worklist.")
    sheet: Worksheet = book[SHEET]
    return sheet


def _check_size(file: Path | BinaryIO, name: str) -> None:
    with zipfile.ZipFile(file) as parts:
        if sum(part.file_size for part in parts.infolist()) > MOST_BYTES:
            raise WorklistError(f"{name} is far larger than a worklist: it was not opened.")


def _rows(sheet: Worksheet) -> Iterator[tuple[int, dict[str, str]]]:
    places: dict[str, int] = {}
    for number, cells in enumerate(sheet.iter_rows(values_only=True, max_row=MOST_ROWS), 1):
        if places:
            yield number, {title: _text(cells[place]) for title, place in places.items()}
        elif {QUESTION, ANSWER, VALUE, REASON} <= set(cells):
            places = {title: cells.index(title) for title in (QUESTION, ANSWER, VALUE, REASON)}
    if not places:
        raise WorklistError(f"The sheet {SHEET} has lost its headings {QUESTION}, {ANSWER}, {VALUE} and {REASON}.")


def _text(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()
