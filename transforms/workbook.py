"""How is a workbook with a long list written?

openpyxl makes all of it but the rows of the list: cell by cell it takes ten times as long as to write them down. The
bytes are those that it would write, and no name lies in a temporary file meanwhile.
"""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.packaging.relationship import RelationshipList
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel
from openpyxl.workbook._writer import WorkbookWriter
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.dimensions import SheetDimension
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter
from openpyxl.xml.constants import ARC_CORE, ARC_WORKBOOK

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
MOMENTS = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
END_OF_ROWS = b"</sheetData>"
REMEMBERED = 4096  # cells
NUMBER = "\0"  # stands for a row's own: no text of a workbook may have this sign
CARRIAGE_RETURN = {"\r": "&#13;"}  # a reader takes a bare one for the end of a line
_LEGAL = Cell(Worksheet(None), 1, 1).check_string


@dataclass(frozen=True)
class Line:
    """A row of a list: its values, each with its style, and its height in points. A text is never a formula.

    `made` is the row once it was written, with NUMBER for its number, in the one workbook whose styles it has.
    """

    cells: Sequence[tuple[str | date | None, StyleArray]]
    height: float
    made: list[bytes] = field(default_factory=list, compare=False, repr=False)


def parts(book: Workbook, lists: Mapping[str, Sequence[Line]]) -> dict[str, bytes]:
    """The files in a workbook's archive, by name, in its order; below what a sheet has stands its list."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        _Writer(book, archive, lists).write_data()
        return {name: archive.read(name) for name in archive.namelist()}


def archived(members: Mapping[str, bytes]) -> bytes:
    """The workbook of these files, without the moment it was made; not compressed, since zlib differs by machine."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        for name, member in sorted(members.items()):
            if name == ARC_CORE:
                member = MOMENTS.sub(b"", member)
            entry = zipfile.ZipInfo(name, ZIP_EPOCH)
            entry.external_attr = 0o600 << 16
            made.writestr(entry, member)
    return stream.getvalue()


def with_list(members: Mapping[str, bytes], sheet: Worksheet, lines: Sequence[Line]) -> dict[str, bytes]:
    """The same workbook's files with another list on a sheet, in styles that the first one has too."""
    book = WorkbookWriter(sheet.parent).write()  # type: ignore[arg-type, no-untyped-call]
    return {**members, sheet.path[1:]: _sheet(sheet, lines)[0], ARC_WORKBOOK: book}


class _Writer(ExcelWriter):
    def __init__(self, book: Workbook, archive: zipfile.ZipFile, lists: Mapping[str, Sequence[Line]]) -> None:
        super().__init__(book, archive)
        self.archive, self.lists = archive, lists

    def write_worksheet(self, ws: Worksheet) -> None:
        ws._drawing = SpreadsheetDrawing()  # type: ignore[attr-defined]
        content, ws._rels = _sheet(ws, self.lists.get(ws.title, ()))  # type: ignore[attr-defined]
        self.archive.writestr(ws.path[1:], content)
        self.manifest.append(ws)


def _sheet(sheet: Worksheet, lines: Sequence[Line]) -> tuple[bytes, RelationshipList]:
    stream = io.BytesIO()
    sheet.column_dimensions.max_outline = None  # as before it was first written
    writer = _SheetWriter(sheet, stream, lines)
    writer.write()
    row = _Row(sheet, [get_column_letter(column + 1) for column in range(writer.columns)])
    rows = b"".join(row.written(number, line) for number, line in enumerate(lines, sheet.max_row + 1))
    return stream.getvalue().replace(END_OF_ROWS, rows + END_OF_ROWS), writer._rels  # type: ignore[attr-defined]


class _SheetWriter(WorksheetWriter):
    def __init__(self, ws: Worksheet, stream: io.BytesIO, lines: Sequence[Line]) -> None:
        super().__init__(ws, stream)
        self.columns = max([ws.max_column, *(len(line.cells) for line in lines)])
        self.last_row = ws.max_row + len(lines)

    def write_dimensions(self) -> None:
        self.xf.send(SheetDimension(f"A1:{get_column_letter(self.columns)}{self.last_row}").to_tree())


@dataclass
class _Row:
    """How a row of a sheet is written: what is the same in all of its rows is looked up once."""

    sheet: Worksheet
    letters: Sequence[str]
    looks: dict[int, int] = field(default_factory=dict)  # the number of each style in the workbook, by its id

    def written(self, number: int, line: Line) -> bytes:
        if not line.made:
            cells = [self._cell(at, *one) for at, one in zip(self.letters, line.cells, strict=False)]
            row = f'<row r="{NUMBER}" ht="{line.height:.16g}" customHeight="1">{"".join(cells)}</row>'
            line.made.append(row.encode("ascii", "xmlcharrefreplace"))
        return line.made[0].replace(NUMBER.encode(), str(number).encode())

    def _cell(self, letter: str, value: str | date | None, style: StyleArray) -> str:
        looks = self.looks.get(id(style))
        if looks is None:
            looks = self.looks[id(style)] = self.sheet.parent._cell_styles.add(style)  # type: ignore[union-attr]
        return f'<c r="{letter}{NUMBER}" s="{looks}" {_body(value)}</c>'


@lru_cache(REMEMBERED)
def _body(value: str | date | None) -> str:
    """A cell behind its place and style; much of a list stands in it more than once, or in a part of it too."""
    if not value:
        return 't="n">'
    if isinstance(value, date):
        return f't="n"><v>{to_excel(value):.16g}</v>'  # type: ignore[no-untyped-call]
    text = str(_LEGAL(value))
    kept = ' xml:space="preserve"' if text != text.strip() else ""
    return f't="inlineStr"><is><t{kept}>{escape(text, CARRIAGE_RETURN)}</t></is>'
