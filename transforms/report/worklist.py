"""What does the sergeant answer in a spreadsheet?

One row a question, by kind and name: what is asked, of whom and why, and three cells to fill in, the first from a
drop-down. It can be filtered and sorted, so no cell is locked: a hidden code binds what a row says of whom it is about,
and whom a decision is about is taken from the night's own question when the file comes back.
"""

import re
from datetime import date
from string import ascii_uppercase

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation, DataValidationList
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from expectations.answers import ANSWER, BOUND, CHECK, QUESTION, REASON, SHEET, VALUE, check_of
from expectations.plain import Row, grouped
from expectations.questions import AGES, PAIRS, QUESTIONS, candidates
from transforms.report import wording
from transforms.report.contents import Contents
from transforms.report.evidence import Waterfall, date_of_birth, waterfalls
from transforms.report.needs import Death, Needs
from transforms.report.questions import answerable, described, named, unit_of
from transforms.report.unread import OF_AN_AGE, unread
from transforms.workbook import Line, archived, parts, with_list

MARKING = "OFFICIAL-SENSITIVE"
COLUMNS = {
    QUESTION: 17,
    "Kind": 22,
    "Child": 30,
    "Unit": 20,
    "Owner": 18,
    "First record": 38,
    "Second record": 38,
    "Why it is asked": 46,
    "Evidence": 40,
    "Asked": 12,
    "Due": 12,
    ANSWER: 30,
    VALUE: 18,
    REASON: 44,
    CHECK: 14,
}
LINE = 15.5  # points
ONE_PERSONS = 200  # rows: where there are more, each unit has a list of its own besides
NO_UNIT = "Not known"
NAMELESS = "Name not known"
TO_FILL_IN = (ANSWER, VALUE, REASON)
HEADER_ROW = 4
CALLS = "Calls"
HELP = (
    "Pick an answer in the yellow cells; a value is a date (27/03/2009), a text, or the letters of the records that "
    "are meant (A, or A B), where the answer asks for it. A row left empty is asked again. Give the file back on the "
    "review screen, or with “clvt answers FILE”."
)
_FILL = PatternFill("solid", fgColor="FFF8E1")
_HEAD = PatternFill("solid", fgColor="1C2126")


def worklists(contents: Contents) -> dict[str, bytes]:
    """The worklist of the night as XLSX, the same bytes for the same questions, by the name of its file.

    Where it is longer than one person works through, there is one of each unit besides.
    """
    questions = sorted(answerable(contents), key=lambda row: _by_kind_and_name(contents, row))
    book = _Book(contents)
    rows = [(_unit(contents, question), _line(book.styles, _cells(contents, question))) for question in questions]
    units = grouped(rows if len(rows) > ONE_PERSONS else (), lambda row: row[0])
    lists = {"worklist": rows, **{f"worklist_{unit}": them for unit, them in sorted(units.items())}}
    return {f"{name}.xlsx": book.with_lines([line for _, line in them]) for name, them in lists.items()}


def _unit(contents: Contents, question: Row) -> str:
    """The unit of a question, as a part of a file's name."""
    return re.sub("[^a-z0-9]+", "_", (unit_of(contents, question) or NO_UNIT).casefold()).strip("_")


class _Book:
    """The workbook of a night, made once for its lists: they differ in rows, filter and drop-downs alone."""

    def __init__(self, contents: Contents) -> None:
        self.book = Workbook()
        self.sheet: Worksheet = self.book.worksheets[0]
        self.sheet.title = SHEET
        _choices(self.book)
        _heading(self.sheet, contents)
        self.styles = _styles(self.sheet)
        _calls(self.book, Needs(contents).deaths)
        self.book.properties.creator = self.book.properties.title = "County Lines worklist"
        self.members: dict[str, bytes] = {}

    def with_lines(self, lines: list[Line]) -> bytes:
        """The worklist of these lines."""
        last = get_column_letter(len(COLUMNS))
        self.sheet.auto_filter.ref = f"A{HEADER_ROW}:{last}{HEADER_ROW + len(lines)}"
        _drop_downs(self.sheet, len(lines))
        same = self.members
        self.members = with_list(same, self.sheet, lines) if same else parts(self.book, {SHEET: lines})
        return archived(self.members)


def _by_kind_and_name(contents: Contents, question: Row) -> tuple[int, str, str]:
    kind = list(QUESTIONS).index(question["kind"])
    return kind, _whom(contents, question).casefold(), question["review_id"]


def _whom(contents: Contents, question: Row) -> str:
    """Whom a row is about: the child's name, or the one on the record that is asked about."""
    child = contents.child.get(question["person_id"] or "", {})
    recorded = next(iter(contents.mentions([question["mention_key"]])), {})
    return named(child) or named(recorded) or NAMELESS


def _lines(cells: dict[str, str | date | None]) -> int:
    """How many lines the fullest cell of a row has in its column's width."""
    texts = {title: str(value) for title, value in cells.items() if isinstance(value, str) and title != CHECK}
    return max(-(-len(text) // (COLUMNS[title] - 2)) for title, text in texts.items())


def _calls(book: Workbook, deaths: list[Death]) -> None:
    """A sheet of whom to ring where a child died, with room for who rang and when; none where nobody died."""
    if not deaths:
        return
    sheet = book.create_sheet(CALLS)
    sheet.append([MARKING])
    sheet.append(["Child who died", "Ring", "Holds a record since", "Rung by", "Rung at"])
    for death in deaths:
        for title, since in death.calls:
            sheet.append([named(death.child), title, wording.day(since), "", ""])


def _cells(contents: Contents, question: Row) -> dict[str, str | date | None]:
    child = contents.child.get(question["person_id"] or "", {})
    parts = (_whom(contents, question), child.get("tracker_id"), date_of_birth(child) if child else "")
    about = ", ".join(part for part in parts if part)
    pair = QUESTIONS[question["kind"]].section == PAIRS
    cells = {
        QUESTION: question["review_id"],
        "Kind": wording.label(question["kind"]),
        "Child": about,
        "Unit": unit_of(contents, question) or NO_UNIT,
        "Owner": question.get("owner"),
        "First record": described(contents, question["mention_key"]),
        "Second record": _candidates(contents, question),
        "Why it is asked": wording.reason(question["why"]),
        "Evidence": _evidence(question) if pair else _unread(contents, question, child),
        "Asked": question["asked_on"],
        "Due": question["due_on"],
    }
    return {**cells, CHECK: check_of(contents.stamp, {title: str(cells[title] or "") for title in BOUND})}


def _candidates(contents: Contents, question: Row) -> str:
    """The second record; with their letters, where the first may belong to one of several."""
    if not question["rivals"]:
        return described(contents, question["other_mention_key"])
    lettered = zip(ascii_uppercase, candidates(question), strict=False)
    return "\n".join(f"{letter}: {described(contents, key)}" for letter, key in lettered)


def _unread(contents: Contents, question: Row, child: Row) -> str:
    """What of an age question's records could not be read."""
    if QUESTIONS[question["kind"]].section != AGES:
        return ""
    found = unread(contents, child.get("mention_keys") or [question["mention_key"]], OF_AN_AGE)
    return "; ".join(map(str, found))


def _evidence(question: Row) -> str:
    return "\n".join(f"{one.letter}: {_weighed(one)}" if one.letter else _weighed(one) for one in waterfalls(question))


def _weighed(one: Waterfall) -> str:
    return "; ".join(f"{step.field} {step.level} {wording.signed(step.weight)}" for step in one.steps)


def _heading(sheet: Worksheet, contents: Contents) -> None:
    sheet.cell(1, 1, MARKING).font = Font(bold=True)
    sheet.cell(2, 1, f"County Lines worklist, {wording.weekday(contents.as_of)}").font = Font(bold=True, size=14)
    sheet.cell(3, 1, f"{_not_ended(contents)}{HELP}")
    for column, (title, width) in enumerate(COLUMNS.items(), 1):
        top = sheet.cell(HEADER_ROW, column, title)
        top.font, top.fill = Font(bold=True, color="FFFFFF"), _HEAD
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.column_dimensions[get_column_letter(len(COLUMNS))].hidden = True
    sheet.freeze_panes = f"B{HEADER_ROW + 1}"
    for margin in (sheet.oddHeader, sheet.oddFooter):
        if margin is not None:
            margin.center.text = MARKING
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.print_options.gridLines = True
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _not_ended(contents: Contents) -> str:
    """What who works through the list has to know first: that a newer night did not end."""
    if not contents.failure:
        return ""
    whose = f"the questions are those of {wording.weekday(contents.as_of)}"
    return f"Something failed in the night of {wording.weekday(contents.night)} (see the report); {whose}. "


def _styles(sheet: Worksheet) -> dict[str, StyleArray]:
    """The looks of a cell, made once: openpyxl is slow at making them cell by cell."""
    text, day, to_fill_in = (Cell(sheet, row=1, column=1) for _ in range(3))
    for cell in (text, day, to_fill_in):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    text.quotePrefix = True
    day.number_format = "dd/mm/yyyy"
    to_fill_in.fill = _FILL
    return {"text": text._style, "day": day._style, "open": to_fill_in._style}  # type: ignore[attr-defined]


def _line(styles: dict[str, StyleArray], cells: dict[str, str | date | None]) -> Line:
    looks = [
        (value, styles["open" if title in TO_FILL_IN else "day" if isinstance(value, date) else "text"])
        for title, value in ((title, cells.get(title)) for title in COLUMNS)
    ]
    return Line(looks, LINE * _lines(cells))


def _choices(book: Workbook) -> None:
    sheet = book.create_sheet("Choices")
    for column, (kind, asked) in enumerate(QUESTIONS.items(), 1):
        sheet.cell(1, column, wording.label(kind))
        for row, possible in enumerate(asked.choices, 2):
            sheet.cell(row, column, possible.label)
    sheet.sheet_state = "hidden"
    sheet.protection.sheet = True


def _drop_downs(sheet: Worksheet, count: int) -> None:
    """Each row offers the answers of the kind that stands in it, wherever sorting takes it."""
    answer, kind = (get_column_letter(list(COLUMNS).index(title) + 1) for title in (ANSWER, "Kind"))
    of_the_kind = f"MATCH(${kind}{HEADER_ROW + 1},Choices!$1:$1,0)-1"
    most = max(len(asked.choices) for asked in QUESTIONS.values())
    offered = f"COUNTA(OFFSET(Choices!$A$2,0,{of_the_kind},{most},1))"
    rule = DataValidation("list", formula1=f"OFFSET(Choices!$A$2,0,{of_the_kind},{offered},1)", allow_blank=True)
    rule.error, rule.errorTitle, rule.showErrorMessage = "Pick one of the answers in the list.", "Answer", True
    sheet.data_validations = DataValidationList()
    if count:
        rule.add(f"{answer}{HEADER_ROW + 1}:{answer}{HEADER_ROW + count}")
        sheet.add_data_validation(rule)
