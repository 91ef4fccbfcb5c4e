"""How does a record become a file that people or programs open?

JSON, CSV, XLSX and HTML, always the same bytes for the same records. Every character survives; nothing that a
spreadsheet opens is ever taken for a formula.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import chain, islice, repeat, starmap
from math import ceil
from typing import Any

from jinja2 import Environment
from markupsafe import Markup
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, NamedStyle
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from transforms.pages import templates
from transforms.workbook import Line, archived, parts

FORMULA = re.compile(r"^'*(\s*[=+\-@\x00＝＋－＠]|[\t\r\n])")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
REPEATED = 4  # columns at the head of a wide sheet that stand on each printed page: reference, operation, names
NARROWEST, BLANK, WIDTH, WIDEST = 7, 16, 24, 100  # letters in a column: at least, to write in, usually, of long texts
LINES = 6  # of a long text in its cell, where the column may grow so wide
LINE, TALLEST = 15.0, 409.0  # points
SMALL = 8  # points, of whose a printed page is
LEGIBLE = 175  # letters across a page of A4 that can be read: more of them, and they are printed below 8 points
SHORT = 30  # letters of a value beside which another one stands
OF_THE_SCREEN = "For the screen, to filter and to sort: on paper only {}."
CELL = "told"  # the style of a cell in a workbook
BOLD, AT_THE_FOOT = Font(bold=True), Alignment(wrap_text=True, vertical="bottom")  # of a heading
WRITTEN_OUT = {code: f"_x{code:04X}_" for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF)}
WRITTEN_OUT |= {ord("\t"): "_x0009_", ord("\r"): "_x000d_"}  # in letters as openpyxl has them
FORMS = 2048  # tables that look the same on many pages
PIECES = 1 << 16  # that are joined at once
NESTED = (dict, list, tuple)


@dataclass(frozen=True)
class Document:
    """A file to be: `part` and `extension` go into its name; `refs` are the records that it tells of."""

    part: str
    extension: str
    content: bytes
    kind: str
    refs: tuple[str, ...]
    supersedes: str = ""


def twin(file: str, extension: str) -> str:
    """The name of the same document in another format; empty where there is none."""
    return f"{file.rsplit('.', 1)[0]}.{extension}" if file else ""


@dataclass(frozen=True)
class Sheet:
    """A table for people: a title, column names and rows of text.

    `printed` is how many rows go on paper, where that is not all; `room` the letters that a column has to write in,
    `least` the points of a row; `choices` what may be chosen in a column; `aside` a sentence above the rows; `kept`
    how many columns stay in sight on a screen.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    printed: int | None = None
    room: int = BLANK
    least: float = LINE
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    aside: str = ""
    kept: int = 0

    @property
    def sentences(self) -> list[str]:
        """What stands above the rows."""
        on_screen = [] if self.printed is None else [OF_THE_SCREEN.format(_on_paper(self))]
        return list(filter(None, [" ".join([*on_screen, self.aside]).strip()]))

    def filled(self) -> "Sheet":
        """The same without columns in which nobody has anything."""
        kept = [number for number in range(len(self.columns)) if not self.rows or any(row[number] for row in self.rows)]
        rows = [[row[number] for number in kept] for row in self.rows]
        return replace(self, columns=[self.columns[number] for number in kept], rows=rows)


def as_json(content: Mapping[str, Any]) -> bytes:
    """JSON, indented by one, in the order given: the bytes of Python's `json`, which makes no object only once.

    A first night's file has a hundred MB, most of it the rows of a form that nothing is known for.
    """
    return _encoded(chain(_json(content, "\n", {}), "\n"))


def _json(value: Any, end: str, made: dict[tuple[int, str], str]) -> Iterator[str]:
    """A value in parts; `end` is that of the line above it with its indent, `made` how objects were written before."""
    items: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, NESTED) else ()
    if not any([isinstance(one, NESTED) for one in items]):
        yield _in_lines(value, end, made)
        return
    begin, finish = "{}" if isinstance(value, dict) else "[]"
    names = (f"{_compact(end)(name)}: " for name in value) if isinstance(value, dict) else repeat("")
    for name, one in zip(names, items, strict=False):
        yield f"{begin}{end} {name}"
        yield from _json(one, f"{end} ", made)
        begin = ","
    yield f"{end}{finish}"


def _in_lines(value: Any, end: str, made: dict[tuple[int, str], str]) -> str:
    """A value that holds no list or object, each of its own values in a line."""
    if not isinstance(value, NESTED) or not value:
        return _compact(end)(value)
    key = id(value), end
    if key not in made:
        text = _compact(f"{end} ")(value)
        made[key] = f"{text[0]}{end} {text[1:-1]}{end}{text[-1]}"
    return made[key]


@cache
def _compact(end: str) -> Callable[[Any], str]:
    """Writes a value that holds no list or object; of an object each of its values in a line."""
    return json.JSONEncoder(ensure_ascii=False, separators=(f",{end}", ": ")).encode


def _encoded(pieces: Iterator[str]) -> bytes:
    """Texts as one, joined part by part: a first night's file may have a hundred MB, in pieces of a few letters."""
    stream = io.BytesIO()  # which gives away what it holds without another copy
    for part in iter(lambda: list(islice(pieces, PIECES)), []):
        stream.write("".join(part).encode())
    return stream.getvalue()


def as_csv(sheet: Sheet) -> bytes:
    """CSV with a byte order mark, which spreadsheets need to read UTF-8; cells that look like a formula are quoted."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(sheet.columns)
    writer.writerows([safe(cell) for cell in row] for row in sheet.rows)
    return stream.getvalue().encode("utf-8-sig")


def safe(cell: str) -> str:
    """A cell that no spreadsheet calculates: an apostrophe stands before anything that could begin a formula.

    After OWASP, CSV Injection. An apostrophe that stood there already is doubled, so that the text can be had back.
    """
    return f"'{cell}" if FORMULA.match(cell) else cell


def as_xlsx(sheets: Sequence[Sheet], marking: str, whose: str = "") -> bytes:
    """An Excel workbook, every cell a text, the marking at the head and foot of each printed page, with whose it is."""
    book = Workbook()
    book.remove(book.worksheets[0])
    named = NamedStyle(CELL, alignment=Alignment(wrap_text=True, vertical="top"))
    book.add_named_style(named)
    style, lists = named.as_tuple(), {}
    for sheet in sheets:
        page = book.create_sheet(sheet.title)
        page.append([marking, *sheet.sentences])
        page.append(list(sheet.columns))
        widths = _widths(sheet)
        if sheet.sentences:  # beside which the marking is cut off where its column is narrow
            widths[0] = max(widths[0], len(marking) + 2)
        lists[page.title] = [
            Line([(_legible(text), style) for text in row], max(_height(row, widths), sheet.least))
            for row in sheet.rows
        ]
        page.row_dimensions[2].height = _height(sheet.columns, widths)
        for look, cells in zip(_looks_of_heading(page), (page[1], page[2]), strict=True):
            for cell in cells:
                cell._style = copy(look)
        for cell, width in zip(page[2], widths, strict=True):
            page.column_dimensions[cell.column_letter].width = width
        page.freeze_panes = f"{get_column_letter(sheet.kept + 1)}3"
        page.oddHeader.center.text = page.oddFooter.center.text = marking
        page.oddHeader.left.text, page.oddFooter.right.text = "&A", "&P of &N"
        page.oddFooter.left.text, page.oddFooter.left.size = whose.replace("&", "&&") or None, SMALL
        page.page_margins.left = page.page_margins.right = 0.4
        page.print_options.gridLines = True
        page.page_setup.orientation = "landscape"
        page.page_setup.paperSize = page.PAPERSIZE_A4
        page.page_setup.fitToHeight = 0
        page.page_setup.fitToWidth = 1 if sheet.printed == 0 else _pages_across(widths)
        page.print_title_rows = "1:2"
        if page.page_setup.fitToWidth > 1:
            page.print_title_cols = f"A:{get_column_letter(REPEATED)}"
        page.sheet_properties.pageSetUpPr.fitToPage = True
        page.print_area = f"A1:{_last_printed(sheet, widths)}"
        if sheet.aside:
            _fold(page, sheet, widths)
        for name, values in sheet.choices.items():
            _offer(page, sheet, name, values)
    return archived(parts(book, lists))


def _looks_of_heading(page: Worksheet) -> tuple[StyleArray, StyleArray]:
    """The looks of what stands above the columns and of their names: openpyxl is slow at making them cell by cell."""
    above, name = Cell(page, row=1, column=1), Cell(page, row=2, column=1)
    above.font = name.font = BOLD
    name.alignment = AT_THE_FOOT
    return above._style, name._style  # type: ignore[attr-defined]


def _on_paper(sheet: Sheet) -> str:
    return f"the first {sheet.printed} rows" if sheet.printed else "this heading"


def _last_printed(sheet: Sheet, widths: Sequence[int]) -> str:
    """The last cell that goes on paper: of a sheet for the screen so much of its head as one page has room for."""
    across = _on_one_page(widths) if sheet.printed == 0 else len(widths)
    rows = len(sheet.rows[: sheet.printed])
    return f"{get_column_letter(across)}{2 + rows}"


def _on_one_page(widths: Sequence[int]) -> int:
    """How many columns one page has room for."""
    return max(sum(sum(widths[:number]) <= LEGIBLE for number in range(1, len(widths) + 1)), 1)


def _fold(page: Worksheet, sheet: Sheet, widths: Sequence[int]) -> None:
    """Let the sentences above the rows be read without going to the right: across one page, in as many lines."""
    across = _on_one_page(widths)
    if across > 1:
        page.merge_cells(start_row=1, start_column=2, end_row=1, end_column=across)
        page["B1"].alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[1].height = _height(sheet.sentences, [sum(widths[1:across])])


def _offer(page: Worksheet, sheet: Sheet, name: str, values: Sequence[str]) -> None:
    """Let what may stand in a column be chosen from a list."""
    letter = get_column_letter(list(sheet.columns).index(name) + 1)
    offered = DataValidation(type="list", formula1=f'"{",".join(values)}"', allow_blank=True)
    offered.add(f"{letter}3:{letter}{max(len(sheet.rows), 1) + 2}")
    page.add_data_validation(offered)


def _widths(sheet: Sheet) -> list[int]:
    """The letters that each column needs: of its longest line, and of the longest word of its heading.

    Long texts are folded; where a page has room left they get it.
    """
    columns = zip(*sheet.rows, strict=True) if sheet.rows else [()] * len(sheet.columns)
    found, needs = [], []
    for name, cells in zip(sheet.columns, columns, strict=True):
        longest = max((len(line) for cell in cells for line in (cell or "").split("\n")), default=0)
        needed = max(longest, *(len(word) for word in name.split())) + 2
        most = min(max(WIDTH, max(map(len, filter(None, cells)), default=0) // LINES), WIDEST)
        found.append(min(max(needed, NARROWEST), most) if longest else sheet.room)
        needs.append(min(needed, WIDEST) if longest else 0)
    folded = sum(need > width for need, width in zip(needs, found, strict=True))
    share = max(LEGIBLE - sum(found), 0) // max(folded, 1)
    return [max(width, min(need, width + share)) for need, width in zip(needs, found, strict=True)]


def _pages_across(widths: Sequence[int]) -> int:
    """How many pages stand beside each other, so that all of them can be read; the first columns are on each."""
    again = sum(widths[:REPEATED])
    return 1 if sum(widths) <= LEGIBLE else ceil((sum(widths) - again) / (LEGIBLE - again))


def _height(row: Sequence[str], widths: Sequence[int]) -> float:
    """The points that the fullest cell of a row needs: no spreadsheet sees to it when it opens the file."""
    lines = [
        sum(-(-len(line) // (width - max(2, width // 6))) or 1 for line in text.split("\n"))
        for text, width in zip(row, widths, strict=True)
        if text
    ]
    return min(LINE * max(lines, default=1), TALLEST)


def _legible(text: str) -> str:
    """A text with what no workbook may hold written out."""
    return text.translate(WRITTEN_OUT)


def as_sheet(
    title: str,
    marking: str,
    lead: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    about: Sequence[tuple[str, Any]],
) -> bytes:
    """A readable page: sentences first, then each record with its heading and tables, and what the file is last.

    Every value is escaped, and kept apart from the direction of the text around it. On paper the marking stands at the
    head and foot of every page, and a record that is `apart` begins on a page of its own.
    """
    shown = [{**record, "tables": starmap(_Table.of, record["tables"])} for record in records]
    content = {"title": title, "marking": marking, "lead": lead, "records": shown}
    return _encoded(_pages().get_template("sheet.html").generate(content, about=_Table.of("about_this_file", about)))


@cache
def _pages() -> Environment:
    return templates("transforms.export", {"drawn": _drawn})


Shown = tuple[tuple[str, str | tuple[str, ...]], ...]  # what stands in a line of a table


@dataclass(frozen=True)
class _Table:
    """A table of a readable page: its lines, each of one row or of two that are short, by label and value.

    A value is a text, or the texts of a list's items. Where it `asks_much` its labels, which are questions, need half
    of its width.
    """

    caption: str
    lines: tuple[Shown, ...]
    asks_much: bool

    @classmethod
    def of(cls, name: str, rows: Sequence[tuple[str, Any]]) -> "_Table":
        shown = tuple([(label(name), _spelt(value)) for name, value in rows])
        asks_much = any([len(name) > SHORT for name, _ in shown])
        return cls(label(name), tuple([(row,) for row in shown]) if asks_much else _paired(shown), asks_much)


@lru_cache(FORMS)
def _drawn(table: _Table) -> Markup:
    """A table as HTML; the pages of a form that nothing is known for look the same for every child."""
    return Markup(_pages().get_template("table.html").render(it=table))  # noqa: S704 - the template escapes


def _spelt(value: Any) -> str | tuple[str, ...]:
    is_list = isinstance(value, list | tuple) and len(value) > 1
    return tuple([text([item]) for item in value]) if is_list else text(value)


def _paired(rows: Iterable[tuple[str, str | tuple[str, ...]]]) -> tuple[Shown, ...]:
    """The rows of a table, two that are short beside one another: a record then takes half the paper."""
    lines: list[Shown] = []
    is_open = False
    for row in rows:
        is_short = isinstance(row[1], str) and len(row[1]) <= SHORT
        if is_open and is_short:
            lines[-1] = (*lines[-1], row)
        else:
            lines.append((row,))
        is_open = is_short and not (is_open and is_short)
    return tuple(lines)


LABELS = {  # of groups, and of what stands in them, where the name says too little to somebody who reads a page
    "ack_due": "Acknowledge by",
    "all_else": "All else",
    "asked": "What we ask of you",
    "changed": "What changed since you read of the child last",
    "days_to_18": "Days to 18, at most",
    "do": "What to do, in this order",
    "hears_as": "Why you hear of the child",
    "if_you_meet": "If you meet the child",
    "kind": "What this is",
    "merged_into": "The record that stands instead",
    "prepare": "What to prepare",
    "rail": "Met on the railway",
    "report_refs": "To be quoted as",
    "says": "What that means",
    "words": "The officer's words",
}


def label(name: str) -> str:
    """The name of a group, a field or a row on a page."""
    return LABELS.get(name) or words(name)


def lower(name: str) -> str:
    """A field's name within a sentence."""
    found = label(name)
    return found if found[:2].isupper() else f"{found[:1].lower()}{found[1:]}"


@cache
def words(name: str) -> str:
    """A field's name as people read it."""
    label = name.replace("_", " ").strip()
    for short, full in (("dob", "date of birth"), ("nrm", "NRM"), ("pnc id", "PNC ID"), ("rag", "RAG")):
        label = re.sub(rf"\b{short}\b", full, label)
    return label[:1].upper() + label[1:]


def text(value: Any) -> str:
    """A value as a cell shows it: lists with semicolons, their items with commas."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        pairs = [(key, item) for key, item in sorted(value.items()) if key != "ref" and item not in (None, [], {})]
        return ", ".join(f"{words(key)}: {text(item)}" for key, item in pairs)
    if isinstance(value, Iterable):
        return "; ".join([item if isinstance(item, str) else _item(item) for item in value])
    return str(value)


def _item(item: Any) -> str:
    """A list's item; of a link to another record, its reference comes first."""
    if isinstance(item, dict) and "by" in item:
        return f"{item['ref']} ({text(item.get('by'))})"
    return text(item)
