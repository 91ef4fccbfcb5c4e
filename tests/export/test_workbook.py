"""A list below a heading is written as openpyxl writes it cell by cell."""

import io
import zipfile
from copy import copy
from datetime import date

import pytest
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils.exceptions import IllegalCharacterError

from transforms.workbook import Line, parts

SHEET = "xl/worksheets/sheet1.xml"
VALUES = ("Müller", "=1+1", "<b> & ]]>", " two\nlines\r\n", "#N/A", "日本", "x" * 40_000, "", None, date(2022, 9, 8))


def a_book():
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Child", "Asked"])
    sheet["A1"].font = Font(bold=True)
    look = copy(sheet["A1"])
    look.alignment = Alignment(wrap_text=True)
    return book, sheet, look._style


def test_every_value_is_written_as_openpyxl_writes_it():
    book, sheet, style = a_book()
    for number, value in enumerate(VALUES, start=2):
        for column in (1, 2, 3):
            cell = sheet.cell(number, column)
            cell.value = value or None
            cell.data_type = "s" if isinstance(value, str) and value else cell.data_type
            cell._style = copy(style)
            if isinstance(value, date):
                cell.number_format = "General"
        sheet.row_dimensions[number].height = 15.5 * number
    stream = io.BytesIO()
    book.save(stream)
    with zipfile.ZipFile(stream) as saved:
        expected = saved.read(SHEET)

    book, sheet, style = a_book()
    lines = [Line([(value, style)] * 3, 15.5 * number) for number, value in enumerate(VALUES, start=2)]
    written = parts(book, {"Sheet": lines})

    assert written[SHEET].decode() == expected.decode()


def test_a_text_that_no_workbook_may_hold_is_refused():
    book, _, style = a_book()
    with pytest.raises(IllegalCharacterError):
        parts(book, {"Sheet": [Line([("\x01", style)], 15)]})
